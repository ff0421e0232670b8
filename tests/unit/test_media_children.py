"""Children are limited and dead afterwards, whatever they do."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from services.media.children import MOST_OUTPUT, ChildFailed, Limits, run

PLAIN = Limits(memory=1024**3, cpu=20, file_size=1024**2)
FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
path = sys.argv[1]
with open(path + ".new", "w") as file: file.write(f"{os.getpid()} {child.pid}")
os.rename(path + ".new", path)
time.sleep(float(sys.argv[2]))
"""


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # other processes set no event of ours
            await asyncio.sleep(0.02)


async def family(path: Path) -> list[int]:
    await until(path.exists)
    return [int(number) for number in path.read_text().split()]


async def assert_gone(pids: list[int]) -> None:
    await until(lambda: not any(is_alive(pid) for pid in pids))


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_output_comes_back() -> None:
    assert await run(python("print('hello')"), limits=PLAIN, seconds=20) == b"hello\n"


async def test_a_bad_end_says_why() -> None:
    with pytest.raises(ChildFailed) as caught:
        await run(
            python("import sys; print('half', flush=True); sys.exit('broken')"), limits=PLAIN, seconds=20
        )
    assert (caught.value.reason, caught.value.output, caught.value.complaint) == (
        "exit 1",
        b"half\n",
        "broken\n",
    )


@pytest.mark.parametrize("steps", range(1, 8))
async def test_cancelled_at_any_step_of_its_start_it_ends_at_once(steps: int, tmp_path: Path) -> None:
    """On a machine so busy that the child has a child of its own, which holds our pipe, before we look again."""
    path = tmp_path / "family"
    command = python(FAMILY.replace(", stdout=subprocess.DEVNULL", ""), str(path), "600")
    others = set(psutil.Process().children())
    working = asyncio.ensure_future(run(command, limits=PLAIN, seconds=600))
    for _ in range(steps):
        await asyncio.sleep(0)
    if set(psutil.Process().children()) - others:
        wait_without_the_loop(path)
    working.cancel()
    async with asyncio.timeout(20):
        await asyncio.wait((working,))
    assert working.cancelled()
    if path.exists():
        await assert_gone(await family(path))


def wait_without_the_loop(path: Path) -> None:
    for _ in range(2000):
        if path.exists():
            return
        time.sleep(0.01)
    raise AssertionError("the child did not start")


async def test_a_missing_program_is_a_bad_end(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="exit 1"):
        await run([str(tmp_path / "nothing")], limits=PLAIN, seconds=20)


async def test_the_deadline_kills_grandchildren_too(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(ChildFailed, match="deadline"):
        await run(python(FAMILY, str(tmp_path / "pids"), "600"), limits=PLAIN, seconds=3)
    assert time.monotonic() - started < 10
    await assert_gone(await family(tmp_path / "pids"))


async def test_a_grandchild_does_not_outlive_a_good_end(tmp_path: Path) -> None:
    await run(python(FAMILY, str(tmp_path / "pids"), "0"), limits=PLAIN, seconds=20)
    await assert_gone(await family(tmp_path / "pids"))


async def test_cancelling_kills_all(tmp_path: Path) -> None:
    working = asyncio.ensure_future(
        run(python(FAMILY, str(tmp_path / "pids"), "600"), limits=PLAIN, seconds=60)
    )
    pids = await family(tmp_path / "pids")
    assert all(is_alive(pid) for pid in pids)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    await assert_gone(pids)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
async def test_a_child_dies_with_a_bot_that_was_killed(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\n"
        "from services.media.children import Limits, run\n"
        "child = [sys.executable, '-c', sys.argv[1], sys.argv[2], '600']\n"
        "asyncio.run(run(child, limits=Limits(memory=1024**3, cpu=20, file_size=1024**2), seconds=600))\n"
    )
    bot = await asyncio.create_subprocess_exec(sys.executable, "-c", code, FAMILY, str(tmp_path / "pids"))
    child, grandchild = await family(tmp_path / "pids")
    bot.kill()
    await bot.wait()
    try:
        await assert_gone([child])
    finally:
        psutil.Process(grandchild).kill()  # ffmpeg has none; only the child itself gets the signal


async def test_much_output_is_cut_and_stops_nothing() -> None:
    said = await run(python("import sys; sys.stdout.write('x' * 5_000_000)"), limits=PLAIN, seconds=20)
    assert said == b"x" * MOST_OUTPUT


@pytest.mark.parametrize(
    ("code", "limits"),
    [
        ("bytearray(600 * 1024**2)", Limits(memory=512 * 1024**2, cpu=20)),
        ("while True: pass", Limits(memory=1024**3, cpu=1)),
        (
            "open('/dev/null'); files = [open('/dev/null') for _ in range(100)]",
            Limits(memory=1024**3, cpu=20),
        ),
    ],
    ids=["memory", "cpu", "files"],
)
async def test_a_child_that_takes_too_much_fails(code: str, limits: Limits) -> None:
    with pytest.raises(ChildFailed) as caught:
        await run(python(code), limits=limits, seconds=30)
    assert caught.value.reason != "deadline"


async def test_a_child_without_leave_to_write_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "written"
    with pytest.raises(ChildFailed, match="File too large"):
        await run(
            python("import pathlib, sys; pathlib.Path(sys.argv[1]).write_text('x')", str(path)),
            limits=Limits(memory=1024**3, cpu=20),
            seconds=20,
        )
    assert path.read_bytes() == b""


async def test_a_child_does_not_see_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123:planted")
    said = await run(python("import os; print(dict(os.environ))"), limits=PLAIN, seconds=20)
    assert b"planted" not in said


async def test_a_child_is_polite() -> None:
    said = await run(python("import os; print(os.nice(0))"), limits=PLAIN, seconds=20)
    assert int(said) == min(19, os.nice(0) + 10)
