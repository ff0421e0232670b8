"""Which Cards may show something old, found without loading them: thousands may be open at a start."""

from collections.abc import Iterable, Mapping
from typing import Any

from models.cards import Card
from models.clock import Millis, now
from models.search import Search
from models.transfers import Transfer

OVERLAP_MILLIS = 3000
"""A change counts as new for so long: it may be written a little after the moment it carries."""
_SUBJECTS_AT_ONCE = 1000


async def stale_cards(since: Millis) -> list[str]:
    """Of the open Cards made since then those whose subjects changed after Telegram showed them, and all others in doubt."""
    where = {"closed": False, "created_at": {"$gt": since}}
    fields = {"subject": 1, "shown": 1, "shown_at": 1}
    cards = await Card.get_pymongo_collection().find(where, fields).to_list()
    changed = await _changed_at({card["subject"] for card in cards})

    def is_stale(card: Mapping[str, Any]) -> bool:
        shown_at = 0 if card["shown"] is None else card.get("shown_at", 0)
        return changed.get(card["subject"], now()) >= shown_at - OVERLAP_MILLIS

    return [card["_id"] for card in cards if is_stale(card)]


async def _changed_at(subjects: Iterable[str]) -> Mapping[str, Millis]:
    """When each changed last; one that says nothing of this, as a member, is not contained."""
    ids, found = sorted(subjects), dict[str, Millis]()
    for start in range(0, len(ids), _SUBJECTS_AT_ONCE):
        some = {"_id": {"$in": ids[start : start + _SUBJECTS_AT_ONCE]}}
        for kind in (Transfer, Search):
            async for each in kind.get_pymongo_collection().find(some, {"changed_at": 1}):
                found[each["_id"]] = each["changed_at"]
    return found
