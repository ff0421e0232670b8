"""How many parts of files are on their way at once: as many as the line and Telegram allow."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from services.telegram.port import TelegramAway

LEAST, FIRST, MOST = 1, 4, 24
_GROWTH = 2.0
_CLEARLY = 1.08
"""More at once has to bring so much more, or it is not worth it."""
_STRETCH_SECONDS = 0.3
MOST_PATIENCE_SECONDS = 60.0
_REST_SECONDS, _REST_STRETCHES = 8.0, 4.0
"""Before it is tried again whether more would be faster: the longer of the two."""


class Pace:
    """One for each direction of an account. What arrives in a stretch of time tells how fast it is.

    While more at once is clearly faster, it takes more; where it is not, it goes back to what was as fast, and tries again
    later. A complaint of Telegram's shuts it for as long as was asked for, and halves it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.allowed = FIRST
        self._clock = clock
        self._busy = 0
        self._freed = asyncio.Event()
        self._shut_until = 0.0
        self._rest_until = 0.0
        self._before: tuple[int, float] | None = None
        """How many there were before it was tried with more, and bytes a second then."""
        self._began = 0.0
        self._bytes = self._arrivals = 0
        self._was_full = False
        self._left_over = 0
        """How many that were sent before the number changed have yet to arrive: they tell nothing about it."""

    @property
    def pause(self) -> float:
        """Seconds for which Telegram wants nothing more to be asked for."""
        return max(0.0, self._shut_until - self._clock())

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Waits for a place among those that are on their way, and holds it.

        Raises TelegramAway when Telegram wants a pause that is too long to wait for it here.
        """
        while not self._has_room():
            left = self._shut_until - self._clock()
            if left > MOST_PATIENCE_SECONDS:
                raise TelegramAway(left, flood=True)
            self._freed.clear()
            wait = max(0.01, self._shut_until - self._clock()) if self._is_shut() else None
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._freed.wait()
        self._take()
        try:
            yield
        finally:
            self._busy -= 1
            self._freed.set()

    def arrived(self, size: int) -> None:
        """A part of so many bytes is through."""
        if self._left_over > 0:
            self._left_over -= 1
            if self._left_over == 0:
                self._begin_stretch()
            return
        self._bytes += size
        self._arrivals += 1
        seconds = self._clock() - self._began
        if seconds >= _STRETCH_SECONDS and self._arrivals >= 2 * self.allowed:
            if self._was_full:
                self._judge(self._bytes / seconds, seconds)
            self._begin_stretch()

    def bear(self, away: TelegramAway) -> None:
        """Slows down for what came instead of a part. Raises it when it cannot be waited for here."""
        if away.flood:
            self.complained(away.seconds)
        else:
            self.stalled()
        if away.seconds > MOST_PATIENCE_SECONDS:
            raise away

    def complained(self, seconds: float) -> None:
        """Telegram asks for a pause. Those that were on their way together complain together, and count once."""
        if not self._is_shut():
            self._halve()
        self._shut_until = max(self._shut_until, self._clock() + seconds)
        self._rest_until = self._shut_until + _REST_SECONDS
        self._freed.set()

    def stalled(self) -> None:
        """A part did not get through in time, or its connection broke."""
        if self._clock() >= self._rest_until:
            self._halve()
        self._rest_until = self._clock() + _REST_SECONDS

    def _judge(self, rate: float, seconds: float) -> None:
        if self._before is not None:
            count, slower = self._before
            self._before = None
            if rate < slower * _CLEARLY:
                self.allowed = count
                # on a slow line trying takes long, and is done as seldom in proportion
                self._rest_until = self._clock() + max(_REST_SECONDS, _REST_STRETCHES * seconds)
                return
        if self._clock() >= self._rest_until and self.allowed < MOST:
            self._before = self.allowed, rate
            self._left_over = self.allowed
            self.allowed = min(MOST, math.ceil(self.allowed * _GROWTH))
            self._freed.set()

    def _halve(self) -> None:
        self._left_over = self.allowed
        self.allowed = max(LEAST, self.allowed // 2)
        self._before = None
        self._begin_stretch()

    def _take(self) -> None:
        if self._busy == 0:
            self._begin_stretch()
        self._busy += 1
        self._was_full = self._was_full or self._busy >= self.allowed

    def _begin_stretch(self) -> None:
        self._began = self._clock()
        self._bytes = self._arrivals = 0
        self._was_full = self._busy >= self.allowed

    def _is_shut(self) -> bool:
        return self._clock() < self._shut_until

    def _has_room(self) -> bool:
        return self._busy < self.allowed and not self._is_shut()
