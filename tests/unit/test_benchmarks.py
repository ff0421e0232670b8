"""Every benchmark runs and prints its table. What it measures is not judged here: that depends on the machine."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import need

ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 90.0
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
        ["50 to 500 ms: first picture", "all 500 ms: end", "2 servers × 4 releases, 6 after merging"],
    ),
}


@pytest.mark.parametrize("name", TINY)
def test_a_tiny_run_prints_its_table(name: str) -> None:
    if name == "memory":
        need("ffmpeg")
    arguments, wanted = TINY[name]
    with subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{name}", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as benchmark:
        printed, complaints = _end_of(benchmark)
    assert benchmark.returncode == 0, complaints
    assert [words for words in wanted if words not in printed] == [], printed


def _end_of(benchmark: subprocess.Popen[str]) -> tuple[str, str]:
    """What it printed. One that takes too long is interrupted, so that it ends what it started."""
    try:
        return benchmark.communicate(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        benchmark.send_signal(signal.SIGINT)
        return benchmark.communicate(timeout=15)
