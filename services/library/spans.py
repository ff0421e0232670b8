"""Quantities of the library as spans of numbers, of what people type behind a filter. None: it is no such thing."""

import calendar
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from services.grabbing.quantities import read_bytes, read_day, read_number, read_seconds


@dataclass(frozen=True)
class Span:
    """`low` ≤ x < `high`; None: no bound on that side."""

    low: float | None
    high: float | None


FREE = Span(0, 1)
"""Of prices."""
Reader = Callable[[str], Span | None]

_MOST_SECONDS = 10**9
_MOST_BYTES = 1 << 50
_NEAR = Fraction(1, 10)
_DAY_MILLIS = 86_400_000
_MINUTE_MILLIS = 60_000
_FIRST_DAY = date(1970, 1, 1).toordinal()
_YEAR = re.compile(r"([1-9][0-9]{3})(s?)", re.ASCII)
_HEIGHT = re.compile(r"([1-9][0-9]{1,4})[pi]?", re.ASCII)
_HEIGHTS = (240, 360, 480, 576, 720, 1080, 1440, 2160, 4320)
_NAMED_HEIGHTS = {"hd": 720, "fhd": 1080, "fullhd": 1080, "2k": 1440, "4k": 2160, "uhd": 2160, "8k": 4320}
_RANGES = tuple(
    re.compile(pattern) for pattern in (r"(.*?) ?\.\.+ ?(.*)", "(.+?) ?[–—] ?(.+)", "(.+?) ?- ?(.+)")
)
"""Dates have hyphens, too: those are tried last."""
_UNIT = re.compile(r"[0-9.,]+ ?([a-z]+)", re.ASCII)
_BARE = re.compile(r"[0-9.,]+", re.ASCII)
_DECADE_OR_SECONDS = "s"


def read_range(text: str, read: Reader) -> Span | None:
    """`1950..1960`, `1950-1960`, both included; `1950..`, `..1960`. In `3-5m` both are minutes."""
    for mark in _RANGES:
        if found := mark.fullmatch(text):
            low = read(_with_unit(found[1], found[2])) if found[1] else Span(None, None)
            high = read(found[2]) if found[2] else Span(None, None)
            if low and high and (low.low is not None or high.high is not None):
                return Span(low.low, high.high)
    return None


def read_duration(text: str) -> Span | None:
    """Exactly so many seconds, which have fractions."""
    seconds = _seconds(text)
    return None if seconds is None else Span(float(seconds), math.nextafter(seconds, math.inf))


def read_about_duration(text: str) -> Span | None:
    """A tenth more or less, at least a second wide: nobody knows the fraction of a second."""
    seconds = _seconds(text)
    if seconds is None:
        return None
    low, high = _around(seconds)
    return Span(float(low), float(high))


def read_size(text: str) -> Span | None:
    """Exactly so many bytes; none, where they have a fraction."""
    size = _bytes(text)
    return None if size is None else Span(math.ceil(size), math.floor(size) + 1)


def read_about_size(text: str) -> Span | None:
    """A tenth more or less."""
    size = _bytes(text)
    if size is None:
        return None
    low, high = _around(size)
    return Span(math.floor(low), math.ceil(high))


def read_year(text: str) -> Span | None:
    """`1959`, or the ten of `1990s`."""
    found = _YEAR.fullmatch(text)
    if found is None:
        return None
    year = int(found[1])
    if found[2] and year % 10:
        return None
    return Span(year, year + (10 if found[2] else 1))


def read_height(text: str) -> Span | None:
    """`720`, `720p`, `4k`, `hd`: exactly so many pixels high."""
    height = _height(text)
    return None if height is None else Span(height, height + 1)


def read_about_height(text: str) -> Span | None:
    """A usual height stands for all up to the next: what is called 720p may be 800 pixels high."""
    height = _height(text)
    if height is None:
        return None
    higher = [usual for usual in _HEIGHTS if usual > height]
    return Span(height, min(higher, default=None)) if height in _HEIGHTS else Span(height, height + 1)


def read_whole(text: str) -> Span | None:
    """`10`: a season, an episode, a number of Stars."""
    number = read_number(text)
    return None if number is None else Span(number, number + 1)


def read_date(text: str, utc_offset: int) -> Span | None:
    """The day, month or year of `2024-01-31`, `2024-06`, `2024` from its first to its last midnight at a place that is so
    many minutes before UTC, in milliseconds since 1970 (UTC).
    """
    first = read_day(text)
    if first is None:
        return None
    month = calendar.monthrange(first.year, first.month)[1]
    year = 366 if calendar.isleap(first.year) else 365
    start = first.toordinal() - _FIRST_DAY
    days = (year, month, 1)[text.count("-")]
    shift = utc_offset * _MINUTE_MILLIS
    return Span(start * _DAY_MILLIS - shift, (start + days) * _DAY_MILLIS - shift)


def _seconds(text: str) -> Fraction | None:
    seconds = read_seconds(text)
    return seconds if seconds is not None and seconds <= _MOST_SECONDS else None


def _bytes(text: str) -> Fraction | None:
    size = read_bytes(text)
    return size if size is not None and size <= _MOST_BYTES else None


def _height(text: str) -> int | None:
    found = _HEIGHT.fullmatch(text)
    return int(found[1]) if found else _NAMED_HEIGHTS.get(text.replace(" ", ""))


def _around(amount: Fraction) -> tuple[Fraction, Fraction]:
    low = amount - amount * _NEAR
    return low, max(amount + amount * _NEAR, low + 1)


def _with_unit(low: str, high: str) -> str:
    unit = _UNIT.fullmatch(high)
    shared = unit and unit[1] != _DECADE_OR_SECONDS and _BARE.fullmatch(low)
    return low + unit[1] if unit and shared else low
