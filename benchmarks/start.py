"""From the start of the process to the first answer that a person sees: `python -m benchmarks.start`.

The person has written /start just before, and Telegram (the simulator) runs already. Each run has a world of its own, so no
run inherits updates of another.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.report import load, machine, middle, ratio, table
from benchmarks.worlds import free_port, start_plain_bot
from tests.house import House, Process, open_house

Launch = Callable[[], Awaitable[Process]]


@dataclass
class Times:
    """Seconds, one of each run."""

    empty: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)


async def measure(runs: int) -> Times:
    times = Times()
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            async with open_house(Path(folder) / "magpie", HEALTH_PORT=str(free_port())) as house:
                times.empty.append(await _first_answer(house, house.launch_bot))
                await house.bots[-1].stop()
                times.used.append(await _first_answer(house, house.launch_bot))
            async with open_house(Path(folder) / "plain") as house:
                times.plain.append(await _first_answer(house, partial(start_plain_bot, house)))
    return times


async def _first_answer(house: House, launch: Launch) -> float:
    """Seconds until the answer stands in the chat."""
    said = await house.ada.say("/start")
    begun = time.perf_counter()
    await launch()
    await house.ada.wait(after=said["message_id"])
    return time.perf_counter() - begun


def report(times: Times) -> str:
    rows = [
        ("plain bot", middle(times.plain, "s", 2), "1 ×"),
        ("Magpie, empty data folder", middle(times.empty, "s", 2), ratio(times.empty, times.plain)),
        ("Magpie, used data folder", middle(times.used, "s", 2), ratio(times.used, times.plain)),
    ]
    return table(("start to first answer", "median (range)", "to plain"), rows)


def main() -> None:
    load_before = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    times = asyncio.run(measure(parser.parse_args().runs))
    print(f"{report(times)}\n\n{len(times.plain)} runs each; {machine(load_before)}")


if __name__ == "__main__":
    main()
