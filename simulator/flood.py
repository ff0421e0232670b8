"""Flood limits: how many messages and edits a bot may send, in all and to one chat."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from simulator.errors import too_many_requests

Mode = Literal["off", "on", "strict"]


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then `per_second`."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Limits:
    overall: Rate
    private: Rate
    channel: Rate


# docs/simulator.md says where the numbers are known from
LIMITS: dict[str, Limits] = {
    "on": Limits(overall=Rate(30, 60), private=Rate(1, 20), channel=Rate(20 / 60, 20)),
    "strict": Limits(overall=Rate(30, 30), private=Rate(1, 3), channel=Rate(20 / 60, 5)),
}


@dataclass(slots=True)
class Bucket:
    rate: Rate
    filled_at: float
    tokens: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = float(self.rate.burst)

    def missing(self, count: int, now: float) -> float:
        """Seconds until `count` may be spent. More than a burst at once may be spent when the bucket is full."""
        gained = (now - self.filled_at) * self.rate.per_second
        self.tokens = min(float(self.rate.burst), self.tokens + gained)
        self.filled_at = now
        return max(0.0, (min(count, self.rate.burst) - self.tokens) / self.rate.per_second)


class Flood:
    """Kept in memory: a restart of the simulator forgets what was spent."""

    def __init__(self, mode: Mode, clock: Callable[[], float] = time.monotonic) -> None:
        self.mode = mode
        self._clock = clock
        self._buckets: dict[tuple[int, int | None], Bucket] = {}

    def spend(self, bot: int, chat: int, count: int) -> None:
        """Counts `count` messages to the chat (a channel's id is negative), or raises 429 and counts nothing."""
        if self.mode == "off":
            return
        limits = LIMITS[self.mode]
        now = self._clock()
        of_chat = limits.channel if chat < 0 else limits.private
        buckets = [
            self._buckets.setdefault((bot, None), Bucket(limits.overall, now)),
            self._buckets.setdefault((bot, chat), Bucket(of_chat, now)),
        ]
        seconds = max(bucket.missing(count, now) for bucket in buckets)
        if seconds > 0:
            raise too_many_requests(max(1, math.ceil(seconds)))
        for bucket in buckets:
            bucket.tokens -= count
