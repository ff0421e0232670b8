"""Channels by their names: the index knows them by their numbers, which never change."""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from services.library.query import Asked, Field, Filter, QueryWrong
from services.telegram.port import Room

_NAME = re.compile(r"[A-Za-z]\w{3,31}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)
_KEEP_SECONDS = 600.0
_MOST_KEPT = 1000
RoomOf = Callable[[str], Awaitable[Room | None]]


class Channels:
    """`room_of` asks Telegram; what it says is believed for ten minutes."""

    def __init__(self, room_of: RoomOf) -> None:
        self._room_of = room_of
        self._known: dict[str, tuple[float, int | None]] = {}

    async def numbered(self, asked: Asked) -> Asked:
        """The same with numbers for names. Raises QueryWrong for a channel that is not there."""
        if all(each.field is not Field.CHANNEL for each in asked.filters):
            return asked
        return replace(asked, filters=tuple([await self._one(each) for each in asked.filters]))

    async def _one(self, asked: Filter) -> Filter:
        if asked.field is not Field.CHANNEL or not isinstance(asked.value, str):
            return asked
        number = await self._number(asked.value)
        if number is None:
            raise QueryWrong("library-query-channel", part=asked.value[:40])
        return replace(asked, value=str(number))

    async def _number(self, name: str) -> int | None:
        if _NUMBER.fullmatch(name):
            return int(name)
        if not _NAME.fullmatch(name):
            return None
        asked_at, number = self._known.get(name.lower(), (-_KEEP_SECONDS, None))
        if time.monotonic() - asked_at < _KEEP_SECONDS:
            return number
        room = await self._room_of(f"@{name}")
        number = None if room is None else room.number
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[name.lower()] = (time.monotonic(), number)
        return number
