"""Answers the searches that members began: asks the Indexers, and saves what they give while they are giving it."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing

import structlog

from models.clock import now
from models.search import Answer, Hits, IndexerReport, Release, Search, packed
from services.documents import update_all, update_if
from services.failpoints import failpoint
from services.rounds import Rounds
from services.search import breaker
from services.search.fanout import FanOut, Picture
from services.search.merge import merge
from services.search.ranking import best_first
from services.search.shown import Found, found_by

_SPARE_SECONDS = 60
"""What a lease lasts beyond the Indexers' deadline."""
_MOST_KEPT = 5000
_MOST_BYTES = 12 << 20
"""A document of the database may have 16 MiB, and strangers write long links."""


class SearchRunner(Rounds[Search]):
    """Answers searches. `changed` is called with the id of a Search whenever there is something new to show."""

    def __init__(self, fan_out: FanOut, owner: str, changed: Callable[[str], None]) -> None:
        super().__init__()
        self._fan_out = fan_out
        self._owner = owner
        self._changed = changed

    async def _release(self) -> None:
        with failpoint("search.release"):
            await update_all(Search, {"lease_owner": self._owner, "seconds": None}, {"lease_until": 0})

    async def _claim(self) -> Search | None:
        moment = now()
        until = moment + round((self._fan_out.deadline + _SPARE_SECONDS) * 1000)
        with failpoint("search.claim"):
            return await update_if(
                Search,
                {"seconds": None, "lease_until": {"$lt": moment}},
                {"lease_owner": self._owner, "lease_until": until},
            )

    async def _work(self, claimed: Search) -> None:
        """Asks the Indexers."""
        structlog.contextvars.bind_contextvars(search=claimed.id)
        await self._ask(claimed)

    async def _ask(self, search: Search) -> None:
        begun = time.monotonic()
        # one that the settings have lost meanwhile would be waited for forever
        reports = [
            r for r in search.reports if r.answer is not Answer.WAITING or r.indexer in self._fan_out.names
        ]
        notes = await _Notes.begun(reports)
        before = await found_by(search.id)
        with failpoint("search.ask"):
            async with aclosing(self._fan_out.search(search.query, only=notes.waiting)) as pictures:
                async for picture in pictures:
                    await self._save(search, before, picture, notes, begun)

    async def _save(
        self, search: Search, before: Found, picture: Picture, notes: "_Notes", begun: float
    ) -> None:
        found, fresh = picture
        await notes.take(fresh)
        # thousands of hits take a while, and nobody else is to wait for it
        text, left_out = await asyncio.to_thread(_kept, search.query.text, before, found)
        hits = {"text": text, "left_out": left_out, "changed_at": now()}
        with failpoint("search.hits"):
            await Hits.get_pymongo_collection().update_one({"_id": search.id}, {"$set": hits}, upsert=True)
        changes: dict[str, object] = {"reports": notes.reports, "changed_at": now()}
        if not notes.waiting:
            seconds = max(0.1, round(time.monotonic() - begun, 1))
            changes |= {"seconds": seconds, "lease_until": 0}
        with failpoint("search.save"):
            await update_all(Search, {"_id": search.id, "lease_owner": self._owner}, changes)
        self._changed(search.id)


class _Notes:
    """How everybody did in one search so far; the breaker is told of each answer once."""

    def __init__(self, reports: Iterable[IndexerReport]) -> None:
        self._reports = {report.indexer: report for report in reports}

    @classmethod
    async def begun(cls, reports: Sequence[IndexerReport]) -> "_Notes":
        """Those that rest now are not waited for."""
        rests, moment = await breaker.known_rests([report.indexer for report in reports]), now()
        return cls(breaker.rested(report, rests.get(report.indexer), moment) for report in reports)

    @property
    def reports(self) -> list[IndexerReport]:
        return list(self._reports.values())

    @property
    def waiting(self) -> Sequence[str]:
        return [name for name, report in self._reports.items() if report.answer is Answer.WAITING]

    async def take(self, fresh: Sequence[IndexerReport]) -> None:
        waiting = frozenset(self.waiting)
        ended = [r for r in fresh if r.answer is not Answer.WAITING and r.indexer in waiting]
        self._reports |= {report.indexer: report for report in await breaker.note(ended)}


def _kept(query: str, before: Found, found: Sequence[Release]) -> tuple[str, int]:
    """The best of everything, packed, and how many are left out."""
    releases = best_first(query, merge([*before.releases, *found]) if before.releases else found)
    kept = releases[:_MOST_KEPT]
    text = packed(kept)
    while (size := len(text.encode())) > _MOST_BYTES:
        kept = kept[: len(kept) * _MOST_BYTES // size]
        text = packed(kept)
    return text, before.left_out + len(releases) - len(kept)
