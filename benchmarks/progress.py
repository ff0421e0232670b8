"""What one look at all engines costs with many Transfers: `python -m benchmarks.progress`.

Everything advances between two looks. Beside it the plain way: each download is asked for by itself, and saved.
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

from benchmarks.report import load, machine, middle, ratio, table
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
class Ticks:
    """Milliseconds of processor time a tick, ours and the database's; calls of the engine a tick."""

    ours: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)


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


async def measure(count: int, ticks: int) -> Mapping[str, Ticks]:
    """One database with so many Transfers that are being fetched."""
    with tempfile.TemporaryDirectory() as folder:
        async with _world(count, Path(folder)) as (engine, chores):

            async def plainly() -> None:
                await _plain_tick(engine)

            return {
                "Magpie": await _ticks(engine, chores.poll, ticks),
                "plain": await _ticks(engine, plainly, max(1, ticks // 5)),
            }


@asynccontextmanager
async def _world(count: int, folder: Path) -> AsyncIterator[tuple[Swarm, Chores]]:
    engine = Swarm("aria2")
    async with opened_database(None, folder / "db"):
        await insert([document for number in range(count) for document in _fetching(number, engine)])
        downloads = Downloads(Engines({engine.name: engine}), folder)
        archive = Archive(FakeDoor(), Catalogue(LOCALES).words("en"), folder, None)
        yield engine, Chores(downloads, Upkeep(downloads, archive, [folder / "previews"]), Bell())


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


async def _ticks(engine: Swarm, tick: Callable[[], Awaitable[None]], count: int) -> Ticks:
    found = Ticks()
    database = psutil.Process().children()[0]
    await tick()
    for _ in range(count):
        engine.advance()
        ours, theirs, calls = time.process_time(), _busy(database), engine.questions
        await tick()
        found.ours.append(1000 * (time.process_time() - ours))
        found.database.append(1000 * (_busy(database) - theirs))
        found.calls.append(engine.questions - calls)
    return found


def _busy(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def report(found: Mapping[int, Mapping[str, Ticks]]) -> str:
    rows = [_row(f"{count}: {name}", ticks) for count, ways in found.items() for name, ticks in ways.items()]
    header = ("Transfers", "engine calls a tick", "processor time a tick, bot", "embedded database")
    shares = [(f"{count}", ratio(ways["Magpie"].ours, ways["plain"].ours)) for count, ways in found.items()]
    return f"{table(header, rows)}\n\n{table(('Transfers', 'processor time of the bot, to plain'), shares)}"


def _row(name: str, ticks: Ticks) -> Sequence[str]:
    times = middle(ticks.ours, "ms", 1), middle(ticks.database, "ms")
    return (name, middle(ticks.calls, ""), *times)


def main() -> None:
    load_before = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 100, 1000])
    parser.add_argument("--ticks", type=int, default=10)
    options = parser.parse_args()
    found = {count: asyncio.run(measure(count, options.ticks)) for count in options.counts}
    print(f"{report(found)}\n\n{options.ticks} ticks each, one a second in use; {machine(load_before)}")


if __name__ == "__main__":
    main()
