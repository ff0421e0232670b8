"""Storing: every file goes where it belongs, and the order is done."""

from dataclasses import dataclass

from models.transfers import Transfer, TransferState
from services.storage.archive import Archive
from services.transfers.stages.step import Changes


@dataclass(frozen=True)
class Store:
    archive: Archive

    async def __call__(self, transfer: Transfer) -> Changes:
        archived = await self.archive.store(transfer)
        return {
            "state": TransferState.DONE,
            "item": transfer.id,
            "posts": list(archived.posts),
            "kept_on_disk": list(archived.kept_on_disk),
        }
