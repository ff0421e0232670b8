"""`magpie` as a command: in a terminal, or asked for what it says."""

import asyncio
import os
import pty
import re
import termios
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from models.ids import new_id
from tests.house import Process

_SECONDS = 60.0


async def called(folder: Path, env: Mapping[str, str], *words: str) -> Process:
    """`magpie WORDS` in a folder, with nothing set but `env`. What it says is in its log, beside the folder."""
    log = folder.with_name(f"{new_id()}.log")
    return await Process.fork(log, "bot", *words, env=env, cwd=folder)


async def said(folder: Path, env: Mapping[str, str], *words: str) -> tuple[int, str]:
    """How `magpie WORDS` ended, and everything that it said."""
    process = await called(folder, env, *words)
    status = await process.ended(_SECONDS)
    return status, process.text().strip()


class Terminal:
    """A terminal in which a command runs."""

    def __init__(self, process: Process, descriptor: int) -> None:
        self._process = process
        self._descriptor = descriptor
        self._arrived = asyncio.Event()
        self._fresh = ""
        self.text = ""
        """Everything that was shown."""
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    async def shows(self, pattern: str, seconds: float = _SECONDS) -> str:
        """Waits until what was shown since the last answer ends in, or has, the pattern; what it found."""
        async with asyncio.timeout(seconds):
            while (found := re.search(pattern, self._fresh)) is None:
                await self._arrived.wait()
                self._arrived.clear()
        return found[0]

    async def answer(self, question: str, text: str) -> None:
        await self.shows(question)
        self._fresh = ""
        os.write(self._descriptor, f"{text}\n".encode())

    async def interrupt(self, pattern: str) -> None:
        """Ctrl-C, until the pattern is shown: Python loses one that comes between a question and reading the answer."""
        while re.search(pattern, self._fresh) is None:
            os.write(self._descriptor, b"\x03")
            with suppress(TimeoutError):
                await self.shows(pattern, seconds=5)

    async def ended(self) -> int:
        return await self._process.ended(_SECONDS)

    async def close(self) -> None:
        self._process.kill()
        await self._process.ended()
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)

    def _read(self) -> None:
        try:
            new = os.read(self._descriptor, 65536).decode().replace("\r\n", "\n")
        except OSError:  # the command has ended
            asyncio.get_running_loop().remove_reader(self._descriptor)
            return
        self.text += new
        self._fresh += new
        self._arrived.set()


@asynccontextmanager
async def terminal(folder: Path, env: Mapping[str, str], *words: str) -> AsyncIterator[Terminal]:
    """`magpie WORDS` in it."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, 400))
    process = await Process.fork(Path(os.ttyname(theirs)), "bot", *words, env=env, cwd=folder)
    os.close(theirs)
    shown = Terminal(process, ours)
    try:
        yield shown
    finally:
        await shown.close()
