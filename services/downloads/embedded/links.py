"""Fetches files that somebody gives one by one, links above all, and goes on where it was cut off."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import structlog

from models.downloads import FileEntry
from services.downloads.embedded.erase import erase
from services.downloads.embedded.errors import error_key
from services.downloads.embedded.options import LinkOptions
from services.downloads.embedded.origin import Offer, Origin, OriginBusy, RangeRefused, Wish
from services.downloads.embedded.pace import Floor, Pace
from services.downloads.embedded.records import LinkRecord, Shelf, in_thread
from services.downloads.port import (
    Activity,
    Contents,
    DownloadKey,
    Progress,
    SourceRejected,
    SourceUnavailable,
)
from services.errors import MagpieError
from services.syncing import sync

_log = structlog.get_logger(__name__)
_FILE = 0
_MOST_PROMISES = 200
_LOOK_EVERY = 32 * 1024 * 1024


class _Worthless(SourceRejected):
    """What came so far is of no use to anybody."""


@dataclass
class _Job:
    record: LinkRecord
    pace: Pace
    done: int = 0
    connected: bool = False
    checked: bool = False
    """Whether what came in a former life was looked at."""
    task: asyncio.Task[None] | None = None
    said: str = ""
    """What broke it last, in the words of whoever noticed; for the log."""

    @property
    def target(self) -> Path | None:
        return self.record.folder / self.record.name if self.record.name else None

    @property
    def part(self) -> Path:
        """Named after the key, because the file's own name may not be known yet."""
        return self.record.folder / f".{self.record.key}.part"

    @property
    def waits(self) -> bool:
        record = self.record
        return not (self.runs or record.paused or record.complete or record.error)

    @property
    def runs(self) -> bool:
        return self.task is not None and not self.task.done()


class Links:
    """Jobs advance only while `run` runs."""

    def __init__(self, folder: Path, origin: Origin, options: LinkOptions) -> None:
        self._shelf = Shelf(folder / "links", LinkRecord)
        self._origin = origin
        self._options = options
        self._jobs: dict[DownloadKey, _Job] = {}
        self._promised: dict[DownloadKey, FileEntry] = {}
        self._wake = asyncio.Event()
        self._changing = asyncio.Lock()
        self._writing = asyncio.Lock()

    def start(self) -> None:
        """Takes up every job that is on disk."""
        self._shelf.open()
        for record in self._shelf.records():
            self._adopt(record)
        self._wake.set()

    async def close(self) -> None:
        await asyncio.gather(*(self._stop(job) for job in self._jobs.values()))
        await self._origin.close()

    async def run(self) -> None:
        """Fetches what waits, a few at once, until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._begin_waiting(group)
                await self._wake.wait()
                self._wake.clear()

    # -- orders ------------------------------------------------------------------------------------------------

    async def inspect(self, key: DownloadKey, url: str, *, trusted: bool) -> Contents:
        """The answer to a look tells name and size. Raises SourceRejected, SourceUnavailable."""
        async with self._origin.ask(url, Wish(is_look=True), trusted=trusted) as (offer, _):
            self._refuse_size(offer.size)
        entry = FileEntry(index=_FILE, path=offer.name, size=offer.size)
        self._promised[key] = entry
        while len(self._promised) > _MOST_PROMISES:
            self._promised.pop(next(iter(self._promised)))
        return Contents(name=offer.name, files=[entry])

    async def add(self, key: DownloadKey, url: str, folder: Path, *, trusted: bool) -> None:
        """A job that is there goes on, also when it had failed."""
        async with self._changing:
            if job := self._jobs.get(key):
                await self._go_on(job)
                return
            promised = self._promised.pop(key, None)
            record = LinkRecord(key=key, folder=folder, trusted=trusted, url=url)
            if promised is not None:
                record.name, record.size = promised.path, promised.size
            job = _Job(record, self._pace())
            await self._save(job)
            self._jobs[key] = job
            self._wake.set()

    async def pause(self, key: DownloadKey) -> None:
        async with self._changing:
            if job := self._jobs.get(key):
                job.record.paused = True
                await self._stop(job)
                await self._save(job)

    async def resume(self, key: DownloadKey) -> None:
        async with self._changing:
            if job := self._jobs.get(key):
                await self._go_on(job)

    async def _go_on(self, job: _Job) -> None:
        job.record.paused = False
        job.record.error = None
        job.pace.restart()
        await self._save(job)
        self._wake.set()

    async def remove(self, key: DownloadKey, *, with_files: bool) -> None:
        async with self._changing:
            job = self._jobs.pop(key, None)
            if job is None:
                return
            await self._stop(job)
            # an unfinished part is of no use to anybody
            names = [job.part.name]
            if with_files and job.record.name and job.record.complete:
                names.append(job.record.name)
            await in_thread(erase, job.record.folder, names)
            await in_thread(self._shelf.delete, key)

    # -- what is known -----------------------------------------------------------------------------------------

    def has(self, key: DownloadKey) -> bool:
        return key in self._jobs

    def files(self, key: DownloadKey) -> Mapping[int, Path]:
        job = self._jobs.get(key)
        return {_FILE: job.target} if job and job.target else {}

    def progress(self) -> Mapping[DownloadKey, Progress]:
        return {key: _progress(job) for key, job in self._jobs.items()}

    # -- fetching ----------------------------------------------------------------------------------------------

    def _begin_waiting(self, group: asyncio.TaskGroup) -> None:
        free = self._options.at_once - sum(job.runs for job in self._jobs.values())
        for job in [job for job in self._jobs.values() if job.waits][: max(0, free)]:
            job.pace.restart()
            job.task = group.create_task(self._fetch(job))

    async def _fetch(self, job: _Job) -> None:
        try:
            await self._fetch_until_done(job)
        except (SourceRejected, SourceUnavailable) as exc:
            if isinstance(exc, _Worthless):
                await _drop_part(job)
            await self._fail(job, exc.key, _said(exc))
        except OSError as exc:
            _log.warning("link not written", key=job.record.key, problem=str(exc))
            await self._fail(job, error_key(exc.errno), str(exc))
        except Exception as exc:  # noqa: BLE001 - one link's fault must not end the others
            _log.exception("link-broke", key=job.record.key)
            await self._fail(job, "engine-error", repr(exc))
        finally:
            self._wake.set()

    async def _fetch_until_done(self, job: _Job) -> None:
        failures, furthest = 0, job.done
        while True:
            try:
                await self._attempt(job)
                return
            except OriginBusy as exc:
                wait = exc.seconds
            except SourceUnavailable as exc:
                # only what is new counts: a file that changes at every try would be fetched for ever
                failures = 1 if job.done - furthest >= self._options.least else failures + 1
                furthest = max(furthest, job.done)
                _log.info(
                    "link interrupted", key=job.record.key, done=job.done, problem=exc.key, said=_said(exc)
                )
                if failures > self._options.retries:
                    raise
                wait = min(self._options.backoff * 2 ** (failures - 1), self._options.longest_backoff)
            finally:
                job.connected = False
            await asyncio.sleep(wait)

    async def _attempt(self, job: _Job) -> None:
        """One request. Raises SourceUnavailable when it ends early: the next one goes on from there."""
        job.record.folder.mkdir(parents=True, exist_ok=True)
        record = job.record
        have = _size(job.part)
        former = None if job.checked else job.part
        wish = Wish(have, record.validator, former) if have > 0 and record.validator is not None else Wish()
        try:
            async with self._origin.ask(record.url, wish, trusted=record.trusted) as (offer, body):
                job.connected = job.checked = True
                await self._accept(job, offer, have)
                with _open_part(job.part, offer.start) as stream:
                    job.done = offer.start
                    await self._write(job, body, stream)
        except RangeRefused:
            await _drop_part(job)
            raise
        await self._finish(job, offer)

    async def _accept(self, job: _Job, offer: Offer, have: int) -> None:
        """Holds the answer against what was promised; a file that only changed is fetched anew."""
        record = job.record
        if offer.start > have:
            raise SourceUnavailable("link-unreachable")
        if offer.start and not offer.goes_on(record.validator, record.size):
            raise RangeRefused
        if offer.size is not None and record.size is not None and offer.size > record.size:
            raise _Worthless("link-lied")
        self._refuse_size(offer.size)
        if record.size is None:
            await self._refuse_without_room(job, (offer.size or 0) - offer.start, "disk-too-small")
        record.name = record.name or offer.name
        record.size = record.size if offer.size is None else offer.size
        record.validator = offer.validator or (record.validator if offer.start else None)
        await self._save(job)

    async def _write(self, job: _Job, body: AsyncIterator[bytes], stream: BinaryIO) -> None:
        size = job.record.size
        floor = Floor(self._options.slow_after, self._options.least, job.done)
        async for chunk in body:
            if size is None:
                await self._refuse_endless(job, len(chunk))
            elif job.done + len(chunk) > size:
                raise _Worthless("link-lied")
            stream.write(chunk)
            job.done += len(chunk)
            if floor.broken_by(job.done):
                raise SourceUnavailable("link-slow")
        stream.flush()
        await in_thread(os.fsync, stream.fileno())
        if size is not None and job.done < size:
            raise SourceUnavailable("link-short")

    async def _refuse_endless(self, job: _Job, more: int) -> None:
        """Nobody reserved room for what has no length; the disk is looked at now and then."""
        if job.done + more > min(self._options.max_unsized, self._options.max_link_size):
            raise _Worthless("link-endless")
        if job.done // _LOOK_EVERY < (job.done + more) // _LOOK_EVERY:
            await self._refuse_without_room(job, more, "link-endless")

    async def _refuse_without_room(self, job: _Job, needed: int, key: str) -> None:
        disk = await in_thread(shutil.disk_usage, job.record.folder)
        if needed > disk.free - self._options.keep_free:
            raise _Worthless(key)

    async def _finish(self, job: _Job, offer: Offer) -> None:
        target = job.target
        if target is None:
            raise ValueError("a fetched link has a name")
        if job.done == 0:
            raise _Worthless("link-empty")
        await offer.complete(job.part)
        job.done = _size(job.part)
        job.part.replace(target)
        await in_thread(sync, target.parent)
        job.record.size = job.done
        job.record.complete = True
        await self._save(job)

    async def _fail(self, job: _Job, error: str, said: str) -> None:
        job.record.error, job.said = error, said
        try:
            await self._save(job)
        except OSError as exc:
            _log.warning("link record not saved", key=job.record.key, problem=str(exc))

    async def _stop(self, job: _Job) -> None:
        if (task := job.task) and job.runs:
            task.cancel()
            await asyncio.wait({task})

    # -- state -------------------------------------------------------------------------------------------------

    def _adopt(self, record: LinkRecord) -> None:
        job = _Job(record, self._pace())
        self._jobs[record.key] = job
        if record.complete and (job.target is None or _size(job.target) != record.size):
            # its file is gone or was changed
            record.complete = False
        job.done = record.size or 0 if record.complete else _size(job.part)

    async def _save(self, job: _Job) -> None:
        # one at a time, each with the newest state
        async with self._writing:
            await in_thread(self._shelf.save, job.record)

    def _pace(self) -> Pace:
        return Pace(self._options.stall_after)

    def _refuse_size(self, size: int | None) -> None:
        if size == 0:
            raise _Worthless("link-empty")
        if size is not None and size > self._options.max_link_size:
            raise _Worthless("link-too-large", size=size, limit=self._options.max_link_size)


async def _drop_part(job: _Job) -> None:
    job.done = 0
    with contextlib.suppress(OSError):
        await in_thread(job.part.unlink)


def _open_part(part: Path, start: int) -> BinaryIO:
    """Opened at `start`; what lies behind it belongs to an answer that was given up."""
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    stream = os.fdopen(descriptor, "r+b")
    stream.truncate(start)
    stream.seek(start)
    return stream


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _progress(job: _Job) -> Progress:
    record = job.record
    job.pace.note(job.done)
    return Progress(
        _activity(job),
        done=job.done,
        total=record.size,
        rate=job.pace.rate if job.connected else 0,
        peers=int(job.connected),
        error=record.error,
        said=job.said if record.error else "",
    )


def _said(error: MagpieError) -> str:
    """What the door noticed: its words may be empty, and then its kind says most of it."""
    return "" if error.__cause__ is None else repr(error.__cause__)


def _activity(job: _Job) -> Activity:
    record = job.record
    if record.complete:
        return Activity.COMPLETE
    if record.error:
        return Activity.FAILED
    if record.paused:
        return Activity.PAUSED
    if job.waits:
        return Activity.FETCHING  # for its turn: nobody has been asked yet
    return Activity.STALLED if job.pace.stalled else Activity.FETCHING
