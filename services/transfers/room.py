"""Room on the disk: what orders hold of it, and what others still need.

Nothing is reserved in a ledger of its own: what an order holds follows from its state, and is given back with it.
"""

import asyncio
import shutil
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, Field

from models.clock import Millis
from models.downloads import Snapshot
from models.files import Chosen
from models.ranges import from_ranges
from models.transfers import WORKING, Transfer, TransferState
from services.documents import Where, plain

PEAK_FACTOR = 1.2
"""Bytes needed on disk at a Transfer's peak for each byte fetched: the files themselves and their previews."""
UNPACK_FACTOR = 3.0
"""The same when archives among them are to be unpacked: what is in them lies beside them."""
RESERVE = 256 * 1024 * 1024
"""Bytes of the disk that are left for everything else."""
RESTING = frozenset({TransferState.PAUSED, TransferState.FAILED})
"""Nothing of theirs goes on until somebody presses."""
_HOLDING: Where = {
    "$or": [
        {"state": {"$in": [TransferState.FETCHING, *WORKING]}},
        {"state": TransferState.QUEUED, "admitted": True},
        # it goes on without asking anybody: its files are on the disk, so its room is kept
        {"state": TransferState.PAUSED, "resume_to": {"$in": list(WORKING)}},
        {"state": TransferState.FAILED, "failure.resume_to": {"$in": list(WORKING)}},
    ]
}


class Order(Protocol):
    """A Transfer, or as much of one as has to be known here."""

    member_id: str
    key: str | None
    unpack: bool
    chosen: Chosen
    progress: Snapshot


class Place(BaseModel):
    """What the queue reads of an order: a whole one may be large, and there may be many."""

    id: str = Field(alias="_id")
    member_id: str
    key: str | None = None
    state: TransferState
    unpack: bool = False
    chosen: Chosen = Chosen()
    progress: Snapshot = Snapshot()
    waiting: str | None = None
    waiting_values: dict[str, int] = {}
    fronted_at: Millis = 0
    disk_since: Millis = 0
    fence: int = 0
    created_at: Millis


@dataclass(frozen=True)
class Left:
    """What an order finds on the disk, in bytes: `free` is promised to nobody, `needed` is what it would take of it."""

    free: int
    needed: int

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.free)


class Promised:
    """Bytes of the disk that orders hold and have not written yet. What several of them fetch together counts once."""

    def __init__(self, holders: Iterable[Order]) -> None:
        self.total = 0
        self._shared: defaultdict[str, _Shared] = defaultdict(_Shared)
        for order in sorted(holders, key=lambda each: -_size(each)):
            self.take(order)

    def take(self, order: Order) -> None:
        self.total += self.needed(order)
        if order.key is not None:
            self._shared[order.key] = self._shared[order.key].and_of(order)

    def needed(self, order: Order) -> int:
        """Bytes that an order takes beside what the others hold already."""
        others = _Shared() if order.key is None else self._shared.get(order.key, _Shared())
        return others.and_of(order).left - others.left


@dataclass(frozen=True)
class _Shared:
    """What orders hold together that fetch from one Source: bytes at their peak, and how many of them are there."""

    peak: int = 0
    done: int = 0
    wanted: tuple[str, ...] = ()

    @property
    def left(self) -> int:
        return max(0, self.peak - self.done)

    def and_of(self, order: Order) -> "_Shared":
        """With one more order. What is done is done for all of them, and what they want together counts once."""
        full = order.chosen.full
        is_fetched = any(_is_within(full, other) for other in self.wanted)
        return _Shared(
            peak=self.peak + (_beside_the_files(order) if is_fetched else _peak(order)),
            done=max(self.done, order.progress.done),
            wanted=(*self.wanted, full),
        )


def still_to_write(order: Order) -> int:
    """Bytes it will still take of the disk, as far as is known."""
    return max(0, _peak(order) - order.progress.done)


async def places(where: Where) -> list[Place]:
    """The orders that are as `where` says, with no more of them than has to be known."""
    return await Transfer.find(plain(where)).project(Place).to_list()


async def holders() -> list[Place]:
    """Those that hold room on the disk, `RESTING` ones among them."""
    return await places(_HOLDING)


async def left_for(order: Order, folder: Path) -> Left:
    """As it is now on the disk of `folder`."""
    promised = Promised(await holders())
    disk = await asyncio.to_thread(shutil.disk_usage, folder)
    return Left(max(0, disk.free - RESERVE - promised.total), promised.needed(order))


async def room_for(transfer_id: str, folder: Path) -> int:
    """Bytes on the disk of `folder` that an order may take now: what nobody else was promised."""
    others = [order for order in await holders() if order.id != transfer_id]
    disk = await asyncio.to_thread(shutil.disk_usage, folder)
    return disk.free - RESERVE - Promised(others).total


def _peak(order: Order) -> int:
    return order.chosen.beside + int(_size(order) * (UNPACK_FACTOR if order.unpack else PEAK_FACTOR))


def _beside_the_files(order: Order) -> int:
    return _peak(order) - _size(order)


def _size(order: Order) -> int:
    """What the Source does not say, who sends it may."""
    return order.progress.total or 0 if order.chosen.size is None else order.chosen.size


def _is_within(wanted: str, others: str) -> bool:
    return wanted == others or set(from_ranges(wanted)) <= set(from_ranges(others))
