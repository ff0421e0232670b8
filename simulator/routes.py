"""The JSON interface over HTTP and the chat page's event stream. The contract is in docs/simulator.md."""

import asyncio
from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import (
    APIRouter,
    Depends,
    File,
    Form,
    HTTPException,
    Query,
    UploadFile,
    WebSocket,
    WebSocketDisconnect,
)
from fastapi.responses import FileResponse
from starlette.requests import HTTPConnection

from simulator.accounts import Bot, Channel, Member, Person
from simulator.entities.found import find_entities
from simulator.errors import ApiError
from simulator.events import Event
from simulator.faults import Fault
from simulator.files import PAGE_KEY, StoredFile, read_file_id
from simulator.forms import (
    Block,
    Deletion,
    NewBot,
    NewChannel,
    NewFault,
    NewMember,
    NewPerson,
    Press,
    Text,
    Wait,
)
from simulator.media import Upload
from simulator.people import People
from simulator.record import Record
from simulator.world import World

JsonObject = dict[str, Any]
FileKind = Literal["document", "photo", "video", "audio", "animation"]
MOST_SHOWN = 1000
router = APIRouter(prefix="/api")


async def the_world(connection: HTTPConnection) -> World:
    world: World = connection.app.state.world
    return world


async def the_people(world: Annotated[World, Depends(the_world)]) -> People:
    return People(world)


TheWorld = Annotated[World, Depends(the_world)]
ThePeople = Annotated[People, Depends(the_people)]


# --- who there is


@router.get("/people")
async def list_people(world: TheWorld) -> list[Person]:
    return world.accounts.people()


@router.post("/people")
async def add_person(new: NewPerson, world: TheWorld) -> Person:
    with world.change():
        return world.accounts.add_person(new.first_name, new.username, new.language_code)


@router.get("/bots")
async def list_bots(world: TheWorld) -> list[Bot]:
    return world.accounts.bots()


@router.post("/bots")
async def add_bot(new: NewBot, world: TheWorld) -> Bot:
    if world.accounts.bot(int(new.token.partition(":")[0])):
        raise HTTPException(409, "there is a bot with this id")
    with world.change():
        return world.accounts.add_bot(new.token, new.first_name, new.username)


@router.get("/channels")
async def list_channels(world: TheWorld) -> list[Channel]:
    return world.accounts.channels()


@router.post("/channels")
async def add_channel(new: NewChannel, world: TheWorld, people: ThePeople) -> Channel:
    people.person(new.owner)
    with world.change():
        return world.accounts.add_channel(new.title, new.username, new.owner)


@router.post("/channels/{channel}/members")
async def set_member(channel: int, new: NewMember, world: TheWorld) -> JsonObject:
    """Adds, promotes, demotes or removes a user, as the person `by` (default: the user)."""
    if not world.accounts.channel(channel):
        raise HTTPException(404, "no such channel")
    if not world.accounts.person(new.user) and not world.accounts.bot(new.user):
        raise HTTPException(404, "no such user")
    member = Member(new.user, new.status, frozenset(new.rights))
    with world.change():
        world.set_member(channel, member, new.by or new.user)
    return world.view.member(member)


# --- what a person does


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
async def send_text(person: int, chat: int, said: Text, people: ThePeople) -> JsonObject:
    entities = find_entities(said.text, [])
    content = {"text": said.text} | ({"entities": entities} if entities else {})
    return people.say(person, chat, content, said.reply_to)


@router.post("/people/{person}/chats/{chat}/file")
async def send_file(
    person: int,
    chat: int,
    people: ThePeople,
    file: Annotated[UploadFile, File()],
    caption: Annotated[str, Form(max_length=1024)] = "",
    kind: Annotated[FileKind, Form()] = "document",
) -> JsonObject:
    upload = Upload(file.file, file.filename or "file", file.size or 0)
    try:
        return await people.send_file(person, chat, upload, kind, caption)
    except ApiError as error:
        raise HTTPException(400, error.description) from error


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
        world.set_blocked(bot, person, blocked=blocking.blocked)
    return {"blocked": blocking.blocked}


# --- what a page needs


@router.websocket("/people/{person}/events")
async def events(socket: WebSocket, person: int, world: TheWorld) -> None:
    """Pushes what happens in the person's chats until either side ends."""
    await socket.accept()
    with world.hub.subscribe(person) as queue:
        async with asyncio.TaskGroup() as group:
            pushing = group.create_task(push(socket, queue))
            await until_gone(socket)
            pushing.cancel()


async def push(socket: WebSocket, queue: asyncio.Queue[Event | None]) -> None:
    with suppress(WebSocketDisconnect):
        while event := await queue.get():
            await socket.send_json(event)
        await socket.close()


async def until_gone(socket: WebSocket) -> None:
    """A page says nothing; whatever comes is read only to learn of its end."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


@router.get("/files/{file_id}")
async def read_file(file_id: str, world: TheWorld) -> FileResponse:
    """The bytes, with ranges; named by the page's file id or by any bot's."""
    file = find_file(world, file_id)
    if file is None:
        raise HTTPException(404, "no such file")
    return FileResponse(
        world.files.place(file.blob),
        media_type=file.mime_type,
        filename=file.name,
        content_disposition_type="inline",
        headers={"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"},
    )


def find_file(world: World, file_id: str) -> StoredFile | None:
    for key in [PAGE_KEY, *(bot.token for bot in world.accounts.bots())]:
        try:
            return world.files.get(read_file_id(key, file_id))
        except LookupError:
            continue
        except ApiError:
            return None
    return None


# --- what a test needs


@router.get("/record")
async def record(world: TheWorld, chat: int | None = None, after: int = 0) -> list[JsonObject]:
    """Every call of a bot so far, oldest first."""
    return Record(world.db).calls(chat, after)


@router.get("/faults")
async def list_faults(world: TheWorld) -> list[JsonObject]:
    return world.faults.listed()


@router.post("/faults")
async def add_fault(new: NewFault, world: TheWorld) -> list[JsonObject]:
    world.faults.add(Fault(**new.model_dump()))
    world.signal.notify()
    return world.faults.listed()


@router.delete("/faults")
async def clear_faults(world: TheWorld) -> list[JsonObject]:
    world.faults.clear()
    return world.faults.listed()
