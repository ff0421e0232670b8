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


class Whole(BaseModel):
    """The file that pieces are of: its own name, hash and bytes. Every piece but the last has `each` bytes.

    When there are `parts`, the pieces are so many films, or pieces of music, that play one after the other instead; none
    has more than `each` bytes.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    blake3: str
    size: int
    each: int
    parts: int = 0

    @property
    def count(self) -> int:
        return self.parts or -(-self.size // self.each)

    def name_of(self, number: int) -> str:
        """What a piece is called. They are numbered from 1 on."""
        if not self.parts:
            return f"{self.name}.{number:03d}"
        stem, point, ending = self.name.rpartition(".")
        return f"{stem}.part{number}{point}{ending}"

    def start_of(self, number: int) -> int:
        """Where in the file a piece begins."""
        return (number - 1) * self.each


class Copy(Document):
    """One file (or preview of one, or piece of one) of one Item in one Store.

    `id` is the copy key: item, part, store. In Telegram a Copy is first only announced, then a placeholder
    (`message_id`), then `stored`; what a person sends has no placeholder. `file_ids` caches Telegram's name for the file, by
    bot id: it belongs to that bot alone. An empty `blake3` is not known, and equal to no other.
    """

    id: str  # type: ignore[assignment]
    item: str
    part: str
    store: str
    blake3: str
    size: int
    whole: Whole | None = None
    """Of what file it is a piece; its own hash and size are the piece's."""
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
    """On disk: bytes of the largest file that Telegram took from us when it took this one neither whole nor in pieces."""
    file_ids: dict[str, str] = {}
    links: list[Link] = []
    """The buttons under the post, as they were set."""
    stored: bool = False
    shared: bool = False
    """The message belongs to another Copy, with the same bytes, or to whoever posted what was taken in: it is
    not ours to remove."""
    turn: int = 0
    """In which turn of work on its order (`Transfer.fence`) it was announced last: only in that one it is being posted."""
    going: bool = False
    """It is being taken back: nobody shares its message any more."""
    verified_at: Millis | None = None
    looked_at: Millis = 0
    """When the slow scan last asked for it, whatever came of that; 0: not yet."""
    lost_at: Millis = 0
    """When its message was found to be gone, and nothing else to have its bytes; 0: it stands, as far as is known."""
    created_at: Millis = Field(default_factory=now)

    @property
    def is_preview(self) -> bool:
        return "." in self.part

    @property
    def index(self) -> int:
        """Which file of its Item it is, or is a piece or a preview of."""
        return int(self.file.partition(".")[0])

    @property
    def file(self) -> str:
        """The part without the number of the piece."""
        return self.part.partition("+")[0]

    @property
    def number(self) -> int:
        """Which piece of the file it is, from 1 on; 0: none."""
        return int(self.part.partition("+")[2] or 0)

    def is_of(self, blake3: str, size: int) -> bool:
        """Whether it is, or is to be, a copy of just these bytes."""
        return blake3 != "" and (self.blake3, self.size) == (blake3, size)

    class Settings:
        name = "copies"
        indexes = [
            IndexModel("item"),
            IndexModel([("channel_id", 1), ("message_id", 1)]),
            IndexModel("blake3"),
            IndexModel("whole.blake3"),
            IndexModel([("store", 1), ("size", 1)]),
            IndexModel("looked_at"),
            IndexModel("lost_at"),
        ]


class LossesTold(Document):
    """Up to when the owner was told which posts are gone. There is one, under the id `losses`."""

    id: str = "losses"  # type: ignore[assignment]
    until: Millis = 0

    class Settings:
        name = "losses_told"
