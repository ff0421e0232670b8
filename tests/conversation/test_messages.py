"""Files that stand in Telegram already: sent, forwarded, or named by a link."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import media_kit
from tests.data_centre import session_of
from tests.house import ADA, House, Message, open_house
from tests.recovery.journeys import LONG, delivered, kind, nothing_on_disk, press

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("messages")]
LARGE = 21 * 1024 * 1024
"""More than the Bot API gives."""
LARGER = 51 * 1024 * 1024
"""More than it takes."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "house") as house:
        yield house


async def archived(house: House, asked: Message) -> Message:
    """The Card of what was ordered by a message, once it is done."""
    picker = await house.ada.wait(button="Start", after=asked["message_id"], seconds=LONG)
    await press(house.ada, picker, "Start")
    return await house.ada.wait(contains="is in the archive", after=picker["message_id"] - 1, seconds=LONG)


async def test_a_song_that_is_forwarded_is_archived(house: House, tmp_path: Path) -> None:
    await house.start_bot()
    song = media_kit.audio(tmp_path / "song.mp3", tags={"title": "Three Tones"})
    sent = await house.blas.send("song.mp3", song.read_bytes(), chat=house.group)
    (asked,) = await house.ada.forward(sent)
    done = await archived(house, asked)
    await press(house.ada, done, "Get it here")
    await delivered(house.ada, done, "audio")
    assert "audio" in {kind(message) for message in await house.ada.messages(house.channel)}
    await nothing_on_disk(house)


async def test_a_large_file_comes_through_the_second_door(house: House) -> None:
    await house.start_bot(**house.second_door)
    data = os.urandom(LARGE)
    asked = await house.ada.send("large.bin", data)
    await archived(house, asked)
    (post,) = [each for each in await house.ada.messages(house.channel) if "document" in each]
    assert (post["document"]["file_name"], post["document"]["file_size"]) == ("large.bin", LARGE)
    assert (await house.http.get(f"/api/files/{post['document']['file_id']}")).content == data


async def test_a_server_beside_the_bot_gives_and_takes_large_files(tmp_path: Path) -> None:
    data = os.urandom(LARGER)
    async with open_house(tmp_path / "house", TELEGRAM_LOCAL_MODE="true") as house:
        await house.start_bot()
        await archived(house, await house.ada.send("large.bin", data))
        (post,) = [each for each in await house.ada.messages(house.channel) if "document" in each]
        assert post["document"]["file_name"] == "large.bin", "it is one post, not pieces"
        assert (await house.http.get(f"/api/files/{post['document']['file_id']}")).content == data


async def test_a_large_file_without_that_door_says_what_is_missing(house: House) -> None:
    await house.start_bot()
    asked = await house.ada.send("large.bin", bytes(LARGE))
    await house.ada.wait(contains="API_ID", after=asked["message_id"], seconds=LONG)


async def test_a_link_to_a_chat_without_a_name_is_for_those_who_manage(house: House) -> None:
    await house.start_bot(**house.second_door, OPEN_ACCESS="true")
    post = await house.ada.send("notes.txt", b"notes", chat=house.channel)
    link = f"https://t.me/c/{str(house.channel).removeprefix('-100')}/{post['message_id']}"
    asked = await house.blas.say(link)
    await house.blas.wait(contains="más permisos", after=asked["message_id"])
    done = await archived(house, await house.ada.say(link))
    assert "notes" in done["text"]


async def test_a_films_caption_leads_elsewhere_and_a_pictures_to_the_work(
    house: House, tmp_path: Path
) -> None:
    await house.start_bot()
    link = "https://example.org/channel"
    film = await house.ada.send("film.bin", b"film", caption=f"more at {link}")
    await house.ada.wait(contains="film.bin", after=film["message_id"])
    poster = media_kit.image(tmp_path / "poster.png").read_bytes()
    shown = await house.ada.send("poster.png", poster, caption=link, kind="photo")
    await house.ada.wait(contains="channel", after=shown["message_id"], seconds=LONG)
    assert not any("poster" in said.get("text", "") for said in await house.ada.messages())


async def test_a_link_to_nothing_says_so(house: House) -> None:
    await house.start_bot(**house.second_door)
    number = str(house.channel).removeprefix("-100")
    for link, answer in ((f"t.me/c/{number}/4711", "no such message"), ("t.me/c/4711/1", "may not read")):
        asked = await house.ada.say(link)
        await house.ada.wait(contains=answer, after=asked["message_id"], seconds=LONG)


async def test_a_link_to_a_public_channel_is_for_everybody(house: House) -> None:
    await house.start_bot(**house.second_door, OPEN_ACCESS="true")
    public = await house.ada.new_channel("Public films", "public_films")
    post = await house.ada.send("notes.txt", b"notes", chat=public)
    asked = await house.blas.say(f"t.me/public_films/{post['message_id']}")
    await house.blas.wait(contains="notes.txt", after=asked["message_id"], seconds=LONG)


async def test_what_the_bot_may_not_see_its_owner_may(house: House) -> None:
    session = await session_of(house.url, ADA)
    await house.start_bot(**house.second_door, USER_SESSION=session)
    private = await house.ada.new_channel("Among friends")
    post = await house.ada.send("notes.txt", b"notes", chat=private)
    asked = await house.ada.say(f"t.me/c/{str(private).removeprefix('-100')}/{post['message_id']}")
    await archived(house, asked)
