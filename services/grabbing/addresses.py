"""Channels as people name them."""

import re

_NAME = r"[a-z][a-z0-9_]{2,31}"
_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?(?:t|telegram)\.(?:me|dog)/"
    rf"(?:s/)?(?:c/(?P<number>\d{{1,15}})|(?P<name>{_NAME}))(?:/\d{{1,10}})*/?(?:[?#]\S*)?",
    re.IGNORECASE | re.ASCII,
)
_PLAIN = re.compile(rf"@?(?P<name>{_NAME})|(?P<id>-100\d{{1,15}})", re.IGNORECASE | re.ASCII)
_FIRST_CHANNEL = -1_000_000_000_000


def read_channel(text: str) -> int | str | None:
    """`@name`, `name`, `t.me/name`, `t.me/c/123` or `-100123…`, as the doors name chats; None for anything else."""
    link = _LINK.fullmatch(text.strip())
    if link is not None:
        return _FIRST_CHANNEL - int(link["number"]) if link["number"] else f"@{link['name'].lower()}"
    plain = _PLAIN.fullmatch(text.strip())
    if plain is None:
        return None
    return int(plain["id"]) if plain["id"] else f"@{plain['name'].lower()}"
