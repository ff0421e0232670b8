"""The doors that speak MTProto behind a proxy: all goes through it, and nothing past it."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from services.telegram.budget import Budget
from services.telegram.large import Access, BotToken, SecondDoor
from services.telegram.port import TelegramAway
from simulator.accounts import FIRST_BOT_TOKEN
from tests.contract.simulator_client import Program, program

PASSWORD = "p:w d"
HEADER = b"Basic " + base64.b64encode(f"me:{PASSWORD}".encode())


@dataclass
class Proxy:
    """An HTTP proxy that connects those who have the password."""

    port: int = 0
    targets: list[str] = field(default_factory=list)
    serving: set["asyncio.Task[None] | None"] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.current_task())
        try:
            await self._connect(reader, writer)
        finally:
            await closed(writer)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        _, target, _ = head.split(b" ", 2)
        if HEADER not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return
        self.targets.append(target.decode())
        host, _, port = target.decode().partition(":")
        there, back = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(passed(reader, back), passed(there, writer))
        await closed(back)


async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@asynccontextmanager
async def proxied() -> AsyncIterator[Proxy]:
    proxy = Proxy()
    listener = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = listener.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        listener.close()
        await asyncio.gather(*(task for task in proxy.serving if task is not None))


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Program]:
    async with program(tmp_path / "simulator", "--flood", "off") as simulator:
        yield simulator


def door_by(running: Program, folder: Path, proxy: str) -> SecondDoor:
    who = BotToken(FIRST_BOT_TOKEN, folder / "telegram")
    return SecondDoor(Access(1, "0" * 32, who, f"{running.url}/api/data-centre", proxy), Budget())


async def test_all_goes_through_it(running: Program, tmp_path: Path) -> None:
    async with proxied() as proxy, running.client() as http:
        door = door_by(running, tmp_path, f"http://me:p%3Aw%20d@127.0.0.1:{proxy.port}")
        assert await door.greet() == "magpie_sim_bot"
        facts = await http.get("/data-centre")
        assert set(proxy.targets) == {f"{facts['host']}:{facts['port']}"}
        assert len(proxy.targets) >= 2, "one for the key, one for calls"
        await door.close()


async def test_one_that_refuses_us_is_nobody_there(running: Program, tmp_path: Path) -> None:
    async with proxied() as proxy:
        door = door_by(running, tmp_path, f"http://me:wrong@127.0.0.1:{proxy.port}")
        with pytest.raises(TelegramAway):
            await door.greet()
        assert proxy.targets == []
        await door.close()
