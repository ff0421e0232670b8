"""Which hits are in the archive already, or on their way there."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from models.library import Item
from models.search import Release, Search
from models.transfers import ENDED, Transfer, TransferState


class Mark(StrEnum):
    ARCHIVED = "archived"
    UNDER_WAY = "coming"


async def marks_of(search: Search, releases: Sequence[Release]) -> Mapping[str, Mark]:
    """By the keys of the Releases; whoever ordered them.

    A Release is known again by its infohash, and by having been ordered from this very search.
    """
    hashes = {release.infohash: release.key for release in releases if release.infohash is not None}
    orders = {search.tried[release.key]: release.key for release in releases if release.key in search.tried}
    marks = dict.fromkeys(await _under_way(hashes, orders), Mark.UNDER_WAY)
    return marks | dict.fromkeys(await _archived(hashes, orders), Mark.ARCHIVED)


async def _archived(hashes: Mapping[str, str], orders: Mapping[str, str]) -> Sequence[str]:
    """An Item has the id of the order that brought it, and knows what it was fetched from."""
    where = {"$or": [{"_id": {"$in": sorted(orders)}}, {"source": {"$in": sorted(hashes)}}]}
    found = Item.get_pymongo_collection().find(where, {"source": 1})
    return [orders.get(item["_id"]) or hashes[item["source"]] async for item in found]


async def _under_way(hashes: Mapping[str, str], orders: Mapping[str, str]) -> Sequence[str]:
    """What is still being chosen may never be fetched."""
    idle = [state.value for state in (*ENDED, TransferState.CHOOSING)]
    where = {
        "state": {"$nin": idle},
        "$or": [{"_id": {"$in": sorted(orders)}}, {"download": {"$in": sorted(hashes)}}],
    }
    found = Transfer.get_pymongo_collection().find(where, {"download": 1})
    return [orders.get(order["_id"]) or hashes[order["download"]] async for order in found]
