"""What is kept of a member: they may have all of it, and have it deleted."""

import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from beanie import Document

from models.access import Claim, Member, Right, Role
from models.cards import Card
from models.clock import now
from models.delivery import Delivery
from models.feeds import Feed, FeedEntry, FeedState
from models.grabs import Grab, GrabState
from models.intake import Intake, IntakeState
from models.library import Alert, Collection, Favourite, Item, LibrarySearch
from models.search import Hits, Release, Search
from models.storage import Copy
from models.transfers import ENDED, Transfer, TransferState
from services.access.rights import NotAllowed, require
from services.documents import update_all, update_if
from services.errors import MagpieError
from services.failpoints import failpoint
from services.transfers.forgotten import NOBODY, forget_orderer
from services.transfers.records import Stale
from services.transfers.service import Transfers

_IN_MEMORY_BYTES = 1024 * 1024
_MOST_ROUNDS = 5
_INTERNAL = frozenset({"lease_owner", "lease_until", "fence"})
"""Who of us works on it at this moment."""
_OF_WORKS = ("id", "title", "archived_at")
_OF_ENTRIES = ("title", "size", "state", "at")
_OF_INDEXERS = ("link", "page")
"""Addresses of a hit: in those of the owner's own Indexers stand their keys."""
_SORTS: Mapping[str, type[Document]] = {
    "orders": Transfer,
    "works": Item,
    "searches": Search,
    "library_searches": LibrarySearch,
    "favourites": Favourite,
    "alerts": Alert,
    "collections": Collection,
    "feeds": Feed,
    "grabs": Grab,
    "intakes": Intake,
    "deliveries": Delivery,
    "cards": Card,
}
"""What names a member, by what it is called to them. What stood in a feed comes with the feed."""


class OwnerStays(MagpieError):
    """A Magpie is somebody's."""

    def __init__(self) -> None:
        super().__init__("mydata-owner-stays")


class StillBusy(MagpieError):
    """A channel or a feed is being looked through for them at this moment."""

    def __init__(self) -> None:
        super().__init__("mydata-busy")


@dataclass(frozen=True)
class Kept:
    """How much there is of each sort, and how many orders are going on."""

    counts: Mapping[str, int]
    going_on: int


async def kept_of(member: Member) -> Kept:
    """What is kept of a member, in numbers."""
    own = {"member_id": member.id}
    counts = {name: await kind.find(own).count() for name, kind in _SORTS.items()}
    going_on = {**own, "state": {"$nin": [state.value for state in ENDED]}}
    return Kept(counts, await Transfer.find(going_on).count())


class OwnData:
    """Everybody's own: nobody gets or deletes what is kept of another. Raises NotAllowed."""

    def __init__(self, transfers: Transfers) -> None:
        self._transfers = transfers

    @require(Right.PREFER)
    async def own(self, member_id: str, *, by: Member) -> Member:
        """Only makes sure that it is about oneself."""
        if member_id != by.id:
            raise NotAllowed
        return by

    @require(Right.PREFER)
    async def all_of(self, member_id: str, *, by: Member) -> BinaryIO:
        """All that is kept of them, as JSON, in a file without a name; whoever asked closes it."""
        await self.own(member_id, by=by)
        file = cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES))  # noqa: SIM115 - it is given away
        async for text in _as_json(by):
            file.write(text.encode())
        file.seek(0)
        return file

    @require(Right.PREFER)
    async def delete(self, member_id: str, tell: Callable[[], Awaitable[None]], *, by: Member) -> None:
        """Deletes all of it, and has them told before the last of it goes. Stopped anywhere, it is repeated.

        Orders that are going on are cancelled. What is in the library stays there without a name, but for what stood
        in their own chat only. Raises OwnerStays, StillBusy.
        """
        await self.own(member_id, by=by)
        if by.role is Role.OWNER:
            raise OwnerStays
        await _stop_looking(by)
        for _ in range(_MOST_ROUNDS):
            await self._delete(by)
            if not any((await kept_of(by)).counts.values()):
                break
        await tell()
        with failpoint("mydata.member"):
            await Member.get_pymongo_collection().delete_one({"_id": by.id})

    async def _delete(self, member: Member) -> None:
        """Once round: what is going on may write something behind us."""
        await _leave_works(member)
        async for transfer in Transfer.find({"member_id": member.id}):
            await self._leave_order(transfer, member)
        await _delete_asked(member)
        own = {"member_id": member.id}
        with failpoint("mydata.favourites"):
            await Favourite.get_pymongo_collection().delete_many(own)
        with failpoint("mydata.alerts"):
            await Alert.get_pymongo_collection().delete_many(own)
        await _leave_collections(member)
        with failpoint("mydata.grabs"):
            await Grab.get_pymongo_collection().delete_many(own)
        await _delete_feeds(member)
        await _leave_intakes(member)
        with failpoint("mydata.deliveries"):
            await Delivery.get_pymongo_collection().delete_many(own)
        with failpoint("mydata.claim"):
            await update_if(Claim, {"used_by": member.id}, {"used_by": ""})
        with failpoint("mydata.cards"):
            await Card.get_pymongo_collection().delete_many(own)

    async def _leave_order(self, transfer: Transfer, member: Member) -> None:
        """What is stored again of something archived goes on: it is for everybody."""
        is_over = transfer.state in {TransferState.DONE, TransferState.CANCELLED}
        if not is_over and transfer.item is None:
            try:
                transfer = await self._transfers.cancel(transfer.id, by=member)
            except Stale:
                return  # it ended meanwhile: the next round finds it so
        await forget_orderer(transfer)


async def _stop_looking(member: Member) -> None:
    """Raises StillBusy while a step of one is under way: it would order more."""
    going_on = {"$in": [GrabState.LOOKING.value, GrabState.READY.value, GrabState.RUNNING.value]}
    with failpoint("mydata.stop"):
        await update_all(
            Grab,
            {"member_id": member.id, "state": going_on},
            {"state": GrabState.STOPPED, "changed_at": now()},
        )
    running = {"member_id": member.id, "state": FeedState.RUNNING.value}
    with failpoint("mydata.pause"):
        await update_all(Feed, running, {"state": FeedState.PAUSED, "changed_at": now()})
    with failpoint("mydata.halt"):
        await update_all(
            Intake,
            {
                "member_id": member.id,
                "state": {"$in": [IntakeState.LOOKING.value, IntakeState.RUNNING.value]},
            },
            {"state": IntakeState.STOPPED, "changed_at": now()},
        )
    held = {"member_id": member.id, "lease_until": {"$gt": now()}}
    grab = await Grab.find_one({**held, "state": GrabState.STOPPED.value})
    intake = await Intake.find_one({**held, "state": IntakeState.STOPPED.value})
    if grab is not None or intake is not None or await Feed.find_one(held) is not None:
        raise StillBusy


async def _leave_works(member: Member) -> None:
    """They are nobody's any more. What stood in their own chat only is theirs alone, and out of the library."""
    own_chat, theirs = int(member.id), {"member_id": member.id}
    with failpoint("mydata.copies"):
        await Copy.get_pymongo_collection().delete_many({"channel_id": own_chat, "stored": True})
    found = Item.get_pymongo_collection().find({**theirs, "channel_id": own_chat}, {"_id": 1})
    ids = [item["_id"] async for item in found]
    copies = Copy.get_pymongo_collection().find({"item": {"$in": ids}}, {"item": 1})
    left = {copy["item"] async for copy in copies}
    nobodys: dict[str, object] = {"member_id": NOBODY, "changed_at": now()}
    nowhere = {**nobodys, "channel_id": None, "posts": []}
    with failpoint("mydata.own-works"):
        gone = sorted(set(ids) - left)
        await update_all(Item, {"_id": {"$in": gone}}, {**nowhere, "removed_at": now()})
        await update_all(Item, {"_id": {"$in": sorted(left)}}, nowhere)
    with failpoint("mydata.works"):
        await update_all(Item, theirs, nobodys)


async def _leave_collections(member: Member) -> None:
    """What everybody sees stays, and is nobody's."""
    theirs = {"member_id": member.id}
    with failpoint("mydata.opened-collections"):
        await update_all(Collection, {**theirs, "opened": True}, {"member_id": NOBODY, "changed_at": now()})
    with failpoint("mydata.collections"):
        await Collection.get_pymongo_collection().delete_many(theirs)


async def _leave_intakes(member: Member) -> None:
    """By one that was started, everybody knows what is in its channel: it stays, and is nobody's."""
    theirs = {"member_id": member.id}
    with failpoint("mydata.intakes"):
        begun = {**theirs, "$or": [{"opened": True}, {"closed": True}]}
        await update_all(Intake, begun, {"member_id": NOBODY, "chat_id": 0, "changed_at": now()})
    with failpoint("mydata.wishes"):
        await Intake.get_pymongo_collection().delete_many(theirs)


async def _delete_asked(member: Member) -> None:
    """What they looked for. Hits name nobody but by their search, so that goes last."""
    own = {"member_id": member.id}
    ids = [found["_id"] async for found in Search.get_pymongo_collection().find(own, {"_id": 1})]
    with failpoint("mydata.hits"):
        await Hits.get_pymongo_collection().delete_many({"_id": {"$in": ids}})
    with failpoint("mydata.searches"):
        await Search.get_pymongo_collection().delete_many(own)
    with failpoint("mydata.library-searches"):
        await LibrarySearch.get_pymongo_collection().delete_many(own)


async def _delete_feeds(member: Member) -> None:
    """What stood in a feed is found by it, so that goes last."""
    own = {"member_id": member.id}
    ids = [found["_id"] async for found in Feed.get_pymongo_collection().find(own, {"_id": 1})]
    with failpoint("mydata.feed-entries"):
        await FeedEntry.get_pymongo_collection().delete_many({"feed": {"$in": ids}})
    with failpoint("mydata.feeds"):
        await Feed.get_pymongo_collection().delete_many(own)


async def _as_json(member: Member) -> AsyncIterator[str]:
    """A few documents at a time: somebody may have ordered a whole channel."""
    stored = await Member.get_pymongo_collection().find_one({"_id": member.id}) or {}
    yield '{"made_at":' + str(now()) + ',"member":' + _text(_shown(stored))
    for name, kind in _SORTS.items():
        yield f',"{name}":['
        between = ""
        async for one in kind.get_pymongo_collection().find({"member_id": member.id}).sort("_id", 1):
            yield between + _text(await _told(kind, one))
            between = ","
        yield "]"
    yield "}\n"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _shown(stored: Mapping[str, Any]) -> dict[str, Any]:
    left = {name: value for name, value in stored.items() if name not in _INTERNAL | {"_id"}}
    return {"id": stored.get("_id"), **left}


async def _told(kind: type[Document], stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document as its member may have it: addresses that came from the owner's Indexers are the owner's."""
    shown = _shown(stored)
    if kind is Transfer and shown["source"].get("trusted"):
        shown["source"] = {name: value for name, value in shown["source"].items() if name != "value"}
    if kind is Item:
        return {name: shown[name] for name in _OF_WORKS}
    if kind is Search:
        shown["hits"] = await _hits(str(shown["id"]))
    if kind is Feed:
        entries = FeedEntry.get_pymongo_collection().find({"feed": shown["id"]}).sort("_id", 1)
        shown["entries"] = [{name: one[name] for name in _OF_ENTRIES} async for one in entries]
    return shown


async def _hits(search_id: str) -> Sequence[Mapping[str, Any]]:
    hits = await Hits.get(search_id)
    return [] if hits is None else [_hit(release) for release in hits.releases]


def _hit(release: Release) -> Mapping[str, Any]:
    return {name: value for name, value in release._asdict().items() if name not in _OF_INDEXERS}
