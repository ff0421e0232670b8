"""An engine in memory, for tests of what is built upon engines: it keeps the port's word, and its files are real."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.downloads import FileEntry
from services.downloads.port import (
    Activity,
    Contents,
    DownloaderUnreachable,
    DownloadKey,
    EngineHealth,
    Magnet,
    NotOurs,
    Progress,
    Selection,
    Source,
    SourceUnavailable,
    WebLink,
    download_key,
)

FILES = (
    FileEntry(index=0, path="Bunny/a.mkv", size=100),
    FileEntry(index=1, path="Bunny/b.mkv", size=200),
    FileEntry(index=2, path="Bunny/c.txt", size=0),
)


@dataclass
class Job:
    source: Source
    files: Selection
    folder: Path
    paused: bool = False
    done: int = 0
    uploaded: int = 0
    error: str | None = None


class FakeEngine:
    """Every Source holds `FILES`. A test is the swarm: it calls `fetch`, `finish`, `fail` and `lose`."""

    def __init__(self, name: str = "fake", *, links: bool = True) -> None:
        self._name = name
        self._links = links
        self.jobs: dict[DownloadKey, Job] = {}
        self.foreign: set[DownloadKey] = set()
        self.silent: set[DownloadKey] = set()
        """Keys nobody has: inspecting their magnets finds nothing in time."""
        self.inspected: set[DownloadKey] = set()
        self.away = False
        self.questions = 0
        self.adds = 0
        self.pauses = 0

    @property
    def name(self) -> str:
        return self._name

    def takes(self, source: Source) -> bool:
        return self._links or not isinstance(source, WebLink)

    async def inspect(self, source: Source) -> Contents:
        self._answer()
        key = download_key(source)
        if key in self.silent and isinstance(source, Magnet):
            raise SourceUnavailable("no-metadata")
        self.inspected.add(key)
        return Contents(name="Bunny", files=FILES)

    async def add(self, key: DownloadKey, source: Source, files: Selection, folder: Path) -> None:
        self._answer()
        if not files or not folder.is_absolute():
            raise ValueError("the port promises files and an absolute folder")
        if key in self.foreign:
            raise NotOurs(self.name)
        self.adds += 1
        job = self.jobs.setdefault(key, Job(source, files, folder))
        job.done = sum(size for index, size in _fetched(job).items() if index in files)
        job.files, job.paused, job.error = files, False, None

    async def progress(self) -> Mapping[DownloadKey, Progress]:
        self._answer()
        self.questions += 1
        return {key: _progress(job) for key, job in self.jobs.items()}

    async def files(self, key: DownloadKey) -> Mapping[int, Path]:
        self._answer()
        job = self.jobs.get(key)
        return {} if job is None else {file.index: job.folder / file.path for file in _wanted(job)}

    async def pause(self, key: DownloadKey) -> None:
        self._answer()
        self.pauses += 1
        if key in self.jobs:
            self.jobs[key].paused = True

    async def resume(self, key: DownloadKey) -> None:
        self._answer()
        if key in self.jobs:
            self.jobs[key].paused = False

    async def remove(self, key: DownloadKey, *, with_files: bool) -> None:
        self._answer()
        self.inspected.discard(key)
        job = self.jobs.pop(key, None)
        if job is not None and with_files:
            for file in FILES:
                (job.folder / file.path).unlink(missing_ok=True)

    async def health(self) -> EngineHealth:
        return EngineHealth(ok=not self.away, version="1", problem="away" if self.away else "")

    async def close(self) -> None:
        return

    # -- what the world does ---------------------------------------------------------------------------------------

    def fetch(self, key: DownloadKey, done: int) -> None:
        """So many bytes have come."""
        self.jobs[key].done = done

    def finish(self, key: DownloadKey) -> None:
        """Everything wanted has come, and is on disk."""
        job = self.jobs[key]
        for file in _wanted(job):
            path = job.folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x" * (file.size or 0))
        job.done = _total(job)

    def give(self, key: DownloadKey, uploaded: int) -> None:
        """So many bytes were given to others, in all."""
        self.jobs[key].uploaded = uploaded

    def fail(self, key: DownloadKey, error: str) -> None:
        self.jobs[key].error = error

    def lose(self, key: DownloadKey) -> None:
        """As aria2 does when it is started again without its session: the files stay."""
        del self.jobs[key]

    def _answer(self) -> None:
        if self.away:
            raise DownloaderUnreachable(self.name)


def _wanted(job: Job) -> Sequence[FileEntry]:
    return [file for file in FILES if file.index in job.files]


def _fetched(job: Job) -> Mapping[int, int]:
    """Bytes of each file that are there: they come one file after the other."""
    fetched, left = dict[int, int](), job.done
    for file in _wanted(job):
        fetched[file.index] = min(left, file.size or 0)
        left -= fetched[file.index]
    return fetched


def _total(job: Job) -> int:
    return sum(file.size or 0 for file in _wanted(job))


def _progress(job: Job) -> Progress:
    total = _total(job)
    if job.error is not None:
        return Progress(Activity.FAILED, job.done, total, error=job.error, said="as a test says")
    if job.done >= total:
        activity = Activity.COMPLETE
    elif job.paused:
        activity = Activity.PAUSED
    else:
        activity = Activity.FETCHING
    return Progress(activity, job.done, total, rate=1, peers=2, seeds=1, uploaded=job.uploaded)
