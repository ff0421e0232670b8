"""Methods that take files in parts, and give them in ranges."""

import asyncio
from pathlib import Path
from typing import Any

from pyrogram.raw import types

from simulator.mtproto import shown
from simulator.mtproto.call import Answer, Call
from simulator.mtproto.refusals import BAD_REQUEST, RpcRefused

_PRECISE_BYTES, _ROUND_BYTES, _MOST_BYTES = 1 << 10, 4 << 10, 1 << 20


async def save_part(call: Call) -> Answer:
    return await _save(call, None)


async def save_big_part(call: Call) -> Answer:
    return await _save(call, call.query.file_total_parts)


async def _save(call: Call, total: int | None) -> bool:
    query = call.query
    await asyncio.to_thread(
        call.place.parts.save, call.bot.id, query.file_id, query.file_part, query.bytes, total
    )
    return True


async def get_file(call: Call) -> Answer:
    query = call.query
    place = query.location
    if not isinstance(place, types.InputDocumentFileLocation) or place.thumb_size:
        raise RpcRefused(BAD_REQUEST, "LOCATION_INVALID")
    stored = call.world.files.get(place.id)
    if stored is None or place.access_hash != shown.access_hash(call.bot, place.id):
        raise RpcRefused(BAD_REQUEST, "FILE_ID_INVALID")
    good = shown.is_good_reference(call.bot, place.id, place.file_reference, call.world.now())
    if not good:
        raise RpcRefused(BAD_REQUEST, "FILE_REFERENCE_INVALID" if good is None else "FILE_REFERENCE_EXPIRED")
    _check_range(query)
    data = await asyncio.to_thread(_slice, call.world.files.place(stored.blob), query.offset, query.limit)
    return types.upload.File(type=types.storage.FileUnknown(), mtime=0, bytes=data)


def _check_range(query: Any) -> None:  # noqa: ANN401
    step = _PRECISE_BYTES if query.precise else _ROUND_BYTES
    if query.offset < 0 or query.offset % step:
        raise RpcRefused(BAD_REQUEST, "OFFSET_INVALID")
    fits = 0 < query.limit <= _MOST_BYTES and query.limit % step == 0
    within_one = query.offset // _MOST_BYTES == (query.offset + query.limit - 1) // _MOST_BYTES
    if not fits or not within_one or not (query.precise or _MOST_BYTES % query.limit == 0):
        raise RpcRefused(BAD_REQUEST, "LIMIT_INVALID")


def _slice(path: Path, offset: int, limit: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(limit)
