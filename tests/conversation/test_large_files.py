"""Files that the Bot API does not take: they go through the second door, and whoever ordered them sees no difference."""

from pathlib import Path

import pytest
from blake3 import blake3

from tests.house import House, Message, open_house, until
from tests.recovery.journeys import LONG, ask_for, cancel, nothing_on_disk, order, press
from tests.swarm import WebSeed, make_payload, make_torrent

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("large-files")]
SIZE = 60 * 1024 * 1024
PART = 512 * 1024


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


async def test_what_no_door_takes_whole_comes_in_parts(tmp_path: Path) -> None:
    """A link, an order, the key, and what a person then has."""
    each = 102 * PART
    content = make_payload(tmp_path / "payload", {"film.bin": each + 777})
    whole = blake3((content / "film.bin").read_bytes()).hexdigest()
    async with open_house(tmp_path / "house", ALLOW_PRIVATE_ADDRESSES="true") as house:
        (await house.http.post("/api/data-centre", json={"most_parts": 102})).raise_for_status()
        await house.start_bot(**house.second_door)
        with WebSeed(content) as seed:
            said = await house.ada.say(f"{seed.url}film.bin")
            picker = await house.ada.wait(button="Start", after=said["message_id"], seconds=LONG)
            await press(house.ada, picker, "Start")
            done = await house.ada.wait(contains="is in the archive", after=said["message_id"], seconds=LONG)
        assert "disk" not in done["text"]
        assert [post["caption"].splitlines()[-1] for post in await posts(house)] == [
            f"🧩 Part {number} of 2" for number in (1, 2)
        ]
        assert (await house.ada.press(done, "Get it here"))["text"] == "Delivered."
        how, *parts = (await house.ada.messages())[-3:]
        assert [part["document"]["file_name"] for part in parts] == [f"film.bin.00{n}" for n in (1, 2)]
        assert "cat film.bin.0* > film.bin" in how["text"]
        assert "copy /b film.bin.001+film.bin.002 film.bin" in how["text"]
        assert how["text"].endswith(whole)
        joined = blake3()
        for part in parts:
            joined.update((await house.http.get(f"/api/files/{part['document']['file_id']}")).content)
        assert joined.hexdigest() == whole
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


async def test_it_is_given_up_while_it_goes_up(tmp_path: Path) -> None:
    """Nothing more is sent then, and nothing of it stays, here or there."""
    content = make_payload(tmp_path / "payload", {"film.bin": SIZE})
    async with open_house(tmp_path / "house", ALLOW_PRIVATE_ADDRESSES="true") as house:
        (await house.http.post("/api/line", json={"rate": 2 * PART})).raise_for_status()
        await house.start_bot(**house.second_door)
        with WebSeed(content) as seed:
            made = make_torrent(content / "film.bin", web_seed=seed.url)
            await house.ada.send("film.torrent", made.metainfo)
            picker = await house.ada.wait(button="Start", seconds=LONG)
            await press(house.ada, picker, "Start")
            after = picker["message_id"] - 1
            going = await house.ada.wait(contains="Putting it into the archive", after=after, seconds=LONG)

            async def has_begun() -> bool:
                return await parts_sent(house) > 0

            await until(has_begun, "no part was sent", LONG)
        await cancel(house.ada, going)
        await nothing_on_disk(house)
        assert await house.ada.messages(house.channel) == []
        assert await parts_sent(house) < SIZE // PART, "it went on to the end"


async def test_killed_while_the_last_part_is_on_its_way(tmp_path: Path) -> None:
    content = make_payload(tmp_path / "payload", {"film.bin": SIZE})
    async with open_house(tmp_path / "house", ALLOW_PRIVATE_ADDRESSES="true") as house:
        bot = await house.start_bot(**house.second_door)
        last = SIZE // PART
        await house.fault(method="upload.saveBigFilePart", action="delay", seconds=600, every=last)
        with WebSeed(content) as seed:
            torrent = make_torrent(content / "film.bin", web_seed=seed.url)
            picker = await ask_for(house.ada, torrent.metainfo)
            await press(house.ada, picker, "Start")

            async def is_on_its_way() -> bool:
                return await parts_sent(house) == last - 1

            await until(is_on_its_way, "not all others arrived", LONG)
            bot.kill()
            await bot.ended()
            await house.no_faults()
            await house.start_bot(**house.second_door)
            after = picker["message_id"] - 1
            done = await house.ada.wait(contains="is in the archive", after=after, seconds=LONG)
        (post,) = await posts(house)
        assert post["document"]["file_size"] == SIZE
        await house.ada.press(done, "Get it here")
        file = (await house.ada.messages())[-1]["document"]["file_id"]
        given = (await house.http.get(f"/api/files/{file}")).content
        assert given == (content / "film.bin").read_bytes()
        await nothing_on_disk(house)


async def parts_sent(house: House) -> int:
    return sum(call["method"] == "upload.saveBigFilePart" for call in await house.record())
