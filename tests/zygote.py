"""Starts our programs as forks of one process that has imported them already, which is most of what a start costs.

`python -m tests.zygote LISTENER` (a file descriptor) answers until its standard input ends. A start is a connection: a line of JSON says what
to run, a line answers with the process id, and one more with the status when it has ended. What is started is a process
like any other: of its own session, killed by its own id, with nobody's memory but its own.
"""

import asyncio
import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import select
import socket
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

Wish = dict[str, Any]
PATH = "MAGPIE_TEST_ZYGOTE"
"""Names the socket, when there is one."""
_PROGRAMS = (
    "bot.checking",
    "bot.cli",
    "bot.exchange",
    "bot.grab",
    "bot.login",
    "bot.logs",
    "bot.rebuild",
    "bot.reindex",
    "bot.running",
    "simulator.__main__",
)
_LATE = (
    *("uvicorn.lifespan.on", "uvicorn.loops.auto", "uvicorn.protocols.http.auto"),
    "uvicorn.protocols.websockets.auto",
    *("anyio._backends._asyncio", "apscheduler.triggers.interval"),
    *("services.downloads.embedded.torrents", "services.downloads.qbittorrent", "services.downloads.aria2"),
    *("services.search.qbittorrent", "services.telegram.mtproto.door", "services.telegram.mtproto.reading"),
    *("services.telegram.mtproto.sending", "simulator.mtproto.centre"),
)


class Forked:
    """A process that the zygote started, as `asyncio.subprocess.Process` shows one."""

    def __init__(self, pid: int, ended: asyncio.Task[int]) -> None:
        self.pid = pid
        self._ended = ended

    @classmethod
    async def start(
        cls, module: str, *arguments: str, cwd: Path, env: Mapping[str, str], log: Path
    ) -> "Forked":
        """Starts `python -m module`, whose output goes to the end of `log`."""
        reader, writer = await asyncio.open_unix_connection(os.environ[PATH])
        wish = {"words": [module, *arguments], "cwd": str(cwd), "env": dict(env), "log": str(log)}
        writer.write(json.dumps(wish).encode() + b"\n")
        answer = await reader.readline()
        if not answer:
            raise RuntimeError("the zygote could not start it: see what it wrote to standard error")
        pid = int(answer)

        async def ended() -> int:
            try:
                return int(await reader.readline())
            finally:
                writer.close()

        return cls(pid, asyncio.create_task(ended()))

    @property
    def returncode(self) -> int | None:
        return self._ended.result() if self._ended.done() else None

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)


def main(descriptor: int) -> None:
    """Answers starts until its standard input ends. In a fork it returns when that has ended as the program."""
    with socket.socket(fileno=descriptor) as listener:
        wish = _serve(listener)
    if wish is not None:
        _become(**wish)


def _serve(listener: socket.socket) -> Wish | None:
    """Forks for every connection, and tells there how the fork ended. What to run, in a fork; None in the end."""
    running: dict[int, tuple[int, socket.socket]] = {}
    while True:
        ready, _, _ = select.select([sys.stdin, listener, *running], [], [])
        if sys.stdin in ready:
            return None
        for ended in running.keys() & set(ready):
            _tell_end(ended, *running.pop(ended))
        if listener in ready:
            connection, _ = listener.accept()
            wish = _forked(connection, running)
            if wish is not None:
                return wish


def _forked(connection: socket.socket, running: dict[int, tuple[int, socket.socket]]) -> Wish | None:
    """Starts what is wished as our child, and tells its id. What to run, in the child."""
    _import_all()
    with connection.makefile("r") as talk:
        wish = json.loads(talk.readline())
    ready, set_up = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ready)
        for ended, (_, other) in running.items():
            os.close(ended)
            other.close()
        connection.close()
        return {**wish, "set_up": set_up}
    os.close(set_up)
    os.read(ready, 1)  # the end of it: who is told the id may use it at once
    os.close(ready)
    connection.sendall(f"{pid}\n".encode())
    running[os.pidfd_open(pid)] = (pid, connection)
    return None


def _tell_end(ended: int, pid: int, connection: socket.socket) -> None:
    os.close(ended)
    _, status = os.waitpid(pid, 0)
    with connection, contextlib.suppress(OSError):  # who asked may have gone
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


@functools.cache
def _import_all() -> None:
    """At the first start: tests that start nothing pay nothing. What is read once is read, too.

    Once: what is made here stays for ever, in every fork.
    """
    for module in (*_PROGRAMS, *_LATE):
        importlib.import_module(module)
    assembly = importlib.import_module("bot.assembly")
    assembly.Catalogue(assembly.LOCALES)
    assembly.authorities()
    _make_routes()
    gc.freeze()


def _make_routes() -> None:
    """The simulator's, which are made when it is first asked: then they are there in every fork."""
    app = importlib.import_module("simulator.app")
    world = importlib.import_module("simulator.world")
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(world.World(world.Settings(Path(folder)))) as made,
    ):
        asyncio.run(_ask(httpx.ASGITransport(app.create_app(made, lambda: ""))))


async def _ask(transport: httpx.ASGITransport) -> None:
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        (await http.get("/api/bots")).raise_for_status()


def _become(set_up: int, words: Sequence[str], cwd: str, env: Mapping[str, str], log: str) -> None:
    """Runs a module as `python -m` would, in this process. `set_up` is closed when it looks like one of its own.

    A `log` that is a terminal becomes its own, from which it reads, too.
    """
    os.setsid()
    output = os.open(log, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    given = os.dup(output) if os.isatty(output) else os.open(os.devnull, os.O_RDONLY)
    for source, target in ((given, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(output)
    os.close(given)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = list(words)
    os.close(set_up)
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
