"""What the owner is told of the accounts that Telegram lets in: each event once, when it can be told."""

from typing import Any

import pytest

from bot.assembly import LOCALES
from models.access import Member, Role
from models.sessions import AccountTold
from services.checks.watch import AccountWatch
from services.telegram.port import IN_USE, ChatClosed, TelegramAway
from services.words import Catalogue
from tests.fake_door import FakeDoor

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
OWNER = 7


class Account:
    """An account as it is seen from outside."""

    def __init__(self, session: str = "first") -> None:
        self.lost: str | None = None
        self.is_in = False
        self.session = session

    def is_lost(self, reason: str) -> None:
        self.lost, self.is_in = reason, False

    def is_good(self) -> None:
        self.lost, self.is_in = None, True


class House:
    def __init__(self) -> None:
        self.door = FakeDoor()
        self.user, self.bot = Account(), Account()
        self.watch = self.new_watch()

    def new_watch(self) -> AccountWatch:
        """As after a start."""
        accounts: dict[str, Any] = {"user": self.user, "bot": self.bot}
        return AccountWatch(self.door, Catalogue(LOCALES), accounts)

    async def told(self) -> list[str]:
        """What is told by a look, in a few words."""
        before = len(self.door.texts(OWNER))
        await self.watch.look()
        return [text.splitlines()[0] for text in self.door.texts(OWNER)[before:]]


LOST = "⚠️ <b>Telegram does not let me in as you any more</b>: SESSION_REVOKED"
BACK = "✅ Telegram lets me in as you again."


@pytest.fixture
async def house() -> House:
    await Member(id=str(OWNER), name="Ada", role=Role.OWNER, language="en").insert()
    return House()


async def test_each_event_is_told_once(house: House) -> None:
    assert await house.told() == []
    house.user.is_good()
    assert await house.told() == [], "that was to be expected"
    for _ in range(2):
        house.user.is_lost("SESSION_REVOKED")
        assert await house.told() == [LOST]
        house.user.is_lost("AUTH_KEY_UNREGISTERED")
        assert await house.told() == [], "it is the same loss by another name"
        house.user.is_good()
        assert await house.told() == [BACK]
        assert await house.told() == []


async def test_a_start_is_no_event(house: House) -> None:
    house.user.is_lost("SESSION_REVOKED")
    assert await house.told() == [LOST]
    house.watch = house.new_watch()
    assert await house.told() == []
    house.user.lost = None
    assert await house.told() == [], "nobody has asked Telegram yet"
    house.user.is_good()
    assert await house.told() == [BACK]


async def test_another_session_is_another_matter(house: House) -> None:
    house.user.is_lost("SESSION_REVOKED")
    assert await house.told() == [LOST]
    house.user.session = "second"
    house.watch = house.new_watch()
    assert await house.told() == [LOST]


async def test_what_is_in_use_elsewhere_is_not_lost(house: House) -> None:
    house.user.is_lost(IN_USE)
    assert await house.told() == []


async def test_the_bots_own_account_is_told_of_too(house: House) -> None:
    house.bot.is_lost("ACCESS_TOKEN_INVALID")
    assert await house.told() == [
        "⚠️ <b>Telegram does not let the bot in for large files any more</b>: ACCESS_TOKEN_INVALID"
    ]
    house.bot.is_good()
    assert await house.told() == ["✅ Telegram lets the bot in for large files again."]


async def test_it_is_told_when_it_can_be_told(house: House) -> None:
    house.user.is_lost("SESSION_REVOKED")
    house.door.errors.append(TelegramAway(1))
    assert await house.told() == []
    assert await house.told() == [LOST]


async def test_who_does_not_want_to_hear_it_is_not_told_for_ever(house: House) -> None:
    house.user.is_lost("SESSION_REVOKED")
    house.door.errors.append(ChatClosed("bot was blocked by the user"))
    assert await house.told() == []
    assert await house.told() == []
    (told,) = [one for one in await AccountTold.find_all().to_list() if one.id == "user"]
    assert told.reason == "SESSION_REVOKED"


async def test_without_an_owner_it_waits_for_one(house: House) -> None:
    house.user.is_lost("SESSION_REVOKED")
    await Member.find_all().delete()
    assert await house.told() == []
    await Member(id=str(OWNER), name="Ada", role=Role.OWNER, language="es").insert()
    assert await house.told() == ["⚠️ <b>Telegram ya no me deja entrar como tú</b>: SESSION_REVOKED"]
