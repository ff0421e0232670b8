"""The bytes of one connection on their way, both ways, over a line that may be long and narrow."""

import asyncio
import contextlib

from simulator.line import Line

_CHUNK, _NARROW_CHUNK = 1 << 18, 1 << 14
_MOST_BYTES = 16 << 20
"""On the way in one direction: more are not taken from who sends them."""
_GRACE_SECONDS = 1.0
_AHEAD_SECONDS = 0.05
"""So much is taken before it is its turn: a narrow line whose program wakes up late would carry less than it can."""


class _Way:
    """One direction: bytes come in at any time, and arrive when the line has carried them."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._free_at = 0.0
        self._bytes = 0
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._room = asyncio.Event()
        self._room.set()
        self._over = False

    def end(self) -> None:
        """Nobody takes anything any more, and nobody waits for that."""
        self._over = True
        self._room.set()

    def put(self, data: bytes) -> None:
        """Empty bytes are the end."""
        self._free_at = max(self._free_at, self._loop.time())
        if self._line.rate:
            self._free_at += len(data) / self._line.rate
        self._queue.put_nowait((self._free_at + self._line.latency / 2, data))
        self._count(len(data))

    async def get(self) -> bytes:
        """The next bytes, once they have arrived."""
        due, data = await self._queue.get()
        if due > self._loop.time():
            await asyncio.sleep(due - self._loop.time())
        return data

    def taken(self, data: bytes) -> None:
        """They are not on the way any more."""
        self._count(-len(data))

    async def free(self) -> None:
        """Waits until the line takes more: it is as fast as its rate, and holds so much and no more."""
        await self._room.wait()
        ahead = self._free_at - self._loop.time() - _AHEAD_SECONDS
        if self._line.rate and ahead > 0:
            await asyncio.sleep(ahead)

    async def room(self) -> None:
        """Waits until not too much is on the way."""
        await self._room.wait()

    def _count(self, size: int) -> None:
        self._bytes += size
        if self._bytes < _MOST_BYTES or self._over:
            self._room.set()
        else:
            self._room.clear()


class Wire:
    """Latency holds up no throughput: what is on the way overlaps."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: Line) -> None:
        self._reader = reader
        self._writer = writer
        self._line = line
        self._there, self._back = _Way(line), _Way(line)
        self._taking = asyncio.create_task(self._take())
        self._giving = asyncio.create_task(self._give())
        self._closing = False

    @property
    def is_closing(self) -> bool:
        return self._closing or self._writer.is_closing()

    async def read(self) -> bytes:
        """What came next; nothing at the end."""
        data = await self._there.get()
        self._there.taken(data)
        return data

    def write(self, data: bytes) -> None:
        self._back.put(data)

    async def drain(self) -> None:
        """Waits while the client does not take what it is given."""
        await self._back.room()

    async def close(self) -> None:
        """Lets what was written arrive, unless the client does not take it."""
        self._closing = True
        self._taking.cancel()
        self._back.put(b"")
        await asyncio.wait({self._giving}, timeout=self._line.latency + _GRACE_SECONDS)
        self._giving.cancel()
        self._writer.close()

    def abort(self) -> None:
        """Cuts the connection."""
        self._closing = True
        self._taking.cancel()
        self._giving.cancel()
        self._there.put(b"")
        self._writer.transport.abort()

    async def _take(self) -> None:
        with contextlib.suppress(OSError):
            while data := await self._reader.read(_NARROW_CHUNK if self._line.rate else _CHUNK):
                self._there.put(data)
                await self._there.free()
        self._there.put(b"")

    async def _give(self) -> None:
        try:
            with contextlib.suppress(OSError):
                while data := await self._back.get():
                    self._writer.write(data)
                    await self._writer.drain()
                    self._back.taken(data)
        finally:
            self._back.end()
