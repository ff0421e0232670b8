"""Copies: where one Item's bytes are kept."""

from beanie import Document
from pydantic import BaseModel, ConfigDict, Field
from pymongo import IndexModel

from models.clock import Millis, now


class Link(BaseModel):
    """A button under a post that opens an address."""

    model_config = ConfigDict(frozen=True)

    text: str
    url: str


class Copy(Document):
    """One file (or preview) of one Item in one Store.

    `id` is the copy key: item, part, store. In Telegram a Copy is first only announced, then a placeholder
    (`message_id`), then `stored`; what a person sends has no placeholder. `file_ids` caches Telegram's name for the file, by bot id: it belongs to that bot alone.
    """

    id: str  # type: ignore[assignment]
    item: str
    part: str
    store: str
    blake3: str
    size: int
    channel_id: int | None = None
    message_id: int | None = None
    bot_id: int = 0
    """Which bot sent the message. 0: sent before this was kept, or by a person."""
    after: int | None = None
    """The last message known in the channel when the Copy was announced: what a crash orphaned stands behind it."""
    generation: int | None = None
    """How many messages of it somebody deleted before they were noted, when a person sends it; None: a bot does."""
    head: str = ""
    """SHA-256 of its first 128 KiB, when a person sends it: by them a message that was not noted is known."""
    path: str | None = None
    """On disk, relative to the data folder, for a Copy that is kept there."""
    beyond: int = 0
    """On disk: bytes of the largest file that Telegram took from us when it did not take this one."""
    file_ids: dict[str, str] = {}
    links: list[Link] = []
    """The buttons under the post, as they were set."""
    stored: bool = False
    shared: bool = False
    """The message belongs to the Copy of another Item, with the same bytes: it is not ours to remove."""
    verified_at: Millis | None = None
    created_at: Millis = Field(default_factory=now)

    class Settings:
        name = "copies"
        indexes = [
            IndexModel("item"),
            IndexModel([("channel_id", 1), ("message_id", 1)]),
            IndexModel("blake3"),
            IndexModel([("store", 1), ("size", 1)]),
        ]
