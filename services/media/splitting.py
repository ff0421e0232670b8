"""Cuts films and music into parts that play by themselves. Nothing is made anew: a part begins where one can begin."""

import asyncio
import shutil
from dataclasses import dataclass, replace
from itertools import count, takewhile
from pathlib import Path

from models.media import Kind
from services.media import recipes
from services.media.children import ChildFailed
from services.media.scratch import scratch_folder
from services.media.workshop import Findings, MediaLimits, Workshop

_FULL = 0.9
"""Of the most that a part may have: how full it is on average. No film has the same number of bytes in every minute."""
_MOST_TRIES = 4
_SLOWEST_BYTES = 8 * 1024 * 1024
"""In a second, of a disk that others use, too."""
_NEAR = 0.02


@dataclass(frozen=True)
class Film:
    """What is to be cut, a film or music: `source` of `size` bytes in FFmpeg's format `container`; seconds."""

    source: Path
    ending: str
    kind: Kind
    container: str
    duration: float
    size: int


@dataclass(frozen=True)
class Part:
    """Bytes, seconds and pixels of its own."""

    path: Path
    size: int
    duration: float
    width: int | None
    height: int | None


def may_be_cut(name: str) -> bool:
    """By its ending, before anything of the file is there."""
    return Path(name).suffix.lower() in recipes.MUXERS


def fewest_parts(size: int, most: int) -> int:
    """How many parts of `most` bytes at most are tried first; more, when one of them comes out too large."""
    return -(-size // int(_FULL * most))


class Splitter:
    """Of one film, into parts of `most` bytes at most."""

    def __init__(self, workshop: Workshop, limits: MediaLimits, film: Film, most: int) -> None:
        self._workshop = workshop
        self._limits = limits
        self._film = film
        self._most = most

    async def split(self, folder: Path) -> list[Part]:
        """The parts in `folder`, which is there only when all of them are in it; none where it cannot be cut so.

        Those that are there already are taken as they are. Raises OSError, FfmpegMissing.
        """
        there = await self._parts(folder)
        if there:
            return there
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        fewest = fewest_parts(self._film.size, self._most)
        for number in range(fewest, fewest + _MOST_TRIES):
            with scratch_folder(folder.parent, folder.name) as scratch:
                made = await self._parts(scratch) if await self._cut(scratch, number) else []
                if made:
                    await asyncio.to_thread(scratch.rename, folder)
                    return [replace(part, path=folder / part.path.name) for part in made]
        return []

    async def _cut(self, scratch: Path, number: int) -> bool:
        """False: it failed, as it does when a part grows beyond what it may have."""
        film = self._film
        recipe = recipes.parts(film.source, film.container, film.duration / number, scratch, film.ending)
        seconds = self._limits.preview_seconds + film.size / _SLOWEST_BYTES
        try:
            await self._workshop.ffmpeg(recipe, seconds=seconds, file_size=self._most)
        except ChildFailed:
            return False
        return True

    async def _parts(self, folder: Path) -> list[Part]:
        """What is in it, each looked at as a stranger's file; none unless all of it is there, of a size to send."""
        parts = []
        for path in await asyncio.to_thread(self._files, folder):
            found = await self._workshop.probe(path, name=None, seconds=self._limits.inspect_seconds)
            part = self._part(path, found)
            if part is None:
                return []
            parts.append(part)
        seconds = sum(part.duration for part in parts)
        is_whole = abs(seconds - self._film.duration) <= 1 + _NEAR * self._film.duration
        return parts if is_whole and len(parts) > 1 else []

    def _files(self, folder: Path) -> list[Path]:
        paths = (folder / recipes.part_name(number, self._film.ending) for number in count(1))
        return list(takewhile(Path.is_file, paths))

    def _part(self, path: Path, found: Findings) -> Part | None:
        size = path.stat().st_size
        if found.kind is not self._film.kind or found.duration is None or not 0 < size <= self._most:
            return None
        return Part(path, size, found.duration, found.width, found.height)
