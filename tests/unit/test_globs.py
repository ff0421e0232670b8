"""Patterns for names of files, as people type them."""

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.downloads import FileEntry
from services.transfers.filetree import tree_of
from services.transfers.globs import MOST_CHARACTERS, Glob, GlobTooLong, GlobTooSlow, matching

LETTERS = st.text("abAB.ß/", max_size=12)
PATTERNS = st.text("ab*?A.", min_size=1, max_size=8).filter(lambda text: {"*", "?"} & set(text))


@pytest.mark.parametrize(
    ("pattern", "text", "takes"),
    [
        ("*.mkv", "film.MKV", True),
        ("*.mkv", "film.mkv.txt", False),
        ("S01*", "s01e02.mkv", True),
        ("S01*", "xs01", False),
        ("*1080p*", "a.1080P.b", True),
        ("E0?.mkv", "E01.mkv", True),
        ("E0?.mkv", "E012.mkv", False),
        ("film", "A Film.mkv", True),
        ("[group] *", "[Group] one.mkv", True),
        ("[group] *", "g one.mkv", False),
        ("a.c", "abc", False),
        ("(x)+$^|\\*", "(X)+$^|\\y", True),
        ("*ab*ab*", "ab-ab", True),
        ("*ab*ab*", "aba", False),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*a*", "", False),
        ("*", "", True),
        ("**", "anything", True),
        ("STRASSE*", "straße 1", True),
        ("café*", "cafe\u0301 noir", True),
        (" *.mkv ", "a.mkv", True),
        ("*\n*", "a\nb", True),
        ("?", "\n", True),
    ],
)
def test_patterns(pattern: str, text: str, takes: bool) -> None:
    assert Glob(pattern).takes(text) is takes


@given(PATTERNS, LETTERS)
def test_stars_and_marks_are_those_of_the_shell(pattern: str, text: str) -> None:
    shell = re.compile(fnmatch.translate(pattern.casefold()))
    assert Glob(pattern).takes(text) == (shell.match(text.casefold()) is not None)


@given(LETTERS, LETTERS, LETTERS)
def test_a_word_is_found_anywhere(before: str, word: str, after: str) -> None:
    assert Glob(word).takes(before + word + after)


@given(st.text(max_size=MOST_CHARACTERS // 3), st.text(max_size=100))
def test_anything_may_be_typed(pattern: str, text: str) -> None:
    assert Glob(pattern).takes(text) in {True, False}


def test_names_and_paths_are_looked_at() -> None:
    paths = ["P/S01/e1.mkv", "P/S01/e2.srt", "P/S02/e1.mkv", "P/S01.txt"]
    tree = tree_of(FileEntry(index=n, path=path, size=1) for n, path in enumerate(paths))
    assert matching(tree, "S01*") == {0, 1, 3}
    assert matching(tree, "s01/*") == {0, 1}
    assert matching(tree, "e1*") == {0, 2}
    assert matching(tree, "s0?/e1.mkv") == {0, 2}
    assert matching(tree, "nothing") == frozenset()


def test_no_more_characters_than_anybody_needs() -> None:
    Glob("x" * MOST_CHARACTERS)
    for text in ("x" * (MOST_CHARACTERS + 1), "*" * 10**6, "ß" * MOST_CHARACTERS):
        with pytest.raises(GlobTooLong):
            Glob(text)


def test_it_takes_no_longer_than_it_may() -> None:
    tree = tree_of(FileEntry(index=n, path=f"{n}", size=1) for n in range(3))
    with pytest.raises(GlobTooSlow) as error:
        matching(tree, "*", seconds=-1.0)
    assert error.value.values == {"pattern": "*"}


def test_the_worst_pattern_is_no_catastrophe() -> None:
    """A regular expression of so many stars would take longer than the universe has been there."""
    assert not Glob("*a" * 45 + "*b").takes("a" * 1000)
    assert not Glob("?*" * 45 + "b").takes("a" * 1000)
