"""Of which work an Item is an encoding, as far as its files say."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.library.works import work_of


def film(title: str = "Big Buck Bunny", size: int = 1000, **facts: Any) -> dict[str, Any]:
    return {"kind": "video", "name": f"{title}.mkv", "title": title, "size": size, **facts}


def sound(title: str = "So What", size: int = 100, **facts: Any) -> dict[str, Any]:
    return {"kind": "audio", "name": f"{title}.mp3", "title": title, "size": size, **facts}


def item(*files: dict[str, Any]) -> dict[str, Any]:
    return {"_id": "i", "title": "t", "files": list(files)}


def episodes(*numbers: int, season: int | None = 1, series: str = "Sintel") -> list[dict[str, Any]]:
    return [film(series, series=series, season=season, episode=number) for number in numbers]


def album(count: int, album: str = "Kind of Blue", performer: str = "Miles Davis") -> list[dict[str, Any]]:
    return [sound(f"Track {n}", album=album, performer=performer) for n in range(count)]


@pytest.mark.parametrize(
    ("files", "work"),
    [
        ([film()], "film:big buck bunny"),
        ([film("Big Buck Bunny (2008)", year=2008)], "film:big buck bunny"),
        ([film("BIG búck Bunny")], "film:big buck bunny"),
        ([film("Ёлки (2010)", year=2010)], "film:elki"),
        ([film("1917", year=1917)], "film:1917"),
        ([film(), film("Sample", size=30), film("Trailer", size=90)], "film:big buck bunny"),
        ([film("One"), film("Two")], ""),
        ([film("...")], ""),
        (episodes(4), "episode:sintel:1:4"),
        (episodes(4, season=None), "episode:sintel::4"),
        ([*episodes(4), film("Sample", size=30)], "episode:sintel:1:4"),
        (episodes(1, 2, 3), "season:sintel:1"),
        ([*episodes(1, 2), *episodes(1, 2, season=2)], ""),
        ([film("Sintel S01", series="Sintel", season=1)], ""),
        ([sound(performer="Miles Davis")], "track:miles davis:so what"),
        ([sound()], ""),
        ([sound(performer="Miles Davis"), sound("Two", performer="Miles Davis")], ""),
        (album(3), "album:miles davis:kind of blue"),
        (album(2), ""),
        ([*album(4), sound("Bonus")], "album:miles davis:kind of blue"),
        ([*album(2, performer="A"), *album(2, performer="B")], "album::kind of blue"),
        ([*album(3), *album(3, album="Sketches of Spain")], ""),
        ([*album(5), film("Clip", size=100)], "album:miles davis:kind of blue"),
        ([{"kind": "document", "name": "a.pdf", "title": "A", "size": 9}], ""),
        ([{"kind": "image", "name": "a.png", "title": "A", "size": 9}], ""),
        ([], ""),
    ],
)
def test_what_the_files_say(files: list[dict[str, Any]], work: str) -> None:
    assert work_of(item(*files)) == work


@given(st.permutations([*album(4), *album(2, performer="Other"), sound("Bonus")]))
def test_the_order_of_the_files_says_nothing(files: list[dict[str, Any]]) -> None:
    assert work_of(item(*files)) == "album:miles davis:kind of blue"


def test_ten_thousand_files_take_no_time() -> None:
    begun = time.process_time()
    assert work_of(item(*episodes(*range(9999)))) == "season:sintel:1"
    assert work_of(item(*album(9999))) == "album:miles davis:kind of blue"
    assert time.process_time() - begun < 2


def test_a_title_without_end_is_cut() -> None:
    assert len(work_of(item(film("x " * 10_000)))) < 300
