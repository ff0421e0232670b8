"""Marks on updates that were handled: written together, as fast as the database takes them.

A mark that a crash loses means that the update is handled again, which changes nothing: what handlers make carries ids
derived from the update. Marks are written in the order of handling, so what is lost is always the last of it.
"""

import asyncio

import structlog
from pymongo.errors import PyMongoError

from models.inbox import InboxUpdate
from services.failpoints import failpoint
from services.tasks import heed_cancellation

_MOST_AT_ONCE = 500
_AWAY_SECONDS = 2.0
_LAST_SECONDS = 2.0
_log = structlog.get_logger(__name__)


class Marks:
    """One write is under way at a time; what is handled meanwhile goes into the next one."""

    def __init__(self) -> None:
        self._handled: list[str] = []
        self._news = asyncio.Event()

    def add(self, inbox_id: str) -> None:
        """Has an update marked soon."""
        self._handled.append(inbox_id)
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
        while self._handled:
            try:
                await self._write()
                heed_cancellation()
            except PyMongoError as error:
                _log.warning("database-away", error=str(error))
                await asyncio.sleep(_AWAY_SECONDS)

    async def _write_last(self) -> None:
        try:
            async with asyncio.timeout(_LAST_SECONDS):
                while self._handled:
                    await self._write()
        except (PyMongoError, TimeoutError) as error:
            _log.warning("updates-not-marked", count=len(self._handled), error=str(error))

    async def _write(self) -> None:
        some = self._handled[:_MOST_AT_ONCE]
        with failpoint("inbox.done"):
            await InboxUpdate.get_pymongo_collection().update_many(
                {"_id": {"$in": some}}, {"$set": {"done": True}}
            )
        del self._handled[: len(some)]
