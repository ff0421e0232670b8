"""In which order hits are shown: how well the title fits the question, how alive it is, how good it promises to be."""

import math
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, utils

from models.search import Order, Release
from services.search.traits import Quality, name_in, quality_of

_RELEVANCE, _HEALTH, _QUALITY = 0.70, 0.20, 0.10
_EVERY_WORD, _NO_OTHER_WORD = 0.85, 0.15
_SAME_WORD = 80.0
"""How much a word asked for and the place in the title that is most like it have in common at least, of a hundred."""
_MOST_SEEDERS = 10_000
"""More of them make nothing any better."""
_HEALTH_UNKNOWN = 0.15
_QUALITY_UNKNOWN = 0.5
_QUALITIES = {
    Quality.UHD: 1.0,
    Quality.FULL_HD: 0.9,
    Quality.HD: 0.7,
    Quality.SD: 0.4,
    Quality.LOSSLESS: 0.9,
    Quality.LOSSY: 0.6,
    Quality.FILMED: 0.0,
}
_SAME_WORK = 80.0
"""How much the names of the same work have in common at least, of a hundred."""


def best_first(query: str, releases: Iterable[Release]) -> list[Release]:
    """By relevance, health and quality together; equals by title."""
    asked = utils.default_process(query)
    return sorted(releases, key=lambda release: (-_score(asked, release), release.title, release.link))


def score(query: str, release: Release) -> float:
    """From 0 to 1, the best."""
    return _score(utils.default_process(query), release)


def in_order(releases: Sequence[Release], order: Order) -> list[Release]:
    """Sorts what comes the best first: most seeds, largest, newest; what does not say stands last."""
    if order is Order.SEEDS:
        return sorted(releases, key=lambda release: _descending(release.seeders))
    if order is Order.SIZE:
        return sorted(releases, key=lambda release: _descending(release.size))
    if order is Order.AGE:
        return sorted(releases, key=lambda release: _descending(release.published))
    return list(releases)


def of_the_same_work(title: str, releases: Iterable[Release]) -> list[Release]:
    """Those first that are called the same, whatever their quality; then the others. Each as they come."""
    name = utils.default_process(name_in(title))

    def is_other(release: Release) -> bool:
        return fuzz.token_sort_ratio(name, utils.default_process(name_in(release.title))) < _SAME_WORK

    return sorted(releases, key=is_other)


def _score(asked: str, release: Release) -> float:
    return (
        _RELEVANCE * _relevance(asked, utils.default_process(release.title))
        + _HEALTH * _health(release.seeders)
        + _QUALITY * _quality(release)
    )


def _relevance(asked: str, title: str) -> float:
    """Whether each word asked for is there counts most; of two titles that have them, the shorter one fits better."""
    words = asked.split()
    if not words:
        return 1.0
    there = sum(_there(word, title) for word in words) / len(words)
    same = fuzz.token_sort_ratio(asked, title)
    return (_EVERY_WORD * there + _NO_OTHER_WORD * same) / 100


def _there(word: str, title: str) -> float:
    """Letters may be missing or mistaken."""
    return 100.0 if word in title else fuzz.partial_ratio(word, title, score_cutoff=_SAME_WORD)


def _health(seeders: int | None) -> float:
    """Ten seeders for one matter, a thousand more for a thousand do not."""
    if seeders is None:
        return _HEALTH_UNKNOWN
    return min(1.0, math.log10(1 + seeders) / math.log10(1 + _MOST_SEEDERS))


def _quality(release: Release) -> float:
    quality = quality_of(release)
    return _QUALITY_UNKNOWN if quality is None else _QUALITIES[quality]


def _descending(value: int | None) -> int:
    return 1 if value is None else -value
