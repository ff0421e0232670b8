"""Which Item stands for which: one that was merged into another is still delivered, and shown as the other."""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from models.library import Item

_AT_ONCE = 500
_KEEP_SECONDS = 30.0
_MOST_KEPT = 5000
_LONGEST_CHAIN = 4
"""Merging leaves no chains; a step of it may be missing."""
MERGED = {"$gt": ""}


async def standing(ids: Sequence[str]) -> Mapping[str, str]:
    """By each id that of the Item that stands for it now: itself where it was not merged, or the other is not there any more."""
    stands = {each: each for each in ids}
    for _ in range(_LONGEST_CHAIN):
        following = await _there(await _merged(set(stands.values())))
        if not following:
            break
        stands = {each: following.get(now, now) for each, now in stands.items()}
    return stands


async def stands_for(item_id: str) -> str:
    """The id of the Item that stands for this one now."""
    return (await standing([item_id]))[item_id]


class MergedFor:
    """Items that stand for one of a member's own. What is known is believed for half a minute: the built-in database would
    look through all works of a member each time.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, list[str]]] = {}

    async def member(self, member_id: str) -> list[str]:
        asked_at, known = self._known.get(member_id, (-_KEEP_SECONDS, []))
        if time.monotonic() - asked_at < _KEEP_SECONDS:
            return known
        ids = await _kept_for(member_id)
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[member_id] = (time.monotonic(), ids)
        return ids


async def _kept_for(member_id: str) -> list[str]:
    """What stands for their own, where these stood."""
    own = {"merged_into": MERGED, "member_id": member_id}
    merged = [item async for item in Item.get_pymongo_collection().find(own, PLACE)]
    kept = list[str]()
    for some in _portions(item["merged_into"] for item in merged):
        there = Item.get_pymongo_collection().find({"_id": {"$in": some}}, PLACE)
        found = {item["_id"]: place_of(item) async for item in there if not item.get("removed_at")}
        kept += [item["merged_into"] for item in merged if found.get(item["merged_into"]) == place_of(item)]
    return sorted(set(kept))


def place_of(item: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The channel and the group of an Item as the database has it: only what has both in common is merged."""
    return item.get("channel_id"), item.get("group")


async def stands_for_one_of(item: Item, member_id: str) -> bool:
    """Whether one that a member ordered was merged into an Item that stands where theirs stood."""
    own = await Item.find({"merged_into": item.id, "member_id": member_id}).to_list()
    return any((each.channel_id, each.group) == (item.channel_id, item.group) for each in own)


_INTO = {"merged_into": 1}
PLACE = {"merged_into": 1, "channel_id": 1, "group": 1, "removed_at": 1}


async def _merged(ids: Collection[str]) -> Mapping[str, str]:
    found = dict[str, str]()
    for some in _portions(ids):
        merged = {"_id": {"$in": some}, "merged_into": MERGED}
        async for item in Item.get_pymongo_collection().find(merged, _INTO):
            found[item["_id"]] = item["merged_into"]
    return found


async def _there(following: Mapping[str, str]) -> Mapping[str, str]:
    """Those that lead to something."""
    there = set[str]()
    for some in _portions(following.values()):
        kept = Item.get_pymongo_collection().find({"_id": {"$in": some}}, {"removed_at": 1})
        there |= {item["_id"] async for item in kept if not item.get("removed_at")}
    return {one: other for one, other in following.items() if other in there and other != one}


def _portions(ids: Iterable[str]) -> Iterator[list[str]]:
    all_ = sorted(set(ids))
    for start in range(0, len(all_), _AT_ONCE):
        yield all_[start : start + _AT_ONCE]
