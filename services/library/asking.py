"""From what a person asks to what the index is asked."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from tantivy import FieldType, Occur, Query, Searcher

from services.library.entries import Entry
from services.library.fold import fold, sound
from services.library.languages import code_of
from services.library.query import Asked, Field, Filter, Span
from services.library.reach import Reach
from services.library.schema import (
    ALBUM,
    ID,
    NAMES,
    PERFORMER,
    PHRASED,
    REACH,
    SPELLINGS,
    TEXT,
    TITLE,
    WHOLE,
    schema,
)

_ONE_EDIT, _TWO_EDITS = 4, 8
"""From how many letters on a word may have so many typing errors."""
_LEAST_SOUND = 3
_MOST_WORDS = 16
_EXACT, _UNFINISHED, _OTHERWISE, _MISTYPED = 1.0, 0.6, 0.5, 0.3
"""What a word found in such a way is worth beside one that is found as it was typed."""
_IN = {TITLE: 3.0, PERFORMER: 1.5, ALBUM: 1.0}
"""How much more a word is worth where it names the work."""
_IN_ORDER, _ALL_OF_IT = 4.0, 20.0
_TEXTS = {
    Field.TITLE: TITLE,
    Field.ARTIST: PERFORMER,
    Field.ALBUM: ALBUM,
    Field.FILE: NAMES,
    Field.SERIES: ALBUM,
}
_WORDS = {
    Field.KIND: "kind",
    Field.CHANNEL: "channel",
    Field.LANGUAGE: "language",
    Field.CODEC: "codec",
    Field.TAG: "tag",
}
_NUMBERS = {
    Field.DURATION: "seconds",
    Field.SIZE: "bytes",
    Field.YEAR: "year",
    Field.RESOLUTION: "height",
    Field.DATE: "added",
    Field.PRICE: "price",
    Field.SEASON: "season",
    Field.EPISODE: "episode",
}


class Care(IntEnum):
    """How closely an entry has to fit: as typed, with a typing error in a word, with two in long ones, with some of the words."""

    EXACT = 0
    MISTYPED = 1
    MISTYPED_TWICE = 2
    SOME = 3


@dataclass(frozen=True)
class Words:
    """What is looked for, folded."""

    words: Sequence[str]
    phrases: Sequence[Sequence[str]]
    without: Sequence[Sequence[str]]
    unfinished: bool

    @classmethod
    def of(cls, asked: Asked) -> "Words":
        words = fold(" ".join(asked.words))[:_MOST_WORDS]
        phrases = [fold(phrase) for phrase in asked.phrases]
        without = [fold(word) for word in asked.without]
        return cls(words, _not_empty(phrases), _not_empty(without), asked.unfinished and bool(words))


def _not_empty(many: Iterable[list[str]]) -> list[list[str]]:
    return [each for each in many if each]


def cares_for(words: Words) -> Sequence[Care]:
    """How closely entries are asked to fit, the closest first; none that would ask for the same as the one before."""
    mistyped = [Care.MISTYPED, Care.MISTYPED_TWICE] if any(map(_may_be_mistyped, words.words)) else []
    some = [Care.SOME] if len(words.words) > 1 else []
    return [Care.EXACT, *mistyped, *some]


def query_of(
    searcher: Searcher,
    words: Words,
    filters: Sequence[Query],
    reach: Reach,
    care: Care = Care.EXACT,
    like: Entry | None = None,
) -> Query:
    """All that is asked, in one query."""
    parts: list[tuple[Occur, Query]] = [(Occur.Must, _unscored(each)) for each in filters]
    if not reach.everything:
        # not a set of terms: that would look at all that is in the archive first
        ways = [_term(REACH, word) for word in reach.words]
        ways += [Query.term_set_query(schema(), ID, sorted(reach.kept))] if reach.kept else []
        parts.append((Occur.Must, _unscored(any_of(ways) if ways else Query.empty_query())))
    parts += [(Occur.Must, _phrase(phrase)) for phrase in words.phrases]
    parts += [(Occur.MustNot, _phrase(phrase)) for phrase in words.without]
    if words.words:
        parts.append((Occur.Must, _words(searcher, words, care)))
        parts += [(Occur.Should, each) for each in _better(words.words)]
    if like is not None:
        parts.append((Occur.Must, resembling(like)))
    if all(occur is Occur.MustNot for occur, _ in parts):
        parts.append((Occur.Must, _unscored(Query.all_query())))
    return Query.boolean_query(parts)


def _unscored(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)


def _words(searcher: Searcher, words: Words, care: Care) -> Query:
    last = len(words.words) - 1
    each = [
        _word(word, care, unfinished=words.unfinished and place == last)
        for place, word in enumerate(words.words)
    ]
    if care is Care.SOME and len(each) > 1:
        return Query.boolean_query(
            [(Occur.Should, one) for one in each], minimum_number_should_match=max(1, len(each) * 2 // 3)
        )
    ways = [each, *_written_together(searcher, words.words, each)]
    queries = [Query.boolean_query([(Occur.Must, one) for one in way]) for way in ways]
    return queries[0] if len(queries) == 1 else Query.disjunction_max_query(queries)


def _written_together(searcher: Searcher, words: Sequence[str], each: Sequence[Query]) -> list[list[Query]]:
    """The same with two neighbours as one word, where there is such a word."""
    ways = []
    for place, (first, second) in enumerate(pairwise(words)):
        if searcher.doc_freq(TEXT, first + second):
            ways.append([*each[:place], _term(TEXT, first + second), *each[place + 2 :]])
    return ways


def _word(word: str, care: Care, *, unfinished: bool) -> Query:
    spellings = {word, sound(word)} if len(word) >= _LEAST_SOUND else {word}
    ways = [_term(TEXT, word)]
    ways.append(_worth(Query.term_set_query(schema(), SPELLINGS, sorted(spellings)), _OTHERWISE))
    if unfinished:
        ways.append(_worth(_near(TEXT, word, 0, prefix=True), _UNFINISHED))
    edits = _edits(word, care)
    if edits:
        ways.append(_worth(_near(TEXT, word, edits), _MISTYPED))
    if edits and care is not Care.MISTYPED:
        ways.append(_worth(_near(SPELLINGS, sound(word), 1), _MISTYPED / 2))
    return Query.disjunction_max_query(ways)


def _edits(word: str, care: Care) -> int:
    """How many are forgiven. Two cost the index several times as much as one."""
    if care is Care.EXACT or not _may_be_mistyped(word):
        return 0
    return 2 if care is Care.MISTYPED_TWICE and len(word) >= _TWO_EDITS else 1


def _may_be_mistyped(word: str) -> bool:
    return len(word) >= _ONE_EDIT


def _near(field: str, word: str, edits: int, *, prefix: bool = False) -> Query:
    return Query.fuzzy_term_query(schema(), field, word, edits, prefix=prefix)


def _worth(query: Query, score: float) -> Query:
    return Query.const_score_query(query, score)


def _term(field: str, word: str) -> Query:
    return Query.term_query(schema(), field, word)


def _phrase(words: Sequence[str]) -> Query:
    """Words in this order, in one of the texts; one word alone anywhere."""
    if len(words) == 1:
        return _term(TEXT, words[0])
    return any_of([_phrase_in(field, words) for field in PHRASED])


def _phrase_in(field: str, words: Sequence[str]) -> Query:
    return (
        Query.phrase_query(schema(), field, list(words)) if len(words) > 1 else _term(field, "".join(words))
    )


def _better(words: Sequence[str]) -> Iterable[Query]:
    """What makes one entry better than another: the words where it is named, in their order, and nothing else."""
    for field, boost in _IN.items():
        for word in words:
            yield Query.boost_query(_term(field, word), boost)
    if len(words) > 1:
        yield Query.boost_query(Query.phrase_query(schema(), TITLE, list(words), slop=1), _IN_ORDER)
    yield Query.const_score_query(_term(WHOLE, " ".join(words)), _ALL_OF_IT)


def resembling(entry: Entry) -> Query:
    """What has at least one tag, performer, album or series of an entry. What it has of the rarer, counts for more."""
    ways = [_term("tag", tag) for tag in entry["tag"]]
    ways += [_phrase_in(field, entry[field].split()) for field in (PERFORMER, ALBUM) if entry[field]]
    return any_of(ways) if ways else Query.empty_query()


def filters_of(filters: Sequence[Filter]) -> list[Query]:
    """One for each; several of one field that name words are alternatives."""
    found: list[Query] = []
    filters = [each for each in filters if each.field is not Field.IN]
    by_field: dict[Field, list[Query]] = {}
    for each in filters:
        query = filter_of(each)
        if each.negated:
            found.append(none_of(query))
        elif isinstance(each.value, Span):
            found.append(query)
        else:
            by_field.setdefault(each.field, []).append(query)
    return [*found, *(any_of(queries) for queries in by_field.values())]


def filter_of(asked: Filter) -> Query:
    """One filter, as if it were not negated."""
    if isinstance(asked.value, Span):
        return _between(_NUMBERS[asked.field], asked.value)
    if asked.field in _TEXTS:
        return _phrase_in(_TEXTS[asked.field], fold(asked.value))
    return _term(_WORDS[asked.field], _as_indexed(asked.field, asked.value))


def _as_indexed(field: Field, value: str) -> str:
    if field is Field.TAG:
        return "".join(fold(value))
    return code_of(value) if field is Field.LANGUAGE else value


def _between(field: str, span: Span) -> Query:
    low = None if span.low is None else math.ceil(span.low)
    high = None if span.high is None else math.ceil(span.high)
    return Query.range_query(
        schema(), field, FieldType.Integer, low, high, include_lower=True, include_upper=high is None
    )


def any_of(queries: Sequence[Query]) -> Query:
    """What fits at least one."""
    return (
        queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, each) for each in queries])
    )


def none_of(query: Query) -> Query:
    """Everything that it does not fit."""
    return Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, query)])
