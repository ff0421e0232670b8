"""/library: what was archived is found, turned over, looked at and delivered, each member's own part of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests import media_kit
from tests.chats import answer_to, archived, becomes, newcomer
from tests.house import House, Message, Person, labels, open_house
from tests.swarm import WebSeed, make_torrent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("conversation-library"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
TITLES = ("So What", "Blue in Green", "Freddie Freeloader", "All Blues", "Flamenco Sketches", "Ёлочка")


@once
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """With six pieces of music in the archive, ordered by Ada."""
    folder = tmp_path_factory.mktemp("music")
    with WebSeed(folder) as seed:
        settings = {"ALLOW_PRIVATE_ADDRESSES": "true", "OPEN_ACCESS": "true"}
        async with open_house(tmp_path_factory.mktemp("house"), **settings) as house:
            await house.start_bot()
            for number, title in enumerate(TITLES):
                await archived(house.ada, _piece(folder, seed, number, title))
            yield house


def _piece(folder: Path, seed: WebSeed, number: int, title: str) -> bytes:
    tags = {"title": title, "artist": "Miles Davis", "album": "Kind of Blue", "date": "1959", "genre": "Jazz"}
    path = media_kit.audio(folder / f"{number:02}.mp3", tags=tags)
    return make_torrent(path, web_seed=seed.url).metainfo


async def ask(person: Person, text: str) -> Message:
    card = await answer_to(person, f"/library {text}")
    return await becomes(person, card, "📚")


async def test_what_was_archived_is_found_by_a_word_mistyped(house: House) -> None:
    card = await ask(house.ada, "flamneco")
    assert card["text"].startswith("📚 flamneco · 1 work\nNothing is spelled just so; this nearly is.\n")
    assert "1. Flamenco Sketches · Miles Davis · Sound" in card["text"]
    assert labels(card) == ["1", "Sort: relevance", "Filter", "Details"]


async def test_one_press_delivers_it(house: House) -> None:
    person = await newcomer(house)
    card = await ask(person, "freddie")
    await person.press(card, "1")
    delivered = await person.wait(contains="", after=card["message_id"])
    assert delivered["audio"]["title"] == "Freddie Freeloader"
    wanted = await ask(person, "sort:wanted")
    assert "1. Freddie Freeloader" in wanted["text"]


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
