"""Killed with SIGKILL while chats change: a group that moves, and another bot that takes the place of one."""

import signal
from pathlib import Path

import pytest

from tests.house import RIGHTS, House, Person, open_house
from tests.recovery.journeys import LONG, TORRENT, ask_for, house_with_tones, kind, nothing_on_disk, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import MOVED, REPLACED
from tests.torrents import single, torrent

pytestmark = pytest.mark.timeout(1200)
OTHER_BOT = "7000000009:AAE_another_simulated_bot_of_the_same_owner"


@pytest.mark.xdist_group("recovery-life")
async def test_killed_while_a_group_moves(tmp_path: Path) -> None:
    """The order goes on in the supergroup, by a card that is there once."""
    async with open_house(tmp_path, TORZNAB_URLS="") as house:
        await house.ada.change_bot(privacy=False)

        async def journey(number: int) -> None:
            group = await house.ada.new_group(f"Group {number}", house.bot_id, kind="group")
            sent = await house.ada.send(TORRENT, torrent(single(b"film.mkv")), chat=group)
            await house.ada.wait(chat=group, button="Start", after=sent["message_id"], seconds=LONG)
            moved = await house.ada.upgrade(group)
            card = await house.ada.wait(chat=moved, button="Start", seconds=LONG)
            await press(house.ada, card, "Cancel")
            await house.ada.wait(chat=moved, contains="was cancelled", seconds=LONG)
            cards = [m for m in await house.ada.messages(moved) if "film.mkv" in m.get("text", "")]
            assert [m["message_id"] for m in cards] == [card["message_id"]]

        await Killer(house, sides(*MOVED)).travel(journey, lambda: nothing_on_disk(house))


@pytest.mark.xdist_group("recovery-life")
async def test_killed_while_another_bot_takes_over_a_placeholder(tmp_path: Path) -> None:
    """Its predecessor's placeholder gives way to one of its own, and that becomes the one post."""
    async with house_with_tones(tmp_path) as (house, tone):
        tokens = [house.token, OTHER_BOT]
        other = await house.ada.new_bot(OTHER_BOT, "another_magpie_bot")
        await house.ada.promote(other, house.channel, *RIGHTS)
        for number, mark in enumerate(sides(*REPLACED)):
            house.token = tokens[number % 2]
            await _leave_a_placeholder(house, tone(number))
            house.token = tokens[(number + 1) % 2]
            successor = _ada(house)
            await successor.start()
            doomed = await house.launch_bot(MAGPIE_FAILPOINT=mark)
            assert await doomed.ended(seconds=LONG) == -signal.SIGKILL, doomed.text()[-3000:]
            bot = await house.start_bot()
            await successor.wait(contains="is in the archive", seconds=LONG)
            await bot.stop()
            posts = await house.ada.messages(house.channel)
            assert [kind(post) for post in posts] == ["audio", "photo", "audio"] * (number + 1)
            await _forget(successor)


async def _leave_a_placeholder(house: House, metainfo: bytes) -> None:
    """Orders it, and ends the bot before Telegram takes the post."""
    await house.fault(method="editMessageMedia", action="500", count=None)
    bot, ada = await house.start_bot(), _ada(house)
    picker = await ask_for(ada, metainfo)
    await press(ada, picker, "Start")
    await house.ada.wait(chat=house.channel, contains="⏳", seconds=LONG)
    await bot.stop()
    await house.no_faults()


async def _forget(person: Person) -> None:
    """Empties the chat with a bot, so that what is waited for there next is new."""
    for message in await person.messages():
        await person.delete(message)


def _ada(house: House) -> Person:
    """Ada in her chat with the bot of the present token."""
    return Person(house.http, house.ada.id, int(house.token.partition(":")[0]))
