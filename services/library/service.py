"""The library as members use it: asked for, turned over, looked at closely."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from models.access import Member, Right
from models.clock import now
from models.ids import derived_id
from models.library import Alert, Favourite, Item, LibrarySearch, alert_id
from models.search import Face
from models.storage import Copy
from services.access.rights import NotAllowed, require
from services.documents import insert_once, load, update_if
from services.errors import MagpieError
from services.failpoints import failpoint
from services.intake.channels import opened_channels
from services.library.channels import Channels, RoomOf
from services.library.entries import entry_of
from services.library.groups import (
    Group,
    Groups,
    changeable_by,
    group_of,
    groups_among,
    holding_of,
    named_group,
    parts_of_item,
    seen,
    seen_by,
)
from services.library.index import Facet, Finds, Index, IndexDamaged, Wanted
from services.library.membership import IsMember, Membership
from services.library.query import FAVOURITES, Asked, Field, QueryWrong, SortBy, read_asked
from services.library.reach import Reach
from services.library.replaced import as_it_stands, merged_into
from services.library.shown import (
    MOST_PAGES,
    PAGE,
    TYPED,
    Choice,
    Details,
    Shown,
    Typed,
    choices,
    read_chosen,
    spelled,
)
from services.library.standing import MergedFor, standing, stands_for
from services.library.tags import changed
from services.telegram.port import TelegramAway

MOST_ALERTS = 50
_CLOSELY = (Face.DETAILS, Face.COLLECT)
"""Sides that show one work."""
_MOST_FILTERS = 50
"""More than a Card ever offers."""


class NotInLibrary(MagpieError):
    """There is no such search any more, or no such Item that this member may see."""

    def __init__(self) -> None:
        super().__init__("button-stale")


class TooManyAlerts(MagpieError):
    """A member may wait for so many things at a time."""

    def __init__(self) -> None:
        super().__init__("too-many-alerts", most=MOST_ALERTS)


class Library:
    """`index` gives what can be asked now, `damaged` is told when it cannot be read; `channel` is the archive channel."""

    def __init__(
        self,
        index: Callable[[], Index | None],
        damaged: Callable[[], None],
        channel: int | None,
        is_member: IsMember,
        room_of: RoomOf,
    ) -> None:
        self._index = index
        self._damaged = damaged
        self._channel = channel
        self._membership = Membership(is_member)
        self._channels = Channels(room_of)
        self._merged_for = MergedFor()

    @require(Right.RECEIVE)
    async def begin(self, text: str, *, search_id: str, chat_id: int, by: Member) -> LibrarySearch:
        """Saves what is asked; the same id twice is the same search. Raises QueryWrong."""
        await self._read(text, by)
        search = LibrarySearch(id=search_id, member_id=by.id, chat_id=chat_id, text=text)
        with failpoint("library.search"):
            return await insert_once(search)

    @require(Right.RECEIVE)
    async def find(self, search_id: str, *, by: Member) -> LibrarySearch:
        """One's own search. Raises NotInLibrary, NotAllowed."""
        search = await LibrarySearch.get(search_id)
        if search is None:
            raise NotInLibrary
        if search.member_id != by.id:
            raise NotAllowed
        return search

    @require(Right.RECEIVE)
    async def turn(self, search_id: str, page: int, *, by: Member) -> LibrarySearch:
        """Turns to a page of the finds."""
        return await self._turned(
            await self.find(search_id, by=by), {"page": min(max(0, page), MOST_PAGES - 1)}
        )

    @require(Right.RECEIVE)
    async def sort(self, search_id: str, sort: SortBy, *, by: Member) -> LibrarySearch:
        """Lists the finds in another order, from the first page on."""
        return await self._turned(await self.find(search_id, by=by), {"sort": sort.value, "page": 0})

    @require(Right.RECEIVE)
    async def choose(
        self, search_id: str, facet: Facet, value: str, *, chosen: bool, by: Member
    ) -> LibrarySearch:
        """Chooses one value of a facet, or leaves it."""
        search = await self.find(search_id, by=by)
        if chosen and len(search.filters) >= _MOST_FILTERS:
            raise NotInLibrary
        step = {"$addToSet" if chosen else "$pull": {"filters": spelled(facet, value)}}
        return await self._turned(search, {"page": 0}, step)

    @require(Right.RECEIVE)
    async def clear(self, search_id: str, *, by: Member) -> LibrarySearch:
        """Lists everything that was asked for again."""
        return await self._turned(await self.find(search_id, by=by), {"filters": [], "page": 0})

    @require(Right.RECEIVE)
    async def face(self, search_id: str, face: Face, *, looked_at: str = "", by: Member) -> LibrarySearch:
        """Turns the Card to another side; `looked_at` is the Item whose details are to be shown."""
        search = await self.find(search_id, by=by)
        # pages of finds and of what they are parts of are not the same
        page = 0 if Face.COLLECTIONS in {face, search.face} else search.page
        changes = {"face": face.value, "looked_at": looked_at, "page": page}
        return await self._turned(search, changes)

    @require(Right.RECEIVE)
    async def like(self, search_id: str, item_id: str, *, by: Member) -> LibrarySearch:
        """Lists what is similar to an Item; with the search's own id, what was asked for."""
        changes = {
            "like": "" if item_id == search_id else item_id,
            "within": "",
            "filters": [],
            "page": 0,
            "face": Face.HITS.value,
        }
        return await self._turned(await self.find(search_id, by=by), changes)

    @require(Right.RECEIVE)
    async def enter(self, search_id: str, collection: str, *, by: Member) -> LibrarySearch:
        """Lists the parts of a collection; of an empty id, what was asked for."""
        changes = {
            "within": collection,
            "like": "",
            "sort": "",
            "filters": [],
            "page": 0,
            "face": Face.HITS.value,
        }
        return await self._turned(await self.find(search_id, by=by), changes)

    @require(Right.RECEIVE)
    async def may_see(self, item_id: str, chat_id: int, *, by: Member) -> bool:
        """Whether an Item is in the library, for them, where they ask."""
        return await _seen_item(item_id, await self.reach(chat_id, by)) is not None

    @require(Right.RECEIVE)
    async def last(self, chat_id: int, *, by: Member) -> LibrarySearch:
        """One's newest search in a chat that looks closely at a work. Raises NotInLibrary."""
        closely = {"$in": [face.value for face in _CLOSELY]}
        mine = {"member_id": by.id, "chat_id": chat_id, "face": closely}
        found = await LibrarySearch.find(mine).sort("-changed_at").first_or_none()
        if found is None:
            raise NotInLibrary
        return found

    @require(Right.RECEIVE)
    async def tag(self, search_id: str, on: Sequence[str], off: Sequence[str], *, by: Member) -> Item:
        """Puts tags on the work that is looked at, and takes some off: for whom it belongs to, and for admins.

        Raises NotAllowed, NotInLibrary, TagsWrong.
        """
        search = await self.find(search_id, by=by)
        while True:
            item = await Item.get(await stands_for(search.looked_at))
            if item is None or item.removed_at:
                raise NotInLibrary
            if item.member_id != by.id and not by.may(Right.MANAGE):
                raise NotAllowed
            changes = {
                "tags": changed(item.tags, on, off),
                "changed_at": max(now(), item.changed_at + 1),
            }
            with failpoint("library.tag"):
                # two who tag at the same time both count
                tagged = await update_if(Item, {"_id": item.id, "changed_at": item.changed_at}, changes)
            if tagged is not None:
                return tagged

    @require(Right.RECEIVE)
    async def favour(self, item_id: str, *, wanted: bool, by: Member) -> None:
        """Makes an Item one of the member's favourites, or none of them."""
        item_id = await stands_for(item_id)
        key = derived_id("favourite", by.id, item_id)
        if wanted:
            with failpoint("library.favour"):
                await insert_once(Favourite(id=key, member_id=by.id, item=item_id))
        else:
            with failpoint("library.disfavour"):
                await Favourite.find({"_id": key}).delete()

    @require(Right.RECEIVE)
    async def begin_at(self, item_id: str, *, search_id: str, chat_id: int, by: Member) -> LibrarySearch:
        """As if one had been asked for that finds just this Item, and it were looked at closely."""
        with failpoint("library.search-one"):
            return await insert_once(_search_of(item_id, search_id, chat_id, by))

    @require(Right.RECEIVE)
    async def typed(self, text: str, offset: int, *, by: Member) -> Typed:
        """What fits while somebody types in any chat: only what every member, or they, may see. Raises QueryWrong.

        What only who oversees all may see is left out: others read what is chosen.
        """
        index = self._index()
        if index is None:
            return Typed()
        asked = await self._read(text, by)
        wanted = Wanted(
            asked=asked,
            reach=await self._own_reach(by),
            sort=asked.sort or (SortBy.RELEVANCE if asked.words or asked.phrases else SortBy.NEWEST),
            offset=offset,
            limit=TYPED,
            only=await _favourites(by) if _asks_favourites(asked) else None,
        )
        try:
            found = await asyncio.to_thread(index.search, wanted)
        except IndexDamaged:
            self._damaged()
            return Typed()
        items = await _items(found.ids)
        following = offset + len(found.ids)
        return Typed(items, await _main_copies(items), following if following < found.total else None)

    @require(Right.RECEIVE)
    async def watch(self, search_id: str, *, wanted: bool, by: Member) -> None:
        """Has a member told, or not any more, when something arrives that fits what they asked for. Raises TooManyAlerts."""
        search = await self.find(search_id, by=by)
        text = search.because or search.text
        if not text.strip():
            raise NotInLibrary
        alert = Alert(id=alert_id(by.id, text), member_id=by.id, text=text)
        if not wanted:
            with failpoint("library.unwatch"):
                await Alert.find({"_id": alert.id}).delete()
            return
        if await Alert.find({"member_id": by.id}).count() >= MOST_ALERTS:
            raise TooManyAlerts
        with failpoint("library.watch"):
            await insert_once(alert)

    @require(Right.RECEIVE)
    async def arrived(self, alert: Alert, fresh: Sequence[str], *, by: Member) -> list[LibrarySearch]:
        """Of what is new that which a member wants to be told of, each as a search to be shown. Raises QueryWrong."""
        index = self._index()
        if index is None:
            return []
        asked = replace(await self._read(alert.text, by), unfinished=False)
        reach = await self._own_reach(by)
        wanted = Wanted(asked, reach, limit=len(fresh), only=fresh, closely=True)
        found = await asyncio.to_thread(index.search, wanted)
        return [await self._shown_once(alert, item_id, by) for item_id in found.ids]

    async def _shown_once(self, alert: Alert, item_id: str, by: Member) -> LibrarySearch:
        search = _search_of(item_id, derived_id("arrived", alert.id, item_id), int(by.id), by)
        with failpoint("library.arrived"):
            return await insert_once(search.model_copy(update={"because": alert.text}))

    async def shown(self, search: LibrarySearch) -> Shown:
        """What the Card of a search shows now, for whom it may be shown where it stands."""
        member = await Member.get(search.member_id)
        if member is None:
            return Shown(search, SortBy.RELEVANCE)
        try:
            wanted = await self._wanted(search, member)
        except (QueryWrong, TelegramAway):
            # a channel that was there when it was asked for
            return Shown(search, SortBy.RELEVANCE)
        try:
            search, wanted = await as_it_stands(search, wanted)
            return await self._shown(search, wanted, member)
        except IndexDamaged:
            self._damaged()
            return Shown(search, wanted.sort, ready=False)

    async def _shown(self, search: LibrarySearch, wanted: Wanted, member: Member) -> Shown:
        index = self._index()
        if index is None:
            return Shown(search, wanted.sort, ready=False)
        found = await asyncio.to_thread(index.search, wanted)
        page = search.page
        if search.face in _CLOSELY and search.looked_at in found.order:
            page = found.order.index(search.looked_at) // PAGE
            found = replace(found, ids=found.order[page * PAGE : (page + 1) * PAGE])
        if not found.ids and found.total:
            page = (found.total - 1) // PAGE
            found = await asyncio.to_thread(index.search, replace(wanted, offset=page * PAGE))
        items = await _items(found.ids)
        return Shown(
            search=search,
            sort=wanted.sort,
            items=items,
            total=found.total,
            page=page,
            care=found.care,
            choices=await _choices(index, search, wanted, found),
            chosen=wanted.chosen,
            like=None if wanted.like is None else await Item.get(wanted.like["id"]),
            details=await _details(search, items, member, _moves(search, wanted, found)),
            within=await _within(index, search, wanted, found, member),
            groups=await _groups(index, search, wanted, found, member),
            watched=await Alert.get(alert_id(member.id, search.because or search.text)) is not None,
        )

    async def _wanted(self, search: LibrarySearch, member: Member) -> Wanted:
        asked = await self._read(search.text, member)
        reach = await self.reach(search.chat_id, member)
        like = await _seen_item(search.like, reach)
        made = await seen(search.within, member, search.chat_id) if search.within else None
        plain = SortBy.RELEVANCE if asked.words or asked.phrases or like else SortBy.NEWEST
        if search.within:
            asked, plain = Asked(), SortBy.ORDER
        return Wanted(
            asked=asked if like is None else Asked(),
            reach=reach,
            chosen=read_chosen(search.filters),
            sort=SortBy(search.sort) if search.sort else asked.sort or plain,
            offset=0 if search.face is Face.COLLECTIONS else search.page * PAGE,
            limit=PAGE,
            only=await _only(search, asked, member) if made is None else await _standing(made.items),
            like=None if like is None else entry_of(like),
            within="" if made is not None else search.within,
        )

    async def reach(self, chat_id: int, member: Member) -> Reach:
        """What may be shown to a member in a chat: in a group, only what is for all who are in it."""
        if chat_id < 0:
            return Reach(self._channel, groups=[chat_id], taken_in=await opened_channels())
        if member.may(Right.OVERSEE):
            return Reach(self._channel, everything=True)
        return await self._own_reach(member)

    async def _own_reach(self, member: Member) -> Reach:
        """What is theirs and what is for all, and nothing that they may only see because they oversee all."""
        groups = await self._membership.groups_of(member)
        kept = await self._merged_for.member(member.id)
        return Reach(self._channel, member.id, groups, taken_in=await opened_channels(), kept=kept)

    async def _read(self, text: str, by: Member) -> Asked:
        """Raises QueryWrong."""
        return await self._channels.numbered(read_asked(text, utc_offset=by.utc_offset))

    async def _turned(
        self, search: LibrarySearch, changes: Mapping[str, object], step: Mapping[str, Any] | None = None
    ) -> LibrarySearch:
        update = {"$set": {**changes, "changed_at": now()}, **(step or {})}
        with failpoint("library.turn"):
            stored = await LibrarySearch.get_pymongo_collection().find_one_and_update(
                {"_id": search.id}, update, return_document=True
            )
        return search if stored is None else load(LibrarySearch, stored)


def _search_of(item_id: str, search_id: str, chat_id: int, by: Member) -> LibrarySearch:
    return LibrarySearch(
        id=search_id,
        member_id=by.id,
        chat_id=chat_id,
        text="",
        one=item_id,
        looked_at=item_id,
        face=Face.DETAILS,
    )


def _asks_favourites(asked: Asked) -> bool:
    return any(each.field is Field.IN and each.value == FAVOURITES for each in asked.filters)


async def _favourites(member: Member) -> list[str]:
    own = [each.item for each in await Favourite.find({"member_id": member.id}).to_list()]
    return await _standing(own)


async def _standing(ids: Sequence[str]) -> list[str]:
    """What stands for these now, each once, in this order."""
    return list(dict.fromkeys((await standing(ids)).values()))


async def _seen_item(item_id: str, reach: Reach) -> Mapping[str, Any] | None:
    """As the database has it; None: there is none, or it is not for them."""
    item = await Item.get_pymongo_collection().find_one({"_id": item_id}) if item_id else None
    return item if item is not None and not item.get("removed_at") and reach.sees(item) else None


async def _only(search: LibrarySearch, asked: Asked, member: Member) -> list[str] | None:
    if search.one and not search.like and not search.within:
        return [search.one]
    return await _favourites(member) if _asks_favourites(asked) else None


async def _main_copies(items: Sequence[Item]) -> Mapping[str, Copy]:
    """The Copy of each Item's main post, by the Item."""
    ids = [item.posts[0].copy_id for item in items if item.posts]
    copies = await Copy.find({"_id": {"$in": ids}}).to_list() if ids else []
    return {copy.item: copy for copy in copies}


async def _items(ids: Sequence[str]) -> list[Item]:
    """In this order; what is gone meanwhile is left out."""
    found = {item.id: item for item in await Item.find({"_id": {"$in": list(ids)}}).to_list()} if ids else {}
    return [found[item_id] for item_id in ids if item_id in found]


async def _choices(index: Index, search: LibrarySearch, wanted: Wanted, found: Finds) -> list[Choice]:
    """Only where they are shown: counting takes longer than finding. A series shows its seasons beside its episodes."""
    seasons = wanted.within and search.face is Face.HITS
    if search.face is not Face.FILTER and not seasons:
        return []
    facets = [Facet.SEASON] if seasons else list(Facet)
    return choices(await asyncio.to_thread(index.counts, wanted, found.care, facets), wanted.chosen)


def _moves(search: LibrarySearch, wanted: Wanted, found: Finds) -> Mapping[bool, int]:
    """Where the work that is looked at would stand in its collection; True: one earlier, of those that are seen."""
    if search.looked_at not in found.order or wanted.only is None:
        return {}
    here, given = found.order.index(search.looked_at), list(wanted.only)
    beside = {True: here - 1, False: here + 1}
    return {way: given.index(found.order[at]) for way, at in beside.items() if 0 <= at < len(found.order)}


async def _details(
    search: LibrarySearch, items: Sequence[Item], member: Member, moves: Mapping[bool, int]
) -> Details | None:
    item = next((item for item in items if item.id == search.looked_at), None)
    if search.face not in _CLOSELY or item is None:
        return None
    copies = await Copy.find({"item": item.id, "stored": True}).to_list()
    favourite = await Favourite.get(derived_id("favourite", member.id, item.id))
    holding = await holding_of(item.id, member, search.chat_id)
    return Details(
        item=item,
        favourite=favourite is not None,
        previews=sum(copy.is_preview for copy in copies),
        copies=sum(copy.message_id is not None and not copy.is_preview for copy in copies),
        kept_on_disk=sum(copy.path is not None for copy in copies),
        parts=parts_of_item(item, holding, member),
        mine=await changeable_by(member, search.chat_id, holding) if search.face is Face.COLLECT else (),
        moves=moves,
        merged=await merged_into(item.id),
    )


async def _groups(
    index: Index, search: LibrarySearch, wanted: Wanted, found: Finds, member: Member
) -> Groups | None:
    if search.face is not Face.COLLECTIONS:
        return None
    made = await seen_by(member, search.chat_id)
    return await groups_among(index, wanted, found.care, made, member, search.page)


async def _within(
    index: Index, search: LibrarySearch, wanted: Wanted, found: Finds, member: Member
) -> Group | None:
    """What the listed works are parts of, as it may be called here."""
    if wanted.within:
        return await named_group(index, wanted, wanted.within)
    made = await seen(search.within, member, search.chat_id) if search.within else None
    return None if made is None else group_of(made, member, count=found.total, item=search.looked_at)
