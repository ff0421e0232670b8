"""Killed while an old archive comes in, and while new posts do: nothing of it is missing, nothing is there twice."""

import os
from pathlib import Path

import pytest

from tests.chats import becomes
from tests.data_centre import session_of
from tests.house import ADA, House, Message, open_house, until
from tests.recovery.journeys import LONG, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import INTAKE


@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("recovery-intake")
async def test_killed_while_an_old_archive_comes_in(tmp_path: Path) -> None:
    async with open_house(tmp_path / "house") as house:
        session = await session_of(house.url, ADA)
        house.settings = {**house.second_door, "USER_SESSION": session}
        channels: list[int] = []

        async def journey(turn: int) -> None:
            channel = await house.ada.new_channel(f"Old {turn}", f"old_{turn}")
            channels.append(channel)
            await house.ada.promote(house.bot_id, channel, "can_post_messages", "can_delete_messages")
            await house.ada.send("notes.txt", f"{turn}".encode(), f"#turn{turn}", chat=channel)
            await house.ada.send("song.mp3", os.urandom(1000), f"#turn{turn}", chat=channel)
            asked = await house.ada.say(f"/intake @old_{turn}")
            card = await house.ada.wait(button="Start", after=asked["message_id"], seconds=LONG)
            await press(house.ada, card, "Start")
            await house.ada.wait(contains="2 taken in", after=asked["message_id"], seconds=LONG)
            new = await house.ada.send("new.txt", b"new", "soon", chat=channel)
            await house.ada.edit(new, f"#turn{turn} edited")
            await has_works(house, f"#turn{turn}", 3)
            await has_works(house, f"#turn{turn} edited", 1)
            await press(house.ada, card, "Stop")
            card = await becomes(house.ada, card, button="Close it to members")
            await press(house.ada, card, "Close it to members")
            await becomes(house.ada, card, "only the owner and admins find")

        async def check() -> None:
            for turn, channel in enumerate(channels):
                await has_works(house, f"#turn{turn}", 3)
                assert len(await house.ada.messages(channel)) == 3, "nothing is removed"
            assert await house.ada.messages(house.channel) == [], "and nothing is posted"

        await Killer(house, sides(*INTAKE)).travel(journey, check)


async def has_works(house: House, words: str, count: int) -> None:
    """Just so many are found: the index follows a moment later."""

    async def is_so() -> bool:
        asked = await house.ada.say(f"/library {words}")
        card: Message = await house.ada.wait(contains="📚", after=asked["message_id"], seconds=LONG)
        return f"· {count} work" in card["text"].split("\n")[0]

    await until(is_so, f"not just {count} are found of {words}", LONG)
