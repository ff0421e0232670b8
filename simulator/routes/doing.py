"""The JSON interface: what a person does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, HTTPException, Query, UploadFile

from simulator.errors import ApiError
from simulator.forms import Block, Choice, Deletion, Edit, Forward, Place, Press, Start, Text, Wait
from simulator.forms import Query as InlineQuery
from simulator.media import Upload
from simulator.members import Members
from simulator.routes.given import JsonObject, ThePeople, TheSpeech, TheWorld

FileKind = Literal["document", "photo", "video", "audio", "animation"]
MOST_SHOWN = 1000
MOST_FILES = 10

router = APIRouter()


@router.get("/people/{person}/chats")
async def list_chats(person: int, people: ThePeople) -> list[JsonObject]:
    return people.chats(person)


@router.get("/people/{person}/chats/{chat}/messages")
async def list_messages(
    person: int,
    chat: int,
    people: ThePeople,
    after: int = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_SHOWN)] = 200,
) -> list[JsonObject]:
    """The messages with ids above `after`, oldest first; they count as read from now on."""
    return people.history(person, chat, after, limit)


@router.post("/people/{person}/chats/{chat}/text")
async def send_text(person: int, chat: int, said: Text, speech: TheSpeech) -> JsonObject:
    with refusals():
        return speech.say(person, chat, said)


@router.post("/people/{person}/chats/{chat}/start")
async def start(person: int, chat: int, link: Start, speech: TheSpeech) -> JsonObject:
    """What an app does with a deep link: `/start` with the link's payload."""
    return speech.say(person, chat, Text(text=f"/start {link.payload}".strip()))


@router.post("/people/{person}/chats/{chat}/edit")
async def edit_text(person: int, chat: int, edit: Edit, speech: TheSpeech) -> JsonObject:
    return speech.edit(person, chat, edit)


@router.post("/people/{person}/chats/{chat}/file")
async def send_file(
    person: int,
    chat: int,
    speech: TheSpeech,
    file: Annotated[UploadFile, File()],
    caption: Annotated[str, Form(max_length=1024)] = "",
    kind: Annotated[FileKind, Form()] = "document",
    reply_to: Annotated[int | None, Form()] = None,
    thread: Annotated[int | None, Form()] = None,
) -> JsonObject:
    place = Place(reply_to=reply_to, thread=thread)
    with refusals():
        return (await speech.send_files(person, chat, [(upload(file), kind)], caption, place))[0]


@router.post("/people/{person}/chats/{chat}/album")
async def send_album(
    person: int,
    chat: int,
    speech: TheSpeech,
    files: Annotated[list[UploadFile], File(min_length=2, max_length=MOST_FILES)],
    kinds: Annotated[list[FileKind], Form()],
    caption: Annotated[str, Form(max_length=1024)] = "",
    reply_to: Annotated[int | None, Form()] = None,
    thread: Annotated[int | None, Form()] = None,
) -> list[JsonObject]:
    """Several files as one album; each of its kind, or all of the one that is given."""
    if len(kinds) not in (1, len(files)):
        raise HTTPException(400, "a kind for each file, or one for all")
    each = kinds if len(kinds) > 1 else kinds * len(files)
    pairs = [(upload(file), kind) for file, kind in zip(files, each, strict=True)]
    place = Place(reply_to=reply_to, thread=thread)
    with refusals():
        return await speech.send_files(person, chat, pairs, caption, place)


def upload(file: UploadFile) -> Upload:
    return Upload(file.file, file.filename or "file", file.size or 0)


@contextmanager
def refusals() -> Iterator[None]:
    """What Telegram refuses a bot, it refuses a person's app, in the same words."""
    try:
        yield
    except ApiError as error:
        raise HTTPException(400, error.description) from error


@router.post("/people/{person}/chats/{chat}/forward")
async def forward(person: int, chat: int, wanted: Forward, speech: TheSpeech) -> list[JsonObject]:
    with refusals():
        return speech.forward(person, chat, wanted)


@router.post("/people/{person}/chats/{chat}/inline")
async def ask_inline(person: int, chat: int, query: InlineQuery, speech: TheSpeech) -> JsonObject:
    return await speech.ask(person, chat, query)


@router.post("/people/{person}/chats/{chat}/inline/choose")
async def choose_inline(person: int, chat: int, choice: Choice, speech: TheSpeech) -> JsonObject:
    return speech.choose(person, chat, choice)


@router.post("/people/{person}/chats/{chat}/press")
async def press(person: int, chat: int, pressed: Press, people: ThePeople) -> JsonObject:
    return await people.press(person, chat, pressed)


@router.post("/people/{person}/chats/{chat}/delete")
async def delete(person: int, chat: int, deletion: Deletion, people: ThePeople) -> JsonObject:
    people.delete(person, chat, deletion)
    return {"deleted": True}


@router.post("/people/{person}/wait")
async def wait(person: int, wanted: Wait, people: ThePeople) -> JsonObject:
    return await people.wait(person, wanted)


@router.post("/people/{person}/block")
async def block(person: int, blocking: Block, world: TheWorld, people: ThePeople) -> JsonObject:
    people.person(person)
    bot = world.accounts.bot(blocking.bot)
    if bot is None:
        raise HTTPException(404, "no such bot")
    with world.change():
        Members(world).set_blocked(bot, person, blocked=blocking.blocked)
    return {"blocked": blocking.blocked}
