"""Ranges of files, and the hashes by which they are checked."""

import asyncio
from hashlib import sha256
from pathlib import Path
from typing import Any

from pyrogram.raw import types
from pyrogram.raw.core import TLObject, Vector

from simulator.mtproto.refusals import BAD_REQUEST, RpcRefused

_PRECISE_BYTES, _ROUND_BYTES, _MOST_BYTES = 1 << 10, 4 << 10, 1 << 20
_HASHED_BYTES = 128 << 10


def check_range(offset: int, limit: int, *, precise: bool = False) -> None:
    """Raises RpcRefused."""
    step = _PRECISE_BYTES if precise else _ROUND_BYTES
    if offset < 0 or offset % step:
        raise RpcRefused(BAD_REQUEST, "OFFSET_INVALID")
    fits = 0 < limit <= _MOST_BYTES and limit % step == 0
    within_one = offset // _MOST_BYTES == (offset + limit - 1) // _MOST_BYTES
    if not fits or not within_one or not (precise or _MOST_BYTES % limit == 0):
        raise RpcRefused(BAD_REQUEST, "LIMIT_INVALID")


def slice_of(path: Path, offset: int, limit: int) -> bytes:
    """Blocks."""
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(limit)


async def hashes(path: Path, offset: int) -> bytes:
    """As a bare vector."""
    return bytes(Vector(await hashes_of(path, offset)))


async def hashes_of(path: Path, offset: int) -> list[TLObject]:
    """Of the mebibyte in which the offset lies, from its own piece on. Raises RpcRefused."""
    if offset < 0:
        raise RpcRefused(BAD_REQUEST, "OFFSET_INVALID")
    return await asyncio.to_thread(_hashed, path, offset - offset % _HASHED_BYTES)


def corrupt(answer: Any) -> None:  # noqa: ANN401 - pyrogram's types are not typed
    """Changes a byte in the middle of a range that is given; other answers stay as they are."""
    if isinstance(answer, types.upload.File | types.upload.CdnFile) and answer.bytes:
        middle = len(answer.bytes) // 2
        changed = bytes([answer.bytes[middle] ^ 1])
        answer.bytes = answer.bytes[:middle] + changed + answer.bytes[middle + 1 :]


def _hashed(path: Path, first: int) -> list[TLObject]:
    """Blocks."""
    data = slice_of(path, first, _MOST_BYTES - first % _MOST_BYTES)
    pieces = range(0, len(data), _HASHED_BYTES)
    return [_hash(first + begin, data[begin : begin + _HASHED_BYTES]) for begin in pieces]


def _hash(offset: int, piece: bytes) -> TLObject:
    return types.FileHash(offset=offset, limit=len(piece), hash=sha256(piece).digest())
