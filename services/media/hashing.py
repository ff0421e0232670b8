"""BLAKE3 of files of any size, and of their pieces."""

import threading
from functools import partial
from pathlib import Path

from blake3 import blake3

from services.tasks import interruptible

CHUNK = 1024 * 1024


async def blake3_of(path: Path) -> tuple[str, int]:
    """Hash in hexadecimal and bytes read; raises OSError. One thread, 1 MiB of memory, stops soon when cancelled.

    Not by memory map: a file that an engine cuts short meanwhile would kill this process with SIGBUS.
    """
    return await interruptible(partial(_blake3_of, path))


async def hashes_of(path: Path, each: int) -> tuple[str, list[str]]:
    """The hash of a file and those of its pieces of `each` bytes; raises OSError. Reads it once, as `blake3_of` does."""
    return await interruptible(partial(_hashes_of, path, each))


def _blake3_of(path: Path, cancelled: threading.Event) -> tuple[str, int]:
    hasher = blake3()
    buffer = memoryview(bytearray(CHUNK))
    size = 0
    with path.open("rb", buffering=0) as file:
        while not cancelled.is_set() and (read := file.readinto(buffer)):
            hasher.update(buffer[:read])
            size += read
    return hasher.hexdigest(), size


def _hashes_of(path: Path, each: int, cancelled: threading.Event) -> tuple[str, list[str]]:
    whole, piece, pieces = blake3(), blake3(), list[str]()
    buffer, left = memoryview(bytearray(CHUNK)), each
    with path.open("rb", buffering=0) as file:
        while not cancelled.is_set() and (read := file.readinto(buffer[: min(CHUNK, left)])):
            whole.update(buffer[:read])
            piece.update(buffer[:read])
            left -= read
            if not left:
                pieces.append(piece.hexdigest())
                piece, left = blake3(), each
    return whole.hexdigest(), pieces if left == each else [*pieces, piece.hexdigest()]
