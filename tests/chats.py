"""People who come new into a house, and what every conversation there asks of it."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.house import House, Message, Person, Silence, labels, open_house, until

LONG = 120.0
_WORK = ("downloads", "previews", "unpacked", "store", "engine")


@asynccontextmanager
async def house_for_all(folder: Path, **settings: str) -> AsyncIterator[House]:
    """With a bot that runs, for whoever comes. All that is fetched there lies on this machine, so private addresses are allowed."""
    for_all = {"OPEN_ACCESS": "true", "ALLOW_PRIVATE_ADDRESSES": "true", "TORZNAB_URLS": ""}
    async with open_house(folder, **for_all, **settings) as house:
        await house.start_bot()
        yield house


async def newcomer(house: House, language: str = "en", name: str = "Cleo") -> Person:
    """Somebody with a chat of their own, and so with a budget of messages of their own."""
    answer = await house.http.post("/api/people", json={"first_name": name, "language_code": language})
    return Person(house.http, int(answer.raise_for_status().json()["id"]), house.bot_id)


async def answer_to(person: Person, text: str) -> Message:
    """Says something, and waits for the first message that comes after it."""
    said = await person.say(text)
    return await person.wait(after=said["message_id"])


async def send_torrent(person: Person, metainfo: bytes, name: str = "some.torrent") -> Message:
    """Sends a .torrent, and waits for the first message that comes after it."""
    sent = await person.send(name, metainfo)
    return await person.wait(after=sent["message_id"])


async def choose(person: Person, metainfo: bytes) -> Message:
    """Sends a .torrent; the Card with its files."""
    sent = await person.send("some.torrent", metainfo)
    return await person.wait(button="Start", after=sent["message_id"], seconds=LONG)


async def becomes(
    person: Person, card: Message, contains: str = "", *, button: str = "", pattern: str = ""
) -> Message:
    """The Card as it is once it says so; a part of a key's label is enough."""
    found: list[Message] = []

    async def is_so() -> bool:
        message = next(m for m in await person.messages() if m["message_id"] == card["message_id"])
        found.append(message)
        text = str(message.get("text", ""))
        has_key = not button or any(button in label for label in labels(message))
        return contains in text and has_key and re.search(pattern, text) is not None

    try:
        await until(is_so, "", LONG)
    except Silence:
        raise Silence(f"{contains or button or pattern} did not come:\n{await person.chat()}") from None
    return found[-1]


def item_of(post: Message) -> str:
    """The id of the Item that a post in the archive is of: its keys name it."""
    url = str(post["reply_markup"]["inline_keyboard"][0][0]["url"])
    return url.partition("?start=get_")[2]


def without_free(card: Message) -> str:
    """What a Card says but for how much of the disk is free: that is another number each time."""
    return re.sub(r"[,:] [\d.,]+\s[A-Z]?B (free|libres)", "", card["text"])


async def start(person: Person, metainfo: bytes) -> Message:
    """Sends a .torrent and starts it as it stands."""
    picker = await choose(person, metainfo)
    await person.press(picker, "Start")
    return picker


async def archived(person: Person, metainfo: bytes) -> Message:
    """The whole way of a .torrent; the Card when it is done."""
    return await becomes(person, await start(person, metainfo), "is in the archive")


@asynccontextmanager
async def leaves_nothing(house: House, *, posts: int = 0) -> AsyncIterator[None]:
    """Soon after the block there is no file, no job of the embedded engine and no post more than before, but `posts`."""
    files, old = _files(house), await _posts(house)
    yield

    async def is_clean() -> bool:
        return _files(house) <= files and len(await _posts(house) - old) == posts

    try:
        await until(is_clean, "")
    except Silence:
        left = sorted(map(str, _files(house) - files)), sorted(await _posts(house) - old)
        raise AssertionError(f"left behind: {left}") from None


def _files(house: House) -> set[Path]:
    # a folder may go while it is looked at, which `walk` does not mind
    tops = [house.folder / "data" / name for name in _WORK]
    return {Path(folder) / name for top in tops for folder, _, names in os.walk(top) for name in names}


async def _posts(house: House) -> set[int]:
    return {message["message_id"] for message in await house.ada.messages(house.channel)}


async def new_posts(house: House, since: int) -> list[Message]:
    """The posts of the channel that are newer than this one, the first one first."""
    return [post for post in await house.ada.messages(house.channel) if post["message_id"] > since]


async def last_post(house: House) -> int:
    """The number of the newest post; 0: there is none."""
    return max(await _posts(house), default=0)
