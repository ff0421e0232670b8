"""Ids: sortable, short, and the same again where they must be."""

import time

from hypothesis import given
from hypothesis import strategies as st

from models.ids import derived_id, new_id

ALPHABET = set("0123456789abcdefghjkmnpqrstvwxyz")


def test_new_ids_are_short_and_url_safe() -> None:
    made = {new_id() for _ in range(2000)}
    assert len(made) == 2000
    assert all(len(one) == 16 and set(one) <= ALPHABET for one in made)


def test_ids_sort_by_their_time() -> None:
    made = []
    for _ in range(5):
        made.append(new_id())
        time.sleep(0.002)  # the next millisecond, not a race
    assert made == sorted(made)


def test_derived_ids_are_pinned() -> None:
    """Stored documents carry them: another spelling would orphan every Card and every Transfer."""
    assert derived_id("card", 1, 2, "notice", "help") == derived_id("card", 1, 2, "notice", "help")
    assert derived_id("transfer", 1, 2) == "30m99va66wqem85m"
    assert len(derived_id()) == 16


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8), max_size=3
    )
)
def test_derived_ids_tell_their_parts_apart(parts: list[str]) -> None:
    same = derived_id(*parts)
    assert set(same) <= ALPHABET
    assert same == derived_id(*parts)
    assert same != derived_id(*parts, "x")
    assert same != derived_id("x", *parts)
