"""What a check found, as values: whoever speaks to people has the words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    SOUND = "sound"
    WRONG = "wrong"
    UNSET = "unset"
    """It is merely not set; the words say what setting it brings."""
    HINT = "hint"
    """It works; the words say what more could be had, outside of our settings."""
    UNTESTED = "untested"
    RUNNING = "running"


@dataclass(frozen=True)
class Finding:
    """A locale key with its values; `sizes` are values in bytes, which every language writes in its own way."""

    verdict: Verdict
    key: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)


UNTESTED = Finding(Verdict.UNTESTED, "found-untested")
RUNNING = Finding(Verdict.RUNNING, "found-running")
NO_ANSWER = Finding(Verdict.WRONG, "found-no-answer")


def sound(key: str, **values: str | int) -> Finding:
    return Finding(Verdict.SOUND, key, values)


def wrong(key: str, **values: str | int) -> Finding:
    return Finding(Verdict.WRONG, key, values)


def unset(key: str) -> Finding:
    return Finding(Verdict.UNSET, key)


def hint(key: str) -> Finding:
    return Finding(Verdict.HINT, key)
