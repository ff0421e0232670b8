"""What the journeys of the recovery suite have in common: orders, presses, and looking for what was left."""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from tests import media_kit
from tests.house import House, Message, Person, open_house, until
from tests.swarm import WebSeed, make_torrent

LONG = 240.0
TORRENT = "tone.torrent"


WithTorrents = AbstractAsyncContextManager[tuple[House, Callable[[int], bytes]]]
"""The second value makes a torrent by its number, of something new: what is archived is not fetched again."""


def house_with_tones(tmp_path: Path, **settings: str) -> WithTorrents:
    """Of music, of which there are a picture and a piece to be heard."""

    def tone(folder: Path, number: int) -> Path:
        return media_kit.audio(folder / f"tone{number}.mp3", tags={"title": f"Tone {number}"})

    return _house_with(tone, tmp_path, settings)


def house_with_noises(tmp_path: Path, **settings: str) -> WithTorrents:
    """Of files of which nobody can show anything."""

    def noise(folder: Path, number: int) -> Path:
        path = folder / f"noise{number}.bin"
        path.write_bytes(os.urandom(20_000))
        return path

    return _house_with(noise, tmp_path, settings)


@asynccontextmanager
async def _house_with(
    make: Callable[[Path, int], Path], tmp_path: Path, settings: Mapping[str, str]
) -> AsyncIterator[tuple[House, Callable[[int], bytes]]]:
    content = tmp_path / "payload"
    content.mkdir()
    with WebSeed(content) as seed:

        def torrent(number: int) -> bytes:
            return make_torrent(make(content, number), web_seed=seed.url).metainfo

        async with open_house(tmp_path, ALLOW_PRIVATE_ADDRESSES="true", **settings) as house:
            yield house, torrent


async def ask_for(person: Person, torrent: bytes) -> Message:
    sent = await person.send(TORRENT, torrent)
    return await person.wait(button="Start", after=sent["message_id"], seconds=LONG)


async def order(person: Person, torrent: bytes) -> Message:
    picker = await ask_for(person, torrent)
    await press(person, picker, "Start")
    return await person.wait(contains="is in the archive", after=picker["message_id"] - 1, seconds=LONG)


async def begin(house: House, torrent: bytes) -> Message:
    """Orders it in a Telegram that takes no posts; the Card that is under way."""
    await house.no_faults()
    await house.fault(method="editMessageMedia", action="500", count=None)
    picker = await ask_for(house.ada, torrent)
    await press(house.ada, picker, "Start")
    return await house.ada.wait(button="Pause", after=picker["message_id"] - 1, seconds=LONG)


async def press(person: Person, message: Message, label: str) -> None:
    """Presses the key as it stands now. Whether an answer comes does not matter: Telegram has the press."""
    await person.press(message, label, seconds=0)


async def give_up(house: House, card: Message) -> None:
    after = card["message_id"] - 1
    await cancel(
        house.ada, await house.ada.wait(contains="Telegram does not take it", after=after, seconds=LONG)
    )


async def cancel(person: Person, card: Message) -> None:
    """By the order's Card as it stands now."""
    after = card["message_id"] - 1
    await press(person, card, "Cancel")
    asked = await person.wait(button="Yes", after=after, seconds=LONG)
    await press(person, asked, "Yes, give it up")
    await person.wait(contains="was cancelled", after=after, seconds=LONG)


async def delivered(person: Person, done: Message, what: str) -> None:
    async def is_there() -> bool:
        newer = [m for m in await person.messages() if m["message_id"] > done["message_id"]]
        return any(kind(message) == what for message in newer)

    await until(is_there, "nothing was delivered", LONG)


async def nothing_on_disk(house: House) -> None:
    """No download, no work file is left, once what ended was tidied up."""
    folders = [house.folder / "data" / name for name in ("downloads", "previews", "unpacked", "store")]

    async def is_empty() -> bool:
        try:
            return not any(path.is_file() for folder in folders for path in folder.rglob("*"))
        except FileNotFoundError:  # it goes while it is looked at
            return False

    await until(is_empty, "something was left on the disk", LONG)


async def nothing_anywhere(house: House) -> None:
    await nothing_on_disk(house)
    await until_empty(house)


async def until_empty(house: House) -> None:
    async def is_empty() -> bool:
        return not await house.ada.messages(house.channel)

    await until(is_empty, "something was left in the channel", LONG)


def kind(message: Message) -> str:
    return next((name for name in ("audio", "video", "photo", "document", "text") if name in message), "?")
