"""Items as they change: what the index, and who names works, look through again and again."""

from collections.abc import AsyncIterator
from typing import Any

from models.clock import Millis
from models.library import Item

OVERLAP_MILLIS = 60_000
"""So much may clocks of machines differ, and a write take: a look begins so long before the one before it."""
_EVER: Millis = 1 << 62


async def changed_items(
    since: Millis, most_a_page: int, before: Millis = _EVER
) -> AsyncIterator[list[dict[str, Any]]]:
    """Items by when they were last changed, each page asked for by itself: the embedded database has all that one question
    finds in its memory, and answers nobody meanwhile.
    """
    last, seen = since, set[str]()
    while True:
        most = most_a_page + len(seen)
        between = {"changed_at": {"$gte": last, "$lt": before}}
        found = Item.get_pymongo_collection().find(between, batch_size=most)
        page = await found.sort("changed_at", 1).limit(most).to_list()
        if fresh := [item for item in page if item["_id"] not in seen]:
            yield fresh
        if len(page) < most:
            return
        last = page[-1]["changed_at"]
        # those of the same moment come again
        seen = {item["_id"] for item in page if item["changed_at"] == last}
