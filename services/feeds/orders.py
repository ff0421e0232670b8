"""From new entries to orders: a few at a time, each once, or only after its member was asked."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from models.access import Member
from models.cards import Card, CardKind
from models.feeds import EntryState, Feed, FeedEntry, FeedKind
from models.ids import derived_id
from services.documents import update_all, update_if
from services.downloads.port import Source, SourceRejected
from services.downloads.reading import SourceReader
from services.failpoints import failpoint
from services.feeds.filters import read_filter
from services.transfers.service import Transfers
from services.transfers.standing import standing_of

MOST_AT_ONCE = 10
"""Orders of one feed under way, or questions that wait for an answer: more would flood a chat, and keep others waiting."""
_PORTION = 200
_OPEN = (EntryState.NEW, EntryState.ASKING)
_log = structlog.get_logger(__name__)
Show = Callable[[Card], Awaitable[None]]
"""Has a Card sent; the same Card again is the same message."""


class Orders:
    """`show` shows members what was ordered, or asks them."""

    def __init__(self, transfers: Transfers, reader: SourceReader, show: Show) -> None:
        self._transfers = transfers
        self._reader = reader
        self._show = show

    async def work_off(self, feed: Feed, member: Member) -> bool:
        """Orders what is new and wanted, or asks for it, the oldest first; whether some of it has to wait.

        Killed anywhere, it is done again from where it was. Raises PatternTooSlow.
        """
        new = FeedEntry.find({"feed": feed.id, "state": EntryState.NEW.value}).sort("at", "_id")
        entries = await new.limit(_PORTION).to_list()
        if not entries:
            return False
        fitting = await asyncio.to_thread(read_filter(feed.wish).passing, entries)
        await _pass_over(entries, fitting)
        room = max(0, MOST_AT_ONCE - await _under_way(feed))
        for entry in fitting[:room]:
            await (self._ask(feed, entry, member) if feed.ask_first else self._try(feed, entry, member))
        # an answer wakes whoever waits for it
        is_full = len(fitting) > room and not feed.ask_first
        return is_full or (room > 0 and len(entries) == _PORTION)

    async def order(self, feed: Feed, entry: FeedEntry, member: Member) -> None:
        """The same entry again is the same order. Raises SourceRejected."""
        if await _came_otherwise(entry):
            await _decide(entry, EntryState.KNOWN)
            return
        order = await self._transfers.request(
            await self._source(feed, entry),
            transfer_id=entry.order,
            chat_id=feed.chat_id,
            trace=entry.order,
            feed=feed.id,
            by=member,
        )
        ours = order.feed == feed.id
        if ours:
            await self._show(card_of(feed, member, CardKind.TRANSFER, entry.order))
        await _decide(entry, EntryState.ORDERED if ours else EntryState.KNOWN)

    async def skip(self, entry: FeedEntry) -> None:
        """It is not wanted; what was ordered stays ordered."""
        await _decide(entry, EntryState.SKIPPED)

    async def _try(self, feed: Feed, entry: FeedEntry, member: Member) -> None:
        try:
            await self.order(feed, entry, member)
        except SourceRejected as error:
            _log.info("entry-refused", feed=feed.id, entry=entry.id, error=error.key)
            await _decide(entry, EntryState.REFUSED)

    async def _ask(self, feed: Feed, entry: FeedEntry, member: Member) -> None:
        """With the Card that will be the order's."""
        if await _came_otherwise(entry):
            await _decide(entry, EntryState.KNOWN)
            return
        await self._show(card_of(feed, member, CardKind.TRANSFER, entry.order))
        new = {"_id": entry.id, "state": EntryState.NEW}
        with failpoint("feeds.asked"):
            await update_if(FeedEntry, new, {"state": EntryState.ASKING})

    async def _source(self, feed: Feed, entry: FeedEntry) -> Source:
        """What an Indexer of the owner's links to may be at that Indexer; what a member's feed links to may be no such place."""
        if feed.kind is FeedKind.SEARCH or entry.link.startswith("magnet:"):
            return await self._reader.hit(entry.link, entry.title)
        return self._reader.strangers_link(entry.link, entry.title)


def card_of(feed: Feed, member: Member, kind: CardKind, subject: str, *occasion: object) -> Card:
    """A Card that comes by itself, into the chat of the feed; `occasion` tells it from others about the same."""
    return Card(
        id=derived_id("card", feed.id, kind, subject, *occasion),
        chat_id=feed.chat_id,
        thread_id=feed.thread_id,
        member_id=feed.member_id,
        language=member.language,
        kind=kind,
        subject=subject,
    )


async def _pass_over(entries: Sequence[FeedEntry], fitting: Sequence[FeedEntry]) -> None:
    wanted = {entry.id for entry in fitting}
    others = [entry.id for entry in entries if entry.id not in wanted]
    if others:
        new = {"_id": {"$in": others}, "state": EntryState.NEW}
        with failpoint("feeds.pass-over"):
            await update_all(FeedEntry, new, {"state": EntryState.PASSED_OVER})


async def _under_way(feed: Feed) -> int:
    if feed.ask_first:
        return await FeedEntry.find({"feed": feed.id, "state": EntryState.ASKING.value}).count()
    return (await standing_of("feed", feed.id)).under_way


async def _came_otherwise(entry: FeedEntry) -> bool:
    """Whether another feed of the same member brought the same under another name of it."""
    same = {"member_id": entry.member_id, "names": {"$in": entry.names}, "_id": {"$ne": entry.id}}
    return await FeedEntry.find({**same, "state": EntryState.ORDERED.value}).count() > 0


async def _decide(entry: FeedEntry, state: EntryState) -> None:
    """Once: who comes later finds it decided."""
    with failpoint("feeds.decide"):
        await update_if(FeedEntry, {"_id": entry.id, "state": {"$in": list(_OPEN)}}, {"state": state})
