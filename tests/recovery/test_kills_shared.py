"""Killed with SIGKILL while one of two who fetch the same torrent gives up: the other's files come, and no more."""

import json
from pathlib import Path

import pytest

from tests.chats import becomes
from tests.house import House, Message, open_house, until
from tests.recovery.journeys import LONG, ask_for, kind, nothing_on_disk, order, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import HEIRS, SHARED
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


async def test_killed_while_a_post_is_left_to_another_order(tmp_path: Path) -> None:
    """The first order is given up half posted, and what it posted is the second one's by then."""
    posts = 0
    with WebSeed(tmp_path / "payload") as seed:
        async with open_house(tmp_path, ALLOW_PRIVATE_ADDRESSES="true") as house:

            async def journey(number: int) -> None:
                first, second = _half_the_same(tmp_path, seed, number)
                card = await ask_for(house.ada, first.metainfo)
                await press(house.ada, card, "Start")
                await until(lambda: _stands(house, posts), "nothing was posted", LONG)
                await house.fault(method="editMessageMedia", action="500", count=None)
                await order(house.ada, second.metainfo)
                await press(house.ada, card, "Cancel")
                await becomes(house.ada, card, button="Yes")
                await press(house.ada, card, "Yes, give it up")
                await becomes(house.ada, card, "was cancelled")
                await house.no_faults()

            async def check() -> None:
                nonlocal posts
                posts += 1
                await nothing_on_disk(house)
                await until(lambda: _are_posts(house, posts), "not one post each", LONG)
                await _is_handed_out(house)

            await Killer(house, sides(*HEIRS)).travel(journey, check)


def _half_the_same(folder: Path, seed: WebSeed, number: int) -> tuple[Made, Made]:
    """A torrent that is long in coming up, and one of its largest file, under another name."""
    content = folder / "payload" / f"many{number}"
    make_payload(
        content, {"largest.bin": 5000, **{f"{each}.bin": 100 + each for each in range(30)}}, seed=number
    )
    other = folder / "payload" / f"other{number}.bin"
    other.write_bytes((content / "largest.bin").read_bytes())
    return make_torrent(content, web_seed=seed.url), make_torrent(other, web_seed=seed.url)


async def _stands(house: House, before: int) -> bool:
    posted = [kind(post) for post in await house.ada.messages(house.channel)]
    return posted.count("document") > before


async def _are_posts(house: House, count: int) -> bool:
    return [kind(post) for post in await house.ada.messages(house.channel)] == ["document"] * count


async def _is_handed_out(house: House) -> None:
    """The key under the newest post leads to the order that is left."""
    post = (await house.ada.messages(house.channel))[-1]
    ((get,),) = post["reply_markup"]["inline_keyboard"]
    asked = await house.ada.say(f"/start {get['url'].partition('start=')[2]}")

    async def came() -> bool:
        found = await house.ada.messages()
        return any(kind(one) == "document" for one in found if one["message_id"] > asked["message_id"])

    await until(came, "it was not handed out", LONG)


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
