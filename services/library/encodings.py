"""Knows which Items are encodings of one work, and merges them where an admin wants it.

The one writer of `Item.work` and `Item.merged_into`; of `Encodings` beside what admins decide (`duplicates.py`). Whatever is
begun is written down first, so that a crash anywhere goes on from there.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import structlog
from pymongo.errors import PyMongoError

from models.clock import Millis, now
from models.ids import derived_id
from models.library import Collection, Encodings, EncodingsState, Favourite, Item, WorksNamed
from services.documents import insert_once, update_all, update_each, update_if
from services.failpoints import failpoint
from services.library.changes import OVERLAP_MILLIS, changed_items
from services.library.grouping import Group, grouped
from services.library.measuring import of_place, of_work
from services.library.quality import Encoding
from services.library.standing import MERGED, PLACE, place_of
from services.library.tags import united
from services.library.works import VERSION, work_of
from services.tasks import Bell, News, heed_cancellation

_LOOK_SECONDS = 5.0
_REST_SECONDS = 1.0
_AWAY_SECONDS = 5.0
_PAGE = 200
SHOWN = "duplicates"
"""The subject of the Cards that show what this finds."""
_BEGUN = (EncodingsState.MERGING, EncodingsState.SEPARATING)
_log = structlog.get_logger(__name__)
_Item = Mapping[str, Any]


class EncodingsKeeper:
    """`changed` is told the subject of Cards when something that they show is another."""

    def __init__(self, bell: Bell, changed: Callable[[str], None]) -> None:
        self._news = News()
        bell.listen(self._news.tell)
        self._changed = changed
        self._known: dict[str, Millis] = {}
        """What was looked at of the last minute, and as of when: a look goes back a little, and finds it again."""
        self._checked = False

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            heed_cancellation()
            try:
                await self.look()
            except PyMongoError as error:
                _log.warning("database-away", error=str(error))
                await asyncio.sleep(_AWAY_SECONDS)
            await asyncio.sleep(_REST_SECONDS)
            await self._news.wait(_LOOK_SECONDS)

    async def look(self) -> None:
        """Takes over what changed since the last look, and does what was decided."""
        await self._carry_out_all()
        if not self._checked:
            # only now: what was cut off in the middle looks as if it led nowhere
            await _check_merged()
            self._checked = True
        await self._follow()

    async def _carry_out_all(self) -> None:
        begun = {"state": {"$in": [state.value for state in _BEGUN]}}
        for group in await Encodings.find(begun).to_list():
            await _carry_out(group)
            self._changed(SHOWN)

    async def _follow(self) -> None:
        reached = await WorksNamed.get("works") or WorksNamed()
        since = reached.until - OVERLAP_MILLIS if reached.version == VERSION else 0
        moment, found = now(), False
        async for page in changed_items(since, _PAGE):
            fresh = [item for item in page if self._known.get(item["_id"]) != item["changed_at"]]
            if not fresh:
                continue
            found = True
            await self._take(fresh)
            await _reach(reached, page[-1]["changed_at"])
            # the first time there may be a million, and somebody waits
            await self._carry_out_all()
            self._forget(moment)
        if found:
            await _reach(reached, moment)
        self._forget(moment)

    def _forget(self, moment: Millis) -> None:
        oldest = moment - 2 * OVERLAP_MILLIS
        self._known = {item: changed for item, changed in self._known.items() if changed >= oldest}

    async def _take(self, items: Sequence[_Item]) -> None:
        works = await asyncio.to_thread(_works_of, items)
        others = [
            ({"_id": item["_id"], "changed_at": item["changed_at"]}, {"work": works[item["_id"]]})
            for item in items
            if works[item["_id"]] != item.get("work", "")
        ]
        if others:
            with failpoint("encodings.name"):
                await update_each(Item, others)
        await _free_all(items)
        concerned = {*works.values(), *(item.get("work", "") for item in items)} - {""}
        for work in sorted(await _in_company(concerned)):
            if await _refresh(work):
                self._changed(SHOWN)
        self._known.update((item["_id"], item["changed_at"]) for item in items)


def _works_of(items: Iterable[_Item]) -> Mapping[str, str]:
    """By their ids. A document that is damaged is no work."""
    works = dict[str, str]()
    for item in items:
        try:
            works[item["_id"]] = "" if item.get("removed_at") else work_of(item)
        except (AttributeError, KeyError, TypeError, ValueError):
            _log.exception("work-not-named", item=item["_id"])
            works[item["_id"]] = ""
    return works


async def _reach(reached: WorksNamed, until: Millis) -> None:
    with failpoint("encodings.reach"):
        await insert_once(WorksNamed())
        await update_if(WorksNamed, {"_id": reached.id}, {"until": until, "version": VERSION})


async def _in_company(works: Iterable[str]) -> set[str]:
    """Those of which there are several Items, or were."""
    asked, seen, found = {"work": {"$in": sorted(works)}}, set[str](), set[str]()
    async for item in Item.get_pymongo_collection().find(asked, {"work": 1}):
        (found if item["work"] in seen else seen).add(item["work"])
    async for group in Encodings.get_pymongo_collection().find(asked, {"work": 1}):
        found.add(group["work"])
    return found


async def _refresh(work: str) -> bool:
    """Has what is shown of a work be as its Items are; whether anything is another."""
    members = await of_work(work)
    places = {each.place for each in members if each.channel_id is not None}
    known = {group.id: group for group in await Encodings.find({"work": work}).to_list()}
    ids = {_id(work, *place): place for place in places}
    changed = False
    for group_id in sorted({*ids, *known}):
        theirs = of_place(members, *ids[group_id]) if group_id in ids else []
        changed |= await _put(group_id, theirs)
    return changed


def _id(work: str, channel_id: int | None, group: int | None) -> str:
    return derived_id("encodings", work, channel_id, group)


async def _put(group_id: str, members: Sequence[Encoding], *, done: Encodings | None = None) -> bool:
    """What is being done is left until it is; whoever decides at the same moment counts, and it is looked at again."""
    while True:
        known = await Encodings.get(group_id)
        is_done = known is not None and done is not None and known.changed_at == done.changed_at
        if known is not None and known.state in _BEGUN and not is_done:
            return False
        ids = {each.id for each in members}
        apart = [] if known is None else [both for both in known.apart if set(both.split(":")) <= ids]
        found = grouped(members, apart)
        if known is None:
            return found is not None and await _begin(group_id, members[0], found)
        if found is None:
            with failpoint("encodings.drop"):
                await Encodings.get_pymongo_collection().delete_one(_as_read(known))
            return True
        said = {"state": found.state, "items": list(found.items), "best": found.best, "apart": apart}
        said |= {"joining": []}
        if all(getattr(known, name) == value for name, value in said.items()):
            return False
        with failpoint("encodings.change"):
            if await update_if(Encodings, _as_read(known), {**said, "changed_at": later(known)}) is not None:
                return True


async def _begin(group_id: str, one: Encoding, found: Group) -> bool:
    group = Encodings(
        id=group_id,
        work=one.work,
        channel_id=one.channel_id or 0,
        group=one.group,
        items=list(found.items),
        best=found.best,
        state=found.state,
    )
    with failpoint("encodings.insert"):
        await insert_once(group)
    return True


def _as_read(group: Encodings) -> dict[str, Any]:
    return {"_id": group.id, "changed_at": group.changed_at}


def later(group: Encodings) -> Millis:
    """Now; in any case later, so that who read it before sees that it is not the same."""
    return max(now(), group.changed_at + 1)


async def _carry_out(group: Encodings) -> None:
    """Merges or separates; repeatable. What is gone meanwhile, or stands elsewhere by now, is left out."""
    kept = await Item.get(group.best)
    if group.state is EncodingsState.SEPARATING:
        for item_id in group.joining:
            with failpoint("encodings.separate"):
                apart = {"merged_into": "", "changed_at": now()}
                await update_if(Item, {"_id": item_id, "merged_into": MERGED}, apart)
    elif kept is not None and _stands_in(kept, group):
        if kept.merged_into:
            with failpoint("encodings.keep"):
                await update_if(Item, {"_id": kept.id}, {"merged_into": "", "changed_at": now()})
        for item_id in group.joining:
            await _merge(item_id, kept.id, group)
    members = of_place(await of_work(group.work), group.channel_id, group.group)
    await _put(group.id, members, done=group)
    _log.info("encodings-decided", work=group.work, state=group.state.value, kept=group.best)


def _stands_in(item: Item, group: Encodings) -> bool:
    return not item.removed_at and (item.channel_id, item.group) == (group.channel_id, group.group)


async def _merge(item_id: str, kept: str, group: Encodings) -> None:
    """From now on `kept` stands for the Item, and for what the Item stood for. Posts and Copies stay as they are."""
    while (item := await Item.get(item_id)) is not None:
        if item.id == kept or not _stands_in(item, group):
            return
        if item.merged_into == kept:
            break
        where = {"_id": item.id, "changed_at": item.changed_at}
        with failpoint("encodings.merge"):
            merged = {"merged_into": kept, "changed_at": max(now(), item.changed_at + 1)}
            await update_if(Item, where, merged)
    with failpoint("encodings.follow"):
        behind = {"merged_into": item_id, "_id": {"$ne": kept}}
        await update_all(Item, behind, {"merged_into": kept, "changed_at": now()})
    if item is not None:
        await _unite_tags(kept, item.tags)
    await _move_favourites(item_id, kept)
    await _move_in_collections(item_id, kept)


async def _unite_tags(kept: str, tags: Sequence[str]) -> None:
    """Somebody may put tags on it meanwhile."""
    while (item := await Item.get(kept)) is not None:
        all_ = united(item.tags, tags)
        if all_ == item.tags:
            return
        where = {"_id": kept, "changed_at": item.changed_at}
        with failpoint("encodings.tags"):
            changes = {"tags": all_, "changed_at": max(now(), item.changed_at + 1)}
            await update_if(Item, where, changes)


async def _move_favourites(item_id: str, kept: str) -> None:
    for favourite in await Favourite.find({"item": item_id}).to_list():
        member = favourite.member_id
        moved = Favourite(id=derived_id("favourite", member, kept), member_id=member, item=kept)
        with failpoint("encodings.favour"):
            await insert_once(moved)
        with failpoint("encodings.disfavour"):
            await Favourite.find({"_id": favourite.id}).delete()


async def _move_in_collections(item_id: str, kept: str) -> None:
    """Where it was, the other is now, once."""
    while (collection := await Collection.find_one({"items": item_id})) is not None:
        items = list(dict.fromkeys(kept if each == item_id else each for each in collection.items))
        where = {"_id": collection.id, "changed_at": collection.changed_at}
        with failpoint("encodings.collect"):
            changes = {"items": items, "changed_at": max(now(), collection.changed_at + 1)}
            await update_if(Collection, where, changes)


async def _free_all(items: Sequence[_Item]) -> None:
    """What was merged into one of these that is gone, or stands elsewhere now, stands for itself again."""
    places = {
        item["_id"]: None if item.get("removed_at") else place_of(item)
        for item in items
        if not item.get("merged_into")
    }
    behind = Item.get_pymongo_collection().find({"merged_into": {"$in": sorted(places)}}, PLACE)
    for item in await behind.to_list():
        if places[item["merged_into"]] != place_of(item):
            await _free(item)
    kept = sorted({item["merged_into"] for item in items if item.get("merged_into")})
    if kept:
        await _free_from([item for item in items if item.get("merged_into")], kept)


async def _free_from(items: Sequence[_Item], kept: Sequence[str], *, strict: bool = False) -> None:
    """`strict`: of what leads to no Item at all, or on from there, too. While an import or a merge runs, that may be right."""
    found = await Item.get_pymongo_collection().find({"_id": {"$in": list(kept)}}, PLACE).to_list()
    there = {item["_id"]: item for item in found}
    for item in items:
        other = there.get(item["merged_into"])
        if other is None or (strict and other.get("merged_into")):
            leads_nowhere = strict
        else:
            leads_nowhere = not _stands_for(other, item)
        if leads_nowhere:
            await _free(item)


def _stands_for(kept: _Item, item: _Item) -> bool:
    return place_of(kept) == place_of(item) and not kept.get("removed_at") and kept["_id"] != item["_id"]


async def _free(item: _Item) -> None:
    _log.info("item-stands-for-itself", item=item["_id"], instead_of=item["merged_into"])
    with failpoint("encodings.free"):
        where = {"_id": item["_id"], "merged_into": item["merged_into"]}
        await update_if(Item, where, {"merged_into": "", "changed_at": now()})


async def _check_merged() -> None:
    """At a start: nothing is hidden behind what is not there."""
    last = ""
    while True:
        merged = {"merged_into": MERGED, "_id": {"$gt": last}}
        found = Item.get_pymongo_collection().find(merged, PLACE).sort("_id", 1).limit(_PAGE)
        page = await found.to_list()
        if not page:
            return
        await _free_from(page, sorted({item["merged_into"] for item in page}), strict=True)
        last = page[-1]["_id"]
