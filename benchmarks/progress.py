"""What looking at all engines costs with many Transfers: `python -m benchmarks.progress`.

For so many seconds the schedule ticks once in each, and everything advances. Beside it the plain way: every second each
download is asked for by itself, and saved.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.report import load, machine, middle, table
from benchmarks.worlds import insert
from bot.assembly import LOCALES
from bot.database import opened_database
from jobs.chores import Chores
from models.downloads import Download, DownloadState, SourceKind, SourceRecord
from models.transfers import Transfer, TransferState
from services.documents import plain
from services.downloads.engines import Engines
from services.downloads.port import Activity, DownloadKey, Magnet, Progress
from services.downloads.service import Downloads
from services.storage.archive import Archive
from services.tasks import Bell
from services.transfers.upkeep import Upkeep
from services.words import Catalogue
from tests.fake_door import FakeDoor
from tests.fake_engine import FakeEngine, Job


@dataclass
class Looks:
    """Milliseconds of processor time a look, ours and the database's; calls of the engine a look. `seconds`: of all."""

    seconds: int
    ours: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)

    def add(self, ours: float, database: float, calls: int) -> None:
        self.ours.append(ours)
        self.database.append(database)
        self.calls.append(calls)

    @property
    def share(self) -> float:
        """Per cent of a core."""
        return (sum(self.ours) + sum(self.database)) / self.seconds / 10


@dataclass
class Clock:
    """It is not waited for."""

    second: float = 0

    def __call__(self) -> float:
        return self.second


class Swarm(FakeEngine):
    """An engine that says at once how far its jobs are, of all of them or of one."""

    def advance(self) -> None:
        for job in self.jobs.values():
            job.done = (job.done + 1) % 200

    async def progress(self) -> Mapping[DownloadKey, Progress]:
        self.questions += 1
        return {key: _said(job) for key, job in self.jobs.items()}

    async def one(self, key: DownloadKey) -> Progress:
        self.questions += 1
        return _said(self.jobs[key])

    def begin(self, number: int) -> None:
        key = _key(number)
        self.jobs[key] = Job(Magnet("", key, "a"), frozenset({0, 1}), Path("/"))


def _said(job: Job) -> Progress:
    return Progress(Activity.FETCHING, job.done, 1000, rate=1, peers=2, seeds=1)


def _key(number: int) -> str:
    return f"{number:040x}"


async def measure(count: int, seconds: int) -> Mapping[str, Looks]:
    """One database with so many Transfers that are being fetched."""
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        async with _world(count, Path(folder), clock) as (engine, chores):

            async def plainly() -> None:
                await _plain_tick(engine)

            return {
                "Magpie": await _looks(engine, chores.poll, clock, seconds),
                "plain": await _looks(engine, plainly, clock, max(1, seconds // 5)),
            }


@asynccontextmanager
async def _world(count: int, folder: Path, clock: Clock) -> AsyncIterator[tuple[Swarm, Chores]]:
    engine = Swarm("aria2")
    async with opened_database(None, folder / "db"):
        await insert([document for number in range(count) for document in _fetching(number, engine)])
        downloads = Downloads(Engines({engine.name: engine}), folder)
        archive = Archive(FakeDoor(), Catalogue(LOCALES).words("en"), folder, None)
        upkeep = Upkeep(downloads, archive, [folder / "previews"])
        yield engine, Chores(downloads, upkeep, Bell(), clock=clock)


def _fetching(number: int, engine: Swarm) -> tuple[Download, Transfer]:
    engine.begin(number)
    key = _key(number)
    source = SourceRecord(kind=SourceKind.MAGNET, value=f"magnet:?xt=urn:btih:{key}", name="a")
    download = Download(
        id=key, source=source, engine=engine.name, wanted=[0, 1], transfers=[f"t{number:015}"],
        state=DownloadState.ACTIVE,
    )  # fmt: skip
    transfer = Transfer(
        id=download.transfers[0], member_id="1", chat_id=1, title="a", source=source, listed=True,
        state=TransferState.FETCHING, download=key, trace="1",
    )  # fmt: skip
    return download, transfer


async def _plain_tick(engine: Swarm) -> None:
    """Asks for each download by itself, and saves it."""
    for download in await Download.find_all().to_list():
        progress = await engine.one(download.id)
        done = {"progress.done": plain(progress.done)}
        await Download.get_pymongo_collection().update_one({"_id": download.id}, {"$set": done})


async def _looks(engine: Swarm, tick: Callable[[], Awaitable[None]], clock: Clock, seconds: int) -> Looks:
    found = Looks(seconds)
    database = psutil.Process().children()[0]
    await tick()
    for _ in range(seconds):
        clock.second += 1
        engine.advance()
        ours, theirs, calls = time.process_time(), _busy(database), engine.questions
        await tick()
        if engine.questions > calls:
            used = 1000 * (time.process_time() - ours), 1000 * (_busy(database) - theirs)
            found.add(*used, engine.questions - calls)
    return found


def _busy(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def report(found: Mapping[int, Mapping[str, Looks]]) -> str:
    rows = [_row(f"{count}: {name}", looks) for count, ways in found.items() for name, looks in ways.items()]
    header = (
        *("Transfers", "looks a second", "engine calls a look", "processor time a look, bot"),
        *("embedded database", "both, of a core"),
    )
    shares = [
        (f"{count}", f"{ways['Magpie'].share / ways['plain'].share:.2f} ×") for count, ways in found.items()
    ]
    return f"{table(header, rows)}\n\n{table(('Transfers', 'share of a core, to plain'), shares)}"


def _row(name: str, looks: Looks) -> Sequence[str]:
    times = middle(looks.ours, "ms", 1), middle(looks.database, "ms")
    often = f"{len(looks.calls) / looks.seconds:.2g}"
    return (name, often, middle(looks.calls, ""), *times, f"{looks.share:.1f} %")


def main() -> None:
    load_before = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 100, 1000])
    parser.add_argument("--seconds", type=int, default=24)
    options = parser.parse_args()
    found = {count: asyncio.run(measure(count, options.seconds)) for count in options.counts}
    print(f"{report(found)}\n\n{options.seconds} seconds each; {machine(load_before)}")


if __name__ == "__main__":
    main()
