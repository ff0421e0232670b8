"""The embedded database: a child that keeps what it confirmed, and never outlives its parent."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest

from bot.database import DatabaseAway, EmbeddedDatabase, connect, opened_database, wait_until_it_answers
from models.access import Member, Role

ROOT = Path(__file__).resolve().parent.parent.parent


def servers(folder: Path) -> list[psutil.Process]:
    """The processes that serve the database under a folder."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if {"--data-dir", str(folder)} <= set(process.info["cmdline"] or ()) - {"bot.child"}
    ]


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - processes set no event here
            await asyncio.sleep(0.02)


@asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[EmbeddedDatabase]:
    """The database with the loop that starts it again."""
    async with opened_database(None, folder) as database:
        assert database is not None
        task = asyncio.get_running_loop().create_task(database.run())
        try:
            yield database
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_a_killed_server_comes_back_with_its_data_and_under_the_same_address(tmp_path: Path) -> None:
    async with watched(tmp_path) as database:
        url = database.url
        await Member(id="1", name="Ada", role=Role.OWNER).insert()
        (server,) = servers(tmp_path)
        server.send_signal(signal.SIGKILL)
        await until(lambda: [found.pid for found in servers(tmp_path)] not in ([], [server.pid]))
        client = connect(url)
        await wait_until_it_answers(client)
        assert database.url == url
        assert (await client["magpie"]["members"].find_one({"_id": "1"}) or {}).get("name") == "Ada"
        await client.close()
    assert servers(tmp_path) == []


async def test_a_stale_pid_file_does_not_stop_a_start(tmp_path: Path) -> None:
    """As a machine that lost power leaves it; the number may be somebody else's by now."""
    (tmp_path / "pid").write_text(f"{os.getpid()}\n")
    async with opened_database(None, tmp_path):
        assert await Member.count() == 0
    (tmp_path / "pid").write_text("999999999\n")
    async with opened_database(None, tmp_path):
        assert await Member.count() == 0


PARENT = """
import asyncio, sys
from pathlib import Path
from bot.database import opened_database
from models.access import Member, Role

async def main():
    async with opened_database(None, Path(sys.argv[1])):
        await Member(id="1", name="Ada", role=Role.OWNER).insert()
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_it_ends_with_its_parent_also_when_that_is_killed(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(tmp_path)), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert parent.stdout is not None
        async with asyncio.timeout(30):
            assert await parent.stdout.readline() == b"ready\n"
        assert len(servers(tmp_path)) == 1
    finally:
        parent.kill()
        await parent.wait()
    try:
        await until(lambda: servers(tmp_path) == [])
    finally:
        for left in servers(tmp_path):
            left.kill()
    async with opened_database(None, tmp_path):
        found = await Member.get("1")
        assert found is not None
        assert found.name == "Ada"


async def test_stopping_twice_is_no_error(tmp_path: Path) -> None:
    database = EmbeddedDatabase(tmp_path)
    await database.start()
    await database.stop()
    await database.stop()
    assert servers(tmp_path) == []


async def test_a_database_that_is_not_there_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.database._START_SECONDS", 0.3)
    client = connect("mongodb://ada:planted-secret@127.0.0.1:1/?directConnection=true")
    with pytest.raises(DatabaseAway) as error:
        await wait_until_it_answers(client)
    assert "planted" not in str(error.value)
    await client.close()
