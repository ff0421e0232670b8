"""Results that are copied into a chat once they are archived, at most once.

They go into the own chats of members who want them there; and into the chat of the order where all of it had been archived
before, as if that had been known when it was ordered.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from pymongo.errors import PyMongoError

from models.access import Member, ResultsTo
from models.cards import Card
from models.clock import Millis, now
from models.delivery import Delivery
from models.storage import Copy
from models.transfers import Transfer, TransferState
from services.documents import D, insert_once, insist
from services.errors import MagpieError
from services.failpoints import failpoint
from services.storage.archive import Archive
from services.tasks import Bell, News, heed_cancellation
from services.telegram.port import TelegramAway

_REST_SECONDS = 1.0
_LOOK_SECONDS = 4.0
"""Only for what another machine has done: of all else the bell tells."""
_AWAY_SECONDS = 5.0
_OVERLAP_MILLIS = 60_000
_FIRST_LOOK_MILLIS = 24 * 3_600_000
"""How far back the first look after a start goes: what was done while we were away."""
_AT_ONCE = 20
"""Chats that are delivered to side by side. Who has to wait for Telegram gives the place to another."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Due:
    """What became done: the order, the chat it came from, and the Item that it brought or was given."""

    id: str
    member_id: str
    chat_id: int
    item: str | None
    changed_at: Millis
    bytes_known: bool

    def goes_to(self, member: Member) -> int | None:
        """The chat where its orderer gets it without asking, if there is one."""
        if member.results_to is ResultsTo.CHAT and self.changed_at >= member.results_since:
            return int(member.id)
        return self.chat_id if self.bytes_known else None


class Results:
    """Looks for what became done, when the bell rings and now and then, so that a restart loses nothing.

    What a crash or Telegram interrupted is not tried again: the member has the key on the Card. Twice would be worse.
    """

    def __init__(self, archive: Archive, bell: Bell) -> None:
        self._archive = archive
        self._news = News()
        bell.listen(self._news.tell)
        self._since: Millis = 0
        self._lanes: dict[str, list[_Due]] = {}
        """What is due to each member, the oldest first, while it is being delivered."""
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> None:
        """Delivers until cancelled."""
        async with asyncio.TaskGroup() as lanes:
            while True:
                heed_cancellation()
                try:
                    await self._look(lanes)
                    # much may end at once
                    await asyncio.sleep(_REST_SECONDS)
                    await self._news.wait(_LOOK_SECONDS)
                except PyMongoError as error:
                    _log.warning("database-away", error=str(error))
                    await asyncio.sleep(_AWAY_SECONDS)

    async def deliver_due(self) -> None:
        """Delivers what became done since the last look, and ends when all of it is delivered."""
        async with asyncio.TaskGroup() as lanes:
            await self._look(lanes)

    async def _look(self, lanes: asyncio.TaskGroup) -> None:
        """Begins to deliver what became done since the last look: members side by side, each in order."""
        moment = now()
        done = await _done(self._since or moment - _FIRST_LOOK_MILLIS)
        members = {
            member.id: member for member in await _of_ids(Member, sorted({due.member_id for due in done}))
        }
        for due in done:
            member = members.get(due.member_id)
            if member is not None and due.goes_to(member) is not None:
                self._put(due, member, lanes)
        self._since = moment - _OVERLAP_MILLIS

    def _put(self, due: _Due, member: Member, lanes: asyncio.TaskGroup) -> None:
        lane = self._lanes.get(member.id)
        if lane is None:
            self._lanes[member.id] = [due]
            lanes.create_task(self._work_lane(member))
        elif due not in lane:
            lane.append(due)

    async def _work_lane(self, member: Member) -> None:
        """Delivers to one member, and ends when nothing is due to them any more."""
        lane = self._lanes[member.id]
        try:
            while lane:
                await insist(partial(self._deliver_once, lane[0], member))
                lane.pop(0)
        finally:
            del self._lanes[member.id]

    async def _deliver_once(self, due: _Due, member: Member) -> None:
        chat = due.goes_to(member)
        if due.item is None or chat is None or _was_handed_out(due):
            return
        async with self._places:
            claimed = not await _is_there(due.item, member) and await _claim(due)
        if claimed:
            await self._deliver(due, chat, member)

    async def _deliver(self, due: _Due, chat: int, member: Member) -> None:
        card = await Card.find_one({"subject": due.id, "chat_id": chat})
        try:
            await self._unless_flooded(due, chat, None if card is None else card.thread_id, member)
        except MagpieError as error:
            _log.warning("result-not-delivered", order=due.id, member=member.id, reason=error.key)

    async def _unless_flooded(self, due: _Due, chat: int, topic: int | None, member: Member) -> None:
        """Telegram did nothing when it complained about too much at once: only then may it be asked again."""
        while True:
            heed_cancellation()
            try:
                async with self._places:
                    # under the id of the order: of somebody else's Item it may have wanted a part
                    await self._archive.deliver(due.id, chat, thread_id=topic, by=member)
            except TelegramAway as away:
                if not away.flood:
                    raise
                await asyncio.sleep(away.seconds)
            else:
                return


async def _done(since: Millis) -> list[_Due]:
    """What became done since then and was not delivered, the oldest first. The documents are large: only a little is read."""
    # of a whole channel nobody wants each file in their own chat
    done = {"state": TransferState.DONE.value, "changed_at": {"$gte": since}, "grab": None}
    fields = {"member_id": 1, "chat_id": 1, "item": 1, "changed_at": 1, "bytes_known": 1}
    found = Transfer.get_pymongo_collection().find(done, fields).sort("changed_at", 1)
    due = [
        _Due(
            one["_id"],
            one["member_id"],
            one["chat_id"],
            one.get("item"),
            one["changed_at"],
            bool(one.get("bytes_known")),
        )
        async for one in found
    ]
    delivered = {known.id for known in await _of_ids(Delivery, [one.id for one in due])}
    return [one for one in due if one.id not in delivered]


async def _of_ids(kind: type[D], ids: Sequence[str]) -> list[D]:
    return await kind.find({"_id": {"$in": ids}}).to_list() if ids else []


async def _claim(due: _Due) -> bool:
    """Whether it is this one who delivers it: at most one ever does."""
    fresh = Delivery(id=due.id, member_id=due.member_id)
    with failpoint("delivery.claim"):
        return await insert_once(fresh) is fresh


def _was_handed_out(due: _Due) -> bool:
    """Whether it was archived before it was ordered: then it went into the chat of the order at once."""
    return due.item != due.id and str(due.chat_id) == due.member_id


async def _is_there(item: str, member: Member) -> bool:
    """Whether the posts stand in the member's own chat: without an archive channel that is where they go."""
    own = {"item": item, "channel_id": int(member.id), "stored": True}
    return await Copy.find_one(own) is not None
