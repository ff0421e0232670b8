"""The torrent half of the embedded engine: libtorrent in this process.

What was ordered is in a record on disk before the session knows of it; libtorrent's resume data is only a note of
which pieces were verified, and without it the files are checked anew.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import libtorrent as lt
import structlog

from services.downloads.embedded import metadata
from services.downloads.embedded.alerts import answer_in, key_in
from services.downloads.embedded.answers import Answers, in_time
from services.downloads.embedded.erase import erase
from services.downloads.embedded.errors import error_key
from services.downloads.embedded.magnets import MagnetReader
from services.downloads.embedded.options import TorrentOptions
from services.downloads.embedded.pace import Pace
from services.downloads.embedded.records import TorrentRecord, TorrentShelf, in_thread
from services.downloads.embedded.session import Session, interface_present
from services.downloads.embedded.torrent_job import (
    TorrentJob,
    has_all_pieces,
    index_files,
    lies_on_disk,
    progress_of,
)
from services.downloads.metainfo import contents_of, read_torrent
from services.downloads.port import (
    Contents,
    DownloaderRefused,
    DownloaderUnreachable,
    DownloadKey,
    Magnet,
    Progress,
    Selection,
    SourceRejected,
    TorrentFile,
)

_log = structlog.get_logger(__name__)
_CLOSING = 4.0


class Torrents:
    """The jobs of one session, which `start` opens and `close` ends."""

    version = f"libtorrent {lt.__version__}"

    def __init__(
        self,
        name: str,
        folder: Path,
        options: TorrentOptions,
        *,
        allow_private: bool,
        interface: str | None,
    ) -> None:
        self._name = name
        self._shelf = TorrentShelf(folder / "torrents")
        self._options = options
        self._allow_private = allow_private
        self._interface = interface
        self._jobs: dict[DownloadKey, TorrentJob] = {}
        self._leaving: dict[DownloadKey, TorrentJob] = {}
        self._sessions: dict[bool, Session] = {}
        self._answers = Answers()
        self._magnets = MagnetReader(self._answers, self._shelf.folder, options.metadata_timeout)
        self._changing = asyncio.Lock()
        self._halted = False

    def start(self) -> None:
        """Opens a session and takes up every job that is on disk. Needs a running event loop."""
        self._shelf.open()
        self._session(trusted=False)
        for record in self._shelf.records():
            self._adopt(record)
        self._watch_interface()

    async def close(self) -> None:
        """Writes resume data and says goodbye to peers, for at most four seconds, and ends the sessions."""
        for session in self._sessions.values():
            session.lt.pause()
        saves = [self._save_resume(job) for job in self._in_swarm()]
        goodbyes = [self._until_idle(session) for session in self._sessions.values()]
        try:
            async with asyncio.timeout(_CLOSING):
                await asyncio.gather(*saves, *goodbyes)
        except (OSError, DownloaderUnreachable) as exc:
            _log.warning("closed before all was saved and every peer was gone", problem=repr(exc))
        self._jobs.clear()
        self._leaving.clear()
        self._magnets.close()
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    async def run(self) -> None:
        """Saves resume data now and then, until cancelled."""
        while True:
            await asyncio.sleep(self._options.save_every)
            try:
                await self._save_what_changed()
            except (OSError, DownloaderUnreachable) as exc:
                _log.warning("resume data not saved", problem=str(exc))

    async def _save_what_changed(self) -> None:
        async with self._changing:
            for job in self._in_swarm():
                if job.handle.need_save_resume_data():
                    await self._save_resume(job)

    def problem(self) -> str:
        """What is wrong, the key of its words; empty when nothing is."""
        return "interface-gone" if self._watch_interface() else ""

    # -- orders ------------------------------------------------------------------------------------------------

    async def inspect(self, source: Magnet | TorrentFile) -> Contents:
        """A .torrent is read as it is; a magnet's metadata is asked for, and checked like any .torrent."""
        if isinstance(source, TorrentFile):
            return contents_of(source)
        torrent = self._read_torrent(await self._fetch_metainfo(source), trusted=source.trusted)
        return replace(contents_of(torrent), metainfo=torrent.metainfo)

    async def _fetch_metainfo(self, source: Magnet) -> bytes:
        self._require_interface()
        key = source.infohash
        if metainfo := await in_thread(self._shelf.metainfo, key):
            return metainfo
        if key in self._jobs:
            return await self._magnets.wait(key, self._answers.expect("metadata", key))
        session = self._session(trusted=source.trusted)
        return await self._magnets.read(source, session.lt, self._flags())

    def _read_torrent(self, metainfo: bytes, *, trusted: bool) -> TorrentFile:
        return read_torrent(metainfo, trusted=trusted, allow_private=self._allow_private)

    async def add(
        self, key: DownloadKey, source: Magnet | TorrentFile, files: Selection, folder: Path
    ) -> None:
        self._require_interface()
        async with self._changing:
            if job := self._jobs.get(key):
                await self._choose(job, files)
            else:
                record = TorrentRecord(key=key, folder=folder, trusted=source.trusted, wanted=sorted(files))
                await self._begin(record, source)

    async def _begin(self, record: TorrentRecord, source: Magnet | TorrentFile) -> None:
        metainfo = source.metainfo if isinstance(source, TorrentFile) else None
        record.magnet = source.uri if isinstance(source, Magnet) else None
        params = metadata.add_params(record, metainfo)
        if metainfo:
            await in_thread(self._shelf.save_metainfo, record.key, metainfo)
        await in_thread(self._shelf.save, record)
        self._magnets.let_go(record.key)
        params.peers = self._magnets.peers(record.key)
        self._leaving.pop(record.key, None)
        self._insert(record, params)
        if metainfo:
            self._answers.give("metadata", record.key, metainfo)

    async def _choose(self, job: TorrentJob, files: Selection) -> None:
        """The files wanted become `files`, and a job that rested goes on."""
        if job.files and not files <= job.files.keys():
            raise SourceRejected("no-such-file")
        changed = sorted(files) != job.record.wanted
        job.record.wanted = sorted(files)
        job.record.complete = job.record.complete and not changed
        await self._go_on(job)
        if changed and job.files:
            await self._prioritize(job)

    async def _prioritize(self, job: TorrentJob) -> None:
        done = self._answers.expect("priorities", job.record.key)
        count = len(job.handle.get_file_priorities())
        job.handle.prioritize_files(metadata.priorities(job.record.wanted, count))
        await in_time(done, self._name)

    async def pause(self, key: DownloadKey) -> None:
        async with self._changing:
            if job := self._jobs.get(key):
                job.record.paused = True
                await in_thread(self._shelf.save, job.record)
                job.handle.pause()

    async def resume(self, key: DownloadKey) -> None:
        async with self._changing:
            if job := self._jobs.get(key):
                await self._go_on(job)

    async def _go_on(self, job: TorrentJob) -> None:
        job.record.paused = False
        await in_thread(self._shelf.save, job.record)
        job.error = None
        job.pace.restart()
        job.handle.clear_error()
        # libtorrent goes into upload mode by itself when it cannot write
        job.handle.unset_flags(lt.torrent_flags.upload_mode)
        if not self._rests(job.record):
            job.handle.resume()

    async def remove(self, key: DownloadKey, *, with_files: bool) -> None:
        """What fails on the way is done by the next call; the record goes last. A look that somebody waits for goes on."""
        async with self._changing:
            if not self._answers.awaited("metadata", key):
                self._magnets.let_go(key)
            job = self._jobs.pop(key, None) or self._leaving.get(key)
            if job is None:
                return
            self._leaving[key] = job
            await self._take_out(job)
            if with_files:
                await in_thread(erase, job.record.folder, [*job.paths, f".{key}.parts"])
            await in_thread(self._shelf.delete, key)
            del self._leaving[key]

    async def _take_out(self, job: TorrentJob) -> None:
        """Returns when libtorrent has closed the torrent's files."""
        if job.handle.is_valid():
            released = self._answers.expect("released", job.record.key)
            job.session.lt.remove_torrent(job.handle, lt.session.delete_partfile)
            if job.files:
                await in_time(released, self._name)

    # -- what is known -----------------------------------------------------------------------------------------

    def files(self, key: DownloadKey) -> Mapping[int, Path]:
        job = self._jobs.get(key)
        return {entry.index: job.record.folder / entry.path for entry in job.wanted} if job else {}

    async def progress(self) -> Mapping[DownloadKey, Progress]:
        """One request to the session for all jobs; what has become known or complete is settled on the way."""
        halted = self._watch_interface()
        await asyncio.gather(*(self._update(session) for session in self._sessions.values()))
        async with self._changing:
            for job in self._jobs.values():
                await self._settle(job)
        return {key: progress_of(job, halted=halted) for key, job in self._jobs.items()}

    async def _update(self, session: Session) -> None:
        updated = self._answers.expect("status", session.name)
        session.lt.post_torrent_updates()
        await in_time(updated, self._name)

    async def _until_idle(self, session: Session) -> None:
        while True:
            answer = self._answers.expect("idle", session.name)
            session.lt.post_session_stats()
            if await in_time(answer, self._name):
                return
            await asyncio.sleep(0.1)

    async def _settle(self, job: TorrentJob) -> None:
        """What cannot be written now is tried again at the next look."""
        try:
            await self._settle_metadata(job)
            await self._settle_completion(job)
        except OSError as exc:
            _log.warning("torrent not settled", key=job.record.key, problem=str(exc))

    async def _settle_metadata(self, job: TorrentJob) -> None:
        if job.unsaved is not None:
            await in_thread(self._shelf.save_metainfo, job.record.key, job.unsaved)
            job.unsaved = None
            await self._prioritize(job)

    async def _settle_completion(self, job: TorrentJob) -> None:
        """Sees to it that what was fetched is on disk, then lets the swarm go, unless it is to seed.

        The graceful pause first sends the blocks that peers asked for already, so that nobody is left with half a piece
        from us.
        """
        if job.record.complete or not has_all_pieces(job):
            return
        flushed = self._answers.expect("flushed", job.record.key)
        job.handle.flush_cache()
        await in_time(flushed, self._name)
        if not await in_thread(lies_on_disk, job):
            job.handle.force_recheck()
            return
        if not self._options.seed:
            job.handle.pause(lt.torrent_handle.graceful_pause)
        await self._save_resume(job)
        await in_thread(self._shelf.save, job.record.model_copy(update={"complete": True}))
        job.record.complete = True

    # -- the session -------------------------------------------------------------------------------------------

    def _adopt(self, record: TorrentRecord) -> None:
        metainfo, resume = self._shelf.metainfo(record.key), self._shelf.resume_data(record.key)
        try:
            params = metadata.add_params(record, metainfo, resume)
        except SourceRejected as exc:
            _log.warning("job left alone", key=record.key, problem=exc.key)
            return
        # Without resume data that still fits, nothing says that its files are what they were.
        record.complete = record.complete and bool(params.have_pieces)
        self._insert(record, params)

    def _insert(self, record: TorrentRecord, params: lt.add_torrent_params) -> None:
        params.flags = self._flags()
        if record.paused or self._rests(record):
            params.flags |= lt.torrent_flags.paused
        files = index_files(metadata.file_entries(params.ti)) if params.ti else {}
        session = self._session(trusted=record.trusted)
        handle = session.lt.add_torrent(params)
        self._jobs[record.key] = TorrentJob(record, handle, session, files, Pace(self._options.stall_after))

    def _session(self, *, trusted: bool) -> Session:
        """The session for such torrents, opened when the first one comes."""
        guarded = not (trusted or self._allow_private)
        if guarded not in self._sessions:
            session = Session(self._options, self._receive, guarded=guarded, interface=self._interface)
            self._sessions[guarded] = session
            if self._halted:
                session.lt.pause()
        return self._sessions[guarded]

    def _flags(self) -> int:
        """Never auto-managed: who may fetch when is decided above this engine."""
        flags = lt.torrent_flags.update_subscribe | lt.torrent_flags.disable_lsd
        flags |= lt.torrent_flags.apply_ip_filter
        if not self._options.dht:
            flags |= lt.torrent_flags.disable_dht | lt.torrent_flags.disable_pex
        return int(flags)

    def _watch_interface(self) -> bool:
        """Whether torrents must rest because their interface is gone; the session stops and goes on with it."""
        interface = self._interface
        halted = interface is not None and not interface_present(interface)
        if halted != self._halted:
            self._halted = halted
            _log.warning("torrent interface", interface=interface, present=not halted)
            for session in self._sessions.values():
                _halt(session.lt, halted=halted)
        return halted

    def _require_interface(self) -> None:
        if self._watch_interface():
            raise DownloaderRefused(self._name, "interface-gone")

    def _rests(self, record: TorrentRecord) -> bool:
        """Whether the swarm has no part in it any more."""
        return record.complete and not self._options.seed

    def _in_swarm(self) -> list[TorrentJob]:
        return [job for job in self._jobs.values() if job.files and not self._rests(job.record)]

    async def _save_resume(self, job: TorrentJob) -> None:
        answer = self._answers.expect("resume", job.record.key)
        job.handle.save_resume_data(lt.torrent_handle.flush_disk_cache)
        resume = await in_time(answer, self._name)
        if isinstance(resume, dict):
            data = await in_thread(metadata.stamped, resume, job.record.folder, job.paths)
            await in_thread(self._shelf.save_resume_data, job.record.key, data)

    # -- alerts ------------------------------------------------------------------------------------------------

    def _receive(self, session: Session, alert: lt.alert) -> None:
        """Takes what is needed at once: an alert is gone when the next ones are fetched."""
        match alert:
            case lt.state_update_alert():
                self._take_status(alert.status)
            case lt.metadata_received_alert():
                self._take_metadata(alert.handle)
            case lt.file_error_alert() | lt.torrent_error_alert():
                self._take_error(alert)
            case lt.fastresume_rejected_alert() | lt.alerts_dropped_alert() | lt.listen_failed_alert():
                _log.warning("libtorrent", alert=alert.message())
        if (answer := answer_in(session, alert)) is not None:
            self._answers.give(*answer)

    def _take_status(self, updates: list[lt.torrent_status]) -> None:
        for status in updates:
            if job := self._jobs.get(metadata.key_of(status.info_hashes)):
                job.status = status

    def _take_metadata(self, handle: lt.torrent_handle) -> None:
        """A magnet's metadata came: for a look, or for a job that then knows its files."""
        if not handle.is_valid():
            return
        key, metainfo = key_in(handle), metadata.metainfo_of(handle)
        if job := self._jobs.get(key):
            self._take_files(job, metainfo)
        self._answers.give("metadata", key, metainfo)

    def _take_files(self, job: TorrentJob, metainfo: bytes) -> None:
        info = job.handle.torrent_file()
        try:
            job.unsaved = self._read_torrent(metainfo, trusted=job.record.trusted).metainfo
            job.files = index_files(metadata.file_entries(info)) if info else {}
            if not set(job.record.wanted) <= job.files.keys():
                raise SourceRejected("no-such-file")
        except SourceRejected as exc:
            job.error = exc.key
            job.handle.pause()

    def _take_error(self, alert: lt.file_error_alert | lt.torrent_error_alert) -> None:
        if job := self._jobs.get(key_in(alert.handle)):
            _log.warning("torrent failed", key=job.record.key, problem=alert.message())
            job.error = error_key(alert.error.value())


def _halt(session: lt.session, *, halted: bool) -> None:
    if halted:
        session.pause()
    else:
        session.reopen_network_sockets(lt.session.reopen_map_ports)
        session.resume()
