"""The owner's own account in a whole Magpie: what /health says of it, before and after it was lost, and after a crash."""

from pathlib import Path

import pytest

from tests.chats import becomes
from tests.data_centre import session_of
from tests.house import ADA, House, open_house

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("login")]


async def press_its_key(house: House, becoming: str) -> None:
    """And waits for what comes of it."""
    said = await house.ada.say("/health")
    card = await house.ada.wait(contains="What is set up", after=said["message_id"])
    await house.ada.press(card, "Test your account", seconds=60)
    await becomes(house.ada, card, becoming)


async def test_the_owner_sees_how_their_session_is(tmp_path: Path) -> None:
    async with open_house(tmp_path, OPEN_ACCESS="true", TORZNAB_URLS="") as house:
        session = await session_of(house.url, ADA)
        bot = await house.start_bot(**house.second_door, USER_SESSION=session)
        await press_its_key(house, "✅ your account: signed in as ")
        bot.kill()
        await bot.ended()
        bot = await house.start_bot(**house.second_door, USER_SESSION=session)
        await press_its_key(house, "✅ your account: signed in as ")
        answer = await house.http.delete(f"/api/people/{ADA}/sessions", params={"error": "SESSION_REVOKED"})
        answer.raise_for_status()
        await press_its_key(
            house, "❌ your account: Telegram does not take this session any more: SESSION_REVOKED."
        )
        assert await bot.stop() == 0
        assert session not in "".join(each.text() for each in house.bots)


async def test_without_a_session_it_says_how_to_make_one(tmp_path: Path) -> None:
    async with open_house(tmp_path, OPEN_ACCESS="true", TORZNAB_URLS="") as house:
        await house.start_bot()
        said = await house.ada.say("/health")
        card = await house.ada.wait(contains="What is set up", after=said["message_id"])
        assert "➖ your account: USER_SESSION is not set" in card["text"]
        assert "magpie login" in card["text"]


async def said(house: House, words: str) -> int:
    return len([message for message in await house.ada.messages() if words in message.get("text", "")])


async def test_the_owner_is_told_once_of_a_session_that_is_lost(tmp_path: Path) -> None:
    """Not at each look, and not after a crash again; and that another one is good."""
    lost, back = "does not let me in as you any more", "lets me in as you again"
    async with open_house(tmp_path, OPEN_ACCESS="true", TORZNAB_URLS="") as house:
        await house.ada.start()
        session = await session_of(house.url, ADA)
        bot = await house.start_bot(**house.second_door, USER_SESSION=session)
        await press_its_key(house, "✅ your account: signed in as ")
        await ended(house, "SESSION_REVOKED")
        await press_its_key(house, "❌ your account: ")
        told = await house.ada.wait(contains=lost)
        assert "SESSION_REVOKED" in told["text"]
        assert "magpie login" in told["text"]
        bot.kill()
        await bot.ended()
        bot = await house.start_bot(**house.second_door, USER_SESSION=session)
        await press_its_key(house, "❌ your account: ")
        await bot.stop()
        again = await session_of(house.url, ADA)
        bot = await house.start_bot(**house.second_door, USER_SESSION=again)
        await house.ada.wait(contains=back)
        assert (await said(house, lost), await said(house, back)) == (1, 1)
        await ended(house, "AUTH_KEY_UNREGISTERED")
        await press_its_key(house, "❌ your account: ")
        await house.ada.wait(contains="AUTH_KEY_UNREGISTERED", after=told["message_id"])
        assert again not in "".join(each.text() for each in house.bots)


async def ended(house: House, error: str) -> None:
    answer = await house.http.delete(f"/api/people/{ADA}/sessions", params={"error": error})
    answer.raise_for_status()
