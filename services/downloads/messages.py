"""Messages of Telegram's with a file in them, as people link to them and as documents keep them."""

import re
from urllib.parse import parse_qs

from services.downloads.port import SourceRejected, TelegramMessage

_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?(?:t|telegram)\.(?:me|dog)/"
    r"(?:s/)?(?:c/(?P<number>\d{1,15})|(?P<name>[a-z][a-z0-9_]{2,31}))"
    r"(?:/\d{1,10})?/(?P<id>\d{1,10})/?(?:[?#]\S*)?",
    re.IGNORECASE | re.ASCII,
)
_FIRST_CHANNEL = -1_000_000_000_000


def read_message_link(text: str) -> TelegramMessage | None:
    """The message that a text is a link to: `t.me/name/123`, `t.me/c/1234/123`, also one in a topic; None for anything else."""
    found = _LINK.fullmatch(text.strip())
    if found is None or int(found["id"]) == 0:
        return None
    number, name = found["number"], found["name"]
    chat = _FIRST_CHANNEL - int(number) if number else f"@{name.lower()}"
    return TelegramMessage(chat, int(found["id"]), f"{name or number}/{found['id']}")


def read_address(address: str) -> TelegramMessage:
    """The message that `TelegramMessage.address` was made of. Raises SourceRejected."""
    said = {key: values[0] for key, values in parse_qs(address.partition("?")[2]).items()}
    try:
        return TelegramMessage(
            said["chat"] if said["chat"].startswith("@") else int(said["chat"]),
            int(said["message_id"]),
            said.get("name", ""),
            unique_id=said.get("unique_id", ""),
            file_id=said.get("file_id", ""),
            size=int(said["size"]) if "size" in said else None,
        )
    except (KeyError, ValueError) as error:
        raise SourceRejected("message-malformed") from error
