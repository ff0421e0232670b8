"""A stretch of a file, read as if it were a file of its own."""

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Window(io.RawIOBase):
    """`size` bytes from offset `start` on. It gives no descriptor away: who asks that for its length gets the file's."""

    def __init__(self, path: Path, start: int, size: int) -> None:
        super().__init__()
        self._file = path.open("rb", buffering=0)
        self._start = start
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._file.seek(self._start + self._at)
        wanted = memoryview(buffer).cast("B")[: max(0, self._size - self._at)]
        read = self._file.readinto(wanted)
        self._at += read
        return read

    def close(self) -> None:
        self._file.close()
        super().close()
