"""Updates as they came from Telegram, kept until they are handled."""

from collections.abc import Collection

from beanie import Document
from pydantic import BaseModel, ConfigDict, Field
from pymongo import IndexModel

from models.clock import Millis, now


class KeptUpdate(BaseModel):
    """One update as it came, in JSON. `lane` is the chat it belongs to: what is in one lane is handled in order.

    `album`: the `media_group_id` of a message that is one of several.
    """

    model_config = ConfigDict(frozen=True)

    update_id: int
    lane: str
    payload: str
    album: str = ""


class InboxPoll(Document):
    """The updates that one call of getUpdates brought, in their order: one document costs a database the same as one update.

    `id` is made of the bot's id and the first update's: a poll that is kept twice is noticed.
    """

    id: str  # type: ignore[assignment]
    bot_id: int
    first: int
    last: int
    """The lowest and the highest update id in it."""
    updates: list[KeptUpdate]
    handled: list[int] = []
    """Update ids."""
    done: bool = False
    """All are handled."""
    received_at: Millis = Field(default_factory=now)

    class Settings:
        name = "inbox"
        indexes = [IndexModel("done"), IndexModel("last"), IndexModel("received_at")]

    @property
    def ids(self) -> Collection[int]:
        return {update.update_id for update in self.updates}
