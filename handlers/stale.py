"""Which Cards may show something old, found without loading them: thousands may be open at a start.

A Search shows of its hits how the orders are doing that were picked from it: it changes with their states.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from models.cards import Card, CardKind
from models.clock import Millis, now
from models.feeds import Feed
from models.grabs import Grab
from models.intake import Intake
from models.library import LibrarySearch
from models.search import Search
from models.transfers import Transfer, TransferState
from services.documents import Where

OVERLAP_MILLIS = 3000
"""A change counts as new for so long: it may be written a little after the moment it carries."""
_SUBJECTS_AT_ONCE = 1000


async def changed_since(since: Millis) -> set[str]:
    """The subjects that have changed since then."""
    newer = {"changed_at": {"$gte": since - OVERLAP_MILLIS}}
    changed = set[str]()
    for kind in (Search, Grab, Intake, LibrarySearch, Feed):
        changed |= {found["_id"] async for found in kind.get_pymongo_collection().find(newer, {"_id": 1})}
    async for order in Transfer.get_pymongo_collection().find(newer, {"search": 1, "state": 1}):
        changed.add(order["_id"])
        # while it is being fetched only its progress changes, many times a minute
        if order.get("search") is not None and order["state"] != TransferState.FETCHING:
            changed.add(order["search"])
    return changed


async def stale_cards(since: Millis) -> list[str]:
    """The open Cards whose subjects changed after Telegram showed them, and all others in doubt.

    Of orders, Grabs and Intakes however old they are: those end, or are few. All others may stay open for good:
    of them only those made since then, and of Searches that changed since then.
    """
    that_end = {"kind": {"$in": [CardKind.TRANSFER.value, CardKind.GRAB.value, CardKind.INTAKE.value]}}
    cards = await _open_cards({"$or": [that_end, {"created_at": {"$gt": since}}]})
    cards += await _old_cards_of(await _searches_changed(since), since)
    changed = await _changed_at({card["subject"] for card in cards})

    def is_stale(card: Mapping[str, Any]) -> bool:
        shown_at = 0 if card["shown"] is None else card.get("shown_at", 0)
        return changed.get(card["subject"], now()) >= shown_at - OVERLAP_MILLIS

    return [card["_id"] for card in cards if is_stale(card)]


async def _open_cards(where: Where) -> list[Mapping[str, Any]]:
    fields = {"subject": 1, "shown": 1, "shown_at": 1}
    return list(await Card.get_pymongo_collection().find({"closed": False, **where}, fields).to_list())


async def _old_cards_of(searches: Iterable[str], since: Millis) -> list[Mapping[str, Any]]:
    turned = {"$in": [CardKind.SEARCH.value, CardKind.LIBRARY.value]}
    old = {"kind": turned, "created_at": {"$lte": since}}
    return [card for some in _in_portions(searches) for card in await _open_cards({**old, "subject": some})]


async def _searches_changed(since: Millis) -> set[str]:
    """Themselves, or orders picked from them."""
    changed = set[str]()
    for kind, field in ((Search, "_id"), (Transfer, "search"), (LibrarySearch, "_id")):
        where = {"changed_at": {"$gt": since}, field: {"$ne": None}}
        async for found in kind.get_pymongo_collection().find(where, {field: 1}):
            changed.add(found[field])
    return changed


async def _changed_at(subjects: Iterable[str]) -> Mapping[str, Millis]:
    """When each changed last; one that says nothing of this, as a member, is not contained."""
    found = dict[str, Millis]()
    for some in _in_portions(subjects):
        kinds = (
            (Transfer, "_id"),
            (Search, "_id"),
            (Transfer, "search"),
            (Grab, "_id"),
            (Intake, "_id"),
            (LibrarySearch, "_id"),
            (Feed, "_id"),
        )
        for kind, field in kinds:
            fields = {field: 1, "changed_at": 1}
            async for each in kind.get_pymongo_collection().find({field: some}, fields):
                subject = each[field]
                found[subject] = max(found.get(subject, 0), each["changed_at"])
    return found


def _in_portions(subjects: Iterable[str]) -> Iterable[Where]:
    """What finds them, so many at a time as a query may name."""
    ids = sorted(subjects)
    for start in range(0, len(ids), _SUBJECTS_AT_ONCE):
        yield {"$in": ids[start : start + _SUBJECTS_AT_ONCE]}
