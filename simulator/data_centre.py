"""Where the data centres listen. What they speak is in `simulator.mtproto`, which is imported when it is needed."""

import asyncio
import functools
from typing import TYPE_CHECKING

from simulator.files import AWAY, CDN, HOME
from simulator.world import World

if TYPE_CHECKING:
    from simulator.mtproto.centre import Centre

_HOST = "127.0.0.1"


class DataCentre:
    """The MTProto side of the simulator: two data centres and a CDN, each on a free port of its own."""

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
        for number in (HOME, AWAY, CDN):
            accept = functools.partial(self._accept, number)
            self._servers[number] = await asyncio.start_server(accept, _HOST, 0)

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
