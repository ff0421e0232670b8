"""Marks on updates that were handled: written together, as fast as the database takes them.

A mark that a crash loses means that the update is handled again, which changes nothing: what handlers make carries ids
derived from the update. What is lost in a chat must always be the last that was handled there, so that nothing old is done
again after something newer. Therefore a poll's marks are one write, and polls are written in the order in which they came.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog
from pymongo.errors import PyMongoError

from models.inbox import InboxPoll
from services.failpoints import failpoint
from services.tasks import heed_cancellation

_AWAY_SECONDS = 2.0
_LAST_SECONDS = 2.0
_log = structlog.get_logger(__name__)


@dataclass
class OpenPoll:
    """A poll of which not everything is handled and marked. `number` grows with every poll."""

    number: int
    id: str
    size: int
    handled: list[int] = field(default_factory=list)


class Marks:
    """One round of writes is under way at a time; what is handled meanwhile goes into the next one."""

    def __init__(self) -> None:
        self._unwritten: dict[int, OpenPoll] = {}
        self._news = asyncio.Event()

    def add(self, poll: OpenPoll, update_id: int) -> None:
        """Has an update marked soon."""
        poll.handled.append(update_id)
        self._unwritten[poll.number] = poll
        self._news.set()

    async def run(self) -> None:
        """Writes until cancelled, and then what is left, if the database is there."""
        try:
            while True:
                await self._news.wait()
                heed_cancellation()
                self._news.clear()
                await self._insist()
        finally:
            await self._write_last()

    async def _insist(self) -> None:
        while self._unwritten:
            try:
                await self._write()
                heed_cancellation()
            except PyMongoError as error:
                _log.warning("database-away", error=str(error))
                await asyncio.sleep(_AWAY_SECONDS)

    async def _write_last(self) -> None:
        try:
            async with asyncio.timeout(_LAST_SECONDS):
                while self._unwritten:
                    await self._write()
        except (PyMongoError, TimeoutError) as error:
            _log.warning("updates-not-marked", polls=len(self._unwritten), error=str(error))

    async def _write(self) -> None:
        """What was handled when the round began, and nothing newer: or an older poll's marks might come after it."""
        polls = [self._unwritten[number] for number in sorted(self._unwritten)]
        for poll, handled in [(poll, tuple(poll.handled)) for poll in polls]:
            await _mark(poll, handled)
            if len(poll.handled) == len(handled):
                del self._unwritten[poll.number]


async def _mark(poll: OpenPoll, handled: Iterable[int]) -> None:
    ids = list(handled)
    with failpoint("inbox.done"):
        await InboxPoll.get_pymongo_collection().update_one(
            {"_id": poll.id}, {"$set": {"handled": ids, "done": len(ids) == poll.size}}
        )
