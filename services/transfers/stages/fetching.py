"""Queued, and let in by the queue: the Transfer joins a Download."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from models.transfers import Transfer, TransferState
from services.downloads.port import SourceRejected
from services.downloads.service import Downloads
from services.errors import MagpieError
from services.transfers.queue import RESERVE, still_to_write
from services.transfers.stages.step import Changes


class DiskTooSmall(MagpieError):
    """It would not fit even on an empty disk."""


@dataclass(frozen=True)
class Fetch:
    """`folder` is on the disk that is filled."""

    downloads: Downloads
    folder: Path

    async def __call__(self, transfer: Transfer) -> Changes:
        if not transfer.worth_fetching:
            raise SourceRejected("files-empty")
        needed = still_to_write(transfer)
        if needed > shutil.disk_usage(self.folder).total - RESERVE:
            raise DiskTooSmall("disk-too-small", needed=needed)
        download = await self.downloads.join(transfer.id, transfer.source, transfer.worth_fetching)
        return {"state": TransferState.FETCHING, "download": download.id, "progress": download.progress}
