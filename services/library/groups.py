"""What finds are parts of: series and albums that their files name, and collections that somebody made."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.access import Member, Right
from models.library import Collection, CollectionKind, Item
from services.documents import load
from services.library.asking import Care
from services.library.fold import fold
from services.library.gathering import Gathered, gathered
from services.library.index import Index, Wanted
from services.library.query import Asked, SortBy

GROUPS_A_PAGE = 8
MOST_WORKS = 1000
"""In a collection that somebody made."""
_MOST_MADE = 100
_MOST_NAMED = 1000


@dataclass(frozen=True)
class Group:
    """A collection as a Card shows it. `count`: how many of its works may be seen, among what was asked for."""

    id: str
    kind: CollectionKind
    title: str
    performer: str = ""
    count: int = 0
    made: bool = False
    """Whether somebody made it by hand."""
    opened: bool = False
    changeable: bool = False
    """Whether the reader may change it."""
    has: bool = False
    """Whether the work that is looked at is in it."""


def may_change(collection: Collection, member: Member) -> bool:
    """Who made it; and admins what all see."""
    return collection.member_id == member.id or (collection.opened and member.may(Right.MANAGE))


async def seen_by(member: Member, chat_id: int) -> list[Collection]:
    """Those that may be shown to a member in a chat, their own before others', the last changed first: in a group only what is
    for all.
    """
    return await _seen_of({}, member, chat_id)


def _own(member: Member, chat_id: int) -> dict[str, object]:
    return {"member_id": member.id, **({} if chat_id > 0 else {"opened": True})}


async def _newest(where: dict[str, object]) -> list[Collection]:
    return await Collection.find(where).sort("-changed_at").limit(_MOST_MADE).to_list()


async def holding_of(item_id: str, member: Member, chat_id: int) -> list[Collection]:
    """Those of them that a work is in."""
    return await _seen_of({"items": item_id}, member, chat_id)


async def _seen_of(where: Mapping[str, object], member: Member, chat_id: int) -> list[Collection]:
    own = await _newest({**where, **_own(member, chat_id)})
    others = await _newest({**where, "opened": True, "member_id": {"$ne": member.id}})
    return [*own, *others]


async def changeable_by(member: Member, chat_id: int, holding: Sequence[Collection]) -> list[Group]:
    """What a member may put a work into, or take it out of: what it is in, then their own, the last changed first."""
    named = Collection.get_pymongo_collection().find(_own(member, chat_id), {"items": 0})
    own = [load(Collection, each) async for each in named.sort("changed_at", -1).limit(_MOST_MADE)]
    held = {
        each.id: replace(group_of(each, member), has=True) for each in holding if may_change(each, member)
    }
    return [*held.values(), *[group_of(each, member) for each in own if each.id not in held]]


async def seen(collection_id: str, member: Member, chat_id: int) -> Collection | None:
    """One of those by its id."""
    found = await Collection.get(collection_id)
    return found if found is not None and _is_seen(found, member, chat_id) else None


def _is_seen(collection: Collection, member: Member, chat_id: int) -> bool:
    return collection.opened or (collection.member_id == member.id and chat_id > 0)


def group_of(collection: Collection, member: Member, *, count: int = 0, item: str = "") -> Group:
    """One that somebody made, as this member may use it."""
    return Group(
        collection.id,
        collection.collects,
        collection.title,
        count=count,
        made=True,
        opened=collection.opened,
        changeable=may_change(collection, member),
        has=item in collection.items,
    )


@dataclass(frozen=True)
class Groups:
    """One page of collections, of `total` in all; `page` counts from 0."""

    shown: Sequence[Group] = ()
    total: int = 0
    page: int = 0

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // GROUPS_A_PAGE))


async def groups_among(
    index: Index, wanted: Wanted, care: Care, made: Sequence[Collection], member: Member, page: int
) -> Groups:
    """What the finds are parts of: first what was made by hand, then the largest. `page`, or the last one there is.

    What was made by hand is there with all its works when it is called as was asked.
    """
    counts = await asyncio.to_thread(_counted, index, wanted, made)
    # of what others made it is not even told that it is there where nothing of it may be seen
    shown = [
        group_of(each, member, count=count)
        for each, count in zip(made, counts, strict=True)
        if count or (may_change(each, member) and _is_called(each, wanted.asked))
    ]
    named = list((await asyncio.to_thread(index.collections, wanted, care, _MOST_NAMED)).items())
    total = len(shown) + len(named)
    page = min(page, Groups(total=total).pages - 1)
    first = page * GROUPS_A_PAGE
    on_page = shown[first : first + GROUPS_A_PAGE]
    start = max(0, first - len(shown))
    for key, count in named[start : start + GROUPS_A_PAGE - len(on_page)]:
        found = await named_group(index, wanted, key)
        if found is not None:
            on_page.append(replace(found, count=count))
    return Groups(on_page, total, page)


def _counted(index: Index, wanted: Wanted, made: Sequence[Collection]) -> list[int]:
    """How many finds are in each; in what is called as was asked, how many works."""
    return [_count(index, wanted, each) for each in made]


def _count(index: Index, wanted: Wanted, collection: Collection) -> int:
    ids = collection.items if wanted.only is None else sorted(set(wanted.only) & set(collection.items))
    among = replace(wanted, only=ids, sort=SortBy.RELEVANCE, offset=0, limit=1, closely=True)
    if wanted.asked != Asked() and _is_called(collection, wanted.asked):
        among = replace(among, asked=Asked(), like=None)
    return index.search(among).total if ids else 0


def _is_called(collection: Collection, asked: Asked) -> bool:
    words = [word for text in (*asked.words, *asked.phrases) for word in fold(text)]
    title = fold(collection.title)
    plain = not asked.filters and not asked.without
    return plain and all(any(each.startswith(word) for each in title) for word in words)


async def named_group(index: Index, wanted: Wanted, key: str) -> Group | None:
    """A series or an album, called as one of its parts calls it that may be seen by who asks; None: there is none."""
    among = replace(wanted, asked=Asked(), chosen={}, like=None, only=None, within=key, offset=0, limit=1)
    found = await asyncio.to_thread(index.search, among)
    item = await Item.get_pymongo_collection().find_one({"_id": found.ids[0]}) if found.ids else None
    named = None if item is None else next((each for each in _gathered(item) if each.id == key), None)
    return None if named is None else _group(named, found.total)


def parts_of_item(item: Item, holding: Sequence[Collection], member: Member) -> list[Group]:
    """What a work is a part of; `holding`: collections that it is in."""
    named = [_group(each, 0) for each in _gathered(item.model_dump())]
    return [*(group_of(each, member, item=item.id) for each in holding), *named]


def _group(named: Gathered, count: int) -> Group:
    return Group(named.id, named.kind, named.title, named.performer, count)


def _gathered(item: Mapping[str, Any]) -> list[Gathered]:
    return gathered(item.get("files", []))
