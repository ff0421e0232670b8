"""What has been archived, and who looks for it."""

from enum import StrEnum

from beanie import Document
from pydantic import Field
from pymongo import IndexModel

from models.clock import Millis, now
from models.ids import derived_id
from models.media import Facts, prominence
from models.search import Face
from models.transfers import Post


class Item(Document):
    """One archived work. It carries the id of the Transfer that brought it; what was taken in, one of its post.

    `archived_at` of what was taken in of a history is when it was posted.
    """

    id: str  # type: ignore[assignment]
    title: str
    files: list[Facts]
    tags: list[str] = []
    caption: str = ""
    """What stood below a post that was taken in, at most 1024 characters."""
    member_id: str
    source: str = ""
    """The key of what it was fetched from: an infohash, or the hash of a link."""
    wanted: str = ""
    """Which files of that it has, as ranges of their indexes."""
    unpacked: bool = False
    """Whether archives among those were to be unpacked: then it has what was in them."""
    posts: list[Post] = []
    """Where it stands, the main post first."""
    channel_id: int | None = None
    """The chat of the main post; None: nothing of it is in Telegram."""
    group: int | None = None
    """The group where it was ordered: it is for the members of that."""
    handed_out: int = 0
    """How often somebody had it delivered."""
    removed_at: Millis = 0
    """When it was taken out of the library; 0: it is in it."""
    archived_at: Millis = Field(default_factory=now)
    changed_at: Millis = Field(default_factory=now)
    work: str = ""
    """The key of the work that it is an encoding of; empty: not known yet, or nobody can say."""
    merged_into: str = ""
    """The id of the Item that stands for it, another encoding of the same work in the same place; empty: it stands for itself."""

    @property
    def main(self) -> Facts | None:
        """The file of the main post."""
        return min(self.files, key=prominence, default=None)

    class Settings:
        name = "items"
        indexes = [
            IndexModel("source"),
            IndexModel("changed_at"),
            IndexModel("archived_at"),
            IndexModel("group"),
            IndexModel("member_id"),
            IndexModel("work"),
            IndexModel("merged_into"),
        ]


class LibrarySearch(Document):
    """What a member asked the library for, as its Card shows it."""

    id: str  # type: ignore[assignment]
    member_id: str
    chat_id: int
    text: str
    """As it was typed."""
    sort: str = ""
    """How the finds are sorted; empty: as the text says, else by relevance."""
    filters: list[str] = []
    """Each `facet:value`; what is listed has one of the values of each facet named."""
    page: int = 0
    face: Face = Face.HITS
    looked_at: str = ""
    """The id of the Item whose details are shown."""
    one: str = ""
    """The id of the only Item among which is looked; empty: among all."""
    because: str = ""
    """What the member wanted to be told of, when this is shown because it arrived."""
    like: str = ""
    """The id of the Item that what is listed resembles; empty: what was asked for is listed."""
    within: str = ""
    """The id of the collection of which what is listed is a part; empty: what was asked for is listed."""
    created_at: Millis = Field(default_factory=now)
    changed_at: Millis = Field(default_factory=now)

    class Settings:
        name = "library_searches"
        indexes = [IndexModel("changed_at"), IndexModel([("member_id", 1), ("created_at", -1)])]


class Favourite(Document):
    """An Item that a member wants to find again."""

    id: str  # type: ignore[assignment]
    member_id: str
    item: str
    created_at: Millis = Field(default_factory=now)

    class Settings:
        name = "favourites"
        indexes = [IndexModel("member_id"), IndexModel("item")]


class Alert(Document):
    """What a member wants to be told of when it arrives. `id` is `alert_id` of both."""

    id: str  # type: ignore[assignment]
    member_id: str
    text: str
    """As they typed it for the library."""
    seen_until: Millis = Field(default_factory=now)
    """What was archived before this moment was looked at."""
    created_at: Millis = Field(default_factory=now)

    class Settings:
        name = "alerts"
        indexes = [IndexModel("member_id")]


def alert_id(member_id: str, text: str) -> str:
    """However it is written, it is one wish."""
    return derived_id("alert", member_id, " ".join(text.casefold().split()))


class CollectionKind(StrEnum):
    """What a collection is of: episodes of a series, tracks of an album, or whatever somebody wants one after the other."""

    SERIES = "series"
    ALBUM = "album"
    PLAYLIST = "playlist"


class Collection(Document):
    """Works that somebody put together by hand. Series and albums that files name have no document: the index knows them."""

    id: str  # type: ignore[assignment]
    member_id: str
    collects: CollectionKind
    title: str
    items: list[str] = []
    """Ids in the order in which they were put there, or moved since."""
    opened: bool = False
    """Whether others see it, too; of its works everybody sees those that they may see."""
    created_at: Millis = Field(default_factory=now)
    changed_at: Millis = Field(default_factory=now)

    class Settings:
        name = "collections"
        indexes = [IndexModel("member_id"), IndexModel("opened"), IndexModel("changed_at")]


class EncodingsState(StrEnum):
    OPEN = "open"
    """Nobody has said yet what is to become of them."""
    MERGING = "merging"
    """`best` is being made to stand for those of `joining`."""
    MERGED = "merged"
    SEPARATING = "separating"
    """Those of `joining` are being made to stand for themselves again."""
    APART = "apart"
    """Somebody said that they are not the same."""


class Encodings(Document):
    """Items that seem to be the same work, and stand in one place. `id` is derived from both.

    What was merged is said by the Items themselves (`Item.merged_into`); this is derived from them, but for what is being
    done just now, and what is `apart`.
    """

    id: str  # type: ignore[assignment]
    work: str
    channel_id: int
    group: int | None = None
    items: list[str] = []
    """The ids of those that are shown together."""
    best: str = ""
    """The id of the best copy; of what is or was merged, of the one that stands for the others."""
    joining: list[str] = []
    apart: list[str] = []
    """Pairs of ids that are not the same work, each `lower:higher`."""
    state: EncodingsState = EncodingsState.OPEN
    changed_at: Millis = Field(default_factory=now)

    class Settings:
        name = "encodings"
        indexes = [IndexModel("work"), IndexModel([("state", 1), ("changed_at", -1)])]


class WorksNamed(Document):
    """Up to which change of Items their works are known. There is one, under the id `works`."""

    id: str = "works"  # type: ignore[assignment]
    until: Millis = 0
    version: int = 0
    """Of the rules by which works are known."""

    class Settings:
        name = "works_named"
