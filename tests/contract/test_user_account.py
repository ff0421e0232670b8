"""The account of a person, against the simulator's data centre: who it is, what it sees, and how it is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pyrogram.raw import functions, types

from services.telegram.budget import Budget
from services.telegram.large import Access, BotToken, LateDoor, SecondDoor, UserSession
from services.telegram.port import AccountLost, ChatClosed, Me, TelegramAway
from services.telegram.user import UserDoor
from simulator.accounts import FIRST_BOT_TOKEN
from tests.contract.simulator_client import ADA, BLAS, BOT, CHANNEL, CLEO, GROUP, JsonObject
from tests.data_centre import Centre, session_of

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("user-account")]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
PUBLIC = "films_for_all"
AWAY = 4


@asynccontextmanager
async def door_of(there: Centre, session: str) -> AsyncIterator[UserDoor]:
    access = Access(1, "0" * 32, UserSession(session), f"{there.program.url}/api/data-centre")
    door = UserDoor(access, lease=None)
    try:
        yield door
    finally:
        await door.close()


@once
async def ada(there: Centre) -> AsyncIterator[UserDoor]:
    async with door_of(there, await session_of(there.program.url, ADA)) as door:
        yield door


@once
async def bot(there: Centre, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SecondDoor]:
    token = BotToken(FIRST_BOT_TOKEN, tmp_path_factory.mktemp("bot"))
    door = SecondDoor(Access(1, "0" * 32, token, f"{there.program.url}/api/data-centre"), Budget())
    yield door
    await door.close()


@once
async def public(there: Centre) -> JsonObject:
    room: JsonObject = await there.http.post("/channels", title="Films", username=PUBLIC, owner=CLEO)
    return room


def number_of(room: int) -> int:
    """Telegram's own, of what the Bot API numbers so."""
    return -1_000_000_000_000 - room


async def said_in(door: LateDoor, chat_id: int) -> list[str]:
    account = await door.account()
    none = dict.fromkeys(("offset_id", "offset_date", "add_offset", "max_id", "min_id", "hash"), 0)
    query = functions.messages.GetHistory(peer=await account.peer(chat_id), limit=100, **none)
    return [getattr(message, "message", "") for message in (await account.ask(query)).messages]


async def asked_for(there: Centre, method: str) -> int:
    return len([call for call in await there.http.get("/record") if call["method"] == method])


# -- who it is


async def test_it_is_whose_session_it_is(ada: UserDoor) -> None:
    assert await ada.greet() == (await ada.me()).name
    assert (await ada.me()).name.lower() == "ada"
    assert ada.lost is None


async def test_premium_doubles_what_it_may_send(there: Centre, ada: UserDoor) -> None:
    name = (await ada.me()).name
    assert await ada.me() == Me(name, is_premium=False)
    await there.http.post(f"/people/{ADA}/login", premium=True)
    me, account = await ada.me(), await ada.account()
    most = account.most_parts
    await there.http.post(f"/people/{ADA}/login", premium=False)
    assert (me.is_premium, most) == (True, 8000)
    assert not (await ada.me()).is_premium
    assert account.most_parts == 4000


async def test_nothing_of_it_is_on_the_disk(
    there: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    session = await session_of(there.program.url, BLAS)
    async with door_of(there, session) as door:
        assert await door.greet()
        assert session not in repr(door._access)
    assert list(tmp_path.iterdir()) == []


async def test_a_session_is_opened_again_after_it_was_closed(there: Centre) -> None:
    async with door_of(there, await session_of(there.program.url, BLAS)) as door:
        assert await door.greet()
        await door.close()
        assert await door.greet()


# -- what it sees


async def test_it_names_its_chats(there: Centre, ada: UserDoor) -> None:
    await there.http.result("sendMessage", chat_id=ADA, text="to Ada")
    await there.http.say("to all", ADA, GROUP)
    assert "to Ada" in await said_in(ada, BOT)
    assert "to all" in await said_in(ada, GROUP)
    peer = await (await ada.account()).peer(CHANNEL)
    assert isinstance(peer, types.InputPeerChannel)
    assert peer.channel_id == number_of(CHANNEL)


async def test_what_is_known_is_not_asked_for_again(there: Centre, ada: UserDoor) -> None:
    account = await ada.account()
    await account.peer(CHANNEL)
    before = await asked_for(there, "messages.getDialogs")
    await account.peer(CHANNEL)
    assert await asked_for(there, "messages.getDialogs") == before


async def test_a_chat_that_came_later_is_found(there: Centre, ada: UserDoor) -> None:
    account = await ada.account()
    room = await there.http.post("/channels", title="Later", owner=CLEO)
    with pytest.raises(ChatClosed):
        await account.peer(room["id"])
    await there.http.post(f"/chats/{room['id']}/members", user=ADA, status="member", by=CLEO)
    assert (await account.peer(room["id"])).channel_id == number_of(room["id"])


async def test_more_chats_than_come_at_once(there: Centre) -> None:
    rooms = [await there.http.post("/channels", title=f"Room {n}", owner=BLAS) for n in range(120)]
    for room in rooms:
        await there.http.say("hello", BLAS, room["id"])
    async with door_of(there, await session_of(there.program.url, BLAS)) as door:
        account = await door.account()
        for room in rooms:
            assert (await account.peer(room["id"])).channel_id == number_of(room["id"])
        before = await asked_for(there, "messages.getDialogs")
        with pytest.raises(ChatClosed):
            await account.peer(-1_009_999_999_999)
        assert await asked_for(there, "messages.getDialogs") == before + 3, (
            "two pages, and nothing behind them"
        )


async def test_names_lead_to_public_channels(
    there: Centre, ada: UserDoor, bot: SecondDoor, public: JsonObject
) -> None:
    for door in (ada, bot):
        account = await door.account()
        peer = await account.resolve(f"@{PUBLIC.upper()}")
        assert peer.channel_id == number_of(public["id"])
        before = await asked_for(there, "contacts.resolveUsername")
        assert await account.resolve(PUBLIC) == peer
        assert await asked_for(there, "contacts.resolveUsername") == before


@pytest.mark.parametrize("name", ["nobody_is_called_so", "no name", "blas", "magpie_sim_bot"])
async def test_other_names_lead_nowhere(ada: UserDoor, bot: SecondDoor, name: str) -> None:
    for door in (ada, bot):
        with pytest.raises(ChatClosed):
            await (await door.account()).resolve(name)


@pytest.mark.usefixtures("public")
@pytest.mark.parametrize("who", ["person", "bot"])
async def test_while_telegram_wants_a_pause_the_same_is_not_asked_again(
    there: Centre, tmp_path: Path, who: str
) -> None:
    """Whatever else is asked for goes on."""
    token = BotToken(FIRST_BOT_TOKEN, tmp_path)
    bot = SecondDoor(Access(1, "0" * 32, token, f"{there.program.url}/api/data-centre"), Budget())
    async with door_of(there, await session_of(there.program.url, ADA)) as ada:
        account = await (ada if who == "person" else bot).account()
        await account.me()
        before = await asked_for(there, "contacts.resolveUsername")
        await there.http.post("/faults", method="contacts.resolveUsername", action="429", retry_after=300)
        for _ in range(6):
            with pytest.raises(TelegramAway) as away:
                await account.resolve(PUBLIC)
            assert away.value.flood
            assert 0 < away.value.seconds <= 300
        assert await asked_for(there, "contacts.resolveUsername") == before + 1
        await account.me()
    await bot.close()


# -- how it is lost


@pytest.mark.parametrize("name", ["SESSION_REVOKED", "AUTH_KEY_UNREGISTERED"])
async def test_a_session_that_was_ended_is_lost(there: Centre, name: str) -> None:
    async with door_of(there, await session_of(there.program.url, CLEO)) as door:
        assert await door.greet()
        await there.http.http.delete(f"/api/people/{CLEO}/sessions", params={"error": name})
        for _ in range(2):
            with pytest.raises(AccountLost) as lost:
                await door.greet()
            assert lost.value.reason == door.lost == name
        await door.close()
        with pytest.raises(AccountLost):
            await door.greet()


async def test_a_session_that_is_ended_on_the_way_to_another_data_centre(
    there: Centre, ada: UserDoor
) -> None:
    account, query = await ada.account(), functions.help.GetConfig()
    about: dict[str, Any] = {"action": "error", "error_code": 401, "description": "SESSION_REVOKED"}
    await there.http.post("/faults", method="auth.exportAuthorization", **about)
    with pytest.raises(AccountLost):
        await account.carry(query, 20.0, 1, dc=AWAY)
    assert ada.lost == "SESSION_REVOKED"
    assert (await account.carry(query, 20.0, 1, dc=AWAY)).this_dc == AWAY
    assert await ada.greet()
    assert ada.lost is None


async def test_who_was_banned_comes_in_again_afterwards(there: Centre) -> None:
    async with door_of(there, await session_of(there.program.url, CLEO)) as door:
        await there.http.post(f"/people/{CLEO}/login", banned=True)
        with pytest.raises(AccountLost):
            await door.greet()
        assert door.lost == "USER_DEACTIVATED_BAN"
        await there.http.post(f"/people/{CLEO}/login", banned=False)
        assert await door.greet()
        assert door.lost is None


@pytest.mark.parametrize(("code", "name"), [(406, "AUTH_KEY_DUPLICATED"), (303, "USER_MIGRATE_4")])
async def test_a_session_that_is_used_elsewhere_too_or_lives_elsewhere_now(
    there: Centre, ada: UserDoor, code: int, name: str
) -> None:
    about: dict[str, Any] = {"action": "error", "error_code": code, "description": name}
    await there.http.post("/faults", method="users.getFullUser", **about)
    with pytest.raises(AccountLost):
        await ada.greet()
    assert ada.lost == name
    assert await ada.greet()


async def test_what_is_no_session_string(there: Centre) -> None:
    right = await session_of(there.program.url, ADA)
    for text in ("x", "é" * 362, right[:-40], "A" * 363, "_" + right[1:]):
        async with door_of(there, text) as door:
            with pytest.raises(AccountLost) as lost:
                await door.greet()
            assert lost.value.reason == door.lost == "SESSION_STRING_MALFORMED"


async def test_a_bots_session_is_nobodys(there: Centre) -> None:
    async with door_of(there, str(await there.bot.export_session_string())) as door:
        with pytest.raises(AccountLost, match="account-lost"):
            await door.greet()
        assert door.lost == "SESSION_STRING_OF_A_BOT"
