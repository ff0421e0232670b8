"""What a member may do with feeds."""

from collections.abc import Callable, Mapping, Sequence

from models.access import Member, Right
from models.clock import now
from models.feeds import EntryState, Feed, FeedEntry, FeedState
from services.access.rights import NotAllowed, require
from services.documents import insert_once, update_if
from services.downloads.reading import SourceReader
from services.errors import MagpieError
from services.failpoints import failpoint
from services.feeds import memory
from services.feeds.filters import read_filter
from services.feeds.orders import Orders
from services.feeds.reading import Wanted, read_wanted
from services.search.fields import read_query

MOST_FEEDS = 20
"""Of one member."""
MINUTES = (5, 15, 60, 360, 1440)
"""How often a feed may be looked at."""
_BREATH_MILLIS = 60_000
"""So long after a look nobody has it looked at again: a press costs nothing, and somebody else's server something."""
_THERE = (FeedState.RUNNING, FeedState.PAUSED)


class TooManyFeeds(MagpieError):
    """The member has as many as one may have: one has to go first."""

    def __init__(self) -> None:
        super().__init__("feed-too-many", most=MOST_FEEDS)


class UnknownFeed(MagpieError):
    """There is no such Feed any more, or no such entry."""

    def __init__(self) -> None:
        super().__init__("button-stale")


class Feeds:
    """Use cases of feeds. `wake` tells the runner that there is something to do."""

    def __init__(self, reader: SourceReader, orders: Orders, wake: Callable[[], None]) -> None:
        self._reader = reader
        self._orders = orders
        self._wake = wake

    @require(Right.ORDER)
    async def begin(
        self, text: str, *, feed_id: str, chat_id: int, thread_id: int | None = None, by: Member
    ) -> Feed:
        """Has an address or a search looked at from now on. The same id twice, or the same wish, is the same Feed.

        Raises TooManyFeeds, and the errors of `read_wanted`.
        """
        wanted = await read_wanted(text, self._reader)
        there = [feed for feed in await self.mine(by=by) if _is_same(feed, wanted, chat_id, thread_id)]
        if there:
            return there[0]
        feed = Feed(
            id=feed_id,
            member_id=by.id,
            chat_id=chat_id,
            thread_id=thread_id,
            kind=wanted.kind,
            what=wanted.what,
            name=wanted.name,
            wish=wanted.wish,
        )
        with failpoint("feeds.insert"):
            saved = await insert_once(feed)
        # counted afterwards: of two that are begun at once both would find room
        if saved.id not in [each.id for each in (await self.mine(by=by))[:MOST_FEEDS]]:
            if saved.state is not FeedState.DELETED:
                await self.delete(saved.id, by=by)
            raise TooManyFeeds
        self._wake()
        return saved

    @require(Right.ORDER)
    async def find(self, feed_id: str, *, by: Member) -> Feed:
        """One's own. Raises UnknownFeed, NotAllowed."""
        feed = await Feed.get(feed_id)
        if feed is None or feed.state is FeedState.DELETED:
            raise UnknownFeed
        if feed.member_id != by.id and not by.may(Right.OVERSEE):
            raise NotAllowed
        return feed

    @require(Right.ORDER)
    async def mine(self, *, by: Member) -> Sequence[Feed]:
        """One's own, the oldest first."""
        own = {"member_id": by.id, "state": {"$ne": FeedState.DELETED.value}}
        return await Feed.find(own).sort("created_at", "_id").to_list()

    @require(Right.ORDER)
    async def pause(self, feed_id: str, *, by: Member) -> Feed:
        """Looks at nothing and orders nothing until it goes on; what is ordered goes on."""
        return await self._steer(feed_id, {"state": FeedState.PAUSED}, by)

    @require(Right.ORDER)
    async def resume(self, feed_id: str, *, by: Member) -> Feed:
        """Goes on after a pause, with a look."""
        well: Mapping[str, object] = {"failures": 0, "error": None, "error_values": {}, "told": False}
        return await self._steer(feed_id, {"state": FeedState.RUNNING, "due_at": 0, **well}, by)

    @require(Right.ORDER)
    async def ask_first(self, feed_id: str, *, wanted: bool, by: Member) -> Feed:
        """Whether to be asked before anything is fetched."""
        return await self._steer(feed_id, {"ask_first": wanted}, by)

    @require(Right.ORDER)
    async def look_every(self, feed_id: str, minutes: int, *, by: Member) -> Feed:
        """How often it is looked at, from the last look on. Raises UnknownFeed for what is not offered."""
        if minutes not in MINUTES:
            raise UnknownFeed
        feed = await self.find(feed_id, by=by)
        due = feed.due_at if feed.failures else feed.tried_at + minutes * 60_000
        return await self._steer(feed_id, {"minutes": minutes, "due_at": due}, by)

    @require(Right.ORDER)
    async def filter(self, feed_id: str, wish: str, *, update_id: int = 0, by: Member) -> Feed:
        """What of it is wanted from now on; an empty text: everything. `update_id` is the message it was typed in.

        Raises what `read_filter` raises.
        """
        read_filter(wish)
        return await self._steer(feed_id, {"wish": read_query(wish), "wish_from": update_id}, by)

    @require(Right.ORDER)
    async def filtered(self, update_id: int, *, by: Member) -> Feed | None:
        """The feed that took a message for a filter already, when the message comes again."""
        return await Feed.find_one({"member_id": by.id, "wish_from": update_id})

    @require(Right.ORDER)
    async def look_now(self, feed_id: str, *, by: Member) -> bool:
        """Has it looked at; False where that was done a moment ago."""
        feed = await self.find(feed_id, by=by)
        if now() < feed.tried_at + _BREATH_MILLIS:
            return False
        await self._steer(feed_id, {"due_at": 0}, by)
        return True

    @require(Right.ORDER)
    async def want_seen(self, feed_id: str, *, by: Member) -> Feed:
        """Orders, too, what stood there at the beginning and passes the filter."""
        feed = await self.find(feed_id, by=by)
        await memory.want_seen(feed)
        return await self._steer(feed_id, {}, by)

    @require(Right.ORDER)
    async def delete(self, feed_id: str, *, by: Member) -> None:
        """Looks at it no more; what was ordered goes on."""
        await self._steer(feed_id, {"state": FeedState.DELETED}, by)

    @require(Right.ORDER)
    async def approve(self, order_id: str, *, by: Member) -> None:
        """Orders what was asked for. Ordered already: nothing changes. Raises UnknownFeed, SourceRejected."""
        feed, entry = await self._asked(order_id, by)
        owner = by if by.id == feed.member_id else await Member.get(feed.member_id)
        if owner is None or entry.state is EntryState.SKIPPED:
            raise UnknownFeed
        await self._orders.order(feed, entry, owner)
        await self._steer(feed.id, {}, by)

    @require(Right.ORDER)
    async def skip(self, order_id: str, *, by: Member) -> None:
        """Does not order what was asked for."""
        feed, entry = await self._asked(order_id, by)
        await self._orders.skip(entry)
        await self._steer(feed.id, {}, by)

    async def _asked(self, order_id: str, by: Member) -> tuple[Feed, FeedEntry]:
        entry = await asked_for(order_id)
        if entry is None:
            raise UnknownFeed
        return await self.find(entry.feed, by=by), entry

    async def _steer(self, feed_id: str, changes: Mapping[str, object], by: Member) -> Feed:
        """Takes the Feed out of the hands of whoever works on it: that is begun anew. Raises UnknownFeed, NotAllowed."""
        feed = await self.find(feed_id, by=by)
        free = {"turn_at": 0, "lease_owner": None, "lease_until": 0, "changed_at": now()}
        with failpoint("feeds.steer"):
            steered = await update_if(
                Feed,
                {"_id": feed.id, "state": {"$in": list(_THERE)}},
                {**free, **changes},
                increase={"fence": 1},
            )
        self._wake()
        if steered is None:
            raise UnknownFeed
        return steered


async def asked_for(order_id: str) -> FeedEntry | None:
    """The entry that an order would be made of, or was: of several, one that waits for an answer."""
    entries = await FeedEntry.find({"order": order_id}).to_list()
    return min(entries, key=lambda entry: entry.state is not EntryState.ASKING, default=None)


def _is_same(feed: Feed, wanted: Wanted, chat_id: int, thread_id: int | None) -> bool:
    return (feed.kind, feed.what, feed.chat_id, feed.thread_id) == (
        wanted.kind,
        wanted.what,
        chat_id,
        thread_id,
    )
