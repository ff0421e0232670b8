"""Killed while files come from messages of Telegram's."""

import asyncio
from pathlib import Path

import pytest

from tests import media_kit
from tests.house import open_house
from tests.programs import need
from tests.recovery.journeys import LONG, kind, nothing_on_disk, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import AT_ENGINE, MESSAGES


@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("recovery-messages")
async def test_killed_while_a_message_is_fetched(tmp_path: Path) -> None:
    need("ffmpeg")
    async with open_house(tmp_path / "house") as house:
        house.settings = {**house.second_door}
        number = str(house.channel).removeprefix("-100")
        posts = 0

        async def journey(turn: int) -> None:
            nonlocal posts
            tags = {"title": f"Tone {turn}"}
            song = await asyncio.to_thread(media_kit.audio, tmp_path / f"tone{turn}.mp3", tags=tags)
            post = await house.ada.send(song.name, song.read_bytes(), chat=house.channel)
            asked = await house.ada.say(f"https://t.me/c/{number}/{post['message_id']}")
            picker = await house.ada.wait(button="Start", after=asked["message_id"], seconds=LONG)
            await press(house.ada, picker, "Start")
            await house.ada.wait(contains="is in the archive", after=picker["message_id"] - 1, seconds=LONG)

        async def check() -> None:
            nonlocal posts
            found = await house.ada.messages(house.channel)
            posts += 4
            kinds = [kind(message) for message in found[-4:]]
            assert kinds[1:] == ["audio", "photo", "audio"], await house.ada.chat(house.channel)
            assert len(found) == posts, await house.ada.chat(house.channel)
            await nothing_on_disk(house)

        await Killer(house, sides(*MESSAGES, *AT_ENGINE)).travel(journey, check)
