"""Failpoints: nothing in production, SIGKILL at the named side in the recovery suite."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.failpoints import failpoint

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = """
from services.failpoints import failpoint
with failpoint("one"):
    print("in one", flush=True)
with failpoint("two"):
    print("in two", flush=True)
print("through", flush=True)
"""


def run(**env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_in_production_nothing_happens() -> None:
    done = run()
    assert (done.returncode, done.stdout) == (0, "in one\nin two\nthrough\n")


@pytest.mark.parametrize(
    ("mark", "output"),
    [
        ("one:before", ""),
        ("one:after", "in one\n"),
        ("two:before", "in one\n"),
        ("two:after", "in one\nin two\n"),
    ],
)
def test_the_armed_side_kills(mark: str, output: str) -> None:
    done = run(MAGPIE_FAILPOINT=mark)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, output)


def test_of_several_the_first_that_is_passed_kills_and_is_named() -> None:
    done = run(MAGPIE_FAILPOINT="two:after,three:before,one:after,two:before")
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "in one\n")
    assert done.stderr == "killed at one:after\n"


def test_another_name_does_not_kill() -> None:
    assert run(MAGPIE_FAILPOINT="on:before,one:befor,ne:after").returncode == 0


def test_an_error_passes_through_and_the_after_side_is_not_reached() -> None:
    """An outside call that failed was not made: `after` means that it succeeded."""
    program = "from services.failpoints import failpoint\nwith failpoint('one'):\n    raise LookupError('as it was')\n"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"MAGPIE_FAILPOINT": "one:after"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert "LookupError: as it was" in done.stderr


def test_nothing_is_armed_here() -> None:
    assert "MAGPIE_FAILPOINT" not in os.environ
    with failpoint("here"):
        pass
