"""Which hits are in the archive already, or on their way there, whoever ordered them."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from models.library import Item
from models.search import Release
from models.transfers import ENDED, Transfer, TransferState


class Mark(StrEnum):
    """Of several the first one counts."""

    ARCHIVED = "archived"
    UNDER_WAY = "coming"
    CHOOSING = "choosing"
    """Ordered, and not started yet: it may never be."""


class _Order(NamedTuple):
    state: str
    key: str | None
    picked: Sequence[str]


async def marks_of(releases: Sequence[Release]) -> Mapping[str, Mark]:
    """By the keys of the Releases.

    A Release is known again by its infohash. By its names the orders are known that were picked from it, in any search,
    and they know the infohash even where an Indexer does not say it.
    """
    named = _by_name(releases)
    picked = await _orders({"picked": {"$in": sorted(named)}}) if named else []
    keys = _by_key(releases, picked, named)
    found = [(Mark.ARCHIVED, keys[source]) async for source in _archived(keys)]
    alive = {"key": {"$in": sorted(keys)}, "state": {"$nin": [state.value for state in ENDED]}}
    for order in [*picked, *(await _orders(alive) if keys else [])]:
        mark = _mark_of(order)
        if mark is not None:
            found.append((mark, _ordered(order, named) | keys.get(order.key or "", set())))
    return _first(found)


def _by_name(releases: Iterable[Release]) -> Mapping[str, set[str]]:
    named = defaultdict[str, set[str]](set)
    for release in releases:
        for name in release.names:
            named[name].add(release.key)
    return named


def _by_key(
    releases: Iterable[Release], picked: Iterable[_Order], named: Mapping[str, set[str]]
) -> Mapping[str, set[str]]:
    """Which Releases are fetched under a key."""
    keys = defaultdict[str, set[str]](set)
    for release in releases:
        if release.infohash is not None:
            keys[release.infohash].add(release.key)
    for order in picked:
        if order.key is not None:
            keys[order.key] |= _ordered(order, named)
    return keys


def _ordered(order: _Order, named: Mapping[str, set[str]]) -> set[str]:
    return set[str]().union(*(named.get(name, ()) for name in order.picked))


async def _orders(where: Mapping[str, object]) -> list[_Order]:
    fields = {"state": 1, "key": 1, "picked": 1}
    found = Transfer.get_pymongo_collection().find(where, fields)
    return [_Order(order["state"], order.get("key"), order.get("picked", ())) async for order in found]


async def _archived(keys: Mapping[str, set[str]]) -> AsyncIterator[str]:
    if keys:
        async for item in Item.get_pymongo_collection().find(
            {"source": {"$in": sorted(keys)}}, {"source": 1}
        ):
            yield item["source"]


def _mark_of(order: _Order) -> Mark | None:
    if order.state in list(ENDED):
        return None
    return Mark.CHOOSING if order.state == TransferState.CHOOSING else Mark.UNDER_WAY


def _first(found: Iterable[tuple[Mark, Iterable[str]]]) -> Mapping[str, Mark]:
    ranks = list(Mark)
    worst_first = sorted(found, key=lambda marked: -ranks.index(marked[0]))
    return {release: mark for mark, releases in worst_first for release in releases}
