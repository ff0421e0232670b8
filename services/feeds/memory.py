"""What was ever seen in a feed: nothing of it counts as new again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from models.clock import Millis, now
from models.feeds import EntryState, Feed, FeedEntry, FeedKind
from models.ids import derived_id
from services.documents import insert_new, update_all
from services.failpoints import failpoint
from services.feeds.entries import Entry

_AT_ONCE = 500
_DAY_MILLIS = 24 * 3_600_000


async def remember(feed: Feed, entries: Sequence[Entry]) -> None:
    """Saves what was not seen before: as new, or as what stood there already. Repeatable."""
    known = await _known(feed.id, [name for entry in entries for name in entry.names])
    moment = now()
    fresh = [_remembered(feed, entry, moment) for entry in _unknown(entries, known)]
    for start in range(0, len(fresh), _AT_ONCE):
        with failpoint("feeds.remember"):
            await insert_new(fresh[start : start + _AT_ONCE])


async def want_seen(feed: Feed) -> None:
    """What stood there at the beginning is wanted, too."""
    stood = {"feed": feed.id, "state": EntryState.SEEN}
    with failpoint("feeds.want"):
        await update_all(FeedEntry, stood, {"state": EntryState.NEW})


async def forget(feed: Feed) -> None:
    """Removes everything that is remembered, and the Feed last: until then this is repeated."""
    with failpoint("feeds.forget"):
        await FeedEntry.get_pymongo_collection().delete_many({"feed": feed.id})
    with failpoint("feeds.gone"):
        await Feed.get_pymongo_collection().delete_one({"_id": feed.id})


async def counts_of(feed_id: str) -> Mapping[EntryState, int]:
    """How many entries there are of each state."""
    pipeline: Sequence[Mapping[str, object]] = [
        {"$match": {"feed": feed_id}},
        {"$group": {"_id": "$state", "value": {"$sum": 1}}},
    ]
    found = await FeedEntry.get_pymongo_collection().aggregate(pipeline)
    return {EntryState(row["_id"]): row["value"] async for row in found}


async def _known(feed_id: str, names: Sequence[str]) -> set[str]:
    """All names of those entries that have one of these."""
    known = set[str]()
    for start in range(0, len(names), _AT_ONCE):
        where = {"feed": feed_id, "names": {"$in": list(names[start : start + _AT_ONCE])}}
        async for found in FeedEntry.get_pymongo_collection().find(where, {"names": 1}):
            known.update(found["names"])
    return known


def _unknown(entries: Iterable[Entry], known: set[str]) -> Iterator[Entry]:
    """Each thing once, the first of it."""
    for entry in entries:
        if known.isdisjoint(entry.names):
            yield entry
        known.update(entry.names)


def _remembered(feed: Feed, entry: Entry, moment: Millis) -> FeedEntry:
    names = entry.names
    published = moment if entry.published is None else entry.published
    return FeedEntry(
        id=derived_id("entry", feed.id, names[0]),
        feed=feed.id,
        member_id=feed.member_id,
        names=names,
        order=derived_id("fed", feed.member_id, names[0]),
        title=entry.title,
        link=entry.link,
        size=entry.size,
        state=EntryState.NEW if _is_news(feed, entry) else EntryState.SEEN,
        at=min(published, moment),
    )


def _is_news(feed: Feed, entry: Entry) -> bool:
    """Of what a search finds, only what an Indexer has that was asked before, and what is no older than the wish for it:
    an old one may come up any day, because others left or somebody shares it again.
    """
    if feed.kind is FeedKind.ADDRESS:
        return feed.begun
    is_old = entry.published is not None and entry.published < feed.created_at - _DAY_MILLIS
    return not is_old and not set(entry.indexers).isdisjoint(feed.known_indexers)
