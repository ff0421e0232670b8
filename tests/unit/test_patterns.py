"""Typed filters: what they find, and that no expression holds anybody up."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.search import Release
from services.patterns import MOST_CHARACTERS, PatternTooSlow, PatternWrong, check_pattern
from services.search.patterns import matching, split_pattern

TITLES = ("Big Buck Bunny 1080p", "big buck bunny 2160p", "Sintel", "a" * 299 + "!", "שלום 1080p")


def hits(*titles: str) -> list[Release]:
    return [Release(title, "magnet:?", ("A",)) for title in titles]


@pytest.mark.parametrize(
    ("text", "words", "pattern"),
    [
        ("big buck bunny", "big buck bunny", ""),
        ("big buck ~1080p|2160p", "big buck", "1080p|2160p"),
        ("big ~ 1080p ", "big", "1080p"),
        ("~1080p", "", "1080p"),
        ("big~buck", "big~buck", ""),
        ("big ~a ~b", "big", "a ~b"),
        ("big ~", "big", ""),
        ("", "", ""),
    ],
)
def test_words_and_pattern(text: str, words: str, pattern: str) -> None:
    assert split_pattern(text) == (words, pattern)


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("", 5),
        ("BUNNY", 2),
        (r"\b(1080|2160)p$", 3),
        ("^(?!.*bunny)", 3),
        ("שלום", 1),
        (r"\d{4}", 3),
        ("nowhere", 0),
    ],
)
def test_what_a_pattern_leaves(pattern: str, count: int) -> None:
    assert len(matching(pattern, hits(*TITLES))) == count


@pytest.mark.parametrize(
    "pattern", ["(", "[", "a**", "\\", "(?P<x>", "(?<=", "*", "x" * (MOST_CHARACTERS + 1)]
)
def test_what_is_no_expression(pattern: str) -> None:
    with pytest.raises(PatternWrong):
        check_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(?R)", "(a|a?)+$", "^(a+){1,50}$"])
def test_a_catastrophic_expression_is_given_up(pattern: str) -> None:
    begun = time.thread_time()

    with pytest.raises(PatternTooSlow):
        matching(pattern, hits(*["a" * 299 + "!"] * 1000), seconds=0.2)

    # of the processor's time: that does not grow while others have the machine
    assert time.thread_time() - begun < 2


@pytest.mark.parametrize(
    "pattern",
    ["(?:(?:(?:(?:(?:a?){99}){99}){99}){99}){99}b", "a{1,1000000000}", "(?x)(a?){9 9}{9 9}", "(a{40}){40}"],
)
def test_repeats_of_repeats_are_not_even_read(pattern: str) -> None:
    """Written out, the first one would fill any memory."""
    with pytest.raises(PatternTooSlow):
        check_pattern(pattern)


@given(st.text(st.sampled_from("ab()[]{}|?*+^$.\\<>=!:P#&19,~-ü"), max_size=MOST_CHARACTERS))
def test_any_text_is_a_pattern_or_none(pattern: str) -> None:
    try:
        found = matching(pattern, hits(*TITLES), seconds=0.05)
    except (PatternWrong, PatternTooSlow):
        return
    assert set(found) <= set(hits(*TITLES))
