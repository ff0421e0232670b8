"""What was merged into another Item, where somebody comes to it: links, keys and Cards of before lead on."""

from collections.abc import Sequence
from dataclasses import replace

from models.library import Item, LibrarySearch
from services.library.index import Wanted
from services.library.standing import standing

_MOST = 5


async def as_it_stands(search: LibrarySearch, wanted: Wanted) -> tuple[LibrarySearch, Wanted]:
    """A search as if its member had come to the Items that stand for those it names, where they may see them."""
    named = {each for each in (search.one, search.looked_at) if each}
    moved = {one: now for one, now in (await standing(sorted(named))).items() if one != now} if named else {}
    if not moved:
        return search, wanted
    kept = Item.get_pymongo_collection().find(
        {"_id": {"$in": sorted(set(moved.values()))}}, {"member_id": 1, "channel_id": 1, "group": 1}
    )
    seen = {item["_id"] async for item in kept if wanted.reach.sees(item)}
    leads = {one: now for one, now in moved.items() if now in seen}
    changes = {
        "one": leads.get(search.one, search.one),
        "looked_at": leads.get(search.looked_at, search.looked_at),
    }
    if wanted.only is not None:
        wanted = replace(wanted, only=[leads.get(each, each) for each in wanted.only])
    return search.model_copy(update=changes), wanted


async def merged_into(item_id: str) -> Sequence[Item]:
    """A few of those that an Item stands for, the first archived first."""
    return await Item.find({"merged_into": item_id}).sort("archived_at").limit(_MOST).to_list()
