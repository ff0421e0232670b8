"""One search in many Indexers as a person sees it: `python -m benchmarks.search_in_chat`.

From the moment a server gives its results until Telegram (the simulator) has the Card that shows them: through a whole bot
with its database, each in a process of its own on this machine.
"""

import argparse
import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.indexers import DEADLINE, Case, cases, client, open_servers
from benchmarks.report import load, machine, middle, table
from tests.chats import newcomer
from tests.house import House, Message, Person, open_house

_FIRST_PAGE = r"\n1\. "
_EVERYTHING = r"sources? · \d[\d.]* s\n"


@dataclass
class Times:
    """Milliseconds, one of each run: the first page after the fastest server, everything after the slowest."""

    first: list[float] = field(default_factory=list)
    end: list[float] = field(default_factory=list)


async def measure(case: Case, releases: int, runs: int) -> Times:
    times = Times()
    async with open_servers(case, releases) as urls, client() as http, _house(urls) as house:
        await house.start_bot()
        # the first search of all opens connections and asks for capabilities: it is not counted
        await _once(house, http, urls, Times())
        for _ in range(runs):
            await _once(house, http, urls, times)
    return times


async def _once(house: House, http: httpx.AsyncClient, urls: Sequence[str], times: Times) -> None:
    """By somebody new: everybody has a budget of messages of their own."""
    first, end = await _search(await newcomer(house), house)
    answered = [float((await http.get(url, params={"t": "answered"})).text) for url in urls]
    times.first.append(1000 * (first - min(answered)))
    times.end.append(1000 * (end - max(answered)))


async def _search(person: Person, house: House) -> tuple[float, float]:
    """When Telegram got the first Card with a hit, and the one with everything."""
    said = await person.say("/search work")
    card = await person.wait(pattern=_EVERYTHING, after=said["message_id"])
    calls = [call for call in await house.record(person.id) if call["message_id"] == card["message_id"]]
    return _first(calls, _FIRST_PAGE), _first(calls, _EVERYTHING)


def _first(calls: Sequence[Message], pattern: str) -> float:
    return next(float(call["at"]) for call in calls if re.search(pattern, call["parameters"].get("text", "")))


@asynccontextmanager
async def _house(urls: Sequence[str]) -> AsyncIterator[House]:
    indexers = ",".join(f"I{number}={url}" for number, url in enumerate(urls))
    settings = {"TORZNAB_URLS": indexers, "SEARCH_SECONDS": str(DEADLINE), "OPEN_ACCESS": "true"}
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(Path(folder), **settings) as house:
            yield house


def report(found: Mapping[str, Times]) -> str:
    rows = []
    for name, times in found.items():
        rows.append((name, middle(times.first, "ms"), middle(times.end, "ms")))
    return table(
        ("servers answer after", "first page after the fastest", "everything after the slowest"), rows
    )


async def compare(servers: int, releases: int, runs: int) -> Mapping[str, Times]:
    return {case.name: await measure(case, releases, runs) for case in cases(servers)}


def main() -> None:
    load_before = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, default=20)
    parser.add_argument("--releases", type=int, default=100)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    print(f"{report(asyncio.run(compare(options.servers, options.releases, options.runs)))}\n")
    print(f"{options.servers} servers × {options.releases} releases; ", end="")
    print(f"{options.runs} runs each; {machine(load_before)}")


if __name__ == "__main__":
    main()
