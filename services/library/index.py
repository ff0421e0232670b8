"""The index on the disk: entries in, ids out. It holds nothing that the database does not, and may be thrown away."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import tantivy
from tantivy import Document, Order, Query

from services.library.asking import Care, Words, any_of, cares_for, filters_of, none_of, query_of
from services.library.entries import Entry
from services.library.query import Asked, SortBy
from services.library.reach import Reach
from services.library.schema import ID, ORDINAL, PART_OF, schema

_HEAP = 20_000_000
_HEAP_OF_ALL = 256_000_000
PIECES = 8
"""So many of about one size Tantivy makes one of, which is asked in a fraction of the time (its `LogMergePolicy`)."""
_MOST_BUCKETS = 12
_LONGEST_SEASON = 6
_SORTED_BY = {
    SortBy.NEWEST: ("added", Order.Desc),
    SortBy.SIZE: ("bytes", Order.Desc),
    SortBy.LENGTH: ("seconds", Order.Desc),
    SortBy.WANTED: ("wanted", Order.Desc),
    SortBy.ORDER: (ORDINAL, Order.Asc),
}
_BY_RELEVANCE = (None, Order.Desc)


class IndexDamaged(Exception):
    """It cannot be read: it has to be made anew."""


class Facet(StrEnum):
    """What the finds can be told apart by; each is a field of words or numbers."""

    KIND = "kind"
    QUALITY = "quality"
    TAG = "tag"
    LANGUAGE = "language"
    SEASON = "season"


Chosen = Mapping[Facet, frozenset[str]]


@dataclass(frozen=True)
class Wanted:
    """What is asked for, for whom, and in which order. `offset` and `limit` count finds."""

    asked: Asked
    reach: Reach
    chosen: Chosen = field(default_factory=dict)
    sort: SortBy = SortBy.RELEVANCE
    offset: int = 0
    limit: int = 5
    only: Sequence[str] | None = None
    """The ids among which is looked; None: among all. Sorted by their order, finds come in this one."""
    closely: bool = False
    """Whether only what fits as it was typed is wanted."""
    like: Entry | None = None
    """The entry that finds are to resemble."""
    within: str = ""
    """The id of the series or album that finds are to be a part of; empty: of any, or of none."""


@dataclass(frozen=True)
class Finds:
    """Ids of one page, how many there are in all, and how closely they fit."""

    ids: Sequence[str] = ()
    total: int = 0
    care: Care = Care.EXACT
    order: Sequence[str] = ()
    """The ids of all pages, where they come as they were given."""


class Index:
    """One writer, many readers. `folder` is its own. Raises IndexDamaged where it cannot be read. Every call may take a moment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with _sound():
            self._index = tantivy.Index(schema(), str(folder))
        self._writer: tantivy.IndexWriter | None = None

    def write(self, entries: Iterable[Entry], gone: Iterable[str] = ()) -> None:
        """Puts entries in, each instead of what had its id, and takes out what is gone. Seen once committed.

        Raises IndexDamaged: what a kill left of a commit may be in the way of the next.
        """
        with _sound():
            writer = self._writing(_HEAP)
            for entry in entries:
                writer.delete_documents_by_term(ID, entry["id"])
                writer.add_document(Document.from_dict(entry, schema()))
            for each in gone:
                writer.delete_documents_by_term(ID, each)

    def fill(self, entries: Iterable[Entry]) -> None:
        """Puts entries into a new index, where nothing has their ids."""
        writer = self._writing(_HEAP_OF_ALL)
        for entry in entries:
            writer.add_document(Document.from_dict(entry, schema()))

    def commit(self) -> None:
        """Makes what was written stay, and be seen. Raises IndexDamaged."""
        if self._writer is not None:
            with _sound():
                self._writer.commit()
                self._index.reload()

    def close(self) -> None:
        """Lets another write. What was not committed is not there."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.wait_merging_threads()

    def __len__(self) -> int:
        return self._index.searcher().num_docs

    def search(self, wanted: Wanted) -> Finds:
        """One page of what fits; where nothing does, of what nearly does. Raises IndexDamaged."""
        searcher, words = self._index.searcher(), Words.of(wanted.asked)
        finds = Finds()
        for care in [Care.EXACT] if wanted.closely else cares_for(words):
            query = query_of(
                searcher, words, _filters(wanted, wanted.chosen), wanted.reach, care, wanted.like
            )
            finds = _found(searcher, query, wanted, care)
            if finds.total:
                break
        return finds

    def counts(
        self, wanted: Wanted, care: Care, facets: Sequence[Facet] = tuple(Facet)
    ) -> Mapping[Facet, Mapping[str, int]]:
        """How many finds have each value of these facets, among those that the other facets leave. Raises IndexDamaged."""
        free = [facet for facet in facets if facet not in wanted.chosen]
        counts = self._counts(free, wanted.chosen, wanted, care) if free else {}
        for facet in [each for each in wanted.chosen if each in facets]:
            others = {other: values for other, values in wanted.chosen.items() if other is not facet}
            counts |= self._counts([facet], others, wanted, care)
        return counts

    def _counts(
        self, facets: Sequence[Facet], chosen: Chosen, wanted: Wanted, care: Care
    ) -> dict[Facet, Mapping[str, int]]:
        found = self._terms([facet.value for facet in facets], _MOST_BUCKETS, chosen, wanted, care)
        return {facet: found[facet.value] for facet in facets}

    def collections(self, wanted: Wanted, care: Care, most: int) -> Mapping[str, int]:
        """Ids of series and albums that finds are parts of, and of how many; `most` of those with the most. Raises IndexDamaged."""
        return self._terms([PART_OF], most, wanted.chosen, wanted, care)[PART_OF]

    def _terms(
        self, fields: Sequence[str], most: int, chosen: Chosen, wanted: Wanted, care: Care
    ) -> dict[str, dict[str, int]]:
        """How many finds have each value of each field."""
        searcher = self._index.searcher()
        filters = _filters(wanted, chosen)
        query = query_of(searcher, Words.of(wanted.asked), filters, wanted.reach, care, wanted.like)
        with _sound():
            terms = {name: {"terms": {"field": name, "size": most}} for name in fields}
            found = searcher.aggregate(query, terms)
        return {
            name: {_as_text(bucket["key"]): int(bucket["doc_count"]) for bucket in found[name]["buckets"]}
            for name in fields
        }

    def _writing(self, heap: int) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(heap, 1)
        return self._writer


@contextmanager
def _sound() -> Iterator[None]:
    """Tantivy tells what it cannot read or write in these ways; a query is made before, so that its faults are not the index's."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise IndexDamaged(str(error)) from error


def _found(searcher: tantivy.Searcher, query: Query, wanted: Wanted, care: Care) -> Finds:
    field, order = _SORTED_BY.get(wanted.sort, _BY_RELEVANCE)
    given = wanted.only if wanted.sort is SortBy.ORDER else None
    # whoever asks may ask for any page, and room is taken for all before it
    offset = min(wanted.offset, searcher.num_docs) if given is None else 0
    limit = wanted.limit if given is None else max(1, len(given))
    with _sound():
        found = searcher.search(query, limit, offset=offset, order_by_field=field, order=order)
        ids = [str(searcher.doc(address).get_first(ID)) for _, address in found.hits]
    if given is not None:
        place = {each: number for number, each in enumerate(given)}
        ids = sorted(ids, key=place.__getitem__)
        return Finds(ids[wanted.offset : wanted.offset + wanted.limit], len(ids), care, ids)
    # its stubs leave it out
    return Finds(ids, found.count, care)  # type: ignore[attr-defined]


def _filters(wanted: Wanted, chosen: Chosen) -> list[Query]:
    filters = filters_of(wanted.asked.filters)
    for facet, values in chosen.items():
        terms = [
            Query.term_query(schema(), facet.value, _as_indexed(facet, value)) for value in sorted(values)
        ]
        filters.append(any_of(terms))
    if wanted.like is not None:
        filters.append(none_of(Query.term_query(schema(), ID, wanted.like["id"])))
    if wanted.within:
        filters.append(Query.term_query(schema(), PART_OF, wanted.within))
    if wanted.only is not None:
        filters.append(Query.term_set_query(schema(), ID, list(wanted.only)))
    return filters


def _as_text(value: str | float) -> str:
    return value if isinstance(value, str) else str(int(value))


def _as_indexed(facet: Facet, value: str) -> str | int:
    """What a search keeps as text; a number that is none is nobody's."""
    if facet is not Facet.SEASON:
        return value
    return int(value) if value.isdecimal() and len(value) <= _LONGEST_SEASON else -1
