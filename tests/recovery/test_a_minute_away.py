"""Somebody whom the bot needs is away for a whole minute: it waits, says so, and goes on.

Their minutes are the same minute: each test asks how one of the stories went that were begun together.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests import media_kit
from tests.engines import Aria2, EngineProcess, QBittorrent, differences
from tests.house import House, Message, Person, open_house, until
from tests.indexers import KEY, TorznabServer, Works
from tests.loopback import serve
from tests.programs import need
from tests.recovery.foreign import add_foreign, everything_foreign, settings_for
from tests.recovery.journeys import LONG, ask_for, kind, press
from tests.relay import bound, command, relay_to, road_to
from tests.swarm import WebSeed, free_port, make_payload, make_torrent

pytestmark = pytest.mark.timeout(900)
MINUTE = 60.0
MIB = 1024 * 1024
POSTS = ["audio", "photo", "audio"]
"""What one tone comes to: itself, its picture, its clip."""
Story = Callable[[Path], Awaitable[None]]


async def telegram(folder: Path) -> None:
    with tone(folder) as torrent:
        async with house_in(folder) as house:
            bot = await house.start_bot()
            undecided = await ask_for(house.ada, unseeded(folder))
            picker = await ask_for(house.ada, torrent)
            # nothing is worse than this moment: the placeholder stands, and the answer that says so is lost
            await house.fault(method="sendMessage", action="drop")
            await press(house.ada, picker, "Start")
            await until(lambda: stands(house), "nothing was posted", LONG)
            async with a_minute():
                await house.fault(action="down", seconds=10 * MINUTE)
                asked = await trouble(house.ada, undecided)
                await bot.said("telegram-away")
            await house.no_faults()
            await obeyed(house.ada, undecided, asked)
            await archived(house.ada, picker)
            assert await posts_once(house) == POSTS


async def aria2(folder: Path) -> None:
    with Aria2() as engine:
        settings = {"ARIA2_URL": engine.url, "ARIA2_SECRET": engine.secret, "DOWNLOADER": "aria2"}
        await engine_away(folder, engine, settings)


async def qbittorrent(folder: Path) -> None:
    """Killed, not asked to end; and not ours alone."""
    with QBittorrent() as engine:
        theirs = folder / "theirs"
        await asyncio.to_thread(add_foreign, engine, theirs)
        before = await asyncio.to_thread(everything_foreign, engine, theirs)
        await engine_away(folder, engine, {**settings_for(engine), "DOWNLOADER": "qbittorrent"})
        assert differences(before, await asyncio.to_thread(everything_foreign, engine, theirs)) == []


async def engine_away(folder: Path, engine: EngineProcess, settings: Mapping[str, str]) -> None:
    """Killed in the middle of one order; another one is given meanwhile."""
    with tone(folder) as torrent, slow(folder) as (long_one, seed):
        async with house_in(folder, **settings) as house:
            await house.start_bot()
            fetched = await ask_for(house.ada, long_one)
            await press(house.ada, fetched, "Start")
            await house.ada.wait(pattern="[1-9] %", after=fetched["message_id"] - 1, seconds=LONG)
            await asyncio.to_thread(engine.kill)
            with bound(engine.port):  # or another program might get it
                async with a_minute():
                    await says(house.ada, fetched, "engine does not answer")
                    picker = await ask_for(house.ada, torrent)
                    await press(house.ada, picker, "Start")
                    await says(house.ada, picker, "engine does not answer")
            await asyncio.to_thread(engine.start)
            seed.rate = None
            await archived(house.ada, picker)
            await archived(house.ada, fetched)
            assert sorted(await posts_once(house)) == sorted([*POSTS, "document"])


async def an_indexer(folder: Path) -> None:
    async with AsyncExitStack() as stack:
        near = await stack.enter_async_context(serve(TorznabServer(Works(3))))
        far = await stack.enter_async_context(serve(TorznabServer(Works(12))))
        road = await stack.enter_async_context(relay_to("127.0.0.1", far.port))
        path = f"1/api?apikey={KEY}"
        urls = f"Near={near.url}/{path},Far=http://127.0.0.1:{road.port}/{path}"
        settings = {"TORZNAB_URLS": urls, "QBITTORRENT_SEARCH": "false"}
        house = await stack.enter_async_context(house_in(folder, **settings))
        await house.start_bot()
        road.go_away()
        async with a_minute():
            said = await house.ada.say("/search work")
            card = await says(house.ada, said, "3 results · 1 of 2 sources · ")
            assert "⚠ Far is out of reach or overloaded" in card["text"]
        await road.come_back()
        await press(house.ada, card, "Retry slow sources")
        card = await says(house.ada, said, "12 results · 2 of 2 sources")
        assert "Far" not in card["text"]


STORIES: Mapping[str, tuple[Story, Sequence[str]]] = {
    "Telegram": (telegram, ["ffmpeg"]),
    "aria2": (aria2, ["ffmpeg", "aria2c"]),
    "qBittorrent": (qbittorrent, ["ffmpeg", "qbittorrent-nox"]),
    "an indexer": (an_indexer, []),
}


async def told(story: Story, programs: Sequence[str], folder: Path) -> None:
    need(*programs)
    await story(folder)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def minute(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mapping[str, Awaitable[None]]]:
    """All stories under way, by who is away in them."""
    begun = {
        name: asyncio.ensure_future(told(story, programs, tmp_path_factory.mktemp("away")))
        for name, (story, programs) in STORIES.items()
    }
    yield begun
    for task in begun.values():
        task.cancel()
    await asyncio.gather(*begun.values(), return_exceptions=True)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.xdist_group("recovery-minute")
@pytest.mark.parametrize("name", STORIES)
async def test_away_for_a_minute(minute: Mapping[str, Awaitable[None]], name: str) -> None:
    await minute[name]


@pytest.mark.xdist_group("recovery-minute-database")
async def test_the_database_away_for_a_minute(tmp_path: Path, database_url: str) -> None:
    need("ffmpeg")
    async with road_to(database_url) as (road, settings):
        port = free_port()
        with tone(tmp_path) as torrent, slow(tmp_path) as (long_one, seed):
            async with house_in(tmp_path, HEALTH_PORT=str(port), **settings) as house:
                bot = await house.start_bot()
                undecided = await ask_for(house.ada, unseeded(tmp_path))
                fetched = await ask_for(house.ada, long_one)
                await press(house.ada, fetched, "Start")
                await house.ada.wait(pattern="[1-9] %", after=fetched["message_id"] - 1, seconds=LONG)
                picker = await ask_for(house.ada, torrent)
                # nothing is worse than this moment: the placeholder stands, and cannot be noted
                road.go_away_at(command("findAndModify", "copies"))
                await press(house.ada, picker, "Start")
                async with asyncio.timeout(LONG):
                    await road.away.wait()
                async with a_minute():
                    asked = await trouble(house.ada, undecided)
                    await bot.said("database-away")
                    await until(lambda: waits_for_the_database(port), "ready without a database")
                await road.come_back()
                await obeyed(house.ada, undecided, asked)
                seed.rate = None
                await archived(house.ada, picker)
                await archived(house.ada, fetched)
                assert sorted(await posts_once(house)) == sorted([*POSTS, "document"])


# -- what the stories are made of


@asynccontextmanager
async def a_minute() -> AsyncIterator[None]:
    """Lasts a minute, or as long as what happens in it."""
    end = asyncio.get_running_loop().time() + MINUTE
    yield
    await asyncio.sleep(end - asyncio.get_running_loop().time())


@asynccontextmanager
async def house_in(folder: Path, **settings: str) -> AsyncIterator[House]:
    defaults = {"ALLOW_PRIVATE_ADDRESSES": "true", "DOWNLOADER": "embedded"}
    async with open_house(folder / "house", **{**defaults, **settings}) as house:
        yield house


@contextmanager
def tone(folder: Path) -> Iterator[bytes]:
    """A .torrent with a short tone, seeded over HTTP."""
    content = folder / "tone"
    content.mkdir()
    media_kit.audio(content / "tone.mp3", seconds=3)
    with WebSeed(content) as seed:
        yield make_torrent(content / "tone.mp3", web_seed=seed.url).metainfo


@contextmanager
def slow(folder: Path) -> Iterator[tuple[bytes, WebSeed]]:
    """A .torrent whose seed is slow until the story says otherwise."""
    content = make_payload(folder / "slow", {"slow.bin": 4 * MIB})
    with WebSeed(content, rate=60_000) as seed:
        yield make_torrent(content / "slow.bin", web_seed=seed.url).metainfo, seed


def unseeded(folder: Path) -> bytes:
    return make_torrent(make_payload(folder / "none", {"a.bin": 1000, "b.bin": 1000})).metainfo


async def trouble(person: Person, picker: Message) -> Message:
    """What people do who do not know that somebody is away: a press, and something said."""
    await press(person, picker, "None")
    return await person.say("/status")


async def obeyed(person: Person, picker: Message, asked: Message) -> None:
    """Both were, and once."""
    await says(person, picker, "· 0 of 2 files")
    await person.wait(contains="Your orders", after=asked["message_id"], seconds=LONG)
    answers = [message for message in await person.messages() if "Your orders" in message.get("text", "")]
    assert len(answers) == 1, await person.chat()


async def says(person: Person, card: Message, words: str) -> Message:
    """The Card as it is when it says so; or the first that does after what was said."""
    return await person.wait(contains=words, after=card["message_id"] - 1, seconds=LONG)


async def archived(person: Person, card: Message) -> None:
    async def is_done() -> bool:
        now = next(m for m in await person.messages() if m["message_id"] == card["message_id"])
        return "is in the archive" in now["text"]

    await until(is_done, f"not archived:\n{await person.chat()}", LONG)


async def stands(house: House) -> bool:
    return bool(await house.ada.messages(house.channel))


async def posts_once(house: House) -> list[str]:
    """Of what kinds the posts are. By Telegram's own record nothing else was ever posted and left there."""
    record = [call for call in await house.record(house.channel) if call["ok"]]
    sent = {call["message_id"] for call in record if call["method"].startswith(("send", "copy", "forward"))}
    deleted = {call["message_id"] for call in record if call["method"] == "deleteMessage"}
    made = {call["message_id"] for call in record if call["method"] == "editMessageMedia"}
    posts = await house.ada.messages(house.channel)
    assert {post["message_id"] for post in posts} == sent - deleted == made - deleted
    return [kind(post) for post in posts]


async def waits_for_the_database(port: int) -> bool:
    async with httpx.AsyncClient(timeout=30) as http:
        answer = await http.get(f"http://127.0.0.1:{port}/readyz")
    return answer.status_code == 503 and "database" in answer.text
