"""One search in many Indexers, beyond what the Indexers themselves need: `python -m benchmarks.search`.

The servers run in a process of their own and answer after a known time. Beside it the plain alternative: everything
fetched and parsed side by side, nothing merged, ranked or shown in between.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from defusedxml.ElementTree import fromstring

from benchmarks.indexers import READY
from benchmarks.report import load, machine, middle, ratio, table
from models.search import Query
from services.search.fanout import FanOut
from services.search.torznab import TorznabIndexer
from tests.house import Process

_DEADLINE = 30.0
_FASTEST, _SLOWEST = 0.05, 0.5


@dataclass
class Times:
    """Seconds from the start of a search, one of each run."""

    first: list[float] = field(default_factory=list)
    end: list[float] = field(default_factory=list)

    def beyond(self, delays: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
        """What was needed beyond the fastest server, and beyond the slowest, in milliseconds."""
        fastest, slowest = min(delays), max(delays)
        return [1000 * (t - fastest) for t in self.first], [1000 * (t - slowest) for t in self.end]


@dataclass
class Compared:
    delays: Sequence[float]
    magpie: Times = field(default_factory=Times)
    plain: Times = field(default_factory=Times)
    merged: int = 0


async def measure(delays: Sequence[float], releases: int, runs: int) -> Compared:
    compared = Compared(delays)
    async with _servers(delays, releases) as urls, _client() as ours, _client() as plain:
        indexers = [TorznabIndexer(f"I{number}", url, ours) for number, url in enumerate(urls)]
        fan_out = FanOut(indexers, _DEADLINE)
        # the first search of all opens connections and asks for capabilities: not counted for either
        await _magpie(fan_out, Times())
        await _plain(plain, urls, Times())
        for _ in range(runs):
            compared.merged = await _magpie(fan_out, compared.magpie)
            await _plain(plain, urls, compared.plain)
    return compared


async def _magpie(fan_out: FanOut, times: Times) -> int:
    """Searches as the bot does; how many Releases are in the last picture."""
    begun = time.perf_counter()
    pictures = [
        (time.perf_counter() - begun, len(releases))
        async for releases, _ in fan_out.search(Query(text="work"))
    ]
    times.first.append(pictures[0][0])
    times.end.append(time.perf_counter() - begun)
    return pictures[-1][1]


async def _plain(http: httpx.AsyncClient, urls: Sequence[str], times: Times) -> None:
    begun = time.perf_counter()

    async def ask(url: str) -> float:
        answer = await http.get(url, params={"t": "search", "q": "work"})
        fromstring(answer.content)
        return time.perf_counter() - begun

    times.first.append(min(await asyncio.gather(*map(ask, urls))))
    times.end.append(time.perf_counter() - begun)


@asynccontextmanager
async def _servers(delays: Sequence[float], releases: int) -> AsyncIterator[Sequence[str]]:
    with tempfile.TemporaryDirectory() as folder:
        arguments = ("--releases", str(releases), "--delays", *map(str, delays))
        servers = await Process.start(Path(folder) / "log", "-m", "benchmarks.indexers", *arguments, env={})
        try:
            yield json.loads((await servers.said(rf"{READY}(.*\])")).group(1))
        finally:
            servers.kill()
            await servers.ended()


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_DEADLINE, limits=httpx.Limits(max_connections=50), trust_env=False)


def report(found: Mapping[str, Compared]) -> str:
    rows = []
    for name, compared in found.items():
        ours, plain = compared.magpie.beyond(compared.delays), compared.plain.beyond(compared.delays)
        for what, mine, other in zip(("first picture", "end"), ours, plain, strict=True):
            rows.append((f"{name}: {what}", middle(mine, "ms"), middle(other, "ms"), ratio(mine, other)))
    header = ("beyond the fastest (first picture) or the slowest (end) server", "Magpie", "plain", "to plain")
    return table(header, rows)


def spread(servers: int) -> Sequence[float]:
    """Delays from the fastest to the slowest, evenly."""
    step = (_SLOWEST - _FASTEST) / max(1, servers - 1)
    return [round(_FASTEST + number * step, 4) for number in range(servers)]


async def both(servers: int, releases: int, runs: int) -> Mapping[str, Compared]:
    """Servers that answer one after another, and, the worst case, all at the same moment."""
    delays = spread(servers)
    return {
        f"{delays[0] * 1000:.0f} to {delays[-1] * 1000:.0f} ms": await measure(delays, releases, runs),
        f"all {_SLOWEST * 1000:.0f} ms": await measure([_SLOWEST] * servers, releases, runs),
    }


def main() -> None:
    load_before = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, default=20)
    parser.add_argument("--releases", type=int, default=100)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    found = asyncio.run(both(options.servers, options.releases, options.runs))
    merged = next(iter(found.values())).merged
    print(f"{report(found)}\n")
    print(f"{options.servers} servers × {options.releases} releases, {merged} after merging; ", end="")
    print(f"{options.runs} runs each; {machine(load_before)}")


if __name__ == "__main__":
    main()
