"""Files that the Bot API does not take: they go through the second door, and whoever ordered them sees no difference."""

from pathlib import Path

import pytest

from tests.house import House, Message, open_house, until
from tests.recovery.journeys import LONG, nothing_on_disk, order
from tests.swarm import WebSeed, make_payload, make_torrent

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("large-files")]
SIZE = 60 * 1024 * 1024


async def posts(house: House) -> list[Message]:
    return [message for message in await house.ada.messages(house.channel) if "document" in message]


async def test_a_large_file_is_posted_and_handed_out(tmp_path: Path) -> None:
    content = make_payload(tmp_path / "payload", {"film.bin": SIZE})
    async with open_house(tmp_path / "house", ALLOW_PRIVATE_ADDRESSES="true") as house:
        await house.start_bot(**house.second_door)
        with WebSeed(content) as seed:
            done = await order(house.ada, make_torrent(content / "film.bin", web_seed=seed.url).metainfo)
        (post,) = await posts(house)
        assert (post["document"]["file_size"], post["document"]["file_name"]) == (SIZE, "film.bin")
        assert "film" in post["caption"]
        toast = await house.ada.press(done, "Get it here")
        assert toast["text"] == "Delivered."
        assert (await house.ada.messages())[-1]["document"]["file_size"] == SIZE
        await nothing_on_disk(house)


async def test_what_stayed_on_the_disk_goes_up_when_the_door_is_opened(tmp_path: Path) -> None:
    content = make_payload(tmp_path / "payload", {"film.bin": SIZE})
    async with open_house(tmp_path / "house", ALLOW_PRIVATE_ADDRESSES="true") as house:
        bot = await house.start_bot()
        with WebSeed(content) as seed:
            done = await order(house.ada, make_torrent(content / "film.bin", web_seed=seed.url).metainfo)
        assert "kept safe on the disk" in done["text"]
        assert not await posts(house)
        await bot.stop()
        await house.start_bot(**house.second_door)

        async def is_there() -> bool:
            return len(await posts(house)) == 1

        await until(is_there, "it did not go up", LONG)
        await nothing_on_disk(house)
        await house.ada.wait(
            pattern=r"(?s)is in the archive(?!.*kept safe)", after=done["message_id"] - 1, seconds=LONG
        )
