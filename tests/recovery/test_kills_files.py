"""Killed while files are chosen: every press and every pattern is obeyed once, and none is taken for something else."""

import signal
from pathlib import Path

import pytest

from tests.chats import becomes
from tests.house import House, Message, open_house
from tests.recovery.journeys import LONG, ask_for, nothing_on_disk, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import FILES
from tests.torrents import file, several, torrent

pytestmark = pytest.mark.timeout(1200)
METAINFO = torrent(
    several(
        file(b"a", b"1.mkv"), file(b"a", b"2.txt"), file(b"a", b"b", b"3.txt"), file(b"4.txt"), name=b"show"
    )
)


@pytest.mark.xdist_group("recovery-choose")
async def test_killed_while_choosing_among_folders(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:

        async def journey(_number: int) -> None:
            card = await ask_for(house.ada, METAINFO)
            await press(house.ada, card, "None")
            card = await _shows(house, card, "0 of 4 files")
            await press(house.ada, card, "📁 a")
            card = await _shows(house, card, "📂 In a")
            await press(house.ada, card, "☐ 0/1 · 1000 B")
            card = await _shows(house, card, "1 of 4 files")
            await press(house.ada, card, "Pattern …")
            card = await _shows(house, card, "Which files?")
            await house.ada.say("a/*")
            card = await _shows(house, card, "3 of 4 files")
            await press(house.ada, card, "Cancel")
            await _shows(house, card, "was cancelled")

        await Killer(house, sides(*FILES, "transfers.choose", "cards.view")).travel(
            journey, lambda: nothing_on_disk(house)
        )


@pytest.mark.xdist_group("recovery-choose")
async def test_killed_with_a_pattern_in_hand(tmp_path: Path) -> None:
    """The message comes again after the restart, when the card has stopped asking: it is still no link and no chatter."""
    async with open_house(tmp_path) as house:
        for mark in sides("transfers.choose", "cards.view", "inbox.done"):
            bot = await house.start_bot()
            card = await ask_for(house.ada, METAINFO)
            await press(house.ada, card, "Pattern …")
            card = await _shows(house, card, "Which files?")
            await bot.stop()
            bot = await house.launch_bot(MAGPIE_FAILPOINT=mark)
            said = await house.ada.say("*.mkv")
            assert await bot.ended(LONG) == -signal.SIGKILL, mark
            bot = await house.start_bot()
            await becomes(house.ada, card, "1 of 4 files", button="Pattern")
            # all that was said before is handled when what comes after it is
            asked = await house.ada.say("/help")
            answer = await house.ada.wait(contains="/search", after=asked["message_id"], seconds=LONG)
            newer = [
                m["message_id"] for m in await house.ada.messages() if m["message_id"] > said["message_id"]
            ]
            assert newer == [asked["message_id"], answer["message_id"]], mark
            await bot.stop()


async def _shows(house: House, card: Message, contains: str) -> Message:
    """The Card once it says so; a twin of it when a kill orphaned it."""
    return await house.ada.wait(contains=contains, after=card["message_id"] - 1, seconds=LONG)
