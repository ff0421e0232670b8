"""Every benchmark runs and prints its table. What it measures is not judged here: that depends on the machine."""

import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from benchmarks.large_files import measured
from tests import zygote
from tests.house import Process
from tests.programs import need

_SECONDS = 300.0
_MIB = 1 << 20
TINY = {
    "start": (
        ["--runs", "1"],
        ["plain bot", "Magpie, empty data folder", "Magpie, used data folder"],
    ),
    "memory": (
        ["--runs", "1", "--idle", "0.5"],
        ["| bot |", "| embedded database |", "| simulator |", "| plain bot |", "| all |"],
    ),
    "search": (
        ["--runs", "1", "--servers", "2", "--releases", "4"],
        ["50 to 500 ms: first picture", "all 500 ms, long: end", "2 servers × 4 releases, 6 after merging"],
    ),
    "search_in_chat": (
        ["--runs", "1", "--servers", "2", "--releases", "4"],
        ["| 50 to 500 ms |", "| all 500 ms, long |", "2 servers × 4 releases"],
    ),
    "library": (
        ["--count", "40", "--queries", "1", "--plain", "1", "--rebuilds", "1"],
        ["| a typing error |", "| a word: regular expression |", "| the same among 40 others |"],
    ),
    "library_in_chat": (
        ["--count", "40", "--queries", "1"],
        ["| a typing error |", "| nothing typed: the newest |", "40 Items"],
    ),
    "previews": (
        ["--runs", "1", "--seconds", "1"],
        ["| plain, ffmpeg's own settings |", "| Magpie |", "processor time"],
    ),
    "progress": (
        ["--counts", "2", "--seconds", "1"],
        ["| 2: Magpie | 1 | 1 ", "| 2: plain | 1 | 2 "],
    ),
    "pacing": (
        ["--cards", "2", "--people", "1", "--seconds", "1"],
        ["complaints (429)", "| plain |", "| Magpie |"],
    ),
    "recovery": (
        ["--runs", "1", "--transfers", "20"],
        [
            *(
                "no lease of the dead one is left",
                "every open Card was looked at",
                "the oldest work was done",
            ),
            "all twenty are fetched on",
        ],
    ),
    "encryption": (
        ["--mib", "1", "--runs", "1"],
        ["| tgcrypto (pyrofork) |", "| cryptg |", "| WarpCrypto |"],
    ),
    "large_files": (
        ["--mib", "12", "--lines", "50 ms", "--directions", "up"],
        ["| 50 ms, up |", "processor, s/GiB"],
    ),
    "grabbing": (
        ["--files", "4", "--kib", "4", "--latencies", "0"],
        ["| 0 ms |", "4 files of 4 KiB"],
    ),
    "parallelism": (
        ["--seconds", "2", "--mib", "12", "--step", "1"],
        ["| 100 ms, wide |", "| 5 MB/s a connection |", "| 1 MB/s a connection |"],
    ),
    "updates": (
        ["--runs", "1", "--updates", "200", "--people", "10", "--rounds", "1"],
        ["| bare python-telegram-bot |", "| Magpie's inbox |", "| p95 |"],
    ),
}
_NEED_FFMPEG = ("memory", "previews")
_MEASURE_PROCESSES = ("start", "memory")
"""What they measure is started as everybody starts it; elsewhere it may be forked from what has imported it."""


async def test_a_file_on_its_way_up_takes_little_memory() -> None:
    """Twice as large as what it may take."""
    costs = await measured(128 * _MIB, ["50 ms"], ["up"], ["magpie"])
    assert 0 < costs["50 ms", "up", "magpie"].memory < 64


@pytest.mark.timeout(360)
@pytest.mark.parametrize("name", TINY)
async def test_a_tiny_run_prints_its_table(name: str, tmp_path: Path) -> None:
    if name in _NEED_FFMPEG:
        need("ffmpeg")
    arguments, wanted = TINY[name]
    printed = await _said(name, arguments, tmp_path / "said")
    assert [words for words in wanted if words not in printed] == [], printed


async def _said(name: str, arguments: Sequence[str], log: Path) -> str:
    """One that takes too long is interrupted, so that it ends what it started."""
    benchmark = await Process.fork(log, f"benchmarks.{name}", *arguments, env=_environment(name))
    try:
        status = await benchmark.ended(_SECONDS)
    except TimeoutError:
        benchmark.kill(signal.SIGINT)
        status = await benchmark.ended()
    assert status == 0, benchmark.text()
    return benchmark.text()


def _environment(benchmark: str) -> Mapping[str, str]:
    without = zygote.PATH if benchmark in _MEASURE_PROCESSES else ""
    kept = {name: value for name, value in os.environ.items() if name != without}
    # it is forked itself, and such a start knows them already
    return {name: value for name, value in kept.items() if not name.startswith("PYTHON")}
