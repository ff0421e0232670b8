"""/library: what was archived is found, turned over, looked at and delivered, each member's own part of it."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pymongo.asynchronous.database import AsyncDatabase

from models.clock import now
from models.ids import new_id
from tests import media_kit
from tests.chats import answer_to, archived, becomes, newcomer
from tests.databases import own_database
from tests.house import House, Message, Person, labels, open_house, until
from tests.swarm import WebSeed, make_torrent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("conversation-library"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
TITLES = ("So What", "Blue in Green", "Freddie Freeloader", "All Blues", "Flamenco Sketches", "Ёлочка")


@once
async def house(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> AsyncIterator[House]:
    """With six pieces of music in the library: the first was ordered, of the others there is nothing but what is known."""
    folder = tmp_path_factory.mktemp("music")
    tags = {
        "title": TITLES[0],
        "artist": "Miles Davis",
        "album": "Kind of Blue",
        "date": "1959",
        "genre": "Jazz",
    }
    piece = media_kit.audio(folder / "piece.mp3", tags=tags)
    with WebSeed(folder) as seed:
        settings = {"ALLOW_PRIVATE_ADDRESSES": "true", "OPEN_ACCESS": "true"}
        async with (
            own_database(database_url, "library") as (url, database),
            open_house(tmp_path_factory.mktemp("house"), MONGODB_URL=url, **settings) as house,
        ):
            await house.start_bot()
            await archived(house.ada, make_torrent(piece, web_seed=seed.url).metainfo)
            await copied(database, TITLES[1:])

            async def all_are_found() -> bool:
                return "· 6 works" in (await ask(house.ada, ""))["text"]

            await until(all_are_found, "the library did not take them")
            yield house


async def copied(database: AsyncDatabase[Any], titles: Sequence[str]) -> None:
    """The same again under other titles, each newer than the one before; in the post of the first."""
    first, post = await database["items"].find_one({}), await database["copies"].find_one({"part": "0"})
    assert first is not None
    assert post is not None
    for number, title in enumerate(titles):
        file = {**first["files"][0], "title": title, "name": f"{title}.mp3"}
        moment = now() + number
        fresh = {
            "_id": new_id(),
            "title": title,
            "files": [file],
            "archived_at": moment,
            "changed_at": moment,
        }
        await database["items"].insert_one({**first, **fresh})
        copy = {"_id": f"{fresh['_id']}:0:{post['store']}", "item": fresh["_id"]}
        await database["copies"].insert_one({**post, **copy})


async def ask(person: Person, text: str) -> Message:
    card = await answer_to(person, f"/library {text}")
    return await becomes(person, card, "📚")


async def test_what_was_archived_is_found_by_a_word_mistyped(house: House) -> None:
    card = await ask(house.ada, "flamneco")
    assert card["text"].startswith("📚 flamneco · 1 work\nNothing is spelled just so; this nearly is.\n")
    assert "1. Flamenco Sketches · Miles Davis · Sound" in card["text"]
    assert labels(card) == [
        "1",
        "Sort: relevance",
        "Filter",
        "Details",
        "🔔 Tell me when more arrives",
        "🗂 Collections",
    ]


async def test_one_press_delivers_it(house: House) -> None:
    person = await newcomer(house)
    card = await ask(person, "so what")
    await person.press(card, "1")
    delivered = await person.wait(contains="", after=card["message_id"])
    assert delivered["audio"]["title"] == "So What"

    async def is_counted() -> bool:
        return "1. So What" in (await ask(person, "sort:wanted"))["text"]

    await until(is_counted, "it was not counted")


async def test_without_words_the_newest_come_first_in_pages(house: House) -> None:
    card = await ask(house.ada, "")
    assert card["text"].startswith("📚 The library · 6 works\n1. Ёлочка · ")
    assert labels(card)[:8] == ["1", "2", "3", "4", "5", "◀", "1/2", "▶"]
    await house.ada.press(card, "▶")
    card = await becomes(house.ada, card, button="2/2")
    assert "6. So What" in card["text"]


async def test_what_is_written_in_another_script_is_typed_in_latin_letters(house: House) -> None:
    assert "1. Ёлочка" in (await ask(house.ada, "yolochka"))["text"]
    assert "1. Ёлочка" in (await ask(house.ada, "елочка"))["text"]


async def test_filters_are_typed_and_pressed(house: House) -> None:
    card = await ask(house.ada, 'artist:davis year:1950s #jazz -"in green"')
    assert " · 5 works" in card["text"].split("\n")[0]
    await house.ada.press(card, "Filter")
    card = await becomes(house.ada, card, "What should be listed?")
    assert labels(card) == ["Back"], "of each sort there is only one"
    await house.ada.press(card, "Back")
    await becomes(house.ada, card, button="Details")


async def test_a_wrong_filter_is_explained(house: House) -> None:
    wrong = await answer_to(house.ada, "/library blue duration>soon")
    assert "duration" in wrong["text"]
    assert "📚" not in wrong["text"]


async def test_nothing_fits(house: House) -> None:
    card = await ask(await newcomer(house, "es"), "zebra")
    assert card["text"].split("\n")[0] == "📚 zebra · 0 obras"
    assert "No hay nada así" in card["text"]


async def test_a_work_is_looked_at_and_made_a_favourite(house: House) -> None:
    person = await newcomer(house)
    card = await ask(person, "blue in green")
    await person.press(card, "Details")
    card = await becomes(person, card, "BLAKE3")
    assert card["text"].startswith("📄 Blue in Green\nMiles Davis · Sound · ")
    assert "🎙 Miles Davis — Kind of Blue" in card["text"]
    assert "🏷 #jazz" in card["text"]
    await person.press(card, "☆ Favourite")
    card = await becomes(person, card, button="★ Favourite")
    await person.press(card, "Similar")
    card = await becomes(person, card, "Similar to Blue in Green")
    assert " · 5 works" in card["text"].split("\n")[0], "all but itself"
    await person.press(card, "Back to what I asked for")
    await becomes(person, card, "📚 blue in green")
    assert "· 1 work\n1. Blue in Green" in (await ask(person, "in:favourites"))["text"]
    assert "· 0 works" in (await ask(house.ada, "in:favourites"))["text"]


async def test_a_work_is_tagged_by_whom_it_belongs_to(house: House) -> None:
    card = await ask(house.ada, "flamenco sketches")
    await house.ada.press(card, "Details")
    card = await becomes(house.ada, card, "BLAKE3")
    assert "#Spanish #jazz" in (await answer_to(house.ada, "/tag #Spanish #jazz"))["text"]
    await becomes(house.ada, card, "#spanish")

    async def is_found() -> bool:
        return "1. Flamenco" in (await ask(house.ada, "tag:spanish"))["text"]

    await until(is_found, "the tag was not found")
    assert "Flamenco Sketches: #jazz" in (await answer_to(house.ada, "/tag -spanish"))["text"]
    person = await newcomer(house)
    other = await ask(person, "flamenco sketches")
    await person.press(other, "Details")
    await becomes(person, other, "BLAKE3")
    assert "more rights" in (await answer_to(person, "/tag #mine"))["text"]


async def test_a_whole_album_comes_with_one_press(house: House) -> None:
    person = await newcomer(house)
    card = await ask(person, "album:blue")
    await person.press(card, "Details")
    await person.press(await becomes(person, card, button="💿 Kind of Blue"), "💿 Kind of Blue")
    card = await becomes(person, card, button="Get these 5")
    await person.press(card, "▶")
    card = await becomes(person, card, button="2/2")
    await person.press(await becomes(person, card, button="◀"), "◀")
    await person.press(await becomes(person, card, button="Get these 5"), "Get these 5")

    async def all_came() -> bool:
        return sum("audio" in message for message in await person.messages()) == 5

    await until(all_came, "not all of it came")


async def test_any_chat_is_offered_what_fits(house: House) -> None:
    """What is chosen is their own message, and no order, not even in the chat with the bot."""
    person = await newcomer(house)
    await answer_to(person, "/start")
    offered = await person.query("davis so wha")
    (result,) = offered["results"]
    assert result["message"]["audio"]["title"] == "So What"
    sent = await person.choose(offered, result["id"])
    assert sent["audio"]["title"] == "So What"
    (row,) = sent["reply_markup"]["inline_keyboard"]
    parameter = row[0]["url"].partition("?start=")[2]
    card = await answer_to(person, f"/start {parameter}")
    card = await becomes(person, card, "BLAKE3")
    assert card["text"].startswith("📄 So What")
    assert labels(card) == [
        *("· 1 ·", "Get it here", "☆ Favourite", "Open the post", "Similar", "Back"),
        *("💿 Kind of Blue", "＋ Collection"),
    ]


@pytest.mark.parametrize("offset", ["10000000000", "9" * 25, "-5", "x", "²"])
async def test_a_forged_offset_is_no_fault(house: House, offset: str) -> None:
    await house.ada.query("davis", offset=offset)
    assert (await house.ada.query("davis"))["results"]


async def test_a_half_typed_filter_is_no_fault(house: House) -> None:
    offered = await house.ada.query("davis duration>")
    assert offered["results"] == []
    assert "duration" in offered["button"]["text"]
    assert (await house.ada.query("zebra"))["button"]["text"] == "Nothing in the library is like that"


async def test_a_stranger_is_offered_nothing(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.start_bot()
        offered = await (await newcomer(house)).query("davis")
        assert offered["results"] == []
        assert offered["button"]["text"]
