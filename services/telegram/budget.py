"""How much may be written to Telegram: so much in all, so much to one chat, less after it complained. And what not to ask."""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from services.telegram.pace import MOST_PATIENCE_SECONDS
from services.telegram.port import TelegramAway

OVERALL_PER_SECOND = 25.0
PRIVATE_PER_SECOND = 1.0
GROUP_PER_SECOND = 20.0 / 60.0
_PRIVATE_BURST = 3.0
_GROUP_BURST = 15.0
_LOOK_AGAIN_SECONDS = 0.1
_OVERALL_BURST = 25.0
_SLOWER = 0.5
_SLOWEST = 1 / 8
_RECOVERY_SECONDS = 60.0
"""In which a bucket that was slowed down becomes twice as fast again."""
_TOGETHER_SECONDS = 10.0
"""Complaints about two chats within this are about all of them."""
_MOST_WAIT_SECONDS = 10.0
"""For which a call waits itself, when Telegram wants a pause before it."""


@dataclass
class _Bucket:
    """Fills by `rate` a second up to `most`; one writing takes one. Times in seconds of the same clock.

    A complaint halves the rate; it grows back from `slowed_at` on.
    """

    rate: float
    most: float
    level: float
    filled_at: float
    shut_until: float = 0.0
    slowness: float = 1.0
    slowed_at: float = 0.0

    def ready(self, at: float, spare: float = 0.0) -> bool:
        gained = max(0.0, at - self.filled_at) * self.rate * self.pace(at)
        self.level = min(self.most, self.level + gained)
        self.filled_at = max(self.filled_at, at)
        return at >= self.shut_until and self.level >= 1.0 + spare

    def pace(self, at: float) -> float:
        """The share of its usual rate that it may have now."""
        if self.slowness >= 1.0:
            return 1.0
        doublings = max(0.0, at - self.slowed_at) / _RECOVERY_SECONDS
        return min(1.0, self.slowness * math.exp2(min(doublings, 10.0)))

    def shut(self, seconds: float, at: float) -> None:
        self.shut_until = max(self.shut_until, at + seconds)

    def slow_down(self, at: float) -> None:
        """Nothing is gained while it is shut, and then there is one writing, not a burst."""
        self.ready(at)
        self.slowness = max(_SLOWEST, self.pace(at) * _SLOWER)
        self.level = min(self.level, 1.0)
        self.slowed_at = self.filled_at = max(at, self.shut_until)


class Budget:
    """One for all chats. Times are seconds of a monotonic clock, given by the caller."""

    def __init__(self) -> None:
        self._overall = _Bucket(OVERALL_PER_SECOND, _OVERALL_BURST, _OVERALL_BURST, 0.0)
        self._chats: dict[int, _Bucket] = {}
        self._complaint: tuple[int, float] | None = None
        """The chat of the last complaint, and when it came."""

    def take(self, chat_id: int, at: float, *, spare: float = 0.0) -> bool:
        """Takes one writing to a chat out of the budget; False when it has to wait.

        What nobody waits for leaves `spare` writings in the budget, for the answer to the next press.
        """
        if not self.has_room(chat_id, at, spare=spare):
            return False
        self._overall.level -= 1.0
        self._bucket(chat_id, at).level -= 1.0
        return True

    def has_room(self, chat_id: int, at: float, *, spare: float = 0.0) -> bool:
        """Whether `take` would take: for what is dear to prepare."""
        return self._overall.ready(at) and self._bucket(chat_id, at).ready(at, spare)

    def has_any_room(self, at: float) -> bool:
        """Whether there is room for a writing to some chat."""
        return self._overall.ready(at)

    async def turn(self, chat_id: int) -> None:
        """Waits until one writing to a chat may be done, and takes it.

        Raises TelegramAway when Telegram wants a pause that is too long to wait for it here.
        """
        while not self.take(chat_id, at := time.monotonic()):
            left = max(self._overall.shut_until, self._bucket(chat_id, at).shut_until) - at
            if left > MOST_PATIENCE_SECONDS:
                raise TelegramAway(left, flood=True)
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    def rest(self, chat_id: int | None, seconds: float, at: float, *, is_complaint: bool = True) -> None:
        """Writes nothing to a chat (None: to any) for so long. A chat that was complained about is slower for a while.

        So are all, when complaints about different chats come together. A chat's own slow mode is no complaint.
        """
        if chat_id is None:
            self._overall.shut(seconds, at)
            return
        chat = self._bucket(chat_id, at)
        chat.shut(seconds, at)
        if not is_complaint:
            return
        chat.slow_down(at)
        if self._complains_of_all(chat_id, at):
            self._overall.slow_down(at)
        self._complaint = (chat_id, at)

    def _complains_of_all(self, chat_id: int, at: float) -> bool:
        if self._complaint is None:
            return False
        other, when = self._complaint
        return other != chat_id and at - when < _TOGETHER_SECONDS

    def _bucket(self, chat_id: int, at: float) -> _Bucket:
        rate, burst = (
            (PRIVATE_PER_SECOND, _PRIVATE_BURST) if chat_id > 0 else (GROUP_PER_SECOND, _GROUP_BURST)
        )
        self._forget_full(at)
        return self._chats.setdefault(chat_id, _Bucket(rate, burst, burst, at))

    def _forget_full(self, at: float) -> None:
        """A chat that was quiet for long has a full bucket, which need not be remembered."""
        if len(self._chats) < 1000:  # noqa: PLR2004 - a bound on memory, not a limit of Telegram's
            return
        self._chats = {
            chat: bucket
            for chat, bucket in self._chats.items()
            if not bucket.ready(at) or bucket.level < bucket.most or bucket.pace(at) < 1.0
        }


class Pauses:
    """What one account is not to ask for a while, by the names of Telegram's methods: the others may be asked meanwhile."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def begin(self, method: str, seconds: float) -> None:
        """Telegram asks for a pause; one that was to last longer is not made shorter."""
        self._until[method] = max(self._until.get(method, 0.0), self._clock() + seconds)

    async def over(self, method: str) -> None:
        """Waits for the end of a pause of a few seconds. Raises TelegramAway at once where it is longer."""
        while (left := self._until.get(method, 0.0) - self._clock()) > 0:
            if left > _MOST_WAIT_SECONDS:
                raise TelegramAway(left, flood=True)
            await asyncio.sleep(left)
