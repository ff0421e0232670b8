"""Killed with SIGKILL while the Cards of somebody who had blocked the bot are taken up again."""

from pathlib import Path

import pytest

from tests.house import House, until
from tests.recovery.journeys import LONG, ask_for, house_with_noises, nothing_on_disk, press
from tests.recovery.killer import Killer, sides

pytestmark = [pytest.mark.timeout(1200), pytest.mark.xdist_group("recovery-let-in")]


async def test_killed_while_somebody_unblocks_the_bot(tmp_path: Path) -> None:
    """The card says how it ended all the same."""
    async with house_with_noises(tmp_path) as (house, noise):

        async def journey(number: int) -> None:
            card = await ask_for(house.ada, noise(number))
            refused = await _refused(house)
            await press(house.ada, card, "Start")
            await house.ada.block(True)
            await until(lambda: _is_refused_again(house, refused), "the card was not even tried", LONG)
            await house.ada.block(False)
            after = card["message_id"] - 1
            await house.ada.wait(contains="is in the archive", after=after, seconds=LONG)

        await Killer(house, sides("cards.let-in")).travel(journey, lambda: nothing_on_disk(house))


async def _refused(house: House) -> int:
    return sum("blocked" in call.get("error", "") for call in await house.record(house.ada.id))


async def _is_refused_again(house: House, before: int) -> bool:
    return await _refused(house) > before
