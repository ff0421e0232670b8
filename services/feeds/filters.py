r"""What of a feed is wanted, as people type it: `1080p -cam size<2g ~s01e\d\d`."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol, TypeVar

from services.feeds.errors import FilterWrong
from services.grabbing.errors import shown
from services.grabbing.quantities import AMOUNT, read_bytes
from services.grabbing.wish import folded
from services.patterns import check_pattern, having
from services.search.fields import read_query
from services.search.patterns import split_pattern

_EXAMPLE = "size>500m size<2g"
_SIZE = re.compile(rf"(?<!\S)size *(<=|>=|[<>:=]) *({AMOUNT}|\S*)", re.IGNORECASE | re.ASCII)
_SECONDS = 0.5
"""For some hundred titles: nobody waits for it, and a busy machine shall not end a feed."""
_NUMBERS: dict[str, Callable[[Fraction], int]] = {
    ">": lambda value: math.floor(value) + 1,
    ">=": math.ceil,
    "<": lambda value: math.ceil(value) - 1,
    "<=": math.floor,
}
"""The bound in whole bytes, included."""


class Named(Protocol):
    @property
    def title(self) -> str: ...
    @property
    def size(self) -> int | None: ...


N = TypeVar("N", bound=Named)


@dataclass(frozen=True)
class Filter:
    """All of it must hold. Bounds are included, in bytes; what does not say its size has none within bounds.

    `words` stand in the title and `without` do not, whatever accents and capitals; `pattern` is found in it.
    """

    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    pattern: str = ""

    def passing(self, things: Sequence[N]) -> list[N]:
        """Those that are wanted. Blocks: a pattern may take its time. Raises PatternTooSlow."""
        fitting = [thing for thing in things if self._fits(folded(thing.title), thing.size)]
        return having(self.pattern, fitting, lambda thing: thing.title, _SECONDS)

    def _fits(self, title: str, size: int | None) -> bool:
        return (
            all(word in title for word in self.words)
            and not any(word in title for word in self.without)
            and (self.least is None or (size is not None and size >= self.least))
            and (self.most is None or (size is not None and size <= self.most))
        )


def read_filter(text: str) -> Filter:
    """Raises FilterWrong, PatternWrong, PatternTooSlow."""
    typed, pattern = split_pattern(read_query(text))
    check_pattern(pattern)
    bounds = [_bound(found) for found in _SIZE.finditer(typed)]
    least = max((number for sign, number in bounds if sign.startswith(">")), default=None)
    most = min((number for sign, number in bounds if sign.startswith("<")), default=None)
    if most is not None and most < (least or 0):
        raise FilterWrong("feed-filter-nothing", part=" ".join(found[0] for found in _SIZE.finditer(typed)))
    words = _SIZE.sub(" ", typed).split()
    return Filter(
        words=tuple(folded(word) for word in words if not word.startswith("-")),
        without=tuple(filter(None, (folded(word[1:]) for word in words if word.startswith("-")))),
        least=least,
        most=most,
        pattern=pattern,
    )


def _bound(found: re.Match[str]) -> tuple[str, int]:
    value = read_bytes(found[2])
    if value is None or found[1] not in _NUMBERS:
        raise FilterWrong("feed-filter-misread", part=shown(found[0]), example=_EXAMPLE)
    return found[1], _NUMBERS[found[1]](value)
