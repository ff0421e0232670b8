"""Filters that are typed behind the words of a search."""

from collections.abc import Sequence

from models.search import Release
from services.patterns import SECONDS, having

_MARK = "~"


def split_pattern(text: str) -> tuple[str, str]:
    """The words and the pattern of what somebody asks: `big buck ~1080p|2160p`."""
    words, mark, pattern = f" {text}".partition(f" {_MARK}")
    return words.strip(), pattern.strip() if mark else ""


def matching(pattern: str, releases: Sequence[Release], seconds: float = SECONDS) -> list[Release]:
    """Those whose title has the pattern somewhere, capitals or not; an empty one leaves all.

    Raises PatternWrong, PatternTooSlow.
    """
    return having(pattern, releases, lambda release: release.title, seconds)
