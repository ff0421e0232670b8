"""Asking every Indexer at once, each with its own deadline."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from models.search import Answer, IndexerReport, Query, Release
from services.search.merge import merge
from services.search.port import Indexer, IndexerBusy, IndexerError, IndexerRejected

Picture = tuple[list[Release], list[IndexerReport]]
"""The Releases so far, merged, in no order that matters, and how each Indexer asked is doing."""

_PAUSE_SECONDS = 0.5
_MOST_OF_CAUSE = 300
_log = structlog.get_logger(__name__)


class FanOut:
    """Searches several Indexers as if they were one.

    `deadline`: seconds each of them has. `pause`: seconds between two pictures, unless everybody has ended or somebody is
    the first to have found something; who comes meanwhile is in the next one.
    """

    def __init__(
        self, indexers: Sequence[Indexer], deadline: float, *, pause: float = _PAUSE_SECONDS
    ) -> None:
        self._indexers = tuple(indexers)
        self.deadline = deadline
        self._pause = pause

    @property
    def names(self) -> Sequence[str]:
        return tuple(indexer.name for indexer in self._indexers)

    async def search(
        self, query: Query, only: Collection[str] | None = None
    ) -> AsyncGenerator[Picture, None]:
        """Yields a picture once an Indexer has ended, others when more have, and one when all have: in it none is waiting.

        `only` names the Indexers to ask. What an Indexer gave before it failed is kept. Closing the iterator ends every
        request. Raises nothing of the Indexers'.
        """
        asked = [indexer for indexer in self._indexers if only is None or indexer.name in only]
        runs = [_Run(indexer, IndexerReport(indexer=indexer.name)) for indexer in asked]
        changed, fruitful = asyncio.Event(), asyncio.get_running_loop().create_future()
        everything = asyncio.gather(
            *(self._ask(run, query, changed, fruitful) for run in runs), return_exceptions=True
        )
        try:
            waiting = True
            while waiting:
                if runs:
                    await changed.wait()
                changed.clear()
                reports = [run.report for run in runs]
                waiting = any(report.answer is Answer.WAITING for report in reports)
                releases = merge(release for run in runs for release in run.found)
                yield releases, reports
                if waiting:
                    worth_a_look = (everything,) if releases else (everything, fruitful)
                    await asyncio.wait(worth_a_look, timeout=self._pause, return_when=asyncio.FIRST_COMPLETED)
            _log_surprises(runs, await everything)
        finally:
            everything.cancel()
            await asyncio.gather(everything, return_exceptions=True)

    async def _ask(
        self, run: "_Run", query: Query, changed: asyncio.Event, fruitful: "asyncio.Future[None]"
    ) -> None:
        # An error that nobody foresaw leaves this answer standing; it is logged when all have ended.
        answer, retry_at = Answer.BROKEN, None
        try:
            answer, retry_at = await self._answer(run, query)
        finally:
            run.report = IndexerReport(
                indexer=run.indexer.name,
                answer=answer,
                found=len(run.found),
                until=None if retry_at is None else int(retry_at.timestamp() * 1000),
            )
            changed.set()
            if run.found and not fruitful.done():
                fruitful.set_result(None)

    async def _answer(self, run: "_Run", query: Query) -> tuple[Answer, datetime | None]:
        """How it did, and when to ask it again, where it says that."""
        try:
            async with asyncio.timeout(self.deadline):
                async for release in run.indexer.search(query):
                    run.found.append(release)
        except (TimeoutError, IndexerError) as error:
            _log.warning("indexer-failed", indexer=run.indexer.name, **_told(error))
            return _verdict(error)
        return Answer.ANSWERED, None


@dataclass
class _Run:
    """One Indexer in one search."""

    indexer: Indexer
    report: IndexerReport
    found: list[Release] = field(default_factory=list)


def _verdict(error: TimeoutError | IndexerError) -> tuple[Answer, datetime | None]:
    match error:
        case IndexerRejected():
            return Answer.REJECTED, error.retry_at
        case IndexerBusy():
            return Answer.BUSY, None
        case IndexerError():
            return Answer.BROKEN, None
    return Answer.TIMED_OUT, None


def _told(error: Exception) -> dict[str, str]:
    """For the log, in one line: the error, and what it came of. A deadline of ours comes of nothing."""
    told = {"error": type(error).__name__}
    if error.__cause__ is None or isinstance(error, TimeoutError):
        return told
    return {**told, "cause": " ".join(repr(error.__cause__).split())[:_MOST_OF_CAUSE]}


def _log_surprises(runs: Sequence[_Run], results: Sequence[BaseException | None]) -> None:
    for run, result in zip(runs, results, strict=True):
        if result is not None:
            _log.error("indexer-failed", indexer=run.indexer.name, exc_info=result)
