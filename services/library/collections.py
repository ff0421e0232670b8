"""Collections that members make by hand: works put together under a name, one after the other."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from models.access import Member, Right
from models.clock import now
from models.ids import derived_id
from models.library import Collection, CollectionKind, Item
from services.access.rights import NotAllowed, require
from services.documents import insert_once, update_if
from services.errors import MagpieError
from services.failpoints import failpoint
from services.grabbing.wish import folded
from services.library.fold import fold
from services.library.groups import MOST_WORKS, may_change
from services.library.service import Library, NotInLibrary
from services.library.standing import stands_for
from services.media.names import clean
from services.transfers.forgotten import NOBODY

MOST_COLLECTIONS = 100
"""Of one member."""
LONGEST_TITLE = 80
_KINDS: Mapping[str, CollectionKind] = {
    "series": CollectionKind.SERIES,
    "serie": CollectionKind.SERIES,
    "album": CollectionKind.ALBUM,
    "playlist": CollectionKind.PLAYLIST,
    "lista": CollectionKind.PLAYLIST,
}
_KIND = re.compile(r"\s*(\w+)\s*:\s*")
_Changes = Mapping[str, object] | None
"""What is to be changed; None: nothing, it is so already."""


class CollectionWrong(MagpieError):
    """No name was given, or there is no room in a collection or for another one."""


@dataclass(frozen=True)
class Named:
    """A collection as somebody names it; `wanted`: whether a work is to be put there, or taken out."""

    kind: CollectionKind | None
    title: str
    wanted: bool = True


def read_named(text: str) -> Named:
    """`Evening`, `-Evening`, `album: Kind of Blue`. Raises CollectionWrong."""
    text = text.strip()
    name = text.lstrip("-")
    found = _KIND.match(name)
    kind = None if found is None else _KINDS.get(folded(found[1]))
    title = clean(name if kind is None or found is None else name[found.end() :], LONGEST_TITLE)
    if not fold(title):
        raise CollectionWrong("collection-usage")
    return Named(kind, title, wanted=name == text)


def collection_id(member_id: str, title: str, number: int = 0) -> str:
    """Of one member two are never called the same, however it is spelled. `number`: of those that are not theirs any more."""
    return derived_id("collection", member_id, " ".join(fold(title)), *([number] if number else []))


class Collections:
    """Each use case is about the work that a search of the library looks at, or about the collection that it is in."""

    def __init__(self, library: Library) -> None:
        self._library = library

    @require(Right.RECEIVE)
    async def name(self, search_id: str, named: Named, *, by: Member) -> Collection:
        """Puts the work into one's own collection of this name, which is made where there is none; or takes it out.

        Raises NotInLibrary, CollectionWrong.
        """
        item = await self._looked_at(search_id, by, wanted=named.wanted)
        key, own = await _own(named.title, by)
        if own is None and not named.wanted:
            raise CollectionWrong("collection-unknown", title=named.title)
        if own is None:
            if await Collection.find({"member_id": by.id}).count() >= MOST_COLLECTIONS:
                raise CollectionWrong("collection-too-many", most=MOST_COLLECTIONS)
            kind = named.kind or CollectionKind.PLAYLIST
            with failpoint("collection.make"):
                await insert_once(Collection(id=key, member_id=by.id, collects=kind, title=named.title))
        return await self._put(key, item, wanted=named.wanted, by=by)

    @require(Right.RECEIVE)
    async def put(self, search_id: str, collection: str, *, wanted: bool, by: Member) -> Collection:
        """Puts the work into a collection, as the last one, or takes it out. Raises NotInLibrary, NotAllowed, CollectionWrong."""
        item = await self._looked_at(search_id, by, wanted=wanted)
        return await self._put(collection, item, wanted=wanted, by=by)

    @require(Right.RECEIVE)
    async def move(self, search_id: str, place: int, *, by: Member) -> Collection:
        """Puts the work to a place in the collection, counted from 0. Raises NotInLibrary, NotAllowed."""
        search = await self._library.find(search_id, by=by)
        item = await stands_for(search.looked_at) if search.looked_at else ""

        def moved(collection: Collection) -> _Changes:
            if item not in collection.items:
                return None
            others = [each for each in collection.items if each != item]
            items = [*others[:place], item, *others[place:]]
            return None if items == collection.items else {"items": items}

        return await _changed(search.within, by, moved)

    @require(Right.RECEIVE)
    async def open(self, search_id: str, *, opened: bool, by: Member) -> Collection:
        """Shows the collection to all, or to who made it alone. Raises NotInLibrary, NotAllowed."""
        search = await self._library.find(search_id, by=by)

        def changes(collection: Collection) -> _Changes:
            if collection.member_id == NOBODY:
                # shown to nobody, it could never be deleted
                raise NotAllowed
            return {"opened": opened}

        return await _changed(search.within, by, changes)

    @require(Right.RECEIVE)
    async def drop(self, search_id: str, *, by: Member) -> None:
        """The collection; its works stay. Raises NotInLibrary, NotAllowed."""
        search = await self._library.find(search_id, by=by)
        if not search.within:
            raise NotInLibrary
        # repeated after a crash, only the way out is left to go
        if await Collection.get(search.within) is not None:
            collection = await _changeable(search.within, by)
            with failpoint("collection.delete"):
                # an admin's right ends when its owner closes it
                as_read = {"_id": collection.id, "opened": collection.opened}
                await Collection.get_pymongo_collection().delete_one(as_read)
        await self._library.enter(search_id, "", by=by)

    async def _looked_at(self, search_id: str, by: Member, *, wanted: bool) -> str:
        """The id of what stands for the work now; it may be `wanted` only by who sees it. Raises NotInLibrary."""
        search = await self._library.find(search_id, by=by)
        item = await stands_for(search.looked_at) if search.looked_at else ""
        if not item or (wanted and not await self._library.may_see(item, search.chat_id, by=by)):
            raise NotInLibrary
        return item

    async def _put(self, collection: str, item: str, *, wanted: bool, by: Member) -> Collection:
        return await _changed(collection, by, _membership(item, wanted=wanted, gone=await _gone(collection)))


async def _own(title: str, by: Member) -> tuple[str, Collection | None]:
    """One's own collection of a name, or the id that it would have: one that was left to all may have the first."""
    for number in range(MOST_COLLECTIONS):
        key = collection_id(by.id, title, number)
        found = await Collection.get(key)
        if found is None or found.member_id == by.id:
            return key, found
    raise CollectionWrong("collection-too-many", most=MOST_COLLECTIONS)


async def _gone(collection_id: str) -> frozenset[str]:
    """Of a collection that is full, the works that are not in the library any more."""
    collection = await Collection.get(collection_id)
    if collection is None or len(collection.items) < MOST_WORKS:
        return frozenset()
    there = Item.get_pymongo_collection().find({"_id": {"$in": collection.items}}, {"removed_at": 1})
    return frozenset(collection.items) - {item["_id"] async for item in there if not item.get("removed_at")}


def _membership(item: str, *, wanted: bool, gone: frozenset[str]) -> Callable[[Collection], _Changes]:
    def changes(collection: Collection) -> _Changes:
        if (item in collection.items) == wanted:
            return None
        kept = [each for each in collection.items if each != item and each not in gone]
        if wanted and len(kept) >= MOST_WORKS:
            raise CollectionWrong("collection-full", most=MOST_WORKS)
        return {"items": [*kept, item] if wanted else kept}

    return changes


async def _changeable(collection_id: str, by: Member) -> Collection:
    """Raises NotInLibrary, NotAllowed."""
    collection = await Collection.get(collection_id)
    if collection is None:
        raise NotInLibrary
    if not may_change(collection, by):
        raise NotAllowed
    return collection


async def _changed(collection_id: str, by: Member, changes: Callable[[Collection], _Changes]) -> Collection:
    """Two who change it at the same time both count."""
    while True:
        collection = await _changeable(collection_id, by)
        wanted = changes(collection)
        if wanted is None:
            return collection
        as_read = {"_id": collection.id, "changed_at": collection.changed_at}
        changed_at = max(now(), collection.changed_at + 1)
        with failpoint("collection.change"):
            changed = await update_if(Collection, as_read, {**wanted, "changed_at": changed_at})
        if changed is not None:
            return changed
