"""What every test stands on: no way out of the loopback, and a database of its own."""

import asyncio
import gc
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from hypothesis import settings
from pymongo import monitoring

from bot.database import EmbeddedDatabase, connect, prepare, wait_until_it_answers
from models.ids import new_id
from models.schema import DOCUMENTS, SchemaVersion
from services.migrations import migrate
from tests import media_kit, zygote
from tests.databases import Stored
from tests.house import ROOT, SHARED_WORKS, House
from tests.programs import need

# python-telegram-bot: durations as timedelta, the only form its next version has
os.environ.setdefault("PTB_TIMEDELTA", "true")


# in CI the same examples every time; and nowhere a limit on the clock, which a busy machine would not keep
settings.register_profile("house", derandomize="CI" in os.environ, deadline=None)
settings.load_profile("house")


class _Written(monitoring.CommandListener):
    """What this process has written to: emptying every collection after every test would cost more than the test."""

    def __init__(self) -> None:
        self._collections = set[tuple[str, str]]()

    def taken(self, database: str) -> list[str]:
        """The collections of the database that have been written to since they were asked for."""
        found = {pair for pair in self._collections if pair[0] == database}
        self._collections -= found
        return [collection for _, collection in found]

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in ("insert", "update", "findAndModify"):
            self._collections.add((event.database_name, event.command[event.command_name]))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing is counted."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """It may have been done all the same."""


_written = _Written()
monitoring.register(_written)


def _refuse_the_world(event: str, arguments: tuple[object, ...]) -> None:
    """Tests talk to this machine only."""
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    host = str(arguments[1][0])
    try:
        loopback = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise PermissionError(f"a test tried to connect to {host}")


sys.addaudithook(_refuse_the_world)


def pytest_configure(config: pytest.Config) -> None:
    """What a whole run shares: the sample works and other media, made when first asked for, and who forks programs."""
    # a shell that starts us in the background has us ignore it, and our programs would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(config, "workerinput"):
        return
    folder = tempfile.TemporaryDirectory(prefix="magpie-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(folder.cleanup)
    os.environ[SHARED_WORKS] = str(Path(folder.name) / "works")
    os.environ[media_kit.MADE] = folder.name
    _start_zygote(config, Path(folder.name) / "zygote")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests are made here, and all of them stay: nothing to look through again and again for what may go."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def _start_zygote(config: pytest.Config, path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(64)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.zygote", str(listener.fileno())],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
        )
    os.environ[zygote.PATH] = str(path)

    def end() -> None:
        process.communicate()  # it ends with its standard input

    config.add_cleanup(end)


@pytest.fixture(scope="session")
def sample_works() -> Path:
    """The sample works, made as the command line makes them, by whoever needs them first."""
    need("ffmpeg")
    folder = os.environ[SHARED_WORKS]
    subprocess.run([sys.executable, "-m", "simulator.sample", folder], check=True, timeout=300)
    return Path(folder)


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """The database named by MAGPIE_TEST_MONGODB_URL, else an embedded one for this run."""
    url = os.environ.get("MAGPIE_TEST_MONGODB_URL")
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        embedded = EmbeddedDatabase(Path(folder))
        runner.run(embedded.start())
        yield embedded.url
        runner.run(embedded.stop())


@pytest.fixture(scope="session")
def one_server(database_url: str) -> Iterator[None]:
    """Houses have their databases there: to start one for every bot would cost as much as the bot."""
    name = f"house-{new_id()}"
    House.server = urlsplit(database_url)._replace(path=f"/{name}").geturl()
    yield
    House.server = None
    asyncio.run(_dropped(database_url, name))


async def _dropped(url: str, name: str) -> None:
    """The databases whose names begin so."""
    client = connect(url)
    for each in await client.list_database_names():
        if each.startswith(name):
            await client.drop_database(each)
    await client.close()


@pytest.fixture(scope="session")
def database_name(database_url: str) -> str:
    """One for this run of tests, with its indexes: making and dropping databases is slow."""
    name = f"test-{new_id()}"
    asyncio.run(_made(database_url, name))
    return name


async def _made(url: str, name: str) -> None:
    client = connect(url)
    await wait_until_it_answers(client)
    await prepare(client, name)
    await client.close()


@pytest.fixture
async def database(database_url: str, database_name: str) -> AsyncIterator[str]:
    """Beanie on a database with nothing in it but the number of its shape; its name."""
    async with _opened(database_url, database_name):
        yield database_name


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database_of_module(database_url: str, database_name: str) -> AsyncIterator[str]:
    """As `database`, for all tests of a file that share a loop."""
    async with _opened(database_url, database_name):
        yield database_name


def _bind(database: Stored) -> None:
    """What Beanie made of the documents once is true of every client: to make it for each test would cost more than the test."""
    for document in DOCUMENTS:
        settings = document.get_settings()
        settings.pymongo_db = database
        settings.pymongo_collection = database[document.get_collection_name()]


@asynccontextmanager
async def _opened(url: str, name: str) -> AsyncIterator[None]:
    # a test may be over before the driver has a second connection for watching, which it would leave open
    client = connect(f"{url}&serverMonitoringMode=poll")
    _bind(client[name])
    _written.taken(name)
    yield
    written = _written.taken(name)
    for collection in written:
        await client[name][collection].delete_many({})
    if SchemaVersion.get_collection_name() in written:
        await migrate()
    await client.close()
