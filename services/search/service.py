"""Searches as documents: asked for by a handler, answered by the runner, shown by whoever looks."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from models.access import Member, Right
from models.clock import now
from models.search import Answer, Face, IndexerReport, Order, Query, Release, Search
from services.access.rights import NotAllowed, require
from services.documents import insert_once, load, update_if
from services.errors import MagpieError
from services.failpoints import failpoint
from services.patterns import check_pattern
from services.search.facets import Facet, spelled, values_of
from services.search.fields import read_query
from services.search.patterns import matching, split_pattern
from services.search.ranking import of_the_same_work
from services.search.shown import listed, releases_of

_FAILED = frozenset({Answer.TIMED_OUT, Answer.BUSY, Answer.REJECTED, Answer.BROKEN, Answer.RESTING})


class UnknownSearch(MagpieError):
    """There is no such Search any more, or no such hit in it."""

    def __init__(self) -> None:
        super().__init__("button-stale")


class Searches:
    """Use cases of searching. `indexers` are the names of those that are asked; `wake` wakes the runner."""

    def __init__(self, indexers: Sequence[str], wake: Callable[[], None]) -> None:
        self._indexers = indexers
        self._wake = wake

    @require(Right.SEARCH)
    async def begin(self, text: str, *, search_id: str, chat_id: int, by: Member) -> Search:
        """Saves a search; the runner asks the Indexers. The same id twice is the same search.

        `text` may end with a pattern: `big buck ~1080p|2160p`. Raises PatternWrong, PatternTooSlow.
        """
        words, pattern = split_pattern(read_query(text))
        check_pattern(pattern)
        search = Search(
            id=search_id,
            member_id=by.id,
            chat_id=chat_id,
            query=Query(text=words),
            pattern=pattern,
            reports=[IndexerReport(indexer=name) for name in self._indexers],
        )
        with failpoint("search.insert"):
            saved = await insert_once(search)
        self._wake()
        return saved

    @require(Right.SEARCH)
    async def again(self, search_id: str, *, by: Member) -> Search:
        """Asks those Indexers again that failed or rest; what was found stays."""
        search = await self.find(search_id, by=by)
        reports = [
            IndexerReport(indexer=report.indexer, insisted=True) if report.answer in _FAILED else report
            for report in search.reports
        ]
        with failpoint("search.again"):
            asked = await update_if(
                Search,
                {"_id": search.id, "seconds": {"$ne": None}},
                {"reports": reports, "seconds": None, "changed_at": now(), "lease_until": 0},
            )
        self._wake()
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
    async def last(self, chat_id: int, *, by: Member) -> Search | None:
        """One's newest search in a chat."""
        mine = {"member_id": by.id, "chat_id": chat_id}
        return await Search.find(mine).sort("-created_at").first_or_none()

    @require(Right.SEARCH)
    async def turn(self, search_id: str, page: int, *, by: Member) -> Search:
        """Turns to a page of the hits."""
        return await self._turned(await self.find(search_id, by=by), {"page": max(0, page)})

    @require(Right.SEARCH)
    async def sort(self, search_id: str, order: Order, *, by: Member) -> Search:
        """Lists the hits in another order, from the first page on."""
        return await self._turned(await self.find(search_id, by=by), {"order": order.value, "page": 0})

    @require(Right.SEARCH)
    async def choose(self, search_id: str, facet: Facet, number: int, *, chosen: bool, by: Member) -> Search:
        """Chooses one value of a facet (its place among all there are), or leaves it. Raises UnknownSearch."""
        search = await self.find(search_id, by=by)
        values = values_of(facet, [report.indexer for report in search.reports])
        if number >= len(values):
            raise UnknownSearch
        step = {"$addToSet" if chosen else "$pull": {"filters": spelled(facet, values[number])}}
        return await self._turned(search, {"page": 0}, step)

    @require(Right.SEARCH)
    async def turn_choices(self, search_id: str, page: int, *, by: Member) -> Search:
        """Turns to a page of the values that can be chosen."""
        return await self._turned(await self.find(search_id, by=by), {"choices_page": max(0, page)})

    @require(Right.SEARCH)
    async def narrow(self, search_id: str, pattern: str, *, by: Member) -> Search:
        """Lists only titles with a pattern; an empty one lists all. Raises PatternWrong, PatternTooSlow."""
        search = await self.find(search_id, by=by)
        pattern = read_query(pattern)
        check_pattern(pattern)
        await asyncio.to_thread(matching, pattern, await releases_of(search.id))
        return await self._turned(search, {"pattern": pattern, "page": 0, "face": Face.HITS.value})

    @require(Right.SEARCH)
    async def clear(self, search_id: str, *, by: Member) -> Search:
        """Lists everything again."""
        return await self._turned(
            await self.find(search_id, by=by), {"filters": [], "pattern": "", "page": 0}
        )

    @require(Right.SEARCH)
    async def face(self, search_id: str, face: Face, *, looked_at: str = "", by: Member) -> Search:
        """Turns the Card to another side; `looked_at` is the key of the Release whose details are to be shown."""
        search = await self.find(search_id, by=by)
        changes = {"face": face.value, "looked_at": looked_at, "choices_page": 0}
        return await self._turned(search, changes)

    @require(Right.SEARCH)
    async def hit(self, search_id: str, key: str, *, by: Member) -> Release:
        """One Release of a search, by its key. Raises UnknownSearch."""
        await self.find(search_id, by=by)
        for release in await releases_of(search_id):
            if release.key == key:
                return release
        raise UnknownSearch

    @require(Right.SEARCH)
    async def ordered(self, search_id: str, key: str, order: str, *, by: Member) -> None:
        """Notes that a Release was ordered, and under which id."""
        await self._try(await self.find(search_id, by=by), key, order)

    @require(Right.SEARCH)
    async def order_of(self, search_id: str, key: str, *, by: Member) -> str | None:
        """The id of what a Release was last ordered as."""
        return (await self.find(search_id, by=by)).tried.get(key)

    @require(Right.SEARCH)
    async def next_release(
        self, search_id: str, *, instead_of: str, order: str, by: Member
    ) -> Release | None:
        """The next Release that was not tried yet, for the order with the id `order`; None when all were tried.

        `instead_of` is the order that came to nothing: other Releases of the same work come first, then the rest of
        what the member lists, in that order. The same `order` again is given the same Release.
        """
        search = await self.find(search_id, by=by)
        orders = {search.tried[r.key]: r for r in await releases_of(search.id) if r.key in search.tried}
        if order in orders:
            return orders[order]
        untried = [release for release in await listed(search) if release.key not in search.tried]
        if instead_of in orders:
            untried = of_the_same_work(orders[instead_of].title, untried)
        if not untried:
            return None
        await self._try(search, untried[0].key, order)
        return untried[0]

    async def _try(self, search: Search, key: str, order: str) -> None:
        with failpoint("search.pick"):
            await update_if(Search, {"_id": search.id}, {f"tried.{key}": order, "changed_at": now()})

    async def _turned(
        self, search: Search, changes: Mapping[str, object], step: Mapping[str, Any] | None = None
    ) -> Search:
        """How the Card is turned changes in one update, whatever the runner writes meanwhile."""
        update = {"$set": {**changes, "changed_at": now()}, **(step or {})}
        with failpoint("search.turn"):
            stored = await Search.get_pymongo_collection().find_one_and_update(
                {"_id": search.id}, update, return_document=True
            )
        return search if stored is None else load(Search, stored)
