"""Hashes of a file's pieces: asked for where the known end, kept for ranges on their way only, and what they show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import pytest

from services.telegram.mtproto.hashes import RANGE, BytesMissing, BytesWrong, Hashes, check
from services.telegram.port import TelegramAway, TelegramRefused

PIECE = 128 << 10


@dataclass(frozen=True)
class Told:
    """As pyrogram's FileHash."""

    offset: int
    limit: int
    hash: bytes


def told(data: bytes, offset: int, count: int, size: int = PIECE) -> list[Told]:
    begins = range(offset - offset % size, len(data), size)[:count]
    return [Told(begin, size, sha256(data[begin : begin + size]).digest()) for begin in begins]


class Telegram:
    """Answers in `count` pieces, or as `answer` says, and notes what it was asked."""

    def __init__(
        self, data: bytes, count: int = 8, answer: Callable[[int], Sequence[Told]] | None = None
    ) -> None:
        self.asked: list[int] = []
        self._answer = answer or (lambda offset: told(data, offset, count))

    async def __call__(self, offset: int) -> Sequence[Told]:
        self.asked.append(offset)
        return self._answer(offset)


FILM = bytes(range(256)) * (13 * RANGE // 4 // 256) + b"the end"


@pytest.mark.parametrize("count", [1, 3, 8, 10, 1000])
async def test_all_of_every_range_is_covered(count: int) -> None:
    telegram = Telegram(FILM, count)
    hashes = Hashes(len(FILM), telegram)
    for begin in range(0, len(FILM), RANGE):
        end = min(begin + RANGE, len(FILM))
        pieces = await hashes.of(begin, end)
        assert (pieces[0].begin, pieces[-1].end) == (begin, end)
        await check(FILM[begin:end], begin, end, pieces)
        hashes.forget(begin, end)
    assert len(telegram.asked) == len(set(telegram.asked)) <= -(-27 // count) + 4


async def test_a_byte_that_is_wrong_or_missing_shows() -> None:
    pieces = await Hashes(len(FILM), Telegram(FILM)).of(0, RANGE)
    wrong = bytearray(FILM[:RANGE])
    wrong[-1] ^= 1
    with pytest.raises(BytesWrong):
        await check(bytes(wrong), 0, RANGE, pieces)
    with pytest.raises(BytesMissing):
        await check(FILM[: RANGE - 1], 0, RANGE, pieces)


@pytest.mark.parametrize("refuses", [True, False], ids=["refused", "empty"])
async def test_who_gives_none_is_asked_once(*, refuses: bool) -> None:
    def answer(_: int) -> Sequence[Told]:
        if refuses:
            raise TelegramRefused("LOCATION_INVALID")
        return []

    telegram = Telegram(FILM, answer=answer)
    hashes = Hashes(len(FILM), telegram)
    assert [await hashes.of(begin, begin + RANGE) for begin in (0, RANGE, 2 * RANGE)] == [[], [], []]
    assert telegram.asked == [0]
    await check(FILM[:RANGE], 0, RANGE, [])


async def test_a_gap_is_not_taken_for_the_end() -> None:
    telegram = Telegram(FILM, answer=lambda at: [] if at < RANGE else told(FILM, at, 8))
    hashes = Hashes(len(FILM), telegram)
    assert await hashes.of(RANGE, 2 * RANGE)
    assert await hashes.of(0, RANGE) == []
    assert await hashes.of(2 * RANGE, 3 * RANGE)


async def test_what_goes_by_is_raised() -> None:
    def answer(_: int) -> Sequence[Told]:
        raise TelegramAway(3, flood=True)

    with pytest.raises(TelegramAway):
        await Hashes(len(FILM), Telegram(FILM, answer=answer)).of(0, RANGE)


async def test_pieces_that_reach_into_the_next_range_prove_nothing() -> None:
    telegram = Telegram(FILM, answer=lambda at: told(FILM, at, 4, size=3 * PIECE))
    pieces = await Hashes(len(FILM), telegram).of(0, RANGE)
    assert [piece.end for piece in pieces] == [3 * PIECE, 6 * PIECE]


async def test_little_is_kept_of_a_large_file() -> None:
    size = 4000 * RANGE
    everything = [Told(begin, PIECE, b"x" * 32) for begin in range(0, size, PIECE)]
    hashes = Hashes(size, Telegram(b"", answer=lambda _: everything))
    for begin in range(0, size, 100 * RANGE):
        assert await hashes.of(begin, begin + RANGE)
        assert len(hashes) <= 2 * 64 * 8
