"""7z archives, through py7zr. Runs in a child process only, and imports it late: it starts a program when it is imported."""

import lzma
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from services.extraction.refusal import Refusal
from services.extraction.room import Entry, NewFile, Room

if TYPE_CHECKING:
    from py7zr import SevenZipFile, WriterFactory

_DAMAGED = (lzma.LZMAError, zlib.error, EOFError, OSError, ValueError)


def unpack_seven_zip(path: Path, room: Room) -> None:
    """Raises Refusal; what else its parser may raise at strange bytes ends the child."""
    from py7zr import SevenZipFile
    from py7zr.exceptions import ArchiveError, PasswordRequired, UnsupportedCompressionMethodError

    try:
        # an opened file: given a name, py7zr would decompress in several threads
        with path.open("rb") as file, SevenZipFile(file) as archive:
            if archive.needs_password():
                raise Refusal("archive-encrypted")
            room.announce(_entries(archive))
            archive.extractall(factory=cast("WriterFactory", _Into(room)))
    except PasswordRequired as error:
        raise Refusal("archive-encrypted") from error
    except UnsupportedCompressionMethodError as error:
        raise Refusal("archive-unsupported") from error
    except (ArchiveError, *_DAMAGED) as error:
        raise Refusal("archive-damaged") from error


def _entries(archive: "SevenZipFile") -> Iterator[Entry]:
    """Refuses what is no plain file or folder."""
    for file in archive.files:
        if file.is_symlink or file.is_junction or file.st_fmt not in {None, 0, stat.S_IFREG, stat.S_IFDIR}:
            raise Refusal("archive-unsafe")
        yield Entry(file.filename, file.uncompressed, file.is_directory)


class _Into:
    """What py7zr calls a WriterFactory."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def create(self, filename: str) -> "_Target":
        return _Target(self._room.create(filename))


class _Target:
    """What py7zr calls a Py7zIO: a new file, written from its beginning to its end."""

    def __init__(self, file: NewFile) -> None:
        self._file = file

    def write(self, data: bytes | bytearray) -> int:
        return self._file.write(data)

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self._file.close()
