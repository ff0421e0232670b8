"""Feeds in the chat: what is new comes by itself, is filtered, asked about, and can be left."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.feeds import FeedServer, item
from tests.house import House, Message, open_house
from tests.indexers import KEY, TorznabServer, Works
from tests.loopback import Answer, Server, serve
from tests.recovery.journeys import LONG, kind, press
from tests.swarm import WebSeed, make_payload, make_torrent

pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("feeds")]


class Site:
    """A tracker with a feed, and somebody who has what it lists."""

    def __init__(self, feed: FeedServer, server: Server, seed: WebSeed, content: Path) -> None:
        self.feed = feed
        self.url = f"{server.url}/rss"
        self._server = server
        self._seed = seed
        self._content = content

    async def publish(self, name: str, size: int = 20_000) -> None:
        def made() -> bytes:
            make_payload(self._content, {f"{name}.bin": size}, seed=len(self.feed.files))
            return make_torrent(self._content / f"{name}.bin", web_seed=self._seed.url).metainfo

        self.feed.files[f"/{name}.torrent"] = await asyncio.to_thread(made)
        enclosure = f'<enclosure url="{self._server.url}/{name}.torrent" length="{size}"/>'
        self.feed.items.insert(0, item(name, "/page", enclosure))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    content, feed = tmp_path / "payload", FeedServer()
    content.mkdir()
    with WebSeed(content) as seed:
        async with serve(feed) as server:
            yield Site(feed, server, seed, content)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "house", ALLOW_PRIVATE_ADDRESSES="true") as house:
        yield house


async def begun(house: House, text: str) -> Message:
    """The Card of a feed whose first look is over."""
    asked = await house.ada.say(f"/feed {text}")
    return await house.ada.wait(contains="Next look", after=asked["message_id"], seconds=LONG)


async def opened(house: House, contains: str = "Next look") -> Message:
    """The Card of the only feed, by the list."""
    asked = await house.ada.say("/feeds")
    listed = await house.ada.wait(contains="Your feeds", after=asked["message_id"], seconds=LONG)
    await press(house.ada, listed, "1")
    return await house.ada.wait(contains=contains, after=listed["message_id"], seconds=LONG)


async def look(house: House, site: Site) -> None:
    """Sooner than a press may have it: as if the feed had been paused meanwhile."""
    looks, card = site.feed.looks, await opened(house)
    await press(house.ada, card, "Pause")
    paused = await house.ada.wait(button="Resume", after=card["message_id"] - 1, seconds=LONG)
    await press(house.ada, paused, "Resume")
    await house.ada.wait(contains="Next look", button="Pause", after=card["message_id"] - 1, seconds=LONG)
    assert site.feed.looks > looks


async def archived(house: House) -> list[str]:
    posts = [each for each in await house.ada.messages(house.channel) if kind(each) == "document"]
    return sorted(each["document"]["file_name"] for each in posts)


async def test_what_is_new_comes_by_itself(house: House, site: Site) -> None:
    await site.publish("old")
    await house.start_bot()
    card = await begun(house, site.url)
    assert "📡 Works" in card["text"]
    assert "1 thing that I had not seen stood there before" in card["text"]
    await site.publish("new")
    await look(house, site)
    done = await house.ada.wait(contains="new is in the archive", after=card["message_id"], seconds=LONG)
    assert await archived(house) == ["new.bin"]
    await look(house, site)
    again = await opened(house, "1 order: 1 archived")
    assert await archived(house) == ["new.bin"]
    await press(house.ada, again, "Fetch this one too")
    await house.ada.wait(contains="old is in the archive", after=done["message_id"], seconds=LONG)
    assert await archived(house) == ["new.bin", "old.bin"]


async def test_filters_and_questions(house: House, site: Site) -> None:
    await house.start_bot()
    card = await begun(house, site.url)
    after = card["message_id"] - 1
    await press(house.ada, card, "Filter …")
    asking = await house.ada.wait(contains="What of it do you want?", after=after, seconds=LONG)
    await house.ada.say("size<lots")
    await house.ada.wait(contains="I cannot read", after=after, seconds=LONG)
    await house.ada.say("~film|song")
    filtered = await house.ada.wait(contains="Filter: ~film|song", button="Pause", after=after, seconds=LONG)
    assert filtered["message_id"] == asking["message_id"]
    await house.ada.say("~film|song size", reply_to=filtered)
    await house.ada.wait(contains="Filter: ~film|song size", after=after, seconds=LONG)
    await house.ada.say("-draft size<1m ~film|song", reply_to=filtered)
    filtered = await house.ada.wait(contains="Filter: -draft size<1m", after=after, seconds=LONG)
    await press(house.ada, filtered, "☐ Ask first")
    await house.ada.wait(button="☑ Ask first", after=after, seconds=LONG)
    for name in ("film one", "film draft", "song", "notes"):
        await site.publish(name)
    await look(house, site)
    film = await house.ada.wait(contains="film one · 19.5 KB", button="Fetch", after=after, seconds=LONG)
    song = await house.ada.wait(contains="song · 19.5 KB", button="Skip", after=after, seconds=LONG)
    assert await archived(house) == []
    await press(house.ada, song, "Skip")
    await house.ada.wait(contains="✖ song stays out", after=after, seconds=LONG)
    await press(house.ada, film, "Fetch")
    done = await house.ada.wait(contains="film one is in the archive", after=after, seconds=LONG)
    assert done["message_id"] == film["message_id"]
    assert await archived(house) == ["film one.bin"]
    await opened(house, "2 left out by the filter")


async def test_trouble_is_said_and_a_feed_can_be_left(house: House, site: Site) -> None:
    await house.start_bot()
    site.feed.wrong = Answer(b"<!DOCTYPE html><html>Log in</html>")
    asked = await house.ada.say(f"/feed {site.url}")
    after = asked["message_id"]
    await house.ada.wait(
        contains="The last look did not work. What stands there is no feed", after=after, seconds=LONG
    )
    for _ in range(2):
        await look(house, site)
    card = await opened(house)
    await press(house.ada, card, "Delete")
    question = await house.ada.wait(contains="Really delete", after=card["message_id"] - 1, seconds=LONG)
    await press(house.ada, question, "No, keep it")
    kept = await house.ada.wait(
        button="Delete", contains="Next look", after=card["message_id"] - 1, seconds=LONG
    )
    await press(house.ada, kept, "Delete")
    question = await house.ada.wait(contains="Really delete", after=card["message_id"] - 1, seconds=LONG)
    await press(house.ada, question, "Yes, delete it")
    await house.ada.wait(contains="This feed is deleted", after=card["message_id"] - 1, seconds=LONG)
    asked = await house.ada.say("/feeds")
    await house.ada.wait(contains="You have no feeds", after=asked["message_id"], seconds=LONG)


async def test_what_is_no_feed_is_said(house: House) -> None:
    await house.start_bot(ALLOW_PRIVATE_ADDRESSES="false")
    for text, answer in (
        ("/feed", "Tell me what to look at"),
        ("/feed big buck bunny", "neither an address"),
        ("/feed http://127.0.0.1:1/rss", "private network"),
        ("/feed https://example.org/rss size<lots", "I cannot read"),
        ("/feed search bunny ~(", "is not a pattern"),
    ):
        asked = await house.ada.say(text)
        await house.ada.wait(contains=answer, after=asked["message_id"], seconds=LONG)
    asked = await house.ada.say("/help")
    assert "/feeds" in (await house.ada.wait(contains="/search", after=asked["message_id"]))["text"]


async def test_a_saved_search(house: House) -> None:
    works = Works(3)
    async with serve(TorznabServer(works)) as server:
        await house.start_bot(TORZNAB_URLS=f"Small={server.url}/1/api?apikey={KEY}")
        card = await begun(house, "search work")
        assert "3 things that I had not seen stood there before" in card["text"]
        works.count = 4
        await press(house.ada, card, "Pause")
        paused = await house.ada.wait(button="Resume", after=card["message_id"] - 1, seconds=LONG)
        await press(house.ada, paused, "Resume")
        await house.ada.wait(contains="work 3", after=card["message_id"], seconds=LONG)
        await opened(house, "1 order")
