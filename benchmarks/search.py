"""One search in many Indexers, beyond what the Indexers themselves need: `python -m benchmarks.search`.

The servers run in a process of their own and answer after a known time. Beside it the plain alternative: everything
fetched and parsed side by side, nothing merged, ranked or shown in between.
"""

import argparse
import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx
from defusedxml.ElementTree import fromstring

from benchmarks.indexers import DEADLINE, Case, cases, client, open_servers
from benchmarks.report import load, machine, middle, ratio, table
from models.search import Query
from services.search.fanout import FanOut
from services.search.ranking import best_first
from services.search.torznab import TorznabIndexer


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
    case: Case
    magpie: Times = field(default_factory=Times)
    plain: Times = field(default_factory=Times)
    merged: int = 0


async def measure(case: Case, releases: int, runs: int) -> Compared:
    compared = Compared(case)
    async with open_servers(case, releases) as urls, AsyncExitStack() as clients:
        plain = await clients.enter_async_context(client())
        ours = [await clients.enter_async_context(client()) for _ in urls]
        fan_out = FanOut([TorznabIndexer(f"I{n}", url, ours[n]) for n, url in enumerate(urls)], DEADLINE)
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
    pictures = []
    async for releases, _ in fan_out.search(Query(text="work")):
        ranked = best_first("work", releases)
        pictures.append((time.perf_counter() - begun, len(ranked)))
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


def report(found: Sequence[Compared]) -> str:
    rows = []
    for compared in found:
        name, delays = compared.case.name, compared.case.delays
        ours, plain = compared.magpie.beyond(delays), compared.plain.beyond(delays)
        for what, mine, other in zip(("first picture", "end"), ours, plain, strict=True):
            rows.append((f"{name}: {what}", middle(mine, "ms"), middle(other, "ms"), ratio(mine, other)))
    header = ("beyond the fastest (first picture) or the slowest (end) server", "Magpie", "plain", "to plain")
    return table(header, rows)


async def compare(servers: int, releases: int, runs: int) -> Sequence[Compared]:
    return [await measure(case, releases, runs) for case in cases(servers)]


def main() -> None:
    load_before = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, default=20)
    parser.add_argument("--releases", type=int, default=100)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    found = asyncio.run(compare(options.servers, options.releases, options.runs))
    merged = found[0].merged
    print(f"{report(found)}\n")
    print(f"{options.servers} servers × {options.releases} releases, {merged} after merging; ", end="")
    print(f"{options.runs} runs each; {machine(load_before)}")


if __name__ == "__main__":
    main()
