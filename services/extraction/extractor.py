"""Archives made folders: zip and 7z, in a child process that may use only so much."""

import asyncio
import shutil
import signal
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from services.extraction.errors import ArchiveNeedsRoom, ArchiveRejected, ExtractionFailed
from services.extraction.names import is_volume
from services.media.children import ChildFailed, Limits, python, run

MEBIBYTE = 1024 * 1024
_NO_ROOM = "archive-no-room"
_OUR_DISK = frozenset({"disk-full", "disk-error"})
_REFUSALS = frozenset({
    "archive-bomb", "archive-damaged", "archive-empty", "archive-encrypted", "archive-split", "archive-too-hard",
    "archive-too-many-files", "archive-unknown", "archive-unsafe", "archive-unsupported",
})  # fmt: skip
_OUT_OF_TIME = frozenset({"deadline", f"exit {-signal.SIGXCPU}", f"exit {-signal.SIGKILL}"})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ExtractionLimits:
    """What an honest archive keeps to. Extracted it has at most `ratio` times its own size, or `floor` bytes where that is
    more, and at most `entries` files and folders. `seconds` on the clock, `memory` in bytes of address space, for one.
    """

    ratio: int = 100
    floor: int = 256 * MEBIBYTE
    entries: int = 10_000
    seconds: float = 1800
    memory: int = 1024 * MEBIBYTE


class Extractor:
    """Extracts one archive at a time. What is in an archive is never taken for an archive again."""

    def __init__(self, limits: ExtractionLimits | None = None) -> None:
        self._limits = limits or ExtractionLimits()
        self._turn = asyncio.Lock()

    async def extract(self, archive: Path, folder: Path, *, room: int) -> Sequence[Path]:
        """All files in `archive`, put below `folder`, which is made; `room`: how many bytes they may have together.

        Both paths are absolute. Repeatable: a `folder` that is there is whole, because it gets its name when all is in
        it. What a crash left of an earlier try goes first; nothing stays when it fails. Raises ArchiveRejected,
        ArchiveNeedsRoom, ExtractionFailed.
        """
        if not await asyncio.to_thread(folder.is_dir):
            async with self._turn:
                await self._into(archive, folder, room)
        return await asyncio.to_thread(_files_below, folder)

    async def _into(self, archive: Path, folder: Path, room: int) -> None:
        partial = folder.with_name(f".{folder.name}.partial")
        if is_volume(archive.name):
            raise ArchiveRejected("archive-split")
        try:
            size = await asyncio.to_thread(_begin, archive, partial)
            await self._unpack(archive, partial, room, size)
            await asyncio.to_thread(partial.rename, folder)
        except OSError as error:
            raise ExtractionFailed("disk-error") from error
        finally:
            await asyncio.to_thread(shutil.rmtree, partial, ignore_errors=True)

    async def _unpack(self, archive: Path, folder: Path, room: int, size: int) -> None:
        limits = self._limits
        most = max(limits.floor, limits.ratio * size)
        numbers = (str(number) for number in (most, room, limits.entries))
        command = python("services.extraction.unpack", str(archive), str(folder), *numbers)
        bounds = Limits(limits.memory, cpu=int(2 * limits.seconds) + 1, file_size=min(most, max(0, room)))
        try:
            await run(command, limits=bounds, seconds=limits.seconds)
        except ChildFailed as failure:
            raise _error(failure) from failure


def _error(failure: ChildFailed) -> ArchiveRejected | ArchiveNeedsRoom | ExtractionFailed:
    """It read a stranger's bytes, so its words are checked; what killed it in a way of its own is damaged."""
    key = failure.output.decode(errors="replace")
    if key == _NO_ROOM:
        return ArchiveNeedsRoom(key)
    if key in _OUR_DISK:
        return ExtractionFailed(key)
    if key in _REFUSALS:
        return ArchiveRejected(key)
    _log.warning("extraction ended", reason=failure.reason, complaint=failure.complaint[-500:])
    return ArchiveRejected("archive-too-hard" if failure.reason in _OUT_OF_TIME else "archive-damaged")


def _begin(archive: Path, partial: Path) -> int:
    """Makes the folder afresh; the archive's size."""
    found = archive.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ArchiveRejected("archive-unknown")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    return found.st_size


def _files_below(folder: Path) -> Sequence[Path]:
    return [path for path in sorted(folder.rglob("*")) if stat.S_ISREG(path.lstat().st_mode)]
