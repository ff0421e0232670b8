"""One account of Telegram's, as its authorisation is kept in a file: signed in once, not at every start."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pyrogram import Client
from pyrogram.connection import Connection
from pyrogram.crypto import rsa
from pyrogram.errors import SecurityCheckMismatch
from pyrogram.raw import functions, types
from pyrogram.session import Auth
from pyrogram.storage import SQLiteStorage

from services.failpoints import failpoint
from services.telegram.mtproto.aes import quicken
from services.telegram.mtproto.lines import Line, Lines, Wire
from services.telegram.mtproto.refusals import AWAY_SECONDS, RpcRefused, ours, unwelcome
from services.telegram.port import AccountLost, ChatClosed, TelegramAway

_ANSWER_SECONDS = 30.0
_IDLE_SECONDS = 60.0
_FIRST_CHANNEL = -1_000_000_000_000
_MOST_MOVES = 3
_FIRST_CENTRE = 2
_HANDSHAKE_SECONDS = 60.0


@dataclass(frozen=True)
class Server:
    """Another data centre than Telegram's own: its address, and the key that it proves itself with."""

    host: str
    port: int
    modulus: int
    exponent: int
    fingerprint: int


@dataclass(frozen=True)
class Application:
    """What names this program to Telegram (my.telegram.org)."""

    api_id: int
    api_hash: str


class Account:
    """A bot's account. Its connections are opened when they are needed, and shut when nobody needed them for a while.

    `lost` says why Telegram does not let it in, as long as it does not.
    """

    def __init__(self, application: Application, token: str, folder: Path, server: Server | None) -> None:
        quicken()
        self.lost: str | None = None
        self._application = application
        self._token = token
        self._folder = folder
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

        async def carried() -> Any:  # noqa: ANN401
            return await (await self._media_of(dc)).ask(query, seconds, spread=spread)

        return await self._answered(carried)

    async def peer(self, chat_id: int) -> Any:  # noqa: ANN401
        """How Telegram wants a chat named that the Bot API numbers so. Raises ChatClosed besides."""
        if chat_id not in self._peers:
            self._peers[chat_id] = await self._asked_for(chat_id)
        return self._peers[chat_id]

    async def marked_up(self, html: str) -> tuple[str, list[Any]]:
        """The text and the entities of HTML."""
        place = await self._signed_in()
        parsed = await place.client.parser.parse(html)
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
        try:
            return await call()
        except AccountLost:
            await self._sign_out(place)
        except RpcRefused as refused:
            if not refused.is_lost:
                raise
            await self._sign_out(place)
        await self._signed_in()
        return await call()

    async def _media_of(self, dc: int | None) -> Lines:
        home = await self._signed_in()
        if dc in {None, home.dc}:
            return self._media
        async with self._going_abroad:
            if dc not in self._abroad:
                there = await self._introduced_at(home, dc)
                self._abroad[dc] = Lines(lambda: there.line(media=True))
            return self._abroad[dc]

    async def _introduced_at(self, home: "_Place", dc: int) -> "_Place":
        """Another data centre believes who we are on the word of our own."""
        config = await self._calls.ask(functions.help.GetConfig(), _ANSWER_SECONDS)
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
            await client.storage.close()
            raise
        return place

    async def _client(self) -> Client:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        client = Client(
            self._name,
            api_id=self._application.api_id,
            api_hash=self._application.api_hash,
            workdir=self._folder,
            no_updates=True,
            protocol_factory=Wire,
            connection_factory=Connection if self._server is None else _leading_to(self._server),
        )
        try:
            async with asyncio.timeout(_HANDSHAKE_SECONDS):
                await client.load_session()
        except (OSError, SecurityCheckMismatch) as error:  # a timeout is one
            await client.storage.close()
            raise TelegramAway(AWAY_SECONDS, unreachable=True) from error
        self._file.chmod(0o600)
        return client

    async def _introduced(self, place: "_Place") -> "_Place":
        """Says whose bot this is; to the data centre that knows it, when another one does."""
        query = functions.auth.ImportBotAuthorization(
            flags=0,
            api_id=self._application.api_id,
            api_hash=self._application.api_hash,
            bot_auth_token=self._token,
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
        return f"bot-{self._token.partition(':')[0]}"

    @property
    def _file(self) -> Path:
        return self._folder / f"{self._name}{SQLiteStorage.FILE_EXTENSION}"


@dataclass(frozen=True)
class _Place:
    """The data centre an account lives in, and the key agreed on with it."""

    client: Client
    dc: int
    host: str
    port: int
    key: bytes
    is_test: bool

    @classmethod
    async def of(cls, client: Client) -> "_Place":
        kept = client.storage
        key, is_test = await kept.auth_key(), await kept.test_mode()
        return cls(client, await kept.dc_id(), await kept.server_address(), await kept.port(), key, is_test)

    def line(self, *, media: bool) -> Line:
        return Line(self.client, self.dc, self.host, self.port, self.key, self.is_test, is_media=media)

    async def elsewhere(self, config: Any, dc: int) -> "_Place":  # noqa: ANN401
        """The same client in another data centre, with a new key. Raises TelegramAway."""
        there = next((each for each in config.dc_options if each.id == dc and not each.ipv6), None)
        if there is None:
            raise TelegramAway(AWAY_SECONDS)
        try:
            async with asyncio.timeout(_HANDSHAKE_SECONDS):
                key = await Auth(self.client, dc, there.ip_address, there.port, self.is_test).create()
        except (OSError, SecurityCheckMismatch) as error:
            raise TelegramAway(AWAY_SECONDS, unreachable=True) from error
        return replace(self, dc=dc, host=there.ip_address, port=there.port, key=key)

    async def keep(self) -> None:
        """As where the account lives."""
        kept = self.client.storage
        await kept.dc_id(self.dc)
        await kept.server_address(self.host)
        await kept.port(self.port)
        await kept.auth_key(self.key)


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
