"""Which series and albums a work is a part of: by what its files say, however it is spelled."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.library import CollectionKind
from services.library.gathering import MOST_PARTS, Gathered, gathered, ordinal_of, parts_of


def track(album: str, performer: str = "", name: str = "x.flac", **more: Any) -> dict[str, Any]:
    return {"name": name, "album": album, "performer": performer, **more}


def episode(series: str, season: int | None, number: int | None) -> dict[str, Any]:
    return {"name": "x.mkv", "series": series, "season": season, "episode": number}


def test_tracks_of_an_album_have_its_id_in_common() -> None:
    one = parts_of([track("Kind of Blue", "Miles Davis")])
    assert one == parts_of([track("kind of  BLUE", "MILES DAVIS", track=3)])
    assert one != parts_of([track("Kind of Blue", "Somebody Else")])
    assert len(one) == 1


def test_what_several_play_is_one_album() -> None:
    files = [track("Now That Is Music", performer) for performer in ("One", "Two", "")]
    assert gathered(files) == [Gathered(CollectionKind.ALBUM, "Now That Is Music")]


def test_accents_make_no_other_series() -> None:
    assert parts_of([episode("Amélie", 1, 2)]) == parts_of([episode("amelie", 2, 1)])
    assert parts_of([episode("Amélie", 1, 2)]) != parts_of([track("Amélie")])


@pytest.mark.parametrize(
    "files", [[], [track("", "Miles")], [track("!!!")], [{"name": "a"}], [episode("", 1, 1)]]
)
def test_what_names_nothing_is_part_of_nothing(files: list[dict[str, Any]]) -> None:
    assert parts_of(files) == []


@pytest.mark.parametrize(
    ("files", "ordinal"),
    [
        ([], 0),
        ([{"name": "03 - x.flac"}], 0),
        ([episode("Sky", 2, 5)], 20_005),
        ([episode("Sky", None, 5)], 5),
        ([episode("Sky", 3, None)], 30_000),
        ([track("Blue", track=4)], 1004),
        ([track("Blue", track=4, disc=2)], 2004),
        ([track("Blue", name="03 - So What.flac")], 1003),
        ([track("Blue", name="2-03 So What.flac")], 2003),
        ([track("Blue", name="1959 So What.flac")], 0),
        ([track("Blue", name="720p.flac")], 0),
        ([track("Blue", track=4), track("Blue", track=2)], 1002),
    ],
)
def test_where_it_comes(files: list[dict[str, Any]], ordinal: int) -> None:
    assert ordinal_of(files) == ordinal


def test_a_work_of_many_is_a_part_of_some() -> None:
    assert len(parts_of([track(f"Album {number}") for number in range(10_000)])) == MOST_PARTS


@given(
    st.lists(st.fixed_dictionaries({"name": st.text()}, optional={"album": st.text(), "series": st.text()}))
)
def test_no_name_is_too_strange(files: list[dict[str, Any]]) -> None:
    assert len(parts_of(files)) == len(set(parts_of(files)))
    assert ordinal_of(files) >= 0
