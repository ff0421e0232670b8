"""Killed with SIGKILL where something beside the way of an order happens: lost cards and posts, forgetful engines."""

import asyncio
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from handlers.buttons import Cancel, Details, Start, pack, unpack
from tests.chats import becomes
from tests.engines import Aria2, EngineProcess, QBittorrent, differences
from tests.house import House, Message, open_house, until
from tests.programs import need
from tests.recovery.journeys import (
    LONG,
    ask_for,
    begin,
    house_with_noises,
    kind,
    nothing_anywhere,
    nothing_on_disk,
    order,
    press,
)
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import AGAIN, CARDS_GONE_WRONG, ELSEWHERE, LOST, NOT_AGAIN, QUEUE, SEED, UNPACK
from tests.swarm import Made, WebSeed, make_payload, make_torrent

pytestmark = pytest.mark.timeout(1200)
MIB = 1024 * 1024


@pytest.mark.xdist_group("recovery-cards")
async def test_killed_while_cards_go_wrong(tmp_path: Path) -> None:
    """A card that Telegram will not edit, one that its reader deleted, one that is turned after its last edit."""
    content = make_payload(tmp_path / "payload", {"both/film.mkv": 1000, "both/text.bin": 1000})
    torrent = make_torrent(content / "both").metainfo
    async with open_house(tmp_path) as house:

        async def journey(_number: int) -> None:
            await house.no_faults()
            picker = await ask_for(house.ada, torrent)
            await house.fault(method="editMessageText", action="400", count=1)
            await press(house.ada, picker, "None")
            await until(lambda: _no_faults_left(house), "nothing was refused", LONG)
            await press(house.ada, picker, "Video only")
            await house.ada.wait(contains="1 of 2", after=picker["message_id"] - 1, seconds=LONG)
            await house.ada.delete(picker)
            again = await _shown_again(house)
            late = pack(Details(_transfer_of(again)))
            await press(house.ada, again, "None")
            await house.ada.wait(contains="0 of 2", after=again["message_id"] - 1, seconds=LONG)
            await press(house.ada, again, "Cancel")
            await house.ada.wait(contains="was cancelled", after=again["message_id"] - 1, seconds=LONG)
            await house.ada.press(again, data=late, seconds=0)
            await _answered(house)

        await Killer(house, sides(*CARDS_GONE_WRONG)).travel(journey, lambda: nothing_on_disk(house))


async def _no_faults_left(house: House) -> bool:
    return not (await house.http.get("/api/faults")).raise_for_status().json()


async def _shown_again(house: House) -> Message:
    """A second card of the newest order."""
    asked = await house.ada.say("/status")
    status = await house.ada.wait(contains="Your orders", after=asked["message_id"], seconds=LONG)
    await press(house.ada, status, "1")
    return await house.ada.wait(button="Start", after=status["message_id"], seconds=LONG)


def _transfer_of(picker: Message) -> str:
    keys = [key for row in picker["reply_markup"]["inline_keyboard"] for key in row]
    (start,) = (unpack(key["callback_data"]) for key in keys if key["text"] == "Start")
    assert isinstance(start, Start)
    return start.transfer


async def _answered(house: House) -> None:
    """All that was said and pressed is handled: what comes after it is, too."""
    asked = await house.ada.say("/help")
    await house.ada.wait(contains="/search", after=asked["message_id"], seconds=LONG)


@pytest.mark.xdist_group("recovery-cards")
async def test_killed_while_a_post_is_lost(tmp_path: Path) -> None:
    """Somebody deletes the placeholder before it becomes the post: another one does."""
    with WebSeed(tmp_path / "payload") as seed:
        async with open_house(tmp_path, ALLOW_PRIVATE_ADDRESSES="true") as house:
            posts = 0

            async def journey(number: int) -> None:
                card = await begin(house, _new(tmp_path, seed, number, 1000).metainfo)
                placeholder = await house.ada.wait(chat=house.channel, contains="⏳", seconds=LONG)
                await house.ada.delete(placeholder, chat=house.channel)
                await house.no_faults()
                after = card["message_id"] - 1
                await house.ada.wait(contains="is in the archive", after=after, seconds=LONG)

            async def check() -> None:
                nonlocal posts
                posts += 1
                found = await house.ada.messages(house.channel)
                assert [kind(post) for post in found] == ["document"] * posts
                await nothing_on_disk(house)

            await Killer(house, sides(*LOST)).travel(journey, check)


@pytest.mark.xdist_group("recovery-cards")
async def test_killed_with_a_placeholder_and_given_up_before_the_restart(tmp_path: Path) -> None:
    """The placeholder that nobody had noted yet goes, too."""
    content = make_payload(tmp_path / "payload", {"some.bin": 1000})
    with WebSeed(content) as seed:
        torrent = make_torrent(content / "some.bin", web_seed=seed.url).metainfo
        async with open_house(tmp_path, ALLOW_PRIVATE_ADDRESSES="true") as house:

            async def journey(_number: int) -> None:
                await house.fault(method="editMessageMedia", action="500", count=None)
                picker = await ask_for(house.ada, torrent)
                give_up = pack(Cancel(_transfer_of(picker)))
                await press(house.ada, picker, "Start")
                await house.ada.wait(chat=house.channel, contains="⏳", seconds=LONG)
                await house.ada.press(picker, data=give_up, seconds=0)
                after = picker["message_id"] - 1
                await house.ada.wait(contains="was cancelled", after=after, seconds=LONG)

            await Killer(house, ["storage.placeholder:after"]).travel(
                journey, lambda: nothing_anywhere(house)
            )


@pytest.mark.xdist_group("recovery-cards")
async def test_killed_while_orders_wait_for_their_turn(tmp_path: Path) -> None:
    """Three orders and one turn; the last is put to the front. Its bytes are those of the first, so it shares the post."""
    posts = 0
    async with _slow_house(tmp_path, DOWNLOADS_AT_ONCE="1") as (house, seed):

        async def journey(number: int) -> None:
            first = _new(tmp_path, seed, number)
            same = _the_same(tmp_path, seed, number)
            going = await _fetching(house, first, seed)
            cards = [
                going,
                *[await _queued(house, each) for each in (_new(tmp_path, seed, 1000 + number), same)],
            ]
            card = await house.ada.wait(button="To the front", after=cards[2]["message_id"] - 1, seconds=LONG)
            await press(house.ada, card, "To the front")
            await house.ada.wait(contains="position 1", after=cards[2]["message_id"] - 1, seconds=LONG)
            seed.rate = None
            for each in cards:
                await becomes(house.ada, each, "is in the archive")

        async def check() -> None:
            nonlocal posts
            posts += 2
            await nothing_on_disk(house)
            assert len(await house.ada.messages(house.channel)) == posts

        await Killer(house, sides(*QUEUE)).travel(journey, check)


@pytest.mark.xdist_group("recovery-cards")
async def test_killed_while_unpacking(tmp_path: Path) -> None:
    """An archive of two files: both are posted, each once, and nothing of them stays on the disk."""
    posts = 0
    with WebSeed(tmp_path / "payload") as seed:
        async with open_house(tmp_path, ALLOW_PRIVATE_ADDRESSES="true") as house:

            async def journey(number: int) -> None:
                picker = await ask_for(house.ada, _packed(tmp_path, seed, number).metainfo)
                await press(house.ada, picker, "☐ Unpack")
                await becomes(house.ada, picker, button="☑ Unpack")
                await press(house.ada, picker, "Start")
                await becomes(house.ada, picker, "is in the archive")

            async def check() -> None:
                nonlocal posts
                posts += 2
                await nothing_on_disk(house)
                found = await house.ada.messages(house.channel)
                assert [kind(post) for post in found] == ["document"] * posts

            await Killer(house, sides(*UNPACK)).travel(journey, check)


def _packed(tmp_path: Path, seed: WebSeed, number: int) -> Made:
    path = tmp_path / "payload" / f"packed{number}.zip"
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("one", "two"):
            archive.writestr(f"{name}{number}.txt", f"{name} {number}")
    return make_torrent(path, web_seed=seed.url)


async def _queued(house: House, torrent: Made) -> Message:
    picker = await ask_for(house.ada, torrent.metainfo)
    await press(house.ada, picker, "Start")
    return await house.ada.wait(contains="position", after=picker["message_id"] - 1, seconds=LONG)


def _the_same(tmp_path: Path, seed: WebSeed, number: int) -> Made:
    """The bytes of another torrent under another name."""
    theirs = tmp_path / "payload" / f"some{number}.bin"
    ours = theirs.with_name(f"same{number}.bin")
    ours.write_bytes(theirs.read_bytes())
    return make_torrent(ours, web_seed=seed.url)


@pytest.mark.xdist_group("recovery-engines")
async def test_killed_while_an_engine_forgets(tmp_path: Path) -> None:
    """aria2 without a session knows nothing after a restart: it is told again."""
    need("aria2c")
    with Aria2() as engine:
        settings = {"ARIA2_URL": engine.url, "ARIA2_SECRET": engine.secret, "DOWNLOADER": "aria2"}
        async with _slow_house(tmp_path, **settings) as (house, seed):

            async def journey(number: int) -> None:
                card = await _fetching(house, _new(tmp_path, seed, number), seed)
                await asyncio.to_thread(engine.kill)
                await asyncio.to_thread(engine.start)
                await house.said_by_a_bot("download-added-again", seconds=LONG)
                seed.rate = None
                after = card["message_id"] - 1
                await house.ada.wait(contains="is in the archive", after=after, seconds=LONG)

            await Killer(house, sides(*AGAIN)).travel(journey, lambda: nothing_on_disk(house))


@pytest.mark.xdist_group("recovery-engines")
async def test_killed_while_another_engine_takes_the_order(tmp_path: Path) -> None:
    """What is somebody else's in the shared engine is not touched."""
    need("qbittorrent-nox")
    with QBittorrent() as engine:
        async with _slow_house(tmp_path, **_shared(engine)) as (house, seed):
            seed.rate = None
            before: list[object] = []

            async def journey(number: int) -> None:
                torrent = _new(tmp_path, seed, number)
                await asyncio.to_thread(_add_theirs, engine, torrent, tmp_path)
                before[:] = [await asyncio.to_thread(engine.state)]
                picker = await ask_for(house.ada, torrent.metainfo)
                await press(house.ada, picker, "Start")
                after = picker["message_id"] - 1
                await house.ada.wait(contains="is in the archive", after=after, seconds=LONG)

            async def check() -> None:
                await nothing_on_disk(house)
                assert differences(before[0], await asyncio.to_thread(engine.state)) == []

            await Killer(house, sides(*ELSEWHERE)).travel(journey, check)


@pytest.mark.xdist_group("recovery-engines")
async def test_killed_while_somebody_takes_a_torrent_over(tmp_path: Path) -> None:
    """Removed in the engine, and added there as somebody's own: the order fails, and says so."""
    need("qbittorrent-nox")
    with QBittorrent() as engine:
        async with _slow_house(tmp_path, **_shared(engine)) as (house, seed):
            torrent = _new(tmp_path, seed, 0)

            async def journey(_number: int) -> None:
                card = await _fetching(house, torrent, seed)
                with house.asleep():  # between the two, it would be added again as ours
                    await asyncio.to_thread(engine.clear)
                    await asyncio.to_thread(_add_theirs, engine, torrent, tmp_path)
                card = await house.ada.wait(button="Retry", after=card["message_id"] - 1, seconds=LONG)
                await press(house.ada, card, "Discard")
                card = await house.ada.wait(button="Yes", after=card["message_id"] - 1, seconds=LONG)
                await press(house.ada, card, "Yes, give it up")
                after = card["message_id"] - 1
                await house.ada.wait(contains="was cancelled", after=after, seconds=LONG)

            async def check() -> None:
                await nothing_on_disk(house)
                assert await asyncio.to_thread(engine.state), "somebody else's torrent went"
                await asyncio.to_thread(engine.clear)

            await Killer(house, sides(*NOT_AGAIN)).travel(journey, check)


@asynccontextmanager
async def _slow_house(tmp_path: Path, **settings: str) -> AsyncIterator[tuple[House, WebSeed]]:
    with WebSeed(tmp_path / "payload", rate=100_000) as seed:
        async with open_house(tmp_path, ALLOW_PRIVATE_ADDRESSES="true", **settings) as house:
            yield house, seed


def _new(tmp_path: Path, seed: WebSeed, number: int, size: int = 4 * MIB) -> Made:
    """A torrent of bytes that were not there before: what is archived is not fetched again."""
    name = f"some{number}.bin"
    content = make_payload(tmp_path / "payload", {name: size}, seed=number)
    return make_torrent(content / name, web_seed=seed.url)


async def _fetching(house: House, torrent: Made, seed: WebSeed) -> Message:
    """Orders it from a slow seed; the Card, once some of it has come."""
    seed.rate = 100_000
    picker = await ask_for(house.ada, torrent.metainfo)
    await press(house.ada, picker, "Start")
    return await house.ada.wait(pattern="[1-9] %", after=picker["message_id"] - 1, seconds=LONG)


def _shared(engine: QBittorrent) -> dict[str, str]:
    return {
        "QBITTORRENT_URL": engine.url,
        "QBITTORRENT_USERNAME": engine.username,
        "QBITTORRENT_PASSWORD": engine.password,
        "DOWNLOADER": "qbittorrent",
    }


def _add_theirs(engine: EngineProcess, torrent: Made, folder: Path) -> None:
    theirs = folder / "theirs"
    theirs.mkdir(exist_ok=True)
    engine.add_foreign(torrent.metainfo, theirs, paused=True)


@pytest.mark.xdist_group("recovery-cards")
async def test_killed_while_seeding_begins_and_ends(tmp_path: Path) -> None:
    """What was archived is given on for some seconds, and then nothing is left of it."""
    async with house_with_noises(tmp_path, SEED_HOURS="0.001") as (house, noise):

        async def journey(number: int) -> None:
            await order(house.ada, await asyncio.to_thread(noise, number))

        await Killer(house, sides(*SEED)).travel(journey, lambda: nothing_on_disk(house))
        assert any("seeding-ended" in bot.text() for bot in house.bots)
