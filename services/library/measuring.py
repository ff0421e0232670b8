"""Reads from the database what is compared of Items: one after the other, as one may have ten thousand files."""

from collections.abc import Iterable, Sequence
from typing import Any

import structlog

from models.library import Item
from models.storage import Copy
from services.library.quality import Encoding, measured

_MOST = 100
"""Items of one work that are compared."""
_FIELDS = dict.fromkeys(
    (*("title", "files", "posts", "channel_id", "group", "merged_into"), *("archived_at", "removed_at")), 1
)
_log = structlog.get_logger(__name__)


async def encodings_of(ids: Iterable[str]) -> list[Encoding]:
    """Of those Items that are there, in this order."""
    found = [await _encoding(each) for each in ids]
    return [each for each in found if each is not None]


async def of_work(work: str) -> list[Encoding]:
    """Of all Items that are said to be this work, wherever they stand."""
    items = Item.get_pymongo_collection().find({"work": work}, {"_id": 1}).sort("_id", 1).limit(_MOST)
    found = await encodings_of([item["_id"] async for item in items])
    return [each for each in found if each.work == work]


async def _encoding(item_id: str) -> Encoding | None:
    item = await Item.get_pymongo_collection().find_one({"_id": item_id}, _FIELDS)
    if item is None or item.get("removed_at"):
        return None
    gone = {"item": item_id, "lost_at": {"$gt": 0}}
    lost = {copy["_id"] async for copy in Copy.get_pymongo_collection().find(gone, {"_id": 1})}
    return _measured(item, sum(post["copy_id"] in lost for post in item.get("posts", ())))


def _measured(item: dict[str, Any], lost: int) -> Encoding | None:
    """A document that is damaged costs itself."""
    try:
        return measured(item, lost)
    except (AttributeError, KeyError, TypeError, ValueError):
        _log.exception("item-not-measured", item=item["_id"])
        return None


def of_place(encodings: Sequence[Encoding], channel_id: int | None, group: int | None) -> list[Encoding]:
    return [each for each in encodings if each.place == (channel_id, group)]
