"""Queued, and let in by the queue: the Transfer joins a Download, unless somebody else's was archived meanwhile."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import structlog

from models.access import Member
from models.cards import Card
from models.transfers import Transfer, TransferState
from services.downloads.port import SourceRejected
from services.downloads.service import Downloads
from services.errors import MagpieError
from services.storage.archive import Archive
from services.telegram.port import ChatMoved, TelegramRefused
from services.transfers.instant import handed_out
from services.transfers.room import RESERVE, still_to_write
from services.transfers.stages.step import Changes

_log = structlog.get_logger(__name__)


class DiskTooSmall(MagpieError):
    """It would not fit even on an empty disk."""


@dataclass(frozen=True)
class Fetch:
    """`folder` is on the disk that is filled."""

    downloads: Downloads
    archive: Archive
    folder: Path

    async def __call__(self, transfer: Transfer) -> Changes:
        if not transfer.worth_fetching:
            raise SourceRejected("files-empty")
        done = await self._handed_out(transfer)
        if done is not None:
            return done
        needed = still_to_write(transfer)
        if needed > shutil.disk_usage(self.folder).total - RESERVE:
            raise DiskTooSmall("disk-too-small", needed=needed)
        download = await self.downloads.join(transfer.id, transfer.source, transfer.worth_fetching)
        return {"state": TransferState.FETCHING, "download": download.id, "progress": download.progress}

    async def _handed_out(self, transfer: Transfer) -> Changes | None:
        """What cannot be handed out to its orderer is fetched."""
        member = await Member.get(transfer.member_id)
        if member is None:
            return None
        card = await Card.find_one({"subject": transfer.id, "chat_id": transfer.chat_id})
        thread_id = None if card is None else card.thread_id
        try:
            return await handed_out(self.archive, transfer, thread_id=thread_id, by=member)
        except (TelegramRefused, ChatMoved) as error:
            _log.info("not-handed-out", error=str(error))
            return None
