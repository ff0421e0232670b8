"""From /library to the Card with what was found, as it stands in the chat: `python -m benchmarks.library_in_chat`.

Through a whole bot with the embedded database, each in a process of its own; every question by somebody new, in one group.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil

from benchmarks.library_queries import FILTERED, NEWEST, TYPO, WORD, Asker
from benchmarks.made_archive import fill, sampled
from benchmarks.report import load, machine, table
from tests.chats import newcomer
from tests.house import House, Process, open_house

_ASKED = (WORD, TYPO, FILTERED, NEWEST)
_FOUND = r"^📚 .* works?\n"
_LONG = 1200.0


@dataclass
class Found:
    """Milliseconds by the sort of query, and MB (PSS) of the bot: once it has made the index, and after a restart."""

    times: dict[str, Sequence[float]] = field(default_factory=dict)
    made: float = 0.0
    restarted: float = 0.0


async def measure(count: int, seed: int, queries: int) -> Found:
    works = [work for _, work in sampled(min(count, 50_000), seed, 3 * queries)]
    texts = Asker(works, seed).all(queries)
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(Path(folder), OPEN_ACCESS="true") as house:
            await fill(Path(folder) / "data", count, seed, house.channel, house.group)
            bot = await house.start_bot()
            await bot.said("index-made", _LONG)
            # the first question of all is not counted
            await _asked(house, texts[WORD][0])
            found = Found()
            for name in _ASKED:
                found.times[name] = [await _asked(house, text) for text in texts[name]]
            found.made = _pss(bot)
            await bot.stop()
            bot = await house.start_bot()
            await _asked(house, texts[WORD][0])
            found.restarted = _pss(bot)
            return found


def _pss(bot: Process) -> float:
    return float(psutil.Process(bot.pid).memory_full_info().pss) / 1e6


async def _asked(house: House, text: str) -> float:
    """By somebody new: everybody has a budget of messages of their own."""
    person = await newcomer(house)
    begun = time.time()
    said = await person.say(f"/library {text}")
    card = await person.wait(pattern=_FOUND, after=said["message_id"])
    calls = [call for call in await house.record(person.id) if call["message_id"] == card["message_id"]]
    return 1000 * (float(calls[0]["at"]) - begun)


def report(found: Found) -> str:
    rows = []
    for name, times in found.times.items():
        p95 = sorted(times)[min(len(times) - 1, int(0.95 * len(times)))]
        rows.append((name, f"{median(times):.0f} ms", f"{p95:.0f} ms", f"{max(times):.0f} ms"))
    answers = table(("from /library to the Card", "median", "p95", "slowest"), rows)
    memory = f"PSS of the bot: {found.made:.0f} MB when it has made the index, {found.restarted:.0f} MB after a restart"
    return f"{answers}\n\n{memory}"


def main() -> None:
    load_before = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--queries", type=int, default=100, help="of each sort")
    options = parser.parse_args()
    print(f"{report(asyncio.run(measure(options.count, options.seed, options.queries)))}\n")
    print(f"{options.count} Items, {options.queries} queries of each sort; {machine(load_before)}")


if __name__ == "__main__":
    main()
