"""What all processes keep in memory when nothing goes on: `python -m benchmarks.memory`.

Two measures of Linux, in MB (10⁶ bytes): RSS counts a shared page in every process that has it, PSS divides it among
them, so only PSS may be added up.
"""

import argparse
import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.report import load, machine, middle, table
from benchmarks.worlds import free_port, start_plain_bot
from tests.house import House, open_house

BOT, DATABASE, SIMULATOR, PLAIN, OTHER = "bot", "embedded database", "simulator", "plain bot", "others"
_PROGRAMS = (("nx-27017", DATABASE), ("simulator", SIMULATOR), ("bot", BOT), ("benchmarks.plain_bot", PLAIN))


@dataclass(frozen=True)
class Memory:
    """In bytes."""

    rss: int = 0
    pss: int = 0

    def __add__(self, other: "Memory") -> "Memory":
        return Memory(self.rss + other.rss, self.pss + other.pss)


Snapshot = Mapping[str, Memory]
"""Memory by what the processes are."""


async def measure(idle: float) -> Mapping[str, Snapshot]:
    """One run: what is in memory `idle` seconds after each of three moments."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(Path(folder) / "magpie", HEALTH_PORT=str(free_port())) as house:
            await house.start_bot(**house.second_door)
            await _greet(house)
            started = await _after(idle)
            await _order(house)
            worked = await _after(idle)
        async with open_house(Path(folder) / "plain") as house:
            await start_plain_bot(house)
            await _greet(house)
            plain = await _after(idle)
    return {"idle after the start": started, "idle after one order": worked, "plain alternative": plain}


async def _greet(house: House) -> None:
    said = await house.ada.say("/start")
    await house.ada.wait(after=said["message_id"])


async def _order(house: House) -> None:
    """The whole way of a small film: searched, fetched, previewed, archived."""
    said = await house.ada.say("/search colour bars")
    found = await house.ada.wait(pattern=r"sources? · \d", button="1", after=said["message_id"])
    await house.ada.press(found, "1")
    picker = await house.ada.wait(button="Start", after=found["message_id"])
    await house.ada.press(picker, "Start")
    await house.ada.wait(contains="is in the archive", seconds=120)


async def _after(idle: float) -> Snapshot:
    await asyncio.sleep(idle)
    found: dict[str, Memory] = defaultdict(Memory)
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):  # it has just ended
            found[_what_it_is(process.cmdline())] += _memory(process.pid)
    return found


def _what_it_is(command: Sequence[str]) -> str:
    words = {Path(word).name for word in command[:3]}
    return next((what for program, what in _PROGRAMS if program in words), OTHER)


def _memory(pid: int) -> Memory:
    sizes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, kibibytes, _ = line.split()
        sizes[name] = int(kibibytes) * 1024
    return Memory(sizes["Rss:"], sizes["Pss:"])


def report(runs: Sequence[Mapping[str, Snapshot]]) -> str:
    rows = []
    for moment in runs[0]:
        snapshots = [run[moment] for run in runs]
        whats = sorted({what for snapshot in snapshots for what in snapshot})
        rows += [_row(moment, what, [snapshot[what] for snapshot in snapshots]) for what in whats]
        magpie = [_sum(snapshot, without=SIMULATOR) for snapshot in snapshots]
        rows.append(_row(moment, "all but the simulator", magpie))
        rows.append(_row(moment, "all", [_sum(snapshot) for snapshot in snapshots]))
    return table(("when", "process", "PSS", "RSS"), rows)


def _sum(snapshot: Snapshot, without: str = "") -> Memory:
    return sum((memory for what, memory in snapshot.items() if what != without), Memory())


def _row(moment: str, what: str, sizes: Sequence[Memory]) -> Sequence[str]:
    pss, rss = ([getattr(size, name) / 1e6 for size in sizes] for name in ("pss", "rss"))
    return (moment, what, middle(pss, "MB"), middle(rss, "MB"))


def main() -> None:
    load_before = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds")
    options = parser.parse_args()
    runs = [asyncio.run(measure(options.idle)) for _ in range(options.runs)]
    print(f"{report(runs)}\n\n{len(runs)} runs; {machine(load_before)}")


if __name__ == "__main__":
    main()
