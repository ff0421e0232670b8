"""Where the data centres listen. What they speak is in `simulator.mtproto`, which is imported when it is needed."""

import asyncio
import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.files import AWAY, CDN, HOME
from simulator.world import World

if TYPE_CHECKING:
    from simulator.mtproto.centre import Centre

_HOST = "127.0.0.1"
_NOTE = "data-centres.json"


class DataCentre:
    """The MTProto side of the simulator: two data centres and a CDN, each on a free port of its own, the same after a restart."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._servers: dict[int, asyncio.Server] = {}
        self._talks: set[asyncio.Task[None]] = set()
        self._centre: Centre | None = None
        self._opening = asyncio.Lock()

    @property
    def addresses(self) -> dict[int, tuple[str, int]]:
        """By the data centres' numbers. Raises RuntimeError before they listen."""
        if not self._servers:
            raise RuntimeError("the data centres do not listen")
        ports = {number: server.sockets[0].getsockname()[1] for number, server in self._servers.items()}
        return {number: (_HOST, port) for number, port in ports.items()}

    async def start(self) -> None:
        # who is signed in knows them, and asks for them no second time
        note = self._world.settings.folder / _NOTE
        before = _noted(note)
        for number in (HOME, AWAY, CDN):
            self._servers[number] = await self._listening(number, before.get(str(number), 0))
        note.write_text(json.dumps({number: port for number, (_, port) in self.addresses.items()}))

    async def _listening(self, number: int, port: int) -> asyncio.Server:
        accept = functools.partial(self._accept, number)
        try:
            return await asyncio.start_server(accept, _HOST, port)
        except OSError:
            return await asyncio.start_server(accept, _HOST, 0)

    async def close(self) -> None:
        """Ends every connection."""
        for server in self._servers.values():
            server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def centre(self) -> "Centre":
        """What answers there."""
        async with self._opening:
            if self._centre is None:
                self._centre = await asyncio.to_thread(self._open)
            return self._centre

    def _open(self) -> "Centre":
        from simulator.mtproto.centre import Centre

        return Centre(self._world, lambda: self.addresses)

    def _accept(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.create_task(self._talk(number, reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await (await self.centre()).talk(number, reader, writer)
        finally:
            writer.close()


def _noted(note: Path) -> dict[str, int]:
    try:
        return {number: int(port) for number, port in json.loads(note.read_text()).items()}
    except (OSError, ValueError):
        return {}
