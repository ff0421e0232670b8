"""Storing: every file goes where it belongs, and the order is done."""

from dataclasses import dataclass

from models.transfers import Transfer, TransferState
from services.downloads.service import Downloads
from services.storage.archive import Archive
from services.transfers.stages.step import Changes, Postponed

_LOOK_AGAIN_SECONDS = 2.0


@dataclass(frozen=True)
class Store:
    downloads: Downloads
    archive: Archive

    async def __call__(self, transfer: Transfer) -> Changes:
        """Of those that share a Download one goes first; the others find its posts, and post nothing again."""
        key = transfer.download
        if key is not None and not await self.downloads.may_store(key, transfer.id):
            raise Postponed("waiting-same", _LOOK_AGAIN_SECONDS)
        archived = await self.archive.store(transfer)
        return {
            "state": TransferState.DONE,
            "item": transfer.id,
            "posts": list(archived.posts),
            "kept_on_disk": list(archived.kept_on_disk),
            "missed_previews": list(dict.fromkeys([*transfer.missed_previews, *archived.missed_previews])),
        }
