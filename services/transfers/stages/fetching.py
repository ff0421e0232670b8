"""Queued: admission. When there is room, the Transfer joins a Download."""

import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from models.transfers import WORKING, Transfer, TransferState
from services.downloads.service import Downloads
from services.errors import MagpieError
from services.transfers.stages.step import Changes, Postponed

ROOM_FACTOR = 1.2
"""Bytes needed on disk for each byte fetched: the files themselves and their previews."""
_RESERVE = 256 * 1024 * 1024
_RETRY_SECONDS = 5.0
_HOLDS_DISK = (TransferState.FETCHING, *WORKING)


class DiskTooSmall(MagpieError):
    """It would not fit even on an empty disk."""


@dataclass(frozen=True)
class Fetch:
    downloads: Downloads
    folder: Path
    at_once: int
    _door: asyncio.Lock = field(default_factory=asyncio.Lock)
    _admitted: set[str] = field(default_factory=set)
    """Ids of Transfers that were let in and may not be written down as fetching yet."""

    async def __call__(self, transfer: Transfer) -> Changes:
        async with self._door:
            await self._admit(transfer)
        download = await self.downloads.join(transfer.id, transfer.source, transfer.wanted)
        return {"state": TransferState.FETCHING, "download": download.id, "progress": download.progress}

    async def _admit(self, transfer: Transfer) -> None:
        """Lets in one at a time, so that each counts those before it."""
        holds_disk = [state.value for state in _HOLDS_DISK]
        others = await Transfer.find(
            {"$or": [{"state": {"$in": holds_disk}}, {"_id": {"$in": sorted(self._admitted)}}]}
        ).to_list()
        entering = {other.id for other in others if _is_entering(other)} - {transfer.id}
        self._admitted.intersection_update(entering)
        busy = [other for other in others if other.state in _HOLDS_DISK or other.id in entering]
        if sum(other.state not in WORKING for other in busy) >= self.at_once:
            raise Postponed("waiting-turn", _RETRY_SECONDS)
        self._reserve(transfer, busy)
        self._admitted.add(transfer.id)

    def _reserve(self, transfer: Transfer, busy: list[Transfer]) -> None:
        """Refuses what cannot fit, postpones what does not fit now. Reserved: what others will still write."""
        disk = shutil.disk_usage(self.folder)
        needed = int((transfer.chosen_size or 0) * ROOM_FACTOR)
        if needed > disk.total - _RESERVE:
            raise DiskTooSmall("disk-too-small", needed=needed)
        promised = sum(
            max(0, int((other.chosen_size or 0) * ROOM_FACTOR) - other.progress.done) for other in busy
        )
        if needed + promised > disk.free - _RESERVE:
            raise Postponed("waiting-disk", _RETRY_SECONDS)


def _is_entering(transfer: Transfer) -> bool:
    return transfer.state is TransferState.QUEUED and transfer.lease_owner is not None
