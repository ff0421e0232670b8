"""The interface that plays a person, the chat page's events, faults, and the door that keeps foreign pages out."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from tests.contract.simulator_client import (
    ADA,
    BLAS,
    BOT,
    CHANNEL,
    CLEO,
    GROUP,
    TOKEN,
    Client,
    JsonObject,
    Program,
    in_process,
    program,
)

GO = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
EVENT_SECONDS = 10.0


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with in_process(tmp_path) as client:
        yield client


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Program]:
    async with program(tmp_path) as running:
        yield running


async def test_the_first_start_makes_a_bot_three_people_a_channel_and_a_group(client: Client) -> None:
    people = await client.get("/people")
    assert [(person["id"], person["first_name"], person["language_code"]) for person in people] == [
        (ADA, "Ada", "en"),
        (BLAS, "Blas", "es"),
        (CLEO, "Cleo", "fr"),
    ]
    assert [(bot["id"], bot["username"], bot["token"]) for bot in await client.get("/bots")] == [
        (BOT, "magpie_sim_bot", TOKEN)
    ]
    chats = await client.get(f"/people/{BLAS}/chats")
    assert [(chat["id"], chat["type"]) for chat in chats] == [
        (BOT, "private"),
        (CHANNEL, "channel"),
        (GROUP, "supergroup"),
    ]


async def test_a_new_person_has_chats_of_their_own(client: Client) -> None:
    person = await client.post("/people", first_name="Dana", username="dana", language_code="en")
    assert person["id"] not in (ADA, BLAS, CLEO)
    await client.say("/start", person=person["id"])
    assert (await client.result("getChat", chat_id=person["id"]))["first_name"] == "Dana"
    reply = await client.http.get(f"/api/people/{person['id']}/chats/{CHANNEL}/messages")
    assert reply.status_code == 404, "not a member of the channel"


async def test_what_was_not_read_is_counted(client: Client) -> None:
    await client.say("/start")
    for text in ("one", "two"):
        await client.result("sendMessage", chat_id=ADA, text=text)
    (chat, *_) = await client.get(f"/people/{ADA}/chats")
    assert (chat["unread"], chat["last_message"]["text"]) == (2, "two")
    await client.history()
    (chat, *_) = await client.get(f"/people/{ADA}/chats")
    assert chat["unread"] == 0


async def test_a_page_of_messages_begins_after_a_message(client: Client) -> None:
    ids = [(await client.say(str(number)))["message_id"] for number in range(5)]
    page = await client.get(f"/people/{ADA}/chats/{BOT}/messages", after=ids[1], limit=2)
    assert [message["message_id"] for message in page] == ids[2:4]


async def test_a_reader_does_not_post_in_a_channel(client: Client) -> None:
    reply = await client.http.post(f"/api/people/{BLAS}/chats/{CHANNEL}/text", json={"text": "hi"})
    assert reply.status_code == 400


async def test_a_person_waits_for_a_message(client: Client) -> None:
    await client.say("/start")
    wait = {"chat": BOT, "contains": "done", "button": "Go"}
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        waiting = group.create_task(client.post(f"/people/{ADA}/wait", **wait, timeout=8))
        await asyncio.sleep(0)
        card = await client.result("sendMessage", chat_id=ADA, text="working")
        edit = {"chat_id": ADA, "message_id": card["message_id"]}
        await client.result("editMessageText", **edit, text="done", reply_markup=GO)
    assert waiting.result()["text"] == "done"
    version = waiting.result()["version"]
    late = wait | {"edited_since": version, "timeout": 0}
    assert (await client.http.post(f"/api/people/{ADA}/wait", json=late)).status_code == 408
    pattern = {"chat": BOT, "pattern": "^d.ne$", "after": 1}
    assert (await client.post(f"/people/{ADA}/wait", **pattern))["message_id"] == card["message_id"]
    reply = await client.http.post(f"/api/people/{ADA}/wait", json=pattern | {"pattern": "("})
    assert reply.status_code == 400


async def test_the_record_keeps_every_call(client: Client) -> None:
    await client.say("/start")
    message = await client.result("sendMessage", chat_id=ADA, text="x" * 500)
    await client.refusal("editMessageText", chat_id=ADA, message_id=99, text="y")
    await client.result("getMe")
    sent, refused = await client.get("/record", chat=ADA)
    assert (sent["method"], sent["ok"], sent["message_id"]) == ("sendMessage", True, message["message_id"])
    assert len(sent["parameters"]["text"]) == 201
    assert (refused["ok"], refused["error"]) == (False, "Bad Request: message to edit not found")
    assert [call["method"] for call in await client.get("/record", after=refused["seq"])] == ["getMe"]


# --- faults


async def test_faults_come_as_often_as_ordered(client: Client) -> None:
    await client.say("/start")
    await client.post("/faults", method="sendMessage", action="429", retry_after=7, count=2)
    assert len(await client.get("/faults")) == 1
    for _ in range(2):
        answer = await client.ask("sendMessage", chat_id=ADA, text="x")
        assert (answer["error_code"], answer["parameters"]) == (429, {"retry_after": 7})
    await client.result("sendMessage", chat_id=ADA, text="x")
    assert await client.get("/faults") == []


async def test_a_fault_of_the_server_and_its_end(client: Client) -> None:
    await client.http.post("/api/faults", json={"action": "500", "count": None})
    for _ in range(3):
        answer = await client.ask("getMe")
        assert (answer["error_code"], answer["description"]) == (500, "Internal Server Error")
    await client.http.delete("/api/faults")
    await client.result("getMe")


async def test_a_lost_answer_is_not_a_lost_call(running: Program) -> None:
    async with running.client() as client:
        await client.say("/start")
        for before, expected in ((False, 2), (True, 2)):
            await client.post("/faults", method="sendMessage", action="drop", before=before)
            with pytest.raises(httpx.TransportError):
                await client.result("sendMessage", chat_id=ADA, text="x")
            assert len(await client.history()) == expected


async def test_telegram_may_be_away(running: Program) -> None:
    async with running.client() as client, asyncio.timeout(20):
        async with asyncio.TaskGroup() as group:
            poll = group.create_task(lost(client, "getUpdates", timeout=30))
            await client.post("/faults", action="down", seconds=60)
            assert await poll
        assert await lost(client, "getMe")
        await client.http.delete("/api/faults")
        await client.result("getMe")


async def lost(client: Client, method: str, **parameters: Any) -> bool:
    """Whether the call is lost on the way."""
    try:
        await client.result(method, **parameters)
    except httpx.TransportError:
        return True
    return False


# --- the page's events


async def events(running: Program, person: int = ADA) -> websockets.ClientConnection:
    url = running.url.replace("http:", "ws:")
    return await websockets.connect(f"{url}/api/people/{person}/events")


async def next_event(socket: websockets.ClientConnection) -> JsonObject:
    async with asyncio.timeout(EVENT_SECONDS):
        event: JsonObject = json.loads(await socket.recv())
        return event


async def test_a_page_hears_what_happens(running: Program) -> None:
    async with running.client() as client, await events(running) as socket:
        await client.say("/start")
        card = await client.result("sendMessage", chat_id=ADA, text="card", reply_markup=GO)
        place = {"chat_id": ADA, "message_id": card["message_id"]}
        await client.result("sendChatAction", chat_id=ADA, action="typing")
        await client.result("editMessageText", **place, text="other", reply_markup=GO)
        await client.post(
            f"/people/{ADA}/chats/{BOT}/press", message_id=card["message_id"], label="Go", timeout=0
        )
        press = (await client.result("getUpdates", offset=-1))[0]["callback_query"]
        await client.result("answerCallbackQuery", callback_query_id=press["id"], text="toast")
        await client.result("deleteMessage", **place)
        heard = [await next_event(socket) for _ in range(6)]
    assert [event["kind"] for event in heard] == [
        "message",
        "message",
        "typing",
        "edited",
        "toast",
        "deleted",
    ]
    assert all(event["chat"] == BOT for event in heard)
    assert (heard[1]["message"]["text"], heard[3]["message"]["text"], heard[4]["text"]) == (
        "card",
        "other",
        "toast",
    )
    assert heard[5]["message_id"] == card["message_id"]


async def test_a_page_hears_only_its_persons_chats(running: Program) -> None:
    async with running.client() as client, await events(running, BLAS) as socket:
        await client.say("/start")
        await client.say("news", chat=CHANNEL)
        event = await next_event(socket)
    assert (event["chat"], event["message"]["text"]) == (CHANNEL, "news")


# --- the door


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/api/people", f"/bot{TOKEN}/getMe", "/api/record"])
async def test_foreign_pages_are_refused(client: Client, path: str, headers: dict[str, str]) -> None:
    assert (await client.http.get(path, headers=headers)).status_code == 403
    assert (await client.http.post(path, headers=headers, json={})).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost:8081"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_the_own_page_and_programs_are_let_in(client: Client, headers: dict[str, str]) -> None:
    assert (await client.http.get("/api/people", headers=headers)).status_code == 200


async def test_a_link_from_elsewhere_opens_the_page_and_nothing_else(client: Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert (await client.http.get("/", headers=headers)).status_code == 200
    assert (await client.http.get("/api/bots", headers=headers)).status_code == 403


async def test_foreign_pages_hear_no_events(running: Program) -> None:
    url = running.url.replace("http:", "ws:")
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(
            f"{url}/api/people/{ADA}/events", origin=websockets.Origin("https://evil.example")
        )
