"""The Downloader port: what Magpie needs of an engine that brings a Source to disk."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from models.downloads import FileEntry
from services.errors import Fault, MagpieError

DownloadKey = str
"""40 hexadecimal digits: the infohash of a torrent, the SHA-1 of a link's address. The engine knows the job by it, too."""
Selection = frozenset[int]
"""Indexes of the files wanted; never empty."""


@dataclass(frozen=True)
class Magnet:
    """A magnet link, already parsed and stripped of what members may not point at."""

    uri: str
    infohash: str
    name: str
    trusted: bool = False


@dataclass(frozen=True)
class TorrentFile:
    """The bytes of a .torrent, already checked; `infohash` is 40 lower-case hexadecimal digits."""

    metainfo: bytes
    infohash: str
    name: str
    trusted: bool = False


@dataclass(frozen=True)
class WebLink:
    """An http(s) link. Engines never get these from members: the embedded downloader fetches them all."""

    url: str
    name: str
    trusted: bool = False


@dataclass(frozen=True)
class TelegramMessage:
    """The file in a message of Telegram's. `chat` is the Bot API's number of it, or `@name`.

    `unique_id` says which file it is, in whatever message; empty: that is not known yet. `file_id` is what the bot itself
    may read it by; empty: it was not given it. `size` in bytes. `title` and `performer` of music, and `cover_id`, what the
    bot may read a small picture of it by, as far as the message told the bot.
    """

    chat: int | str
    message_id: int
    name: str
    unique_id: str = ""
    file_id: str = ""
    size: int | None = None
    trusted: bool = False
    title: str = ""
    performer: str = ""
    cover_id: str = ""

    @property
    def address(self) -> str:
        """All of it as a text."""
        return f"telegram:?{urlencode({name: value for name, value in asdict(self).items() if value})}"


Source = Magnet | TorrentFile | WebLink | TelegramMessage


def download_key(source: Source) -> DownloadKey:
    """Two Sources with the same key are the same thing and share one Download."""
    if isinstance(source, Magnet | TorrentFile):
        return source.infohash
    if isinstance(source, WebLink):
        return _digest(source.url)
    return _digest(f"telegram:{source.unique_id or f'{source.chat}/{source.message_id}'}")


def names_its_content(source: Source) -> bool:
    """Whether its key says what it is: a link may lead anywhere, and another day somewhere else."""
    return bool(source.unique_id) if isinstance(source, TelegramMessage) else not isinstance(source, WebLink)


def _digest(text: str) -> DownloadKey:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Contents:
    """What a Source holds, known before anything is fetched.

    `metainfo` is set when a magnet's metadata was fetched: from then on the Source is a TorrentFile.
    """

    name: str
    files: Sequence[FileEntry]
    metainfo: bytes | None = None


class Activity(StrEnum):
    METADATA = "metadata"
    """A magnet whose file list is not known yet."""
    FETCHING = "fetching"
    STALLED = "stalled"
    """Wants to fetch, and nobody gives."""
    PAUSED = "paused"
    COMPLETE = "complete"
    """Every file wanted is on disk, checked."""
    FAILED = "failed"


@dataclass(frozen=True)
class Progress:
    """How far one Download is: `done` and `total` in bytes of the files wanted, `rate` in bytes a second.

    `uploaded`: bytes given to others, in all. `error` is a locale key when `activity` is FAILED, and `said` what the engine
    itself says of it, for the log.
    """

    activity: Activity
    done: int
    total: int | None
    rate: int = 0
    peers: int = 0
    seeds: int = 0
    uploaded: int = 0
    error: str | None = None
    said: str = ""


@dataclass(frozen=True)
class EngineHealth:
    """What `magpie check` says of an engine: reachable or not, its version, and what is wrong: a key, or a log's words."""

    ok: bool
    version: str = ""
    problem: str = ""


class DownloaderUnreachable(Fault):
    """The engine does not answer: wait and ask again, nothing is lost."""

    def __init__(self, engine: str) -> None:
        super().__init__("engine-unreachable", engine=engine)


class DownloaderRefused(Fault):
    """The engine answers and says no (wrong password, not allowed): the owner must act."""

    def __init__(self, engine: str, key: str = "engine-refused") -> None:
        super().__init__(key, engine=engine)


class SourceRejected(MagpieError):
    """This Source cannot be fetched, by nobody and not later; `key` says why."""


class SourceUnavailable(Fault):
    """This Source could not be read in time (no peers, server silent); a later try may do."""


class FilesGone(SourceUnavailable):
    """What was fetched is not on the disk any more: it has to be fetched again."""

    def __init__(self) -> None:
        super().__init__("files-gone")


class WrongEngine(Fault):
    """This engine cannot do it, whatever the owner does: another engine must take the order."""

    def __init__(self, engine: str, key: str = "engine-cannot") -> None:
        super().__init__(key, engine=engine)


class NotOurs(WrongEngine):
    """The engine has this torrent already and it is somebody else's."""

    def __init__(self, engine: str) -> None:
        super().__init__(engine, "engine-has-foreign")


class Downloader(Protocol):
    """An engine. Every method has a deadline of its own and raises only the errors above."""

    @property
    def name(self) -> str: ...

    def takes(self, source: Source) -> bool:
        """Whether this engine may be given this Source at all."""

    async def inspect(self, source: Source) -> Contents:
        """The file list, before anything is fetched. May leave a job without payload behind until `add` or `remove`.

        Raises SourceRejected, SourceUnavailable, DownloaderUnreachable, DownloaderRefused.
        """

    async def add(self, key: DownloadKey, source: Source, files: Selection, folder: Path) -> None:
        """Begins to fetch `files` into `folder` (absolute, as we see it). The same key twice: one job, whose files wanted
        become `files`, and which goes on if it was paused. What came of files that are not wanted any more may stay.

        Raises NotOurs when the engine has it from somebody else, WrongEngine when it cannot fetch it.
        """

    async def progress(self) -> Mapping[DownloadKey, Progress]:
        """All jobs of ours, in one call. A job the engine lost is not in it."""

    async def files(self, key: DownloadKey) -> Mapping[int, Path]:
        """Where each file wanted lies on disk, as we see it. Empty for an unknown job."""

    async def pause(self, key: DownloadKey) -> None: ...

    async def resume(self, key: DownloadKey) -> None: ...

    async def remove(self, key: DownloadKey, *, with_files: bool) -> None:
        """Removing an unknown job is not an error; somebody else's is never touched."""

    async def health(self) -> EngineHealth:
        """Never raises: says what is wrong instead."""

    async def close(self) -> None:
        """Saves what a restart needs and lets go; jobs in engines of their own go on."""
