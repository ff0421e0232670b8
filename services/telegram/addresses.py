"""Channels and their messages as people name them."""

import re

from services.telegram.port import FIRST_CHANNEL

_NAME = r"[a-z][a-z0-9_]{2,31}"
_ROOM = rf"(?:https?://)?(?:www\.)?(?:t|telegram)\.(?:me|dog)/(?:s/)?(?:c/(?P<number>\d{{1,15}})|(?P<name>{_NAME}))"
_BEHIND = r"/?(?:[?#]\S*)?"
_MESSAGE = re.compile(rf"{_ROOM}(?:/\d{{1,10}})?/(?P<id>\d{{1,10}}){_BEHIND}", re.IGNORECASE | re.ASCII)
_CHANNEL = re.compile(rf"{_ROOM}(?:/\d{{1,10}})*{_BEHIND}", re.IGNORECASE | re.ASCII)
_PLAIN = re.compile(rf"@?(?P<name>{_NAME})|(?P<id>-100\d{{1,15}})", re.IGNORECASE | re.ASCII)


def read_channel(text: str) -> int | str | None:
    """`@name`, `name`, `t.me/name`, `t.me/c/123` or `-100123…`, as the doors name chats; None for anything else."""
    link = _CHANNEL.fullmatch(text.strip())
    if link is not None:
        return _room(link)
    plain = _PLAIN.fullmatch(text.strip())
    if plain is None:
        return None
    return int(plain["id"]) if plain["id"] else f"@{plain['name'].lower()}"


def read_message(text: str) -> tuple[int | str, int, str] | None:
    """Chat and number of the message that a link leads to (`t.me/name/123`, `t.me/c/1234/123`, also one in a topic), and
    how that was written: `name/123`. None for anything else.
    """
    found = _MESSAGE.fullmatch(text.strip())
    if found is None or int(found["id"]) == 0:
        return None
    return _room(found), int(found["id"]), f"{found['name'] or found['number']}/{found['id']}"


def _room(link: re.Match[str]) -> int | str:
    return FIRST_CHANNEL - int(link["number"]) if link["number"] else f"@{link['name'].lower()}"
