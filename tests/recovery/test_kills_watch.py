"""Killed while the owner is told that Telegram does not let one of the accounts in: they are told, at most once more than needed."""

from pathlib import Path

import pytest

from tests.data_centre import session_of
from tests.house import ADA, House, Silence, open_house, until
from tests.recovery.journeys import LONG, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import WATCH

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("recovery-person")]
LOST, BACK = "does not let me in as you any more", "lets me in as you again"


async def test_killed_while_the_owner_is_told(tmp_path: Path) -> None:
    async with open_house(tmp_path, OPEN_ACCESS="true", TORZNAB_URLS="") as house:
        house.settings |= {**house.second_door, "USER_SESSION": await session_of(house.url, ADA)}
        done = 0

        async def journey(_number: int) -> None:
            nonlocal done
            begin = (await house.ada.say("/health"))["message_id"]
            refused = {"action": "error", "error_code": 401, "description": "SESSION_REVOKED"}
            await house.fault(method="users.getFullUser", count=None, **refused)
            await ask_telegram(house, "❌ your account: ")
            await house.ada.wait(contains=LOST, after=begin, seconds=LONG)
            await house.no_faults()
            await ask_telegram(house, "✅ your account: signed in as ")
            await house.ada.wait(contains=BACK, after=begin, seconds=LONG)
            done += 1

        async def check() -> None:
            """A crash between telling and noting it tells it once more."""
            texts = [message.get("text", "") for message in await house.ada.messages()]
            for words in (LOST, BACK):
                assert done <= len([text for text in texts if words in text]) <= done + 2

        await Killer(house, sides(*WATCH)).travel(journey, check)


async def ask_telegram(house: House, becoming: str) -> None:
    """Until the card says so: a crash forgets what was being tested."""

    async def is_so() -> bool:
        said = await house.ada.say("/health")
        card = await house.ada.wait(contains="What is set up", after=said["message_id"], seconds=LONG)
        await press(house.ada, card, "Test your account")
        try:
            await house.ada.wait(contains=becoming, after=said["message_id"], seconds=5)
        except Silence:
            return False
        return True

    await until(is_so, f"it did not become {becoming}", LONG)
