"""Where the data centre listens. What it speaks is in `simulator.mtproto`, which is imported when it is needed."""

import asyncio
from typing import TYPE_CHECKING

from simulator.world import World

if TYPE_CHECKING:
    from simulator.mtproto.centre import Centre

_HOST = "127.0.0.1"


class DataCentre:
    """The MTProto side of the simulator, on a free port of its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self._centre: Centre | None = None
        self._opening = asyncio.Lock()

    @property
    def address(self) -> tuple[str, int]:
        """Raises RuntimeError before it listens."""
        if self._server is None:
            raise RuntimeError("the data centre does not listen")
        _, port = self._server.sockets[0].getsockname()
        return _HOST, port

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, _HOST, 0)

    async def close(self) -> None:
        """Ends every connection."""
        if self._server is not None:
            self._server.close()
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

        return Centre(self._world, lambda: self.address)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.create_task(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await (await self.centre()).talk(reader, writer)
        finally:
            writer.close()
