"""Where an index lies: each that is made anew in a folder of its own, and one file that says which counts.

So a new one is made beside the one that is asked, and takes its place in one step. Only whoever holds the data folder makes
one; others may wish for it.
"""

import json
import os
import shutil
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.clock import Millis
from models.ids import new_id
from services.library.schema import VERSION
from services.syncing import sync

_CURRENT = "current"
_WISH = "wish"
_FOOTER_END = struct.Struct("<II")
_MAGIC = 1337
_CHUNK = 1024 * 1024
_MOST_FOOTER = 4096
_NOT_SEALED = {".json", ".lock"}
"""Tantivy's own notes. One that is damaged shows when the index is opened."""


@dataclass(frozen=True)
class Generation:
    """One index: its folder, and up to which moment changes of Items are in it."""

    folder: Path
    until: Millis


class Generations:
    """All indexes below `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def name(self) -> str | None:
        """Which one counts now."""
        try:
            return (self._root / _CURRENT).read_text().strip() or None
        except (FileNotFoundError, UnicodeDecodeError):
            return None

    def current(self) -> Generation | None:
        """The one that counts; None where there is none, or none that this Magpie can read."""
        name = self.name
        if name is None or not name.isalnum():
            return None
        until = self._until(name)
        return None if until is None else Generation(self._root / name, until)

    def note(self, folder: Path, until: Millis) -> None:
        """Writes down up to which moment changes are in an index."""
        _replace(self._root / f"{folder.name}.json", json.dumps({"version": VERSION, "until": until}))

    def wish(self) -> None:
        """Asks whoever follows the Items to make a new one."""
        self._root.mkdir(parents=True, exist_ok=True)
        (self._root / _WISH).touch()

    @property
    def is_wished(self) -> bool:
        return (self._root / _WISH).exists()

    def begin(self) -> Path:
        """An empty folder for a new one."""
        folder = self._root / new_id()
        folder.mkdir(parents=True)
        return folder

    def settle(self, folder: Path, until: Millis) -> None:
        """From now on this one counts. A crash leaves the one before, or this."""
        self.note(folder, until)
        _replace(self._root / _CURRENT, folder.name)
        (self._root / _WISH).unlink(missing_ok=True)
        self.drop_others()

    def drop_others(self) -> None:
        """Removes all but the one that counts: what a crash left. Whoever still reads one goes on reading it."""
        name = self.name
        for path in self._root.iterdir() if self._root.is_dir() else ():
            if path.is_dir() and path.name != name:
                shutil.rmtree(path, ignore_errors=True)
            elif path.suffix == ".json" and path.stem != name:
                path.unlink(missing_ok=True)

    def _until(self, name: str) -> Millis | None:
        try:
            state: Mapping[str, int] = json.loads((self._root / f"{name}.json").read_bytes())
            return int(state["until"]) if state["version"] == VERSION else None
        except (OSError, ValueError, KeyError, TypeError):
            return None


def is_sound(folder: Path) -> bool:
    """Whether every file of an index is as it was written: Tantivy ends each with a checksum (its directory/footer.rs)."""
    try:
        sealed = [path for path in folder.iterdir() if path.suffix not in _NOT_SEALED]
        return all(_is_sealed(path) for path in sealed)
    except (OSError, struct.error, ValueError, KeyError, TypeError):
        return False


def _is_sealed(path: Path) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _FOOTER_END.size))
        length, magic = _FOOTER_END.unpack(file.read())
        body = size - _FOOTER_END.size - length
        if magic != _MAGIC or length > _MOST_FOOTER or body < 0:
            return False
        file.seek(body)
        wanted = json.loads(file.read(length))["crc"]
        file.seek(0)
        found, left = 0, body
        while left:
            chunk = file.read(min(left, _CHUNK))
            found, left = zlib.crc32(chunk, found), left - len(chunk)
    return bool(found == wanted)


def _replace(path: Path, text: str) -> None:
    """Wholly or not at all, and to stay."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text)
    sync(fresh)
    os.replace(fresh, path)  # noqa: PTH105 - Path.replace says the same, less plainly
    sync(path.parent)
