"""Collections that members make by hand: works put together under a name, one after the other."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from models.access import Member, Right
from models.clock import now
from models.ids import derived_id
from models.library import Collection, CollectionKind, LibrarySearch
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
    wanted = not text.startswith("-")
    found = _KIND.match(text.lstrip("-"))
    kind = None if found is None else _KINDS.get(folded(found[1]))
    title = clean(
        text.lstrip("-") if kind is None or found is None else text.lstrip("-")[found.end() :], LONGEST_TITLE
    )
    if not fold(title):
        raise CollectionWrong("collection-usage")
    return Named(kind, title, wanted)


def collection_id(member_id: str, title: str) -> str:
    """Of one member two are never called the same, however it is spelled."""
    return derived_id("collection", member_id, " ".join(fold(title)))


class Collections:
    """Each use case is about the work that a search of the library looks at, or about the collection that it is in."""

    def __init__(self, library: Library) -> None:
        self._library = library

    @require(Right.RECEIVE)
    async def name(self, search_id: str, named: Named, *, by: Member) -> Collection:
        """Puts the work into one's own collection of this name, which is made where there is none; or takes it out.

        Raises NotInLibrary, CollectionWrong.
        """
        item = await _looked_at(await self._library.find(search_id, by=by))
        key = collection_id(by.id, named.title)
        if named.wanted and await Collection.get(key) is None:
            if await Collection.find({"member_id": by.id}).count() >= MOST_COLLECTIONS:
                raise CollectionWrong("collection-too-many", most=MOST_COLLECTIONS)
            kind = named.kind or CollectionKind.PLAYLIST
            with failpoint("collection.make"):
                await insert_once(Collection(id=key, member_id=by.id, collects=kind, title=named.title))
        return await _changed(key, by, _membership(item, wanted=named.wanted))

    @require(Right.RECEIVE)
    async def put(self, search_id: str, collection: str, *, wanted: bool, by: Member) -> Collection:
        """Puts the work into a collection, as the last one, or takes it out. Raises NotInLibrary, NotAllowed, CollectionWrong."""
        item = await _looked_at(await self._library.find(search_id, by=by))
        return await _changed(collection, by, _membership(item, wanted=wanted))

    @require(Right.RECEIVE)
    async def move(self, search_id: str, *, earlier: bool, by: Member) -> Collection:
        """Has the work change places with its neighbour. Raises NotInLibrary, NotAllowed."""
        search = await self._library.find(search_id, by=by)
        item = await _looked_at(search)

        def moved(collection: Collection) -> _Changes:
            if item not in collection.items:
                return None
            others = [each for each in collection.items if each != item]
            place = max(0, collection.items.index(item) + (-1 if earlier else 1))
            return {"items": [*others[:place], item, *others[place:]]}

        return await _changed(search.within, by, moved)

    @require(Right.RECEIVE)
    async def open(self, search_id: str, *, opened: bool, by: Member) -> Collection:
        """Shows the collection to all, or to who made it alone. Raises NotInLibrary, NotAllowed."""
        search = await self._library.find(search_id, by=by)
        return await _changed(search.within, by, lambda _: {"opened": opened})

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
                await Collection.get_pymongo_collection().delete_one({"_id": collection.id})
        await self._library.enter(search_id, "", by=by)


async def _looked_at(search: LibrarySearch) -> str:
    """The id of what stands for it now. Raises NotInLibrary."""
    if not search.looked_at:
        raise NotInLibrary
    return await stands_for(search.looked_at)


def _membership(item: str, *, wanted: bool) -> Callable[[Collection], _Changes]:
    def changes(collection: Collection) -> _Changes:
        if (item in collection.items) == wanted:
            return None
        if wanted and len(collection.items) >= MOST_WORKS:
            raise CollectionWrong("collection-full", most=MOST_WORKS)
        items = [*collection.items, item] if wanted else [each for each in collection.items if each != item]
        return {"items": items}

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
