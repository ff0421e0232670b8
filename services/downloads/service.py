"""Downloads: one job of one engine for everybody who ordered the same thing.

The documents say what should be; the engines are brought to it, any number of times.
"""

import asyncio
import shutil
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import structlog

from models.clock import now
from models.downloads import Download, DownloadState, Snapshot, SourceRecord
from services.documents import insert_once, load, plain, update_if
from services.downloads.engines import Engines
from services.downloads.port import (
    Activity,
    Contents,
    Downloader,
    DownloaderRefused,
    DownloaderUnreachable,
    DownloadKey,
    Progress,
    Source,
    SourceRejected,
    SourceUnavailable,
    WrongEngine,
    download_key,
)
from services.downloads.vault import recall
from services.errors import MagpieError
from services.failpoints import failpoint
from services.tasks import finish

_STUCK_MILLIS = 60_000
"""After so long without a change nobody is adding it any more."""
LIVE = (DownloadState.ADDING.value, DownloadState.ACTIVE.value)
_log = structlog.get_logger(__name__)


class DownloadBusy(SourceUnavailable):
    """The same thing is being removed right now: try again in a moment."""

    def __init__(self) -> None:
        super().__init__("waiting-removal")


class Downloads:
    """Adds, follows and removes Downloads. `folder` is where their files lie, each in a folder named by its key."""

    def __init__(self, engines: Engines, folder: Path) -> None:
        self._engines = engines
        self._folder = folder

    async def inspect(self, source: Source) -> Contents:
        """The file list of a Source, from the engine that would fetch it."""
        engine = await self._engines.choose(source)
        try:
            return await self._inspect(engine, source)
        except WrongEngine:
            other = await self._engines.choose(source, without=frozenset({engine.name}))
            return await self._inspect(other, source)

    async def join(self, transfer_id: str, record: SourceRecord, wanted: Iterable[int]) -> Download:
        """Makes a Transfer one of those a Download serves, and the engine fetch what they all want.

        Repeatable. Raises the errors of the Downloader port, and DownloadBusy.
        """
        source = await recall(record)
        download = await self._joined(transfer_id, record, source, sorted(wanted))
        try:
            return await self._added(download, source)
        except WrongEngine:
            return await self._elsewhere(download, source)

    async def leave(self, transfer_id: str, key: DownloadKey) -> None:
        """Drops one Transfer's hold; the last one to leave removes the job and its files. Repeatable."""
        collection = Download.get_pymongo_collection()
        with failpoint("downloads.leave"):
            await collection.update_one({"_id": key}, {"$pull": {"transfers": transfer_id}})
        with failpoint("downloads.removing"):
            empty = await update_if(
                Download, {"_id": key, "transfers": {"$size": 0}}, {"state": DownloadState.REMOVING}
            )
        if empty is not None:
            await self._remove(empty)

    async def forget(self, transfer_id: str, record: SourceRecord) -> None:
        """Removes what inspecting a Source left in an engine, or what a Transfer joined without coming to note it."""
        source = await recall(record)
        key = download_key(source)
        if await Download.get(key) is not None:
            await self.leave(transfer_id, key)
            return
        for engine in await self._engines.healthy():
            with failpoint("downloads.forget"):
                await engine.remove(key, with_files=True)

    async def tidy(self) -> None:
        """Ends the removals that a crash or an engine's absence left half done; what cannot be done now is left."""
        for download in await Download.find({"state": DownloadState.REMOVING.value}).to_list():
            try:
                await self._remove(download)
            except (MagpieError, OSError) as error:
                _log.info("removal-waits", key=download.id, error=str(error))

    async def files(self, download: Download) -> Mapping[int, Path]:
        """Where the files wanted lie on our disk, by index."""
        with failpoint("downloads.files"):
            return await self._engines.get(download.engine).files(download.id)

    async def hold(self, key: DownloadKey, *, paused: bool) -> None:
        """Pauses or resumes the job in its engine; unknown ones are left alone."""
        download = await Download.get(key)
        if download is None or download.state.value not in LIVE:
            return
        engine = self._engines.get(download.engine)
        with failpoint("downloads.hold"):
            await (engine.pause(key) if paused else engine.resume(key))

    async def poll(self) -> Sequence[str]:
        """Asks every engine once for everything, and saves what changed; the names of engines that are away."""
        live = await Download.find({"state": {"$in": list(LIVE)}}).sort("engine").to_list()
        groups = [(name, list(group)) for name, group in groupby(live, key=lambda download: download.engine)]
        answers = await asyncio.gather(*(self._poll_engine(name, group) for name, group in groups))
        return [name for (name, _), answered in zip(groups, answers, strict=True) if not answered]

    async def _inspect(self, engine: Downloader, source: Source) -> Contents:
        with failpoint("downloads.inspect"):
            return await engine.inspect(source)

    async def _poll_engine(self, name: str, downloads: Sequence[Download]) -> bool:
        try:
            engine = self._engines.get(name)
            with failpoint("downloads.progress"):
                progress = await engine.progress()
        except (DownloaderUnreachable, DownloaderRefused) as error:
            _log.warning("engine-away", engine=name, error=error.key)
            return False
        for download in downloads:
            await self._note(download, progress.get(download.id))
        return True

    async def _note(self, download: Download, progress: Progress | None) -> None:
        if download.state is DownloadState.ADDING:
            if download.changed_at < now() - _STUCK_MILLIS:
                await self._add_again(download)
            return
        if progress is None:
            await self._add_again(download)
            return
        changes = _changes(download, progress)
        if changes:
            with failpoint("downloads.note"):
                await update_if(
                    Download,
                    {
                        "_id": download.id,
                        "state": DownloadState.ACTIVE,
                        "wanted": {"$size": len(download.wanted)},
                    },
                    {**changes, "changed_at": now()},
                )

    async def _add_again(self, download: Download) -> None:
        """The engine lost the job (a restart without its session), or whoever was adding it ended in the middle.

        What is on disk is checked, the rest fetched.
        """
        with failpoint("downloads.again"):
            fresh = await update_if(
                Download, {"_id": download.id, "state": download.state}, {"changed_at": now()}
            )
        if fresh is None:
            return
        _log.info("download-added-again", key=download.id, engine=download.engine, state=download.state.value)
        try:
            await self._added(fresh, await recall(fresh.source))
        except (WrongEngine, SourceRejected, SourceUnavailable) as error:
            with failpoint("downloads.not-again"):
                await update_if(
                    Download,
                    {"_id": download.id, "state": download.state},
                    {"state": DownloadState.FAILED, "error": error.key, "changed_at": now()},
                )
        except (MagpieError, OSError) as error:
            _log.warning("download-not-added-again", key=download.id, error=str(error))

    async def _joined(
        self, transfer_id: str, record: SourceRecord, source: Source, wanted: list[int]
    ) -> Download:
        engine = await self._engines.choose(source)
        fresh = Download(
            id=download_key(source), source=record, engine=engine.name, wanted=wanted, transfers=[transfer_id]
        )
        with failpoint("downloads.insert"):
            known = await insert_once(fresh)
        if known.state is DownloadState.FAILED:
            await self._clear(known)
        with failpoint("downloads.join"):
            joined = await Download.get_pymongo_collection().find_one_and_update(
                {"_id": fresh.id, "state": {"$ne": DownloadState.REMOVING.value}},
                {
                    "$addToSet": {"transfers": transfer_id, "wanted": {"$each": wanted}},
                    "$set": plain({"state": DownloadState.ADDING, "error": None, "changed_at": now()}),
                },
                return_document=True,
            )
        if joined is None:
            raise DownloadBusy
        return load(Download, joined)

    async def _added(self, download: Download, source: Source) -> Download:
        """Has the engine fetch it. Once begun it is ended, whoever gives up meanwhile: a job is never left unknown."""
        return await finish(self._add(download, source))

    async def _add(self, download: Download, source: Source) -> Download:
        engine, folder = self._engines.get(download.engine), self._folder / download.id
        folder.mkdir(parents=True, exist_ok=True)
        with failpoint("downloads.add"):
            await engine.add(download.id, source, frozenset(download.wanted), folder)
        with failpoint("downloads.active"):
            active = await update_if(
                Download,
                {"_id": download.id, "state": {"$in": list(LIVE)}},
                {"state": DownloadState.ACTIVE, "changed_at": now()},
            )
        return active or await self._unless_removed(engine, download)

    async def _unless_removed(self, engine: Downloader, download: Download) -> Download:
        """What was removed while it was added goes once more. Raises DownloadBusy."""
        known = await Download.get(download.id)
        if known is not None and known.state is not DownloadState.REMOVING:
            return known
        await _take_out(engine, download.id)
        raise DownloadBusy

    async def _elsewhere(self, download: Download, source: Source) -> Download:
        """Somebody else's torrent is never touched: another engine takes the order."""
        engine = await self._engines.choose(source, without=frozenset({download.engine}))
        with failpoint("downloads.elsewhere"):
            moved = await update_if(
                Download,
                {"_id": download.id, "state": DownloadState.ADDING, "engine": download.engine},
                {"engine": engine.name},
            )
        if moved is None:
            raise DownloadBusy
        return await self._added(moved, source)

    async def _clear(self, failed: Download) -> None:
        """Takes a failed job out of its engine, so that adding begins afresh with the files that are there."""
        with failpoint("downloads.clear"):
            await self._engines.get(failed.engine).remove(failed.id, with_files=False)

    async def _remove(self, download: Download) -> None:
        engine = self._engines.get(download.engine)
        await _take_out(engine, download.id)
        # an engine that forgot the job names no files; the folder is the Download's own, so all in it may go
        await asyncio.to_thread(shutil.rmtree, self._folder / download.id, ignore_errors=True)
        with failpoint("downloads.delete"):
            await Download.get_pymongo_collection().delete_one(
                {"_id": download.id, "state": DownloadState.REMOVING.value}
            )


async def _take_out(engine: Downloader, key: DownloadKey) -> None:
    with failpoint("downloads.remove"):
        await engine.remove(key, with_files=True)


def _changes(download: Download, progress: Progress) -> dict[str, object]:
    snapshot = Snapshot(
        done=progress.done,
        total=progress.total,
        rate=progress.rate,
        peers=progress.peers,
        seeds=progress.seeds,
        stalled=progress.activity in {Activity.STALLED, Activity.METADATA},
        paused=progress.activity is Activity.PAUSED,
    )
    changes: dict[str, object] = {} if snapshot == download.progress else {"progress": snapshot}
    if progress.activity is Activity.COMPLETE:
        changes["state"] = DownloadState.COMPLETE
    if progress.activity is Activity.FAILED:
        changes |= {"state": DownloadState.FAILED, "error": progress.error or "engine-error"}
    return changes
