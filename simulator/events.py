"""How those who wait learn that the world changed: long polls, people, chat pages."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
Event = dict[str, Any]
PENDING_EVENTS = 1000


class Signal:
    """Wakes everybody who waits, at every change; what they look for says whether it was their change."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.closed = False

    def notify(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    def close(self) -> None:
        """Ends every wait, because the server ends."""
        self.closed = True
        self.notify()

    async def wait_for(self, find: Callable[[], T | None], seconds: float) -> T | None:
        """What `find` gives as soon as it gives something; None after `seconds` or at the server's end."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            event = self._event
            found = find()
            if found is not None or self.closed or loop.time() >= deadline:
                return found
            try:
                async with asyncio.timeout_at(deadline):
                    await event.wait()
            except TimeoutError:
                continue


class Hub:
    """Carries events to the chat pages that are open. A page that does not keep up is cut off."""

    def __init__(self) -> None:
        self._pages: defaultdict[int, set[asyncio.Queue[Event | None]]] = defaultdict(set)

    def publish(self, person: int, event: Event) -> None:
        for queue in list(self._pages[person]):
            if queue.qsize() >= PENDING_EVENTS:
                self._pages[person].discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(event)

    @contextmanager
    def subscribe(self, person: int) -> Iterator[asyncio.Queue[Event | None]]:
        """A queue of this person's events; None in it is the end."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._pages[person].add(queue)
        try:
            yield queue
        finally:
            self._pages[person].discard(queue)

    def close(self) -> None:
        for queues in self._pages.values():
            for queue in queues:
                queue.put_nowait(None)
