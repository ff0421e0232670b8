"""Engines in processes of their own: their blocking clients run in a few threads, and whatever is awaited has a deadline."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import ParamSpec, TypeVar
from weakref import WeakValueDictionary

from services.downloads.port import DownloaderUnreachable

P = ParamSpec("P")
T = TypeVar("T")
_SETTLE_SECONDS = 10.0


class Blocking:
    """A bounded pool of threads. `seconds` bounds the wait for a thread and the call together.

    A call that is given up keeps its thread until its own socket timeout ends it.
    """

    def __init__(self, name: str, *, workers: int, seconds: float) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._seconds = seconds

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result or exception; TimeoutError when the deadline passes."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._seconds):
            return await loop.run_in_executor(self._pool, partial(function, *args, **kwargs))

    def close(self) -> None:
        """Calls that wait for a thread are dropped, running ones end by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class KeyLocks:
    """One lock a key, so that two orders of the same thing do not cross each other. Unused ones vanish."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __getitem__(self, key: str) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())


@asynccontextmanager
async def patience(engine: str) -> AsyncIterator[None]:
    """Bounds the wait for an engine to do what it was told: DownloaderUnreachable after ten seconds."""
    try:
        async with asyncio.timeout(_SETTLE_SECONDS):
            yield
    except TimeoutError as error:
        raise DownloaderUnreachable(engine) from error
