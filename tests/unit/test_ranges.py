"""Many numbers in a short text, there and back."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ranges import as_ranges, from_ranges

NUMBERS = st.frozensets(st.integers(min_value=0, max_value=10**6), max_size=300) | st.frozensets(
    st.integers(min_value=0, max_value=60)
)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([], ""),
        ([0], "0"),
        ([7], "7"),
        ([0, 1], "0-1"),
        ([0, 1, 2, 3, 4, 7], "0-4,7"),
        ([9, 3, 4, 3, 10, 1], "1,3-4,9-10"),
    ],
)
def test_numbers_as_people_write_them(numbers: list[int], text: str) -> None:
    assert as_ranges(numbers) == text
    assert from_ranges(text) == sorted(set(numbers))


def test_all_of_very_many_is_short() -> None:
    assert as_ranges(range(100_000)) == "0-99999"
    assert len(from_ranges("0-99999")) == 100_000


@given(NUMBERS)
def test_there_and_back(numbers: frozenset[int]) -> None:
    text = as_ranges(numbers)
    assert from_ranges(text) == sorted(numbers)
    assert as_ranges(from_ranges(text)) == text


@given(NUMBERS)
def test_no_two_runs_touch(numbers: frozenset[int]) -> None:
    runs = [run.split("-") for run in as_ranges(numbers).split(",") if run]
    assert all(int(before[-1]) + 1 < int(after[0]) for before, after in pairwise(runs))
