"""getUpdates with the real server's manners, presses and their answers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.simulator_client import ADA, BOT, CHANNEL, Client, Clock, JsonObject, in_process

GO = {
    "inline_keyboard": [
        [{"text": "Go on", "callback_data": "go"}, {"text": "Site", "url": "https://example.com"}]
    ]
}
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
PRESS = f"/people/{ADA}/chats/{BOT}/press"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(tmp_path: Path, clock: Clock) -> AsyncIterator[Client]:
    async with in_process(tmp_path, clock=clock) as client:
        yield client


async def texts(client: Client, **parameters: Any) -> list[str]:
    updates = await client.result("getUpdates", **parameters)
    return [update["message"]["text"] for update in updates]


async def test_updates_stay_until_a_greater_offset_is_asked_for(client: Client) -> None:
    for text in ("one", "two", "three"):
        await client.say(text)
    updates = await client.result("getUpdates")
    assert await texts(client) == ["one", "two", "three"]
    first = updates[0]["update_id"]
    assert [update["update_id"] for update in updates] == [first, first + 1, first + 2]
    assert await texts(client, offset=first + 1) == ["two", "three"]
    assert await texts(client) == ["two", "three"], "the offset has confirmed the first"
    assert (await client.result("getWebhookInfo"))["pending_update_count"] == 2


async def test_a_negative_offset_counts_from_the_end_and_forgets_the_rest(client: Client) -> None:
    for text in ("one", "two", "three"):
        await client.say(text)
    assert await texts(client, offset=-2) == ["two", "three"]
    assert await texts(client) == ["two", "three"]
    assert await texts(client, offset=-10) == ["two", "three"]


async def test_the_limit_is_between_1_and_100(client: Client) -> None:
    for number in range(101):
        await client.say(str(number))
    assert len(await texts(client)) == 100
    assert len(await texts(client, limit=1000)) == 100
    assert len(await texts(client, limit=3)) == 3
    assert len(await texts(client, limit=0)) == 1


async def test_a_long_poll_answers_as_soon_as_something_happens(client: Client) -> None:
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        poll = group.create_task(texts(client, timeout=30))
        await asyncio.sleep(0)
        await client.say("at last")
    assert poll.result() == ["at last"]


async def test_a_long_poll_ends_with_its_timeout(client: Client) -> None:
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert await texts(client, timeout=1) == []
    assert loop.time() - before >= 1


async def test_who_asks_again_at_once_waits_up_to_three_seconds(client: Client) -> None:
    assert await texts(client) == []
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert await texts(client) == []
    assert loop.time() - before >= 2.9


async def test_a_second_poll_ends_the_first_with_a_conflict(client: Client) -> None:
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        first = group.create_task(client.ask("getUpdates", timeout=30))
        while not client.world.polling.waiting(BOT):  # noqa: ASYNC110  nothing tells of a beginning
            await asyncio.sleep(0.01)
        second = group.create_task(texts(client, timeout=30))
        refused = await first
        await client.say("hello")
    assert refused["error_code"] == 409
    assert refused["description"] == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    assert second.result() == ["hello"]


async def test_the_wanted_kinds_of_updates_are_remembered(client: Client) -> None:
    await client.result("getUpdates", allowed_updates=["channel_post"])
    await client.say("private")
    await client.say("public", chat=CHANNEL)
    updates = await client.result("getUpdates")
    assert [update["channel_post"]["text"] for update in updates] == ["public"]
    assert (await client.result("getWebhookInfo"))["allowed_updates"] == ["channel_post"]
    await client.result("getUpdates", allowed_updates=[], offset=-1)
    await client.say("private")
    assert "message" in (await client.result("getUpdates"))[-1]


async def test_changes_of_members_come_only_when_asked_for(client: Client) -> None:
    await client.post(f"/channels/{CHANNEL}/members", user=1002, status="left")
    await client.say("end")
    assert await texts(client) == ["end"]


async def test_updates_are_forgotten_after_24_hours(client: Client, clock: Clock) -> None:
    await client.say("old")
    clock.now += 24 * 3600 + 1
    await client.say("new")
    assert await texts(client) == ["new"]


async def test_waiting_updates_can_be_dropped(client: Client) -> None:
    await client.say("one")
    assert await client.result("deleteWebhook", drop_pending_updates=True) is True
    assert (await client.result("getWebhookInfo"))["pending_update_count"] == 0


# --- presses


async def card(client: Client) -> JsonObject:
    await client.say("/start")
    message: JsonObject = await client.result("sendMessage", chat_id=ADA, text="card", reply_markup=GO)
    return message


async def query(client: Client) -> JsonObject:
    """The first press that the bot has not seen; what came before it is confirmed."""
    offset = 0
    async with asyncio.timeout(10):
        while True:
            for update in await client.result("getUpdates", offset=offset, timeout=5):
                offset = update["update_id"] + 1
                if "callback_query" in update:
                    await client.result("getUpdates", offset=offset)
                    found: JsonObject = update["callback_query"]
                    return found


async def test_a_press_waits_for_its_answer(client: Client) -> None:
    message = await card(client)
    async with asyncio.TaskGroup() as group:
        pressed = group.create_task(client.post(PRESS, message_id=message["message_id"], label="Go"))
        asked = await query(client)
        answer = {"callback_query_id": asked["id"], "text": "done", "show_alert": True}
        assert await client.result("answerCallbackQuery", **answer) is True
    assert pressed.result() == {"answered": True, "text": "done", "show_alert": True}
    assert (asked["data"], asked["from"]["id"], asked["message"]["text"]) == ("go", ADA, "card")


async def test_a_press_is_answered_once(client: Client) -> None:
    message = await card(client)
    await client.post(PRESS, message_id=message["message_id"], label="Go on", timeout=0)
    answer = {"callback_query_id": (await query(client))["id"]}
    await client.result("answerCallbackQuery", **answer)
    assert await client.refusal("answerCallbackQuery", **answer) == TOO_OLD
    assert await client.refusal("answerCallbackQuery", callback_query_id="123456") == TOO_OLD


async def test_a_press_is_answered_in_time(client: Client, clock: Clock) -> None:
    message = await card(client)
    pressed = await client.post(PRESS, message_id=message["message_id"], label="Go on", timeout=0)
    assert pressed == {"answered": False}
    clock.now += 16
    refusal = await client.refusal("answerCallbackQuery", callback_query_id=(await query(client))["id"])
    assert refusal == TOO_OLD


async def test_an_answer_has_at_most_200_characters(client: Client) -> None:
    message = await card(client)
    await client.post(PRESS, message_id=message["message_id"], label="Go on", timeout=0)
    answer = {"callback_query_id": (await query(client))["id"], "text": "x" * 201}
    assert await client.refusal("answerCallbackQuery", **answer) == "Bad Request: MESSAGE_TOO_LONG"


async def test_a_link_button_makes_no_update(client: Client) -> None:
    message = await card(client)
    pressed = await client.post(PRESS, message_id=message["message_id"], label="Site")
    assert pressed == {"url": "https://example.com/"}
    assert (await client.result("getWebhookInfo"))["pending_update_count"] == 1


async def test_a_press_may_be_forged(client: Client) -> None:
    message = await card(client)
    await client.post(PRESS, message_id=message["message_id"], data="forged", timeout=0)
    assert (await query(client))["data"] == "forged"


async def test_a_press_on_a_deleted_message_carries_an_inaccessible_one(client: Client) -> None:
    message = await card(client)
    await client.result("deleteMessage", chat_id=ADA, message_id=message["message_id"])
    await client.post(PRESS, message_id=message["message_id"], data="late", timeout=0)
    inaccessible = (await query(client))["message"]
    assert (inaccessible["date"], inaccessible["message_id"]) == (0, message["message_id"])
    assert "text" not in inaccessible


async def test_a_label_must_be_clear(client: Client) -> None:
    await client.say("/start")
    rows = [[{"text": label, "callback_data": label} for label in ("Cancel", "Cancel all", "Go")]]
    message = await client.result(
        "sendMessage", chat_id=ADA, text="x", reply_markup={"inline_keyboard": rows}
    )
    press = {"message_id": message["message_id"], "timeout": 0}
    await client.post(PRESS, **press, label="Cancel")
    assert (await query(client))["data"] == "Cancel"
    for label, status in (("Canc", 400), ("Stop", 404)):
        reply = await client.http.post(f"/api{PRESS}", json=press | {"label": label})
        assert reply.status_code == status


async def test_a_blocked_bot_learns_of_it(client: Client) -> None:
    await client.say("/start")
    await client.post(f"/people/{ADA}/block", bot=BOT, blocked=True)
    member = (await client.result("getUpdates"))[-1]["my_chat_member"]
    assert (member["old_chat_member"]["status"], member["new_chat_member"]["status"]) == ("member", "kicked")
