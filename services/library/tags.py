"""Tags: words that people put on a work, beside those that its files name."""

from collections.abc import Iterable, Sequence

from services.errors import MagpieError
from services.library.fold import fold
from services.media.names import clean

MOST_TAGS = 30
_LONGEST = 40


class TagsWrong(MagpieError):
    """No tags were named, or too many."""


def read_tags(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Which are to be put on, and which taken off (`-live`), without `#`. Raises TagsWrong."""
    on, off = list[str](), list[str]()
    for word in words:
        tag = clean(word.lstrip("-#"), _LONGEST)
        if fold(tag):
            (off if word.startswith("-") else on).append(tag)
    if not on and not off:
        raise TagsWrong("library-tag-usage")
    return on, off


def changed(tags: Sequence[str], on: Iterable[str], off: Iterable[str]) -> list[str]:
    """The tags with some put on and some taken off; however it is spelled, a tag is there once. Raises TagsWrong."""
    known = {_spelled(tag): tag for tag in (*tags, *on)}
    for tag in off:
        known.pop(_spelled(tag), None)
    if len(known) > MOST_TAGS:
        raise TagsWrong("library-tags-too-many", most=MOST_TAGS)
    return list(known.values())


def united(tags: Sequence[str], others: Iterable[str]) -> list[str]:
    """The tags and those of another that there is room for; however it is spelled, a tag is there once."""
    known = {_spelled(tag): tag for tag in (*others, *tags)}
    first = {_spelled(tag): tag for tag in tags}
    return [*first.values(), *(tag for name, tag in known.items() if name not in first)][:MOST_TAGS]


def _spelled(tag: str) -> str:
    return "".join(fold(tag))
