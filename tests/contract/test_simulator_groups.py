"""Groups, their topics and members, and which bot hears what, as Telegram does it. Each rule stands in docs/simulator.md."""

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
    CLEO,
    FILMS,
    GROUP,
    Client,
    Clock,
    JsonObject,
    in_process,
    jpeg,
)

OTHER_TOKEN = "7000000002:AAE_another_token_for_local_use_00"
OTHER = 7000000002
NAME = "@magpie_sim_bot"
UPGRADED = "Bad Request: group chat was upgraded to a supergroup chat"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(tmp_path: Path, clock: Clock) -> AsyncIterator[Client]:
    async with in_process(tmp_path, clock=clock) as client:
        yield client


async def place(client: Client, user: int, status: str, chat: int = GROUP, **more: Any) -> JsonObject:
    body = {"user": user, "status": status, "by": ADA} | more
    member: JsonObject = await client.post(f"/chats/{chat}/members", **body)
    return member


async def new_group(client: Client, kind: str = "supergroup", **more: Any) -> int:
    body = {"title": "A group", "kind": kind, "owner": ADA, "members": [BLAS, BOT]} | more
    return int((await client.post("/groups", **body))["id"])


async def sent(client: Client, chat_id: int = GROUP, text: str = "hello", **more: Any) -> JsonObject:
    message: JsonObject = await client.result("sendMessage", chat_id=chat_id, text=text, **more)
    return message


class Ears:
    """What waits for a bot since this was last asked; without getUpdates, which brakes who asks often."""

    def __init__(self, client: Client, bot: int = BOT) -> None:
        self._queue = client.world.updates
        self._bot = bot
        self._queue.set_allowed(bot, ["message", "edited_message", "my_chat_member", "chat_member"])

    async def updates(self) -> list[JsonObject]:
        found = self._queue.waiting(self._bot, 100)
        self._queue.clear(self._bot)
        return found

    async def kinds(self) -> list[str]:
        return [next(name for name in update if name != "update_id") for update in await self.updates()]

    async def texts(self) -> list[str]:
        return [update["message"].get("text", "") for update in await self.updates() if "message" in update]


@pytest.fixture
def ears(client: Client) -> Ears:
    return Ears(client)


async def other_bot(client: Client) -> Ears:
    """A second bot, in the group."""
    await client.post("/bots", token=OTHER_TOKEN, first_name="Other", username="other_bot")
    await place(client, OTHER, "member")
    other = Ears(client, OTHER)
    await other.updates()
    return other


# --- the group that is there


async def test_the_sample_group_is_a_forum_of_three_people_and_the_bot(client: Client) -> None:
    about = await client.get(f"/chats/{GROUP}")
    members = {item["user"]["id"]: item["status"] for item in about["members"]}
    assert members == {ADA: "creator", BLAS: "member", CLEO: "member", BOT: "member"}
    assert [(topic["message_thread_id"], topic["name"]) for topic in about["topics"]] == [
        (1, "General"),
        (FILMS, "Films"),
    ]
    chat = await client.result("getChat", chat_id=GROUP)
    assert (chat["type"], chat["title"], chat["is_forum"]) == ("supergroup", "The Nest", True)
    assert chat["permissions"]["can_send_messages"] is True
    shown = next(chat for chat in await client.get(f"/people/{CLEO}/chats") if chat["id"] == GROUP)
    assert (shown["unread"], shown["members"], shown["can_post"]) == (0, 4, True)


async def test_everybody_in_a_group_sees_what_is_said(client: Client) -> None:
    said = await client.say("hi all", person=BLAS, chat=GROUP)
    assert said["from"]["id"] == BLAS
    answer = await sent(client, text="hi Blas")
    for person in (ADA, BLAS, CLEO):
        seen = await client.history(person, GROUP)
        assert [item["message_id"] for item in seen[-2:]] == [said["message_id"], answer["message_id"]]
    assert answer["chat"] == {"id": GROUP, "type": "supergroup", "title": "The Nest", "is_forum": True}


async def test_who_is_not_in_a_group_sees_nothing_of_it(client: Client) -> None:
    await place(client, CLEO, "left")
    for path in ("messages", "text"):
        url = f"/api/people/{CLEO}/chats/{GROUP}/{path}"
        reply = await (
            client.http.get(url) if path == "messages" else client.http.post(url, json={"text": "x"})
        )
        assert reply.status_code == 404


# --- privacy mode


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("just talking", False),
        (f"/search{NAME} birds", True),
        (f"/SEARCH{NAME.upper()}", True),
        ("/search@other_bot birds", False),
        (f"hey {NAME}, look", True),
        ("hey @other_bot, look", False),
        ("mail me@magpie_sim_bot.example", False),
    ],
)
async def test_a_bot_in_privacy_mode_hears_what_is_meant_for_it(
    client: Client, ears: Ears, text: str, heard: bool
) -> None:
    await client.say(text, chat=GROUP)
    assert await ears.texts() == ([text] if heard else [])
    assert (await client.result("getMe"))["can_read_all_group_messages"] is False


async def test_a_reply_to_a_bot_is_heard_by_it_alone(client: Client, ears: Ears) -> None:
    other = await other_bot(client)
    await ears.updates()
    question = (await sent(client, text="which one?"))["message_id"]
    await client.say("the second", chat=GROUP, person=BLAS, reply_to=question)
    await client.say("/status@other_bot", chat=GROUP, reply_to=question)
    (first, second) = await ears.updates()
    assert first["message"]["reply_to_message"]["text"] == "which one?"
    assert second["message"]["text"] == "/status@other_bot", "a reply goes before a command"
    assert await other.texts() == []
    said = await client.say("to a person", chat=GROUP)
    await client.say("answer", chat=GROUP, reply_to=said["message_id"])
    assert await ears.texts() == []


async def test_a_command_for_nobody_is_heard_by_the_bot_that_wrote_last(client: Client, ears: Ears) -> None:
    other = await other_bot(client)
    await ears.updates()
    await client.say("/help", chat=GROUP)
    assert (await ears.texts(), await other.texts()) == (["/help"], ["/help"]), "nobody has written yet"
    await sent(client)
    await client.say("/status", chat=GROUP)
    assert (await ears.texts(), await other.texts()) == (["/status"], [])
    await client.ask("sendMessage", token=OTHER_TOKEN, chat_id=GROUP, text="me now")
    await client.say("/start", chat=GROUP)
    assert (await ears.texts(), await other.texts()) == ([], ["/start"])


async def test_bots_do_not_hear_each_other_in_groups(client: Client, ears: Ears) -> None:
    other = await other_bot(client)
    await ears.updates()
    await sent(client, text="hello @other_bot")
    assert (await ears.texts(), await other.texts()) == ([], [])


@pytest.mark.parametrize("way", ["administrator", "privacy off"])
async def test_administrators_and_bots_without_privacy_hear_everything(
    client: Client, ears: Ears, way: str
) -> None:
    if way == "administrator":
        await place(client, BOT, "administrator")
    else:
        await client.post(f"/bots/{BOT}", privacy=False)
        assert (await client.result("getMe"))["can_read_all_group_messages"] is True
    await ears.updates()
    await client.say("just talking", chat=GROUP)
    assert await ears.texts() == ["just talking"]


async def test_what_happens_in_a_group_is_heard_by_every_bot(client: Client, ears: Ears) -> None:
    await place(client, CLEO, "left")
    await place(client, CLEO, "member")
    (left, joined) = await ears.updates()
    assert left["message"]["left_chat_member"]["id"] == CLEO
    assert [user["id"] for user in joined["message"]["new_chat_members"]] == [CLEO]
    assert joined["message"]["from"]["id"] == ADA


async def test_an_edited_text_is_an_update_of_its_own(client: Client, ears: Ears) -> None:
    said = await client.say(f"/search{NAME} one", chat=GROUP)
    edit = {"message_id": said["message_id"], "text": f"/search{NAME} two"}
    await client.post(f"/people/{ADA}/chats/{GROUP}/edit", **edit)
    (_, edited) = await ears.updates()
    assert edited["edited_message"]["text"].endswith("two")
    assert edited["edited_message"]["edit_date"]
    reply = await client.http.post(f"/api/people/{BLAS}/chats/{GROUP}/edit", json=edit)
    assert reply.status_code == 400, "only one's own"


async def test_an_edited_caption_is_an_update_of_its_own(client: Client, ears: Ears) -> None:
    file = {"file": ("notes.txt", b"notes")}
    path = f"/api/people/{ADA}/chats/{GROUP}/file"
    sent = (await client.http.post(path, data={"caption": f"{NAME} one"}, files=file)).json()
    edit = {"message_id": sent["message_id"], "text": f"{NAME} <two>"}
    await client.post(f"/people/{ADA}/chats/{GROUP}/edit", **edit)
    edited = (await ears.updates())[-1]["edited_message"]
    assert (edited["caption"], edited["document"]["file_name"]) == (f"{NAME} <two>", "notes.txt")


# --- replies, threads, topics


async def test_replies_in_a_supergroup_make_a_thread(client: Client) -> None:
    group = await new_group(client)
    said = await client.say(f"question {NAME}", chat=group)
    assert "message_thread_id" not in said
    answer = await sent(client, group, reply_parameters={"message_id": said["message_id"]})
    assert answer["message_thread_id"] == said["message_id"]
    assert "is_topic_message" not in answer
    again = await client.say("thanks", chat=group, person=BLAS, reply_to=answer["message_id"])
    assert again["message_thread_id"] == said["message_id"]
    dropped = await sent(client, group, message_thread_id=said["message_id"])
    assert "message_thread_id" not in dropped, "outside of forums it changes nothing"


async def test_a_message_stands_in_its_topic(client: Client, ears: Ears) -> None:
    message = await sent(client, message_thread_id=FILMS)
    assert (message["message_thread_id"], message["is_topic_message"]) == (FILMS, True)
    assert message["reply_to_message"]["forum_topic_created"]["name"] == "Films"
    general = await sent(client)
    assert not {"message_thread_id", "is_topic_message", "reply_to_message"} & set(general)
    await client.say(f"/search{NAME}", chat=GROUP, thread=FILMS)
    (update,) = await ears.updates()
    assert update["message"]["message_thread_id"] == FILMS
    assert update["message"]["reply_to_message"]["message_id"] == FILMS
    seen = (await client.history(ADA, GROUP))[-1]
    assert "reply_to_message" not in seen, "people see no reply there"


async def test_a_reply_stands_in_the_topic_of_what_it_answers(client: Client) -> None:
    said = await client.say("hello", chat=GROUP, thread=FILMS)
    answer = await sent(client, reply_parameters={"message_id": said["message_id"]})
    assert answer["message_thread_id"] == FILMS
    assert answer["reply_to_message"]["text"] == "hello"
    missing: JsonObject = {"message_id": 999, "allow_sending_without_reply": True}
    stray = await sent(client, reply_parameters=missing)
    assert "message_thread_id" not in stray


@pytest.mark.parametrize("thread", [1, 99, 3])
async def test_a_topic_that_there_is_not_is_not_found(client: Client, thread: int) -> None:
    refusal = await client.refusal("sendMessage", chat_id=GROUP, text="x", message_thread_id=thread)
    assert refusal == "Bad Request: message thread not found"


async def test_the_general_topic_may_be_typed_to(client: Client) -> None:
    action: JsonObject = {"chat_id": GROUP, "action": "typing"}
    assert await client.result("sendChatAction", **action, message_thread_id=1) is True
    assert await client.result("sendChatAction", **action, message_thread_id=FILMS) is True
    refusal = await client.refusal("sendChatAction", **action, message_thread_id=99)
    assert refusal == "Bad Request: message thread not found"


async def test_a_private_chat_has_no_topics(client: Client) -> None:
    await client.say("/start")
    refusal = await client.refusal("sendMessage", chat_id=ADA, text="x", message_thread_id=1)
    assert refusal == "Bad Request: message thread not found"


async def test_a_reply_into_another_topic_is_not_imitated(client: Client) -> None:
    said = await client.say("general", chat=GROUP)
    reply = {"message_id": said["message_id"]}
    answer = await client.ask(
        "sendMessage", chat_id=GROUP, text="x", message_thread_id=FILMS, reply_parameters=reply
    )
    assert answer["error_code"] == 501
    for more in ({"chat_id": CHANNEL}, {"quote": "gen"}):
        answer = await client.ask("sendMessage", chat_id=GROUP, text="x", reply_parameters=reply | more)
        assert answer["error_code"] == 501


async def test_a_new_topic_is_told_and_may_be_closed_and_deleted(client: Client, ears: Ears) -> None:
    topic = await client.post(f"/chats/{GROUP}/topics", name="Music", by=ADA)
    thread = topic["message_thread_id"]
    (update,) = await ears.updates()
    assert update["message"]["forum_topic_created"]["name"] == "Music"
    assert (update["message"]["message_id"], update["message"]["message_thread_id"]) == (thread, thread)
    message = await sent(client, message_thread_id=thread)

    await client.post(f"/chats/{GROUP}/topics/{thread}", closed=True, by=ADA)
    refusal = await client.refusal("sendMessage", chat_id=GROUP, text="x", message_thread_id=thread)
    assert refusal == "Bad Request: TOPIC_CLOSED"
    reply = await client.http.post(
        f"/api/people/{BLAS}/chats/{GROUP}/text", json={"text": "x", "thread": thread}
    )
    assert reply.status_code == 400
    await place(client, BOT, "administrator", rights=["can_manage_topics"])
    await sent(client, message_thread_id=thread)
    await client.post(f"/chats/{GROUP}/topics/{thread}", closed=False, by=ADA)
    kinds = [set(update.get("message", {})) for update in await ears.updates()]
    assert [name for kind in kinds for name in kind if name.startswith("forum_topic")] == [
        "forum_topic_closed",
        "forum_topic_reopened",
    ]

    await client.http.delete(f"/api/chats/{GROUP}/topics/{thread}")
    refusal = await client.refusal("sendMessage", chat_id=GROUP, text="x", message_thread_id=thread)
    assert refusal == "Bad Request: message thread not found"
    edit = {"chat_id": GROUP, "message_id": message["message_id"], "text": "y"}
    assert await client.refusal("editMessageText", **edit) == "Bad Request: message to edit not found"


# --- members and rights


async def test_a_bot_learns_that_it_was_added_and_removed(client: Client, ears: Ears) -> None:
    group = await new_group(client, members=[])
    await place(client, BOT, "member", group)
    (added, message) = await ears.updates()
    member = added["my_chat_member"]
    assert (member["old_chat_member"]["status"], member["new_chat_member"]["status"]) == ("left", "member")
    assert (member["from"]["id"], member["chat"]["id"]) == (ADA, group)
    assert message["message"]["new_chat_members"][0]["id"] == BOT
    await place(client, BOT, "kicked", group)
    (removed,) = await ears.updates()
    assert removed["my_chat_member"]["new_chat_member"]["status"] == "kicked"


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("supergroup", "kicked", "bot was kicked from the supergroup chat"),
        ("supergroup", "left", "bot is not a member of the supergroup chat"),
        ("group", "kicked", "bot was kicked from the group chat"),
        ("group", "left", "bot is not a member of the group chat"),
    ],
)
async def test_a_group_that_a_bot_is_not_in_is_closed_to_it(
    client: Client, kind: str, status: str, words: str
) -> None:
    group = await new_group(client, kind)
    message = (await sent(client, group))["message_id"]
    await place(client, BOT, status, group)
    place_of: JsonObject = {"chat_id": group, "message_id": message}
    for method, parameters in (
        ("sendMessage", {"chat_id": group, "text": "x"}),
        ("sendChatAction", {"chat_id": group, "action": "typing"}),
        ("editMessageText", place_of | {"text": "x"}),
        ("deleteMessage", place_of),
        ("getChatMember", {"chat_id": group, "user_id": ADA}),
        ("leaveChat", {"chat_id": group}),
    ):
        answer = await client.ask(method, **parameters)
        assert (answer["error_code"], answer["description"]) == (403, f"Forbidden: {words}"), method
    answer = await client.ask("getChat", chat_id=group)
    assert answer["ok"] is (kind == "group"), "a basic group's name stays readable"


async def test_who_leaves_a_basic_group_sees_that(client: Client, ears: Ears) -> None:
    group = await new_group(client, "group")
    await ears.updates()
    await place(client, BOT, "kicked", group)
    (message, member) = await ears.updates()
    assert message["message"]["left_chat_member"]["id"] == BOT
    assert member["my_chat_member"]["new_chat_member"]["status"] == "left", "it forgets whom it threw out"


async def test_a_bot_demoted_in_a_channel_is_not_in_it_any_more(client: Client, ears: Ears) -> None:
    member = await place(client, BOT, "member", CHANNEL)
    assert member["status"] == "left"
    answer = await client.ask("sendMessage", chat_id=CHANNEL, text="x")
    assert (answer["error_code"], answer["description"]) == (
        403,
        "Forbidden: bot is not a member of the channel chat",
    )
    (update,) = await ears.updates()
    assert update["my_chat_member"]["old_chat_member"]["can_post_messages"] is True


async def test_a_public_group_may_be_read_from_outside(client: Client) -> None:
    group = await new_group(client, username="the_public_nest")
    await place(client, BOT, "left", group)
    assert (await client.result("getChat", chat_id="@the_public_nest"))["id"] == group
    refusal = await client.refusal("sendMessage", chat_id="@the_public_nest", text="x")
    assert refusal == "Forbidden: bot is not a member of the supergroup chat"


async def test_a_bot_leaves_by_itself(client: Client, ears: Ears) -> None:
    assert await client.result("leaveChat", chat_id=GROUP) is True
    (update,) = await ears.updates()
    assert update["my_chat_member"]["new_chat_member"]["status"] == "left"
    assert (await client.history(ADA, GROUP))[-1]["left_chat_member"]["id"] == BOT


async def test_members_of_a_group_are_told_apart(client: Client) -> None:
    statuses = {
        user: (await client.result("getChatMember", chat_id=GROUP, user_id=user))["status"]
        for user in (ADA, BLAS, BOT)
    }
    assert statuses == {ADA: "creator", BLAS: "member", BOT: "member"}
    assert await client.result("getChatMemberCount", chat_id=GROUP) == 4
    await place(client, BLAS, "administrator", rights=["can_pin_messages"])
    await place(client, CLEO, "kicked")
    member = await client.result("getChatMember", chat_id=GROUP, user_id=BLAS)
    assert (member["can_pin_messages"], member["can_manage_topics"]) == (True, False)
    assert "can_post_messages" not in member
    administrators = await client.result("getChatAdministrators", chat_id=GROUP)
    assert [item["user"]["id"] for item in administrators] == [ADA, BLAS]
    assert (await client.result("getChatMember", chat_id=GROUP, user_id=CLEO))["status"] == "kicked"


async def test_other_bots_are_no_administrators_to_a_bot(client: Client) -> None:
    await other_bot(client)
    await place(client, OTHER, "administrator")
    administrators = await client.result("getChatAdministrators", chat_id=GROUP)
    assert [item["user"]["id"] for item in administrators] == [ADA]
    everybody = await client.result("getChatAdministrators", chat_id=GROUP, return_bots=True)
    assert [item["user"]["id"] for item in everybody] == [ADA, OTHER]


async def test_changes_of_members_are_told_to_administrators_who_ask(client: Client, ears: Ears) -> None:
    await place(client, CLEO, "administrator")
    assert await ears.kinds() == [], "the bot is none yet"
    await place(client, BOT, "administrator")
    await place(client, CLEO, "member")
    assert await ears.kinds() == ["my_chat_member", "chat_member"]


@pytest.mark.parametrize("way", ["restricted", "permissions"])
async def test_a_bot_may_be_kept_from_sending(client: Client, way: str) -> None:
    group = await new_group(client)
    allowed = ["can_send_messages", "can_send_photos"]
    if way == "restricted":
        member = await place(client, BOT, "restricted", group, rights=allowed)
        assert (member["is_member"], member["can_send_photos"], member["can_send_videos"]) == (
            True,
            True,
            False,
        )
    else:
        await client.post(f"/chats/{group}/permissions", permissions=allowed)
    await sent(client, group)
    await client.result("sendPhoto", {"photo": ("a.jpg", jpeg())}, chat_id=group)
    document = {"document": ("a.bin", b"x")}
    refusal = await client.refusal("sendDocument", document, chat_id=group)
    assert refusal == "Bad Request: not enough rights to send documents to the chat"
    await client.post(f"/chats/{group}/permissions", permissions=["can_send_documents"])
    refusal = await client.refusal("sendMessage", chat_id=group, text="x")
    assert refusal == "Bad Request: not enough rights to send text messages to the chat"
    await place(client, BOT, "administrator", group)
    await sent(client, group)


async def test_a_person_without_the_permission_says_nothing(client: Client) -> None:
    await client.post(f"/chats/{GROUP}/permissions", permissions=[])
    reply = await client.http.post(f"/api/people/{BLAS}/chats/{GROUP}/text", json={"text": "x"})
    assert reply.status_code == 400
    await client.say("the owner may", chat=GROUP)


async def test_a_bot_edits_and_deletes_its_own_in_groups(client: Client, clock: Clock) -> None:
    own = (await sent(client))["message_id"]
    theirs = (await client.say("mine", chat=GROUP))["message_id"]
    await client.result("editMessageText", chat_id=GROUP, message_id=own, text="other")
    edit = {"chat_id": GROUP, "message_id": theirs, "text": "x"}
    assert await client.refusal("editMessageText", **edit) == "Bad Request: message can't be edited"
    refusal = await client.refusal("deleteMessage", chat_id=GROUP, message_id=theirs)
    assert refusal == "Bad Request: message can't be deleted"
    await client.result("deleteMessage", chat_id=GROUP, message_id=own)
    old = (await sent(client))["message_id"]
    clock.now += 49 * 3600
    refusal = await client.refusal("deleteMessage", chat_id=GROUP, message_id=old)
    assert refusal == "Bad Request: message can't be deleted for everyone"
    await place(client, BOT, "administrator", rights=["can_delete_messages"])
    await client.result("deleteMessages", chat_id=GROUP, message_ids=[theirs, old])


async def test_a_person_deletes_their_own_and_an_administrator_everything(client: Client) -> None:
    card = (await sent(client))["message_id"]
    path = f"/people/{BLAS}/chats/{GROUP}/delete"
    assert (await client.http.post(f"/api{path}", json={"message_id": card})).status_code == 400
    await client.post(f"/people/{ADA}/chats/{GROUP}/delete", message_id=card)
    edit = {"chat_id": GROUP, "message_id": card, "text": "x"}
    assert await client.refusal("editMessageText", **edit) == "Bad Request: message to edit not found"
    own = (await client.say("oops", person=BLAS, chat=GROUP))["message_id"]
    await client.post(path, message_id=own)
    assert own not in [item["message_id"] for item in await client.history(ADA, GROUP)]


async def test_a_press_in_a_group_says_who_pressed(client: Client) -> None:
    keys = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    card = await sent(client, message_thread_id=FILMS, reply_markup=keys)
    press = {"message_id": card["message_id"], "label": "Go", "timeout": 0}
    await client.post(f"/people/{BLAS}/chats/{GROUP}/press", **press)
    (update,) = await client.result("getUpdates", offset=-1)
    query = update["callback_query"]
    assert (query["from"]["id"], query["message"]["chat"]["id"]) == (BLAS, GROUP)
    assert query["message"]["message_thread_id"] == FILMS


async def test_a_group_takes_twenty_messages_a_minute(tmp_path: Path) -> None:
    async with in_process(tmp_path, flood="on") as client:
        for number in range(20):
            await sent(client, text=str(number))
        answer = await client.ask("sendMessage", chat_id=GROUP, text="one more")
        assert answer["error_code"] == 429


# --- basic groups and what becomes of them


async def test_a_basic_group_begins_with_its_members(client: Client, ears: Ears) -> None:
    group = await new_group(client, "group")
    assert group > -1_000_000_000_000
    chat = await client.result("getChat", chat_id=group)
    assert (chat["type"], "is_forum" in chat) == ("group", False)
    assert await ears.kinds() == ["my_chat_member", "message"]
    reply = await client.http.post(
        "/api/groups", json={"title": "x", "kind": "group", "owner": ADA, "is_forum": True}
    )
    assert reply.status_code == 400


async def test_a_group_becomes_a_supergroup(client: Client, ears: Ears) -> None:
    group = await new_group(client, "group")
    card = (await sent(client, group))["message_id"]
    await ears.updates()
    supergroup = (await client.post(f"/chats/{group}/upgrade", by=ADA))["id"]
    updates = await ears.updates()
    messages = [update["message"] for update in updates if "message" in update]
    assert [message["chat"]["id"] for message in messages] == [group, supergroup]
    assert messages[0]["migrate_to_chat_id"] == supergroup
    assert messages[1]["migrate_from_chat_id"] == group
    joined = next(update["my_chat_member"] for update in updates if "my_chat_member" in update)
    assert (joined["chat"]["id"], joined["new_chat_member"]["status"]) == (supergroup, "member")

    for method, parameters in (
        ("sendMessage", {"text": "x"}),
        ("editMessageText", {"message_id": card, "text": "x"}),
        ("getChatMember", {"user_id": ADA}),
        ("copyMessage", {"from_chat_id": group, "message_id": card}),
    ):
        answer = await client.ask(method, chat_id=group, **parameters)
        assert (answer["error_code"], answer["description"]) == (400, UPGRADED), method
        assert answer["parameters"] == {"migrate_to_chat_id": supergroup}
    message = await sent(client, supergroup)
    assert message["message_id"] == 2, "a supergroup numbers its messages anew"


async def test_people_go_along_when_a_group_becomes_a_supergroup(client: Client) -> None:
    group = await new_group(client, "group")
    supergroup = (await client.post(f"/chats/{group}/upgrade", by=ADA))["id"]
    members = {
        item["user"]["id"]: item["status"] for item in (await client.get(f"/chats/{supergroup}"))["members"]
    }
    assert members == {ADA: "creator", BLAS: "member", BOT: "member"}
    chats = [chat["id"] for chat in await client.get(f"/people/{BLAS}/chats")]
    assert supergroup in chats
    assert group not in chats
    await client.say("here we are", person=BLAS, chat=supergroup)
    reply = await client.http.post(f"/api/people/{BLAS}/chats/{group}/text", json={"text": "x"})
    assert reply.status_code == 400
    again = await client.http.post(f"/api/chats/{group}/upgrade", json={"by": ADA})
    assert again.status_code == 400


async def test_an_old_message_can_still_be_pressed_after_the_upgrade(client: Client) -> None:
    group = await new_group(client, "group")
    keys = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    card = await sent(client, group, reply_markup=keys)
    await client.post(f"/chats/{group}/upgrade", by=ADA)
    press = {"message_id": card["message_id"], "label": "Go", "timeout": 0}
    await client.post(f"/people/{BLAS}/chats/{group}/press", **press)
    (update,) = await client.result("getUpdates", offset=-1)
    assert update["callback_query"]["message"]["chat"]["id"] == group


# --- the bot's own life


async def test_a_new_token_is_the_same_bot(client: Client) -> None:
    await client.say("/start")
    document = await client.result("sendDocument", {"document": ("a.txt", b"x")}, chat_id=ADA)
    file_id = document["document"]["file_id"]
    new = f"{BOT}:AAE_a_fresh_token_from_the_botfather_0"
    await client.post(f"/bots/{BOT}", token=new)
    answer = await client.ask("getMe")
    assert (answer["error_code"], answer["description"]) == (401, "Unauthorized")
    again = await client.ask("sendDocument", token=new, chat_id=ADA, document=file_id)
    assert again["result"]["document"]["file_id"] == file_id
    reply = await client.http.post(f"/api/bots/{BOT}", json={"token": OTHER_TOKEN})
    assert reply.status_code == 400, "a token begins with the bot's id"


async def test_another_bot_finds_the_posts_by_their_numbers_but_not_by_file_ids(client: Client) -> None:
    post = await client.result("sendDocument", {"document": ("a.txt", b"x")}, chat_id=CHANNEL)
    await client.post("/bots", token=OTHER_TOKEN, first_name="Other", username="other_bot")
    rights = ["can_post_messages", "can_edit_messages"]
    await place(client, OTHER, "administrator", CHANNEL, rights=rights)
    await client.say("/start", chat=OTHER)
    call: JsonObject = {"token": OTHER_TOKEN, "chat_id": ADA}
    refusal = await client.refusal("sendDocument", **call, document=post["document"]["file_id"])
    assert refusal == "Bad Request: wrong file identifier/HTTP URL specified"
    copied = await client.ask("copyMessage", **call, from_chat_id=CHANNEL, message_id=post["message_id"])
    assert copied["ok"]
    edit: JsonObject = {"token": OTHER_TOKEN, "chat_id": CHANNEL, "message_id": post["message_id"]}
    assert (await client.ask("editMessageCaption", **edit, caption="mine now"))["ok"]


async def test_any_refusal_can_be_ordered(client: Client) -> None:
    fault = {"method": "sendMessage", "action": "error", "error_code": 403}
    await client.post("/faults", **fault, description="Forbidden: CHAT_WRITE_FORBIDDEN")
    answer = await client.ask("sendMessage", chat_id=CHANNEL, text="x")
    assert (answer["error_code"], answer["description"]) == (403, "Forbidden: CHAT_WRITE_FORBIDDEN")
    await sent(client, CHANNEL)


async def test_a_person_waits_in_a_topic(client: Client) -> None:
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        wanted = {"chat": GROUP, "thread": FILMS, "contains": "done", "timeout": 20}
        waiting = group.create_task(client.post(f"/people/{BLAS}/wait", **wanted))
        await asyncio.sleep(0)
        await sent(client, text="done in general")
        await sent(client, text="done in films", message_thread_id=FILMS)
    assert waiting.result()["text"] == "done in films"
