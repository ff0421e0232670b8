"""The chores of the schedule. Each loads its state anew, and outlives a database or an engine that is away."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from pymongo.errors import PyMongoError

from models.cards import Card
from models.clock import now
from models.delivery import Delivery
from models.downloads import Download, Torrent
from models.files import FileList
from models.grabs import Grab, GrabState
from models.inbox import InboxPoll
from models.intake import Intake, IntakeState
from models.library import Item, LibrarySearch
from models.search import Hits, Search
from models.transfers import ENDED, Transfer
from models.uploads import SentParts
from services.downloads.service import Downloads
from services.storage.scan import Scan
from services.tasks import Bell
from services.transfers.upkeep import Upkeep

_QUIET_SECONDS = 5.0
_FOLLOWED_A_SECOND = 250
_MOST_SECONDS = 10.0
_KEEP_INBOX_MILLIS = 2 * 24 * 3_600_000
_KEEP_FILES_MILLIS = 24 * 3_600_000
_KEEP_LONG_MILLIS = 30 * 24 * 3_600_000
_log = structlog.get_logger(__name__)


class Chores:
    """Rings the bell when Transfers have moved on, and looks again when somebody else rings it. `clock`: seconds."""

    def __init__(
        self,
        downloads: Downloads,
        upkeep: Upkeep,
        bell: Bell,
        scan: Scan | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._scan = scan
        self._downloads = downloads
        self._upkeep = upkeep
        self._bell = bell
        self._told = False
        self._quiet_until = self._busy_until = clock()
        bell.listen(self._rouse)

    async def poll(self) -> None:
        """Asks the engines once for everything, and lets Transfers follow.

        Where there was nothing to follow, nor any news, only another machine can have begun something: that may wait a little.
        Where there is much to follow a look takes long, and is taken less often: all of them together stay cheap.
        """
        moment = self._clock()
        if moment >= self._busy_until and (self._told or moment >= self._quiet_until):
            await _outlive(partial(self._poll, moment))

    async def tidy(self) -> None:
        """Gives back what ended Transfers held."""
        await _outlive(self._upkeep.tidy)

    async def lift(self) -> None:
        """Has go up what Telegram did not take before."""
        await _outlive(self._lift)

    async def verify(self, seconds: float) -> None:
        """Asks for a few posts whether they are still there; it is called every so many seconds."""
        if self._scan is not None:
            await _outlive(partial(self._scan.look, seconds))

    async def prune(self) -> None:
        """Forgets what nobody needs any more: handled updates, old searches, closed Cards, what ended orders held."""
        await _outlive(_prune)

    def _rouse(self) -> None:
        self._told = True

    async def _poll(self, moment: float) -> None:
        self._told = False
        away = await self._downloads.poll()
        moved = await self._upkeep.follow(away)
        await self._upkeep.settle()
        followed = self._downloads.followed
        self._quiet_until = moment + (0 if followed else _QUIET_SECONDS)
        # half a second less: the schedule ticks every second, but not to the millisecond
        self._busy_until = moment + min(followed / _FOLLOWED_A_SECOND, _MOST_SECONDS) - 0.5
        if moved:
            self._bell.ring()

    async def _lift(self) -> None:
        if await self._upkeep.lift():
            self._bell.ring()


async def _prune() -> None:
    await InboxPoll.find({"done": True, "received_at": {"$lt": now() - _KEEP_INBOX_MILLIS}}).delete()
    await Search.find({"changed_at": {"$lt": now() - _KEEP_LONG_MILLIS}}).delete()
    await LibrarySearch.find({"changed_at": {"$lt": now() - _KEEP_LONG_MILLIS}}).delete()
    ended = {"$in": [GrabState.DONE.value, GrabState.FAILED.value, GrabState.STOPPED.value]}
    await Grab.find({"state": ended, "changed_at": {"$lt": now() - _KEEP_LONG_MILLIS}}).delete()
    given_up = {
        "state": {"$in": [IntakeState.FAILED.value, IntakeState.STOPPED.value]},
        "opened": False,
        "closed": False,
    }
    await Intake.find({**given_up, "changed_at": {"$lt": now() - _KEEP_LONG_MILLIS}}).delete()
    await Delivery.find({"created_at": {"$lt": now() - _KEEP_LONG_MILLIS}}).delete()
    await Card.find({"closed": True, "created_at": {"$lt": now() - _KEEP_LONG_MILLIS}}).delete()
    async for hits in Hits.find({"changed_at": {"$lt": now() - _KEEP_LONG_MILLIS}}):
        if await Search.get(hits.id) is None:
            await hits.delete()
    await _forget_file_lists()
    await SentParts.find({"changed_at": {"$lt": now() - _KEEP_FILES_MILLIS}}).delete()
    async for torrent in Torrent.find({"saved_at": {"$lt": now() - _KEEP_LONG_MILLIS}}):
        if not await _needed(torrent):
            await torrent.delete()


async def _forget_file_lists() -> None:
    """Those that no order needs which has not ended. One that an order is given meanwhile is not old any more."""
    going_on = {"state": {"$nin": [state.value for state in ENDED]}}
    found = Transfer.get_pymongo_collection().find(going_on, {"contents": 1})
    needed = sorted({transfer["contents"] async for transfer in found if transfer.get("contents")})
    await FileList.find({"saved_at": {"$lt": now() - _KEEP_FILES_MILLIS}, "_id": {"$nin": needed}}).delete()


async def _needed(torrent: Torrent) -> bool:
    """Whether a Transfer that has not ended, a Download or an Item comes from it: by it a magnet of that is known again."""
    archived = Item.get_pymongo_collection().find({"source": torrent.infohash}, {"_id": 1})
    going_on = {"state": {"$nin": [state.value for state in ENDED]}}
    brought = {"_id": {"$in": [item["_id"] async for item in archived]}}
    needing = {"source.value": torrent.id, "$or": [going_on, brought]}
    return (
        await Transfer.find(needing).count() > 0
        or await Download.find({"source.value": torrent.id}).count() > 0
    )


async def _outlive(chore: Callable[[], Awaitable[None]]) -> None:
    """Runs a chore; nobody waits for it, so what ends it is told here."""
    try:
        await chore()
    except PyMongoError as error:
        _log.warning("database-away", error=str(error))
    except asyncio.CancelledError:
        # the schedule ends, and would report this as a failure
        _log.debug("chore-ended")
