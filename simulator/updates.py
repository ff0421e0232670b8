"""Each bot's queue of updates, and getUpdates with the real server's manners."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from simulator.errors import ApiError, conflict
from simulator.events import Signal
from simulator.storage import Database, encode

FIRST_UPDATE_ID = 100_000_001
KEPT_SECONDS = 24 * 3600
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
LONGEST_POLL = 50
HASTE = 3.0

Update = dict[str, Any]


class UpdateQueue:
    """What waits for a bot. An update is forgotten when a greater offset is asked for, or after 24 hours."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._db = database
        self._clock = clock

    def put(self, bot: int, kind: str, body: dict[str, Any]) -> Update | None:
        """Queues an update unless the bot does not want this kind."""
        if not self._wants(bot, kind):
            return None
        update = {"update_id": self._db.next(f"update:{bot}", FIRST_UPDATE_ID), kind: body}
        sql = "INSERT INTO updates VALUES (?, ?, ?, ?)"
        self._db.run(sql, bot, update["update_id"], int(self._clock()), encode(update))
        return update

    def _wants(self, bot: int, kind: str) -> bool:
        allowed = self.allowed(bot)
        return kind in allowed if allowed else kind not in NOT_BY_DEFAULT

    def allowed(self, bot: int) -> list[str]:
        """The kinds that the bot asked for; empty: all but a few."""
        kinds: list[str] = json.loads(
            self._db.value("SELECT allowed_updates FROM bots WHERE id = ?", bot) or "[]"
        )
        return kinds

    def set_allowed(self, bot: int, kinds: list[str]) -> None:
        self._db.run("UPDATE bots SET allowed_updates = ? WHERE id = ?", encode(kinds), bot)

    def pending(self, bot: int) -> int:
        return int(self._db.value("SELECT count(*) FROM updates WHERE bot = ?", bot))

    def clear(self, bot: int) -> None:
        self._db.run("DELETE FROM updates WHERE bot = ?", bot)

    def confirm(self, bot: int, offset: int) -> None:
        """Forgets what the offset says was received, and what is older than a day."""
        if offset < 0:
            sql = "SELECT update_id FROM updates WHERE bot = ? ORDER BY update_id DESC LIMIT 1 OFFSET ?"
            offset = self._db.value(sql, bot, -offset - 1) or 0
        old = int(self._clock()) - KEPT_SECONDS
        self._db.run("DELETE FROM updates WHERE bot = ? AND (update_id < ? OR date < ?)", bot, offset, old)

    def waiting(self, bot: int, limit: int) -> list[Update]:
        sql = "SELECT body FROM updates WHERE bot = ? ORDER BY update_id LIMIT ?"
        return [json.loads(row["body"]) for row in self._db.rows(sql, bot, limit)]


class Polling:
    """Long polls, of which each bot has one at a time: a second one ends the first with a conflict."""

    def __init__(self, queue: UpdateQueue, signal: Signal, interrupted: Callable[[], bool]) -> None:
        """`interrupted` says that the server is made to fail: then the waiting end at once, with nothing."""
        self._queue = queue
        self._signal = signal
        self._interrupted = interrupted
        self._waiting: defaultdict[int, int] = defaultdict(int)
        self._turns: defaultdict[int, int] = defaultdict(int)
        self._last_asked: dict[int, tuple[int, float]] = {}
        self._next_conflict_at: dict[int, float] = {}

    def waiting(self, bot: int) -> bool:
        """Whether a long poll of the bot waits now."""
        return self._waiting[bot] > 0

    async def get(self, bot: int, offset: int, limit: int, patience: float) -> list[Update]:
        """Waits up to `patience` seconds for an update."""
        now = asyncio.get_running_loop().time()
        patience = max(patience, self._brake(bot, offset, now))
        self._turns[bot] += 1
        self._signal.notify()
        turn = self._turns[bot]

        def find() -> list[Update] | ApiError | None:
            if self._turns[bot] != turn:
                return conflict()
            return self._queue.waiting(bot, limit) or ([] if self._interrupted() else None)

        self._waiting[bot] += 1
        try:
            found: list[Update] | ApiError | None = await self._signal.wait_for(find, patience)
        finally:
            self._waiting[bot] -= 1
        if isinstance(found, ApiError):
            await self._space_conflicts(bot, asyncio.get_running_loop().time())
            raise found
        return found or []

    def _brake(self, bot: int, offset: int, now: float) -> float:
        """Who asks for the same at once again, waits up to three seconds, whatever the timeout."""
        before = self._last_asked.get(bot)
        self._last_asked[bot] = (offset, now)
        return HASTE if before and before[0] == offset and now < before[1] + HASTE else 0.0

    async def _space_conflicts(self, bot: int, now: float) -> None:
        """The first conflict is told at once, the next within three seconds of it three seconds later."""
        if now >= self._next_conflict_at.get(bot, 0.0):
            self._next_conflict_at[bot] = now + HASTE
        else:
            await self._signal.wait_for(lambda: None, HASTE)
