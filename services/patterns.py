"""Regular expressions that people type, which are given only so much time.

Some expressions would take longer than the universe has been there; who writes one is told so.
"""

import math
import re
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import regex

from services.errors import MagpieError

MOST_CHARACTERS = 100
SECONDS = 0.1
"""For all texts together; a plain word needs about a thousandth of it for a thousand titles."""
_MOST_REPEATS = 1000
"""Counted repeats within each other are written out when an expression is read: five times {99} would fill any memory."""
_BRACES = re.compile(r"\{[^}]*\}")
_NUMBER = re.compile(r"[0-9]+", re.ASCII)
Thing = TypeVar("Thing")


class PatternWrong(MagpieError):
    """It is no regular expression."""

    def __init__(self, pattern: str) -> None:
        super().__init__("pattern-wrong", pattern=pattern)


class PatternTooSlow(MagpieError):
    """It took too long: the member may try a simpler one."""

    def __init__(self, pattern: str) -> None:
        super().__init__("pattern-too-slow", pattern=pattern)


def check_pattern(pattern: str) -> None:
    """Raises PatternWrong, PatternTooSlow."""
    _compiled(pattern)


def having(
    pattern: str, things: Iterable[Thing], text_of: Callable[[Thing], str], seconds: float = SECONDS
) -> list[Thing]:
    """Those whose text has the pattern somewhere, capitals or not; an empty one leaves all.

    Other threads go on meanwhile. Raises PatternWrong, PatternTooSlow.
    """
    if not pattern:
        return list(things)
    compiled = _compiled(pattern)
    end = time.monotonic() + seconds
    try:
        return [thing for thing in things if _found(compiled, text_of(thing), end)]
    except (TimeoutError, MemoryError, RecursionError) as error:
        raise PatternTooSlow(pattern) from error


def _found(compiled: "regex.Pattern[str]", text: str, end: float) -> bool:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return compiled.search(text, timeout=left, concurrent=True) is not None


def _compiled(pattern: str) -> "regex.Pattern[str]":
    if len(pattern) > MOST_CHARACTERS:
        raise PatternWrong(pattern[:MOST_CHARACTERS])
    if _repeats(pattern) > _MOST_REPEATS:
        raise PatternTooSlow(pattern)
    try:
        return regex.compile(pattern, regex.IGNORECASE)
    except (regex.error, LookupError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise PatternWrong(pattern) from error


def _repeats(pattern: str) -> int:
    """How often something may be repeated at most, had every repeat all the others within it."""
    bounds = [
        number for braces in _BRACES.findall(pattern) for number in _NUMBER.findall("".join(braces.split()))
    ]
    return math.prod(max(1, int(number)) for number in bounds)
