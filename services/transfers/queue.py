"""The queue: whose turn it is, and whether there is room on the disk. The one place that lets Transfers in.

Nothing is reserved in a ledger of its own: what a Transfer holds follows from its state, and is given back with it.
"""

import heapq
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.clock import now
from models.transfers import WORKING, Transfer, TransferState
from services.documents import update_if
from services.failpoints import failpoint

PEAK_FACTOR = 1.2
"""Bytes needed on disk at a Transfer's peak for each byte fetched: the files themselves and their previews."""
UNPACK_FACTOR = 3.0
"""The same when archives among them are to be unpacked: what is in them lies beside them."""
RESERVE = 256 * 1024 * 1024
"""Bytes of the disk that are left for everything else."""
_HOLDS_DISK = [TransferState.FETCHING.value, *(state.value for state in WORKING)]
_MINUTE, _HOUR = 60, 3600
_TELL_SECONDS = 2.0
"""Letting in is done at once; telling the others where they stand may wait a little."""
_EXACT_POSITIONS = 20


class Queue:
    """`folder` is on the disk that is filled; `at_once` Transfers are fetched side by side."""

    def __init__(self, folder: Path, at_once: int) -> None:
        self._folder = folder
        self._at_once = at_once
        self._told_at = -_TELL_SECONDS

    async def arrange(self) -> None:
        """Lets in who may go on, and has everybody else know where they stand. Repeatable."""
        waiting = await Transfer.find({"state": TransferState.QUEUED.value, "admitted": False}).to_list()
        if not waiting:
            return
        inside = {"state": TransferState.QUEUED.value, "admitted": True}
        busy = await Transfer.find({"$or": [{"state": {"$in": _HOLDS_DISK}}, inside]}).to_list()
        room = self._room(busy)
        staying: list[tuple[Transfer, str]] = []
        for transfer in in_turn(waiting, busy):
            lacks = room.lacks(transfer)
            if lacks is not None:
                staying.append((transfer, lacks))
            elif await _let_in(transfer):
                room.take(transfer)
        if time.monotonic() - self._told_at >= _TELL_SECONDS:
            self._told_at = time.monotonic()
            await self._tell_all(staying, busy, room)

    async def _tell_all(
        self, staying: Sequence[tuple[Transfer, str]], busy: Sequence[Transfer], room: "_Room"
    ) -> None:
        starts = expected_starts([transfer for transfer, _ in staying], busy)
        for position, ((transfer, lacks), seconds) in enumerate(zip(staying, starts, strict=True), 1):
            await _tell(transfer, lacks, room.values(transfer, lacks, position, seconds))

    def _room(self, busy: Sequence[Transfer]) -> "_Room":
        disk = shutil.disk_usage(self._folder)
        return _Room(
            turns=self._at_once - sum(transfer.state not in WORKING for transfer in busy),
            free=disk.free - RESERVE - sum(map(still_to_write, busy)),
            total=disk.total - RESERVE,
        )


@dataclass
class _Room:
    """What is left for those who wait: turns, and bytes on the disk that nobody is promised."""

    turns: int
    free: int
    total: int

    def lacks(self, transfer: Transfer) -> str | None:
        """Why it has to wait, as a locale key. What no disk could hold does not: its stage refuses it."""
        needed = still_to_write(transfer)
        if self.free < needed <= self.total:
            return "waiting-disk"
        return "waiting-turn" if self.turns <= 0 else None

    def take(self, transfer: Transfer) -> None:
        self.turns -= 1
        self.free -= min(self.free, still_to_write(transfer))

    def values(self, transfer: Transfer, lacks: str, position: int, seconds: float | None) -> dict[str, int]:
        if lacks == "waiting-disk":
            return {"needed": still_to_write(transfer), "free": max(0, self.free)}
        return {"position": coarse_position(position), "minutes": coarse_minutes(seconds)}


def still_to_write(transfer: Transfer) -> int:
    """Bytes it will still take of the disk, as far as is known."""
    factor = UNPACK_FACTOR if transfer.unpack else PEAK_FACTOR
    return max(0, int((transfer.chosen_size or 0) * factor) - transfer.progress.done)


def in_turn(waiting: Iterable[Transfer], busy: Iterable[Transfer]) -> list[Transfer]:
    """Those put to the front, then members by turns: who has least under way is next, each with their oldest order."""
    ahead = Counter(transfer.member_id for transfer in busy)
    keyed = []
    for transfer in sorted(waiting, key=lambda each: (each.created_at, each.id)):
        keyed.append(((not transfer.fronted_at, transfer.fronted_at, ahead[transfer.member_id]), transfer))
        ahead[transfer.member_id] += 1
    return [transfer for _, transfer in sorted(keyed, key=lambda pair: pair[0])]


def expected_starts(staying: Sequence[Transfer], busy: Iterable[Transfer]) -> list[float | None]:
    """Seconds until each is likely to start, by the speeds of now; None: nothing moves that one could go by."""
    fetching = [transfer for transfer in busy if transfer.progress.rate > 0]
    if not fetching:
        return [None] * len(staying)
    usual = sum(transfer.progress.rate for transfer in fetching) / len(fetching)
    ends = [still_to_write(transfer) / transfer.progress.rate for transfer in fetching]
    heapq.heapify(ends)
    starts: list[float | None] = []
    for transfer in staying:
        start = heapq.heappop(ends)
        heapq.heappush(ends, start + still_to_write(transfer) / usual)
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


async def _let_in(transfer: Transfer) -> bool:
    with failpoint("queue.admit"):
        let_in = await update_if(
            Transfer,
            _in_line(transfer),
            {"admitted": True, "waiting": None, "waiting_values": {}, "changed_at": now()},
        )
    return let_in is not None


async def _tell(transfer: Transfer, waiting: str, values: dict[str, int]) -> None:
    if (transfer.waiting, transfer.waiting_values) == (waiting, values):
        return
    with failpoint("queue.tell"):
        await update_if(
            Transfer,
            _in_line(transfer),
            {"waiting": waiting, "waiting_values": values, "changed_at": now()},
        )


def _in_line(transfer: Transfer) -> dict[str, object]:
    return {
        "_id": transfer.id,
        "state": TransferState.QUEUED,
        "fence": transfer.fence,
        "admitted": False,
    }
