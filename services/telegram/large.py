"""Opens MTProto's doors when they are needed first: what they are made of takes long to import, and most need it never."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import httpx
import structlog

from services.errors import MagpieError
from services.grabbing.port import Page, Post, Stretch
from services.telegram.budget import Budget
from services.telegram.lease import name_of
from services.telegram.pace import FIRST
from services.telegram.port import (
    MOST_PARTS,
    PART,
    Keyboard,
    Limits,
    Me,
    Media,
    MessageFile,
    Sent,
    TelegramAway,
    Told,
)
from services.trusted import authorities

if TYPE_CHECKING:
    from services.telegram.mtproto.account import Account
    from services.telegram.mtproto.door import MtprotoDoor
    from services.telegram.mtproto.history import ChannelHistory
    from services.telegram.mtproto.reading import Reader

_SHUT = Limits(upload=0, photo=0, fetch=0)
_AWAY_SECONDS = 5.0
_ASK_SECONDS = 60.0
"""A simulator makes its data centre when it is asked for it first."""
_LOOK_SECONDS = 5.0
_KNOCK_SECONDS = 10.0
_MOST_PATIENCE_SECONDS = 3600.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class BotToken:
    """Who a bot is. Its authorisation is kept in a file in `folder`."""

    token: str = field(repr=False)
    folder: Path


@dataclass(frozen=True)
class UserSession:
    """Who a person is: the session string that `magpie login` printed. Nothing of it is kept anywhere."""

    text: str = field(repr=False)


Identity = TypeVar("Identity", BotToken, UserSession)


@dataclass(frozen=True)
class Access(Generic[Identity]):
    """What the owner gives for a door of this kind: the application's id and hash, and who comes in.

    `server` is an address that describes another data centre than Telegram's, as the simulator's `/api/data-centre` does.
    `proxy` is an `http://` address, through which all goes.
    """

    api_id: int
    api_hash: str = field(repr=False)
    identity: Identity
    server: str | None = None
    proxy: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Server:
    """Another data centre than Telegram's own: its address, the key that it proves itself with, and of how many parts a file
    may consist there.
    """

    host: str
    port: int
    modulus: int
    exponent: int
    fingerprint: int
    most_parts: int = MOST_PARTS


class LateDoor(ABC):
    """An account of Telegram's that is opened when it is needed first, and tended while Magpie runs."""

    def __init__(self, access: Access[Any]) -> None:
        self._server_at = access.server
        self._opening = asyncio.Lock()
        self._knock_at = 0.0
        self._patience = _KNOCK_SECONDS
        self._account: Account | None = None

    @property
    def lost(self) -> str | None:
        """Telegram's own word for why it does not let us in; None while it does, as far as is known."""
        return None if self._account is None else self._account.lost

    @property
    def is_in(self) -> bool:
        """Whether Telegram has let us in since we began, and not refused to since."""
        return self.lost is None and self._account is not None and self._account.is_in

    @property
    @abstractmethod
    def session(self) -> str:
        """Tells one authorisation from the next, without giving it away."""

    async def account(self) -> "Account":
        """The account, for those who speak MTProto. Raises TelegramAway when it cannot be known where Telegram is."""
        async with self._opening:
            if self._account is None:
                server = await server_at(self._server_at)
                await asyncio.to_thread(_import)
                self._account = self._made(server)
            return self._account

    async def me(self) -> Me:
        """Signs in, if that is not done; whom Telegram takes us for. Raises TelegramAway, TelegramRefused, AccountLost."""
        return await (await self.account()).me()

    @abstractmethod
    async def reader(self) -> "Reader":
        """What reads through this account. Raises as `account` does."""

    async def look(self, chat: int | str, message_id: int) -> MessageFile:
        """As `MessageDoor` says."""
        return await (await self.reader()).look(chat, message_id)

    async def open(
        self, chat: int | str, message_id: int, start: int = 0, unique_id: str = ""
    ) -> AsyncGenerator[bytes, None]:
        """As `MessageDoor` says."""
        async with aclosing((await self.reader()).open(chat, message_id, start, unique_id)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def kept(self, chat: int | str, message_id: int, unique_id: str, part: Path) -> int:
        """As `BegunFiles` says."""
        return await (await self.reader()).kept(chat, message_id, unique_id, part)

    async def page(self, chat: int | str, before: int | None) -> Page:
        """As `History` says."""
        return await (await self._history()).page(chat, before)

    async def stretch(self, chat: int | str, first: int) -> Stretch:
        """As `Numbered` says."""
        return await (await self._history()).stretch(chat, first)

    async def title(self, chat: int | str) -> str:
        """As `History` says."""
        return await (await self._history()).title(chat)

    async def fetch(self, chat: int | str, post: Post, start: int) -> AsyncGenerator[bytes, None]:
        """As `PostFiles` says."""
        async with aclosing((await self.reader()).fetch(chat, post, start)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def head(self, chat: int | str, post: Post, most: int) -> bytes:
        """As `PostHeads` says."""
        return await (await self.reader()).head(chat, post, most)

    async def cover(self, chat: int | str, message_id: int, unique_id: str) -> bytes:
        """As `MessageDoor` says."""
        return await (await self.reader()).cover(chat, message_id, unique_id)

    async def greet(self) -> str:
        """As `me`: the name alone."""
        return (await self.me()).name

    async def run(self) -> None:
        """Shuts, until cancelled, connections that nobody needed for a while; and all of them in the end.

        Where Telegram does not let us in, it is asked again now and then: the owner may have mended it.
        """
        try:
            while True:
                await self._look()
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            await self.close()

    async def close(self) -> None:
        if self._account is not None:
            await self._account.close()

    async def _history(self) -> "ChannelHistory":
        account, reader = await self.account(), await self.reader()
        from services.telegram.mtproto.history import ChannelHistory

        return ChannelHistory(account, reader)

    @abstractmethod
    def _made(self, server: Server | None) -> "Account":
        """The account, of which nothing is opened. What it is made of is imported."""

    async def _look(self) -> None:
        if self._account is not None:
            await self._account.close_idle()
            await self._knock()

    async def _knock(self) -> None:
        """More and more seldom, as long as nobody opens."""
        if self.lost is None:
            self._patience = _KNOCK_SECONDS
            self._knock_at = time.monotonic() + self._patience
        if time.monotonic() < self._knock_at:
            return
        self._patience = min(_MOST_PATIENCE_SECONDS, 2 * self._patience)
        self._knock_at = time.monotonic() + self._patience
        try:
            await self.greet()
        except MagpieError as error:
            _log.warning("account-shut", door=type(self).__name__, reason=self.lost, error=error.key)


class SecondDoor(LateDoor):
    """The MTProto door of a bot, as a `LargeDoor`."""

    def __init__(self, access: Access[BotToken], budget: Budget) -> None:
        super().__init__(access)
        self._access = access
        self._budget = budget
        self._door: MtprotoDoor | None = None

    @property
    def session(self) -> str:
        return name_of(self._access.identity.token)

    @property
    def limits(self) -> Limits:
        """None while Telegram does not let us in: who needs it then is served by the first door, or waits on the disk."""
        if self.lost is not None:
            return _SHUT
        most = (MOST_PARTS if self._account is None else self._account.most_parts) * PART
        return Limits(upload=most, fetch=most)

    @property
    def at_once(self) -> tuple[int, int]:
        """How many parts of files may be on their way now, up and down: as many as the line was found to take."""
        return (FIRST, FIRST) if self._door is None else self._door.at_once

    async def edit_into_media(
        self, chat_id: int, message_id: int, media: Media, keyboard: Keyboard = (), *, told: Told
    ) -> Sent:
        door = await self._opened()
        return await door.edit_into_media(chat_id, message_id, media, keyboard, told=told)

    async def reader(self) -> "Reader":
        return (await self._opened()).reader

    async def _opened(self) -> "MtprotoDoor":
        account = await self.account()
        if self._door is None:
            from services.telegram.mtproto.door import MtprotoDoor

            self._door = MtprotoDoor(account, self._budget)
        return self._door

    def _made(self, server: Server | None) -> "Account":
        from services.telegram.mtproto.bots import BotAccount

        return BotAccount(self._access, server)


async def server_at(address: str | None) -> Server | None:
    """What the address of an `Access` describes; None is Telegram. Raises TelegramAway when nobody is there."""
    if address is None:
        return None
    try:
        async with httpx.AsyncClient(timeout=_ASK_SECONDS, verify=authorities(), trust_env=False) as http:
            told = (await http.get(address)).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise TelegramAway(_AWAY_SECONDS, unreachable=True) from error
    key = {
        "modulus": int(told["modulus"], 16),
        "exponent": told["exponent"],
        "fingerprint": told["fingerprint"],
    }
    return Server(told["host"], told["port"], **key, most_parts=told.get("most_parts", MOST_PARTS))


def _import() -> None:
    import services.telegram.mtproto.door  # noqa: F401 - takes long: not in the event loop
