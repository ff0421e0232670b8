"""Keeps the index as the Items are: from the database alone, so that nothing is lost with it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from pymongo.errors import PyMongoError

from models.clock import Millis, now
from models.library import Item, LibrarySearch
from services.documents import update_all
from services.failpoints import failpoint
from services.library.changes import OVERLAP_MILLIS, changed_items
from services.library.entries import Entry, entry_of
from services.library.generations import Generations, is_sound
from services.library.index import PIECES, Index, IndexDamaged
from services.tasks import Bell, News, both, heed_cancellation

_LOOK_SECONDS = 0.7
"""What changes is to be found within a second, whoever changed it. Nothing new costs one small question."""
_REST_SECONDS = 0.2
_AWAY_SECONDS = 2.0
_PATIENCE_MILLIS = 3_600_000
_TRUST_MILLIS = 60_000
_BATCH = 2000
_IN_ONE_PIECE = 200_000
"""Of so many Items an index is made at once: there is memory for that."""
_log = structlog.get_logger(__name__)


class Follower:
    """The one writer of the index below `root`."""

    def __init__(self, root: Path, bell: Bell) -> None:
        self._generations = Generations(root)
        self._news = News()
        bell.listen(self._news.tell)
        self._index: Index | None = None
        self._folder: Path | None = None
        self._until: Millis = 0
        self._made_at: Millis = 0
        self._known: dict[str, Millis] = {}
        """What was put in of the last minute, and as of when: a look goes back a little, and finds it again."""

    @property
    def index(self) -> Index | None:
        """What can be asked now; None while the first one is being made."""
        return self._index

    def damaged(self) -> None:
        """Somebody could not read it: it is made anew at the next look, unless that has just been done."""
        if now() - self._made_at < _TRUST_MILLIS:
            _log.error("new-index-damaged")
            return
        self._generations.wish()
        self._news.tell()

    async def run(self) -> None:
        """Follows until cancelled."""
        try:
            await self._run()
        finally:
            self.close()

    @property
    def until(self) -> Millis:
        """What changed before this moment is in the index; 0: nothing is yet."""
        return 0 if self._index is None else self._until

    @property
    def size(self) -> int:
        """How many works can be found."""
        return 0 if self._index is None else len(self._index)

    def close(self) -> None:
        """Lets another write."""
        if self._index is not None:
            self._index.close()

    async def _run(self) -> None:
        while True:
            heed_cancellation()
            try:
                await self.look()
            except PyMongoError as error:
                _log.warning("database-away", error=str(error))
                await asyncio.sleep(_AWAY_SECONDS)
            except IndexDamaged as error:
                _log.warning("index-damaged", error=str(error))
                self.damaged()
            await asyncio.sleep(_REST_SECONDS)
            await self._news.wait(_LOOK_SECONDS)

    async def look(self) -> None:
        """Takes over what changed since the last look; makes an index where there is none that can be read."""
        if self._index is None:
            await asyncio.to_thread(self._open)
        if self._index is None or self._generations.is_wished:
            await self.rebuild()
            await _tell_who_waits()
        await self._follow()

    async def rebuild(self) -> None:
        """Reads every Item into a new index, which takes the place of the present one."""
        moment = now()
        folder = await asyncio.to_thread(self._generations.begin)
        fresh = Index(folder)
        count = await _fill(fresh, moment)
        await asyncio.to_thread(fresh.commit)
        await asyncio.to_thread(fresh.close)
        await asyncio.to_thread(self._generations.settle, folder, moment - OVERLAP_MILLIS)
        await asyncio.to_thread(self._replace, Index(folder), folder, moment - OVERLAP_MILLIS)
        self._made_at = now()
        _log.info("index-made", items=count, seconds=round((now() - moment) / 1000, 1))

    def _open(self) -> None:
        current = self._generations.current()
        if current is None or not is_sound(current.folder):
            _log.info("index-missing", known=current is not None)
            return
        try:
            self._replace(Index(current.folder), current.folder, current.until)
        except IndexDamaged as error:
            _log.warning("index-damaged", error=str(error))
            return
        self._generations.drop_others()

    def _replace(self, index: Index, folder: Path, until: Millis) -> None:
        if self._index is not None:
            self._index.close()
        self._index, self._folder, self._until, self._known = index, folder, until, {}

    async def _follow(self) -> None:
        index, folder = self._index, self._folder
        if index is None or folder is None:
            return
        moment = now()
        found = 0
        async for batch in changed_items(self._until - OVERLAP_MILLIS, _BATCH):
            fresh = [item for item in batch if self._known.get(item["_id"]) != item["changed_at"]]
            if fresh:
                await asyncio.to_thread(_write, index, fresh)
                self._known.update((item["_id"], item["changed_at"]) for item in fresh)
                found += len(fresh)
        if found:
            await asyncio.to_thread(index.commit)
            await asyncio.to_thread(self._generations.note, folder, moment)
        self._until = moment
        oldest = moment - 2 * OVERLAP_MILLIS
        self._known = {item: changed for item, changed in self._known.items() if changed >= oldest}


async def _tell_who_waits() -> None:
    """Has the Cards edited of which somebody asked while there was no index."""
    lately = {"changed_at": {"$gte": now() - _PATIENCE_MILLIS}}
    with failpoint("library.anew"):
        await update_all(LibrarySearch, lately, {"changed_at": now()})


async def _fill(index: Index, before: Millis) -> int:
    """Puts in every Item that was last changed before, and reads the next ones meanwhile; how many there are.

    Many of them in pieces of one size, of which the index makes one in the end.
    """
    everything = await Item.get_pymongo_collection().estimated_document_count()
    piece = everything if everything <= _IN_ONE_PIECE else everything // PIECES
    pages, count, read = changed_items(0, _BATCH, before), 0, 0
    page = await _next_of(pages)
    while page:
        there = [item for item in page if not _is_out(item)]
        count, read = count + len(there), read + len(page)
        page, _ = await both(_next_of(pages), asyncio.to_thread(index.fill, _entries(there)))
        if read >= piece:
            await asyncio.to_thread(index.commit)
            read = 0
    return count


async def _next_of(pages: AsyncIterator[list[dict[str, Any]]]) -> list[dict[str, Any]] | None:
    return await anext(pages, None)


def _write(index: Index, items: Sequence[dict[str, Any]]) -> None:
    there = [item for item in items if not _is_out(item)]
    index.write(_entries(there), [item["_id"] for item in items if _is_out(item)])


def _is_out(item: Mapping[str, Any]) -> bool:
    """What was merged into another is found as that one."""
    return bool(item.get("removed_at") or item.get("merged_into"))


def _entries(items: Sequence[dict[str, Any]]) -> Iterator[Entry]:
    """A document that is damaged costs itself, not all the others."""
    for item in items:
        try:
            yield entry_of(item)
        except (AttributeError, KeyError, TypeError, ValueError):
            _log.exception("item-not-indexed", item=item["_id"])
