"""Films and music that no door takes whole, cut into parts that each play by themselves."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import structlog

from models.media import Kind
from models.storage import Whole
from services.errors import MagpieError
from services.failpoints import failpoint
from services.media.hashing import blake3_of
from services.media.splitting import Film, Part
from services.media.tools import MediaTools
from services.storage.port import CopyKey, StoredFile

_log = structlog.get_logger(__name__)
Room = Callable[[str], Awaitable[int]]
"""Bytes of the disk that an order may take beside what others were promised."""


class Parts:
    """They lie in `folder`, in that of the order, until all are posted."""

    def __init__(self, media: MediaTools, folder: Path, room: Room) -> None:
        self._media = media
        self._folder = folder
        self._room = room

    async def of(self, file: StoredFile, key: CopyKey, most: int) -> list[StoredFile]:
        """Of `most` bytes each at most; none where it cannot be cut so, or the disk is too full for it."""
        film = _film(file)
        if film is None:
            return []
        folder = self._place(key, file.blake3)
        if not await asyncio.to_thread(folder.is_dir) and await self._room(key.item) < file.size:
            return []
        try:
            with failpoint("media.split"):
                parts = await self._media.parts(film, folder, most)
        except MagpieError as error:
            _log.info("not-cut", name=file.name, error=error.key, exc_info=error)
            return []
        whole = Whole(name=file.name, blake3=file.blake3, size=file.size, each=most, parts=len(parts))
        return [await _stored(file, whole, number, part) for number, part in enumerate(parts, 1)]

    async def remove(self, key: CopyKey, whole: Whole) -> None:
        """Gone already is not an error."""
        with failpoint("media.split-remove"):
            await asyncio.to_thread(shutil.rmtree, self._place(key, whole.blake3), ignore_errors=True)

    def _place(self, key: CopyKey, blake3: str) -> Path:
        return self._folder / key.item / f"{key.part}-{blake3[:16]}"


def _film(file: StoredFile) -> Film | None:
    if file.kind not in {Kind.VIDEO, Kind.AUDIO} or file.container is None or not file.duration:
        return None
    ending = Path(file.name).suffix.lower()
    return Film(file.path, ending, file.kind, file.container, file.duration, file.size)


async def _stored(file: StoredFile, whole: Whole, number: int, part: Part) -> StoredFile:
    modified = (await asyncio.to_thread(part.path.stat)).st_mtime_ns
    blake3, size = await blake3_of(part.path)
    return replace(
        file,
        path=part.path,
        name=whole.name_of(number),
        size=size,
        blake3=blake3,
        modified=modified,
        duration=part.duration,
        width=part.width,
        height=part.height,
        whole=whole,
    )
