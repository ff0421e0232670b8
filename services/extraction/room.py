"""The fresh folder that an archive is extracted into, and how much may come into it."""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from services.extraction.names import safe_path
from services.extraction.refusal import Refusal

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Entry:
    """One thing in an archive: its name there, and how many bytes it says to have when it is a file."""

    name: str
    size: int
    is_folder: bool


class Room:
    """Takes `bytes_free` bytes and what an honest archive of this size may come to (`most_bytes`), `most_entries` files
    and folders. Nothing here is a link, so no path leads out.
    """

    def __init__(self, folder: Path, *, most_bytes: int, bytes_free: int, most_entries: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._bytes_free = bytes_free
        self._most_entries = most_entries
        self._written = 0

    def announce(self, entries: Iterable[Entry]) -> None:
        """Raises Refusal for what the archive says of itself, before a byte of it is written."""
        files: set[tuple[str, ...]] = set()
        folders: set[tuple[str, ...]] = set()
        total = 0
        for count, entry in enumerate(entries):
            path = safe_path(entry.name)
            if path in files or count >= self._most_entries:
                raise Refusal("archive-unsafe" if path in files else "archive-too-many-files")
            (folders if entry.is_folder else files).add(path)
            folders.update(path[:depth] for depth in range(1, len(path)))
            total += entry.size
        if files & folders:
            raise Refusal("archive-unsafe")
        if not files:
            raise Refusal("archive-empty")
        if len(files) + len(folders) > self._most_entries:
            raise Refusal("archive-too-many-files")
        self._check(total)

    def create(self, name: str) -> "NewFile":
        """A new file in it, open for writing. Raises Refusal."""
        with _our_disk():
            path = self._folder.joinpath(*safe_path(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            return NewFile(os.open(path, _NEW_FILE, 0o644), self)

    def take(self, count: int) -> None:
        """Counts bytes that are about to be written; raises Refusal when they are too many."""
        self._written += count
        self._check(self._written)

    def _check(self, total: int) -> None:
        if total > self._most_bytes:
            raise Refusal("archive-bomb")
        if total > self._bytes_free:
            raise Refusal("archive-no-room")


class NewFile:
    """Counts what is written against its room. Leaving the block puts it onto the disk."""

    def __init__(self, descriptor: int, room: Room) -> None:
        self._file = os.fdopen(descriptor, "wb")
        self._room = room
        self.size = 0

    def write(self, data: bytes | bytearray) -> int:
        self._room.take(len(data))
        self.size += len(data)
        with _our_disk():
            return self._file.write(data)

    def close(self) -> None:
        with _our_disk(), self._file as file:
            file.flush()
            os.fsync(file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def _our_disk() -> Iterator[None]:
    """What fails while writing is not the archive's fault, but for a name that is there already under another case."""
    try:
        yield
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise Refusal("archive-unsafe") from error
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise Refusal("disk-full" if full else "disk-error") from error
