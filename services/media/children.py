"""Child processes that read what strangers made: limited, watched, and never left behind."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.tasks import made

LAUNCHER = Path(__file__).with_name("limited.py")
MOST_OUTPUT = 256 * 1024
MOST_COMPLAINT = 4 * 1024
_START_SECONDS = 10.0


@dataclass(frozen=True)
class Limits:
    """What one child may use: bytes of address space, seconds of CPU, bytes of one file it writes, open files."""

    memory: int
    cpu: int
    file_size: int = 0
    open_files: int = 64


class ChildFailed(Exception):
    """A child ended badly or was killed at its deadline. `output` is what it had said by then."""

    def __init__(self, reason: str, output: bytes = b"", complaint: str = "") -> None:
        super().__init__(reason, complaint)
        self.reason = reason
        self.output = output
        self.complaint = complaint


async def run(command: Sequence[str], *, limits: Limits, seconds: float) -> bytes:
    """Standard output of `command` (its first 256 KiB); raises ChildFailed.

    However this ends, by itself, at the deadline or cancelled, the child and all it started are dead afterwards. A
    grandchild that keeps our pipe open counts as work going on.
    """
    if seconds <= 0:
        raise ChildFailed("deadline")
    starting = asyncio.create_subprocess_exec(
        *_limited(command, limits),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
        env=_surroundings(),
    )
    # cancelled in the midst of a start, asyncio would wait for ever for pipes that it has not connected
    child = await made(starting, _end, _START_SECONDS)
    output, complaint = bytearray(), bytearray()
    late = False
    async with asyncio.TaskGroup() as readers:
        readers.create_task(_drain(child.stdout, output, MOST_OUTPUT))
        readers.create_task(_drain(child.stderr, complaint, MOST_COMPLAINT))
        try:
            async with asyncio.timeout(seconds):
                await child.wait()
        except TimeoutError:
            late = True
        finally:
            await _end(child)
    if late or child.returncode != 0:
        reason = "deadline" if late else f"exit {child.returncode}"
        raise ChildFailed(reason, bytes(output), complaint.decode(errors="replace"))
    return bytes(output)


async def _end(child: Process) -> None:
    _kill_group(child.pid)
    await child.wait()


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs one of our own modules in a Python that trusts neither its folder nor its environment."""
    return [sys.executable, "-I", "-B", "-m", module, *arguments]


def _limited(command: Sequence[str], limits: Limits) -> list[str]:
    numbers = (os.getpid(), limits.memory, limits.cpu, limits.file_size, limits.open_files)
    return [sys.executable, "-I", "-S", str(LAUNCHER), *(str(number) for number in numbers), *command]


def _surroundings() -> dict[str, str]:
    """No secret of the bot is in a child's environment. One arena: threads do not eat the address space."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


async def _drain(stream: asyncio.StreamReader | None, kept: bytearray, most: int) -> None:
    """Reads to the end, so that the child never waits for us; keeps the first `most` bytes."""
    while stream is not None and (chunk := await stream.read(64 * 1024)):
        kept += chunk[: most - len(kept)]
