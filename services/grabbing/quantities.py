"""Durations, sizes, days and numbers as people type them. None: it is no such thing."""

import calendar
import re
from datetime import date
from fractions import Fraction

_NUMBER = r"[0-9]{1,15}(?:[.,][0-9]{1,6})?"
_HOURS = "h(?:ours?|oras?)?"
_MINUTES = "m(?:in(?:ut[eo]s?)?)?"
_SECONDS = "s(?:ec(?:onds?)?|eg(?:undos?)?)?"
_BYTES = "[kmgt](?:i?b)?|b"
_SIZE = re.compile(rf"({_NUMBER})(?:([kmgt])(?:i?b)?|b)?", re.IGNORECASE | re.ASCII)
_SPAN = re.compile(
    rf"(?:({_NUMBER}){_HOURS})?(?:({_NUMBER}){_MINUTES})?(?:({_NUMBER})(?:{_SECONDS})?)?",
    re.IGNORECASE | re.ASCII,
)
_CLOCK = re.compile(r"(?:([0-9]{1,4}):)?([0-9]{1,4}):([0-5][0-9])", re.ASCII)
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,9}", re.ASCII)
_POWERS = "kmgt"
_UNITS = (3600, 60, 1)
_AMOUNT = rf"[0-9][0-9.,]* ?(?:{_BYTES}|{_HOURS}|{_MINUTES}|{_SECONDS})"
AMOUNT = rf"{_AMOUNT}(?: {_AMOUNT})*(?!\S)"
"""A regular expression for what may be a size or a duration with blanks in it: `50 MB`, `1 h 30 min`."""


def read_bytes(text: str) -> Fraction | None:
    """`50M`, `1.5 GB`, `700KiB`, `1000`: in bytes, a K being 1024 as wherever Magpie shows sizes."""
    found = _SIZE.fullmatch("".join(text.split()))
    return (
        _number(found[1]) * 1024 ** (1 + _POWERS.index(found[2].lower()) if found[2] else 0)
        if found
        else None
    )


def read_seconds(text: str) -> Fraction | None:
    """`90`, `90s`, `3m`, `1h30m`, `1.5h`, `3:20`, `1:02:03`: in seconds."""
    found = _CLOCK.fullmatch(text) or _SPAN.fullmatch("".join(text.split()))
    if found is None or not any(found.groups()):
        return None
    parts = zip(found.groups(), _UNITS, strict=True)
    return sum((_number(part) * seconds for part, seconds in parts if part), Fraction())


def read_day(text: str) -> date | None:
    """`2024-01-31`, `2024-06`, `2024`: the first day of it."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    if year < 1 or month not in range(1, 13) or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return date(year, month, day)


def read_number(text: str) -> int | None:
    """`10`: a whole number of at most nine digits."""
    return int(text) if _COUNT.fullmatch(text) else None


def _number(text: str) -> Fraction:
    return Fraction(text.replace(",", "."))
