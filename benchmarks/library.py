"""The library with many Items: how long a query takes, what the index costs, and what it finds: `python -m benchmarks.library`.

The Items are made up, in the embedded database; a member asks who sees most of them. Beside the index the same words are
asked of that database alone.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

import psutil

from benchmarks.library_plain import TEXT, Plain, asked_plainly
from benchmarks.library_queries import FILTERED, NEWEST, Asker
from benchmarks.made_archive import ARCHIVE, fill, plain_member, sampled
from benchmarks.relevance.judge import answers, index_of, item_of
from benchmarks.relevance.table import Part
from benchmarks.relevance.table import load as known
from benchmarks.report import load, machine, middle, table
from benchmarks.worlds import apart
from bot.database import opened_database
from services.library.asking import Care
from services.library.entries import entry_of
from services.library.follower import Follower
from services.library.generations import Generations
from services.library.index import Index, Wanted
from services.library.query import SortBy, read_asked
from services.library.shown import PAGE
from services.tasks import Bell

FACETS, ALL_FACETS = "the same filters and word: facets", "nothing typed: facets of everything"
_WARMING = 20
"""Queries of each sort that are not counted: who asks first brings the index from the disk into memory."""
_MEMBERS = 100
_PARTS: Sequence[Part] = ("seen", "held")


@dataclass(frozen=True)
class Errand:
    """What the process that only searches is told. `index`: the folder of all indexes."""

    index: str
    count: int
    seed: int
    queries: int


@dataclass
class Searched:
    """What it says: milliseconds of each query by its sort, memory in MB, and how much of each part it finds."""

    times: dict[str, list[float]] = field(default_factory=dict)
    before: float = 0.0
    own: float = 0.0
    mapped: float = 0.0
    found: dict[str, str] = field(default_factory=dict)


@dataclass
class Made:
    """What an index costs: seconds of each time it was made, and MB on the disk and at most in memory."""

    seconds: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    database_busy: list[float] = field(default_factory=list)
    megabytes: float = 0.0
    database: float = 0.0
    ours: float = 0.0


async def make(folder: Path, options: argparse.Namespace) -> tuple[Made, Plain]:
    """The index of all Items, and what the database alone can do. It is filled the first time."""
    filled = folder / f"filled-{options.count}-{options.seed}"
    if not filled.exists():
        await fill(folder, options.count, options.seed)
        filled.touch()
    made, texts = Made(), _texts(options.count, options.seed, options.queries)
    async with opened_database(None, folder / "db") as database:
        server = psutil.Process().children(recursive=True)[-1]
        for _ in range(options.rebuilds):
            await _rebuild(folder / "index", made, server)
        made.database, made.ours = _most("VmHWM", server.pid), _most("VmHWM", psutil.Process().pid)
        made.megabytes = sum(path.stat().st_size for path in (folder / "index").glob("*/*")) / 1e6
        url = "" if database is None else database.url
        if not options.plain:
            return made, Plain()
        return made, await asked_plainly(url, texts, plain_member(0), options.plain)


async def _rebuild(root: Path, made: Made, server: psutil.Process) -> None:
    follower, begun, busy, database_busy = Follower(root, Bell()), time.perf_counter(), _busy(), _busy(server)
    await follower.rebuild()
    made.seconds.append(time.perf_counter() - begun)
    made.busy.append(_busy() - busy)
    made.database_busy.append(_busy(server) - database_busy)
    follower.close()


def _busy(process: psutil.Process | None = None) -> float:
    """Seconds of processor time so far; of this process, unless told."""
    times = (process or psutil.Process()).cpu_times()
    return float(times.user + times.system)


def _most(name: str, pid: int) -> float:
    """A line of what Linux knows of the memory of a process, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{name}:"))


async def search(errand: Errand) -> Searched:
    """In a process that does nothing else."""
    texts = _texts(errand.count, errand.seed, errand.queries)
    searched, own = Searched(), psutil.Process().pid
    searched.before = _most("RssAnon", own)
    current = Generations(Path(errand.index)).current()
    if current is None:
        raise RuntimeError("there is no index")
    index = Index(current.folder)
    for name, asked in texts.items():
        searched.times[name] = await _timed(index.search, asked)
    for name, asked in ((FACETS, texts[FILTERED]), (ALL_FACETS, texts[NEWEST])):
        searched.times[name] = await _timed(lambda wanted: index.counts(wanted, Care.EXACT), asked)
    searched.own, searched.mapped = _most("RssAnon", own), _most("RssFile", own)
    searched.found = _found_among(index)
    return searched


def _found_among(index: Index) -> dict[str, str]:
    """How many queries are answered when the works of the relevance table are put into an index of many others."""
    index.write(entry_of({**item_of(work), "channel_id": ARCHIVE}) for work in known().works)
    index.commit()
    found = {str(part): _found(index, part, ARCHIVE) for part in _PARTS}
    index.close()
    return found


def _texts(count: int, seed: int, queries: int) -> Mapping[str, Sequence[str]]:
    """Of works that are there; of more than are needed, because not every title has a long word."""
    works = [work for _, work in sampled(min(count, 50_000), seed, 3 * (queries + _WARMING))]
    return Asker(works, seed).all(queries + _WARMING)


async def _timed(ask: Callable[[Wanted], object], texts: Sequence[str]) -> list[float]:
    """Milliseconds from what is typed to the finds, as the bot asks."""
    times = []
    for number, text in enumerate(texts):
        reach, begun = plain_member(number % _MEMBERS), time.perf_counter()
        asked = read_asked(text)
        sort = SortBy.RELEVANCE if asked.words else SortBy.NEWEST
        await asyncio.to_thread(ask, Wanted(asked, reach, sort=sort, limit=PAGE))
        times.append(1000 * (time.perf_counter() - begun))
    return times[min(_WARMING, len(times) // 2) :]


def _found(index: Index, part: Part, channel: int = -1) -> str:
    """How many of the queries of the relevance table are answered."""
    askings = known().of(part)
    return f"{sum(answers(index, each, channel) for each in askings)} of {len(askings)}"


def found_alone() -> Mapping[str, str]:
    """The same where there are only the works of that table."""
    with tempfile.TemporaryDirectory() as folder:
        index = index_of(known().works, Path(folder))
        found = {str(part): _found(index, part) for part in _PARTS}
        index.close()
    return found


def report(count: int, made: Made, searched: Searched, plain: Plain) -> str:
    beside = [_beside(searched, plain)] if plain.pages else []
    return "\n\n".join((_times(searched), *beside, _costs(count, made, searched)))


def _times(searched: Searched) -> str:
    rows = []
    for name, times in searched.times.items():
        ordered = sorted(times)
        rows.append(
            (name, *(f"{value:.1f} ms" for value in (median(times), ordered[_at(times, 0.95)], ordered[-1])))
        )
    return table(("what is asked", "median", "p95", "slowest"), rows)


def _at(values: Sequence[float], part: float) -> int:
    return min(len(values) - 1, int(len(values) * part))


def _beside(searched: Searched, plain: Plain) -> str:
    rows = []
    for (way, name), pages in plain.pages.items():
        index = median(searched.times[name])
        both = median(pages) + plain.counts[way, name]
        rows.append(
            (
                f"{name}: {way}",
                middle(pages, "ms"),
                f"{plain.counts[way, name]:.0f} ms",
                f"{both / index:.0f} ×",
            )
        )
    if plain.refused:
        rows.append((TEXT, plain.refused, "", ""))
    return table(("the database alone", "a page", "how many there are", "both, to the index"), rows)


def _costs(count: int, made: Made, searched: Searched) -> str:
    rows = [
        (
            "the index on the disk",
            f"{made.megabytes:.0f} MB",
        ),
        ("making it anew", middle(made.seconds, "s", 1)),
        ("processor time of that: who makes it", middle(made.busy, "s", 1)),
        ("processor time of that: the database", middle(made.database_busy, "s", 1)),
        ("at most in memory meanwhile: who makes it", f"{made.ours:.0f} MB"),
        ("at most in memory meanwhile: the database", f"{made.database:.0f} MB"),
        ("a process that searches: its own memory", f"{searched.own - searched.before:.0f} MB more"),
        ("a process that searches: pages of files", f"{searched.mapped:.0f} MB"),
    ]
    alone = found_alone()
    for part in _PARTS:
        rows.append((f"answered among the first five, {part}", alone[part]))
        rows.append((f"the same among {count} others", searched.found[part]))
    return table((f"{count} Items", ""), rows)


async def compare(options: argparse.Namespace, folder: Path) -> str:
    made, plain = await make(folder, options)
    errand = Errand(str(folder / "index"), options.count, options.seed, options.queries)
    searched = Searched(**json.loads(await apart("benchmarks.library", errand)))
    return report(options.count, made, searched, plain)


def main() -> None:
    load_before = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--queries", type=int, default=400, help="of each sort")
    parser.add_argument(
        "--plain",
        type=int,
        default=3,
        help="queries of each sort that the database is asked alone; 0: it is not",
    )
    parser.add_argument("--rebuilds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the Items are kept for the next time (2.3 GB)")
    parser.add_argument("--errand", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.errand:
        print(json.dumps(asdict(asyncio.run(search(Errand(**json.loads(options.errand)))))))
        return
    with tempfile.TemporaryDirectory() as scratch:
        print(f"{asyncio.run(compare(options, options.folder or Path(scratch)))}\n")
    print(f"{options.count} Items; {options.queries} queries of each sort; {machine(load_before)}")


if __name__ == "__main__":
    main()
