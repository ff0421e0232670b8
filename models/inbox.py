"""Updates as they came from Telegram, kept until they are handled."""

from typing import Any

from beanie import Document
from pydantic import Field
from pymongo import IndexModel

from models.clock import Millis, now


class InboxUpdate(Document):
    """`id` is bot id and update id: inserting the same update twice is impossible. `lane` is the chat it belongs to."""

    id: str  # type: ignore[assignment]
    bot_id: int
    update_id: int
    lane: str
    payload: dict[str, Any]
    done: bool = False
    received_at: Millis = Field(default_factory=now)

    class Settings:
        name = "inbox"
        indexes = [IndexModel("done"), IndexModel("received_at")]
