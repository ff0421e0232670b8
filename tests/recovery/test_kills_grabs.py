"""Killed while a whole channel is archived: it goes on where it was, and nothing of it comes twice."""

from pathlib import Path

import pytest

from tests.data_centre import session_of
from tests.house import ADA, open_house
from tests.recovery.journeys import LONG, nothing_on_disk, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import GRAB


@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("recovery-grabs")
async def test_killed_while_a_channel_is_archived(tmp_path: Path) -> None:
    async with open_house(tmp_path / "house") as house:
        session = await session_of(house.url, ADA)
        house.settings = {**house.second_door, "USER_SESSION": session}
        posts = 0

        async def journey(turn: int) -> None:
            channel = await house.ada.new_channel(f"Notes {turn}", f"notes_{turn}")
            for number in range(2):
                await house.ada.send(f"{turn}-{number}.txt", f"{turn} {number}".encode(), chat=channel)
            asked = await house.ada.say(f"/grab @notes_{turn}")
            found = await house.ada.wait(button="Start", after=asked["message_id"], seconds=LONG)
            await press(house.ada, found, "Start")
            await house.ada.wait(contains="2 archived, 0 under way", after=asked["message_id"], seconds=LONG)

        async def check() -> None:
            nonlocal posts
            posts += 2
            found = await house.ada.messages(house.channel)
            assert len(found) == posts, await house.ada.chat(house.channel)
            await nothing_on_disk(house)

        await Killer(house, sides(*GRAB)).travel(journey, check)
