"""Reads the files in messages, through whichever door may."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from services.grabbing.port import BegunFiles, Page, Post, PostHeads, TendedHistory
from services.telegram.port import (
    FIRST_CHANNEL,
    JPEG,
    AccountLost,
    ChatClosed,
    Limits,
    MessageDoor,
    MessageFile,
    MessageGone,
    MessagePlace,
    TelegramRefused,
)


@dataclass(frozen=True)
class Readable:
    """A file in a message, its bytes from an offset on, and, as `BegunFiles` says, what is here of it already."""

    file: MessageFile
    open: Callable[[int], AsyncGenerator[bytes, None]]
    kept: Callable[[Path], Awaitable[int]]


Result = TypeVar("Result")


class FirstDoor(Protocol):
    """What reads a file that a message brought to the bot."""

    @property
    def limits(self) -> Limits: ...

    async def look(self, file_id: str) -> MessageFile: ...

    def open(self, file_id: str, start: int = 0) -> AsyncGenerator[bytes, None]: ...

    async def fetch(self, file_id: str) -> bytes: ...


class AccountDoor(MessageDoor, TendedHistory, PostHeads, BegunFiles, Protocol):
    """Everything that is read through an account of MTProto's."""


class NoDoor(TelegramRefused):
    """There is none for this: the owner has not set what it needs."""

    def __init__(self) -> None:
        super().__init__("no door for messages is set")


class NoAccount(TelegramRefused):
    """What Telegram shows to people only: the owner has not signed in."""

    def __init__(self) -> None:
        super().__init__("no account of a person is set")


class Messages:
    """`bot` is the bot's own account, `user` its owner's, as far as they are set: where the one may not look, perhaps the
    other may.
    """

    def __init__(
        self, first: FirstDoor, bot: AccountDoor | None = None, user: AccountDoor | None = None
    ) -> None:
        self._first = first
        self._bot = bot
        self._user = user

    async def look(self, place: MessagePlace) -> MessageFile:
        """What file is in a message. Raises MessageGone, ChatClosed, NoDoor, TelegramRefused, TelegramAway, AccountLost."""
        return (await self.found(place)).file

    async def found(self, place: MessagePlace) -> Readable:
        """As `look`, and how it is read through the door that may look; that raises so, too."""
        if self._is_small(place):
            return Readable(await self._small(place), partial(self._first.open, place.file_id), _all_of)
        where = place.chat, place.message_id
        door, file = await self._first_of(place.chat, lambda door: door.look(*where))
        return Readable(
            file,
            partial(door.open, *where, unique_id=file.unique_id),
            partial(door.kept, *where, file.unique_id),
        )

    async def cover(self, place: MessagePlace, file: MessageFile) -> bytes:
        """Of music that was found there, as `MessageDoor` says."""
        if not file.has_cover:
            return b""
        if self._is_small(place):
            picture = await self._first.fetch(place.cover_id)
            return picture if picture.startswith(JPEG) else b""
        asked = (place.chat, place.message_id, file.unique_id)
        return (await self._first_of(place.chat, lambda door: door.cover(*asked)))[1]

    async def head(self, chat: int | str, post: Post, most: int) -> bytes:
        """As `PostHeads` says, and raises NoDoor. Who read the post in a history is asked first: they need no look."""
        doors = list(reversed(self._doors(chat)))
        return (await _first_of(doors, lambda door: door.head(chat, post, most)))[1]

    @property
    def lost(self) -> str | None:
        """As `TendedHistory` says: of the account that may read history."""
        return None if self._user is None else self._user.lost

    async def page(self, chat: int | str, before: int | None) -> Page:
        """As `History` says, and raises NoAccount."""
        self._need_account()
        _, page = await self._first_of(chat, lambda door: door.page(chat, before))
        return page

    async def title(self, chat: int | str) -> str:
        """As `History` says, and raises NoAccount."""
        self._need_account()
        _, title = await self._first_of(chat, lambda door: door.title(chat))
        return title

    def _need_account(self) -> None:
        """Telegram tells bots no history."""
        if self._user is None:
            raise NoAccount

    async def _first_of(
        self, chat: int | str, ask: Callable[[AccountDoor], Awaitable[Result]]
    ) -> tuple[AccountDoor, Result]:
        return await _first_of(self._doors(chat), ask)

    def _doors(self, chat: int | str) -> Sequence[AccountDoor]:
        """Elsewhere than in channels and supergroups everybody has other messages under the same numbers: there the owner's
        account would read what is the owner's alone.
        """
        is_shared = isinstance(chat, str) or chat < FIRST_CHANNEL
        return [door for door in (self._bot, self._user if is_shared else None) if door is not None]

    async def _small(self, place: MessagePlace) -> MessageFile:
        """The first door knows the file; what it is called came with the message."""
        file = await self._first.look(place.file_id)
        return replace(
            file,
            title=place.title or None,
            performer=place.performer or None,
            has_cover=bool(place.cover_id),
        )

    def _is_small(self, place: MessagePlace) -> bool:
        return bool(place.file_id) and place.size is not None and place.size <= self._first.limits.fetch


async def _all_of(part: Path) -> int:
    """The first door gives no hashes."""
    return (await asyncio.to_thread(part.stat)).st_size


async def _first_of(
    doors: Sequence[AccountDoor], ask: Callable[[AccountDoor], Awaitable[Result]]
) -> tuple[AccountDoor, Result]:
    """The first that may look, and what it sees."""
    refusal: MessageGone | ChatClosed | AccountLost | NoDoor = NoDoor()
    for door in doors:
        try:
            return door, await ask(door)
        except (MessageGone, ChatClosed, AccountLost) as error:
            refusal = error
    raise refusal
