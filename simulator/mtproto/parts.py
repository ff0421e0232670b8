"""The parts of files on their way in, until a message carries the file."""

import hashlib
import shutil
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from simulator.files import PREMIUM, Blob, FileStore

SMALLEST_PART, LARGEST_PART = 1 << 10, 512 << 10
_KEPT_SECONDS = 24 * 3600


class PartRefused(Exception):
    """The text is Telegram's error."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts are files of their own, so that they may come in any order, over any connection, twice."""

    files: FileStore
    folder: Path

    def save(self, user: int, file: int, number: int, data: bytes, total: int | None, most: int) -> None:
        """Keeps one part of at most `most`; `total` when the client knows it. Blocks. Raises PartRefused."""
        if not 0 <= number < most:
            raise PartRefused("FILE_PART_INVALID")
        if total is not None and total > most:
            raise PartRefused("FILE_PARTS_INVALID")
        if not data:
            raise PartRefused("FILE_PART_EMPTY")
        if len(data) > LARGEST_PART:
            raise PartRefused("FILE_PART_TOO_BIG")
        folder = self._of(user, file)
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / str(number)
        new = folder / f"{number}.{uuid.uuid4().hex}"  # the same part may come twice at once
        new.write_bytes(data)
        new.replace(place)

    def assemble(self, user: int, file: int, total: int, md5: str = "") -> Blob:
        """The whole file, kept for good. Blocks. Raises PartRefused, which names the first part that is missing."""
        folder = self._of(user, file)
        self._check(folder, total)
        target = self.files.incoming()
        try:
            _put_together(folder, total, target)
            if md5 and md5 != _md5_of(target):
                raise PartRefused("MD5_CHECKSUM_INVALID")
            return self.files.keep(target)
        except FileNotFoundError as error:
            raise PartRefused("FILE_PART_0_MISSING") from error  # another call took them meanwhile
        finally:
            target.unlink(missing_ok=True)

    def forget_old(self) -> None:
        """Those of which nothing came for a day. Blocks."""
        for folder in self.folder.glob("*"):
            if folder.stat().st_mtime < time.time() - _KEPT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)

    def forget(self, user: int, file: int) -> None:
        """Blocks."""
        shutil.rmtree(self._of(user, file), ignore_errors=True)

    def _check(self, folder: Path, total: int) -> None:
        if not 0 < total <= PREMIUM * self.files.most_parts:
            raise PartRefused("FILE_PARTS_INVALID")
        sizes = list[int]()
        for number in range(total):
            part = folder / str(number)
            if not part.exists():
                raise PartRefused(f"FILE_PART_{number}_MISSING")
            sizes.append(part.stat().st_size)
        size = sizes[0]
        if total > 1 and (size % SMALLEST_PART or LARGEST_PART % size):
            raise PartRefused("FILE_PART_SIZE_INVALID")
        if any(each != size for each in sizes[:-1]) or sizes[-1] > size:
            raise PartRefused("FILE_PART_SIZE_CHANGED")

    def _of(self, user: int, file: int) -> Path:
        return self.folder / f"{user}-{file}"


def _put_together(folder: Path, total: int, target: Path) -> None:
    with target.open("wb") as out:
        for number in range(total):
            out.write((folder / str(number)).read_bytes())


def _md5_of(path: Path) -> str:
    """What clients tell of small files only."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
