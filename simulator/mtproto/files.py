"""Methods that take files in parts, and give them in ranges."""

import asyncio
from typing import Any

from pyrogram.raw import types

from simulator.files import PREMIUM, StoredFile
from simulator.mtproto import cdn
from simulator.mtproto.call import Answer, Call
from simulator.mtproto.places import located_file
from simulator.mtproto.ranges import check_range, hashes, slice_of
from simulator.mtproto.refusals import SEE_OTHER, RpcRefused

_TYPES = {"image/jpeg": types.storage.FileJpeg}


async def save_part(call: Call) -> Answer:
    return await _save(call, None)


async def save_big_part(call: Call) -> Answer:
    return await _save(call, call.query.file_total_parts)


async def _save(call: Call, total: int | None) -> bool:
    query, who = call.query, call.who
    most = call.world.files.most_parts * (PREMIUM if who.premium else 1)
    place = (who.id, query.file_id, query.file_part)
    await asyncio.to_thread(call.place.parts.save, *place, query.bytes, total, most)
    return True


async def get_file(call: Call) -> Answer:
    query, files = call.query, call.world.files
    stored = _here(call, query.location)
    check_range(query.offset, query.limit, precise=bool(query.precise))
    path = files.place(stored.blob)
    if query.cdn_supported and files.cdn and stored.kind not in ("photo", "thumbnail"):
        return await cdn.redirected(call, stored.id, path)
    data = await asyncio.to_thread(slice_of, path, query.offset, query.limit)
    kind = _TYPES.get(stored.mime_type, types.storage.FileUnknown)
    return types.upload.File(type=kind(), mtime=0, bytes=data)


async def get_hashes(call: Call) -> Answer:
    stored = _here(call, call.query.location)
    return await hashes(call.world.files.place(stored.blob), call.query.offset)


def _here(call: Call, location: Any) -> StoredFile:  # noqa: ANN401 - pyrogram's types are not typed
    """The file, which only its own data centre gives."""
    stored = located_file(call, location)
    if stored.dc != call.dc:
        raise RpcRefused(SEE_OTHER, f"FILE_MIGRATE_{stored.dc}")
    return stored
