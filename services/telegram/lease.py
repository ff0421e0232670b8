"""One user of a session at a time: two at once, and Telegram ends it for good."""

import asyncio
import hashlib
from collections.abc import Callable

import structlog
from pymongo.errors import PyMongoError

from models.clock import Millis, now
from models.sessions import SessionLease
from services.documents import insert_once, update_if
from services.telegram.port import IN_USE, AccountLost, TelegramAway

LEASE_MILLIS = 60_000
_RENEW_MILLIS = 20_000
_SPARE_MILLIS = 15_000
"""We stop so long before others may begin: what is on its way then needs time to end."""
_ASK_SECONDS = 5.0
_NAME_DIGITS = 32
_log = structlog.get_logger(__name__)


def name_of(secret: str) -> str:
    """What a session is called where others may read it: its secret cannot be found by it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:_NAME_DIGITS]


class Lease:
    """The right to use one session, for one `owner`. It is ours only as long as our own clock says so.

    Whoever had it before under the same name is known to be dead: it is taken back at once.
    """

    def __init__(self, session: str, owner: str, clock: Callable[[], Millis] = now) -> None:
        self._id = name_of(session)
        self._owner = owner
        self._clock = clock
        self._asking = asyncio.Lock()
        self._until = 0
        self._has_claimed = False
        self.is_taken = False
        """Whether somebody else has it, as far as is known."""

    @property
    def is_ours(self) -> bool:
        """False too when the clock was put back: then nobody knows how long it is good."""
        return _SPARE_MILLIS < self._left <= LEASE_MILLIS

    def heed(self) -> None:
        """Raises when the session may not be used now: AccountLost (in use), TelegramAway while the database is away."""
        if self.is_taken:
            raise AccountLost(IN_USE)
        if not self.is_ours:
            raise TelegramAway(_ASK_SECONDS)

    async def keep(self) -> None:
        """Claims it, or renews it when that is due; `heed` says what came of it. Nothing is raised for the database."""
        async with self._asking:
            if self.is_ours and self._left > LEASE_MILLIS - _RENEW_MILLIS:
                return
            until = self._clock() + LEASE_MILLIS
            # an answer that is lost may have been a yes
            self._has_claimed = True
            try:
                async with asyncio.timeout(_ASK_SECONDS):
                    owner = await self._claim(until)
            except (TimeoutError, PyMongoError) as error:
                _log.warning("session-lease-unknown", error=type(error).__name__)
                return
            self.is_taken = owner != self._owner
            self._until = 0 if self.is_taken else until

    async def release(self) -> None:
        """Lets others have it at once. A database that is away costs them the rest of the time."""
        if self._has_claimed:
            self._until, self._has_claimed = 0, False
            try:
                await update_if(SessionLease, {"_id": self._id, "owner": self._owner}, {"until": 0})
            except PyMongoError as error:
                _log.warning("session-lease-kept", error=type(error).__name__)

    @property
    def _left(self) -> int:
        return self._until - self._clock()

    async def _claim(self, until: Millis) -> str:
        """Whose it is now."""
        free = [{"owner": self._owner}, {"until": {"$lte": self._clock()}}]
        where = {"_id": self._id, "$or": free}
        held = await update_if(SessionLease, where, {"owner": self._owner, "until": until})
        if held is None:
            held = await insert_once(SessionLease(id=self._id, owner=self._owner, until=until))
        return held.owner
