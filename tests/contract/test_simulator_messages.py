"""Sending, editing, copying and deleting, as Telegram does it. Each rule stands in docs/simulator.md."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.simulator_client import (
    ADA,
    BLAS,
    BOT,
    CHANNEL,
    Client,
    Clock,
    JsonObject,
    in_process,
    jpeg,
)

GO = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(tmp_path: Path, clock: Clock) -> AsyncIterator[Client]:
    async with in_process(tmp_path, clock=clock) as client:
        await client.say("/start")
        yield client


async def sent(client: Client, text: str = "hello", chat_id: int = ADA, **more: Any) -> JsonObject:
    message: JsonObject = await client.result("sendMessage", chat_id=chat_id, text=text, **more)
    return message


def keyboard(**button: object) -> JsonObject:
    return {"inline_keyboard": [[{"text": "x"} | button]]}


# --- sending


async def test_a_message_stands_in_the_persons_chat(client: Client) -> None:
    message = await sent(client, "<b>hi</b>", parse_mode="HTML", reply_markup=GO)
    seen = (await client.history())[-1]
    assert seen["message_id"] == message["message_id"]
    assert (seen["text"], seen["entities"]) == ("hi", [{"type": "bold", "offset": 0, "length": 2}])
    assert seen["reply_markup"] == GO
    assert seen["chat"]["id"] == BOT
    assert message["chat"]["id"] == ADA


async def test_private_messages_of_a_bot_are_numbered_together(client: Client) -> None:
    await client.say("/start", person=BLAS)
    first = await sent(client)
    second = await sent(client, chat_id=BLAS)
    assert second["message_id"] == first["message_id"] + 1


async def test_parameters_come_in_every_form(client: Client) -> None:
    fields = {
        "chat_id": str(ADA),
        "text": "hi",
        "reply_markup": '{"inline_keyboard":[[{"text":"x","callback_data":"y"}]]}',
    }
    path = f"/bot{(await client.get('/bots'))[0]['token']}/sendMessage"
    replies = [
        await client.http.get(path, params=fields),
        await client.http.post(path, data=fields),
        await client.http.post(path, json=fields | {"reply_markup": GO}),
        await client.http.post(path, files={name: (None, value) for name, value in fields.items()}),
    ]
    assert [reply.json()["result"]["text"] for reply in replies] == ["hi"] * 4
    assert all("reply_markup" in reply.json()["result"] for reply in replies)


async def test_a_bot_cannot_begin_a_conversation(client: Client) -> None:
    answer = await client.ask("sendMessage", chat_id=BLAS, text="hi")
    assert answer["error_code"] == 403
    assert answer["description"] == "Forbidden: bot can't initiate conversation with a user"


async def test_a_person_who_blocked_the_bot_gets_nothing(client: Client) -> None:
    message = await sent(client)
    await client.post(f"/people/{ADA}/block", bot=BOT, blocked=True)
    refusal = "Forbidden: bot was blocked by the user"
    assert await client.refusal("sendMessage", chat_id=ADA, text="hi") == refusal
    edit = {"chat_id": ADA, "message_id": message["message_id"], "text": "other"}
    assert await client.refusal("editMessageText", **edit) == refusal
    await client.say("/start")
    await client.result("editMessageText", **edit)


async def test_a_chat_that_there_is_not_is_not_found(client: Client) -> None:
    for chat in (5, -100999, "@nobody", "nobody"):
        assert await client.refusal("sendMessage", chat_id=chat, text="hi") == "Bad Request: chat not found"
    assert await client.refusal("sendMessage", text="hi") == "Bad Request: chat_id is empty"
    assert await client.refusal("getChat", chat_id=BLAS) == "Bad Request: chat not found"


async def test_a_channel_may_be_named_by_its_username(client: Client) -> None:
    channel = await client.post("/channels", title="Named", username="shiny_named", owner=ADA)
    await client.new_bot_right(channel["id"], "administrator", "can_post_messages")
    message = await client.result("sendMessage", chat_id="@shiny_named", text="hi")
    assert message["chat"]["id"] == channel["id"]


async def test_a_reply_carries_what_it_answers(client: Client) -> None:
    said = await client.say("question")
    answer = await sent(client, "answer", reply_parameters={"message_id": said["message_id"]})
    assert answer["reply_to_message"]["text"] == "question"


async def test_a_reply_to_nothing_is_refused_unless_allowed(client: Client) -> None:
    reply = {"message_id": 999}
    refusal = await client.refusal("sendMessage", chat_id=ADA, text="x", reply_parameters=reply)
    assert refusal == "Bad Request: message to be replied not found"
    message = await sent(client, reply_parameters=reply | {"allow_sending_without_reply": True})
    assert "reply_to_message" not in message


async def test_chat_actions_are_known_ones(client: Client) -> None:
    assert await client.result("sendChatAction", chat_id=ADA, action="upload_video") is True
    refusal = await client.refusal("sendChatAction", chat_id=ADA, action="juggling")
    assert refusal == "Bad Request: wrong parameter action in request"


# --- keyboards


@pytest.mark.parametrize("data", ["", "x" * 65, "é" * 33])
async def test_callback_data_has_1_to_64_bytes(client: Client, data: str) -> None:
    markup = keyboard(callback_data=data)
    refusal = await client.refusal("sendMessage", chat_id=ADA, text="x", reply_markup=markup)
    assert refusal == "Bad Request: BUTTON_DATA_INVALID"
    await sent(client, reply_markup=keyboard(callback_data="é" * 32))


async def test_a_button_must_do_something(client: Client) -> None:
    refusal = await client.refusal("sendMessage", chat_id=ADA, text="x", reply_markup=keyboard())
    words = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
    assert refusal == f"Bad Request: {words}"


async def test_a_button_must_have_a_text(client: Client) -> None:
    markup = keyboard(text=" ", callback_data="x")
    refusal = await client.refusal("sendMessage", chat_id=ADA, text="x", reply_markup=markup)
    assert refusal == "Bad Request: BUTTON_TEXT_INVALID"


@pytest.mark.parametrize("url", ["http://localhost/x", "not a link", "http://"])
async def test_the_address_of_a_button_is_checked(client: Client, url: str) -> None:
    refusal = await client.refusal("sendMessage", chat_id=ADA, text="x", reply_markup=keyboard(url=url))
    assert refusal == f"Bad Request: inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"


async def test_a_keyboard_has_at_most_100_buttons(client: Client) -> None:
    row = [{"text": "x", "callback_data": "x"}]
    await sent(client, reply_markup={"inline_keyboard": [row] * 100})
    markup = {"inline_keyboard": [row] * 101}
    refusal = await client.refusal("sendMessage", chat_id=ADA, text="x", reply_markup=markup)
    assert refusal == "Bad Request: reply markup is too long"


async def test_what_is_no_keyboard_is_refused(client: Client) -> None:
    refusal = await client.refusal("sendMessage", chat_id=ADA, text="x", reply_markup="[]")
    assert refusal == "Bad Request: object expected as reply markup"


# --- editing


async def test_an_edit_changes_the_message_in_its_place(client: Client, clock: Clock) -> None:
    message = await sent(client, reply_markup=GO)
    clock.now += 10
    edited = await client.result(
        "editMessageText", chat_id=ADA, message_id=message["message_id"], text="other"
    )
    assert edited["edit_date"] == message["date"] + 10
    assert "reply_markup" not in edited, "an edit without a keyboard takes it away"
    seen = await client.history()
    assert [item["text"] for item in seen] == ["/start", "other"]
    assert seen[-1]["version"] > seen[0]["version"]


async def test_an_edit_to_the_same_is_refused(client: Client) -> None:
    message = await sent(client, "<b>same</b>", parse_mode="HTML", reply_markup=GO)
    edit = {"chat_id": ADA, "message_id": message["message_id"], "text": "*same*", "parse_mode": "MarkdownV2"}
    assert await client.refusal("editMessageText", **edit, reply_markup=GO) == NOT_MODIFIED
    markup = {"chat_id": ADA, "message_id": message["message_id"], "reply_markup": GO}
    assert await client.refusal("editMessageReplyMarkup", **markup) == NOT_MODIFIED
    await client.result("editMessageText", **edit)


async def test_what_is_not_there_cannot_be_edited(client: Client) -> None:
    refusal = await client.refusal("editMessageText", chat_id=ADA, message_id=999, text="x")
    assert refusal == "Bad Request: message to edit not found"
    refusal = await client.refusal("editMessageText", chat_id=ADA, text="x")
    assert refusal == "Bad Request: message identifier is not specified"


async def test_a_persons_message_cannot_be_edited(client: Client) -> None:
    said = await client.say("mine")
    refusal = await client.refusal("editMessageText", chat_id=ADA, message_id=said["message_id"], text="x")
    assert refusal == "Bad Request: message can't be edited"


async def test_text_and_caption_are_edited_by_their_own_methods(client: Client) -> None:
    text = (await sent(client))["message_id"]
    refusal = await client.refusal("editMessageCaption", chat_id=ADA, message_id=text, caption="x")
    assert refusal == "Bad Request: there is no caption in the message to edit"
    document = {"document": ("a.bin", b"x")}
    media = (await client.result("sendDocument", document, chat_id=ADA))["message_id"]
    refusal = await client.refusal("editMessageText", chat_id=ADA, message_id=media, text="x")
    assert refusal == "Bad Request: there is no text in the message to edit"
    edited = await client.result("editMessageCaption", chat_id=ADA, message_id=media, caption="x")
    assert edited["caption"] == "x"


async def test_only_an_inline_keyboard_can_be_edited_in(client: Client) -> None:
    message = (await sent(client))["message_id"]
    markup = {"keyboard": [[{"text": "x"}]]}
    edit = {"chat_id": ADA, "message_id": message, "reply_markup": {"inline_keyboard": []}}
    assert await client.refusal("editMessageReplyMarkup", **edit) == NOT_MODIFIED
    assert "can't parse reply_markup" in await client.refusal(
        "editMessageReplyMarkup", **(edit | {"reply_markup": markup})
    )


async def test_a_text_becomes_media(client: Client) -> None:
    message = await sent(client, "placeholder", reply_markup=GO)
    media = {"type": "document", "media": "attach://it", "caption": "<i>c</i>", "parse_mode": "HTML"}
    edited = await client.result(
        "editMessageMedia",
        {"it": ("name.bin", b"bytes")},
        chat_id=ADA,
        message_id=message["message_id"],
        media=media,
        reply_markup=GO,
    )
    assert edited["message_id"] == message["message_id"]
    assert "text" not in edited
    assert (edited["caption"], edited["document"]["file_name"]) == ("c", "name.bin")
    again = media | {"media": edited["document"]["file_id"]}
    edit = {"chat_id": ADA, "message_id": message["message_id"], "media": again, "reply_markup": GO}
    assert await client.refusal("editMessageMedia", **edit) == NOT_MODIFIED


# --- deleting


async def test_deleted_is_gone_for_everybody(client: Client) -> None:
    message = (await sent(client))["message_id"]
    assert await client.result("deleteMessage", chat_id=ADA, message_id=message) is True
    assert [item["text"] for item in await client.history()] == ["/start"]
    refusal = await client.refusal("deleteMessage", chat_id=ADA, message_id=message)
    assert refusal == "Bad Request: message to delete not found"


async def test_a_bot_deletes_a_persons_message_within_48_hours(client: Client, clock: Clock) -> None:
    young, old = (await client.say("one"))["message_id"], (await client.say("two"))["message_id"]
    clock.now += 47 * 3600
    await client.result("deleteMessage", chat_id=ADA, message_id=young)
    clock.now += 2 * 3600
    refusal = await client.refusal("deleteMessage", chat_id=ADA, message_id=old)
    assert refusal == "Bad Request: message can't be deleted for everyone"


async def test_several_are_deleted_at_once_and_missing_ones_skipped(client: Client) -> None:
    ids = [(await sent(client))["message_id"] for _ in range(3)]
    await client.result("deleteMessages", chat_id=ADA, message_ids=[*ids, 999])
    assert len(await client.history()) == 1
    refusal = await client.refusal("deleteMessages", chat_id=ADA, message_ids=list(range(1, 102)))
    assert refusal == "Bad Request: too many message identifiers specified"


async def test_what_a_person_deleted_for_all_is_gone_for_the_bot(client: Client) -> None:
    message = (await sent(client))["message_id"]
    await client.post(f"/people/{ADA}/chats/{BOT}/delete", message_id=message, for_everyone=True)
    refusal = await client.refusal("editMessageText", chat_id=ADA, message_id=message, text="x")
    assert refusal == "Bad Request: message to edit not found"


async def test_what_a_person_deleted_for_themselves_the_bot_still_has(client: Client) -> None:
    message = (await sent(client))["message_id"]
    await client.post(f"/people/{ADA}/chats/{BOT}/delete", message_id=message)
    await client.result("editMessageText", chat_id=ADA, message_id=message, text="x")
    assert [item["text"] for item in await client.history()] == ["/start"]


# --- copying and forwarding


async def test_a_copy_has_a_number_of_its_own_and_no_sender(client: Client) -> None:
    document = {"document": ("a.bin", b"x")}
    original = await client.result("sendDocument", document, chat_id=CHANNEL, caption="c", reply_markup=GO)
    source: JsonObject = {"from_chat_id": CHANNEL, "message_id": original["message_id"]}
    copied = await client.result("copyMessage", chat_id=ADA, **source)
    assert set(copied) == {"message_id"}
    seen = (await client.history())[-1]
    assert (seen["message_id"], seen["caption"]) == (copied["message_id"], "c")
    assert not {"forward_origin", "reply_markup"} & set(seen)
    await client.result("copyMessage", chat_id=ADA, **source, caption="new", reply_markup=GO)
    seen = (await client.history())[-1]
    assert (seen["caption"], seen["reply_markup"]) == ("new", GO)


async def test_what_is_not_there_cannot_be_copied_or_forwarded(client: Client) -> None:
    source: JsonObject = {"chat_id": ADA, "from_chat_id": CHANNEL, "message_id": 999}
    assert await client.refusal("copyMessage", **source) == "Bad Request: message to copy not found"
    assert await client.refusal("forwardMessage", **source) == "Bad Request: message to forward not found"


async def test_protected_content_stays_where_it_is(client: Client) -> None:
    original = await client.result("sendMessage", chat_id=CHANNEL, text="x", protect_content=True)
    assert original["has_protected_content"] is True
    source: JsonObject = {"chat_id": ADA, "from_chat_id": CHANNEL, "message_id": original["message_id"]}
    refusal = await client.refusal("copyMessage", **source)
    assert refusal == "Bad Request: message has protected content and can't be copied"


async def test_a_forwarded_message_says_where_it_comes_from(client: Client) -> None:
    post = await client.result("sendMessage", chat_id=CHANNEL, text="x")
    source: JsonObject = {"from_chat_id": CHANNEL, "message_id": post["message_id"]}
    forwarded = await client.result("forwardMessage", chat_id=ADA, **source)
    assert forwarded["forward_origin"]["type"] == "channel"
    assert forwarded["forward_origin"]["chat"]["id"] == CHANNEL
    said = await client.say("mine")
    forwarded = await client.result(
        "forwardMessage", chat_id=CHANNEL, from_chat_id=ADA, message_id=said["message_id"]
    )
    assert forwarded["forward_origin"]["sender_user"]["id"] == ADA


async def test_several_are_copied_at_once_and_missing_ones_skipped(client: Client) -> None:
    ids = [(await client.result("sendMessage", chat_id=CHANNEL, text=str(n)))["message_id"] for n in range(3)]
    source: JsonObject = {"chat_id": ADA, "from_chat_id": CHANNEL}
    copied = await client.result("copyMessages", **source, message_ids=[*ids, 999])
    assert len(copied) == 3
    assert [item["text"] for item in (await client.history())[-3:]] == ["0", "1", "2"]
    refusal = await client.refusal("copyMessages", **source, message_ids=[998, 999])
    assert refusal == "Bad Request: there are no messages to copy"


# --- albums


def album(*kinds: str) -> list[JsonObject]:
    return [{"type": kind, "media": f"attach://{kind}"} for kind in kinds]


async def test_an_album_has_2_to_10_items(client: Client) -> None:
    files = {"document": ("a.bin", b"x")}
    messages = await client.result("sendMediaGroup", files, chat_id=ADA, media=album("document", "document"))
    assert len({message["media_group_id"] for message in messages}) == 1
    assert len({message["message_id"] for message in messages}) == 2
    refusal = await client.refusal("sendMediaGroup", files, chat_id=ADA, media=album("document"))
    assert refusal == "Bad Request: media group must include 2-10 items"
    refusal = await client.refusal("sendMediaGroup", files, chat_id=ADA, media=album(*["document"] * 11))
    assert refusal == "Bad Request: too many messages to send as an album"


async def test_documents_and_audios_do_not_mix_in_an_album(client: Client) -> None:
    files = {"document": ("a.bin", b"x"), "photo": ("a.jpg", jpeg())}
    refusal = await client.refusal("sendMediaGroup", files, chat_id=ADA, media=album("photo", "document"))
    assert refusal == "Bad Request: document can't be mixed with other media types"
    assert len(await client.history()) == 1


async def test_an_album_takes_no_animation(client: Client) -> None:
    files = {"animation": ("a.gif", b"x")}
    refusal = await client.refusal(
        "sendMediaGroup", files, chat_id=ADA, media=album("animation", "animation")
    )
    assert (
        refusal == "Bad Request: can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup"
    )


async def test_an_item_of_an_album_stays_of_its_kind(client: Client) -> None:
    files = {"document": ("a.bin", b"x"), "photo": ("a.jpg", jpeg())}
    messages = await client.result("sendMediaGroup", files, chat_id=ADA, media=album("document", "document"))
    edit = {"chat_id": ADA, "message_id": messages[0]["message_id"], "media": album("photo")[0]}
    refusal = await client.refusal("editMessageMedia", files, **edit)
    assert refusal == "Bad Request: can't use the media of the specified type in the album"


async def test_a_file_that_is_not_in_the_request_is_missed(client: Client) -> None:
    refusal = await client.refusal("sendMediaGroup", chat_id=ADA, media=album("document", "document"))
    assert refusal == "Bad Request: can't parse InputMedia: media not found"
    refusal = await client.refusal("sendDocument", chat_id=ADA, document="attach://nothing")
    assert refusal == "Bad Request: there is no document in the request"


# --- channels


async def test_a_channel_wants_an_administrator(client: Client) -> None:
    await client.new_bot_right(CHANNEL, "administrator")
    refusal = await client.refusal("sendMessage", chat_id=CHANNEL, text="x")
    assert refusal == "Bad Request: need administrator rights in the channel chat"
    await client.new_bot_right(CHANNEL, "left")
    refusal = await client.refusal("sendMessage", chat_id=CHANNEL, text="x")
    assert refusal == "Forbidden: bot is not a member of the channel chat"
    await client.new_bot_right(CHANNEL, "kicked")
    refusal = await client.refusal("sendMessage", chat_id=CHANNEL, text="x")
    assert refusal == "Forbidden: bot was kicked from the channel chat"


async def test_a_post_of_an_administrator_reaches_the_bot(client: Client) -> None:
    post = await client.say("news", chat=CHANNEL)
    updates = await client.result("getUpdates")
    assert updates[-1]["channel_post"]["message_id"] == post["message_id"]
    assert updates[-1]["channel_post"]["sender_chat"]["id"] == CHANNEL
    assert "from" not in updates[-1]["channel_post"]


async def test_a_bot_does_not_hear_of_its_own_posts(client: Client) -> None:
    await client.result("sendMessage", chat_id=CHANNEL, text="x")
    await sent(client)
    updates = await client.result("getUpdates")
    assert [kind for update in updates for kind in update if kind != "update_id"] == ["message"]


async def test_posts_of_others_need_the_right_to_edit_and_to_delete(client: Client) -> None:
    post = (await client.say("news", chat=CHANNEL))["message_id"]
    await client.new_bot_right(CHANNEL, "administrator", "can_post_messages")
    refusal = await client.refusal("editMessageText", chat_id=CHANNEL, message_id=post, text="x")
    assert refusal == "Bad Request: message can't be edited"
    refusal = await client.refusal("deleteMessage", chat_id=CHANNEL, message_id=post)
    assert refusal == "Bad Request: message can't be deleted"
    await client.new_bot_right(CHANNEL, "administrator", "can_edit_messages", "can_delete_messages")
    await client.result("editMessageText", chat_id=CHANNEL, message_id=post, text="x")
    await client.result("deleteMessage", chat_id=CHANNEL, message_id=post)


async def test_members_are_told_apart(client: Client) -> None:
    statuses = {
        user: (await client.result("getChatMember", chat_id=CHANNEL, user_id=user))["status"]
        for user in (ADA, BLAS, BOT)
    }
    assert statuses == {ADA: "creator", BLAS: "member", BOT: "administrator"}
    assert await client.result("getChatMemberCount", chat_id=CHANNEL) == 3
    administrators = await client.result("getChatAdministrators", chat_id=CHANNEL)
    assert {item["user"]["id"] for item in administrators} == {ADA, BOT}
    refusal = await client.refusal("getChatMember", chat_id=CHANNEL, user_id=5)
    assert refusal == "Bad Request: PARTICIPANT_ID_INVALID"


# --- commands


async def test_commands_are_kept_by_scope_and_language(client: Client) -> None:
    start = [{"command": "start", "description": "Start"}]
    empezar = [{"command": "start", "description": "Empezar"}]
    await client.result("setMyCommands", commands=start)
    await client.result(
        "setMyCommands", commands=empezar, language_code="es", scope={"type": "all_private_chats"}
    )
    assert await client.result("getMyCommands") == start
    assert await client.result("getMyCommands", language_code="es") == []
    scoped: JsonObject = {"language_code": "es", "scope": {"type": "all_private_chats"}}
    assert await client.result("getMyCommands", **scoped) == empezar
    await client.result("deleteMyCommands", **scoped)
    assert await client.result("getMyCommands", **scoped) == []


@pytest.mark.parametrize(
    ("command", "description", "refusal"),
    [
        ("Start", "x", "BOT_COMMAND_INVALID"),
        ("x" * 33, "x", "BOT_COMMAND_INVALID"),
        ("start", "", "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("start", "x" * 257, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ],
)
async def test_commands_are_checked(client: Client, command: str, description: str, refusal: str) -> None:
    commands = [{"command": command, "description": description}]
    assert await client.refusal("setMyCommands", commands=commands) == f"Bad Request: {refusal}"
