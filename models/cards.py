"""Cards: messages that are edited while something goes on."""

from enum import StrEnum

from beanie import Document
from pydantic import Field
from pymongo import IndexModel

from models.clock import Millis, now


class CardKind(StrEnum):
    NOTICE = "notice"
    SEARCH = "search"
    TRANSFER = "transfer"
    STATUS = "status"
    HELP = "help"
    SETTINGS = "settings"
    SETUP = "setup"
    GRAB = "grab"
    FEED = "feed"
    FEEDS = "feeds"
    INTAKE = "intake"
    LIBRARY = "library"
    MYDATA = "mydata"
    DUPLICATES = "duplicates"


class Card(Document):
    """One message of ours in one chat. `id` follows from the update that asked for it, so repeating finds it again.

    `subject` is the id of what it shows; a notice carries its own words instead (`key`, `values`). `shown` is the hash of
    what Telegram confirmed last, and `shown_at` when that was rendered. A `closed` Card has had its last edit.
    """

    id: str  # type: ignore[assignment]
    chat_id: int
    member_id: str
    language: str
    kind: CardKind
    subject: str
    key: str | None = None
    values: dict[str, str | int] = {}
    view: str = ""
    """Which side of it is shown: `details`, or the question before something is given up."""
    reply_to: int | None = None
    thread_id: int | None = None
    """The topic of a forum it belongs into."""
    bot_id: int = 0
    """Whose message it is: numbers of messages belong to a bot. 0: written before this was kept."""
    message_id: int | None = None
    shown: str | None = None
    shown_at: Millis = 0
    closed: bool = False
    shut_out: bool = False
    """Closed because we may not write into its chat: when we may again, it is open again."""
    created_at: Millis = Field(default_factory=now)

    class Settings:
        name = "cards"
        indexes = [
            IndexModel("subject"),
            IndexModel("closed"),
            IndexModel([("chat_id", 1), ("message_id", 1)]),
        ]
