"""How much may be written to Telegram: so much in all, so much to one chat, less after it complained."""

import asyncio
import time
from dataclasses import dataclass

OVERALL_PER_SECOND = 25.0
PRIVATE_PER_SECOND = 1.0
GROUP_PER_SECOND = 20.0 / 60.0
_PRIVATE_BURST = 3.0
_GROUP_BURST = 15.0
_LOOK_AGAIN_SECONDS = 0.1
_OVERALL_BURST = 25.0


@dataclass
class _Bucket:
    """Fills by `rate` a second up to `most`; one writing takes one. `shut_until` in seconds of the same clock."""

    rate: float
    most: float
    level: float
    filled_at: float
    shut_until: float = 0.0

    def ready(self, at: float, spare: float = 0.0) -> bool:
        self.level = min(self.most, self.level + (at - self.filled_at) * self.rate)
        self.filled_at = at
        return at >= self.shut_until and self.level >= 1.0 + spare


class Budget:
    """One for all chats. Times are seconds of a monotonic clock, given by the caller."""

    def __init__(self) -> None:
        self._overall = _Bucket(OVERALL_PER_SECOND, _OVERALL_BURST, _OVERALL_BURST, 0.0)
        self._chats: dict[int, _Bucket] = {}

    def take(self, chat_id: int, at: float, *, spare: float = 0.0) -> bool:
        """Takes one writing to a chat out of the budget; False when it has to wait.

        What nobody waits for leaves `spare` writings in the budget, for the answer to the next press.
        """
        chat = self._bucket(chat_id, at)
        if not (self._overall.ready(at) and chat.ready(at, spare)):
            return False
        self._overall.level -= 1.0
        chat.level -= 1.0
        return True

    async def turn(self, chat_id: int) -> None:
        """Waits until one writing to a chat may be done, and takes it."""
        while not self.take(chat_id, time.monotonic()):  # noqa: ASYNC110 - it is time that has to pass
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    def rest(self, chat_id: int | None, seconds: float, at: float) -> None:
        """Writes nothing to a chat (None: to any) for so long."""
        bucket = self._overall if chat_id is None else self._bucket(chat_id, at)
        bucket.shut_until = max(bucket.shut_until, at + seconds)

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
            if not bucket.ready(at) or bucket.level < bucket.most
        }
