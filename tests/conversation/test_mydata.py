"""/mydata: what is kept of somebody is given and deleted, in their own chat."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from handlers.buttons import DeleteData, TakeData, TurnData, pack
from tests import media_kit
from tests.chats import answer_to, archived, becomes, choose, newcomer
from tests.house import House, Message, Person, labels, open_house
from tests.swarm import WebSeed, make_torrent
from tests.torrents import single, torrent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("conversation-mydata"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")


@once
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    settings = {"OPEN_ACCESS": "true", "ALLOW_PRIVATE_ADDRESSES": "true"}
    async with open_house(tmp_path_factory.mktemp("house"), **settings) as opened:
        await opened.start_bot()
        yield opened


async def mydata(person: Person) -> Message:
    return await becomes(person, await answer_to(person, "/mydata"), "🗂")


async def test_the_card_says_what_is_kept(house: House) -> None:
    person = await newcomer(house)
    await choose(person, torrent(single(b"film.mkv")))
    card = await mydata(person)
    lines = card["text"].split("\n")
    assert lines[0] == "🗂 What I keep of you"
    assert lines[1].startswith("👤 Your name (Cleo")
    assert "📥 One order" in lines
    assert "💬 2 messages of mine to you" in lines
    assert not [line for line in lines if "0" in line], "what there is none of is left out"
    assert labels(card) == ["Give me all of it", "Delete it"]


async def test_all_of_it_comes_as_a_file(house: House) -> None:
    person = await newcomer(house)
    await choose(person, torrent(single(b"film.mkv")))
    card = await mydata(person)
    toast = await person.press(card, "Give me all of it")
    assert toast["text"] == "Here it is."
    sent = await person.wait(contains="All that I keep of you", after=card["message_id"])
    assert sent["document"]["file_name"] == "magpie-mydata.json"
    found = await house.http.get(f"/api/files/{sent['document']['file_id']}")
    told = json.loads(found.content)
    assert told["member"]["id"] == str(person.id)
    assert [order["title"] for order in told["orders"]] == ["film.mkv"]


async def test_it_asks_once_and_then_forgets(house: House, tmp_path: Path) -> None:
    """What is in the library stays there for all; whoever comes back begins anew."""
    person = await newcomer(house)
    with WebSeed(tmp_path) as seed:
        path = await asyncio.to_thread(media_kit.audio, tmp_path / "tone.mp3", tags={"title": "Leaving Tone"})
        await archived(person, make_torrent(path, web_seed=seed.url).metainfo)
    settings = await answer_to(person, "/settings")
    await person.press(settings, "Bring previews along")
    await becomes(person, settings, "come along")
    picker = await choose(person, torrent(single(b"film.mkv")))
    card = await mydata(person)
    await person.press(card, "Delete it")
    card = await becomes(person, card, "Delete all that I keep of you?")
    assert "One order is going on. It is cancelled." in card["text"]
    await person.press(card, "Back")
    card = await becomes(person, card, "🗂")
    await person.press(card, "Delete it")
    card = await becomes(person, card, "Delete all")
    await person.press(card, "Yes, delete all of it")
    card = await becomes(person, card, "All that I kept of you is deleted.")
    assert labels(card) == []

    await person.press(picker, "Start", seconds=5)
    card = await mydata(person)
    assert "order" not in card["text"]
    assert "work" not in card["text"]
    assert "stay in the archive" in (await answer_to(person, "/settings"))["text"]
    found = await becomes(person, await answer_to(person, "/library leaving tone"), "📚")
    assert "1. Leaving Tone" in found["text"]
    await person.press(found, "1")
    assert (await person.wait(after=found["message_id"]))["audio"]["title"] == "Leaving Tone"


async def test_the_owner_cannot_be_forgotten(house: House) -> None:
    card = await mydata(house.ada)
    assert "You own me, so I cannot forget you." in card["text"]
    assert labels(card) == ["Give me all of it"]
    toast = await house.ada.press(card, data=pack(DeleteData(str(house.ada.id))))
    assert (toast["text"], toast["show_alert"]) == ("You own me, so I cannot forget you.", True)


async def test_a_press_by_somebody_else_gives_and_deletes_nothing(house: House) -> None:
    person, other = await newcomer(house), await newcomer(house, "es", "Eve")
    await mydata(person)
    theirs = await answer_to(other, "/mydata")
    number = str(person.id)
    for press in (TakeData(number), DeleteData(number), TurnData(number, "ask")):
        toast = await other.press(theirs, data=pack(press))
        assert (toast["text"], toast["show_alert"]) == ("Este botón no es tuyo.", True)
    assert "Cleo" in (await mydata(person))["text"]


async def test_in_a_group_it_only_says_where(house: House) -> None:
    said = await house.blas.say("/mydata", house.group)
    line = await house.blas.wait(chat=house.group, after=said["message_id"])
    assert line["text"].startswith("Lo que guardo de ti queda entre nosotros")
    toast = await house.blas.press(line, data=pack(TakeData(str(house.blas.id))))
    assert toast["show_alert"]
