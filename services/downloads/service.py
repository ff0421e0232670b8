"""Downloads: one job of one engine for everybody who ordered the same thing.

The documents say what should be; the engines are brought to it, any number of times.
"""

import asyncio
import shutil
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import structlog
from pydantic import BaseModel, Field

from models.clock import Millis, now
from models.downloads import Download, DownloadState, Snapshot, SourceKind, SourceRecord
from models.files import Chosen
from models.ranges import from_ranges
from models.transfers import Transfer, TransferState
from services.documents import insert_once, load, plain, update_each, update_if
from services.downloads.engines import Engines
from services.downloads.port import (
    Activity,
    Contents,
    Downloader,
    DownloaderRefused,
    DownloaderUnreachable,
    DownloadKey,
    FilesGone,
    Progress,
    Source,
    SourceRejected,
    SourceUnavailable,
    WrongEngine,
    download_key,
)
from services.downloads.seeding import Seeding
from services.downloads.vault import recall
from services.downloads.watch import Watch
from services.errors import MagpieError
from services.failpoints import failpoint
from services.tasks import finish

DEAD_AFTER = 6 * 3600.0
_STUCK_MILLIS = 60_000
"""After so long without a change nobody is adding it any more."""
_MOST_NOTES = 25
"""In one look: more Cards than that cannot be edited in a second."""
_BEGUN = {"state": DownloadState.ADDING, "error": None, "progress.paused": False}
LIVE = (DownloadState.ADDING.value, DownloadState.ACTIVE.value)
_FOLLOWED = (*LIVE, DownloadState.SEEDING.value)
_UNFINISHED = frozenset({DownloadState.ADDING, DownloadState.ACTIVE, DownloadState.FAILED})
"""States in which it still matters what is wanted: what is complete lies there."""
_MAY_BE_HELD = (*LIVE, DownloadState.FAILED.value)
_NO_METADATA, _NO_PEERS, _STALLED = "dead-no-metadata", "dead-no-peers", "dead-stalled"
_DEAD = (_NO_METADATA, _NO_PEERS, _STALLED)
"""Why one is dead, as locale keys. Its job is sound: it may go on where it was."""
_log = structlog.get_logger(__name__)


class DownloadBusy(SourceUnavailable):
    """The same thing is being removed right now: try again in a moment."""

    def __init__(self) -> None:
        super().__init__("waiting-removal")


class Downloads:
    """Adds, follows and removes Downloads. `folder` is where their files lie, each in a folder named by its key.

    One that nobody gave a byte of for `dead_after` seconds, in which its engine was watched, has failed; whoever joins it
    has it go on. A complete torrent that nobody needs any more is given to others as `seeding` says.
    """

    def __init__(
        self,
        engines: Engines,
        folder: Path,
        *,
        dead_after: float = DEAD_AFTER,
        seeding: Seeding = Seeding(),  # noqa: B008 - cannot be changed
    ) -> None:
        self._engines = engines
        self._folder = folder
        self._dead_after = dead_after
        self._watch = Watch()
        self._seeding = seeding
        self.followed = 0
        """How many the last poll found that have to be followed."""

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
        # what is told of the Download later on is found by its key: it may serve several orders
        _log.info("joined", key=download.id, engine=download.engine)
        try:
            return await self._added(download, source)
        except WrongEngine:
            return await self._elsewhere(download, source)

    async def leave(self, transfer_id: str, key: DownloadKey, *, seed: bool = False) -> None:
        """Drops one Transfer's hold, and the engine fetches what the others want; the last one to leave removes the job and
        its files. Repeatable.

        `seed`: or has the job seed first, if it can and is to.
        """
        collection = Download.get_pymongo_collection()
        with failpoint("downloads.leave"):
            await collection.update_one(
                {"_id": key}, {"$pull": {"transfers": transfer_id}, "$inc": {"fence": 1}}
            )
        if seed and self._seeding.wanted and await _seeds(key):
            return
        with failpoint("downloads.removing"):
            empty = await update_if(
                Download, {"_id": key, "transfers": {"$size": 0}}, {"state": DownloadState.REMOVING}
            )
        if empty is not None:
            await self._remove(empty)
        else:
            await self._want_less(key)

    async def forget(self, transfer_id: str, record: SourceRecord) -> None:
        """Removes what inspecting a Source left in an engine, or what a Transfer joined without coming to note it.

        While somebody else still reads the same Source, it is left to them.
        """
        source = await recall(record)
        key = download_key(source)
        download = await Download.get(key)
        if download is not None:
            if transfer_id in download.transfers:
                await self.leave(transfer_id, key)
            return
        if await _is_read(key, without=transfer_id):
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

    async def lost(self, key: DownloadKey) -> None:
        """What came is not there any more: whoever joins next has the engine look what is, and fetch the rest. Repeatable."""
        with failpoint("downloads.lost"):
            await update_if(
                Download,
                {"_id": key, "state": DownloadState.COMPLETE},
                {"state": DownloadState.FAILED, "error": FilesGone().key, "changed_at": now()},
            )

    async def may_store(self, key: DownloadKey, transfer_id: str) -> bool:
        """Whether this Transfer is the one of those it serves that stores it now; the next one when that has ended."""
        download = await Download.get(key)
        if download is None or download.stored_by == transfer_id:
            return True
        if await Transfer.find({"_id": download.stored_by, "state": TransferState.STORING.value}).count():
            return False
        with failpoint("downloads.store"):
            turn = await update_if(
                Download, {"_id": key, "stored_by": download.stored_by}, {"stored_by": transfer_id}
            )
        return turn is not None

    async def hold(self, key: DownloadKey, *, paused: bool) -> None:
        """Pauses or resumes the job in its engine; unknown ones are left alone. What has failed can be paused only."""
        download = await Download.get(key)
        if download is None or download.state.value not in (_MAY_BE_HELD if paused else LIVE):
            return
        engine = self._engines.get(download.engine)
        with failpoint("downloads.hold"):
            await (engine.pause(key) if paused else engine.resume(key))
        if download.state is DownloadState.FAILED:
            # no poll asks for what has failed
            with failpoint("downloads.rests"):
                await update_if(
                    Download, {"_id": key, "state": DownloadState.FAILED}, {"progress.paused": True}
                )

    async def poll(self) -> Sequence[str]:
        """Asks every engine once for everything, and saves what changed; the names of engines that are away."""
        live = await Download.find({"state": {"$in": list(_FOLLOWED)}}).project(_Live).to_list()
        self.followed = len(live)
        live.sort(key=lambda download: download.engine)
        groups = [(name, list(group)) for name, group in groupby(live, key=lambda download: download.engine)]
        answers = await asyncio.gather(*(self._poll_engine(name, group) for name, group in groups))
        return [name for (name, _), answered in zip(groups, answers, strict=True) if not answered]

    async def _inspect(self, engine: Downloader, source: Source) -> Contents:
        with failpoint("downloads.inspect"):
            return await engine.inspect(source)

    async def _poll_engine(self, name: str, downloads: Sequence["_Live"]) -> bool:
        try:
            engine = self._engines.get(name)
            with failpoint("downloads.progress"):
                progress = await engine.progress()
        except (DownloaderUnreachable, DownloaderRefused) as error:
            _log.warning("engine-away", engine=name, error=error.key)
            return False
        await self._note(downloads, progress, self._dead_since(name))
        return True

    def _dead_since(self, engine: str) -> Millis:
        """What has not moved since before is dead; 0: nobody watched it for long enough to say that of anything."""
        moment = now()
        latest = moment - int(self._dead_after * 1000)
        return latest if self._watch.since(engine, moment) < latest else 0

    async def _note(
        self, downloads: Sequence["_Live"], progress: Mapping[DownloadKey, Progress], dead_since: Millis
    ) -> None:
        """Saves what is new: of states all, of mere progress as much as there is room for in a chat, the oldest first."""
        urgent, routine = list[_News](), list[_News]()
        for download in downloads:
            said = progress.get(download.id)
            if download.state is DownloadState.SEEDING:
                await self._seed_on(download, said)
            elif said is None or download.state is DownloadState.ADDING:
                await self._mend(download)
            elif changes := _changes(download, said, dead_since):
                if said.activity is Activity.FAILED:
                    _log.warning("download-broke", key=download.id, error=changes["error"], said=said.said)
                is_state = (
                    "state" in changes or (said.activity is Activity.PAUSED) != download.progress.paused
                )
                (urgent if is_state else routine).append((download, changes))
        routine.sort(key=lambda news: news[0].changed_at)
        await _save([*urgent, *routine[:_MOST_NOTES]])

    async def _seed_on(self, download: "_Live", said: Progress | None) -> None:
        """Has it removed once it has given enough, or an order waits for its room on the disk."""
        given, size = (said.uploaded, said.total) if said else (0, None)
        broken = said is not None and said.activity is Activity.FAILED
        enough = self._seeding.enough(given=given, size=size, since=download.seeding_since or 0)
        if not (broken or enough or await _room_is_needed()):
            if said is None:
                await self._add_again(download)
            return
        with failpoint("downloads.seeded"):
            await update_if(
                Download,
                {"_id": download.id, "state": DownloadState.SEEDING, "transfers": {"$size": 0}},
                {"state": DownloadState.REMOVING},
            )
        _log.info("seeding-ended", key=download.id, given=given)

    async def _mend(self, download: "_Live") -> None:
        """Its engine does not know it, or it is still being added: by nobody any more, when that takes too long."""
        if download.state is DownloadState.ACTIVE or download.changed_at < now() - _STUCK_MILLIS:
            await self._add_again(download)

    async def _add_again(self, download: "_Live") -> None:
        """The engine lost the job (a restart without its session), or whoever was adding it ended in the middle.

        What is on disk is checked, the rest fetched.
        """
        with failpoint("downloads.again"):
            fresh = await update_if(
                Download,
                {"_id": download.id, "state": download.state},
                {"changed_at": now()},
                increase={"fence": 1},
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
                    {"state": _given_up(download), "error": error.key, "changed_at": now()},
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
        if _is_broken(known):
            await self._clear(known)
        with failpoint("downloads.join"):
            joined = await Download.get_pymongo_collection().find_one_and_update(
                {"_id": fresh.id, "state": {"$ne": DownloadState.REMOVING.value}},
                {
                    "$addToSet": {"transfers": transfer_id, "wanted": {"$each": wanted}},
                    "$set": plain(_BEGUN | {"changed_at": now(), "moved_at": now()}),
                    "$inc": {"fence": 1},
                },
                return_document=True,
            )
        if joined is None:
            raise DownloadBusy
        return load(Download, joined)

    async def _want_less(self, key: DownloadKey) -> None:
        """What nobody wants any more is fetched no further; what came of it lies there until all of it goes. Repeatable.

        Killed before the engine was told, the poll tells it, as it does when somebody joins.
        """
        while (download := await Download.get(key)) is not None and download.state in _UNFINISHED:
            wanted = await _wanted_by(download.transfers)
            if wanted is None or not wanted < set(download.wanted):
                return
            is_live = download.state is not DownloadState.FAILED
            with failpoint("downloads.want-less"):
                fewer = await update_if(
                    Download,
                    {"_id": key, "state": download.state, "fence": download.fence},
                    {"wanted": sorted(wanted), "changed_at": now(), **(_BEGUN if is_live else {})},
                )
            if fewer is not None:
                if is_live:
                    await self._added(fewer, await recall(fewer.source))
                return

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
                {"_id": download.id, "state": {"$in": list(LIVE)}, "fence": download.fence},
                {"state": DownloadState.ACTIVE, "changed_at": now()},
            )
        return active or await self._overtaken(engine, download, source)

    async def _overtaken(self, engine: Downloader, added: Download, source: Source) -> Download:
        """Somebody joined or left while it was added, and the engine may have heard that first: it is told once more.

        What was removed goes once more. Raises DownloadBusy.
        """
        known = await Download.get(added.id)
        if known is None or known.state is DownloadState.REMOVING:
            await _take_out(engine, added.id)
            raise DownloadBusy
        if known.fence == added.fence or known.state is DownloadState.FAILED:
            return known
        return await self._add(known, source)

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
        """Takes a broken job out of its engine, so that adding begins afresh with the files that are there."""
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


def _is_broken(download: Download) -> bool:
    """Whether its job is of no use any more. Of links and messages a part is, and goes on where it broke off."""
    if download.state is not DownloadState.FAILED or download.error in _DEAD:
        return False
    in_one_piece = download.source.kind in {SourceKind.LINK, SourceKind.MESSAGE}
    return not in_one_piece or download.error == FilesGone().key


class _Live(BaseModel):
    """What has to be known of a Download when its engine was asked: `wanted` may hold ten thousand numbers."""

    id: str = Field(alias="_id")
    engine: str
    state: DownloadState
    progress: Snapshot
    seeding_since: Millis | None = None
    moved_at: Millis = Field(default_factory=now)
    changed_at: Millis


class _Wanting(BaseModel):
    """What has to be known of a Transfer to say what it wants of a Download."""

    chosen: Chosen = Chosen()


_News = tuple[_Live, dict[str, object]]


def _changes(download: _Live, progress: Progress, dead_since: Millis) -> dict[str, object]:
    snapshot, before = _snapshot(progress), download.progress
    changes: dict[str, object] = {} if snapshot == before else {"progress": snapshot}
    if snapshot.done > before.done or snapshot.paused != before.paused:
        changes["moved_at"] = now()
    elif not snapshot.paused and download.moved_at < dead_since:
        changes |= {"state": DownloadState.FAILED, "error": _cause_of_death(snapshot)}
    if progress.activity is Activity.COMPLETE:
        changes["state"] = DownloadState.COMPLETE
    if progress.activity is Activity.FAILED:
        changes |= {"state": DownloadState.FAILED, "error": progress.error or "engine-error"}
    return changes


async def _save(news: Sequence[_News]) -> None:
    """Unless somebody joined meanwhile: then it was said of fewer files."""
    if not news:
        return
    moment = now()
    with failpoint("downloads.note"):
        await update_each(
            Download,
            [
                (
                    {"_id": download.id, "state": DownloadState.ACTIVE, "changed_at": download.changed_at},
                    {**changes, "changed_at": moment},
                )
                for download, changes in news
            ],
        )


async def _seeds(key: DownloadKey) -> bool:
    """Whether it seeds from now on, or did already: a torrent that is whole and that no Transfer holds."""
    idle = {
        "_id": key,
        "transfers": {"$size": 0},
        "source.kind": {"$in": [SourceKind.MAGNET, SourceKind.TORRENT]},
    }
    with failpoint("downloads.seed"):
        begun = await update_if(
            Download,
            {**idle, "state": DownloadState.COMPLETE},
            {"state": DownloadState.SEEDING, "seeding_since": now()},
        )
    return (
        begun is not None or await Download.find(plain({**idle, "state": DownloadState.SEEDING})).count() > 0
    )


async def _wanted_by(transfers: Sequence[str]) -> set[int] | None:
    """The files that these Transfers want, at least one; None: not of all of them that is known."""
    found = await Transfer.find({"_id": {"$in": list(transfers)}}).project(_Wanting).to_list()
    wanted = [from_ranges(transfer.chosen.full) for transfer in found]
    return set[int]().union(*wanted) if len(wanted) == len(transfers) and all(wanted) else None


async def _is_read(key: DownloadKey, *, without: str) -> bool:
    """Whether the file list of another order of the same is still being read."""
    reading = {"key": key, "state": TransferState.CHOOSING.value, "listed": False}
    return await Transfer.find({**reading, "_id": {"$ne": without}}).count() > 0


async def _room_is_needed() -> bool:
    waiting = {"state": TransferState.QUEUED.value, "waiting": "waiting-disk"}
    return await Transfer.find(waiting).count() > 0


async def _take_out(engine: Downloader, key: DownloadKey) -> None:
    with failpoint("downloads.remove"):
        await engine.remove(key, with_files=True)


def _given_up(download: _Live) -> DownloadState:
    """What becomes of one that no engine takes any more: where nobody waits for it there is nobody to be told."""
    return DownloadState.REMOVING if download.state is DownloadState.SEEDING else DownloadState.FAILED


def _snapshot(progress: Progress) -> Snapshot:
    return Snapshot(
        done=progress.done,
        total=progress.total,
        rate=progress.rate,
        peers=progress.peers,
        seeds=progress.seeds,
        stalled=progress.activity in {Activity.STALLED, Activity.METADATA},
        no_metadata=progress.activity is Activity.METADATA,
        paused=progress.activity is Activity.PAUSED,
    )


def _cause_of_death(snapshot: Snapshot) -> str:
    if snapshot.no_metadata:
        return _NO_METADATA
    return _STALLED if snapshot.peers else _NO_PEERS
