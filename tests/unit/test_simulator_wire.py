"""The wire of the data centre over real sockets: in order, as late as ordered, and never in the way of its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from simulator.line import Line
from simulator.mtproto.wire import Wire

FULL = bytes(32 << 20)


@asynccontextmanager
async def wired(line: Line) -> AsyncIterator[tuple[Wire, asyncio.StreamReader, asyncio.StreamWriter]]:
    """The server's wire, and the client's ends."""
    made: asyncio.Queue[Wire] = asyncio.Queue()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.put_nowait(Wire(reader, writer, line))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    wire = await made.get()
    try:
        yield wire, reader, writer
    finally:
        wire.abort()
        writer.close()
        server.close()


async def test_what_was_written_arrives_before_the_end() -> None:
    async with wired(Line(latency=0.1)) as (wire, reader, _):
        wire.write(b"last words")
        async with asyncio.timeout(10):
            await wire.close()
            assert await reader.read() == b"last words"


async def test_the_order_stays_when_the_line_becomes_short() -> None:
    line = Line(latency=0.4)
    async with wired(line) as (wire, reader, writer):
        wire.write(b"one ")
        writer.write(b"first")
        await writer.drain()
        assert await wire.read() == b"first"
        line.latency = 0
        wire.write(b"two ")
        wire.write(b"three")
        async with asyncio.timeout(10):
            assert await reader.readexactly(13) == b"one two three"


async def test_nobody_waits_for_a_client_that_takes_nothing_once_it_is_cut_off() -> None:
    async with wired(Line()) as (wire, _, _writer):
        wire.write(FULL)
        waiting = asyncio.create_task(wire.drain())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 0.1)
        wire.abort()
        async with asyncio.timeout(10):
            await waiting
            await wire.close()


async def test_the_end_does_not_wait_for_a_client_that_takes_nothing() -> None:
    async with wired(Line()) as (wire, _, _writer):
        wire.write(FULL)
        async with asyncio.timeout(10):
            await wire.close()


async def test_the_end_of_the_client_is_the_last_that_comes() -> None:
    async with wired(Line(latency=0.1, rate=1 << 20)) as (wire, _, writer):
        writer.write(bytes(100_000))
        writer.write_eof()
        come = b""
        async with asyncio.timeout(10):
            while data := await wire.read():
                come += data
        assert len(come) == 100_000
