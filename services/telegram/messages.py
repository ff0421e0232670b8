"""Reads the files in messages, through whichever door may."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Protocol

from services.telegram.port import (
    AccountLost,
    ChatClosed,
    Limits,
    MessageDoor,
    MessageFile,
    MessageGone,
    MessagePlace,
    TelegramRefused,
)

_FIRST_SHARED = -(10**12)
"""Channels and supergroups have ids below it, and one numbering of messages for all who are in them."""


class FirstDoor(Protocol):
    """What reads a file that a message brought to the bot."""

    @property
    def limits(self) -> Limits: ...

    async def look(self, file_id: str) -> MessageFile: ...

    def open(self, file_id: str, start: int = 0) -> AsyncGenerator[bytes, None]: ...


class NoDoor(TelegramRefused):
    """There is none for this: the owner has not set what it needs."""

    def __init__(self) -> None:
        super().__init__("no door for messages is set")


class Messages:
    """`bot` is the bot's own account, `user` its owner's, as far as they are set: where the one may not look, perhaps the
    other may.
    """

    def __init__(
        self, first: FirstDoor, bot: MessageDoor | None = None, user: MessageDoor | None = None
    ) -> None:
        self._first = first
        self._bot = bot
        self._user = user

    async def look(self, place: MessagePlace) -> MessageFile:
        """What file is in a message. Raises MessageGone, ChatClosed, NoDoor, TelegramRefused, TelegramAway, AccountLost."""
        if self._is_small(place):
            return await self._first.look(place.file_id)
        return (await self._reading(place))[1]

    async def open(self, place: MessagePlace, start: int = 0) -> AsyncGenerator[bytes, None]:
        """The bytes of its file from offset `start` on. Raises as `look` does."""
        if self._is_small(place):
            chunks = self._first.open(place.file_id, start)
        else:
            door, _ = await self._reading(place)
            chunks = door.open(place.chat, place.message_id, start)
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk

    async def _reading(self, place: MessagePlace) -> tuple[MessageDoor, MessageFile]:
        """The first that may look, and what it sees."""
        refusal: MessageGone | ChatClosed | AccountLost | NoDoor = NoDoor()
        for door in self._doors(place.chat):
            try:
                return door, await door.look(place.chat, place.message_id)
            except (MessageGone, ChatClosed, AccountLost) as error:
                refusal = error
        raise refusal

    def _doors(self, chat: int | str) -> Sequence[MessageDoor]:
        """Elsewhere than in channels and supergroups everybody has other messages under the same numbers: there the owner's
        account would read what is the owner's alone.
        """
        is_shared = isinstance(chat, str) or chat < _FIRST_SHARED
        return [door for door in (self._bot, self._user if is_shared else None) if door is not None]

    def _is_small(self, place: MessagePlace) -> bool:
        return bool(place.file_id) and place.size is not None and place.size <= self._first.limits.fetch
