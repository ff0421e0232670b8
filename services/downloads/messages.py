"""Messages of Telegram's with a file in them, as people link to them and as documents keep them."""

from urllib.parse import parse_qs

from services.downloads.port import SourceRejected, TelegramMessage
from services.telegram.addresses import read_message


def read_message_link(text: str) -> TelegramMessage | None:
    """The message that a text is a link to; None for anything else."""
    found = read_message(text)
    return None if found is None else TelegramMessage(*found)


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
            title=said.get("title", ""),
            performer=said.get("performer", ""),
            cover_id=said.get("cover_id", ""),
        )
    except (KeyError, ValueError) as error:
        raise SourceRejected("message-malformed") from error
