"""Where an account lives: a data centre, the key agreed on with it, and how it is reached."""

import asyncio
import sqlite3
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from pyrogram import Client
from pyrogram.connection import Connection
from pyrogram.crypto import rsa
from pyrogram.raw import functions
from pyrogram.session import Auth

from services.telegram.large import Access, Server
from services.telegram.mtproto.aes import quicken
from services.telegram.mtproto.lines import Line, Wire
from services.telegram.mtproto.memory import keep_for_the_next
from services.telegram.mtproto.refusals import AWAY_SECONDS, RpcRefused
from services.telegram.port import TelegramAway

ANSWER_SECONDS = 30.0
_HANDSHAKE_SECONDS = 60.0
_MOST_MOVES = 3
_MOVED = ("USER_MIGRATE_X", "PHONE_MIGRATE_X", "NETWORK_MIGRATE_X")
_FIRST_CENTRE = 2
_HTTP_PORT = 80
Result = TypeVar("Result")


class _Client(Client):  # type: ignore[misc]
    """Holds what a session needs. Updates are for the inbox, which has them from the Bot API: here nobody reads them."""

    async def handle_updates(self, updates: Any) -> None:  # noqa: ANN401
        """Leaves them."""


def client_for(access: Access[Any], server: Server | None, name: str, **kept: Any) -> Client:  # noqa: ANN401 - pyrogram's
    """A client that is not connected; `kept` says where pyrogram keeps its authorisation."""
    quicken()
    keep_for_the_next()
    return _Client(
        name,
        api_id=access.api_id,
        api_hash=access.api_hash,
        no_updates=True,
        protocol_factory=Wire,
        proxy=None if access.proxy is None else _proxy(access.proxy),
        connection_factory=Connection if server is None else _leading_to(server),
        **kept,
    )


@dataclass(frozen=True)
class Place:
    """The data centre an account lives in, and the key agreed on with it."""

    client: Client
    dc: int
    host: str
    port: int
    key: bytes
    is_test: bool
    is_cdn: bool = False

    @classmethod
    async def of(cls, client: Client) -> "Place":
        kept = client.storage
        key, is_test = await kept.auth_key(), await kept.test_mode()
        return cls(client, await kept.dc_id(), await kept.server_address(), await kept.port(), key, is_test)

    def line(self, *, media: bool) -> Line:
        place = (self.client, self.dc, self.host, self.port, self.key, self.is_test)
        return Line(*place, is_media=media, is_cdn=self.is_cdn)

    async def elsewhere(self, config: Any, dc: int) -> "Place":  # noqa: ANN401
        """The same client in another data centre, with a new key. Raises TelegramAway."""
        there = next((each for each in config.dc_options if each.id == dc and _is_plain(each)), None)
        if there is None:
            raise TelegramAway(AWAY_SECONDS)
        key = await agreed(Auth(self.client, dc, there.ip_address, there.port, self.is_test).create())
        return replace(self, dc=dc, host=there.ip_address, port=there.port, key=key, is_cdn=bool(there.cdn))

    async def keep(self) -> None:
        """As where the account lives."""
        kept = self.client.storage
        await kept.dc_id(self.dc)
        await kept.server_address(self.host)
        await kept.port(self.port)
        await kept.auth_key(self.key)


def _proxy(address: str) -> Mapping[str, str | int]:
    """As pyrogram wants it."""
    parts = urlsplit(address)
    named = {"username": parts.username, "password": parts.password}
    said = {name: unquote(value) for name, value in named.items() if value is not None}
    return {"scheme": "http", "hostname": parts.hostname or "", "port": parts.port or _HTTP_PORT, **said}


async def ask_at_home(place: Place, query: Any) -> tuple[Place, Any]:  # noqa: ANN401
    """The result of a call over a connection of its own, and the data centre that gave it: that where the account lives.

    Raises RpcRefused, TelegramAway, AccountLost.
    """
    for _ in range(_MOST_MOVES):
        line = place.line(media=False)
        await line.open()
        try:
            return place, await line.ask(query, ANSWER_SECONDS)
        except RpcRefused as refused:
            if not any(map(refused.is_like, _MOVED)):
                raise
            config = await line.ask(functions.help.GetConfig(), ANSWER_SECONDS)
            place = await place.elsewhere(config, refused.number or 0)
            await place.keep()
        finally:
            await line.close()
    raise TelegramAway(AWAY_SECONDS)


async def agreed(handshake: Coroutine[Any, Any, Result]) -> Result:
    """What a handshake comes to. One that is cut off ends in whatever pyrogram makes of nothing: all of it means away."""
    try:
        async with asyncio.timeout(_HANDSHAKE_SECONDS):
            return await handshake
    except sqlite3.DatabaseError:
        raise
    except Exception as error:
        raise TelegramAway(AWAY_SECONDS, unreachable=True) from error


async def closed(client: Client) -> None:
    """Its file, as far as that was opened."""
    with suppress(RuntimeError):
        await client.storage.close()


async def keep_user(client: Client, user_id: int, *, is_bot: bool) -> None:
    """Who is signed in with the key that the client has."""
    await client.storage.user_id(user_id)
    await client.storage.is_bot(is_bot)
    await client.storage.save()


def _is_plain(option: Any) -> bool:  # noqa: ANN401
    """Whether an address of a data centre is for everything, and takes what we speak."""
    return not (option.ipv6 or option.media_only or option.tcpo_only)


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
