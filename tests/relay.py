"""A TCP relay on loopback in front of a real server, so that the server can be away without taking harm."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from pymongo.uri_parser import parse_uri

from bot.database import connect
from models.ids import new_id
from tests.loopback import stop_listening

HOST = "127.0.0.1"
_CHUNK = 65_536


class Relay:
    """Passes what comes to `port` on to `upstream` while it is there. Opened by `relay_to`."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._listener: asyncio.Server | None = None
        self._closing: asyncio.Future[None] | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self._last_words = b""
        self._most: int | None = None
        self._passed: dict[asyncio.StreamWriter, int] = {}
        self.cuts = 0
        self.away = asyncio.Event()
        # bound and never listening: nobody else gets the port while we are away
        self._holder = bound(0)
        self.port = int(self._holder.getsockname()[1])

    def go_away(self) -> None:
        """Cuts every connection and refuses new ones."""
        self.away.set()
        listener, self._listener = self._listener, None
        if listener is not None:
            self._closing = asyncio.ensure_future(stop_listening(listener))
        for writer in self._writers:
            writer.transport.abort()

    def go_away_at(self, words: bytes) -> None:
        """Goes away as soon as a client says these words, which are not passed on any more."""
        self._last_words = words

    def cut_after(self, most: int) -> None:
        """Cuts the first connection over which a client says more than so many bytes from now on: it passes on no more."""
        self._most = most
        self._passed.clear()

    async def _closed(self) -> None:
        if self._closing is not None:
            await self._closing

    async def come_back(self) -> None:
        await self._closed()
        self._listener = await asyncio.start_server(self._accept, sock=bound(self.port))
        self.away.clear()

    async def close(self) -> None:
        """Nothing of it is left open afterwards."""
        self.go_away()
        await self._closed()
        self.go_away()
        self._holder.close()
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Notes it at once: who goes away meanwhile must find it."""
        self._writers.add(writer)
        task = asyncio.create_task(self._pass(reader, writer))
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                await self._pass_on(reader, writer)
        finally:
            self._writers.discard(writer)
            await _gone(writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection(*self._upstream)
        self._writers.add(forth)
        try:
            await asyncio.gather(self._listen(reader, forth), _answer(back, writer))
        finally:
            self._writers.discard(forth)
            await _gone(forth)

    async def _listen(self, client: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        said = b""
        try:
            while not self.away.is_set() and (data := await client.read(_CHUNK)):
                said = said[-len(self._last_words) :] + data
                if self._last_words and self._last_words in said:
                    self._last_words = b""
                    self.go_away()
                    return
                if self._is_too_much(server, len(data)):
                    return
                server.write(data)
                await server.drain()
        finally:
            self._passed.pop(server, None)
            server.transport.abort()

    def _is_too_much(self, server: asyncio.StreamWriter, size: int) -> bool:
        self._passed[server] = self._passed.get(server, 0) + size
        if self._most is None or self._passed[server] <= self._most:
            return False
        self._most = None
        self.cuts += 1
        return True


async def _gone(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()


async def _answer(server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
    try:
        while data := await server.read(_CHUNK):
            client.write(data)
            await client.drain()
    finally:
        client.transport.abort()


def bound(port: int) -> socket.socket:
    """A socket at the port (0: any free one), which a server may listen at besides, if it lets others reuse it."""
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind((HOST, port))
    return holder


@asynccontextmanager
async def relay_to(host: str, port: int) -> AsyncIterator[Relay]:
    """A relay that is there, for as long as the block lasts."""
    relay = Relay((host, port))
    await relay.come_back()
    try:
        yield relay
    finally:
        await relay.close()


@asynccontextmanager
async def road_to(url: str) -> AsyncIterator[tuple[Relay, Mapping[str, str]]]:
    """A relay to the database of the tests, and the setting that leads a bot over it to a database of its own."""
    host, port = parse_uri(url)["nodelist"][0]
    parts = urlsplit(url)
    who, at, _ = parts.netloc.rpartition("@")
    name = f"away-{new_id()}"
    async with relay_to(host, port) as road:
        address = parts._replace(netloc=f"{who}{at}127.0.0.1:{road.port}", path=f"/{name}")
        yield road, {"MONGODB_URL": address.geturl()}
    client = connect(url)
    assert "inbox" in await client[name].list_collection_names(), "the bot used another database"
    await client.drop_database(name)
    await client.close()


def command(name: str, collection: str) -> bytes:
    """How a command on a collection begins in MongoDB's protocol."""
    target = collection.encode() + b"\0"
    return b"\x02" + name.encode() + b"\0" + struct.pack("<i", len(target)) + target
