"""Files on their way to Telegram in parts."""

import secrets

from beanie import Document
from pydantic import Field
from pymongo import IndexModel

from models.clock import Millis, now


def _new_number() -> int:
    return secrets.randbits(62)


class SentParts(Document):
    """Which parts of a file Telegram has. `id` says where the file is to stand, and which file it is.

    `number` is what it is called at Telegram; `have` is a bitmap in hexadecimal, its lowest bit the first part.
    """

    id: str  # type: ignore[assignment]
    number: int = Field(default_factory=_new_number)
    have: str = "0"
    changed_at: Millis = Field(default_factory=now)

    class Settings:
        name = "sent_parts"
        indexes = [IndexModel("changed_at")]
        validate_on_save = True
