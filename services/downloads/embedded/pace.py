"""How fast a job moves, and whether it still does."""

import time
from collections.abc import Callable

_WINDOW = 5.0


class Pace:
    """Watches a growing number of bytes. `clock` counts seconds and never goes back."""

    def __init__(self, stall_after: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._stall_after = stall_after
        self._clock = clock
        self._moved_at = clock()
        self._samples: list[tuple[float, int]] = []

    def restart(self) -> None:
        """Gives the job its time again, after a pause."""
        self._moved_at = self._clock()
        self._samples.clear()

    def note(self, done: int) -> None:
        now = self._clock()
        if not self._samples or done != self._samples[-1][1]:
            self._moved_at = now
        self._samples = [sample for sample in self._samples if sample[0] > now - _WINDOW]
        self._samples.append((now, done))

    @property
    def rate(self) -> int:
        """Bytes a second over the last few seconds."""
        if not self._samples:
            return 0
        since, first = self._samples[0]
        seconds = self._clock() - since
        return max(0, int((self._samples[-1][1] - first) / seconds)) if seconds > 0 else 0

    @property
    def stalled(self) -> bool:
        """Nothing came for `stall_after` seconds."""
        return self._clock() - self._moved_at >= self._stall_after


class Floor:
    """The least a transfer must bring: `least` bytes in every `seconds`, so that a trickle does not hold a place."""

    def __init__(
        self, seconds: float, least: int, done: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._least = least
        self._clock = clock
        self._since = clock()
        self._done = done

    def broken_by(self, done: int) -> bool:
        """Whether a whole span has passed and brought too little."""
        now = self._clock()
        if now - self._since < self._seconds:
            return False
        broken = done - self._done < self._least
        self._since, self._done = now, done
        return broken
