"""Looks at feeds when they are due, remembers what stands there, and has ordered what is new."""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from models.access import Member, Right
from models.cards import CardKind
from models.clock import now
from models.feeds import Feed, FeedKind, FeedState
from services.documents import update_all, update_if
from services.errors import MagpieError
from services.failpoints import failpoint
from services.feeds import memory
from services.feeds.errors import FeedTrouble
from services.feeds.looking import Looker, Sight
from services.feeds.orders import Orders, Show, card_of
from services.patterns import PatternTooSlow
from services.rounds import Rounds
from services.tasks import LostHold

TOLD_AFTER = 3
"""So many looks in a row that failed, and its member is told."""
_AT_ONCE = 4
_SPARE_SECONDS = 60.0
_AGAIN_MILLIS = 10_000
"""After this it is seen whether there is room for what waits."""
_LONGEST_PAUSE_SECONDS = 24 * 3600
_LONGEST_BACKOFF_MILLIS = 6 * 3_600_000
_MOST_DOUBLINGS = 16
_MINUTE_MILLIS = 60_000
_UNSEEN = frozenset({"turn_at", "lease_until"})
"""Fields that no Card shows."""
_log = structlog.get_logger(__name__)
Changes = Mapping[str, object]


class FeedRunner(Rounds[Feed]):
    """Takes one turn of each Feed that is due.

    `admits` says whether somebody is a member still; `changed` is called with the id of a Feed whenever there is something new to
    show, and `show` sends a Card that nobody asked for.
    """

    def __init__(
        self,
        looker: Looker,
        orders: Orders,
        owner: str,
        *,
        admits: Callable[[Member], bool],
        changed: Callable[[str], None],
        show: Show,
    ) -> None:
        super().__init__()
        self._looker = looker
        self._orders = orders
        self._owner = owner
        self._admits = admits
        self._changed = changed
        self._show = show
        self._busy = 0

    async def _release(self) -> None:
        with failpoint("feeds.release"):
            await update_all(Feed, {"lease_owner": self._owner}, {"lease_until": 0})

    async def _claim(self) -> Feed | None:
        """The one that has waited longest; only so many are worked on side by side."""
        if self._busy >= _AT_ONCE:
            return None
        moment = now()
        alive = {"$in": [FeedState.RUNNING, FeedState.DELETED]}
        lease = {"lease_owner": self._owner, "lease_until": moment + self._lease_millis}
        with failpoint("feeds.claim"):
            claimed = await update_if(
                Feed,
                {"state": alive, "turn_at": {"$lte": moment}, "lease_until": {"$lt": moment}},
                lease,
                increase={"fence": 1},
                sort=[("turn_at", 1)],
            )
        self._busy += claimed is not None
        return claimed

    @property
    def _lease_millis(self) -> int:
        return round((self._looker.seconds + _SPARE_SECONDS) * 1000)

    async def _work(self, claimed: Feed) -> None:
        structlog.contextvars.bind_contextvars(feed=claimed.id)
        try:
            if claimed.state is FeedState.DELETED:
                await memory.forget(claimed)
            else:
                await self._take_turn(claimed)
        except LostHold:
            _log.info("feed-overtaken")
        finally:
            self._busy -= 1
            self._changed(claimed.id)
            self.wake()

    async def _take_turn(self, feed: Feed) -> None:
        """Each step is written down before the next, and may be done again: what is due stays so until the end."""
        member = await Member.get(feed.member_id)
        if member is None or not member.may(Right.ORDER) or not self._admits(member):
            await self._save(feed, {"state": FeedState.PAUSED, "error": "feed-not-allowed"})
            return
        if feed.due_at <= now():
            feed = await self._look(feed)
        waits = False
        try:
            waits = await self._orders.work_off(feed, member)
        except PatternTooSlow as error:
            feed = await self._save(feed, {"failures": TOLD_AFTER, **_said(error)})
            await self._tell(feed, member)
            await self._save(feed, {"state": FeedState.PAUSED, "told": False})
            return
        feed = await self._tell(feed, member)
        soon = min(feed.due_at, now() + _AGAIN_MILLIS)
        await self._save(feed, {"turn_at": soon if waits else feed.due_at, "lease_until": 0})

    async def _look(self, feed: Feed) -> Feed:
        try:
            async with asyncio.timeout(self._looker.seconds):
                sight = await self._looker.look(feed)
        except TimeoutError:
            return await self._save(feed, _failed(feed, FeedTrouble("link-unreachable")))
        except MagpieError as error:
            _log.info("feed-failed", error=error.key, failures=feed.failures + 1)
            return await self._save(feed, _failed(feed, error))
        await memory.remember(feed, sight.entries)
        return await self._save(feed, _worked(feed, sight))

    async def _tell(self, feed: Feed, member: Member) -> Feed:
        """Once when it does not work, and once when it does again: the Card's id follows from when it worked last."""
        if feed.failures >= TOLD_AFTER and not feed.told:
            await self._show(card_of(feed, member, CardKind.FEED, feed.id, "trouble", feed.worked_at))
            return await self._save(feed, {"told": True})
        if feed.failures == 0 and feed.told:
            well = card_of(feed, member, CardKind.NOTICE, feed.id, "well", feed.worked_at)
            await self._show(
                well.model_copy(update={"key": "feed-well-again", "values": {"name": feed.name}})
            )
            return await self._save(feed, {"told": False})
        return feed

    async def _save(self, feed: Feed, changes: Changes) -> Feed:
        """Raises LostHold when somebody else has it by now, or its member steered it: then it is begun anew."""
        news = {} if set(changes) <= _UNSEEN else {"changed_at": now()}
        with failpoint("feeds.save"):
            saved = await update_if(Feed, {"_id": feed.id, "fence": feed.fence}, {**changes, **news})
        if saved is None:
            raise LostHold
        return saved


def _worked(feed: Feed, sight: Sight) -> Changes:
    moment = now()
    # what it asks for counts where it is longer, within bounds
    pause = max(feed.minutes * _MINUTE_MILLIS, min(sight.pause, _LONGEST_PAUSE_SECONDS) * 1000)
    named = {"name": sight.name} if sight.name and feed.kind is FeedKind.ADDRESS else {}
    return {
        **named,
        "begun": True,
        "known_indexers": sorted({*feed.known_indexers, *sight.answered}),
        "silent": list(sight.silent),
        "unfit": sight.unfit,
        "etag": sight.etag,
        "modified": sight.modified,
        "tried_at": moment,
        "worked_at": moment,
        "due_at": moment + pause,
        "failures": 0,
        "error": None,
        "error_values": {},
    }


def _failed(feed: Feed, error: MagpieError) -> Changes:
    """Less and less often; not before its server wants to be asked again."""
    moment = now()
    doubled = feed.minutes * _MINUTE_MILLIS << min(feed.failures, _MOST_DOUBLINGS)
    asked = error.seconds if isinstance(error, FeedTrouble) else 0
    # who wants to be asked seldom is not asked more often for that it fails
    pause = max(feed.minutes * _MINUTE_MILLIS, min(doubled, _LONGEST_BACKOFF_MILLIS), round(asked * 1000))
    return {"tried_at": moment, "due_at": moment + pause, "failures": feed.failures + 1, **_said(error)}


def _said(error: MagpieError) -> Changes:
    return {"error": error.key, "error_values": error.values}
