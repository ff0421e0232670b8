"""Searching: the question, the hits, how each Indexer did, and how the Card is turned."""

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from beanie import Document
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pymongo import IndexModel

from models.clock import Millis, now


class Query(BaseModel):
    """What is asked of every Indexer. `limit` is the most Releases wanted from one Indexer."""

    model_config = ConfigDict(frozen=True)

    text: str
    limit: int = 100


class Release(NamedTuple):
    """One search hit. `link` is a magnet or an http(s) address of a .torrent; `size` is in bytes.

    `infohash`, where known, is 40 lower-case hexadecimal digits (v1). `category` is Torznab's: 2000 films, 3000 sound,
    5000 television and so on. A tuple, because thousands of them are made at once; the database keeps their values in
    this order, so a new field goes to the end and has a default.
    """

    title: str
    link: str
    indexers: tuple[str, ...]
    size: int | None = None
    seeders: int | None = None
    leechers: int | None = None
    infohash: str | None = None
    page: str | None = None
    published: Millis | None = None
    category: int | None = None

    @property
    def key(self) -> str:
        """Short, and the same wherever the Release stands in the list: answers that come later re-rank it."""
        return _digest(self.infohash or self.link, 6)

    @property
    def names(self) -> list[str]:
        """By any of these it is known again in another search, also where no infohash is said.

        Jackett and Prowlarr make up a new link each time; then the page about it, together with its title, tells.
        """
        page = [] if self.page is None else [_digest(f"{self.page}\n{self.title}", 12)]
        return [_digest(self.link, 12), *page]


def _digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


class Answer(StrEnum):
    """How one Indexer did in one search."""

    WAITING = "waiting"
    ANSWERED = "answered"
    TIMED_OUT = "timed-out"
    BUSY = "busy"
    REJECTED = "rejected"
    BROKEN = "broken"
    """It answered with something that is not a search result."""
    RESTING = "resting"
    """It was not asked, because it failed again and again."""


class IndexerReport(BaseModel):
    """How one Indexer did. `until`: it rests so long. `insisted`: a member wants it asked although it rests."""

    indexer: str
    answer: Answer = Answer.WAITING
    found: int = 0
    until: Millis | None = None
    insisted: bool = False


class Order(StrEnum):
    """How the hits are sorted."""

    RELEVANCE = "relevance"
    SEEDS = "seeds"
    SIZE = "size"
    AGE = "age"


class Face(StrEnum):
    """Which side of the Card is shown."""

    HITS = "hits"
    FILTER = "filter"
    DETAILS = "details"
    COLLECTIONS = "collections"
    """What the finds are parts of."""
    COLLECT = "collect"
    """Of which collections the one that is looked at is to be a part."""
    DOUBT = "doubt"
    """Whether a collection is to be deleted."""


class Search(Document):
    """One search of one member, as its Card shows it: a document, so that a restart loses nothing.

    What was found is in the `Hits` with the same id: they are long, and this is read and written often.
    """

    id: str  # type: ignore[assignment]
    member_id: str
    chat_id: int = 0
    query: Query
    reports: list[IndexerReport] = []
    page: int = 0
    order: Order = Order.RELEVANCE
    filters: list[str] = []
    """Each `facet:value`; what is listed is of one of the values of each facet named."""
    pattern: str = ""
    """A regular expression that titles must match."""
    face: Face = Face.HITS
    looked_at: str = ""
    """The key of the Release whose details are shown."""
    choices_page: int = 0
    """Which of a facet's values are shown, where it has more than one page of them."""
    tried: dict[str, str] = {}
    """Keys of Releases that were ordered, with the ids of their orders."""
    seconds: float | None = None
    """How long the whole search took; None while Indexers are still being asked."""
    lease_owner: str | None = None
    lease_until: Millis = 0
    created_at: Millis = Field(default_factory=now)
    changed_at: Millis = Field(default_factory=now)

    class Settings:
        name = "searches"
        indexes = [
            IndexModel("changed_at"),
            IndexModel([("member_id", 1), ("created_at", -1)]),
            IndexModel("seconds"),
        ]


class Hits(Document):
    """What one Search has found: the Releases, the best first, in one text.

    A database writes and reads it many times as fast as a document for each of a thousand Releases.
    """

    id: str  # type: ignore[assignment]
    text: str
    left_out: int = 0
    """How many more there were that are not kept."""
    changed_at: Millis = Field(default_factory=now)

    class Settings:
        name = "hits"
        indexes = [IndexModel("changed_at")]

    @property
    def releases(self) -> list[Release]:
        return unpacked(self.text)


class Rest(Document):
    """How often an Indexer has failed in a row, and until when it is left alone. `id` is derived from its name."""

    id: str  # type: ignore[assignment]
    failures: int = 0
    until: Millis = 0
    named: bool = False
    """It named the time itself: not even a member who insists has it asked earlier."""

    class Settings:
        name = "rests"


_RELEASES = TypeAdapter(list[Release])


def packed(releases: Sequence[Release]) -> str:
    """Releases as `Hits` keep them."""
    return _RELEASES.dump_json(list(releases)).decode()


def unpacked(text: str) -> list[Release]:
    """What was `packed`."""
    return _RELEASES.validate_json(text)
