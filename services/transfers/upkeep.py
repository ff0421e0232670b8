"""What happens to Transfers without anybody's press: following Downloads, and giving back what ended ones held."""

from collections.abc import Sequence
from pathlib import Path

import structlog

from models.clock import now
from models.downloads import Download, DownloadState
from models.transfers import Failure, Transfer, TransferState
from services.documents import update_all, update_if
from services.downloads.port import DownloaderRefused, DownloaderUnreachable
from services.downloads.service import Downloads
from services.errors import MagpieError
from services.failpoints import failpoint
from services.storage.archive import Archive
from services.telegram.door import TelegramRefused
from services.transfers.stages.previewing import remove_previews

_KEEP_IDLE_MILLIS = 24 * 3_600_000
_LET_GO_MILLIS = 5000
"""After this long a worker has noticed that its Transfer was cancelled, and adds nothing to it any more."""
_log = structlog.get_logger(__name__)


class Upkeep:
    """Repeatable chores; every one may be stopped anywhere and run again."""

    def __init__(self, downloads: Downloads, archive: Archive, previews: Path) -> None:
        self._downloads = downloads
        self._archive = archive
        self._previews = previews

    async def follow(self, engines_away: Sequence[str]) -> bool:
        """Takes the progress of Downloads over to the Transfers they serve; whether there is new work."""
        fetching = await Transfer.find({"state": TransferState.FETCHING.value}).to_list()
        keys = sorted({transfer.download for transfer in fetching if transfer.download})
        if not keys:
            return False
        downloads = {d.id: d for d in await Download.find({"_id": {"$in": keys}}).to_list()}
        moved = [await self._follow(t, downloads.get(t.download or ""), engines_away) for t in fetching]
        return any(moved)

    async def settle(self) -> None:
        """Makes engines pause what only paused Transfers want, and go on with what somebody wants again."""
        paused = await Transfer.find(
            {"state": TransferState.PAUSED.value, "download": {"$ne": None}}
        ).to_list()
        standing = await Download.find(
            {"state": DownloadState.ACTIVE.value, "progress.paused": True}
        ).to_list()
        keys = {transfer.download for transfer in paused} | {download.id for download in standing}
        for download in await Download.find({"_id": {"$in": sorted(key for key in keys if key)}}).to_list():
            idle = not await _wanted(download)
            if idle != download.progress.paused:
                await self._hold(download, idle)

    async def tidy(self) -> None:
        """Gives back what ended Transfers held, and ends removals left half done."""
        await _expire()
        ended = [state.value for state in (TransferState.DONE, TransferState.CANCELLED)]
        let_go = {"$lt": now() - _LET_GO_MILLIS}
        untidy = {"state": {"$in": ended}, "tidied": False, "changed_at": let_go}
        for transfer in await Transfer.find(untidy).to_list():
            try:
                await self._tidy(transfer)
            except (MagpieError, OSError) as error:
                _log.info("tidying-waits", transfer=transfer.id, error=str(error))
        await self._downloads.tidy()

    async def _hold(self, download: Download, idle: bool) -> None:
        try:
            await self._downloads.hold(download.id, paused=idle)
        except (DownloaderUnreachable, DownloaderRefused) as error:
            _log.info("holding-waits", download=download.id, error=error.key)

    async def _follow(
        self, transfer: Transfer, download: Download | None, engines_away: Sequence[str]
    ) -> bool:
        changes = _following(transfer, download, engines_away)
        if not changes:
            return False
        with failpoint("transfers.follow"):
            moved = await update_if(
                Transfer,
                {"_id": transfer.id, "state": TransferState.FETCHING, "fence": transfer.fence},
                {**changes, "changed_at": now()},
            )
        return moved is not None and "state" in changes

    async def _tidy(self, transfer: Transfer) -> None:
        if transfer.state is TransferState.CANCELLED and transfer.item is None:
            await self._discard(transfer)
        if transfer.download is not None:
            await self._downloads.leave(transfer.id, transfer.download)
        elif transfer.state is TransferState.CANCELLED:
            await self._downloads.forget(transfer.id, transfer.source)
        remove_previews(self._previews, transfer.id)
        with failpoint("transfers.tidied"):
            await update_if(Transfer, {"_id": transfer.id, "state": transfer.state}, {"tidied": True})

    async def _discard(self, transfer: Transfer) -> None:
        try:
            await self._archive.discard(transfer.id)
        except TelegramRefused as refusal:
            # what Telegram does not let us delete stays; it keeps nobody from going on
            _log.warning("post-not-removed", transfer=transfer.id, reason=refusal.reason)


async def _expire() -> None:
    """Gives up what nobody started, and what failed: that keeps its files for [Retry], but not for ever."""
    idle = [TransferState.CHOOSING, TransferState.FAILED]
    with failpoint("transfers.expire"):
        await update_all(
            Transfer,
            {"state": {"$in": idle}, "changed_at": {"$lt": now() - _KEEP_IDLE_MILLIS}},
            {"state": TransferState.CANCELLED, "changed_at": now()},
        )


async def _wanted(download: Download) -> bool:
    waiting = [TransferState.QUEUED.value, TransferState.FETCHING.value]
    return await Transfer.find({"_id": {"$in": download.transfers}, "state": {"$in": waiting}}).count() > 0


def _following(
    transfer: Transfer, download: Download | None, engines_away: Sequence[str]
) -> dict[str, object]:
    if download is None or download.state is DownloadState.FAILED:
        key = "files-gone" if download is None else download.error or "engine-error"
        values: dict[str, str | int] = {} if download is None else {"engine": download.engine}
        return {
            "state": TransferState.FAILED,
            "failure": Failure(key=key, values=values, resume_to=TransferState.QUEUED),
            "waiting": None,
            # what was of no use is gone from the disk
            **({} if download is None else {"progress": download.progress}),
        }
    if download.state is DownloadState.COMPLETE:
        return {"state": TransferState.INSPECTING, "progress": download.progress, "waiting": None}
    waiting = "waiting-engine" if download.engine in engines_away else None
    changes: dict[str, object] = {} if waiting == transfer.waiting else {"waiting": waiting}
    if download.progress != transfer.progress:
        changes["progress"] = download.progress
    return changes
