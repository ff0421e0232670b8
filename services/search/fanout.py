"""Asking every Indexer at once, each with its own deadline."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from models.search import Answer, IndexerReport, Query, Release
from services.search.merge import merge, rank
from services.search.port import Indexer, IndexerBroken, IndexerBusy, IndexerRejected

Picture = tuple[list[Release], list[IndexerReport]]
"""The Releases so far, merged and ranked, and how each Indexer asked is doing."""

_UNTIL_THE_SETTINGS_CHANGE = datetime.max.replace(tzinfo=UTC)
_log = structlog.get_logger(__name__)


class FanOut:
    """Searches several Indexers as if they were one. `deadline`: seconds each of them has.

    An Indexer that refused is not asked again before the time it named; one that refused for good only when it is asked
    for by name.
    """

    def __init__(self, indexers: Sequence[Indexer], deadline: float) -> None:
        self._indexers = tuple(indexers)
        self._deadline = deadline
        self._resting: dict[str, datetime] = {}

    @property
    def names(self) -> Sequence[str]:
        return tuple(indexer.name for indexer in self._indexers)

    async def search(
        self, query: Query, only: Collection[str] | None = None
    ) -> AsyncGenerator[Picture, None]:
        """Yields a new picture whenever Indexers have ended (at least one picture); in the last one none is waiting.

        `only` names the Indexers to ask. What an Indexer gave before it failed is kept. Closing the iterator ends every
        request. Raises nothing of the Indexers'.
        """
        asked = [indexer for indexer in self._indexers if only is None or indexer.name in only]
        runs = [_Run(indexer, IndexerReport(indexer=indexer.name)) for indexer in asked]
        changed = asyncio.Event()
        everything = asyncio.gather(
            *(self._ask(run, query, changed, by_name=only is not None) for run in runs),
            return_exceptions=True,
        )
        try:
            waiting = True
            while waiting:
                if runs:
                    await changed.wait()
                changed.clear()
                releases, reports = _picture(runs)
                waiting = any(report.answer is Answer.WAITING for report in reports)
                yield releases, reports
            _log_surprises(runs, await everything)
        finally:
            everything.cancel()
            await asyncio.gather(everything, return_exceptions=True)

    async def _ask(self, run: "_Run", query: Query, changed: asyncio.Event, *, by_name: bool) -> None:
        # An error that nobody foresaw leaves this answer standing; it is logged when all have ended.
        answer = Answer.BROKEN
        try:
            answer = await self._answer(run, query, by_name=by_name)
        finally:
            run.report = IndexerReport(indexer=run.indexer.name, answer=answer, found=len(run.found))
            changed.set()

    async def _answer(self, run: "_Run", query: Query, *, by_name: bool) -> Answer:
        name = run.indexer.name
        if self._rests(name, by_name=by_name):
            return Answer.REJECTED
        try:
            async with asyncio.timeout(self._deadline):
                async for release in run.indexer.search(query):
                    run.found.append(release)
        except TimeoutError:
            return Answer.TIMED_OUT
        except IndexerBusy:
            return Answer.BUSY
        except IndexerBroken:
            return Answer.BROKEN
        except IndexerRejected as error:
            self._resting[name] = error.retry_at or _UNTIL_THE_SETTINGS_CHANGE
            return Answer.REJECTED
        self._resting.pop(name, None)
        return Answer.ANSWERED

    def _rests(self, name: str, *, by_name: bool) -> bool:
        until = self._resting.get(name)
        if until is None or (by_name and until == _UNTIL_THE_SETTINGS_CHANGE):
            return False
        return datetime.now(UTC) < until


@dataclass
class _Run:
    """One Indexer in one search."""

    indexer: Indexer
    report: IndexerReport
    found: list[Release] = field(default_factory=list)


def _picture(runs: Sequence[_Run]) -> Picture:
    found = merge(release for run in runs for release in run.found)
    return rank(found), [run.report for run in runs]


def _log_surprises(runs: Sequence[_Run], results: Sequence[BaseException | None]) -> None:
    for run, result in zip(runs, results, strict=True):
        if result is not None:
            _log.error("indexer-failed", indexer=run.indexer.name, exc_info=result)
