"""`python -m services.extraction.unpack ARCHIVE FOLDER MOST_BYTES BYTES_FREE MOST_ENTRIES`: all that is in it, into FOLDER.

FOLDER is there and empty, both paths are absolute. What stands against it is printed as a key, with exit code 3.
"""

import os
import sys
from pathlib import Path
from typing import BinaryIO

from services.extraction.refusal import Refusal
from services.extraction.room import Room
from services.extraction.seven_zips import unpack_seven_zip
from services.extraction.zips import is_zip, unpack_zip

REFUSED = 3
SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c"


def main(arguments: list[str]) -> None:
    archive, folder = Path(arguments[0]), Path(arguments[1])
    most_bytes, bytes_free, most_entries = map(int, arguments[2:])
    # py7zr holds names against the present folder, where a link of ours might lie
    os.chdir(folder)
    room = Room(folder, most_bytes=most_bytes, bytes_free=bytes_free, most_entries=most_entries)
    try:
        unpack(archive, room)
    except Refusal as refusal:
        sys.stdout.write(refusal.key)
        sys.exit(REFUSED)
    except MemoryError:
        sys.stdout.write("archive-too-hard")
        sys.exit(REFUSED)


def unpack(archive: Path, room: Room) -> None:
    """By content, whatever its name is."""
    with archive.open("rb") as file:
        seven, zipped = is_seven_zip(file), is_zip(file)
    if seven:
        unpack_seven_zip(archive, room)
    elif zipped:
        unpack_zip(archive, room)
    else:
        raise Refusal("archive-unknown")


def is_seven_zip(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(len(SEVEN_ZIP)) == SEVEN_ZIP


if __name__ == "__main__":
    main(sys.argv[1:])
