"""The one module that owns detached work, and what has to be known about ending it."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any, TypeVar

Result = TypeVar("Result")
Other = TypeVar("Other")
_ASK_AGAIN_SECONDS = 0.5


class LostHold(Exception):
    """What allowed the work to go on is over."""


def heed_cancellation() -> None:
    """Raises CancelledError when this task was asked to end and did not notice.

    `asyncio.wait_for` of Python 3.11, which PyMongo uses for every message, loses a cancellation that arrives together
    with an answer (about one in five on a fast database; mended in 3.12). So whatever loops over the database, and
    every write, looks again.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class News:
    """That there may be something to do, for one who waits. What is told between two waits is not missed."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def tell(self) -> None:
        self._event.set()

    @property
    def told(self) -> bool:
        """Whether the next wait would be none."""
        return self._event.is_set()

    async def wait(self, seconds: float) -> None:
        """Until told, and for so long at most; not at all in a task that was asked to end and did not notice."""
        heed_cancellation()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()


class Bell:
    """Tells everybody who listens that there may be something new to do."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Has `listener` called each time from now on. It only takes note: it neither waits nor fails."""
        self._listeners.append(listener)

    @contextmanager
    def heard(self) -> Iterator[News]:
        """What is told while the block lasts."""
        news = News()
        self._listeners.append(news.tell)
        try:
            yield news
        finally:
            self._listeners.remove(news.tell)

    def ring(self) -> None:
        for listener in self._listeners:
            listener()


async def while_held(work: Coroutine[Any, Any, Result], hold: Coroutine[Any, Any, None]) -> Result:
    """Runs `work` for as long as `hold` runs. When `hold` ends first, `work` is cancelled and LostHold raised.

    Whatever happens, neither is left running.
    """
    working, holding = asyncio.create_task(work), asyncio.create_task(hold)
    try:
        await asyncio.wait((working, holding), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise LostHold from holding.exception()
    finally:
        await end(working, holding)


async def finish(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs `work` to its end even when the caller is cancelled meanwhile; the cancellation goes on after it.

    For a few steps that belong together and are bounded in time: an outside call, and writing down what came of it.
    """
    working = asyncio.ensure_future(work)
    cancelled = False
    while not working.done():
        try:
            await asyncio.wait((working,))
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError from working.exception()
    return working.result()


async def interruptible(work: Callable[[threading.Event], Result]) -> Result:
    """What `work` brings, in a thread. Cancelled meanwhile, it is told so by the event, and has ended before this does."""
    given_up = threading.Event()
    working = asyncio.ensure_future(asyncio.to_thread(work, given_up))
    try:
        return await asyncio.shield(working)
    finally:
        given_up.set()
        await asyncio.wait((working,))


async def made(
    making: Coroutine[Any, Any, Result], undo: Callable[[Result], Awaitable[object]], seconds: float
) -> Result:
    """What `making` makes, which must not be interrupted: cancelled meanwhile, it is made all the same, and undone.

    What is left of making may take `seconds`, and undoing as long again; what is not made by then is left to itself.
    """
    working = asyncio.ensure_future(making)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await finish(_undone(working, undo, seconds))
        raise


async def _undone(
    working: "asyncio.Future[Result]", undo: Callable[[Result], Awaitable[object]], seconds: float
) -> None:
    # not waited for with a timeout of its own: that would cancel it, and wait for it to heed that
    done, _ = await asyncio.wait((working,), timeout=seconds)
    if done and not working.cancelled() and working.exception() is None:
        with suppress(Exception):
            async with asyncio.timeout(seconds):
                await undo(working.result())


async def together(*work: Coroutine[Any, Any, None]) -> None:
    """Runs all side by side. The first that fails ends the others, and its error is raised as it is."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        for ready in asyncio.as_completed(tasks):
            await ready
    finally:
        await end(*tasks)


async def both(
    first: Coroutine[Any, Any, Result], second: Coroutine[Any, Any, Other]
) -> tuple[Result, Other]:
    """The results of two, side by side. The first that fails ends the other, and its error is raised as it is."""
    one, other = asyncio.create_task(first), asyncio.create_task(second)
    try:
        for ready in asyncio.as_completed((one, other)):
            await ready
        return one.result(), other.result()
    finally:
        await end(one, other)


async def ahead(
    work: Iterator[Coroutine[Any, Any, Result]], how_many: Callable[[], int]
) -> AsyncGenerator[Result, None]:
    """The results in the order of `work`, so many of it under way at once. What is left running when nobody asks on is ended."""
    under_way = deque[asyncio.Task[Result]]()
    try:
        while True:
            under_way.extend(
                asyncio.create_task(each) for each in islice(work, max(0, how_many() - len(under_way)))
            )
            if not under_way:
                return
            yield await under_way[0]
            under_way.popleft()
    finally:
        await end(*under_way)


async def with_word(
    work: Coroutine[Any, Any, Result], seconds: float, word: Callable[[], Awaitable[object]]
) -> Result:
    """Runs `work`; when it takes longer than `seconds`, `word` is given meanwhile."""
    working = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait((working,), timeout=seconds)
        if not done:
            await word()
        return await working
    finally:
        await end(working)


async def end(*tasks: "asyncio.Task[Any]") -> None:
    """Cancels tasks until they have ended; how they ended does not matter any more."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_ASK_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
