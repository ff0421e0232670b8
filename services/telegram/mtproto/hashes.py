"""What Telegram says the pieces of a file hash to, by which every range is checked before it is given out."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from services.telegram.port import TelegramRefused

RANGE = 1024 * 1024
"""Bytes that are asked for at once."""
_KEPT = 64 * RANGE
"""How far around the last question hashes are kept: farther than ranges are read ahead."""


class BytesWrong(Exception):
    """A range is not what its hashes say, or has none where it must have some."""


class BytesMissing(BytesWrong):
    """A range is not as long as it must be."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file from `begin` to before `end`, and their SHA-256."""

    begin: int
    end: int
    digest: bytes


class Hashes:
    """Of one file of `size` bytes. `ask` gives what Telegram says from an offset on, as far as it likes to.

    Only what ranges on their way need is kept, so that a large file needs no more memory than a small one.
    """

    def __init__(self, size: int, ask: Callable[[int], Awaitable[Sequence[Any]]]) -> None:
        self._size = size
        self._ask = ask
        self._pieces: dict[int, Piece] = {}
        self._are_given: bool | None = None
        """None: not known yet."""

    def learn(self, told: Iterable[Any], at: int = 0) -> None:
        """Keeps what Telegram says, pyrogram's FileHash, as far as it is near the offset `at`."""
        near = range(at - _KEPT, at + _KEPT)
        self._pieces = {begin: piece for begin, piece in self._pieces.items() if begin in near}
        for each in told:
            end = min(each.offset + each.limit, self._size)
            # one that reaches into the next range could never be checked
            if each.offset in near and each.offset < end and each.offset // RANGE == (end - 1) // RANGE:
                self._pieces[each.offset] = Piece(each.offset, end, bytes(each.hash))

    async def of(self, begin: int, end: int) -> Sequence[Piece]:
        """Those of a range, without a gap: of less than the range where Telegram does not give them all.

        Raises what `ask` raises, but TelegramRefused: Telegram gives none then. Who never gave any is not asked again.
        """
        while (at := self._known_until(begin)) < end and self._are_given is not False:
            with suppress(TelegramRefused):
                self.learn(await self._ask(at), at)
            is_news = self._known_until(begin) > at
            self._are_given = is_news or bool(self._are_given)
            if not is_news:
                break
        return self._row(begin)

    def forget(self, begin: int, end: int) -> None:
        """The range is through, or is to be asked for anew."""
        for offset in [each for each in self._pieces if begin <= each < end]:
            del self._pieces[offset]

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._pieces)

    def _known_until(self, begin: int) -> int:
        row = self._row(begin)
        return row[-1].end if row else begin

    def _row(self, begin: int) -> list[Piece]:
        """The pieces of the range that begins there, one after the other."""
        row: list[Piece] = []
        at = begin
        while at < begin + RANGE and (piece := self._pieces.get(at)) is not None:
            row.append(piece)
            at = piece.end
        return row


async def check(data: bytes, begin: int, end: int, pieces: Sequence[Piece]) -> None:
    """Hashes in a thread, where it keeps nobody waiting. Raises BytesWrong."""
    if len(data) != end - begin:
        raise BytesMissing
    if not await asyncio.to_thread(_are_right, data, begin, pieces):
        raise BytesWrong


def right_of(data: bytes, begin: int, pieces: Sequence[Piece]) -> int:
    """How many of the first bytes are what the pieces of their range say: all where there is none."""
    view, right = memoryview(data), len(data)
    for piece in pieces:
        right = piece.end - begin
        if right > len(data) or not _is_right(view, begin, piece):
            return piece.begin - begin
    return right


def _are_right(data: bytes, begin: int, pieces: Sequence[Piece]) -> bool:
    view = memoryview(data)
    return all(_is_right(view, begin, each) for each in pieces)


def _is_right(view: memoryview, begin: int, piece: Piece) -> bool:
    return sha256(view[piece.begin - begin : piece.end - begin]).digest() == piece.digest
