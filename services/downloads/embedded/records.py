"""What the engine remembers of its jobs: one small JSON document each, under the job's key."""

import asyncio
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Generic, ParamSpec, TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from services.downloads.port import DownloadKey
from services.syncing import sync

_log = structlog.get_logger(__name__)


class Record(BaseModel):
    """What was ordered. It is saved before the engine acts on it, so that a crash forgets nothing."""

    key: DownloadKey
    folder: Path
    trusted: bool = False
    paused: bool = False
    complete: bool = False


class TorrentRecord(Record):
    """`magnet` is set when the job was given without metadata; the metadata is kept beside this, once known."""

    wanted: list[int]
    magnet: str | None = None


class LinkRecord(Record):
    """`size` in bytes as promised by the server (None: it did not say), `validator` for If-Range, `error` a locale key."""

    url: str
    name: str | None = None
    size: int | None = None
    validator: str | None = None
    error: str | None = None


R = TypeVar("R", bound=Record)
P = ParamSpec("P")
T = TypeVar("T")


class Shelf(Generic[R]):
    """A folder of records of one kind. Every write survives a crash that follows it."""

    def __init__(self, folder: Path, kind: type[R]) -> None:
        self.folder = folder
        self._kind = kind

    def open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def records(self) -> Iterator[R]:
        """Every readable record; one that is not is named in the log and left where it is."""
        for path in sorted(self.folder.glob("*.json")):
            try:
                yield self._kind.model_validate_json(path.read_bytes())
            except (ValidationError, OSError) as exc:
                _log.warning("job record unreadable", file=path.name, problem=str(exc))

    def save(self, record: R) -> None:
        write_atomic(self.folder / f"{record.key}.json", record.model_dump_json().encode())

    def delete(self, key: DownloadKey) -> None:
        """The record goes first: what is left of the job after a crash is litter, not a job."""
        for path in (
            self.folder / f"{key}.json",
            *self.folder.glob(f"{key}.*"),
            *self.folder.glob(f".{key}.*"),
        ):
            path.unlink(missing_ok=True)


class TorrentShelf(Shelf[TorrentRecord]):
    """Also keeps each job's metainfo, and libtorrent's resume data, which may be lost without harm."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, TorrentRecord)

    def metainfo(self, key: DownloadKey) -> bytes | None:
        return _read(self.folder / f"{key}.torrent")

    def save_metainfo(self, key: DownloadKey, metainfo: bytes) -> None:
        write_atomic(self.folder / f"{key}.torrent", metainfo)

    def resume_data(self, key: DownloadKey) -> bytes | None:
        return _read(self.folder / f"{key}.resume")

    def save_resume_data(self, key: DownloadKey, data: bytes) -> None:
        write_atomic(self.folder / f"{key}.resume", data)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Keeps the disk's time off the event loop. Also when cancelled it ends only after the function has.

    So a write that was begun cannot come after what is done next, such as deleting the file.
    """
    running = asyncio.get_running_loop().run_in_executor(None, partial(function, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise


def write_atomic(path: Path, data: bytes) -> None:
    """The file has either its old content or the new one, also after a power cut."""
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync(path.parent)
