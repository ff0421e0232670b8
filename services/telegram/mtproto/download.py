"""Reads a file from Telegram: several ranges on their way at once, in their order, from any offset, each checked."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import structlog
from pyrogram.raw import functions, types

from services.errors import MagpieError
from services.tasks import ahead, both
from services.telegram.mtproto.account import Account
from services.telegram.mtproto.cdn import OUTDATED, Cdns, Detour, Outdated
from services.telegram.mtproto.hashes import RANGE, BytesMissing, BytesWrong, Hashes, Piece, check, right_of
from services.telegram.mtproto.refusals import AWAY_SECONDS, RpcRefused, ours
from services.telegram.pace import Pace
from services.telegram.port import FileDamaged, TelegramAway

_RANGE_SECONDS = 120.0
_MOST_TRIES = 8
_TRIES_AT_A_CDN = 4
_STALE = ("FILE_REFERENCE_EXPIRED", "FILE_REFERENCE_INVALID", "FILE_REFERENCE_EMPTY")
_Given = Callable[[int, int], Awaitable[tuple[bytes, Sequence[Piece]]]]
"""Gives a range and what is known of its hashes."""
Result = TypeVar("Result")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Place:
    """Where a file is at Telegram's, and how many bytes it has. What allows us to read it goes stale after a while."""

    location: Any
    size: int
    dc: int

    @classmethod
    def of(cls, document: Any) -> "Place":  # noqa: ANN401 - pyrogram's types are not typed
        location = types.InputDocumentFileLocation(
            id=document.id,
            access_hash=document.access_hash,
            file_reference=document.file_reference,
            thumb_size="",
        )
        return cls(location, document.size, document.dc_id)


class _Stale(Exception):
    """What allowed us to read the file is too old: this `location` of it."""

    def __init__(self, location: Any) -> None:  # noqa: ANN401 - pyrogram's types are not typed
        super().__init__()
        self.location = location


class _Elsewhere(Exception):
    """The range is to be asked for anew, from where we know now that the file is."""


class _Reader:
    def __init__(
        self, account: Account, pace: Pace, cdns: Cdns, fresh: Callable[[], Awaitable[Place]], place: Place
    ) -> None:
        self._step = RANGE
        self._account = account
        self._pace = pace
        self._cdns = cdns
        self._fresh = fresh
        self._place = place
        self._is_stale = False
        self._renewing = asyncio.Lock()
        self._hashes = Hashes(place.size, self._asked_hashes)
        self._detour: Detour | None = None

    def ranges(self, start: int) -> Iterator[Any]:
        return (self._range(offset) for offset in range(start, self._place.size, RANGE))

    async def head(self, most: int) -> bytes:
        """The first `most` bytes, which divide a range, and not one more. Raises as `_range` does."""
        self._step = most
        return await self._range(0) if self._place.size else b""

    async def right_in(self, begin: int, part: Path) -> int:
        """How many bytes of the range that begins there and lies in a file are right, as far as Telegram gives hashes.

        Where it gives some, one that reaches behind what is there says nothing of it. Raises as `_range` does.
        """
        data = await asyncio.to_thread(_read_at, part, begin)
        end = min(begin + RANGE, self._place.size)
        pieces = await self._persist(begin, lambda _turn: self._told_of(begin, end))
        return await asyncio.to_thread(right_of, data, begin, pieces)

    async def _told_of(self, begin: int, end: int) -> Sequence[Piece]:
        async with self._pace.slot():
            pieces = await self._hashes.of(begin, end)
        self._hashes.forget(begin, end)
        return pieces

    async def _range(self, begin: int) -> bytes:
        """Exactly the bytes that are to be there. Raises TelegramAway, TelegramRefused, MessageGone, FileDamaged."""

        async def tried(turn: int) -> bytes:
            may_leave = turn < _TRIES_AT_A_CDN and self._cdns.is_open and self._step == RANGE
            return await self._tried(begin, may_leave=may_leave)

        return await self._persist(begin, tried)

    async def _persist(self, begin: int, ask: Callable[[int], Awaitable[Result]]) -> Result:
        """What `ask` brings, at the latest at the last turn. Raises as `_range` does."""
        error: MagpieError = TelegramAway(AWAY_SECONDS)
        for turn in range(_MOST_TRIES):
            try:
                await self._renew()
                return await ask(turn)
            except BytesWrong as wrong:
                error = TelegramAway(AWAY_SECONDS) if isinstance(wrong, BytesMissing) else FileDamaged()
                _log.warning("range-wrong", begin=begin, kind=type(wrong).__name__)
            except (_Elsewhere, Outdated):
                continue
            except _Stale as stale:
                self._is_stale = self._is_stale or stale.location is self._place.location
            except TelegramAway as away:
                error = TelegramAway(AWAY_SECONDS)
                self._pace.bear(away)
                await asyncio.sleep(0 if away.flood else away.seconds)
        raise error

    async def _renew(self) -> None:
        """Looks up where the file is if that has gone stale: once, for all ranges that found it so."""
        async with self._renewing:
            if self._is_stale:
                # as a range does: a pause that Telegram asks for is waited for there
                async with self._pace.slot():
                    self._place = await self._fresh()
                self._is_stale = False

    async def _tried(self, begin: int, *, may_leave: bool) -> bytes:
        detour = self._detour
        if detour is None or not may_leave:
            return await self._checked(begin, partial(self._at_home, may_leave=may_leave), self._hashes)
        try:
            with self._cdns.tried():
                return await self._checked(begin, detour.given, detour.hashes)
        except Outdated:
            if self._detour is detour:
                self._detour = None
            raise

    async def _checked(self, begin: int, given: _Given, hashes: Hashes) -> bytes:
        """Raises BytesWrong besides what `given` raises."""
        end = min(begin + self._step, self._place.size)
        try:
            async with self._pace.slot():
                data, pieces = await given(begin, end)
            await check(data, begin, end, [piece for piece in pieces if piece.end <= end])
        except BytesWrong:
            hashes.forget(begin, end)
            raise
        hashes.forget(begin, end)
        self._pace.arrived(len(data))
        return data

    async def _at_home(self, begin: int, end: int, *, may_leave: bool) -> tuple[bytes, Sequence[Piece]]:
        """From the data centre that keeps the file; it sends to a CDN only who may go there."""
        query = functions.upload.GetFile(
            location=self._place.location, offset=begin, limit=self._step, cdn_supported=may_leave
        )
        answer, pieces = await both(self._ask(query), self._hashes.of(begin, end))
        if not isinstance(answer, types.upload.FileCdnRedirect):
            return bytes(answer.bytes), pieces
        if self._detour is None:
            self._detour = Detour(answer, self._place.size, self._ask, self._cdns)
        raise _Elsewhere

    async def _asked_hashes(self, at: int) -> Sequence[Any]:
        return list(await self._ask(functions.upload.GetFileHashes(location=self._place.location, offset=at)))

    async def _ask(self, query: Any, *, dc: int | None = None) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
        there = self._place.dc if dc is None else dc
        with ours():
            try:
                return await self._account.carry(query, _RANGE_SECONDS, self._pace.allowed, dc=there)
            except RpcRefused as refused:
                if refused.name in _STALE:
                    # others may have found it so, and somebody renewed it meanwhile
                    raise _Stale(getattr(query, "location", self._place.location)) from refused
                if refused.name in OUTDATED:
                    raise Outdated from refused
                if refused.is_like("FILE_MIGRATE_X"):
                    self._place = replace(self._place, dc=refused.number or there)
                    raise _Elsewhere from refused
                raise


def _read_at(part: Path, begin: int) -> bytes:
    with part.open("rb") as file:
        file.seek(begin)
        return file.read(RANGE)


async def read(
    account: Account, pace: Pace, cdns: Cdns, fresh: Callable[[], Awaitable[Place]], start: int
) -> AsyncGenerator[bytes, None]:
    """The bytes from offset `start` on, each checked before it is given out. `fresh` looks up where the file is, again when that has gone stale.

    So that a range that is late keeps nobody waiting, twice as many as may be on their way are begun.
    """
    place = await fresh()
    begin = start - start % RANGE
    skipped = start - begin
    ranges = _Reader(account, pace, cdns, fresh, place).ranges(begin)
    async with aclosing(ahead(ranges, lambda: 2 * pace.allowed)) as parts:
        async for data in parts:
            yield data[skipped:]
            skipped = 0


async def kept(
    account: Account, pace: Pace, cdns: Cdns, fresh: Callable[[], Awaitable[Place]], part: Path
) -> int:
    """How many bytes that lie in a file since another time are the first ones of what is there.

    All of them up to the first that is not what Telegram's hashes say; where it gives none, as many as there are. Raises as `read` does.
    """
    place = await fresh()
    size = min((await asyncio.to_thread(part.stat)).st_size, place.size)
    reader, right = _Reader(account, pace, cdns, fresh, place), 0
    counts = (reader.right_in(begin, part) for begin in range(0, size, RANGE))
    async with aclosing(ahead(counts, lambda: pace.allowed)) as counted:
        async for count in counted:
            right += count
            if count < RANGE:
                break
    return min(right, size)


async def read_head(
    account: Account,
    pace: Pace,
    cdns: Cdns,
    fresh: Callable[[], Awaitable[Place]],
    most: int,
) -> bytes:
    """As `read`, the first `most` bytes alone: a part of a range, as Telegram gives it, so that nothing more is sent."""
    return await _Reader(account, pace, cdns, fresh, await fresh()).head(most)
