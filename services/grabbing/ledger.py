"""What a folder has got already: one line of JSON a file, so that no file comes twice."""

import errno
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from services.errors import MagpieError

LEDGER = ".magpie-grab.jsonl"
_MOST_LINE = 4096


class FolderBusy(MagpieError):
    """Somebody else fills the folder at this moment."""

    def __init__(self) -> None:
        super().__init__("folder-busy")


@dataclass(frozen=True)
class Entry:
    """A file that came: with which message, Telegram's number of it, its name in the folder, bytes and BLAKE3 there.

    The same hash in a later entry: it was a twin of that file, and is not kept.
    """

    message: int
    unique_id: str
    name: str
    size: int
    blake3: str


class Ledger:
    """Holds in memory only where in its file everything stands. Lines that are none of ours count for nothing."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._by_id: dict[str, int] = {}
        self._by_hash: dict[bytes, int] = {}
        self._end = 0
        self._read()

    def __contains__(self, unique_id: str) -> bool:
        return unique_id in self._by_id

    def entry_of(self, unique_id: str) -> Entry | None:
        """What came with this number."""
        return self._at(self._by_id.get(unique_id))

    def with_bytes(self, blake3: str) -> Entry | None:
        """What first came with these bytes."""
        return self._at(self._by_hash.get(bytes.fromhex(blake3)))

    def add(self, entry: Entry) -> None:
        """It is on the disk afterwards. Raises OSError, and nothing of it counts then."""
        line = json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"
        try:
            if os.pwrite(self._descriptor, line, self._end) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self._end)
            raise
        self._note(entry)
        self._end += len(line)

    def _read(self) -> None:
        with open(self._descriptor, "rb", closefd=False) as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break  # a crash tore it: it is written over
                if entry := _entry(line):
                    self._note(entry)
                self._end += len(line)
        os.ftruncate(self._descriptor, self._end)

    def _note(self, entry: Entry) -> None:
        if entry.unique_id:
            self._by_id.setdefault(entry.unique_id, self._end)
        self._by_hash.setdefault(bytes.fromhex(entry.blake3), self._end)

    def _at(self, place: int | None) -> Entry | None:
        if place is None:
            return None
        return _entry(os.pread(self._descriptor, _MOST_LINE, place).partition(b"\n")[0])


@contextmanager
def opened_ledger(folder: Path) -> Iterator[Ledger]:
    """That of the folder, which nobody else fills meanwhile. Raises FolderBusy, OSError."""
    descriptor = os.open(folder / LEDGER, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield Ledger(descriptor)
    except BlockingIOError as error:
        raise FolderBusy from error
    finally:
        os.close(descriptor)


def numbers_in(folder: Path) -> frozenset[str]:
    """Telegram's numbers of all that came, without holding or making anything. Raises OSError."""
    try:
        with (folder / LEDGER).open("rb") as file:
            return frozenset(entry.unique_id for line in file if (entry := _entry(line)))
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()


def _entry(line: bytes) -> Entry | None:
    try:
        said: dict[str, Any] = json.loads(line)
        bytes.fromhex(said["blake3"])
        return Entry(
            int(said["message"]), str(said["unique_id"]), str(said["name"]), int(said["size"]), said["blake3"]
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
