"""Somebody is away for a while, or tells us to stop: we wait, say so, and go on."""

import asyncio
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import media_kit
from tests.house import EMBEDDED, PATIENCE, House, Message, Person, open_house, until
from tests.programs import need
from tests.relay import command, road_to
from tests.swarm import WebSeed, make_payload, make_torrent

pytestmark = [pytest.mark.xdist_group("recovery-absence"), pytest.mark.timeout(600)]
MIB = 1024 * 1024


@pytest.fixture
def tone(tmp_path: Path) -> Iterator[bytes]:
    """A .torrent with a short tone, seeded over HTTP."""
    need("ffmpeg")
    content = tmp_path / "payload"
    content.mkdir()
    media_kit.audio(content / "tone.mp3", seconds=3)
    with WebSeed(content) as seed:
        yield make_torrent(content / "tone.mp3", web_seed=seed.url).metainfo


@pytest.fixture
def slow_tone(tmp_path: Path) -> Iterator[tuple[bytes, WebSeed]]:
    """A .torrent whose seed is slow until the test says otherwise."""
    content = make_payload(tmp_path / "payload", {"slow.bin": 4 * MIB})
    with WebSeed(content, rate=100_000) as seed:
        yield make_torrent(content / "slow.bin", web_seed=seed.url).metainfo, seed


async def order(person: Person, torrent: bytes) -> Message:
    sent = await person.send("some.torrent", torrent)
    picker = await person.wait(button="Start", after=sent["message_id"])
    await person.press(picker, "Start")
    return picker


async def test_a_press_while_the_bot_is_down_is_obeyed_later(tmp_path: Path, tone: bytes) -> None:
    async with open_house(
        tmp_path, ALLOW_PRIVATE_ADDRESSES="true", DOWNLOADER="embedded", **EMBEDDED
    ) as house:
        bot = await house.start_bot()
        sent = await house.ada.send("some.torrent", tone)
        picker = await house.ada.wait(button="Start", after=sent["message_id"])
        await bot.stop()
        await house.ada.press(picker, "Start", seconds=0)
        await house.start_bot()
        await house.ada.wait(contains="is in the archive")


async def test_the_embedded_database_killed(tmp_path: Path, tone: bytes) -> None:
    async with open_house(
        tmp_path, ALLOW_PRIVATE_ADDRESSES="true", DOWNLOADER="embedded", **EMBEDDED
    ) as house:
        bot = await house.start_bot()
        await _kill_database(house)
        await bot.said("embedded-database-ended")
        await order(house.ada, tone)
        await house.ada.wait(contains="is in the archive")
        await _kill_database(house)
        await house.ada.say("/status")
        await house.ada.wait(contains="Your orders")


@pytest.mark.xdist_group("recovery-blink")
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(command("find", "inbox"), id="as the inbox looks for what was left"),
        pytest.param(command("update", "searches"), id="as searches are taken up again"),
    ],
)
async def test_the_database_away_right_after_a_start(tmp_path: Path, database_url: str, words: bytes) -> None:
    """What a kill left is begun when the database is back."""
    async with road_to(database_url) as (road, settings), open_house(tmp_path, **settings) as house:
        first = await house.start_bot(MAGPIE_FAILPOINT="search.ask:before")
        asked = await house.ada.say("/search tones")
        assert await first.ended(PATIENCE) == -signal.SIGKILL
        road.go_away_at(words)
        bot = await house.launch_bot()
        async with asyncio.timeout(PATIENCE):
            await road.away.wait()
        await bot.said("database-away")
        await asyncio.sleep(8)  # longer than the driver waits by itself
        assert bot.alive, bot.text()[-2000:]
        await road.come_back()
        await house.ada.wait(pattern=r"sources? · \d", after=asked["message_id"])
        said = [message["text"] for message in await house.ada.messages()]
        assert len(said) == 2, said


async def test_sigterm_ends_in_ten_seconds_and_the_order_goes_on(
    tmp_path: Path, slow_tone: tuple[bytes, WebSeed]
) -> None:
    torrent, seed = slow_tone
    async with open_house(
        tmp_path, ALLOW_PRIVATE_ADDRESSES="true", DOWNLOADER="embedded", **EMBEDDED
    ) as house:
        bot = await house.start_bot()
        await order(house.ada, torrent)
        await until(lambda: _asked(seed), "nothing was fetched")
        begun = time.monotonic()
        assert await bot.stop(seconds=10) == 0, bot.text()[-2000:]
        assert time.monotonic() - begun < 10
        assert _processes_in(house.folder / "data") == []
        seed.rate = None
        await house.start_bot()
        await house.ada.wait(contains="is in the archive")


async def test_a_killed_bot_takes_its_database_with_it(tmp_path: Path) -> None:
    async with open_house(tmp_path, **EMBEDDED) as house:
        bot = await house.start_bot()
        assert _processes_in(house.folder / "data")
        bot.kill()
        await bot.ended()

        async def is_gone() -> bool:
            return not _processes_in(house.folder / "data")

        await until(is_gone, "the embedded database outlived its bot")


async def test_a_second_instance_is_told_so_and_ends(tmp_path: Path) -> None:
    async with open_house(tmp_path, **EMBEDDED) as house:
        first = await house.start_bot()
        same_folder = await house.launch_bot()
        assert await same_folder.ended() == 1
        assert re.search(r"^magpie: another Magpie is running in ", same_folder.text(), re.MULTILINE)
        await asyncio.sleep(
            10
        )  # the first one is on probation itself for so long: it counts as the older only then
        same_token = await house.launch_bot(DATA_DIR=str(tmp_path / "other"))
        assert await same_token.ended(60) == 1
        assert "magpie: another process uses this bot token already" in same_token.text()
        assert first.alive
        await house.ada.say("/start")
        await house.ada.wait(contains="I am Magpie")


async def test_health(tmp_path: Path, unused_tcp_port: int) -> None:
    async with open_house(tmp_path, HEALTH_PORT=str(unused_tcp_port), **EMBEDDED) as house:
        await house.start_bot()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_tcp_port}") as health:
            assert (await health.get("/healthz")).text == "alive\n"

            async def is_ready() -> bool:
                return (await health.get("/readyz")).status_code == 200

            await until(is_ready, "never ready")
            metrics = (await health.get("/metrics")).text
        assert 'magpie_transfers{state="fetching"} 0.0' in metrics
        assert "magpie_inbox_waiting 0.0" in metrics


async def _asked(seed: WebSeed) -> bool:
    return bool(seed.log)


async def _kill_database(house: House) -> None:
    for pid in _processes_in(house.folder / "data" / "db"):
        os.kill(pid, signal.SIGKILL)


def _processes_in(folder: Path) -> list[int]:
    """Processes other than the bot that name the folder in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if any(str(folder).encode() in word for word in words):
            found.append(int(path.parent.name))
    return found


async def test_it_can_be_stopped_while_it_is_still_starting(tmp_path: Path, unused_tcp_port: int) -> None:
    nobody = f"127.0.0.1:{unused_tcp_port}"
    async with open_house(tmp_path, **EMBEDDED) as house:
        for away in (
            {"TELEGRAM_API_URL": f"http://{nobody}"},
            {"MONGODB_URL": f"mongodb://{nobody}/?directConnection=true"},
        ):
            bot = await house.launch_bot(**away)
            await bot.said("telegram-away|database-away")
            assert await bot.stop(seconds=10) == 0, bot.text()[-2000:]


async def test_it_stops_also_when_an_engine_does_not_answer(tmp_path: Path) -> None:
    async def silent(_: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(PATIENCE)

    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    engine = {"QBITTORRENT_URL": f"http://127.0.0.1:{port}", "QBITTORRENT_PASSWORD": "x"}
    async with open_house(tmp_path, DOWNLOADER="qbittorrent", **engine, **EMBEDDED) as house:
        bot = await house.start_bot()
        await asyncio.sleep(1)  # it is asking
        assert await bot.stop(seconds=10) == 0, bot.text()[-2000:]
    listening.close()
