"""Waiting for an alert: who asks libtorrent for something learns of it by a later message."""

import asyncio
from collections import defaultdict

from services.downloads.port import DownloaderUnreachable

_PATIENCE = 10.0


class Answers:
    """Futures by what is waited for and whose it is. Everybody who waits gets the same answer."""

    def __init__(self) -> None:
        self._waiting: defaultdict[tuple[str, str], set[asyncio.Future[object]]] = defaultdict(set)

    def expect(self, what: str, key: str = "") -> "asyncio.Future[object]":
        """Call this before the request is made, so that no answer is missed."""
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        waiting = self._waiting[what, key]
        waiting.add(future)
        future.add_done_callback(waiting.discard)
        return future

    def awaited(self, what: str, key: str = "") -> bool:
        return any(not future.done() for future in self._waiting.get((what, key), ()))

    def give(self, what: str, key: str = "", value: object = None) -> None:
        for future in self._waiting.pop((what, key), set()):
            if not future.done():
                future.set_result(value)


async def in_time(answer: "asyncio.Future[object]", engine: str, seconds: float = _PATIENCE) -> object:
    """The answer to a request of ours. Raises DownloaderUnreachable when libtorrent stays silent."""
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError as exc:
        raise DownloaderUnreachable(engine) from exc
