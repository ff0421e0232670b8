"""The main job, as a person does it."""

from pathlib import Path

from tests.house import House, Message, labels, open_house
from tests.programs import need


async def order(house: House, words: str) -> Message:
    """Searches, picks the first hit, starts it; the Card when it is done."""
    said = await house.ada.say(f"/search {words}")
    found = await house.ada.wait(pattern=r"sources? · \d", button="1", after=said["message_id"])
    await house.ada.press(found, "1")
    picker = await house.ada.wait(button="Start", after=found["message_id"])
    await house.ada.press(picker, "Start")
    return await house.ada.wait(contains="is in the archive")


async def test_search_press_start_and_find_it_in_the_channel(tmp_path: Path) -> None:
    need("ffmpeg")
    async with open_house(tmp_path) as house:
        await house.start_bot()
        await house.ada.say("/start")
        await house.ada.wait(contains="I am Magpie")
        done = await order(house, "colour bars")

        posts = await house.ada.messages(house.channel)
        film, *previews = posts
        assert film["video"]["duration"] == 20
        assert film["video"]["cover"][-1]["width"] > film["video"]["thumbnail"]["width"]
        assert "Colour Bars and Clock" in film["caption"]
        assert all(preview["reply_to_message"]["message_id"] == film["message_id"] for preview in previews)
        assert {kind for preview in previews for kind in ("photo", "video") if kind in preview} == {
            "photo",
            "video",
        }

        toast = await house.ada.press(done, "Get it here")
        assert toast["text"] == "Delivered."
        delivered = (await house.ada.messages())[-1]
        assert delivered["video"]["file_unique_id"] == film["video"]["file_unique_id"]
        uploads = [call for call in await house.record(house.channel) if call["method"] == "editMessageMedia"]
        assert len(uploads) == len(posts), "each post was uploaded once, the delivery was a copy"


async def test_a_reader_of_the_channel_gets_it_by_the_link_under_the_post(tmp_path: Path) -> None:
    need("ffmpeg")
    async with open_house(tmp_path, OPEN_ACCESS="true") as house:
        await house.start_bot()
        await house.ada.say("/start")
        await order(house, "colour bars")
        film = (await house.blas.messages(house.channel))[0]
        assert labels(film) == ["Get", "Preview"]
        link = await house.http.post(
            f"/api/people/{house.blas.id}/chats/{house.channel}/press",
            json={"message_id": film["message_id"], "label": "Get"},
        )
        payload = link.json()["url"].partition("?start=")[2]
        await house.blas.say(f"/start {payload}")
        await house.blas.wait(contains="Colour Bars and Clock")
