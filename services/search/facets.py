"""Filters that are pressed: what there is of each sort, and what is left when some of it is chosen."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.search import Release
from services.search.traits import Kind, Quality, SizeClass, kind_of, quality_of, size_class_of


class Facet(StrEnum):
    KIND = "kind"
    QUALITY = "quality"
    SIZE = "size"
    INDEXER = "indexer"


@dataclass(frozen=True)
class Choice:
    """One value of a facet; `count`: how many hits have it among those that the other facets leave.

    `number` is its place among all values there are of its facet.
    """

    facet: Facet
    number: int
    value: str
    count: int
    chosen: bool


Chosen = Mapping[Facet, frozenset[str]]
_Values = Mapping[Facet, frozenset[str]]
_FIXED: Mapping[Facet, Sequence[str]] = {
    Facet.KIND: tuple(Kind),
    Facet.QUALITY: tuple(Quality),
    Facet.SIZE: tuple(SizeClass),
}


def values_of(facet: Facet, indexers: Sequence[str]) -> Sequence[str]:
    """All values that a facet may have, in the order in which they are shown."""
    return _FIXED.get(facet, indexers)


def spelled(facet: Facet, value: str) -> str:
    """A choice as a Search keeps it."""
    return f"{facet.value}:{value}"


def read_chosen(filters: Iterable[str]) -> Chosen:
    """What a Search keeps, by facet; what is none is left out."""
    chosen: dict[Facet, frozenset[str]] = {}
    for entry in filters:
        name, _, value = entry.partition(":")
        if name in list(Facet):
            facet = Facet(name)
            chosen[facet] = chosen.get(facet, frozenset()) | {value}
    return chosen


def select(releases: Sequence[Release], chosen: Chosen) -> list[Release]:
    """Those that have one of the values chosen of each facet."""
    if not chosen:
        return list(releases)
    return [release for release in releases if _passes(_values(release), chosen)]


def choices(releases: Sequence[Release], indexers: Sequence[str], chosen: Chosen) -> list[Choice]:
    """Every value that a hit has or that is chosen, facet by facet."""
    values = [_values(release) for release in releases]
    return [choice for facet in Facet for choice in _of_facet(facet, values, indexers, chosen)]


def _of_facet(
    facet: Facet, values: Sequence[_Values], indexers: Sequence[str], chosen: Chosen
) -> Iterable[Choice]:
    others = {other: wanted for other, wanted in chosen.items() if other is not facet}
    counts = Counter(value for each in values if _passes(each, others) for value in each[facet])
    there = {value for each in values for value in each[facet]}
    picked = chosen.get(facet, frozenset())
    for number, value in enumerate(values_of(facet, indexers)):
        if value in there or value in picked:
            yield Choice(facet, number, value, counts[value], value in picked)


def _passes(values: _Values, chosen: Chosen) -> bool:
    return all(values[facet] & wanted for facet, wanted in chosen.items())


def _values(release: Release) -> _Values:
    return {
        Facet.KIND: _one(kind_of(release)),
        Facet.QUALITY: _one(quality_of(release)),
        Facet.SIZE: _one(size_class_of(release)),
        Facet.INDEXER: frozenset(release.indexers),
    }


def _one(value: str | None) -> frozenset[str]:
    return frozenset() if value is None else frozenset({str(value)})
