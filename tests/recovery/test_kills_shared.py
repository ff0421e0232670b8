"""Killed with SIGKILL while one of two who fetch the same torrent gives up: the other's files come, and no more."""

import json
from pathlib import Path

import pytest

from tests.chats import becomes
from tests.house import House, Message, open_house, until
from tests.recovery.journeys import LONG, ask_for, nothing_on_disk, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import SHARED
from tests.swarm import Made, WebSeed, make_payload, make_torrent

pytestmark = [pytest.mark.timeout(1200), pytest.mark.xdist_group("recovery-shared")]
MIB = 1024 * 1024
FILES = {"large.bin": 8 * MIB, "small.bin": MIB}


async def test_killed_while_one_of_two_leaves(tmp_path: Path) -> None:
    """The engine's own record says what it fetches."""
    posts = 0
    with WebSeed(tmp_path / "payload", rate=100_000) as seed:
        async with open_house(tmp_path, ALLOW_PRIVATE_ADDRESSES="true") as house:

            async def journey(number: int) -> None:
                seed.rate = 100_000
                torrent = _torrent(tmp_path, seed, number)
                large = await _fetching(house, torrent, "large.bin")
                small = await _fetching(house, torrent, "small.bin")
                await until(lambda: _fetches(house, torrent, [0, 1]), "they share nothing", LONG)
                await press(house.ada, large, "Cancel")
                await becomes(house.ada, large, button="Yes")
                await press(house.ada, large, "Yes, give it up")
                await until(lambda: _fetches(house, torrent, [1]), "it fetched all of it", LONG)
                seed.rate = None
                await becomes(house.ada, small, "is in the archive")

            async def check() -> None:
                nonlocal posts
                posts += 1
                await nothing_on_disk(house)
                assert len(await house.ada.messages(house.channel)) == posts

            await Killer(house, sides(*SHARED)).travel(journey, check)


def _torrent(folder: Path, seed: WebSeed, number: int) -> Made:
    content = folder / "payload" / f"both{number}"
    make_payload(content, FILES, seed=number)
    return make_torrent(content, web_seed=seed.url)


async def _fetching(house: House, torrent: Made, name: str) -> Message:
    """An order of one of the files, on its way."""
    picker = await ask_for(house.ada, torrent.metainfo)
    await press(house.ada, picker, "None")
    await becomes(house.ada, picker, "0 of 2", button=name)
    await press(house.ada, picker, f"☐ {name}")
    await becomes(house.ada, picker, "1 of 2")
    await press(house.ada, picker, "Start")
    return await becomes(house.ada, picker, pattern="[0-9] %")


async def _fetches(house: House, torrent: Made, wanted: list[int]) -> bool:
    found = list((house.folder / "data").rglob(f"{torrent.infohash}.json"))
    return [json.loads(path.read_text())["wanted"] for path in found] == [wanted]
