"""Inline mode, as Telegram does it: queries, results, the cache, messages via a bot. Each rule stands in docs/simulator.md."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.simulator_client import (
    ADA,
    BLAS,
    BOT,
    CHANNEL,
    FILMS,
    GROUP,
    Client,
    Clock,
    JsonObject,
    in_process,
    jpeg,
)

GO = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
OTHER_TOKEN = "7000000002:AAE_another_token_for_local_use_00"
OTHER = 7000000002


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(tmp_path: Path, clock: Clock) -> AsyncIterator[Client]:
    async with in_process(tmp_path, clock=clock) as client:
        yield client


def article(number: int = 1, **more: Any) -> JsonObject:
    content = {"message_text": f"<b>text {number}</b>", "parse_mode": "HTML"}
    result: JsonObject = {"type": "article", "id": str(number), "title": f"Result {number}"}
    return result | {"input_message_content": content} | more


async def ask(
    client: Client, query: str = "bird", person: int = ADA, chat: int = GROUP, **more: Any
) -> JsonObject:
    """Asks and does not wait for the answer."""
    body = {"bot": BOT, "query": query, "timeout": 0} | more
    asked: JsonObject = await client.post(f"/people/{person}/chats/{chat}/inline", **body)
    return asked


async def answer(client: Client, asked: JsonObject, results: list[JsonObject], **more: Any) -> None:
    await client.result("answerInlineQuery", inline_query_id=asked["query_id"], results=results, **more)


async def choose(
    client: Client, asked: JsonObject, result: str = "1", person: int = ADA, chat: int = GROUP, **more: Any
) -> JsonObject:
    body = {"query_id": asked["query_id"], "result_id": result} | more
    message: JsonObject = await client.post(f"/people/{person}/chats/{chat}/inline/choose", **body)
    return message


def heard(client: Client, kind: str) -> list[JsonObject]:
    """The updates of a kind that wait for the bot."""
    return [update[kind] for update in client.world.updates.waiting(BOT, 100) if kind in update]


async def test_a_query_waits_for_its_results(client: Client) -> None:
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        body = {"bot": BOT, "query": "bird", "timeout": 20}
        asking = group.create_task(client.post(f"/people/{ADA}/chats/{GROUP}/inline", **body))
        (update,) = await client.result("getUpdates", timeout=20)
        query = update["inline_query"]
        assert (query["query"], query["offset"], query["from"]["id"]) == ("bird", "", ADA)
        results = [article(1, description="more"), article(2)]
        await client.result(
            "answerInlineQuery", inline_query_id=query["id"], results=results, next_offset="2"
        )
    shown = asking.result()
    assert [result["title"] for result in shown["results"]] == ["Result 1", "Result 2"]
    assert shown["results"][0]["message"]["text"] == "text 1"
    assert (shown["next_offset"], shown["answered"]) == ("2", True)


@pytest.mark.parametrize(("chat", "kind"), [(BOT, "sender"), (GROUP, "supergroup"), (CHANNEL, "channel")])
async def test_a_query_says_from_what_chat_it_is(client: Client, chat: int, kind: str) -> None:
    await ask(client, chat=chat)
    assert heard(client, "inline_query")[0]["chat_type"] == kind


async def test_a_query_from_another_bots_chat_is_private(client: Client) -> None:
    await client.post("/bots", token=OTHER_TOKEN, first_name="Other", username="other_bot")
    await ask(client, chat=OTHER)
    assert heard(client, "inline_query")[0]["chat_type"] == "private"


async def test_a_bot_without_inline_mode_is_not_asked(client: Client) -> None:
    await client.post(f"/bots/{BOT}", inline=False)
    assert (await client.result("getMe"))["supports_inline_queries"] is False
    path = f"/api/people/{ADA}/chats/{GROUP}/inline"
    assert (await client.http.post(path, json={"bot": BOT, "query": "x"})).status_code == 404


async def test_a_chosen_result_is_the_persons_message_via_the_bot(client: Client) -> None:
    asked = await ask(client)
    await answer(client, asked, [article()])
    message = await choose(client, asked, thread=FILMS)
    assert (message["text"], message["entities"][0]["type"]) == ("text 1", "bold")
    assert (message["from"]["id"], message["via_bot"]["id"]) == (ADA, BOT)
    assert message["message_thread_id"] == FILMS
    (chosen,) = heard(client, "chosen_inline_result")
    assert chosen == {"result_id": "1", "from": chosen["from"], "query": "bird"}
    (heard_message,) = heard(client, "message")
    assert heard_message["via_bot"]["id"] == BOT, "a bot in privacy mode hears what is sent via it"


async def test_feedback_can_be_off(client: Client) -> None:
    await client.post(f"/bots/{BOT}", feedback=False)
    asked = await ask(client)
    await answer(client, asked, [article()])
    await choose(client, asked)
    assert heard(client, "chosen_inline_result") == []


async def test_only_what_was_shown_can_be_chosen(client: Client) -> None:
    asked = await ask(client)
    await answer(client, asked, [article()])
    for person, chat, result in ((BLAS, GROUP, "1"), (ADA, BOT, "1"), (ADA, GROUP, "2")):
        body = {"query_id": asked["query_id"], "result_id": result}
        reply = await client.http.post(f"/api/people/{person}/chats/{chat}/inline/choose", json=body)
        assert reply.status_code == 404


# --- the cache


async def test_an_answer_is_kept_for_everybody_who_asks_the_same(client: Client, clock: Clock) -> None:
    await answer(client, await ask(client), [article()], cache_time=100)
    again = await ask(client, person=BLAS, chat=CHANNEL)
    assert [result["id"] for result in again["results"]] == ["1"]
    assert (await ask(client, "birds"))["answered"] is False
    assert (await ask(client, offset="1"))["answered"] is False
    clock.now += 101
    assert (await ask(client))["answered"] is False
    assert len(heard(client, "inline_query")) == 4


async def test_a_result_from_the_cache_can_be_chosen(client: Client) -> None:
    await answer(client, await ask(client), [article()])
    again = await ask(client, person=BLAS)
    message = await choose(client, again, person=BLAS)
    assert (message["from"]["id"], message["text"]) == (BLAS, "text 1")
    assert heard(client, "chosen_inline_result")[0]["from"]["id"] == BLAS


async def test_a_personal_answer_is_kept_for_one_person(client: Client) -> None:
    await answer(client, await ask(client), [article()], is_personal=True)
    assert (await ask(client))["answered"] is True
    assert (await ask(client, person=BLAS))["answered"] is False


async def test_an_answer_is_kept_for_300_seconds_unless_told(client: Client, clock: Clock) -> None:
    await answer(client, await ask(client), [article()])
    clock.now += 299
    assert (await ask(client))["answered"] is True
    clock.now += 2
    assert (await ask(client))["answered"] is False
    await answer(client, await ask(client, "other"), [article()], cache_time=0)
    assert (await ask(client, "other"))["answered"] is False


# --- refusals


async def test_an_inline_query_is_answered_once_and_in_time(client: Client, clock: Clock) -> None:
    asked = await ask(client)
    await answer(client, asked, [article()])
    call: JsonObject = {"inline_query_id": asked["query_id"], "results": [article()]}
    assert await client.refusal("answerInlineQuery", **call) == TOO_OLD
    late = await ask(client, "late")
    clock.now += 16
    call["inline_query_id"] = late["query_id"]
    assert await client.refusal("answerInlineQuery", **call) == TOO_OLD
    call["inline_query_id"] = "nonsense"
    assert await client.refusal("answerInlineQuery", **call) == TOO_OLD


@pytest.mark.parametrize(
    ("results", "more", "words"),
    [
        ([article(number) for number in range(51)], {}, "RESULTS_TOO_MUCH"),
        ([article(1), article(1)], {}, "RESULT_ID_DUPLICATE"),
        ([article() | {"id": "x" * 65}], {}, "RESULT_ID_INVALID"),
        ([article() | {"id": ""}], {}, "RESULT_ID_INVALID"),
        ([article()], {"next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ([], {"button": {"text": "x"}}, "can't use empty start_parameter"),
        ([], {"button": {"text": "x", "start_parameter": "x" * 65}}, "too long start_parameter specified"),
        ([], {"button": {"text": "x", "start_parameter": "a b"}}, "unallowed characters in start_parameter are used"),
        ([article(reply_markup={"inline_keyboard": [[{"text": "x", "callback_data": "x" * 65}]]})], {}, "BUTTON_DATA_INVALID"),
    ],
)  # fmt: skip
async def test_results_are_checked(
    client: Client, results: list[JsonObject], more: JsonObject, words: str
) -> None:
    asked = await ask(client)
    call: JsonObject = {"inline_query_id": asked["query_id"], "results": results}
    assert await client.refusal("answerInlineQuery", **call, **more) == f"Bad Request: {words}"
    await answer(client, asked, [article()])


@pytest.mark.parametrize(
    "result",
    [
        {"type": "photo", "id": "1", "photo_url": "https://example.com/a.jpg", "thumbnail_url": "https://example.com/a.jpg"},
        {"type": "location", "id": "1", "latitude": 1.0, "longitude": 1.0, "title": "x"},
        article() | {"input_message_content": {"latitude": 1.0, "longitude": 1.0}},
    ],
)  # fmt: skip
async def test_results_that_are_no_texts_and_no_files_are_refused_loudly(
    client: Client, result: JsonObject
) -> None:
    asked = await ask(client)
    reply = await client.ask("answerInlineQuery", inline_query_id=asked["query_id"], results=[result])
    assert (reply["error_code"], reply["description"][:15]) == (501, "Not Implemented")


async def test_a_button_above_the_results_is_shown(client: Client) -> None:
    asked = await ask(client)
    button = {"text": "Sign in", "start_parameter": "from_inline"}
    await answer(client, asked, [], button=button)
    assert (await ask(client))["button"] == button


# --- files and edits


async def test_files_of_telegram_are_results(client: Client) -> None:
    photo = (await client.result("sendPhoto", {"photo": ("a.jpg", jpeg())}, chat_id=CHANNEL))["photo"]
    sent = await client.result("sendDocument", {"document": ("a.txt", b"x")}, chat_id=CHANNEL)
    results = [
        {"type": "photo", "id": "p", "photo_file_id": photo[-1]["file_id"], "caption": "<i>c</i>", "parse_mode": "HTML"},
        {"type": "document", "id": "d", "title": "D", "document_file_id": sent["document"]["file_id"]},
        {"type": "document", "id": "t", "title": "T", "document_file_id": sent["document"]["file_id"],
         "input_message_content": {"message_text": "instead"}},
    ]  # fmt: skip
    asked = await ask(client)
    await answer(client, asked, results)
    shown = (await ask(client))["results"]
    page = await client.http.get(f"/api/files/{shown[0]['message']['photo'][-1]['file_id']}")
    assert page.headers["content-type"] == "image/jpeg"
    message = await choose(client, asked, "p")
    assert (message["caption"], message["caption_entities"][0]["type"]) == ("c", "italic")
    assert (await choose(client, asked, "d"))["document"]["file_name"] == "a.txt"
    assert (await choose(client, asked, "t"))["text"] == "instead"


async def test_a_message_via_the_bot_is_pressed_and_edited_by_its_inline_id(client: Client) -> None:
    asked = await ask(client, chat=CHANNEL)
    await answer(client, asked, [article(reply_markup=GO)])
    message = await choose(client, asked, chat=CHANNEL)
    number = heard(client, "chosen_inline_result")[0]["inline_message_id"]
    press = {"message_id": message["message_id"], "label": "Go", "timeout": 0}
    await client.post(f"/people/{BLAS}/chats/{CHANNEL}/press", **press)
    (query,) = heard(client, "callback_query")
    assert (query["inline_message_id"], "message" in query) == (number, False)

    assert await client.result("editMessageText", inline_message_id=number, text="other") is True
    refusal = await client.refusal("editMessageText", inline_message_id=number, text="other")
    assert refusal.startswith("Bad Request: message is not modified")
    seen = (await client.history(BLAS, CHANNEL))[-1]
    assert (seen["text"], "reply_markup" in seen) == ("other", False)
    document = {"type": "document", "media": "attach://it"}
    refusal = await client.refusal(
        "editMessageMedia", {"it": ("a.txt", b"x")}, inline_message_id=number, media=document
    )
    assert refusal == "Bad Request: invalid message content specified"
    refusal = await client.refusal("editMessageText", inline_message_id="nonsense", text="x")
    assert refusal == "Bad Request: invalid inline message identifier specified"
    await client.post(
        f"/people/{ADA}/chats/{CHANNEL}/delete", message_id=message["message_id"], for_everyone=True
    )
    refusal = await client.refusal("editMessageText", inline_message_id=number, text="more")
    assert refusal == "Bad Request: MESSAGE_ID_INVALID"


async def test_a_button_may_begin_a_query(client: Client) -> None:
    await client.say("/start")
    rows = [
        [{"text": "Here", "switch_inline_query_current_chat": "owls"}],
        [{"text": "There", "switch_inline_query": ""}],
        [{"text": "Chosen", "switch_inline_query_chosen_chat": {"query": "jays"}}],
    ]
    message = await client.result(
        "sendMessage", chat_id=ADA, text="x", reply_markup={"inline_keyboard": rows}
    )
    for label, query in (("Here", "owls"), ("There", ""), ("Chosen", "jays")):
        press = {"message_id": message["message_id"], "label": label}
        pressed = await client.post(f"/people/{ADA}/chats/{BOT}/press", **press)
        assert pressed == {"inline_query": query, "bot": BOT}
