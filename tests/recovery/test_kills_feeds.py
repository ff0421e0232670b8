"""Killed while feeds are looked at, ask, order and are deleted: everything wanted of them comes, and once."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from bot.database import connect, wait_until_it_answers
from models.ids import new_id
from tests.feeds import FeedServer, item
from tests.house import House, Message, until
from tests.loopback import serve
from tests.recovery.journeys import LONG, house_with_noises, nothing_on_disk, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import FEED

Stored = AsyncDatabase[dict[str, Any]]


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[tuple[str, Stored]]:
    """One that the bot and the test share, and its address: the test has the time for a look come."""
    named = urlunsplit(urlsplit(url)._replace(path=f"/feeds-{new_id()}"))
    client = connect(named)
    await wait_until_it_answers(client)
    database = client.get_default_database()
    try:
        yield named, database
    finally:
        await client.drop_database(database.name)
        await client.close()


class _Traveller:
    """Goes the way of a feed, from its beginning to its end, by its Cards as they stand at that moment."""

    def __init__(
        self, house: House, stored: Stored, site: FeedServer, torrent: Callable[[int], bytes]
    ) -> None:
        self.house = house
        self.site = site
        self.wanted: list[str] = []
        self._stored = stored
        self._torrent = torrent

    async def by_address(self, url: str, turn: int) -> None:
        """One thing stands there. Of three more the filter leaves one out, and its member another."""
        old, new, draft, unwanted = range(turn * 10, turn * 10 + 4)
        self.site.items = [self._published(url, f"old {turn}", old)]
        after = await self._begun(f"{url}/rss?{turn} -draft")
        await self._stored["feeds"].update_one({}, {"$set": {"ask_first": True}})
        for name, number in ((f"new {turn}", new), (f"draft {turn}", draft), (f"unwanted {turn}", unwanted)):
            self.site.items.append(self._published(url, name, number))
        await self._stored["feeds"].update_one({}, {"$set": {"due_at": 0, "turn_at": 0}})
        await self._press(after, f"unwanted {turn}", "Skip", f"✖ unwanted {turn} stays out")
        await self._press(after, f"new {turn}", "Fetch", "")
        await self._archived(new)
        await self._stored["feeds"].update_one({}, {"$set": {"ask_first": False}})
        await self._press(after, "", "Fetch this one too", "")
        await self._archived(old)
        await self._deleted(after)

    async def by_words(self) -> None:
        await self._deleted(await self._begun("search no such thing"))

    def _published(self, url: str, name: str, number: int) -> str:
        path = f"/{number}.torrent"
        self.site.files.setdefault(path, self._torrent(number))
        return item(name, "/page", f'<enclosure url="{url}{path}" length="20000"/>')

    async def _begun(self, text: str) -> int:
        asked = await self.house.ada.say(f"/feed {text}")
        await self.house.ada.wait(contains="Next look", after=asked["message_id"], seconds=LONG)
        return int(asked["message_id"])

    async def _press(self, after: int, contains: str, label: str, then: str) -> None:
        found = await self.house.ada.wait(contains=contains, button=label, after=after, seconds=LONG)
        await press(self.house.ada, found, label)
        if then:
            await self.house.ada.wait(contains=then, after=after, seconds=LONG)

    async def _archived(self, number: int) -> None:
        self.wanted.append(f"noise{number}.bin")

        async def is_there() -> bool:
            return self.wanted[-1] in await self.archived()

        await until(is_there, f"{self.wanted[-1]} did not come", LONG)

    async def archived(self) -> list[str]:
        posts: list[Message] = list(await self.house.ada.messages(self.house.channel))
        return sorted(post["document"]["file_name"] for post in posts if "document" in post)

    async def _deleted(self, after: int) -> None:
        card = await self.house.ada.wait(contains="Next look", button="Delete", after=after, seconds=LONG)
        (feed,) = await self._stored["feeds"].find({}).to_list()
        # what asks once more is a side of a Card that a kill may have orphaned
        await self.house.ada.press(card, data=f"1:fd:{feed['_id']}", seconds=0)

        async def is_gone() -> bool:
            return not await self._stored["feeds"].count_documents({})

        await until(is_gone, "the feed was not removed", LONG)


@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("recovery-feeds")
async def test_killed_while_feeds_bring_what_is_new(tmp_path: Path, database_url: str) -> None:
    site = FeedServer()
    async with (
        _database(database_url) as (address, stored),
        serve(site) as server,
        house_with_noises(tmp_path, MONGODB_URL=address) as (house, torrent),
    ):
        traveller = _Traveller(house, stored, site, torrent)

        async def journey(turn: int) -> None:
            await traveller.by_address(server.url, turn)
            await traveller.by_words()

        async def check() -> None:
            assert await traveller.archived() == sorted(traveller.wanted)
            assert await stored["feed_entries"].count_documents({}) == 0
            await nothing_on_disk(house)

        await Killer(house, sides(*FEED)).travel(journey, check)
