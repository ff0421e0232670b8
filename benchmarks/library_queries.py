"""What is asked of a library of made-up works: always the same of the same works."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from random import Random
from string import ascii_lowercase

from benchmarks.made_items import Made

WORD, TWO, BEGINNING = "a word", "two words", "the beginning of a word"
TYPO, TYPOS, TYPO_OF_TWO = "a typing error", "two typing errors", "two words, a typing error in one"
FILTERED, NEWEST, NOTHING = "filters and a word", "nothing typed: the newest", "a word that nobody wrote"
_FILTERS = "kind:{kind} size<4g year:1990..2020 {word}"
_LEAST, _LEAST_MISTYPED, _LEAST_TWICE = 4, 5, 8
"""Letters of a word that somebody looks for, with so many errors."""


class Asker:
    """Makes what is typed of the titles of works."""

    def __init__(self, works: Sequence[Made], seed: int) -> None:
        self._works = works
        self._rng = Random(seed)

    def all(self, most: int) -> Mapping[str, Sequence[str]]:
        """By the sort of query: one text of each work that has words for it, of so many at most."""
        return {
            name: list(islice(filter(None, map(make, self._works)), most)) for name, make in self._sorts()
        }

    def _sorts(self) -> Sequence[tuple[str, Callable[[Made], str]]]:
        return (
            (WORD, self._word),
            (TWO, self._two),
            (BEGINNING, lambda work: self._word(work, 6)[:3]),
            (TYPO, lambda work: self._mistyped(self._word(work, _LEAST_MISTYPED))),
            (TYPOS, lambda work: self._mistyped(self._mistyped(self._word(work, _LEAST_TWICE)))),
            (TYPO_OF_TWO, self._half_mistyped),
            (FILTERED, self._filtered),
            (NEWEST, lambda _: " "),
            (NOTHING, lambda _: "".join(self._rng.choices("qxzjkvw", k=9))),
        )

    def _word(self, work: Made, least: int = _LEAST) -> str:
        """Any of at least so many letters; where a title has none, nothing."""
        words = [word for word in work.title.split() if len(word) >= least and word.isalpha()]
        return self._rng.choice(words).lower() if words else ""

    def _filtered(self, work: Made) -> str:
        word = self._word(work)
        return word and _FILTERS.format(kind=work.kind, word=word)

    def _two(self, work: Made) -> str:
        words = [word.lower() for word in work.title.split() if word.isalpha()]
        return " ".join(self._rng.sample(words, 2)) if len(words) > 1 else ""

    def _half_mistyped(self, work: Made) -> str:
        first, _, second = self._two(work).partition(" ")
        return f"{first} {self._mistyped(second)}" if len(second) >= _LEAST_MISTYPED else ""

    def _mistyped(self, word: str) -> str:
        """With one letter left out, doubled, replaced, or changed with the next; never the first."""
        if not word:
            return ""
        at = self._rng.randrange(1, len(word) - 1)
        ways = (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + self._rng.choice(ascii_lowercase) + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
        return self._rng.choice(ways)
