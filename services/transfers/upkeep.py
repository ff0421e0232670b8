"""What happens to Transfers without anybody's press: following Downloads, and giving back what ended ones held."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog
from pydantic import BaseModel, Field

from models.cards import Card
from models.clock import Millis, now
from models.delivery import Delivery
from models.downloads import Download, DownloadState, Snapshot
from models.storage import Copy
from models.transfers import Failure, Transfer, TransferState
from services.documents import update_all, update_each, update_if
from services.downloads.port import DownloaderRefused, DownloaderUnreachable, FilesGone
from services.downloads.service import Downloads
from services.errors import MagpieError
from services.failpoints import failpoint
from services.storage.archive import Archive
from services.storage.disk import DiskStore
from services.telegram.port import TelegramRefused
from services.transfers.forgotten import settle_forgotten
from services.transfers.stages.previewing import remove_work

_KEEP_IDLE_MILLIS = 24 * 3_600_000
_EXPIRED = {TransferState.CHOOSING: "expired-choosing", TransferState.FAILED: "expired-failed"}
"""What is said of those that nobody cared for: their Cards are not to tell of a press that was none."""
_LET_GO_MILLIS = 5000
"""After this long a worker has noticed that its Transfer was cancelled, and adds nothing to it any more."""
_SWEEP_MILLIS = 30_000
_OVERLAP_MILLIS = 1500
_UNSETTLED = {
    "$or": [
        {"state": DownloadState.ACTIVE.value, "progress.paused": True},
        {"state": DownloadState.FAILED.value, "progress.paused": False},
    ]
}
"""Downloads of which may be said that they should go on, or stand still."""
_RESTING = {
    "download": {"$ne": None},
    "$or": [{"state": TransferState.PAUSED.value}, {"state": TransferState.QUEUED.value, "admitted": False}],
}
"""Transfers with a Download and without a turn."""
_log = structlog.get_logger(__name__)


class Upkeep:
    """Repeatable chores; every one may be stopped anywhere and run again.

    In each of `work_folders` a Transfer may have a folder of its own, which goes when it has ended.
    """

    def __init__(self, downloads: Downloads, archive: Archive, work_folders: Sequence[Path]) -> None:
        self._downloads = downloads
        self._archive = archive
        self._work_folders = work_folders
        self._followed_at: Millis = 0
        self._sweep_at: Millis = 0
        self._away: tuple[str, ...] = ()

    async def follow(self, engines_away: Sequence[str]) -> bool:
        """Takes the progress of Downloads over to the Transfers they serve; whether there is new work."""
        moment = now()
        since = self._since(moment, engines_away)
        news = {} if since == 0 else {"changed_at": {"$gte": since}}
        downloads = {d.id: d for d in await Download.find(news).project(_Fetched).to_list()}
        concerned = {"$or": [news, {"download": {"$in": sorted(downloads)}}]} if news else {}
        where = {"state": TransferState.FETCHING.value, **concerned}
        fetching = await Transfer.find(where).project(_Fetching).to_list()
        downloads |= await _missing(downloads, fetching)
        changed = [(t, _following(t, downloads.get(t.download or ""), engines_away)) for t in fetching]
        await _take_over([(transfer, changes) for transfer, changes in changed if changes])
        self._followed_at, self._away = moment, tuple(engines_away)
        return any("state" in changes for _, changes in changed)

    def _since(self, moment: Millis, engines_away: Sequence[str]) -> Millis:
        """From when on changes are news; 0: everything has to be looked at, as it is now and then."""
        if moment >= self._sweep_at or tuple(engines_away) != self._away:
            self._sweep_at = moment + _SWEEP_MILLIS
            return 0
        return self._followed_at - _OVERLAP_MILLIS

    async def settle(self) -> None:
        """Makes engines pause what only Transfers want that rest, and what has failed: that has no turn and no room any more.

        And go on with what somebody wants again who has a turn. Repeatable: what an engine that was away did not hear is said again.
        """
        keys = set(await Transfer.get_pymongo_collection().distinct("download", _RESTING))
        held = await Download.find(_UNSETTLED).project(_Held).to_list()
        keys -= {download.id for download in held}
        held += await Download.find({"_id": {"$in": sorted(keys)}}).project(_Held).to_list() if keys else []
        wanted = await _wanted(held)
        for download in held:
            idle = download.state is DownloadState.FAILED or wanted.isdisjoint(download.transfers)
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
                _log.info("tidying-waits", trace=transfer.trace, transfer=transfer.id, error=str(error))
        await self._downloads.tidy()
        await settle_forgotten(self._archive.channel)

    async def lift(self) -> bool:
        """Has orders stored again of which something lies on the disk that Telegram takes by now; whether there are any."""
        most = self._archive.most
        on_disk: dict[str, object] = {"store": DiskStore.name, "beyond": {"$lt": most}}
        if not self._archive.splits:
            on_disk["size"] = {"$lte": most}
        items = sorted(await Copy.get_pymongo_collection().distinct("item", on_disk))
        # one after the other: what is ordered meanwhile is not to wait for all of them
        states = await _states(items)
        done = [transfer for transfer in items if states.get(transfer) is TransferState.DONE]
        if not done or TransferState.STORING in states.values() or not await self._archive.opens():
            return False
        await _store_again(done[0])
        return True

    async def _hold(self, download: "_Held", idle: bool) -> None:
        try:
            await self._downloads.hold(download.id, paused=idle)
        except (DownloaderUnreachable, DownloaderRefused) as error:
            _log.info("holding-waits", download=download.id, error=error.key)

    async def _tidy(self, transfer: Transfer) -> None:
        if transfer.state is TransferState.CANCELLED and transfer.item is None:
            await self._discard(transfer)
        if transfer.download is not None:
            done = transfer.state is TransferState.DONE
            await self._downloads.leave(transfer.id, transfer.download, seed=done)
        else:
            await self._downloads.forget(transfer.id, transfer.source)
        for folder in self._work_folders:
            remove_work(folder, transfer.id)
        with failpoint("transfers.tidied"):
            await update_if(Transfer, {"_id": transfer.id, "state": transfer.state}, {"tidied": True})

    async def _discard(self, transfer: Transfer) -> None:
        try:
            await self._archive.discard(transfer.id)
        except TelegramRefused as refusal:
            # what Telegram does not let us delete stays; it keeps nobody from going on
            _log.warning(
                "post-not-removed", trace=transfer.trace, transfer=transfer.id, reason=refusal.reason
            )


async def _states(transfers: Sequence[str]) -> Mapping[str, TransferState]:
    where = {"_id": {"$in": list(transfers)}}
    found = Transfer.get_pymongo_collection().find(where, {"state": 1})
    return {one["_id"]: TransferState(one["state"]) async for one in found}


async def _store_again(transfer: str) -> None:
    with failpoint("cards.lift"):
        await update_all(Card, {"subject": transfer, "closed": True}, {"closed": False})
    with failpoint("delivery.lift"):
        await Delivery.get_pymongo_collection().delete_one({"_id": transfer})
    with failpoint("transfers.lift"):
        await update_if(
            Transfer,
            {"_id": transfer, "state": TransferState.DONE},
            {"state": TransferState.STORING, "changed_at": now()},
        )


async def _expire() -> None:
    """Gives up what nobody started, and what failed: that keeps its files for [Retry], but not for ever."""
    moment = now()
    with failpoint("transfers.expire"):
        for state, why in _EXPIRED.items():
            await update_all(
                Transfer,
                {"state": state, "changed_at": {"$lt": moment - _KEEP_IDLE_MILLIS}},
                {"state": TransferState.CANCELLED, "expired": why, "changed_at": moment},
            )


class _Fetching(BaseModel):
    """What has to be known of a Transfer that is being fetched: its list of files may be very long."""

    id: str = Field(alias="_id")
    download: str | None = None
    waiting: str | None = None
    progress: Snapshot = Snapshot()
    fence: int = 0
    trace: str


class _Fetched(BaseModel):
    """What has to be known of the Download that serves it."""

    id: str = Field(alias="_id")
    state: DownloadState
    engine: str
    error: str | None = None
    progress: Snapshot = Snapshot()


async def _take_over(news: Sequence[tuple[_Fetching, Mapping[str, object]]]) -> None:
    """What a member or a stage did meanwhile stands."""
    if not news:
        return
    moment = now()
    with failpoint("transfers.follow"):
        await update_each(
            Transfer,
            [
                (
                    {"_id": transfer.id, "state": TransferState.FETCHING, "fence": transfer.fence},
                    {**changes, "changed_at": moment},
                )
                for transfer, changes in news
            ],
        )


class _Held(BaseModel):
    """A Download that may have to stand still, or to go on."""

    id: str = Field(alias="_id")
    state: DownloadState
    transfers: list[str]
    progress: Snapshot = Snapshot()


async def _missing(known: Mapping[str, _Fetched], fetching: Sequence[_Fetching]) -> Mapping[str, _Fetched]:
    """The Downloads of Transfers that changed while their Downloads did not."""
    keys = {transfer.download for transfer in fetching if transfer.download} - set(known)
    if not keys:
        return {}
    found = await Download.find({"_id": {"$in": sorted(keys)}}).project(_Fetched).to_list()
    return {download.id: download for download in found}


async def _wanted(downloads: Sequence[_Held]) -> set[str]:
    """The Transfers that want one of these now: who goes on and waits for a turn does not yet."""
    ids = sorted({transfer for download in downloads for transfer in download.transfers})
    if not ids:
        return set()
    let_in = [
        {"state": TransferState.FETCHING.value},
        {"state": TransferState.QUEUED.value, "admitted": True},
    ]
    where = {"_id": {"$in": ids}, "$or": let_in}
    return {found["_id"] async for found in Transfer.get_pymongo_collection().find(where, {"_id": 1})}


def _following(
    transfer: _Fetching, download: _Fetched | None, engines_away: Sequence[str]
) -> dict[str, object]:
    if download is None or download.state is DownloadState.FAILED:
        return _failed(transfer, download)
    if download.state is DownloadState.COMPLETE:
        return {"state": TransferState.INSPECTING, "progress": download.progress, "waiting": None}
    waiting = "waiting-engine" if download.engine in engines_away else None
    changes: dict[str, object] = {} if waiting == transfer.waiting else {"waiting": waiting}
    if download.progress != transfer.progress:
        changes["progress"] = download.progress
    return changes


def _failed(transfer: _Fetching, download: _Fetched | None) -> dict[str, object]:
    """The code finds our line in the log, and the key in that line what the engine itself said of its job."""
    key = FilesGone().key if download is None else download.error or "engine-error"
    values: dict[str, str | int] = {} if download is None else {"engine": download.engine}
    code = secrets.token_hex(3)
    _log.warning(
        "download-failed",
        trace=transfer.trace,
        transfer=transfer.id,
        key=transfer.download,
        error=key,
        code=code,
        **values,
    )
    return {
        "state": TransferState.FAILED,
        "failure": Failure(key=key, values={**values, "code": code}, resume_to=TransferState.QUEUED),
        "waiting": None,
        # what was of no use is gone from the disk
        "progress": Snapshot() if download is None else download.progress,
    }
