"""Filters that are typed: regular expressions, which are given only so much time.

Some expressions would take longer than the universe has been there; who writes one is told so.
"""

import math
import re
import time
from collections.abc import Sequence

import regex

from models.search import Release
from services.errors import MagpieError

MOST_CHARACTERS = 100
SECONDS = 0.1
"""For all titles together; a plain word needs about a thousandth of it for a thousand titles."""
_MOST_REPEATS = 1000
"""Counted repeats within each other are written out when an expression is read: five times {99} would fill any memory."""
_MARK = "~"
_BRACES = re.compile(r"\{[^}]*\}")
_NUMBER = re.compile(r"[0-9]+", re.ASCII)


class PatternWrong(MagpieError):
    """It is no regular expression."""

    def __init__(self, pattern: str) -> None:
        super().__init__("pattern-wrong", pattern=pattern)


class PatternTooSlow(MagpieError):
    """It took too long: the member may try a simpler one."""

    def __init__(self, pattern: str) -> None:
        super().__init__("pattern-too-slow", pattern=pattern)


def split_pattern(text: str) -> tuple[str, str]:
    """The words and the pattern of what somebody asks: `big buck ~1080p|2160p`."""
    words, mark, pattern = f" {text}".partition(f" {_MARK}")
    return words.strip(), pattern.strip() if mark else ""


def check_pattern(pattern: str) -> None:
    """Raises PatternWrong, PatternTooSlow."""
    _compiled(pattern)


def matching(pattern: str, releases: Sequence[Release], seconds: float = SECONDS) -> list[Release]:
    """Those whose title has the pattern somewhere, capitals or not; an empty one leaves all.

    Other threads go on meanwhile. Raises PatternWrong, PatternTooSlow.
    """
    if not pattern:
        return list(releases)
    compiled = _compiled(pattern)
    end = time.monotonic() + seconds
    try:
        return [release for release in releases if _found(compiled, release.title, end)]
    except (TimeoutError, MemoryError, RecursionError) as error:
        raise PatternTooSlow(pattern) from error


def _found(compiled: "regex.Pattern[str]", title: str, end: float) -> bool:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return compiled.search(title, timeout=left, concurrent=True) is not None


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
