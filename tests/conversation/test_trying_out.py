"""With nothing set: the bot brings its own Telegram, finds it again after a crash, and takes it along when it ends."""

import json
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.house import ADA, BLAS, PATIENCE, Person, Process, open_house, until
from tests.recovery.journeys import order
from tests.swarm import WebSeed, make_payload, make_torrent

LARGE = 52 * 1024 * 1024
"""Bytes; more than the Bot API takes."""
NOTHING_SET = {"SIMULATOR_PORT": "0", "HEALTH_PORT": "0", "TORRENT_LISTEN": "127.0.0.1:0"}


@asynccontextmanager
async def tried_out(folder: Path, **settings: str) -> AsyncIterator[tuple[Process, str]]:
    """A bot in its simulator, and the address of the chat page."""
    bot = await Process.start(folder / "bot.log", "-m", "bot", "run", env={**NOTHING_SET, **settings})
    try:
        yield bot, (await bot.said(r"Chat with it at (\S+?)/?\n")).group(1)
    finally:
        bot.kill()
        await bot.ended()
        (folder / "bot.log").unlink()


@asynccontextmanager
async def person(url: str, who: int) -> AsyncIterator[Person]:
    async with httpx.AsyncClient(base_url=url, timeout=90, trust_env=False) as http:
        yield Person(http, who, (await http.get("/api/bots")).json()[0]["id"])


def noted(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / "data/simulator/process.json").read_text()))


async def test_a_search_is_answered_and_a_crash_costs_nothing(tmp_path: Path, sample_works: Path) -> None:
    # making them takes longer than a search waits where the processors are taken
    shutil.copytree(sample_works, tmp_path / "data/simulator/sample")
    async with tried_out(tmp_path) as (bot, url), person(url, ADA) as ada:
        said = await ada.say("/search 2026")
        found = await ada.wait(contains="1 of 1 source ·", after=said["message_id"])
        assert "5 results" in found["text"]
        first = noted(tmp_path)
        bot.kill()
        await bot.ended()
        assert noted(tmp_path) == first
        lost = await ada.say("/status")
    async with tried_out(tmp_path) as (bot, again), person(again, ADA) as ada, person(again, BLAS) as blas:
        assert (again, noted(tmp_path)) == (url, first), "Telegram went on"
        await ada.wait(contains="You have no orders", after=lost["message_id"])
        greeted = await blas.say("/start")
        await blas.wait(contains="Magpie", after=greeted["message_id"])
        assert await bot.stop() == 0
        with pytest.raises(httpx.TransportError):
            await blas.messages()


async def test_a_large_file_needs_no_account(tmp_path: Path) -> None:
    content = make_payload(tmp_path / "payload", {"film.bin": LARGE})
    with WebSeed(content) as seed:
        async with (
            tried_out(tmp_path, ALLOW_PRIVATE_ADDRESSES="true") as (bot, url),
            person(url, ADA) as ada,
        ):
            await ada.say("/start")
            done = await order(ada, make_torrent(content / "film.bin", web_seed=seed.url).metainfo)
            assert (await ada.press(done, "Get it here"))["text"] == "Delivered."
            assert (await ada.messages())[-1]["document"]["file_size"] == LARGE
            assert await bot.stop() == 0


async def test_a_simulator_that_dies_is_started_again_where_it_was(tmp_path: Path) -> None:
    async with tried_out(tmp_path) as (bot, url), person(url, ADA) as ada:
        said = await ada.say("/status")
        await ada.wait(contains="You have no orders", after=said["message_id"])
        first = noted(tmp_path)
        os.kill(int(str(first["pid"])), signal.SIGKILL)
        await bot.said("simulator-ended")
        await until(partial(is_noted_anew, tmp_path, first), "it was not started again")
        assert noted(tmp_path)["url"] == url
        assert len(await ada.messages()) == 2, "it knows what was said"
        said = await ada.say("/status")
        await ada.wait(contains="You have no orders", after=said["message_id"])
        assert await bot.stop() == 0, bot.text()[-2000:]
        with pytest.raises(httpx.TransportError):
            await ada.messages()


async def test_a_simulator_whose_port_is_taken_meanwhile_ends_the_bot_with_one_line(tmp_path: Path) -> None:
    async with tried_out(tmp_path) as (bot, url):
        port = urlsplit(url).port
        assert port is not None
        os.kill(int(str(noted(tmp_path)["pid"])), signal.SIGKILL)
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            await until(partial(is_ours, taken, port), "the port stays taken")
            taken.listen()
            assert await bot.ended(PATIENCE) == 1
        assert f"magpie: the simulator does not start on port {port}" in bot.text()
        assert "Traceback" not in bot.text()


async def is_noted_anew(folder: Path, before: dict[str, object]) -> bool:
    return noted(folder) != before


async def is_ours(taken: socket.socket, port: int) -> bool:
    try:
        taken.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


async def test_a_number_that_is_another_process_by_now_is_left_alone(tmp_path: Path) -> None:
    stranger = await Process.start(tmp_path / "stranger.log", "-c", "import time; time.sleep(600)", env={})
    note = tmp_path / "data/simulator/process.json"
    note.parent.mkdir(parents=True)
    try:
        async with tried_out(tmp_path) as (bot, url):
            assert await bot.stop() == 0
            note.write_text(json.dumps({"url": url, "pid": stranger.pid}))
        async with tried_out(tmp_path) as (bot, _):
            assert noted(tmp_path)["pid"] != stranger.pid
            assert await bot.stop() == 0
        assert stranger.alive
    finally:
        stranger.kill(signal.SIGKILL)
        await stranger.ended()


async def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    bot = await Process.start(tmp_path / "bot.log", "-m", "bot", "run", env={"DOWNLOADS_AT_ONCE": "many"})
    assert await bot.ended() == 2
    (line,) = bot.text().splitlines()
    assert "DOWNLOADS_AT_ONCE" in line


async def test_a_webhook_of_before_is_given_up_and_what_it_kept_is_not(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.ada.say("/start")
        await house.start_bot()
        calls = [call for call in await house.record() if call["method"] == "deleteWebhook"]
        assert [(call["ok"], call["parameters"].get("drop_pending_updates", False)) for call in calls] == [
            (True, False)
        ]
        await house.ada.wait(contains="Magpie")
