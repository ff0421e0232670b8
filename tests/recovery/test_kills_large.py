"""Killed while a large file goes up through the second door, and while what had stayed on the disk is taken up."""

from pathlib import Path

import pytest

from tests import media_kit
from tests.house import House, Message, open_house, until
from tests.programs import need
from tests.recovery.journeys import LONG, ask_for, nothing_on_disk, order, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import LARGE, LIFT, PIECES
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


async def test_killed_between_the_pieces_of_a_file(tmp_path: Path) -> None:
    """The last one is small: what is killed is its posting, and the handing out."""
    content = tmp_path / "payload"
    with WebSeed(content) as seed:
        async with open_house(tmp_path / "house", ALLOW_PRIVATE_ADDRESSES="true") as house:
            house.settings |= house.second_door
            (await house.http.post("/api/data-centre", json={"most_parts": 102})).raise_for_status()
            done = 0

            async def journey(number: int) -> None:
                nonlocal done
                name = f"file{number}.bin"
                torrent = make_torrent(make_payload(content, {name: SIZE}) / name, web_seed=seed.url)
                card = await order(house.ada, torrent.metainfo)
                await press(house.ada, card, "Get it here")

                async def is_there() -> bool:
                    got = [m.get("document", {}).get("file_name") for m in await house.ada.messages()]
                    return {f"{name}.001", f"{name}.002"} <= set(got)

                await until(is_there, "it was not handed out", LONG)
                done += 1

            async def check() -> None:
                found = [post["document"]["file_name"] for post in await posts(house)]
                assert found == [f"file{n}.bin.00{piece}" for n in range(done) for piece in (1, 2)]
                assert len(found) == len(await house.ada.messages(house.channel)), "a placeholder stayed"
                await nothing_on_disk(house)

            marks = [*sides("storage.stored"), "storage.announce:after", "storage.placeholder:after"]
            await Killer(house, [*marks, "storage.post:after", *sides(*PIECES)]).travel(journey, check)
