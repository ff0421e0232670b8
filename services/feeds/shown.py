"""A feed as its member looks at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models.access import Member
from models.clock import now
from models.feeds import EntryState, Feed, FeedState
from services.feeds.memory import counts_of
from services.transfers.standing import Standing, standing_of


@dataclass(frozen=True)
class Shown:
    """What a Card needs. `utc_offset`: minutes east of UTC that its member's clock is."""

    feed: Feed
    entries: Mapping[EntryState, int] = field(default_factory=dict)
    orders: Standing = field(default_factory=Standing)
    utc_offset: int = 0

    @property
    def is_looked_at(self) -> bool:
        """Whether it is being looked at, or will be in a moment."""
        return self.feed.state is FeedState.RUNNING and self.feed.due_at <= now()


async def feed_for(member: Member, feed: Feed) -> Shown:
    """`member`: who looks at it."""
    orders = await standing_of("feed", feed.id)
    return Shown(feed, await counts_of(feed.id), orders, member.utc_offset)


async def feeds_of(member: Member) -> Sequence[Shown]:
    """All of theirs, the oldest first; of entries nothing is said."""
    own = Feed.find({"member_id": member.id, "state": {"$ne": FeedState.DELETED.value}})
    return [
        Shown(feed, {}, await standing_of("feed", feed.id), member.utc_offset)
        async for feed in own.sort("created_at", "_id")
    ]
