"""What people bring: forwards, albums, links in texts, deep links; and the commands that bots offer them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.simulator_client import (
    ADA,
    BLAS,
    BOT,
    CHANNEL,
    CLEO,
    FILMS,
    GROUP,
    Client,
    JsonObject,
    in_process,
    jpeg,
    mp4,
)

CHAT = f"/people/{ADA}/chats/{BOT}"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with in_process(tmp_path) as client:
        yield client


async def heard(client: Client) -> list[JsonObject]:
    """The messages that wait for the bot."""
    updates = client.world.updates.waiting(BOT, 100)
    client.world.updates.clear(BOT)
    return [update["message"] for update in updates if "message" in update]


async def album(client: Client, kinds: list[str], chat: int = BOT, **fields: Any) -> list[JsonObject]:
    """Sends as many pictures, films or files as there are kinds."""
    contents = {
        "photo": ("a.jpg", jpeg()),
        "video": ("v.mp4", mp4()),
        "document": ("a.torrent", b"d4:infodee"),
    }
    files = [("files", contents[kind]) for kind in kinds]
    data = {"kinds": kinds} | fields
    reply = await client.http.post(f"/api/people/{ADA}/chats/{chat}/album", files=files, data=data)
    assert reply.status_code == 200, reply.text
    messages: list[JsonObject] = reply.json()
    return messages


# --- forwards


async def test_a_person_forwards_a_post_with_where_it_is_from(client: Client) -> None:
    document = {"document": ("a.torrent", b"d4:infodee")}
    post = await client.result("sendDocument", document, chat_id=CHANNEL, caption="see https://example.com")
    (seen,) = await client.post(f"{CHAT}/forward", from_chat=CHANNEL, message_ids=[post["message_id"]])
    (message,) = await heard(client)
    origin = message["forward_origin"]
    assert (origin["type"], origin["chat"]["id"], origin["message_id"]) == (
        "channel",
        CHANNEL,
        post["message_id"],
    )
    assert message["from"]["id"] == ADA
    assert message["caption_entities"][0]["type"] == "url"
    file = await client.result("getFile", file_id=message["document"]["file_id"])
    assert file["file_size"] == 10
    assert seen["forward_origin"] == origin


async def test_a_forward_of_a_forward_keeps_the_first_origin(client: Client) -> None:
    said = await client.say("mine", person=BLAS, chat=GROUP)
    (first,) = await client.post(f"{CHAT}/forward", from_chat=GROUP, message_ids=[said["message_id"]])
    (second,) = await client.post(f"{CHAT}/forward", from_chat=BOT, message_ids=[first["message_id"]])
    assert first["forward_origin"]["sender_user"]["id"] == BLAS
    assert second["forward_origin"] == first["forward_origin"]


async def test_who_hides_is_named_without_an_account(client: Client) -> None:
    said = await client.say("mine", person=BLAS, chat=GROUP)
    wish = {"from_chat": GROUP, "message_ids": [said["message_id"]], "hidden": True}
    (message,) = await client.post(f"{CHAT}/forward", **wish)
    assert message["forward_origin"] == {
        "type": "hidden_user",
        "date": said["date"],
        "sender_user_name": "Blas",
    }


async def test_several_are_forwarded_each_as_a_message_of_its_own(client: Client) -> None:
    group = await album(client, ["photo", "photo"])
    text = await client.say("and this")
    ids = [message["message_id"] for message in [*group, text]]
    await heard(client)
    await client.post(f"/people/{ADA}/chats/{GROUP}/forward", from_chat=BOT, message_ids=ids, thread=FILMS)
    await client.post(f"{CHAT}/forward", from_chat=BOT, message_ids=ids)
    messages = await heard(client)
    assert len(messages) == 3
    new_group = {message.get("media_group_id") for message in messages[:2]}
    assert len(new_group) == 1
    assert new_group != {group[0]["media_group_id"]}
    assert "media_group_id" not in messages[2]


async def test_what_may_not_be_forwarded_stays(client: Client) -> None:
    post = await client.result("sendMessage", chat_id=CHANNEL, text="x", protect_content=True)
    wish = {"from_chat": CHANNEL, "message_ids": [post["message_id"]]}
    reply = await client.http.post(f"/api{CHAT}/forward", json=wish)
    assert reply.status_code == 400
    assert reply.json()["detail"] == "Bad Request: message has protected content and can't be forwarded"
    reply = await client.http.post(f"/api{CHAT}/forward", json={"from_chat": GROUP, "message_ids": [1]})
    assert reply.json()["detail"] == "Bad Request: the message can't be forwarded"
    reply = await client.http.post(f"/api{CHAT}/forward", json={"from_chat": GROUP, "message_ids": [99]})
    assert reply.status_code == 404


async def test_what_tells_of_something_that_happened_is_not_copied(client: Client) -> None:
    await client.say("/start")
    source: JsonObject = {"chat_id": ADA, "from_chat_id": GROUP}
    refusal = await client.refusal("copyMessage", **source, message_id=FILMS)
    assert refusal == "Bad Request: the message can't be copied"
    refusal = await client.refusal("forwardMessage", **source, message_id=FILMS)
    assert refusal == "Bad Request: the message can't be forwarded"
    refusal = await client.refusal("copyMessages", **source, message_ids=[1, FILMS])
    assert refusal == "Bad Request: there are no messages to copy"


# --- albums


async def test_an_album_is_an_update_for_each_of_its_messages(client: Client) -> None:
    messages = await album(client, ["photo", "video"], caption="two https://example.com/x")
    updates = await heard(client)
    assert [message["message_id"] for message in updates] == [message["message_id"] for message in messages]
    assert len({message["media_group_id"] for message in updates}) == 1
    assert (updates[0]["caption"], "caption" in updates[1]) == ("two https://example.com/x", False)
    assert ("photo" in updates[0], "video" in updates[1]) == (True, True)


async def test_an_album_of_files_in_a_topic_answers_a_message(client: Client) -> None:
    said = await client.say("which?", chat=GROUP, thread=FILMS)
    messages = await album(client, ["document"] * 3, GROUP, reply_to=str(said["message_id"]))
    assert {message["message_thread_id"] for message in messages} == {FILMS}
    assert {message["reply_to_message"]["message_id"] for message in messages} == {said["message_id"]}
    files = [("files", ("a.bin", b"x")), ("files", ("a.jpg", jpeg()))]
    path = f"/api/people/{ADA}/chats/{GROUP}/album"
    reply = await client.http.post(path, files=files, data={"kinds": ["document", "photo"]})
    assert (reply.status_code, reply.json()["detail"]) == (
        400,
        "Bad Request: document can't be mixed with other media types",
    )


async def test_a_file_answers_a_message_too(client: Client) -> None:
    said = await client.say("which?", chat=GROUP, thread=FILMS)
    reply = await client.http.post(
        f"/api/people/{BLAS}/chats/{GROUP}/file",
        files={"file": ("a.torrent", b"d4:infodee")},
        data={"reply_to": str(said["message_id"]), "caption": "/add@magpie_sim_bot"},
    )
    assert reply.json()["message_thread_id"] == FILMS
    (message,) = await heard(client)
    assert message["document"]["file_name"] == "a.torrent"
    assert message["caption_entities"][0]["type"] == "bot_command"


# --- texts


async def test_links_amid_text_are_marked(client: Client) -> None:
    await client.say(
        'see <a href="https://example.com/a?b=c">this</a>, https://example.org/x.torrent and #birds @blas /add',
        parse_mode="HTML",
    )
    (message,) = await heard(client)
    text = message["text"]
    words = {
        entity["type"]: text[entity["offset"] : entity["offset"] + entity["length"]]
        for entity in message["entities"]
    }
    assert words == {
        "text_link": "this",
        "url": "https://example.org/x.torrent",
        "hashtag": "#birds",
        "mention": "@blas",
        "bot_command": "/add",
    }
    assert message["entities"][0]["url"] == "https://example.com/a?b=c"


async def test_a_deep_link_starts_the_bot_with_its_payload(client: Client) -> None:
    said = await client.post(f"{CHAT}/start", payload="add_aGVsbG8")
    assert said["text"] == "/start add_aGVsbG8"
    (message,) = await heard(client)
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    await client.post(f"{CHAT}/start")
    assert (await heard(client))[0]["text"] == "/start"


@pytest.mark.parametrize("payload", ["x" * 65, "a b", "ñ", "a/b"])
async def test_a_payload_has_at_most_64_plain_characters(client: Client, payload: str) -> None:
    reply = await client.http.post(f"/api{CHAT}/start", json={"payload": payload})
    assert reply.status_code == 422


# --- commands


async def offered(client: Client, person: int, chat: int = BOT) -> list[str]:
    chats = await client.get(f"/people/{person}/chats")
    return [item["description"] for item in next(item for item in chats if item["id"] == chat)["commands"]]


async def register(client: Client, description: str, **where: Any) -> None:
    commands = [{"command": "start", "description": description}]
    await client.result("setMyCommands", commands=commands, **where)


async def test_a_person_is_offered_the_narrowest_commands_in_their_language(client: Client) -> None:
    assert await offered(client, ADA) == []
    await register(client, "default")
    await register(client, "por defecto", language_code="es")
    await register(client, "private", scope={"type": "all_private_chats"})
    assert await offered(client, ADA) == ["private"]
    assert await offered(client, BLAS) == ["private"], "a narrower scope goes before the language"
    await register(client, "privado", scope={"type": "all_private_chats"}, language_code="es")
    await client.say("/start")
    await register(client, "for the owner", scope={"type": "chat", "chat_id": ADA})
    assert [await offered(client, person) for person in (ADA, BLAS, CLEO)] == [
        ["for the owner"],
        ["privado"],
        ["private"],
    ]


async def test_in_a_group_commands_are_offered_by_place_and_role(client: Client) -> None:
    await register(client, "default")
    assert await offered(client, ADA, GROUP) == ["default"]
    await register(client, "groups", scope={"type": "all_group_chats"})
    await register(client, "all administrators", scope={"type": "all_chat_administrators"})
    await register(client, "here", scope={"type": "chat", "chat_id": GROUP})
    assert [await offered(client, person, GROUP) for person in (ADA, BLAS)] == [["here"], ["here"]]
    await register(client, "administrators", scope={"type": "chat_administrators", "chat_id": GROUP})
    await register(client, "Cleo", scope={"type": "chat_member", "chat_id": GROUP, "user_id": CLEO})
    assert [await offered(client, person, GROUP) for person in (ADA, BLAS, CLEO)] == [
        ["administrators"],
        ["here"],
        ["Cleo"],
    ]
    await client.result("deleteMyCommands", scope={"type": "chat", "chat_id": GROUP})
    assert await offered(client, BLAS, GROUP) == ["groups"]
    chats = await client.get(f"/people/{BLAS}/chats")
    assert next(chat for chat in chats if chat["id"] == GROUP)["commands"][0]["bot"] == "magpie_sim_bot"
    assert await offered(client, BLAS, CHANNEL) == []


@pytest.mark.parametrize("code", ["ES", "spa", "es-ES", "e"])
async def test_a_language_has_two_letters(client: Client, code: str) -> None:
    commands = [{"command": "start", "description": "x"}]
    refusal = await client.refusal("setMyCommands", commands=commands, language_code=code)
    assert refusal == "Bad Request: invalid language code specified"


async def test_commands_for_a_chat_need_the_chat(client: Client) -> None:
    commands = [{"command": "start", "description": "x"}]
    scope: JsonObject = {"type": "chat", "chat_id": -100999}
    refusal = await client.refusal("setMyCommands", commands=commands, scope=scope)
    assert refusal == "Bad Request: chat not found"
