"""The index: what is asked is found, the best first, and nothing that people type breaks it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.library.asking import Care
from services.library.entries import entry_of, quality
from services.library.index import Facet, Index, Wanted
from services.library.query import QueryWrong, SortBy, read_asked
from services.library.reach import Reach

ALL = Reach(-1, everything=True)
WORDS = (
    "kind:audio",
    "-",
    '"',
    "jazz",
    "size<2g",
    "sort:newest",
    "ё",
    "#",
    "x" * 60,
    "year:1950..",
    "\0",
    "*",
    "~2",
)


def item(key: str, title: str, **changes: Any) -> dict[str, Any]:
    file = {"name": f"{title}.mkv", "size": 1000, "kind": "video", "title": title}
    file |= {name: changes.pop(name) for name in set(changes) & FILE}
    common = {"_id": key, "title": title, "files": [file], "tags": [], "member_id": "1", "channel_id": -1}
    return {**common, "archived_at": 1_700_000_000_000, **changes}


FILE = {
    "size",
    "kind",
    "performer",
    "album",
    "year",
    "duration",
    "height",
    "width",
    "video_codec",
    "subtitles",
}
ITEMS = (
    item("bunny", "Big Buck Bunny", year=2008, height=1080, duration=596.0, subtitles=("eng", "spa")),
    item("bunnies", "Bunnies of the Field", year=1995, height=480, size=5_000_000_000),
    item("big", "The Big Sleep", year=1946, tags=["Film Noir"], handed_out=9, video_codec="h264"),
    item("blue", "Blue in Green", kind="audio", performer="Miles Davis", album="Kind of Blue", duration=337.0),
    item("what", "So What", kind="audio", performer="Miles Davis", album="Kind of Blue", tags=["Jazz"]),
    item("live", "So What (live)", kind="audio", performer="Somebody", tags=["Jazz"], archived_at=1_800_000_000_000),
    item("woods", "Moscow Does Not Believe in Tears / Москва слезам не верит"),
    item("hotel", "Grand Hôtel"),
    item("spider", "Spider-Man"),
)  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    index = Index(tmp_path_factory.mktemp("index"))
    index.fill(map(entry_of, ITEMS))
    index.commit()
    yield index
    index.close()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bunny", ["bunny"]),
        ("bunn", ["bunnies", "bunny"]),
        ("buny", ["bunny"]),
        ("big", ["big", "bunny"]),
        ('"buck bunny"', ["bunny"]),
        ('"bunny buck"', []),
        ("so what -live", ["what"]),
        ("artist:davis", ["blue", "what"]),
        ('album:"kind of blue" -title:blue', ["what"]),
        ("#jazz", ["live", "what"]),
        ('tag:"film noir"', ["big"]),
        ("kind:audio duration>3m", ["blue"]),
        ("size>2g", ["bunnies"]),
        ("year:1940s", ["big"]),
        ("resolution>=720p", ["bunny"]),
        ("lang:español", ["bunny"]),
        ("codec:x264", ["big"]),
        ("after:2026", ["live"]),
        ("before:2026 #jazz", ["what"]),
        ("hotel", ["hotel"]),
        ("HÔTEL", ["hotel"]),
        ("москва", ["woods"]),
        ("moskwa slesam", ["woods"]),
        ("spiderman", ["spider"]),
        ("spider man", ["spider"]),
        ("davis zebra", ["blue", "what"]),
        ("zebra", []),
        ("kind:image", []),
    ],
)
def test_what_is_asked_is_found(index: Index, text: str, found: list[str]) -> None:
    assert sorted(index.search(Wanted(read_asked(text), ALL, limit=20)).ids) == found


def test_how_closely_it_fits_is_said(index: Index) -> None:
    cares = {
        text: index.search(Wanted(read_asked(text), ALL)).care for text in ("bunny", "bunyn", "davis zebra")
    }
    assert cares == {"bunny": Care.EXACT, "bunyn": Care.MISTYPED, "davis zebra": Care.SOME}
    assert index.search(Wanted(read_asked("mocsow beileve"), ALL)).care is Care.MISTYPED
    assert index.search(Wanted(read_asked("bleieveing"), ALL)).total == 0


@pytest.mark.parametrize(
    ("sort", "first"),
    [(SortBy.NEWEST, "live"), (SortBy.SIZE, "bunnies"), (SortBy.LENGTH, "bunny"), (SortBy.WANTED, "big")],
)
def test_finds_are_sorted(index: Index, sort: SortBy, first: str) -> None:
    assert index.search(Wanted(read_asked(""), ALL, sort=sort)).ids[0] == first


def test_finds_come_in_pages(index: Index) -> None:
    pages = [
        index.search(Wanted(read_asked(""), ALL, sort=SortBy.SIZE, offset=n, limit=4)) for n in (0, 4, 8)
    ]
    assert [page.total for page in pages] == [len(ITEMS)] * 3
    assert {found for page in pages for found in page.ids} == {each["_id"] for each in ITEMS}


def test_the_title_counts_more_than_a_name(index: Index) -> None:
    assert index.search(Wanted(read_asked("so what"), ALL)).ids[0] == "what"


def test_a_facet_counts_what_the_others_leave(index: Index) -> None:
    wanted = Wanted(read_asked(""), ALL, {Facet.KIND: frozenset({"audio"}), Facet.TAG: frozenset({"jazz"})})
    counts = index.counts(wanted, Care.EXACT)
    assert counts[Facet.KIND] == {"audio": 2}
    assert counts[Facet.TAG] == {"jazz": 2}
    assert index.search(wanted).total == 2
    assert index.counts(Wanted(read_asked(""), ALL), Care.EXACT)[Facet.KIND] == {"video": 6, "audio": 3}


def test_what_is_similar_is_not_itself(index: Index) -> None:
    like = entry_of(next(each for each in ITEMS if each["_id"] == "what"))
    assert set(index.search(Wanted(read_asked(""), ALL, like=like)).ids) == {"blue", "live"}


def test_another_process_reads_while_this_one_writes(tmp_path: Path) -> None:
    """And does not write: there is one writer."""
    index = Index(tmp_path)
    index.write([entry_of(ITEMS[0])])
    index.commit()
    code = f"""
from pathlib import Path
from services.library.index import Index, IndexDamaged
index = Index(Path({str(tmp_path)!r}))
assert len(index) == 1
try:
    index.write([])
except IndexDamaged as error:
    assert "Lock" in str(error), error
    raise SystemExit(0)
raise SystemExit(3)
"""
    finished = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert finished.returncode == 0
    index.write([entry_of(ITEMS[1])])
    index.commit()
    assert len(index) == len(("one", "other"))
    index.close()


@given(st.lists(st.text(max_size=12) | st.sampled_from(WORDS), max_size=10).map(" ".join))
def test_whatever_is_typed_is_answered_or_explained(index: Index, text: str) -> None:
    try:
        asked = read_asked(text)
    except QueryWrong:
        return
    wanted = Wanted(asked, ALL)
    index.counts(wanted, index.search(wanted).care)


def test_a_film_is_called_by_its_lines() -> None:
    assert [quality(height) for height in (2160, 1600, 1080, 720, 576)] == [
        "2160p",
        "1440p",
        "1080p",
        "720p",
        "sd",
    ]
