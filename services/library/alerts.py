"""Tells members when something arrives that they wait for. Each of both is told at most once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import structlog
from pymongo.errors import PyMongoError

from models.access import Member
from models.clock import Millis
from models.library import Alert, Item, LibrarySearch
from services.documents import update_all
from services.errors import MagpieError
from services.failpoints import failpoint
from services.library.changes import OVERLAP_MILLIS
from services.library.follower import Follower
from services.library.service import Library
from services.tasks import Bell, News, heed_cancellation

_LOOK_SECONDS = 5.0
_REST_SECONDS = 1.0
_AWAY_SECONDS = 5.0
_MOST_AT_ONCE = 500
_log = structlog.get_logger(__name__)
Tell = Callable[[LibrarySearch, Member], Awaitable[None]]


class _Arrived(NamedTuple):
    id: str
    at: Millis


class Alerts:
    """Looks at what the follower has put into the index. `tell` shows a member what came, the same once only."""

    def __init__(self, library: Library, follower: Follower, tell: Tell, bell: Bell) -> None:
        self._library = library
        self._follower = follower
        self._tell = tell
        self._news = News()
        bell.listen(self._news.tell)

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            heed_cancellation()
            try:
                await self.look()
            except PyMongoError as error:
                _log.warning("database-away", error=str(error))
                await asyncio.sleep(_AWAY_SECONDS)
            await asyncio.sleep(_REST_SECONDS)
            await self._news.wait(_LOOK_SECONDS)

    async def look(self) -> None:
        """Tells of all that arrived since the last look. A crash in it looks at the same again."""
        until = self._follower.until
        alerts = await Alert.find({"seen_until": {"$lt": until}}).to_list()
        if not alerts:
            return
        fresh = await _arrived(min(alert.seen_until for alert in alerts) - OVERLAP_MILLIS)
        for start in range(0, len(fresh), _MOST_AT_ONCE):
            for alert in alerts:
                await self._look_for(alert, fresh[start : start + _MOST_AT_ONCE])
        if fresh:
            with failpoint("library.seen"):
                await update_all(Alert, {"seen_until": {"$lt": until}}, {"seen_until": until})

    async def _look_for(self, alert: Alert, fresh: Sequence[_Arrived]) -> None:
        member = await Member.get(alert.member_id)
        later = [each.id for each in fresh if each.at >= alert.created_at]
        if member is None or not later:
            return
        try:
            for search in await self._library.arrived(alert, later, by=member):
                await self._tell(search, member)
        except MagpieError as error:
            # a filter that was understood once, or a right that is gone
            _log.warning("alert-not-looked-at", alert=alert.id, reason=error.key)


async def _arrived(since: Millis) -> list[_Arrived]:
    """What was archived since then, the oldest first."""
    items = Item.get_pymongo_collection().find({"archived_at": {"$gte": since}}, {"archived_at": 1})
    return [_Arrived(item["_id"], item["archived_at"]) async for item in items.sort("archived_at", 1)]
