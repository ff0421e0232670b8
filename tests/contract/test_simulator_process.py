"""The simulator as a process: start, end, kill -9, memory. What it has said it has kept."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest
import websockets

from tests.contract.simulator_client import (
    ADA,
    BOT,
    CHANNEL,
    TOKEN,
    Client,
    JsonObject,
    Program,
    in_process,
    jpeg,
    program,
)

GO = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
MOST_IDLE_MEMORY = 80 << 20
END_SECONDS = 20.0


async def live(client: Client) -> JsonObject:
    """A little of everything happens; what must be the same after a restart."""
    await client.say("/start")
    card = await client.result("sendMessage", chat_id=ADA, text="card", reply_markup=GO)
    place = {"chat_id": ADA, "message_id": card["message_id"]}
    await client.result("editMessageText", **place, text="edited", reply_markup=GO)
    photo = await client.result("sendPhoto", {"photo": ("a.jpg", jpeg())}, chat_id=CHANNEL, caption="post")
    await client.post(
        f"/people/{ADA}/chats/{BOT}/press", message_id=card["message_id"], label="Go", timeout=0
    )
    await client.result("setMyCommands", commands=[{"command": "start", "description": "Start"}])
    await client.refusal("deleteMessage", chat_id=ADA, message_id=99)
    return {"file_id": photo["photo"][0]["file_id"]} | await state(client)


async def state(client: Client) -> JsonObject:
    return {
        "private": await client.history(),
        "channel": await client.history(chat=CHANNEL),
        "updates": (await client.ask("getUpdates"))["result"],
        "commands": await client.result("getMyCommands"),
        "record": [call for call in await client.get("/record") if call["method"] != "getMyCommands"],
    }


async def check_after_restart(client: Client, before: JsonObject) -> None:
    assert await state(client) == {name: value for name, value in before.items() if name != "file_id"}
    file = await client.result("getFile", file_id=before["file_id"])
    assert (await client.http.get(f"/file/bot{TOKEN}/{file['file_path']}")).status_code == 200
    press = before["updates"][-1]["callback_query"]
    await client.result("answerCallbackQuery", callback_query_id=press["id"])
    last = before["updates"][-1]["update_id"]
    await client.say("after")
    (update,) = await client.result("getUpdates", offset=last + 1)
    assert update["update_id"] == last + 1
    message = await client.result("sendMessage", chat_id=ADA, text="next")
    assert message["message_id"] == before["private"][-1]["message_id"] + 2


async def test_the_samples_are_made_before_somebody_asks(tmp_path: Path) -> None:
    async with program(tmp_path, "--samples"):
        async with asyncio.timeout(60):
            while not list(tmp_path.rglob("sample/index.json")):  # noqa: ASYNC110 - another process makes them
                await asyncio.sleep(0.1)


@pytest.mark.parametrize("end", ["restart", "kill"])
async def test_nothing_is_lost(tmp_path: Path, end: str) -> None:
    async with program(tmp_path) as running:
        async with running.client() as client:
            before, centres = await live(client), await client.get("/data-centre")
        await (running.stop() if end == "restart" else running.kill())
        await running.start()
        async with running.client() as client:
            assert await client.get("/data-centre") == centres
            await check_after_restart(client, before)


async def test_what_was_answered_before_a_kill_is_kept(tmp_path: Path) -> None:
    async with program(tmp_path, "--flood", "off") as running:
        async with running.client() as client:
            await client.say("/start")
            answered = await asyncio.gather(posting(client), kill_soon(running))
        await running.start()
        async with running.client() as client:
            kept = [message["message_id"] for message in await client.history(chat=CHANNEL)]
    assert len(answered[0]) >= 20
    assert kept[: len(answered[0])] == answered[0]
    assert len(kept) <= len(answered[0]) + 1, "at most the one post whose answer was lost"


async def posting(client: Client) -> list[int]:
    """Posts until the server is gone; the numbers of the posts that were answered."""
    ids: list[int] = []
    while True:
        try:
            ids.append((await client.result("sendMessage", chat_id=CHANNEL, text="x"))["message_id"])
        except httpx.TransportError:
            return ids


async def kill_soon(running: Program) -> None:
    """Kills in the middle of the posting."""
    async with running.client() as client:
        while len(await client.get("/record", chat=CHANNEL)) < 20:  # noqa: ASYNC110  it happens in another process
            await asyncio.sleep(0.01)
    os.kill(running.pid, signal.SIGKILL)
    await running.kill()


async def test_it_ends_at_once_though_somebody_waits(tmp_path: Path) -> None:
    async with program(tmp_path) as running, running.client() as client:
        url = running.url.replace("http:", "ws:")
        async with websockets.connect(f"{url}/api/people/{ADA}/events"), asyncio.TaskGroup() as group:
            poll = group.create_task(client.ask("getUpdates", timeout=50))
            wait = group.create_task(
                client.http.post(f"/api/people/{ADA}/wait", json={"chat": BOT, "timeout": 50})
            )
            await client.result("getMe")
            loop = asyncio.get_running_loop()
            before = loop.time()
            assert await running.stop(END_SECONDS) == 0
            assert loop.time() - before < END_SECONDS
        assert poll.result() == {"ok": True, "result": []}
        assert wait.result().status_code == 408


async def test_it_is_small(tmp_path: Path) -> None:
    async with program(tmp_path, forked=False) as running, running.client() as client:
        await live(client)
        memory = psutil.Process(running.pid).memory_info().rss
        assert memory < MOST_IDLE_MEMORY, f"{memory >> 20} MB"
        await client.result("sendDocument", {"document": ("a.bin", bytes(40 << 20))}, chat_id=ADA)
        grown = psutil.Process(running.pid).memory_info().rss - memory
        assert grown < (20 << 20), f"{grown >> 20} MB more after an upload of 40 MB"


async def test_it_listens_on_loopback_only(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "example.com", "::"):
        status, words = await refused(tmp_path, "--host", host)
        assert status == 2
        assert words == f"simulator: --host {host} is not a loopback address\n"


async def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, words = await refused(tmp_path, "--port", str(port))
    assert (status, words) == (2, f"simulator: cannot listen on port {port}: Address already in use\n")


async def refused(folder: Path, *options: str) -> tuple[int | None, str]:
    """How the program ends that does not start, and what it says."""
    command = [sys.executable, "-m", "simulator", "--data-dir", str(folder), *options]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    async with asyncio.timeout(20):
        _, words = await process.communicate()
    return process.returncode, words.decode()


async def test_flood_limits_are_on_unless_told(tmp_path: Path) -> None:
    async with program(tmp_path) as running, running.client() as client:
        await client.say("/start")
        # side by side, and more than would be refused: while they come, another one may become free
        asked = (client.ask("sendMessage", chat_id=CHANNEL, text=str(number)) for number in range(40))
        answers = await asyncio.gather(*asked)
        refused = [answer for answer in answers if not answer["ok"]]
        assert 0 < len(refused) <= 20
        assert refused[0]["error_code"] == 429
        seconds = refused[0]["parameters"]["retry_after"]
        assert refused[0]["description"] == f"Too Many Requests: retry after {seconds}"
        assert 1 <= seconds <= 3


# the tables of 0.1.0 that have changed since
OLD_WORLD = """
CREATE TABLE bots (id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, first_name TEXT NOT NULL,
    username TEXT NOT NULL, allowed_updates TEXT);
CREATE TABLE people (id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, username TEXT, language_code TEXT NOT NULL);
INSERT INTO people VALUES (1001, 'Ada', 'ada', 'en');
CREATE TABLE channels (id INTEGER PRIMARY KEY, title TEXT NOT NULL, username TEXT);
INSERT INTO channels VALUES (-1001000000001, 'Shiny Things', NULL);
CREATE TABLE members (channel INTEGER NOT NULL, user INTEGER NOT NULL, status TEXT NOT NULL, rights TEXT NOT NULL,
    PRIMARY KEY (channel, user));
INSERT INTO members VALUES (-1001000000001, 1001, 'creator', '[]');
INSERT INTO members VALUES (-1001000000001, 7000000001, 'administrator', '["can_post_messages"]');
"""


async def test_a_world_of_the_first_version_goes_on(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "simulator.db")) as old:
        old.executescript(OLD_WORLD)
        old.execute("INSERT INTO bots VALUES (?, ?, 'Magpie', 'magpie_sim_bot', NULL)", (BOT, TOKEN))
        old.commit()
    for _ in range(2):
        async with in_process(tmp_path) as client:
            await client.result("sendMessage", chat_id=CHANNEL, text="still here")
            chats = await client.get(f"/people/{ADA}/chats")
            assert [chat["id"] for chat in chats] == [BOT, CHANNEL]
            group = (await client.post("/groups", title="New", owner=ADA, members=[BOT]))["id"]
            await client.post(f"/chats/{group}/members", user=ADA, status="left")
