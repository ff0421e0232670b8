"""The queue: whose turn it is, and whether there is room on the disk. The one place that lets Transfers in."""

import heapq
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from models.access import Member
from models.clock import Millis, now
from models.transfers import WORKING, Transfer, TransferState
from services.documents import plain
from services.failpoints import failpoint
from services.tasks import heed_cancellation
from services.transfers.room import RESERVE, RESTING, Order, Place, Promised, holders, places, still_to_write

DISK, TURN, BEHIND = "waiting-disk", "waiting-turn", "waiting-behind"
"""Why an order waits, as locale keys."""
PATIENCE_MILLIS = 3_600_000
"""Who has waited for room on the disk for so long is passed by nobody any more."""
_MINUTE, _HOUR = 60, 3600
_TELL_SECONDS = 2.0
"""Letting in is done at once; telling the others where they stand may wait a little."""
_EXACT_POSITIONS = 20
_KEPT_FOR_OTHERS = 4
"""One in so many turns, at least one of several, is for others than the member who has most under way."""


class InLine(Order, Protocol):
    """A Transfer, or as much of one as says when it is its turn."""

    id: str
    created_at: Millis
    fronted_at: Millis
    disk_since: Millis


Waiting = TypeVar("Waiting", bound=InLine)


class Queue:
    """`folder` is on the disk that is filled; `at_once` Transfers are fetched side by side."""

    def __init__(self, folder: Path, at_once: int) -> None:
        self._folder = folder
        self._at_once = at_once
        self._told_at = -_TELL_SECONDS

    async def arrange(self) -> None:
        """Lets in who may go on, and has everybody else know where they stand. Repeatable.

        Several may do it at once, and let in together no more than one of them would. An order that comes between the
        readings of two, and goes before those who wait, is the exception: one of them does not know of it yet.
        """
        while not await self._arranged():
            heed_cancellation()

    async def _arranged(self) -> bool:
        """False: an order was not any more as it was read, so that what there is has to be counted anew.

        Whoever let it in may have let in more, and given away the room that was counted here.
        """
        # read before those who hold room: who is let in between the two is in both, and counts
        waiting = await places({"state": TransferState.QUEUED, "admitted": False})
        if not waiting:
            return True
        holding = await holders()
        busy = [place for place in holding if place.state not in RESTING]
        room = self._room(holding, busy, await self._share())
        staying: list[tuple[Place, str]] = []
        for place in in_turn(waiting, busy):
            lacks = room.lacks(place)
            if lacks is not None:
                staying.append((place, lacks))
                room.kept |= lacks == DISK and room.is_kept_for(place)
            elif await _let_in(place):
                room.take(place)
            else:
                return False
        if time.monotonic() - self._told_at >= _TELL_SECONDS:
            self._told_at = time.monotonic()
            await self._tell_all(staying, busy, room)
        return True

    async def _tell_all(
        self, staying: Sequence[tuple[Place, str]], busy: Sequence[Place], room: "_Room"
    ) -> None:
        starts = expected_starts([place for place, _ in staying], busy)
        for position, ((place, lacks), seconds) in enumerate(zip(staying, starts, strict=True), 1):
            await _tell(place, lacks, room.values(place, lacks, position, seconds))

    async def _share(self) -> int:
        """The most turns of one member: all of them where there is nobody else."""
        return share_of(self._at_once) if await Member.count() > 1 else self._at_once

    def _room(self, holding: Sequence[Place], busy: Sequence[Place], share: int) -> "_Room":
        disk = shutil.disk_usage(self._folder)
        free = disk.free - RESERVE
        lasting = Promised(place for place in holding if place.state in RESTING)
        turns_of = Counter(place.member_id for place in busy if place.state not in WORKING)
        return _Room(
            turns=self._at_once - turns_of.total(),
            turns_of=turns_of,
            share=share,
            free=free,
            soon=free + _on_disk(busy) - lasting.total,
            total=disk.total - RESERVE,
            promised=Promised(holding),
        )


@dataclass
class _Room:
    """What there is for those who wait, in bytes: `free` on the disk now, `soon` when all that goes on has ended.

    `turns` are free, of which a member may have `share`, with those in `turns_of` that they have already.
    """

    turns: int
    turns_of: Counter[str]
    share: int
    free: int
    soon: int
    total: int
    promised: Promised
    kept: bool = False
    """Whether all that becomes free is kept for somebody."""

    @property
    def left(self) -> int:
        """What nobody is promised; less than nothing where more is than there is."""
        return self.free - self.promised.total

    def lacks(self, place: Place) -> str | None:
        """Why it has to wait. What no disk could hold does not: its stage refuses it."""
        if self.kept:
            return BEHIND
        # before the disk is looked at: for who may not go on anyway nobody else has to stay behind
        if self.turns_of[place.member_id] >= self.share and not place.fronted_at:
            return TURN
        if self.left < self.promised.needed(place) <= self.total:
            return DISK
        return TURN if self.turns <= 0 else None

    def is_kept_for(self, place: Place) -> bool:
        """Whether nobody passes it any more. Where no waiting of others would bring it the room, they need not wait."""
        return _goes_first(place, now()) and self.promised.needed(place) <= self.soon

    def take(self, place: Place) -> None:
        self.turns -= 1
        self.turns_of[place.member_id] += 1
        self.promised.take(place)

    def values(self, place: Place, lacks: str, position: int, seconds: float | None) -> dict[str, int]:
        if lacks == DISK:
            return {"needed": self.promised.needed(place), "free": max(0, self.left)}
        if lacks == BEHIND:
            return {"position": coarse_position(position)}
        return {"position": coarse_position(position), "minutes": coarse_minutes(seconds)}


def _on_disk(busy: Iterable[Place]) -> int:
    """Bytes that are fetched already, and go with the orders that are under way."""
    fetched: defaultdict[str, int] = defaultdict(int)
    for place in busy:
        key = place.key or place.id
        fetched[key] = max(fetched[key], place.progress.done)
    return sum(fetched.values())


def _goes_first(place: InLine, moment: Millis) -> bool:
    return bool(place.fronted_at) or 0 < place.disk_since <= moment - PATIENCE_MILLIS


def share_of(at_once: int) -> int:
    """The most turns of one member of several: nobody knows how long an order takes, so who comes later finds one that is free.

    What was put to the front is not held to it.
    """
    return max(1, at_once - max(1, at_once // _KEPT_FOR_OTHERS))


def in_turn(waiting: Iterable[Waiting], busy: Iterable[Order]) -> list[Waiting]:
    """Those put to the front, then who waited too long for the disk, then members by turns.

    By turns: who has least under way is next, each with their oldest order. Whoever is let in of them, the others are in
    the same order as before.
    """
    moment = now()

    def rank(place: InLine) -> tuple[bool, bool, Millis]:
        first = _goes_first(place, moment)
        return not place.fronted_at, not first, place.fronted_at or place.disk_since if first else 0

    ahead = Counter(order.member_id for order in busy)
    keyed = []
    for place in sorted(waiting, key=lambda each: (rank(each), each.created_at, each.id)):
        keyed.append(((rank(place), ahead[place.member_id]), place))
        ahead[place.member_id] += 1
    return [place for _, place in sorted(keyed, key=lambda pair: pair[0])]


def expected_starts(staying: Sequence[Order], busy: Iterable[Order]) -> list[float | None]:
    """Seconds until each is likely to start, by the speeds of now; None: nothing moves that one could go by."""
    fetching = [order for order in busy if order.progress.rate > 0]
    if not fetching:
        return [None] * len(staying)
    usual = sum(order.progress.rate for order in fetching) / len(fetching)
    ends = [still_to_write(order) / order.progress.rate for order in fetching]
    heapq.heapify(ends)
    starts: list[float | None] = []
    for order in staying:
        start = heapq.heappop(ends)
        heapq.heappush(ends, start + still_to_write(order) / usual)
        starts.append(start)
    return starts


def coarse_position(position: int) -> int:
    """Far behind, the next ten: a long queue that moves by one changes few cards."""
    return position if position <= _EXACT_POSITIONS else -(-position // 10) * 10


def coarse_minutes(seconds: float | None) -> int:
    """Whole minutes, the coarser the more there are, so that a card does not change with every breath; 0: not known."""
    if seconds is None:
        return 0
    step = _MINUTE if seconds < 10 * _MINUTE else 5 * _MINUTE if seconds < _HOUR else 30 * _MINUTE
    return max(1, round(seconds / step) * step // _MINUTE)


async def _let_in(place: Place) -> bool:
    with failpoint("queue.admit"):
        let_in = await Transfer.get_pymongo_collection().update_one(
            _in_line(place),
            {"$set": {"admitted": True, "waiting": None, "waiting_values": {}, "changed_at": now()}},
        )
    heed_cancellation()
    return let_in.matched_count > 0


async def _tell(place: Place, waiting: str, values: dict[str, int]) -> None:
    disk_since = place.disk_since or (now() if waiting == DISK else 0)
    if (place.waiting, place.waiting_values, place.disk_since) == (waiting, values, disk_since):
        return
    told = {"waiting": waiting, "waiting_values": values, "disk_since": disk_since, "changed_at": now()}
    with failpoint("queue.tell"):
        await Transfer.get_pymongo_collection().update_one(_in_line(place), {"$set": told})
    heed_cancellation()


def _in_line(place: Place) -> dict[str, object]:
    in_line = {"_id": place.id, "state": TransferState.QUEUED, "fence": place.fence, "admitted": False}
    return dict(plain(in_line))
