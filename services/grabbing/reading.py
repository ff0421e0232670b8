"""Wishes as people type them: `kind:audio duration>3m size<50M after:2024-01 "sine waves" /regex/ limit:10`."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NoReturn

from services.grabbing.errors import WishWrong, shown
from services.grabbing.port import PostKind
from services.grabbing.quantities import AMOUNT, read_bytes, read_day, read_number, read_seconds
from services.grabbing.wish import Wish

MOST_CHARACTERS = 500
_EXAMPLES = {
    "after": "after:2024-01-31",
    "before": "before:2024-06",
    "duration": "duration>3m duration<=1h30m",
    "kind": f"kind:{PostKind.AUDIO},{PostKind.VIDEO}",
    "limit": "limit:10",
    "size": "size>1.5M size<50M",
}
_NAMES = "|".join(_EXAMPLES)
_SIGN = "<=|>=|[<>:=]"
_BLANK = re.compile(r"[^\S\x0b\x0c\x1c-\x1f\x85]")
# letters of other alphabets that are taken for these when capitals do not count are none of these
_FILTER = re.compile(rf"({_NAMES}) *({_SIGN}) *({AMOUNT}|\S*)", re.IGNORECASE | re.ASCII)
_FOREIGN = re.compile(rf"[^\W\d][\w-]*({_SIGN})")
_OPENING, _CLOSING = '"“„«', '"”“»'
"""As phones and several languages write them."""
_PHRASE = re.compile(rf"[{_OPENING}]([^{_OPENING}{_CLOSING}]*)[{_CLOSING}](?!\S)")
_PATTERN = re.compile(r"/((?:[^/\\]|\\.)*)/(?!\S)")
_WORD = re.compile(r"\S+")
_UNREADABLE = frozenset({"Cc", "Cs"})
_Read = Callable[[str], Fraction | None]
_IS = frozenset({":", "="})


@dataclass(frozen=True)
class _Term:
    """One thing that somebody typed; `part`: as it stands there. A `name` is one of a filter, or `word`, `pattern`."""

    part: str
    name: str
    sign: str
    value: str


def read_wish(text: str) -> Wish:
    """What somebody wants who types this. Raises WishWrong, PatternWrong, PatternTooSlow, and nothing else.

    Every filter is understood or refused; to look for one as words, put it in quotes. `<` and `>` leave the bound out,
    `<=` and `>=` do not. Several kinds add up; any other bound may be there once.
    """
    terms = list(_terms(_checked(text)))
    of = {name: [term for term in terms if term.name == name] for name in (*_EXAMPLES, "word", "pattern")}
    least_duration, most_duration = _bounds(of["duration"], read_seconds)
    least_size, most_size = _bounds(of["size"], read_bytes)
    return Wish(
        kinds=frozenset(kind for term in of["kind"] for kind in _kinds(term)),
        min_duration=least_duration,
        max_duration=most_duration,
        min_size=least_size,
        max_size=most_size,
        after=_day(of["after"]),
        before=_day(of["before"]),
        words=tuple(term.value for term in of["word"]),
        pattern=_pattern(of["pattern"]),
        limit=_limit(of["limit"]),
    )


def _checked(text: str) -> str:
    """One line."""
    if len(text) > MOST_CHARACTERS:
        raise WishWrong("grab-too-long", part=shown(text), most=MOST_CHARACTERS)
    line = _BLANK.sub(" ", text).strip(" ")
    if any(unicodedata.category(char) in _UNREADABLE for char in line):
        raise WishWrong("grab-unreadable", part=shown(line))
    return line


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
    if line[at] in _OPENING:
        return _phrase(line, at)
    if line[at] == "/":
        return _expression(line, at)
    if found := _FILTER.match(line, at):
        return _Term(found[0], found[1].lower(), found[2], found[3])
    return _word(line, at)


def _phrase(line: str, at: int) -> _Term:
    found = _PHRASE.match(line, at)
    if found is None:
        raise WishWrong("grab-quotes", part=shown(line[at:]))
    return _Term(found[0], "word", "", found[1])


def _expression(line: str, at: int) -> _Term:
    found = _PATTERN.match(line, at)
    if found is None:
        raise WishWrong("grab-slashes", part=shown(line[at:]))
    if not found[1]:
        raise WishWrong("grab-empty", part=shown(found[0]))
    return _Term(found[0], "pattern", "", found[1])


def _word(line: str, at: int) -> _Term:
    found = _WORD.match(line, at)
    word = found[0] if found else line[at:]
    if set(word) & {*_OPENING, *_CLOSING}:
        raise WishWrong("grab-quotes", part=shown(word))
    if _FOREIGN.match(word):
        raise WishWrong("grab-unknown", part=shown(word), names=", ".join(_EXAMPLES))
    return _Term(word, "word", "", word)


def _kinds(term: _Term) -> Iterable[PostKind]:
    names = term.value.lower().split(",")
    if term.sign not in _IS or not set(names) <= set(PostKind):
        raise WishWrong("grab-kind", part=shown(term.part), names=", ".join(PostKind))
    return map(PostKind, names)


def _bounds(terms: list[_Term], read: _Read) -> tuple[int | None, int | None]:
    """What is counted is whole, so `>` is one more, and any fraction can be told in whole numbers."""
    least = _only([term for term in terms if term.sign.startswith(">")])
    most = _only([term for term in terms if term.sign.startswith("<")])
    if unclear := next((term for term in terms if term.sign in _IS), None):
        _misread(unclear)
    return _least(least, read), _most(most, read)


def _least(term: _Term | None, read: _Read) -> int | None:
    if term is None:
        return None
    value = _value(term, read)
    return math.ceil(value) if term.sign == ">=" else math.floor(value) + 1


def _most(term: _Term | None, read: _Read) -> int | None:
    if term is None:
        return None
    value = _value(term, read)
    return math.floor(value) if term.sign == "<=" else math.ceil(value) - 1


def _value(term: _Term, read: _Read) -> Fraction:
    value = read(term.value)
    return _misread(term) if value is None else value


def _day(terms: list[_Term]) -> date | None:
    term = _only(terms)
    if term is None:
        return None
    day = read_day(term.value) if term.sign in _IS else None
    return day or _misread(term)


def _limit(terms: list[_Term]) -> int | None:
    term = _only(terms)
    if term is None:
        return None
    number = read_number(term.value) if term.sign in _IS else None
    return number or _misread(term)


def _pattern(terms: list[_Term]) -> str:
    term = _only(terms)
    return term.value if term else ""


def _only(terms: list[_Term]) -> _Term | None:
    if len(terms) > 1:
        raise WishWrong("grab-twice", part=shown(" ".join(term.part for term in terms)))
    return terms[0] if terms else None


def _misread(term: _Term) -> NoReturn:
    raise WishWrong("grab-misread", part=shown(term.part), example=_EXAMPLES[term.name])
