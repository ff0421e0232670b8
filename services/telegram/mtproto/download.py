"""Reads a file from Telegram: several ranges on their way at once, in their order, from any offset."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from pyrogram.raw import functions, types

from services.tasks import ahead
from services.telegram.mtproto.account import Account
from services.telegram.mtproto.refusals import AWAY_SECONDS, RpcRefused, ours
from services.telegram.pace import Pace
from services.telegram.port import TelegramAway

RANGE = 1024 * 1024
_RANGE_SECONDS = 120.0
_MOST_TRIES = 8
_STALE = ("FILE_REFERENCE_EXPIRED", "FILE_REFERENCE_INVALID", "FILE_REFERENCE_EMPTY")


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
    """What allowed us to read the file is too old."""


class _Reader:
    def __init__(
        self, account: Account, pace: Pace, fresh: Callable[[], Awaitable[Place]], place: Place
    ) -> None:
        self._account = account
        self._pace = pace
        self._fresh = fresh
        self._place = place

    def ranges(self, start: int) -> Iterator[Any]:
        return (self._range(offset) for offset in range(start, self._place.size, RANGE))

    async def _range(self, offset: int) -> bytes:
        """Exactly the bytes that are to be there. Raises TelegramAway, TelegramRefused, MessageGone."""
        wanted = min(RANGE, self._place.size - offset)
        for _ in range(_MOST_TRIES):
            place = self._place
            try:
                async with self._pace.slot():
                    data = await self._asked(place, offset)
                if len(data) == wanted:
                    self._pace.arrived(wanted)
                    return data
            except _Stale:
                if self._place is place:
                    self._place = await self._fresh()
            except TelegramAway as away:
                self._pace.bear(away)
                await asyncio.sleep(0 if away.flood else away.seconds)
        raise TelegramAway(AWAY_SECONDS)

    async def _asked(self, place: Place, offset: int) -> bytes:
        query = functions.upload.GetFile(location=place.location, offset=offset, limit=RANGE)
        with ours():
            try:
                answer = await self._account.carry(query, _RANGE_SECONDS, self._pace.allowed, dc=place.dc)
            except RpcRefused as refused:
                if refused.name in _STALE:
                    raise _Stale from refused
                if refused.is_like("FILE_MIGRATE_X"):
                    self._place = replace(self._place, dc=refused.number or place.dc)
                    raise TelegramAway(0) from refused
                raise
        return bytes(answer.bytes)


async def read(
    account: Account, pace: Pace, fresh: Callable[[], Awaitable[Place]], start: int
) -> AsyncGenerator[bytes, None]:
    """The bytes from offset `start` on. `fresh` looks up where the file is, again when that has gone stale.

    So that a range that is late keeps nobody waiting, twice as many as may be on their way are begun.
    """
    place = await fresh()
    begin = start - start % RANGE
    skipped = start - begin
    ranges = _Reader(account, pace, fresh, place).ranges(begin)
    async with aclosing(ahead(ranges, lambda: 2 * pace.allowed)) as parts:
        async for data in parts:
            yield data[skipped:]
            skipped = 0
