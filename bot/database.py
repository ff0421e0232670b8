"""The database: the one in the settings, or the embedded one as a child process of ours."""

import asyncio
import contextlib
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from beanie import init_beanie
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from bot.child import child_command
from models.schema import DOCUMENTS
from services.documents import insist
from services.migrations import migrate

NAME = "magpie"
_START_SECONDS = 20.0
_STOP_SECONDS = 5.0
_AGAIN_SECONDS = 0.5
_TIMEOUT_MILLIS = 5000
_log = structlog.get_logger(__name__)
Client = AsyncMongoClient[dict[str, Any]]


class DatabaseAway(Exception):
    """It does not answer at start. The text is one line for a person."""


class EmbeddedDatabase:
    """The embedded server with its files under `folder`. It ends with us, and is started again when it ends alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = _free_port()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self._port}/?directConnection=true&w=1&journal=true"

    async def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        pid_file = self._folder / "pid"
        # a pid file of a server that was killed would stop this one; we hold the data folder, so it is nobody's
        pid_file.unlink(missing_ok=True)
        program = shutil.which("nx-27017", path=str(Path(sys.executable).parent)) or "nx-27017"
        self._process = await asyncio.create_subprocess_exec(
            *child_command(program, "--data-dir", self._folder, "-p", str(self._port)),
            *("--pid-file", str(pid_file), "--log-file", str(self._folder / "log")),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )

    async def listens(self) -> None:
        """Waits for its port, at most as long as a start may take: a client that finds it shut would wait much longer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                while not await _is_open(self._port):  # noqa: ASYNC110 - a server sets no event here
                    await asyncio.sleep(0.01)

    async def run(self) -> None:
        """Starts it again whenever it ends, until cancelled."""
        while self._process is not None:
            status = await self._process.wait()
            _log.error("embedded-database-ended", status=status)
            await asyncio.sleep(_AGAIN_SECONDS)
            await self.start()

    async def stop(self) -> None:
        """Asks it to end, then ends it."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


@asynccontextmanager
async def opened_database(url: str | None, folder: Path) -> AsyncIterator[EmbeddedDatabase | None]:
    """Connects, prepares the documents and runs migrations. Yields the embedded server when there is one."""
    async with AsyncExitStack() as stack:
        embedded = None if url is not None else EmbeddedDatabase(folder)
        if embedded is not None:
            await embedded.start()
            stack.push_async_callback(embedded.stop)
            await embedded.listens()
        client = connect(url if embedded is None else embedded.url)
        stack.push_async_callback(client.close)
        await (_outwait(client) if embedded is None else wait_until_it_answers(client))
        # the address may name a database, as in mongodb://host/name
        await insist(partial(prepare, client, client.get_default_database(NAME).name))
        yield embedded


def connect(url: str | None) -> Client:
    """A client whose every wait is bounded."""
    return AsyncMongoClient(
        url,
        serverSelectionTimeoutMS=_TIMEOUT_MILLIS,
        connectTimeoutMS=_TIMEOUT_MILLIS,
        socketTimeoutMS=4 * _TIMEOUT_MILLIS,
        retryWrites=False,
        tz_aware=True,
        w=1,
        journal=True,
    )


async def prepare(client: Client, name: str = NAME) -> None:
    """Makes the documents usable, and their stored shape the present one."""
    await init_beanie(database=client[name], document_models=list(DOCUMENTS))
    await migrate()


async def _outwait(client: Client) -> None:
    """A server of somebody else's may be started after us, or be away for a while: says so, and goes on waiting."""
    while True:
        try:
            await wait_until_it_answers(client)
        except DatabaseAway as away:
            _log.warning("database-away", error=str(away))
        else:
            return


async def wait_until_it_answers(client: Client) -> None:
    """Raises DatabaseAway after the time a start may take."""
    try:
        async with asyncio.timeout(_START_SECONDS):
            while not await _answers(client):  # noqa: ASYNC110 - a server sets no event here
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise DatabaseAway("the database does not answer: is MONGODB_URL right, and is it running?") from None


async def _is_open(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def _answers(client: Client) -> bool:
    try:
        await client.admin.command("ping")
    except PyMongoError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
