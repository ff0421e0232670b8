"""Reads files piece by piece, without keeping the event loop waiting for the disk."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

_CHUNK = 1024 * 1024


async def chunks_of(path: Path, start: int = 0) -> AsyncGenerator[bytes, None]:
    """The bytes of a file from offset `start` on, at most 1 MiB at a time. Raises OSError."""
    handle = await asyncio.to_thread(path.open, "rb")
    with handle:
        handle.seek(start)
        while chunk := await asyncio.to_thread(handle.read, _CHUNK):
            yield chunk
