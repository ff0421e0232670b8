"""Whole channels in the chat: what would come, archived a few at a time, each file once."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from models.ids import new_id
from tests import media_kit
from tests.data_centre import session_of
from tests.databases import own_database
from tests.house import ADA, House, Message, open_house
from tests.programs import need
from tests.recovery.journeys import LONG, kind, nothing_on_disk, press

pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("grabs")]
NAME = "sine_waves"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "house") as house:
        yield house


async def with_songs(house: House, folder: Path, count: int) -> int:
    """A public channel with songs of a few seconds, a text and a document."""
    channel = await house.ada.new_channel("Sine Waves", NAME)
    await house.ada.send("notes.txt", b"about them", chat=channel)
    for number in range(count):
        tags = {"title": f"Tone {number}", "artist": "Sine Waves"}
        song = await asyncio.to_thread(media_kit.audio, folder / f"tone{number}.mp3", tags=tags)
        await house.ada.send(song.name, song.read_bytes(), chat=channel, kind="audio")
    await house.ada.say("That is all.", channel)
    return channel


def full_disk(order: Any, folder: Path) -> dict[str, Any]:
    """An order that holds more than there is, until somebody presses."""
    size = 2 * shutil.disk_usage(folder).total
    return {
        **order,
        "_id": new_id(),
        "grab": None,
        "key": None,
        "state": "failed",
        "failure": {"key": "disk-full", "resume_to": "storing"},
        "chosen": {"full": "0", "count": 1, "size": size},
        "progress": {},
    }


async def grabbed(house: House, outcome: str, wish: str) -> Message:
    asked = await house.ada.say(f"/grab @{NAME} {wish}")
    found = await house.ada.wait(button="Start", after=asked["message_id"], seconds=LONG)
    await press(house.ada, found, "Start")
    return await house.ada.wait(contains=outcome, after=asked["message_id"], seconds=LONG)


async def archived(house: House) -> list[Message]:
    """What is a reply is the preview of another."""
    posts = await house.ada.messages(house.channel)
    return [each for each in posts if kind(each) == "audio" and "reply_to_message" not in each]


async def test_a_channel_is_archived(house: House, tmp_path: Path) -> None:
    need("ffmpeg")
    channel = await with_songs(house, tmp_path, 3)
    await house.start_bot(**house.second_door, USER_SESSION=await session_of(house.url, ADA))
    asked = await house.ada.say(f"/grab t.me/{NAME} kind:audio")
    found = await house.ada.wait(button="Start", after=asked["message_id"], seconds=LONG)
    assert "Sine Waves" in found["text"]
    assert "3 of 4 files match" in found["text"]
    assert await archived(house) == []
    await press(house.ada, found, "Start")
    await house.ada.wait(contains="3 archived, 0 under way", after=asked["message_id"], seconds=LONG)
    assert len(await archived(house)) == 3
    await nothing_on_disk(house)
    again = await house.ada.say(f"/grab @{NAME} kind:audio limit:2")
    found = await house.ada.wait(contains="2 of them stay out", after=again["message_id"], seconds=LONG)
    assert "The newest 2 files that match are wanted" in found["text"]
    await house.ada.send("new.txt", b"news", chat=channel)
    again = await house.ada.say(f"/grab @{NAME} limit:2")
    found = await house.ada.wait(contains="1 would come", after=again["message_id"], seconds=LONG)
    await press(house.ada, found, "Start")
    await house.ada.wait(contains="1 archived, 0 under way", after=again["message_id"], seconds=LONG)
    await house.ada.wait(contains="1 had been archived before", after=again["message_id"], seconds=LONG)


async def test_a_disk_that_is_full_is_said_and_waited_for(tmp_path: Path, database_url: str) -> None:
    need("ffmpeg")
    async with (
        own_database(database_url, "grabs") as (url, database),
        open_house(tmp_path / "house", MONGODB_URL=url) as house,
    ):
        await with_songs(house, tmp_path, 3)
        await house.start_bot(**house.second_door, USER_SESSION=await session_of(house.url, ADA))
        await grabbed(house, "1 archived, 0 under way", "limit:1")
        order = await database["transfers"].find_one({})
        full = await database["transfers"].insert_one(full_disk(order, tmp_path))
        card = await grabbed(house, "not enough room on the disk", "kind:audio")
        assert "0 archived, 2 under way" in card["text"]
        await database["transfers"].delete_one({"_id": full.inserted_id})
        after = card["message_id"] - 1
        done = await house.ada.wait(contains="2 archived, 0 under way", after=after, seconds=LONG)
        assert "room" not in done["text"]


async def test_what_is_missing_or_wrong_is_said(house: House) -> None:
    await house.start_bot(**house.second_door)
    for text, answer in (
        ("/grab", "Tell me which channel"),
        ("/grab ?", "This is no channel"),
        ("/grab @songs kind:cake", "is no kind"),
        (f"/grab @{NAME}", "magpie login"),
    ):
        asked = await house.ada.say(text)
        await house.ada.wait(contains=answer, after=asked["message_id"], seconds=LONG)
    asked = await house.ada.say("/help")
    assert "/grab" in (await house.ada.wait(contains="/search", after=asked["message_id"]))["text"]
