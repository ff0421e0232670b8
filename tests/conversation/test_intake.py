"""Old archives in the chat: a channel of somebody's comes in where it stands, and members find and get what is in it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import media_kit
from tests.chats import answer_to, becomes, newcomer
from tests.data_centre import session_of
from tests.house import ADA, House, Message, Person, labels, open_house
from tests.programs import need
from tests.recovery.journeys import LONG, kind, press

pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("intake")]
NAME = "old_songs"
TAGS = {"title": "So What", "artist": "Miles Davis", "album": "Kind of Blue", "date": "1959", "genre": "Jazz"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "house", OPEN_ACCESS="true") as house:
        yield house


async def sound(folder: Path, name: str) -> bytes:
    path = await asyncio.to_thread(media_kit.audio, folder / name, tags=TAGS)
    return path.read_bytes()


async def full_channel(house: House, folder: Path) -> int:
    """Posts by a person: a text, a film that is only a name, music sent as a document, whose tags Telegram does not know."""
    channel = await house.ada.new_channel("Old songs", NAME)
    await house.ada.say("welcome", channel)
    await house.ada.send("Big.Buck.Bunny.2008.mkv", b"no film", "Free as in #freedom", chat=channel)
    await house.ada.send("track01.mp3", await sound(folder, "a.mp3"), chat=channel)
    return channel


async def find(person: Person, words: str) -> Message:
    return await becomes(person, await answer_to(person, f"/library {words}"), "📚")


async def found(person: Person, words: str, title: str) -> Message:
    """The index follows a moment later."""
    for _ in range(60):
        card = await find(person, words)
        if title in card["text"]:
            return card
        await asyncio.sleep(0.5)
    raise AssertionError(f"{title} is not found:\n{await person.chat()}")


async def test_a_full_channel_comes_in(house: House, tmp_path: Path) -> None:
    need("ffmpeg")
    channel = await full_channel(house, tmp_path)
    await house.ada.promote(house.bot_id, channel, "can_post_messages")
    session = {**house.second_door, "USER_SESSION": await session_of(house.url, ADA)}
    await house.start_bot(**session)
    member = await newcomer(house)
    asked = await house.ada.say(f"/intake https://t.me/{NAME}")
    card = await house.ada.wait(button="Start", after=asked["message_id"], seconds=LONG)
    assert "Old songs" in card["text"]
    assert "members will be able to find and get everything in it" in card["text"]
    assert "I am no admin" not in card["text"]
    assert "· 0 works" in (await find(member, "bunny"))["text"]
    before = len(await house.record(channel))
    await press(house.ada, card, "Start")
    await becomes(house.ada, card, "2 files looked at, 2 taken in")
    hit = await found(member, "miles kind of blue", "So What")
    await member.press(hit, "1")
    got = await member.wait(contains="", after=hit["message_id"])
    assert got["document"]["file_name"] == "track01.mp3"
    assert "Big Buck Bunny (2008)" in (await found(member, "#freedom", "Bunny"))["text"]
    writing = [call for call in (await house.record(channel))[before:] if is_writing(call["method"])]
    assert writing == [], "nothing is done to the channel"
    assert await house.ada.messages(house.channel) == [], "and nothing is posted elsewhere"
    await new_posts(house, member, channel, tmp_path)
    await stopped(house, card, channel)
    assert "· 0 works" in (await find(member, "so what"))["text"]
    assert "So What" in (await find(house.ada, "so what"))["text"]


async def new_posts(house: House, member: Person, channel: int, folder: Path) -> None:
    """While Magpie runs, and while it does not; edited afterwards."""
    await house.ada.send("late.mp3", await sound(folder, "b.mp3"), "A late one", chat=channel, kind="audio")
    await found(member, "late", "So What")
    house.bots[-1].kill()
    await house.bots[-1].ended()
    harbour = await house.ada.send("harbour.txt", b"a harbour", "Before", chat=channel)
    await house.start_bot(
        **{**house.second_door, "USER_SESSION": await session_of(house.url, ADA)},
    )
    await found(member, "harbour", "harbour")
    await house.ada.edit(harbour, "#sundown")
    await found(member, "#sundown", "harbour")
    assert "· 0 works" in (await find(member, "before"))["text"]


async def stopped(house: House, card: Message, channel: int) -> None:
    await press(house.ada, card, "Stop")
    card = await becomes(house.ada, card, "Stopped")
    assert labels(card) == ["Close it to members"]
    await press(house.ada, card, "Close it to members")
    assert labels(await becomes(house.ada, card, "only the owner and admins find")) == []
    assert [kind(each) for each in await house.ada.messages(channel)] == [
        *("text", "document", "document", "audio", "document")
    ]


def is_writing(method: str) -> bool:
    return method.startswith(("send", "edit", "delete", "messages.send", "messages.edit", "channels.delete"))


async def test_what_cannot_be_done_is_said_before(house: House) -> None:
    channel = await house.ada.new_channel("Old songs", NAME)
    await house.ada.send("a.txt", b"a", chat=channel)
    await house.start_bot(**house.second_door)
    for text, answer in (("/intake", "Tell me which channel"), ("/intake ?", "This is no channel")):
        asked = await house.ada.say(text)
        await house.ada.wait(contains=answer, after=asked["message_id"], seconds=LONG)
    asked = await house.ada.say(f"/intake @{NAME}")
    card = await house.ada.wait(
        contains="I cannot read this channel", after=asked["message_id"], seconds=LONG
    )
    assert labels(card) == ["Retry", "Stop"]
    await house.ada.promote(house.bot_id, channel, "can_post_messages")
    await press(house.ada, card, "Retry")
    card = await becomes(house.ada, card, button="Look again")
    assert "What was posted so far I cannot read" in card["text"]
    await press(house.ada, card, "Start")
    await becomes(house.ada, card, "New posts are taken as they come")
    await house.ada.send("b.txt", b"b", "a harbour", chat=channel)
    await found(house.ada, "harbour", "b")
    stranger = await newcomer(house)
    refused = await answer_to(stranger, f"/intake @{NAME}")
    assert "more rights than you have" in refused["text"]
    helped = await house.ada.say("/help")
    assert "/intake" in (await house.ada.wait(contains="/search", after=helped["message_id"]))["text"]


async def test_paused_and_killed_it_goes_on(house: House) -> None:
    channel = await house.ada.new_channel("Many", "many_files")
    for number in range(130):
        await house.ada.send(f"file{number}.txt", f"{number}".encode(), chat=channel)
    await house.ada.promote(house.bot_id, channel, "can_post_messages")
    session = {**house.second_door, "USER_SESSION": await session_of(house.url, ADA)}
    bot = await house.start_bot(**session)
    asked = await house.ada.say("/intake @many_files")
    card = await house.ada.wait(button="Start", after=asked["message_id"], seconds=LONG)
    await house.fault(method="messages.getHistory", action="delay", seconds=4, count=2)
    await press(house.ada, card, "Start")
    card = await becomes(house.ada, card, button="Pause")
    await press(house.ada, card, "Pause")
    card = await becomes(house.ada, card, button="Resume")
    bot.kill()
    await bot.ended()
    await house.start_bot(**session)
    await press(house.ada, card, "Resume")
    await becomes(house.ada, card, "130 files looked at, 130 taken in")
    counted = await found(house.ada, "kind:document", "130 works")
    assert "130 works" in counted["text"]
