"""Killed while a large file goes up through the second door, and while what had stayed on the disk is taken up."""

from pathlib import Path

import pytest

from tests import media_kit
from tests.house import House, Message, open_house, until
from tests.programs import need
from tests.recovery.journeys import LONG, ask_for, nothing_on_disk, order, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import LARGE, LIFT
from tests.swarm import WebSeed, make_payload, make_torrent

pytestmark = [pytest.mark.timeout(1200), pytest.mark.xdist_group("recovery-large")]
SIZE = 52 * 1024 * 1024
"""More than the Bot API takes."""
BANNED = {"action": "error", "error_code": 401, "description": "USER_DEACTIVATED"}


def film(path: Path) -> Path:
    """One that can be looked at, and carries much that nobody sees: an atom that players skip, other bytes by every name."""
    media_kit.video(path, seconds=3, size="320x180")
    with path.open("ab") as file:
        padding = SIZE - path.stat().st_size
        file.write(padding.to_bytes(4) + b"free" + path.name.encode())
        file.truncate(SIZE)
    return path


async def posts(house: House) -> list[Message]:
    found = await house.ada.messages(house.channel)
    return [message for message in found if "video" in message or "document" in message]


async def test_killed_while_a_large_file_goes_up(tmp_path: Path) -> None:
    need("ffmpeg")
    content = tmp_path / "payload"
    content.mkdir()
    with WebSeed(content) as seed:
        async with open_house(tmp_path / "house", ALLOW_PRIVATE_ADDRESSES="true") as house:
            house.settings |= house.second_door

            async def journey(number: int) -> None:
                torrent = make_torrent(film(content / f"film{number}.mp4"), web_seed=seed.url).metainfo
                await order(house.ada, torrent)

            done = 0

            async def check() -> None:
                nonlocal done
                done += 1
                found = [post["video"] for post in await posts(house) if post["video"]["file_size"] == SIZE]
                assert [video["file_name"] for video in found] == [f"film{n}.mp4" for n in range(done)]
                assert all("cover" in video and "thumbnail" in video for video in found)
                await nothing_on_disk(house)

            await Killer(house, sides(*LARGE)).travel(journey, check)


async def test_killed_while_what_stayed_on_the_disk_is_taken_up(tmp_path: Path) -> None:
    """Telegram does not let us in, until it does."""
    content = tmp_path / "payload"
    with WebSeed(content) as seed:
        async with open_house(tmp_path / "house", ALLOW_PRIVATE_ADDRESSES="true") as house:
            house.settings |= house.second_door

            async def journey(number: int) -> None:
                name = f"file{number}.bin"
                torrent = make_torrent(make_payload(content, {name: SIZE}) / name, web_seed=seed.url)
                for method in ("auth.importBotAuthorization", "upload.saveBigFilePart"):
                    await house.fault(method=method, count=None, **BANNED)
                picker = await ask_for(house.ada, torrent.metainfo)
                await press(house.ada, picker, "Start")
                after = picker["message_id"] - 1
                await house.ada.wait(contains="kept safe on the disk", after=after, seconds=LONG)
                await house.no_faults()

                async def is_there() -> bool:
                    return len(await posts(house)) == number + 1

                await until(is_there, "it did not go up", LONG)

            await Killer(house, ["storage.kept:after", *sides(*LIFT)]).travel(
                journey, lambda: nothing_on_disk(house)
            )


async def test_killed_between_the_pieces_of_files(tmp_path: Path) -> None:
    """One that is cut into parts that play, and one that is split on exact bytes. What comes after the kills is less."""
    need("ffmpeg")
    content = tmp_path / "payload"
    with WebSeed(content) as seed:
        async with open_house(tmp_path / "house", ALLOW_PRIVATE_ADDRESSES="true") as house:
            house.settings |= house.second_door
            (await house.http.post("/api/data-centre", json={"most_parts": 102})).raise_for_status()
            done: list[str] = []

            async def journey(number: int) -> None:
                folder = make_payload(content / f"both{number}", {"file.bin": SIZE} if number == 0 else {})
                folder.mkdir(exist_ok=True)
                film(folder / f"film{number}.mp4")
                card = await order(house.ada, make_torrent(folder, web_seed=seed.url).metainfo)
                await press(house.ada, card, "Get it here")
                names = [f"film{number}.part{n}.mp4" for n in (1, 2)]
                names += [f"file.bin.00{n}" for n in (1, 2) if number == 0]

                async def is_there() -> bool:
                    return set(names) <= set(map(named, await house.ada.messages()))

                await until(is_there, "it was not handed out", LONG)
                done.extend(names)

            async def check() -> None:
                found = await house.ada.messages(house.channel)
                files = [message for message in found if "photo" not in message]
                assert [name for name in map(named, files) if "clip" not in name] == done
                await nothing_on_disk(house)

            marks = [
                *sides("media.split", "media.split-remove"),
                "storage.stored:after",
                "storage.post:after",
            ]
            await Killer(house, [*marks, *sides("storage.tell")]).travel(journey, check)


def named(message: Message) -> str:
    """What the file in a message is called; a text is what it says."""
    file = message.get("video") or message.get("document") or {}
    return str(file.get("file_name") or message.get("text"))
