"""What a chat page needs: the stream of events, and the bytes of files."""

import asyncio
from contextlib import suppress

from fastapi import APIRouter, HTTPException, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse

from simulator.errors import ApiError
from simulator.events import Event
from simulator.files import PAGE_KEY, StoredFile, read_file_id
from simulator.routes.given import TheWorld
from simulator.world import World

router = APIRouter()


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
    for key in [PAGE_KEY, *(bot.file_key for bot in world.accounts.bots())]:
        try:
            return world.files.get(read_file_id(key, file_id))
        except LookupError:
            continue
        except ApiError:
            return None
    return None
