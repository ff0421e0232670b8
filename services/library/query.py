"""What people ask the library: `kind:audio artist:davis duration>3m year:1950s #jazz -live "blue in green"`."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from rapidfuzz.distance import OSA

from services.errors import MagpieError
from services.grabbing.quantities import AMOUNT
from services.grabbing.wish import folded
from services.library import spans
from services.library.fields import (
    CODECS,
    EXAMPLES,
    FAVOURITES,
    FIELDS,
    KINDS,
    PLACES,
    SORTS,
    SPELLED,
    Field,
    Other,
    SortBy,
)
from services.library.spans import FREE, Reader, Span

__all__ = [
    "FAVOURITES",
    "MOST_CHARACTERS",
    "MOST_TERMS",
    "Asked",
    "Field",
    "Filter",
    "QueryWrong",
    "SortBy",
    "Span",
    "read_asked",
]

MOST_CHARACTERS = 500
MOST_TERMS = 32
"""Words, phrases and filters."""


class QueryWrong(MagpieError):
    """A filter cannot be read, or nothing can ever be like that. `part`: as it was typed, at most 40 characters of it."""


@dataclass(frozen=True)
class Filter:
    """`value`: a Span of seconds, bytes, years, pixels (of the height), milliseconds since 1970 (UTC), Stars, or numbers of
    seasons and episodes; else a text as it was typed, but a `models.media.Kind`, FAVOURITES, a codec as FFmpeg calls it,
    tags without `#` and channels without `@`.
    """

    field: Field
    value: str | Span
    negated: bool = False


@dataclass(frozen=True)
class Asked:
    """All of it must hold, but of several texts for one field that are not negated one is enough: `tag:jazz tag:blues`.

    `words` and `phrases` as they were typed; `without`: words and phrases that must not be there. `unfinished`: the last of
    `words` may be still being typed.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    sort: SortBy | None = None
    unfinished: bool = False


@dataclass(frozen=True)
class _Term:
    """One thing that somebody typed; `part`: as it stands there.

    `name`: of its filter, folded, or none; `sign`: one of `: < <= > >=`.
    """

    part: str
    negated: bool
    value: str
    quoted: bool = False
    name: str = ""
    sign: str = ""


@dataclass(frozen=True)
class _Measure:
    """`exact`: what a bound means; `about`: what is meant by `size:700m`."""

    error: str
    exact: Reader
    about: Reader


_FREE = frozenset({"free", "gratis"})

_DASHES = re.compile("[-−－]*")
_QUOTE = '"“”„‟«»＂'
_PHRASE = re.compile(f"[{_QUOTE}]([^{_QUOTE}]*)[{_QUOTE}]?")
_SIGN = "[:：]?[<>＜＞][=＝]?|[:：]?[≤≥]|[:：=＝]"
_HEAD = re.compile(rf"([^\W\d_]+)( *)({_SIGN})(?!//)( *)")
"""What a filter begins with. Letters only, so that `12:30` is none; `file://` is none either."""
_HASHTAG = re.compile(r"#(\S*[^\W\d]\S*)")
_WORD = re.compile(r"\S+")
_AMOUNT = re.compile(rf"{AMOUNT}|\S*", re.IGNORECASE | re.ASCII)
_PLAIN = re.compile(r"\S*")
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
_MOST_SHOWN = 40
_LEAST_LETTERS = 4
"""Of a filter's name that others are taken for a misspelling of."""


def read_asked(text: str, *, utc_offset: int = 0) -> Asked:
    """What somebody asks who types this. Raises QueryWrong, and nothing else.

    Names of filters are English or Spanish, whatever accents and capitals. Each is understood or refused; to look for one
    as words, put it in quotes. What nobody would take for a filter (`12:30`, `https://…`) is a word. Numbers behind `:` are
    meant about (`duration:3m`, `size:700m`, `resolution:720p`), all others exactly. `after:` is the first day, month or year
    that counts, `before:` the first that does not, where clocks are `utc_offset` minutes before UTC.
    """
    line = _line(text)
    if len(line.strip(" ")) > MOST_CHARACTERS:
        raise QueryWrong("library-query-too-long", part=_shown(line), most=MOST_CHARACTERS)
    typed = list(_terms(line))
    terms = [term for term in typed if term.name or _says(term.value)]
    if len(terms) > MOST_TERMS:
        raise QueryWrong("library-query-too-many", part=_shown(line), most=MOST_TERMS)
    words = [term for term in terms if not term.name and not term.negated]
    return Asked(
        words=tuple(term.value for term in words if not term.quoted),
        phrases=tuple(term.value for term in words if term.quoted),
        without=tuple(term.value for term in terms if not term.name and term.negated),
        filters=_filters(terms, utc_offset),
        sort=_sort([term for term in terms if _field(term) is Other.SORT]),
        unfinished=bool(words) and words[-1] is typed[-1] and not words[-1].quoted and line[-1] != " ",
    )


def _line(text: str) -> str:
    """One line, without what is not seen or turns the text around it; a blank at its end is left."""
    composed = unicodedata.normalize("NFC", text)
    seen = (char for char in composed if char.isspace() or unicodedata.category(char) not in _UNSEEN)
    return re.sub(r"\s+", " ", "".join(seen))


def _says(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _shown(part: str) -> str:
    line = part.strip(" ")
    return line if len(line) <= _MOST_SHOWN else line[: _MOST_SHOWN - 1] + "…"


def _terms(line: str) -> Iterator[_Term]:
    at = 0
    while at < len(line):
        if line[at] == " ":
            at += 1
            continue
        term = _next(line, at)
        yield term
        at += len(term.part)


def _next(line: str, at: int) -> _Term:
    start = _end(_DASHES, line, at)
    negated = start > at
    if phrase := _PHRASE.match(line, start):
        return _Term(line[at : phrase.end()], negated, phrase[1].strip(), quoted=True)
    if head := _head(line, start):
        return _filter(line, at, head, negated=negated)
    end = _end(_WORD, line, start)
    return _word(line[at:end], line[start:end], negated=negated)


def _end(pattern: re.Pattern[str], line: str, at: int) -> int:
    found = pattern.match(line, at)
    return found.end() if found else at


def _head(line: str, at: int) -> re.Match[str] | None:
    """Where a filter begins."""
    found = _HEAD.match(line, at)
    return found if found and folded(found[1]) in FIELDS else None


def _filter(line: str, at: int, head: re.Match[str], *, negated: bool) -> _Term:
    name, sign, start = folded(head[1]), _plain_sign(head[3]), head.end()
    if phrase := _PHRASE.match(line, start):
        return _Term(line[at : phrase.end()], negated, phrase[1].strip(), quoted=True, name=name, sign=sign)
    measured = FIELDS[name] in {Field.DURATION, Field.SIZE}
    # behind a blank there may be another filter: this one has no value then
    is_next = head[4] and _head(line, _end(_DASHES, line, start))
    end = start if is_next else _end(_AMOUNT if measured else _PLAIN, line, start)
    return _Term(line[at:end], negated, line[start:end], name=name, sign=sign)


def _plain_sign(sign: str) -> str:
    """One of `: < <= > >=`."""
    plain = unicodedata.normalize("NFKC", sign).replace("≤", "<=").replace("≥", ">=")
    return plain.lstrip(":=") or ":"


def _word(part: str, word: str, *, negated: bool) -> _Term:
    _check_spelling(part, word)
    if folded(word) in _FREE:
        return _Term(part, negated, "0", name=Field.PRICE, sign=":")
    if tag := _HASHTAG.fullmatch(word):
        return _Term(part, negated, tag[1], quoted=True, name=Field.TAG, sign=":")
    return _Term(part, negated, word)


def _check_spelling(part: str, word: str) -> None:
    """Nearly a filter's name, right in front of a sign and a value, is meant to be one."""
    head = _HEAD.match(word)
    if head is None or head.end() == len(word):
        return
    typed = folded(head[1])
    names = [name for name in FIELDS if len(name) >= _LEAST_LETTERS]
    near = next((name for name in names if OSA.distance(typed, name, score_cutoff=1) <= 1), None)
    if near:
        example = _shown(SPELLED[near] + word[len(head[1]) :])
        raise QueryWrong("library-query-misspelt", part=_shown(part), example=example)


def _field(term: _Term) -> Field | Other | None:
    return FIELDS[term.name] if term.name else None


def _wrong(key: str, term: _Term) -> QueryWrong:
    return QueryWrong(key, part=_shown(term.part), example=SPELLED[term.name] + EXAMPLES[FIELDS[term.name]])


def _filters(terms: Iterable[_Term], utc_offset: int) -> tuple[Filter, ...]:
    found: list[tuple[_Term, Filter]] = []
    for term in terms:
        field = _field(term)
        if field is None or field is Other.SORT:
            continue
        if not _says(term.value):
            raise _wrong("library-query-empty", term)
        found += ((term, filter_) for filter_ in _read(term, field, utc_offset))
    for field in Field:
        _check_possible(field, [pair for pair in found if pair[1].field is field])
    return tuple(filter_ for _, filter_ in found)


def _read(term: _Term, field: Field | Other, utc_offset: int) -> Iterator[Filter]:
    if isinstance(field, Other):
        yield Filter(Field.DATE, _bound(term, field, utc_offset), term.negated)
    elif measure := _measure(field, utc_offset):
        yield Filter(field, _span(term, measure), term.negated)
    else:
        _check_is(term)
        yield from (Filter(field, value, term.negated) for value in _texts(term, field))


def _check_is(term: _Term) -> None:
    if term.sign != ":":
        raise _wrong("library-query-sign", term)


def _measure(field: Field, utc_offset: int) -> _Measure | None:
    if field is Field.DATE:
        dates = partial(spans.read_date, utc_offset=utc_offset)
        return _Measure("library-query-date", dates, dates)
    return _MEASURES.get(field)


def _read_price(text: str) -> Span | None:
    return FREE if text in _FREE else spans.read_whole(text)


_MEASURES: Mapping[Field, _Measure] = {
    Field.DURATION: _Measure("library-query-duration", spans.read_duration, spans.read_about_duration),
    Field.SIZE: _Measure("library-query-size", spans.read_size, spans.read_about_size),
    Field.YEAR: _Measure("library-query-year", spans.read_year, spans.read_year),
    Field.RESOLUTION: _Measure("library-query-resolution", spans.read_height, spans.read_about_height),
    Field.PRICE: _Measure("library-query-number", _read_price, _read_price),
    Field.SEASON: _Measure("library-query-number", spans.read_whole, spans.read_whole),
    Field.EPISODE: _Measure("library-query-number", spans.read_whole, spans.read_whole),
}


def _bound(term: _Term, field: Other, utc_offset: int) -> Span:
    _check_is(term)
    day = spans.read_date(folded(term.value), utc_offset)
    if day is None:
        raise _wrong("library-query-date", term)
    return Span(None, day.low) if field is Other.BEFORE else Span(day.low, None)


def _span(term: _Term, measure: _Measure) -> Span:
    value = folded(term.value)
    if term.sign == ":":
        span = measure.about(value) or spans.read_range(value, measure.exact)
    else:
        span = _beside(term.sign, measure.exact(value))
    if span is None:
        raise _wrong(measure.error, term)
    return span


def _beside(sign: str, exact: Span | None) -> Span | None:
    if exact is None:
        return None
    edge = exact.low if sign in {">=", "<"} else exact.high
    return Span(edge, None) if sign.startswith(">") else Span(None, edge)


def _texts(term: _Term, field: Field) -> Iterator[str]:
    """Several with commas between them, where such values have none of their own."""
    read = _READERS.get(field)
    if read is None:
        yield term.value.strip()
        return
    parts = [term.value] if term.quoted else term.value.split(",")
    for part in filter(_says, parts):
        value = read(part.strip())
        if value is None:
            raise _wrong("library-query-kind" if field is Field.KIND else "library-query-place", term)
        yield value


def _codec(text: str) -> str:
    plain = folded(text).replace(".", "").replace("-", "")
    return CODECS.get(plain, plain)


_READERS: Mapping[Field, Callable[[str], str | None]] = {
    Field.KIND: lambda text: KINDS.get(folded(text)),
    Field.IN: lambda text: PLACES.get(folded(text)),
    Field.TAG: lambda text: text.lstrip("#"),
    Field.CHANNEL: lambda text: text.lstrip("@"),
    Field.CODEC: _codec,
    Field.LANGUAGE: lambda text: text,
}


def _sort(terms: list[_Term]) -> SortBy | None:
    found = {_sort_by(term) for term in terms}
    if len(found) > 1:
        raise QueryWrong("library-query-twice", part=_shown(" ".join(term.part for term in terms)))
    return found.pop() if found else None


def _sort_by(term: _Term) -> SortBy:
    if not _says(term.value):
        raise _wrong("library-query-empty", term)
    if term.negated:
        raise _wrong("library-query-sign", term)
    _check_is(term)
    name = SORTS.get(folded(term.value))
    if name is None:
        raise _wrong("library-query-sort", term)
    return SortBy(name)


def _check_possible(field: Field, found: list[tuple[_Term, Filter]]) -> None:
    for term, each in found:
        if isinstance(each.value, Span) and _apart(field, [each.value]):
            raise QueryWrong("library-query-nothing", part=_shown(term.part))
    if _contradict(field, [each for _, each in found]):
        part = " ".join(term.part for term, _ in found)
        raise QueryWrong("library-query-nothing", part=_shown(part))


def _contradict(field: Field, filters: list[Filter]) -> bool:
    wanted = [each.value for each in filters if not each.negated]
    unwanted = [each.value for each in filters if each.negated]
    between = [value for value in wanted if isinstance(value, Span)]
    if between:
        return _apart(field, between) or any(span in unwanted for span in between)
    texts = {folded(value) for value in wanted if isinstance(value, str)}
    return bool(texts) and texts <= {folded(value) for value in unwanted if isinstance(value, str)}


def _apart(field: Field, between: list[Span]) -> bool:
    """Whether no number is in all of them. Only dates may be below zero."""
    lows = [span.low for span in between if span.low is not None]
    highs = [span.high for span in between if span.high is not None]
    lowest = [] if field is Field.DATE else [0.0]
    return bool(highs) and max([*lows, *lowest], default=min(highs) - 1) >= min(highs)
