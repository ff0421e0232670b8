"""Filters of feeds as people type them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import MagpieError
from services.feeds.entries import Entry
from services.feeds.errors import FilterWrong
from services.feeds.filters import Filter, read_filter
from services.patterns import PatternTooSlow, PatternWrong

MIB, GIB = 1024**2, 1024**3
TITLES = {
    "Big Buck Bunny 1080p": GIB,
    "Big Buck Bunny 2160p CAM": 5 * GIB,
    "Álbum S01E02": 10 * MIB,
    "Unsized": None,
}


def passing(text: str) -> list[str]:
    entries = [Entry(title, "https://x.example.org/", size) for title, size in TITLES.items()]
    return [entry.title for entry in read_filter(text).passing(entries)]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("", list(TITLES)),
        ("   ", list(TITLES)),
        ("big 1080P", ["Big Buck Bunny 1080p"]),
        ("album", ["Álbum S01E02"]),
        ("big -cam", ["Big Buck Bunny 1080p"]),
        ("-", list(TITLES)),
        ("size<2g", ["Big Buck Bunny 1080p", "Álbum S01E02"]),
        ("size>=1g size<=1 GB", ["Big Buck Bunny 1080p"]),
        ("size > 1g", ["Big Buck Bunny 2160p CAM"]),
        ("bunny size<2g ~1080p|2160p", ["Big Buck Bunny 1080p"]),
        (r"~s\d\de\d\d", ["Álbum S01E02"]),
        ("~size<2g", []),
    ],
)
def test_what_passes(text: str, titles: list[str]) -> None:
    assert passing(text) == titles


@pytest.mark.parametrize(
    ("text", "error", "key"),
    [
        ("size<big", FilterWrong, "feed-filter-misread"),
        ("size:2g", FilterWrong, "feed-filter-misread"),
        ("size<", FilterWrong, "feed-filter-misread"),
        ("size>2g size<1g", FilterWrong, "feed-filter-nothing"),
        ("size<0", FilterWrong, "feed-filter-nothing"),
        ("~(", PatternWrong, "pattern-wrong"),
        ("~((a{99}){99}){99}", PatternTooSlow, "pattern-too-slow"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, error: type[MagpieError], key: str) -> None:
    with pytest.raises(error) as refused:
        read_filter(text)
    assert refused.value.key == key


def test_bounds_add_up() -> None:
    assert read_filter("size>1k size>2k size<9k size<=8k") == Filter(least=2049, most=8192)


def test_a_pattern_that_takes_too_long_is_given_up() -> None:
    slow = read_filter("~(a+)+$")
    with pytest.raises(PatternTooSlow):
        slow.passing([Entry("a" * 299 + "!", "https://x.example.org/")] * 1000)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused_in_words(text: str) -> None:
    with suppress(FilterWrong, PatternWrong, PatternTooSlow):
        assert read_filter(text).passing([]) == []
