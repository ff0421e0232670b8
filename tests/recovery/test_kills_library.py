"""Killed with SIGKILL while the library is looked through, and something in it is delivered."""

from pathlib import Path

import pytest

from models.clock import now
from models.ids import new_id
from services.library.generations import Generations
from tests.chats import item_of
from tests.databases import own_database
from tests.house import Message, Person, open_house, until
from tests.recovery.journeys import LONG, house_with_tones, order, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import ALERTS, COLLECTIONS, LIBRARY

pytestmark = [pytest.mark.timeout(1200), pytest.mark.xdist_group("recovery-library")]


async def test_killed_while_looking_through_the_library(tmp_path: Path) -> None:
    """Each Card is as its reader left it, and what they asked for comes."""
    async with house_with_tones(tmp_path) as (house, torrent):
        bot = await house.start_bot()
        await order(house.ada, torrent(0))
        await bot.stop()
        item = item_of((await house.ada.messages(house.channel))[0])
        last: list[int] = []

        async def journey(number: int) -> None:
            # as `magpie reindex` does beside a Magpie that runs
            Generations(tmp_path / "data" / "index").wish()
            asked = await house.ada.say("/library tone")
            last[:] = [asked["message_id"]]
            await turn(house.ada, asked, "Details", "☆ Favourite")
            await turn(house.ada, asked, "☆ Favourite", "★ Favourite")
            await turn(house.ada, asked, "★ Favourite", "☆ Favourite")
            asked = await house.ada.say(f"/start item_{item}")
            card = await house.ada.wait(contains="BLAKE3", after=asked["message_id"], seconds=LONG)
            await house.ada.say(f"/tag #n{number}", reply_to=card)
            await house.ada.wait(contains=f"#n{number}", after=card["message_id"], seconds=LONG)
            await press(house.ada, card, "Get it here")
            await until(came, "it did not come", LONG)

        async def came() -> bool:
            messages = [m for m in await house.ada.messages() if m["message_id"] > last[0]]
            return any("audio" in message for message in messages)

        async def check() -> None:
            assert await came()

        await Killer(house, sides(*LIBRARY)).travel(journey, check)


async def test_killed_while_works_are_put_together(tmp_path: Path, database_url: str) -> None:
    """What somebody wanted in a collection is in it once, and what they deleted is gone."""
    async with (
        own_database(database_url, "collections") as (url, database),
        open_house(tmp_path, MONGODB_URL=url) as house,
    ):
        works = [another(title, house.channel) for title in ("Sonata", "Nocturne")]
        await database["items"].insert_many(works)

        async def journey(number: int) -> None:
            asked = await house.ada.say("/library sonata")
            await turn(house.ada, asked, "Details", "＋ Collection")
            await house.ada.say(f"/collect Evening {number}")
            told = await house.ada.wait(
                contains="See it with /collections", after=asked["message_id"], seconds=LONG
            )
            await turn(house.ada, asked, f"🎶 Evening {number}", "Show it to all")
            await turn(house.ada, asked, "Show it to all", "Only for me")
            await move(number, asked)
            await turn(house.ada, asked, "Delete", "Yes, delete it")
            await turn(house.ada, asked, "Yes, delete it", "Details")
            assert told["text"].count("Evening") == 1

        async def move(number: int, asked: Message) -> None:
            """The other one is put in, too; then the first is moved behind it, once."""
            one, other = [work["_id"] for work in works]
            here = {"title": f"Evening {number}"}
            await database["collections"].update_one(here, {"$set": {"items": [one, other]}})
            await turn(house.ada, asked, "Details", "▼ Later")
            await turn(house.ada, asked, "▼ Later", "▲ Earlier")
            collection = await database["collections"].find_one(here)
            assert collection is not None
            assert collection["items"] == [other, one]
            await turn(house.ada, asked, "Back", "Delete")

        async def check() -> None:
            async def is_gone() -> bool:
                return await database["collections"].count_documents({}) == 0

            await until(is_gone, "a collection is left", LONG)

        await Killer(house, sides(*COLLECTIONS)).travel(journey, check)


async def test_killed_while_something_arrives_that_somebody_waits_for(
    tmp_path: Path, database_url: str
) -> None:
    """Who waits for it is shown it, and once."""
    async with (
        own_database(database_url, "alerts") as (url, database),
        open_house(tmp_path, MONGODB_URL=url) as house,
    ):
        arrived: list[str] = []

        async def journey(number: int) -> None:
            asked = await house.ada.say(f"/library sonata {number}")
            card = await house.ada.wait(button="🔔", after=asked["message_id"], seconds=LONG)
            await press(house.ada, card, "🔔")
            await house.ada.wait(button="🔕", after=asked["message_id"], seconds=LONG)
            arrived.append(f"Sonata {number}")
            await database["items"].insert_one(another(arrived[-1], house.channel))
            shown = await house.ada.wait(contains="This arrived", after=asked["message_id"], seconds=LONG)
            await press(house.ada, shown, "🔕")
            await house.ada.wait(button="🔔 Tell me", after=shown["message_id"] - 1, seconds=LONG)

        async def check() -> None:
            texts = [m["text"] for m in await house.ada.messages() if "This arrived" in m.get("text", "")]
            assert [text.split("\n")[1] for text in texts] == [f"📄 {title}" for title in arrived]

        await Killer(house, sides(*ALERTS)).travel(journey, check)


def another(title: str, channel: int) -> dict[str, object]:
    """As the database has it."""
    common = {"_id": new_id(), "title": title, "files": [], "member_id": "1", "channel_id": channel}
    return {**common, "archived_at": now(), "changed_at": now()}


async def turn(person: Person, asked: Message, label: str, then: str) -> Message:
    """Presses a key of the newest Card that has it; the Card when it has another."""
    after = asked["message_id"]
    card = await person.wait(button=label, after=after, seconds=LONG)
    await press(person, card, label)
    return await person.wait(button=then, after=after, seconds=LONG)
