"""Feeds: what is looked at again and again for a member, and everything that was ever seen there."""

from enum import StrEnum

from beanie import Document
from pydantic import Field
from pymongo import IndexModel

from models.clock import Millis, now


class FeedKind(StrEnum):
    ADDRESS = "address"
    """RSS or Atom behind an http(s) address."""
    SEARCH = "search"
    """Words that all Indexers are asked for."""


class FeedState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    DELETED = "deleted"
    """Gone for its member; what is remembered of it is still being removed."""


class Feed(Document):
    """One member's wish for what is new somewhere. Each new entry becomes a Transfer that names it (`Transfer.feed`)."""

    id: str  # type: ignore[assignment]
    member_id: str
    chat_id: int
    """Where what comes is ordered, and `thread_id` the topic there."""
    thread_id: int | None = None
    kind: FeedKind
    what: str
    """The address, or the words."""
    name: str
    state: FeedState = FeedState.RUNNING
    ask_first: bool = False
    """Whether its member wants to be asked before anything is fetched."""
    wish: str = ""
    """The filter as it was typed."""
    wish_from: int = 0
    """The update with the filter: handled again, it is not taken for anything else."""
    minutes: int = 15
    """So often it is looked at, unless it asks for less itself."""
    begun: bool = False
    """Whether what stood there at the beginning is remembered."""
    known_indexers: list[str] = []
    """Those of which that is so. What another one has is not new only because that one could not be asked before."""
    etag: str = ""
    modified: str = ""
    """What its server calls the version that was read last."""
    tried_at: Millis = 0
    worked_at: Millis = 0
    """When it was looked at, and when that worked; 0: it never did."""
    due_at: Millis = 0
    """When it is looked at next."""
    turn_at: Millis = 0
    """When there is anything to be done for it: never later than `due_at`."""
    silent: list[str] = []
    """The Indexers that gave nothing at the last look."""
    unfit: int = 0
    """How many entries of the last look lead to nothing that can be fetched."""
    failures: int = 0
    """How many looks in a row failed; `error` is a locale key that says why, with its values."""
    error: str | None = None
    error_values: dict[str, str | int] = {}
    told: bool = False
    """Whether its member was told so."""
    lease_owner: str | None = None
    lease_until: Millis = 0
    fence: int = 0
    created_at: Millis = Field(default_factory=now)
    changed_at: Millis = Field(default_factory=now)

    class Settings:
        name = "feeds"
        indexes = [IndexModel("member_id"), IndexModel("turn_at"), IndexModel("changed_at")]


class EntryState(StrEnum):
    SEEN = "seen"
    """It stood there before anybody wanted anything of it."""
    NEW = "new"
    """It waits for its turn."""
    ASKING = "asking"
    """Its member was asked."""
    ORDERED = "ordered"
    KNOWN = "known"
    """Another entry brought the same."""
    PASSED_OVER = "passed-over"
    """The filter leaves it out."""
    REFUSED = "refused"
    """It leads where nobody may go."""
    SKIPPED = "skipped"
    """Its member does not want it."""


class FeedEntry(Document):
    """What stood in a feed once, for good. `id` follows from the feed and `names`, by any of which it is known again."""

    id: str  # type: ignore[assignment]
    feed: str
    member_id: str
    names: list[str]
    order: str
    """The id of what it is ordered as: the same for the same thing in all feeds of a member."""
    title: str
    link: str
    size: int | None = None
    state: EntryState
    at: Millis
    """When it was published, as far as that can be, else when it was seen first."""

    class Settings:
        name = "feed_entries"
        indexes = [IndexModel("feed"), IndexModel("names"), IndexModel("order")]
