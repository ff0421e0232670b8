"""Searches as documents: asked for by a handler, answered by a runner, shown by whoever looks."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing

import structlog
from pymongo.errors import PyMongoError

from models.access import Member, Right
from models.clock import now
from models.search import Answer, IndexerReport, Query, Release, Search
from services.access.rights import NotAllowed, require
from services.documents import insert_once, update_all, update_if
from services.errors import MagpieError
from services.failpoints import failpoint
from services.search.fanout import FanOut
from services.search.merge import merge
from services.tasks import heed_cancellation

_LEASE_SECONDS = 90
_IDLE_SECONDS = 1.0
_MOST_KEPT = 500
_log = structlog.get_logger(__name__)


class UnknownSearch(MagpieError):
    """There is no such Search any more, or no such hit in it."""

    def __init__(self) -> None:
        super().__init__("button-stale")


class Searches:
    """Use cases of searching. `changed` is called with the id of a Search whenever there is something new to show."""

    def __init__(self, fan_out: FanOut, owner: str, changed: Callable[[str], None]) -> None:
        self._fan_out = fan_out
        self._owner = owner
        self._changed = changed
        self._asked = asyncio.Event()

    @require(Right.SEARCH)
    async def begin(self, text: str, *, search_id: str, by: Member) -> Search:
        """Saves a search; the runner asks the Indexers. The same id twice is the same search."""
        reports = [IndexerReport(indexer=name) for name in self._fan_out.names]
        search = Search(id=search_id, member_id=by.id, query=Query(text=text), reports=reports)
        with failpoint("search.insert"):
            saved = await insert_once(search)
        self._asked.set()
        return saved

    @require(Right.SEARCH)
    async def again(self, search_id: str, *, by: Member) -> Search:
        """Asks those Indexers again that failed; what was found stays."""
        search = await self.find(search_id, by=by)
        failed = {Answer.TIMED_OUT, Answer.BUSY, Answer.REJECTED, Answer.BROKEN}
        reports = [
            IndexerReport(indexer=report.indexer) if report.answer in failed else report
            for report in search.reports
        ]
        asked = await update_if(
            Search,
            {"_id": search.id, "seconds": {"$ne": None}},
            {"reports": reports, "seconds": None, "changed_at": now(), "lease_until": 0},
        )
        self._asked.set()
        return asked or search

    @require(Right.SEARCH)
    async def find(self, search_id: str, *, by: Member) -> Search:
        """One's own search. Raises UnknownSearch, NotAllowed."""
        search = await Search.get(search_id)
        if search is None:
            raise UnknownSearch
        if search.member_id != by.id:
            raise NotAllowed
        return search

    @require(Right.SEARCH)
    async def turn(self, search_id: str, page: int, *, by: Member) -> Search:
        """Turns to a page of the hits."""
        search = await self.find(search_id, by=by)
        turned = await update_if(Search, {"_id": search.id}, {"page": max(0, page), "changed_at": now()})
        return turned or search

    @require(Right.SEARCH)
    async def hit(self, search_id: str, key: str, *, by: Member) -> Release:
        """One Release of a search, by its key. Raises UnknownSearch."""
        search = await self.find(search_id, by=by)
        for release in search.releases:
            if release.key == key:
                return release
        raise UnknownSearch

    async def run(self) -> None:
        """Answers searches until cancelled; one that a crash interrupted is asked again.

        There is one runner of an owner at a time, so leases under its name are those of its former life.
        """
        await update_all(Search, {"lease_owner": self._owner, "seconds": None}, {"lease_until": 0})
        async with asyncio.TaskGroup() as group:
            while True:
                heed_cancellation()
                search = await self._claim()
                if search is None:
                    await self._idle()
                else:
                    group.create_task(self._answer(search))

    async def _claim(self) -> Search | None:
        moment = now()
        try:
            return await update_if(
                Search,
                {"seconds": None, "lease_until": {"$lt": moment}},
                {"lease_owner": self._owner, "lease_until": moment + _LEASE_SECONDS * 1000},
            )
        except PyMongoError as error:
            _log.warning("database-away", error=str(error))
            return None

    async def _idle(self) -> None:
        self._asked.clear()
        try:
            async with asyncio.timeout(_IDLE_SECONDS):
                await self._asked.wait()
        except TimeoutError:
            return

    async def _answer(self, search: Search) -> None:
        begun = time.monotonic()
        open_ones = [report.indexer for report in search.reports if report.answer is Answer.WAITING]
        structlog.contextvars.bind_contextvars(search=search.id)
        try:
            await self._ask(search, open_ones)
            await self._save(
                search, {"seconds": max(0.1, round(time.monotonic() - begun, 1)), "lease_until": 0}
            )
        except PyMongoError as error:
            # the lease runs out by itself, and the Indexers are asked again
            _log.warning("database-away", error=str(error))

    async def _ask(self, search: Search, names: Collection[str]) -> None:
        before, settled = list(search.releases), [r for r in search.reports if r.indexer not in names]
        with failpoint("search.ask"):
            async with aclosing(self._fan_out.search(search.query, only=names)) as pictures:
                async for releases, reports in pictures:
                    found = merge([*before, *releases]) if before else releases
                    in_order = _in_order(search, settled, reports)
                    await self._save(search, {"releases": found[:_MOST_KEPT], "reports": in_order})

    async def _save(self, search: Search, changes: dict[str, object]) -> None:
        with failpoint("search.save"):
            await update_if(
                Search, {"_id": search.id, "lease_owner": self._owner}, {**changes, "changed_at": now()}
            )
        self._changed(search.id)


def _in_order(
    search: Search, settled: Sequence[IndexerReport], fresh: Sequence[IndexerReport]
) -> list[IndexerReport]:
    by_name = {report.indexer: report for report in (*settled, *fresh)}
    return [by_name.get(report.indexer, report) for report in search.reports]
