"""Results for members who want them in their own chat: copied there once they are archived, at most once."""

import asyncio

import structlog
from pymongo.errors import PyMongoError

from models.access import Member, ResultsTo
from models.clock import Millis, now
from models.delivery import Delivery
from models.storage import Copy
from models.transfers import Transfer, TransferState
from services.documents import insert_once
from services.errors import MagpieError
from services.failpoints import failpoint
from services.storage.archive import Archive
from services.tasks import heed_cancellation
from services.telegram.door import TelegramAway

_LOOK_SECONDS = 2.0
_AWAY_SECONDS = 5.0
_OVERLAP_MILLIS = 60_000
_FIRST_LOOK_MILLIS = 24 * 3_600_000
"""How far back the first look after a start goes: what was done while we were away."""
_log = structlog.get_logger(__name__)


class Results:
    """Looks for what became done, so that it needs nobody who tells it, and a restart loses nothing.

    What a crash or Telegram interrupted is not tried again: the member has the key on the Card. Twice would be worse.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._since: Millis = 0

    async def run(self) -> None:
        """Delivers until cancelled."""
        while True:
            heed_cancellation()
            try:
                await self.deliver_due()
                await asyncio.sleep(_LOOK_SECONDS)
            except PyMongoError as error:
                _log.warning("database-away", error=str(error))
                await asyncio.sleep(_AWAY_SECONDS)

    async def deliver_due(self) -> None:
        """Delivers what became done since the last look."""
        moment = now()
        since = self._since or moment - _FIRST_LOOK_MILLIS
        async for member in Member.find({"results_to": ResultsTo.CHAT.value}):
            for transfer in await _done(member, max(since, member.results_since)):
                await self._deliver_once(transfer, member)
        self._since = moment - _OVERLAP_MILLIS

    async def _deliver_once(self, transfer: Transfer, member: Member) -> None:
        if transfer.item is None or _was_handed_out(transfer) or await _is_there(transfer.item, member):
            return
        fresh = Delivery(id=transfer.id, member_id=member.id)
        with failpoint("delivery.claim"):
            claimed = await insert_once(fresh)
        if claimed is fresh:
            await self._deliver(transfer.item, member)

    async def _deliver(self, item: str, member: Member) -> None:
        try:
            await self._unless_flooded(item, member)
        except MagpieError as error:
            _log.warning("result-not-delivered", item=item, member=member.id, reason=error.key)

    async def _unless_flooded(self, item: str, member: Member) -> None:
        """Telegram did nothing when it complained about too much at once: only then may it be asked again."""
        while True:
            heed_cancellation()
            try:
                await self._archive.deliver(item, int(member.id), by=member)
            except TelegramAway as away:
                if not away.flood:
                    raise
                await asyncio.sleep(away.seconds)
            else:
                return


async def _done(member: Member, since: Millis) -> list[Transfer]:
    """The member's Transfers that became done since then and were not delivered, the oldest first."""
    done = {"member_id": member.id, "state": TransferState.DONE.value, "changed_at": {"$gte": since}}
    found = await Transfer.find(done).sort("changed_at").to_list()
    ids = [transfer.id for transfer in found]
    delivered = (
        {delivery.id for delivery in await Delivery.find({"_id": {"$in": ids}}).to_list()} if ids else set()
    )
    return [transfer for transfer in found if transfer.id not in delivered]


def _was_handed_out(transfer: Transfer) -> bool:
    """Whether it was archived before it was ordered: then it went into the chat of the order at once."""
    return transfer.item != transfer.id and str(transfer.chat_id) == transfer.member_id


async def _is_there(item: str, member: Member) -> bool:
    """Whether the posts stand in the member's own chat: without an archive channel that is where they go."""
    own = {"item": item, "channel_id": int(member.id), "stored": True}
    return await Copy.find_one(own) is not None
