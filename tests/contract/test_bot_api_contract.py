"""Generated from the reduced description of the Bot API: every method, every parameter of it, every reply."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from simulator.contract import FILE, Field, load
from simulator.contract.reduce import reduce, written
from simulator.methods import METHOD_NAMES
from simulator.parameters import WITHOUT_EFFECT, is_imitated, typed
from simulator.world import Settings, World
from tests.contract.simulator_client import (
    ADA,
    BLAS,
    BOT,
    CHANNEL,
    TOKEN,
    Client,
    JsonObject,
    client_of,
    gif,
    in_process,
    jpeg,
    mp4,
    wav,
)

pytestmark = pytest.mark.xdist_group("bot-api-contract")
CONTRACT = load()
FULL = Path("../shared/telegram/bot-api.json")
KINDS = {
    "photo": ("a.jpg", jpeg()),
    "video": ("a.mp4", mp4()),
    "audio": ("a.wav", wav()),
    "document": ("a.bin", b"bytes"),
    "animation": ("a.gif", gif()),
}
WANTED = {
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "inline_query",
    "chosen_inline_result",
    "my_chat_member",
    "chat_member",
}
PLAIN = {"Integer", "Float", "String", "Boolean", "InputFile"}
TYPES = json.loads(FILE.read_text())["types"]
VALUES = {"allowed_updates": sorted(WANTED)}
"""Where any other value would change what later tests see."""
ABOUT_FILES = {"duration", "width", "height", "performer", "title", "start_timestamp"}
"""What is said of a file that is uploaded."""


def fields(*, required: bool | None = None, imitated: bool | None = None) -> list[Any]:
    """(method, field) of every method, as pytest's parameters."""
    return [
        pytest.param(method.name, field, id=f"{method.name}-{field.name}")
        for method in CONTRACT.methods.values()
        for field in method.fields
        if required in (None, field.required) and imitated in (None, is_imitated(method, field.name))
    ]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all tests here: a refused call must change nothing in it."""
    world = World(Settings(tmp_path_factory.mktemp("simulator"), flood="off"))
    yield world
    world.close()


@pytest.fixture(scope="module")
def file_ids(world: World) -> dict[str, str]:
    """A file id of each kind."""
    return asyncio.run(upload_each_kind(world))


async def upload_each_kind(world: World) -> dict[str, str]:
    async with client_of(world) as client:
        await client.say("/start")
        ids = {}
        for kind, file in KINDS.items():
            message = await client.result(f"send{kind.capitalize()}", {kind: file}, chat_id=str(ADA))
            media = message[kind]
            ids[kind] = (media[-1] if isinstance(media, list) else media)["file_id"]
        return ids


@pytest.fixture
async def client(world: World) -> AsyncIterator[Client]:
    async with client_of(world) as client:
        yield client


class Valid:
    """Parameters with which each method succeeds; what they need is made anew each time."""

    numbers = count()

    def __init__(self, client: Client, file_ids: dict[str, str]) -> None:
        self.client = client
        self.file_ids = file_ids

    async def of(self, method: str) -> JsonObject:
        maker = getattr(self, method, None)
        if maker:
            made: JsonObject = await maker()
            return made
        kind = method.removeprefix("send").lower()
        if kind in self.file_ids:
            return {"chat_id": ADA, kind: self.file_ids[kind]}
        return (
            {"chat_id": CHANNEL}
            if any(f.name == "chat_id" for f in CONTRACT.methods[method.lower()].fields)
            else {}
        )

    async def message_id(self) -> int:
        return int((await self.client.result("sendMessage", chat_id=ADA, text="something"))["message_id"])

    async def getUpdates(self) -> JsonObject:  # noqa: N802  named after the methods
        """With something to get, so that it does not wait."""
        await self.client.say("hello")
        return {}

    async def setMyCommands(self) -> JsonObject:  # noqa: N802
        return {"commands": [{"command": "start", "description": "Start"}]}

    async def sendMessage(self) -> JsonObject:  # noqa: N802
        return {"chat_id": ADA, "text": "hello"}

    async def sendMediaGroup(self) -> JsonObject:  # noqa: N802
        return {"chat_id": ADA, "media": [{"type": "photo", "media": self.file_ids["photo"]}] * 2}

    async def sendChatAction(self) -> JsonObject:  # noqa: N802
        return {"chat_id": ADA, "action": "typing"}

    async def answerCallbackQuery(self) -> JsonObject:  # noqa: N802
        press = {"message_id": await self.message_id(), "data": "x", "timeout": 0}
        await self.client.post(f"/people/{ADA}/chats/{BOT}/press", **press)
        updates = await self.client.result("getUpdates", offset=-1)
        return {"callback_query_id": updates[-1]["callback_query"]["id"]}

    async def answerInlineQuery(self) -> JsonObject:  # noqa: N802
        article = {
            "type": "article",
            "id": "1",
            "title": "One",
            "input_message_content": {"message_text": "one"},
        }
        # each another one: what was asked before is answered by the cache
        words = f"x{next(self.numbers)}"
        asked = await self.client.post(f"/people/{ADA}/chats/{BOT}/inline", bot=BOT, query=words, timeout=0)
        return {"inline_query_id": asked["query_id"], "results": [article], "cache_time": 0}

    async def getFile(self) -> JsonObject:  # noqa: N802
        return {"file_id": self.file_ids["document"]}

    async def forwardMessage(self) -> JsonObject:  # noqa: N802
        return {"chat_id": CHANNEL, "from_chat_id": ADA, "message_id": await self.message_id()}

    async def copyMessage(self) -> JsonObject:  # noqa: N802
        """With a caption of its own, to which other parameters belong."""
        video = await self.client.result("sendVideo", chat_id=ADA, video=self.file_ids["video"])
        return await self.forwardMessage() | {"message_id": video["message_id"], "caption": "another"}

    async def copyMessages(self) -> JsonObject:  # noqa: N802
        return {"chat_id": CHANNEL, "from_chat_id": ADA, "message_ids": [await self.message_id()]}

    forwardMessages = copyMessages  # noqa: N815

    async def editMessageText(self) -> JsonObject:  # noqa: N802
        return {"chat_id": ADA, "message_id": await self.message_id(), "text": "something else"}

    async def editMessageCaption(self) -> JsonObject:  # noqa: N802
        document = self.file_ids["document"]
        message = await self.client.result("sendDocument", chat_id=ADA, document=document)
        return {"chat_id": ADA, "message_id": message["message_id"], "caption": "a caption"}

    async def editMessageMedia(self) -> JsonObject:  # noqa: N802
        media = {"type": "video", "media": self.file_ids["video"]}
        return {"chat_id": ADA, "message_id": await self.message_id(), "media": media}

    async def editMessageReplyMarkup(self) -> JsonObject:  # noqa: N802
        keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
        return {"chat_id": ADA, "message_id": await self.message_id(), "reply_markup": keyboard}

    async def deleteMessage(self) -> JsonObject:  # noqa: N802
        return {"chat_id": ADA, "message_id": await self.message_id()}

    async def deleteMessages(self) -> JsonObject:  # noqa: N802
        return {"chat_id": ADA, "message_ids": [await self.message_id()]}

    async def getChatMember(self) -> JsonObject:  # noqa: N802
        return {"chat_id": CHANNEL, "user_id": ADA}

    async def leaveChat(self) -> JsonObject:  # noqa: N802
        channel = await self.client.post("/channels", title="To leave", owner=ADA)
        await self.client.new_bot_right(channel["id"], "administrator")
        return {"chat_id": channel["id"]}


@pytest.fixture
def valid(client: Client, file_ids: dict[str, str]) -> Valid:
    return Valid(client, file_ids)


class Noting(dict[str, Any]):
    """Parameters that note which of them are asked for."""

    def __init__(self, parameters: JsonObject, noted: set[str]) -> None:
        super().__init__(parameters)
        self._noted = noted

    def __getitem__(self, name: str) -> Any:
        self._noted.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: object = None) -> Any:
        self._noted.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self._noted.add(str(name))
        return super().__contains__(name)


def filled(kind: str) -> Any:
    """A value of the type, an object with what it must have and what is plain in it."""
    if kind.startswith("Array of "):
        return [filled(kind.removeprefix("Array of "))]
    if kind in PLAIN:
        return {"Integer": 1, "Float": 1.5, "Boolean": True}.get(kind, "x")
    if "subtypes" in TYPES[kind]:
        return filled(TYPES[kind]["subtypes"][0])
    fields = TYPES[kind]["fields"]
    return {f["name"]: filled(f["types"][0]) for f in fields if f["required"] or f["types"][0] in PLAIN}


def wrong_values(field: Field) -> list[object]:
    """Values that are of none of the field's types, in whatever form they come."""
    if "String" in field.types or "InputFile" in field.types:
        return [{"an": "object"}, ["an array"]]
    if PLAIN.issuperset(field.types):
        return ["no such value", {"an": "object"}]
    return [
        "{no JSON",
        5,
        [5] if field.types[0].startswith("Array of ") and field.types != ("Array of Integer",) else "x",
    ]


def test_the_simulator_has_exactly_the_methods_of_the_reduced_file() -> None:
    assert {method.name for method in CONTRACT.methods.values()} == set(METHOD_NAMES)


@pytest.mark.skipif(not FULL.exists(), reason="the full description of the Bot API is not on this machine")
def test_the_reduced_file_is_what_reducing_gives() -> None:
    assert FILE.read_text() == written(reduce(json.loads(FULL.read_text()), METHOD_NAMES))


@pytest.mark.parametrize("method", METHOD_NAMES)
async def test_a_reply_is_what_the_contract_says(method: str, client: Client, valid: Valid) -> None:
    result = await client.result(method, **await valid.of(method))
    returns = CONTRACT.methods[method.lower()].returns
    assert CONTRACT.problem(returns, result, "result", strict=True) is None


@pytest.mark.parametrize("method", METHOD_NAMES)
async def test_an_unknown_parameter_is_ignored(method: str, client: Client, valid: Valid) -> None:
    parameters = await valid.of(method)
    answer = await client.ask(method, **parameters, no_such_parameter="x")
    assert answer["ok"], answer


@pytest.mark.parametrize(("method", "field"), fields(required=True))
async def test_a_missing_parameter_is_refused(
    method: str, field: Field, client: Client, valid: Valid
) -> None:
    parameters = await valid.of(method)
    del parameters[field.name]
    answer = await client.ask(method, **parameters)
    assert answer["error_code"] == 400
    assert answer["description"].startswith("Bad Request: ")


@pytest.mark.parametrize(("method", "field"), fields())
async def test_a_parameter_of_a_wrong_type_is_refused(
    method: str, field: Field, world: World, client: Client, valid: Valid
) -> None:
    parameters = await valid.of(method)
    before = world.db.value("SELECT value FROM counters WHERE name = 'version'")
    for wrong in wrong_values(field):
        answer = await client.ask(method, **(parameters | {field.name: wrong}))
        assert answer.get("error_code") == 400, (wrong, answer)
        assert answer["description"].startswith("Bad Request: ")
    assert world.db.value("SELECT value FROM counters WHERE name = 'version'") == before


@pytest.mark.parametrize(("method", "field"), fields(imitated=False))
async def test_a_parameter_that_is_not_imitated_is_refused_loudly(
    method: str, field: Field, client: Client, valid: Valid
) -> None:
    values = [filled(field.types[0])] if PLAIN.issuperset(field.types) else [filled(field.types[0]), {}]
    for value in values:
        answer = await client.ask(method, **(await valid.of(method) | {field.name: value}))
        assert answer.get("error_code") == 501, (value, answer)
        assert answer["description"].endswith(f"the simulator does not have the parameter {field.name}")


@pytest.mark.parametrize(("method", "field"), fields(imitated=True))
async def test_every_other_parameter_is_heeded(
    method: str, field: Field, client: Client, valid: Valid, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The method asks for it, whatever it does with it then: one that nobody asks for would be ignored in silence."""
    parameters, files = await valid.of(method), {}
    if not field.required:
        parameters[field.name] = VALUES.get(field.name, filled(field.types[0]))
    if field.name in ABOUT_FILES:
        kind = method.removeprefix("send").lower()
        files = {kind: KINDS[kind]}
        del parameters[kind]
    heeded = set(WITHOUT_EFFECT)
    monkeypatch.setattr("simulator.bot_api.typed", lambda *given: Noting(typed(*given), heeded))
    answer = await client.ask(method, files, **parameters)
    assert field.name in heeded, answer


async def test_a_parameter_that_says_no_is_not_refused(client: Client, valid: Valid) -> None:
    nothing = {"allow_paid_broadcast": False, "direct_messages_topic_id": 0}
    await client.result("sendMessage", **(await valid.of("sendMessage") | nothing))


async def test_every_kind_of_update_is_what_the_contract_says(tmp_path: Path) -> None:
    async with in_process(tmp_path) as client:
        client.world.updates.set_allowed(BOT, sorted(WANTED))
        await happen(client)
        updates = client.world.updates.waiting(BOT, 100)
    kinds = {kind for update in updates for kind in update if kind != "update_id"}
    assert kinds == WANTED
    assert CONTRACT.problem(("Array of Update",), updates, "updates", strict=True) is None


async def happen(client: Client) -> None:
    """Something of every kind, in private, in the channel, in a group and in the topics of a forum."""
    chat, channel = f"/people/{ADA}/chats/{BOT}", f"/people/{ADA}/chats/{CHANNEL}"
    said = await client.say("/start")
    await client.post(f"{chat}/edit", message_id=said["message_id"], text="/start again")
    post = await client.say("a post", chat=CHANNEL)
    await client.post(f"{channel}/edit", message_id=post["message_id"], text="another")
    await client.post(f"{chat}/forward", from_chat=CHANNEL, message_ids=[post["message_id"]])
    await client.post(f"{chat}/press", message_id=1, data="x", timeout=0)
    await client.post(f"{chat}/press", message_id=99, data="x", timeout=0)
    await choose_a_result(client)
    for kind in ("group", "supergroup"):
        wish = {"title": "G", "kind": kind, "owner": ADA, "members": [BLAS, BOT]}
        group = (await client.post("/groups", **wish, is_forum=kind == "supergroup"))["id"]
        for status in ("administrator", "restricted", "member", "kicked"):
            await client.post(f"/chats/{group}/members", user=BLAS, status=status, by=ADA)
        await client.say(f"@{(await client.result('getMe'))['username']}", chat=group)
    topic = await client.post(f"/chats/{group}/topics", name="T", by=ADA)
    await client.say("/help", chat=group, thread=topic["message_thread_id"])
    await client.post(f"/chats/{group}/topics/{topic['message_thread_id']}", closed=True, by=ADA)
    basic = (await client.post("/groups", title="B", kind="group", owner=ADA, members=[BOT]))["id"]
    await client.post(f"/chats/{basic}/upgrade", by=ADA)
    await client.post(f"/channels/{CHANNEL}/members", user=BLAS, status="left")
    await client.post(f"/people/{ADA}/block", bot=BOT, blocked=True)


async def choose_a_result(client: Client) -> None:
    keys = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    result = {"type": "article", "id": "1", "title": "One", "reply_markup": keys}
    result["input_message_content"] = {"message_text": "one"}
    where = f"/people/{ADA}/chats/{CHANNEL}"
    asked = await client.post(f"{where}/inline", bot=BOT, query="x", timeout=0)
    await client.result("answerInlineQuery", inline_query_id=asked["query_id"], results=[result])
    message = await client.post(f"{where}/inline/choose", query_id=asked["query_id"], result_id="1")
    await client.post(f"{where}/press", message_id=message["message_id"], label="Go", timeout=0)


@pytest.mark.parametrize("name", sorted(CONTRACT.other_methods.values()))
async def test_a_method_that_is_not_imitated_says_so(name: str, client: Client) -> None:
    answer = await client.ask(name)
    assert answer["error_code"] == 501
    assert answer["description"] == f"Not Implemented: the simulator does not have {name}"


async def test_a_method_that_telegram_does_not_have_is_not_found(client: Client) -> None:
    answer = await client.ask("sendMagic")
    assert (answer["error_code"], answer["description"]) == (404, "Not Found")


async def test_a_token_that_nobody_has_is_unauthorized(client: Client) -> None:
    answer = await client.ask("getMe", token=f"1{TOKEN}")
    assert (answer["error_code"], answer["description"]) == (401, "Unauthorized")


async def test_what_is_no_token_is_not_found(client: Client) -> None:
    answer = await client.ask("getMe", token="hello")
    assert (answer["error_code"], answer["description"]) == (404, "Not Found")


async def test_the_names_of_methods_may_be_written_in_any_case(client: Client) -> None:
    assert (await client.result("GETme"))["id"] == BOT


async def test_an_answer_that_breaks_the_contract_is_a_loud_error_and_changes_nothing(tmp_path: Path) -> None:
    async with in_process(tmp_path) as client:
        await client.say("/start")
        number = (await client.result("sendMessage", chat_id=ADA, text="x"))["message_id"]
        client.world.db.run(
            "UPDATE messages SET content = ? WHERE message_id = ?", '{"text":"x","bogus":1}', number
        )
        edit = {"chat_id": ADA, "message_id": number, "text": "y"}
        answer = await client.ask("editMessageText", **edit)
        assert answer["error_code"] == 500
        assert "breaks the contract: result (Message) has no field 'bogus'" in answer["description"]
        assert (await client.history())[-1]["text"] == "x"


@pytest.mark.parametrize(
    ("types", "value", "problem"),
    [
        (("Integer",), True, 'Field "it" must be of type Integer'),
        (("Boolean",), 1, 'Field "it" must be of type Boolean'),
        (("String",), 1, 'Field "it" must be of type String'),
        (("Array of Integer",), [1, "2"], 'Field "it[1]" must be of type Integer'),
        (("MessageId",), {}, 'Can\'t find field "message_id" in it (MessageId)'),
        (("MessageId",), {"message_id": 1, "more": 2}, "it (MessageId) has no field 'more'"),
        (("MessageId",), [], 'Field "it" must be of type Object'),
        (("Chat",), {"id": 1, "type": 5}, 'Field "it.type" must be of type String'),
    ],
)
def test_the_contract_finds_what_is_wrong(types: tuple[str, ...], value: object, problem: str) -> None:
    assert CONTRACT.problem(types, value, "it", strict=True) == problem
