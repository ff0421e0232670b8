"""What a Torznab request asks for, and which releases that is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.sample.releases import SampleRelease
from simulator.sample.torznab import FUNCTIONS, MAX_LIMIT, Page

_MAX_DIGITS = 9


class BadQuery(Exception):
    """A request that is answered with an error document: Newznab's error code and its text."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True)
class SampleQuery:
    """All `words` must be in a title; an empty `categories` means any, a main category means its parts too."""

    words: frozenset[str]
    categories: frozenset[int]
    offset: int
    limit: int

    def run(self, releases: Sequence[SampleRelease]) -> Page:
        """The newest first."""
        newest_first = sorted(releases, key=lambda release: release.published, reverse=True)
        found = [release for release in newest_first if self._matches(release)]
        return Page(found[self.offset : self.offset + self.limit], self.offset, len(found))

    def _matches(self, release: SampleRelease) -> bool:
        main = release.category // 1000 * 1000
        in_category = not self.categories or not self.categories.isdisjoint({release.category, main})
        return in_category and self.words <= _words(release.title)


def read_query(parameters: Mapping[str, str]) -> SampleQuery:
    """Reads a search's parameters. Raises `BadQuery`."""
    function = parameters["t"]
    if function not in FUNCTIONS:
        raise BadQuery(202, "No such function")
    _, names, about = FUNCTIONS[function]
    wanted = _categories(parameters.get("cat", ""))
    if about is not None:
        wanted = frozenset(number for number in wanted if number // 1000 * 1000 == about) or frozenset(
            {about}
        )
    texts = [parameters.get(name, "") for name in names.split(",") if name not in {"season", "ep"}]
    words = _words(" ".join(texts)) | _episode(parameters if "season" in names else {})
    limit = _number(parameters, "limit", MAX_LIMIT) or MAX_LIMIT
    return SampleQuery(words, wanted, _number(parameters, "offset", 0), min(limit, MAX_LIMIT))


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def _categories(text: str) -> frozenset[int]:
    try:
        return frozenset(int(part) for part in text.split(",") if part.strip())
    except ValueError as exc:
        raise BadQuery(201, "Incorrect parameter (cat)") from exc


def _episode(parameters: Mapping[str, str]) -> frozenset[str]:
    """The word that stands for season and episode in a title, such as `s01e01`."""
    season = _number(parameters, "season", 0)
    episode = _number(parameters, "ep", 0)
    return frozenset({f"s{season:02}e{episode:02}"}) if season and episode else frozenset()


def _number(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise BadQuery(201, f"Incorrect parameter ({name})")
    return int(text)
