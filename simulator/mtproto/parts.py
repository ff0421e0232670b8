"""The parts of files on their way in, until a message carries the file."""

import hashlib
import os
import shutil
import struct
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from simulator.files import PREMIUM, Blob, FileStore

SMALLEST_PART, LARGEST_PART = 1 << 10, 512 << 10
_KEPT_SECONDS = 24 * 3600
_WHOLE, _SIZES = "whole", "sizes"
"""The bytes of all parts, and how many each has; none: it is not there."""
_SIZE = struct.Struct("<I")


class PartRefused(Exception):
    """The text is Telegram's error."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Every part has its place in one file, so that parts may come in any order, over any connection, twice.

    Places are as far apart as the largest parts are long: a file in such parts is whole without being copied.
    """

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
        _unshare(folder / _WHOLE)
        _write_at(folder / _WHOLE, number * LARGEST_PART, data)
        # afterwards: what stands there is known to be there
        _write_at(folder / _SIZES, number * _SIZE.size, _SIZE.pack(len(data)))

    def assemble(self, user: int, file: int, total: int, md5: str = "") -> Blob:
        """The whole file, kept for good. Blocks. Raises PartRefused, which names the first part that is missing."""
        folder = self._of(user, file)
        sizes = self._sizes(folder, total)
        target = self.files.incoming()
        try:
            _put_together(folder / _WHOLE, sizes, target)
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
            last = max(each.stat().st_mtime for each in (folder, *folder.iterdir()))
            if last < time.time() - _KEPT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)

    def forget(self, user: int, file: int) -> None:
        """Blocks."""
        shutil.rmtree(self._of(user, file), ignore_errors=True)

    def _sizes(self, folder: Path, total: int) -> list[int]:
        """In bytes, of each part; raises PartRefused unless they make a whole."""
        if not 0 < total <= PREMIUM * self.files.most_parts:
            raise PartRefused("FILE_PARTS_INVALID")
        known = (folder / _SIZES).read_bytes() if folder.exists() else b""
        sizes = [size for (size,) in _SIZE.iter_unpack(known)][:total]
        missing = next((number for number, size in enumerate(sizes) if not size), len(sizes))
        if missing < total:
            raise PartRefused(f"FILE_PART_{missing}_MISSING")
        size = sizes[0]
        if total > 1 and (size % SMALLEST_PART or LARGEST_PART % size):
            raise PartRefused("FILE_PART_SIZE_INVALID")
        if any(each != size for each in sizes[:-1]) or sizes[-1] > size:
            raise PartRefused("FILE_PART_SIZE_CHANGED")
        return sizes

    def _of(self, user: int, file: int) -> Path:
        return self.folder / f"{user}-{file}"


def _write_at(path: Path, offset: int, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o644), "wb") as file:
        file.seek(offset)
        file.write(data)


def _unshare(path: Path) -> None:
    """A copy, where the bytes have been kept as a whole file already: that one is never written to again."""
    if not path.exists() or path.stat().st_nlink == 1:
        return
    own = path.with_name(uuid.uuid4().hex)
    shutil.copyfile(path, own)
    own.replace(path)


def _put_together(parts: Path, sizes: list[int], target: Path) -> None:
    """A second name of the parts' own file where they stand without a gap, else a copy."""
    if parts.stat().st_size == sum(sizes) and all(size == LARGEST_PART for size in sizes[:-1]):
        target.hardlink_to(parts)
        return
    with parts.open("rb") as source, target.open("wb") as out:
        for number, size in enumerate(sizes):
            source.seek(number * LARGEST_PART)
            out.write(source.read(size))


def _md5_of(path: Path) -> str:
    """What clients tell of small files only."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
