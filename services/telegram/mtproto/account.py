"""One account of Telegram's, as its authorisation is kept in a file: signed in once, not at every start."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import structlog
from pyrogram import Client
from pyrogram.connection import Connection
from pyrogram.crypto import rsa
from pyrogram.enums import ParseMode
from pyrogram.raw import functions, types
from pyrogram.session import Auth
from pyrogram.storage import SQLiteStorage

from services.failpoints import failpoint
from services.telegram.large import Access, Server
from services.telegram.mtproto import cdn
from services.telegram.mtproto.aes import quicken
from services.telegram.mtproto.lines import Line, Lines, Wire
from services.telegram.mtproto.refusals import AWAY_SECONDS, RpcRefused, ours, unwelcome
from services.telegram.port import AccountLost, ChatClosed, TelegramAway

_ANSWER_SECONDS = 30.0
_IDLE_SECONDS = 60.0
_FIRST_CHANNEL = -1_000_000_000_000
_MOST_MOVES = 3
_log = structlog.get_logger(__name__)
Result = TypeVar("Result")
_FIRST_CENTRE = 2
_HANDSHAKE_SECONDS = 60.0


class _Client(Client):  # type: ignore[misc]
    """Holds what a session needs. Updates are for the inbox, which has them from the Bot API: here nobody reads them."""

    async def handle_updates(self, updates: Any) -> None:  # noqa: ANN401
        """Leaves them."""


class Account:
    """A bot's account. Its connections are opened when they are needed, and shut when nobody needed them for a while.

    `lost` says why Telegram does not let it in, as long as it does not.
    """

    def __init__(self, access: Access, server: Server | None) -> None:
        quicken()
        self.lost: str | None = None
        self._access = access
        self._server = server
        self._place: _Place | None = None
        self._signing = asyncio.Lock()
        self._calls = Lines(lambda: self._line(media=False))
        self._media = Lines(lambda: self._line(media=True))
        self._abroad: dict[int, Lines] = {}
        """Media connections to other data centres, where some files live."""
        self._going_abroad = asyncio.Lock()
        self._peers: dict[int, Any] = {}

    async def ask(self, query: Any, seconds: float = _ANSWER_SECONDS) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
        """The result of a call. Raises RpcRefused, TelegramAway, AccountLost."""
        return await self._answered(lambda: self._calls.ask(query, seconds))

    async def carry(self, query: Any, seconds: float, spread: int, *, dc: int | None = None) -> Any:  # noqa: ANN401
        """As `ask`, for parts of files: over the media connections, `spread` of them at most, to the data centre named."""
        if dc is None or dc == (await self._signed_in()).dc:
            return await self._answered(lambda: self._media.ask(query, seconds, spread=spread))
        try:
            return await _asked(partial((await self._media_of(dc)).ask, query, seconds, spread=spread))
        except AccountLost as lost:
            # it is another data centre that knows us no more: home is asked to introduce us again
            await self._leave(dc)
            raise TelegramAway(AWAY_SECONDS) from lost

    async def peer(self, chat_id: int) -> Any:  # noqa: ANN401
        """How Telegram wants a chat named that the Bot API numbers so. Raises ChatClosed besides."""
        if chat_id not in self._peers:
            self._peers[chat_id] = await self._asked_for(chat_id)
        return self._peers[chat_id]

    async def marked_up(self, html: str) -> tuple[str, list[Any]]:
        """The text and the entities of HTML."""
        place = await self._signed_in()
        parsed = await place.client.parser.parse(html, ParseMode.HTML)
        return parsed["message"], parsed["entities"] or []

    async def name(self) -> str:
        """What Telegram calls this account."""
        with ours():
            found = (await self.ask(functions.users.GetFullUser(id=types.InputUserSelf()))).users[0]
        return str(found.username or found.first_name)

    async def close_idle(self) -> None:
        """Shuts the connections that nobody needed for a while."""
        for lines in (self._calls, self._media, *self._abroad.values()):
            if lines.is_idle and time.monotonic() - lines.used_at > _IDLE_SECONDS:
                await lines.close()

    async def close(self) -> None:
        place, self._place = self._place, None
        for lines in (self._calls, self._media, *self._abroad.values()):
            await lines.close()
        self._abroad.clear()
        if place is not None:
            await place.client.storage.close()

    async def _answered(self, call: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401
        """An authorisation that was taken from us is made anew, once."""
        place = await self._signed_in()
        with suppress(AccountLost):
            return await _asked(call)
        await self._sign_out(place)
        await self._signed_in()
        try:
            return await _asked(call)
        except AccountLost as lost:
            self.lost = lost.reason
            raise

    async def _leave(self, dc: int) -> None:
        lines = self._abroad.pop(dc, None)
        if lines is not None:
            await lines.close()

    async def _media_of(self, dc: int) -> Lines:
        home = await self._signed_in()
        async with self._going_abroad:
            if dc not in self._abroad:
                there = await self._introduced_at(home, dc)
                self._abroad[dc] = Lines(lambda: there.line(media=True))
            return self._abroad[dc]

    async def _introduced_at(self, home: "_Place", dc: int) -> "_Place":
        """Another data centre believes who we are on the word of our own. A CDN need not know."""
        config = await self._calls.ask(functions.help.GetConfig(), _ANSWER_SECONDS)
        if cdn.is_one(config, dc):
            keys = await self._calls.ask(functions.help.GetCdnConfig(), _ANSWER_SECONDS)
            with cdn.trusted(keys, dc):
                return await home.elsewhere(config, dc)
        there = await home.elsewhere(config, dc)
        exported = await self._calls.ask(functions.auth.ExportAuthorization(dc_id=dc), _ANSWER_SECONDS)
        line = there.line(media=True)
        await line.open()
        try:
            query = functions.auth.ImportAuthorization(id=exported.id, bytes=exported.bytes)
            await line.ask(query, _ANSWER_SECONDS)
        finally:
            await line.close()
        return there

    async def _signed_in(self) -> "_Place":
        async with self._signing:
            if self._place is None:
                try:
                    self._place = await self._sign_in()
                    self.lost = None
                except AccountLost as lost:
                    self.lost = lost.reason
                    raise
            return self._place

    async def _sign_in(self) -> "_Place":
        """With what is kept of the last time, if there is something."""
        client = await self._client()
        try:
            place = await _Place.of(client)
            if await client.storage.user_id() is None:
                place = await self._introduced(place)
        except BaseException:
            await _closed(client)
            raise
        return place

    async def _client(self) -> Client:
        self._access.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        client = _Client(
            self._name,
            api_id=self._access.api_id,
            api_hash=self._access.api_hash,
            workdir=self._access.folder,
            no_updates=True,
            protocol_factory=Wire,
            connection_factory=Connection if self._server is None else _leading_to(self._server),
        )
        try:
            await _agreed(client.load_session())
        except sqlite3.DatabaseError as error:
            await _closed(client)
            if "locked" not in str(error):
                _log.warning("session-file-damaged", file=self._file.name, exc_info=error)
                self._file.unlink(missing_ok=True)
            raise TelegramAway(AWAY_SECONDS) from error
        except BaseException:
            await _closed(client)
            raise
        self._file.chmod(0o600)
        return client

    async def _introduced(self, place: "_Place") -> "_Place":
        """Says whose bot this is; to the data centre that knows it, when another one does."""
        query = functions.auth.ImportBotAuthorization(
            flags=0,
            api_id=self._access.api_id,
            api_hash=self._access.api_hash,
            bot_auth_token=self._access.token,
        )
        for _ in range(_MOST_MOVES):
            line = place.line(media=False)
            await line.open()
            try:
                with failpoint("telegram.sign-in"):
                    signed_in = await line.ask(query, _ANSWER_SECONDS)
            except RpcRefused as refused:
                if not refused.is_like("USER_MIGRATE_X"):
                    raise unwelcome(refused) from refused
                config = await line.ask(functions.help.GetConfig(), _ANSWER_SECONDS)
                place = await place.elsewhere(config, refused.number or 0)
                await place.keep()
                continue
            finally:
                await line.close()
            await _keep(place.client, signed_in.user.id)
            return place
        raise TelegramAway(AWAY_SECONDS)

    async def _sign_out(self, place: "_Place") -> None:
        """What is kept is worth nothing any more, unless somebody has signed in anew meanwhile."""
        async with self._signing:
            if self._place is place:
                await self.close()
                self._peers.clear()
                self._file.unlink(missing_ok=True)

    async def _asked_for(self, chat_id: int) -> Any:  # noqa: ANN401
        if chat_id > 0:
            # a bot needs no hash for those it has met
            return types.InputPeerUser(user_id=chat_id, access_hash=0)
        if chat_id > _FIRST_CHANNEL:
            return types.InputPeerChat(chat_id=-chat_id)
        number = _FIRST_CHANNEL - chat_id
        query = functions.channels.GetChannels(id=[types.InputChannel(channel_id=number, access_hash=0)])
        chat = next((each for each in (await self.ask(query)).chats if each.id == number), None)
        if not isinstance(chat, types.Channel):
            raise ChatClosed("CHANNEL_PRIVATE")
        return types.InputPeerChannel(channel_id=number, access_hash=chat.access_hash or 0)

    def _line(self, *, media: bool) -> Line:
        if self._place is None:
            raise TelegramAway(AWAY_SECONDS)
        return self._place.line(media=media)

    @property
    def _name(self) -> str:
        """A file for each bot: with another token there is another account."""
        return f"bot-{self._access.token.partition(':')[0]}"

    @property
    def _file(self) -> Path:
        return self._access.folder / f"{self._name}{SQLiteStorage.FILE_EXTENSION}"


@dataclass(frozen=True)
class _Place:
    """The data centre an account lives in, and the key agreed on with it."""

    client: Client
    dc: int
    host: str
    port: int
    key: bytes
    is_test: bool
    is_cdn: bool = False

    @classmethod
    async def of(cls, client: Client) -> "_Place":
        kept = client.storage
        key, is_test = await kept.auth_key(), await kept.test_mode()
        return cls(client, await kept.dc_id(), await kept.server_address(), await kept.port(), key, is_test)

    def line(self, *, media: bool) -> Line:
        place = (self.client, self.dc, self.host, self.port, self.key, self.is_test)
        return Line(*place, is_media=media, is_cdn=self.is_cdn)

    async def elsewhere(self, config: Any, dc: int) -> "_Place":  # noqa: ANN401
        """The same client in another data centre, with a new key. Raises TelegramAway."""
        there = next((each for each in config.dc_options if each.id == dc and _is_plain(each)), None)
        if there is None:
            raise TelegramAway(AWAY_SECONDS)
        key = await _agreed(Auth(self.client, dc, there.ip_address, there.port, self.is_test).create())
        return replace(self, dc=dc, host=there.ip_address, port=there.port, key=key, is_cdn=bool(there.cdn))

    async def keep(self) -> None:
        """As where the account lives."""
        kept = self.client.storage
        await kept.dc_id(self.dc)
        await kept.server_address(self.host)
        await kept.port(self.port)
        await kept.auth_key(self.key)


def _is_plain(option: Any) -> bool:  # noqa: ANN401
    """Whether an address of a data centre is for everything, and takes what we speak."""
    return not (option.ipv6 or option.media_only or option.tcpo_only)


async def _agreed(handshake: Coroutine[Any, Any, Result]) -> Result:
    """What a handshake comes to. One that is cut off ends in whatever pyrogram makes of nothing: all of it means away."""
    try:
        async with asyncio.timeout(_HANDSHAKE_SECONDS):
            return await handshake
    except sqlite3.DatabaseError:
        raise
    except Exception as error:
        raise TelegramAway(AWAY_SECONDS, unreachable=True) from error


async def _closed(client: Client) -> None:
    """Its file, as far as that was opened."""
    with suppress(RuntimeError):
        await client.storage.close()


async def _asked(call: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401
    """Raises AccountLost where Telegram refuses because it does not know us any more."""
    try:
        return await call()
    except RpcRefused as refused:
        if refused.is_lost:
            raise AccountLost(refused.name) from refused
        raise


async def _keep(client: Client, user_id: int) -> None:
    await client.storage.user_id(user_id)
    await client.storage.is_bot(True)
    await client.storage.save()


def _leading_to(server: Server) -> type[Connection]:
    """Connections to the first data centre that pyrogram knows go to this one; it says itself where others are."""
    key = rsa.PublicKey(server.modulus, server.exponent)
    rsa.server_public_keys[server.fingerprint] = key

    class There(Connection):  # type: ignore[misc]
        def __init__(self, **wish: Any) -> None:  # noqa: ANN401
            if wish["dc_id"] == _FIRST_CENTRE:
                wish |= {"server_address": server.host, "port": server.port}
            super().__init__(**wish)

    return There
