"""What can be fetched, and the one job that fetches it for everybody who ordered it."""

from enum import StrEnum

from beanie import Document
from pydantic import BaseModel, ConfigDict, Field
from pymongo import IndexModel

from models.clock import Millis, now


class SourceKind(StrEnum):
    MAGNET = "magnet"
    TORRENT = "torrent"
    LINK = "link"
    MESSAGE = "message"


class SourceRecord(BaseModel):
    """A Source as a document keeps it.

    `value` is the magnet URI, the id of a saved `Torrent`, the http(s) link, or what leads to a message of Telegram's.
    `trusted` Sources come from the owner's own Indexers and may point into private networks.
    """

    model_config = ConfigDict(frozen=True)

    kind: SourceKind
    value: str
    name: str
    trusted: bool = False


class Torrent(Document):
    """The metainfo of one torrent, kept apart so that Transfers stay small.

    `id` is the infohash and, after a hyphen, a hash of the whole: trackers and web seeds are not part of the infohash.
    """

    id: str  # type: ignore[assignment]
    metainfo: bytes
    saved_at: Millis = Field(default_factory=now)

    class Settings:
        name = "torrents"

    @property
    def infohash(self) -> str:
        return self.id.partition("-")[0]


class FileEntry(BaseModel):
    """One file of a Source: its index there, its relative POSIX path, its size in bytes (None: not said)."""

    model_config = ConfigDict(frozen=True)

    index: int
    path: str
    size: int | None


class DownloadState(StrEnum):
    ADDING = "adding"
    ACTIVE = "active"
    COMPLETE = "complete"
    FAILED = "failed"
    SEEDING = "seeding"
    """Whoever ordered it has it; for a while it is given to others."""
    REMOVING = "removing"


class Snapshot(BaseModel):
    """The last known progress of a Download: bytes, bytes a second, connected peers and seeds."""

    done: int = 0
    total: int | None = None
    rate: int = 0
    peers: int = 0
    seeds: int = 0
    stalled: bool = False
    """It wants to fetch, and nobody gives."""
    no_metadata: bool = False
    """Not even the file list has come."""
    paused: bool = False


class Download(Document):
    """One job of one engine. `id` is the download key, which the engine knows it by, too."""

    id: str  # type: ignore[assignment]
    source: SourceRecord
    engine: str
    wanted: list[int]
    """The union of the files that its Transfers want, as indexes."""
    transfers: list[str]
    fence: int = 0
    """Counted up before its engine is told what to fetch, and when somebody leaves: who told it less, or more, finds out."""
    state: DownloadState = DownloadState.ADDING
    progress: Snapshot = Snapshot()
    error: str | None = None
    """A locale key, when failed."""
    stored_by: str = ""
    """The Transfer that puts it into the archive, for as long as that one is about it: the others wait."""
    moved_at: Millis = Field(default_factory=now)
    """When bytes came last, or it was told to go on: after long enough without, it counts as dead."""
    seeding_since: Millis | None = None
    created_at: Millis = Field(default_factory=now)
    changed_at: Millis = Field(default_factory=now)

    class Settings:
        name = "downloads"
        indexes = [IndexModel("state")]
