"""What a title tells, in which order hits stand, and what is left of them by filters."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.search import Order, Release
from services.search import ranking
from services.search.facets import Facet, choices, read_chosen, select, spelled
from services.search.traits import Kind, Quality, SizeClass, kind_of, quality_of, size_class_of


def release(title: str = "x", **values: Any) -> Release:
    return Release(title, f"https://t.example.org/{title}", values.pop("indexers", ("A",)), **values)


@pytest.mark.parametrize(
    ("title", "kind", "quality"),
    [
        ("Big Buck Bunny 2160p x265 10bit", Kind.VIDEO, Quality.UHD),
        ("Big.Buck.Bunny.2008.1080p.BluRay.x264", Kind.VIDEO, Quality.FULL_HD),
        ("Sintel [720p] AAC", Kind.VIDEO, Quality.HD),
        ("Sintel DVDRip XviD", Kind.VIDEO, Quality.SD),
        ("Sintel 1080p HDCAM", Kind.VIDEO, Quality.FILMED),
        ("Show S01E02", Kind.VIDEO, None),
        ("Somebody - Songs (2001) [FLAC]", Kind.AUDIO, Quality.LOSSLESS),
        ("Somebody - Songs 320 kbps MP3", Kind.AUDIO, Quality.LOSSY),
        ("A Novel (epub)", Kind.TEXT, None),
        ("500 Wallpapers", Kind.IMAGE, None),
        ("debian-12-amd64-netinst.iso", Kind.PROGRAM, None),
        ("Camera obscura", None, None),
        ("Tshirts", None, None),
        ("", None, None),
    ],
)
def test_what_a_title_tells(title: str, kind: Kind | None, quality: Quality | None) -> None:
    assert (kind_of(release(title)), quality_of(release(title))) == (kind, quality)


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        (2040, Kind.VIDEO),
        (5000, Kind.VIDEO),
        (3030, Kind.AUDIO),
        (7020, Kind.TEXT),
        (4050, Kind.PROGRAM),
        (8000, None),
    ],
)
def test_a_category_tells_more_than_a_title(category: int, kind: Kind | None) -> None:
    assert kind_of(release("Songs", category=category)) == kind


@pytest.mark.parametrize(
    ("size", "size_class"),
    [
        (None, None),
        (1, SizeClass.SMALL),
        ((1 << 30) - 1, SizeClass.SMALL),
        (1 << 30, SizeClass.MEDIUM),
        (4 << 30, SizeClass.LARGE),
        (16 << 30, SizeClass.HUGE),
        (1 << 50, SizeClass.HUGE),
    ],
)
def test_size_classes(size: int | None, size_class: SizeClass | None) -> None:
    assert size_class_of(release(size=size)) == size_class


def titles(query: str, *releases: Release) -> list[str]:
    return [found.title for found in ranking.best_first(query, releases)]


def test_what_was_asked_for_comes_first() -> None:
    assert titles(
        "big buck bunny",
        release("Rabbit documentary 2160p", seeders=9000),
        release("Bunny", seeders=900),
        release("Big Buck Bunny and ten other films in one very long collection", seeders=3),
        release("Big.Buck.Bunny", seeders=3),
    ) == [
        "Big.Buck.Bunny",
        "Big Buck Bunny and ten other films in one very long collection",
        "Bunny",
        "Rabbit documentary 2160p",
    ]


def test_of_equal_titles_the_better_seeded_one_comes_first_and_a_dead_one_last() -> None:
    hits = [release("Bunny", seeders=seeders)._replace(link=str(seeders)) for seeders in (0, 5, None, 500)]
    assert [found.seeders for found in ranking.best_first("bunny", hits)] == [500, 5, None, 0]


def test_of_equally_seeded_ones_the_better_quality_comes_first() -> None:
    hits = [release(f"Bunny {quality}", seeders=5) for quality in ("HDCAM", "480p", "720p", "2160p", "1080p")]
    found = [hit.title.split()[1] for hit in ranking.best_first("bunny", hits)]
    assert found == ["2160p", "1080p", "720p", "480p", "HDCAM"]


def test_capitals_points_and_accents_are_no_difference_to_speak_of() -> None:
    assert ranking.score("BIG BUCK bunny", release("big.buck_bunny")) == ranking.score(
        "big buck bunny", release("Big Buck Bunny")
    )


def test_sorted_by_one_thing_those_that_do_not_say_stand_last() -> None:
    hits = [
        release("a", seeders=1, size=5, published=7),
        release("b"),
        release("c", seeders=3, size=4, published=9),
        release("d", seeders=3, size=9, published=8),
    ]
    found = {order: "".join(hit.title for hit in ranking.in_order(hits, order)) for order in Order}
    assert found == {Order.RELEVANCE: "abcd", Order.SEEDS: "cdab", Order.SIZE: "dacb", Order.AGE: "cdab"}


def test_releases_of_the_same_work_come_before_the_others() -> None:
    hits = [
        release(title) for title in ("Sintel 1080p", "Big Buck Bunny 720p", "Tears", "big.buck.bunny.x264")
    ]
    found = [hit.title for hit in ranking.of_the_same_work("Big Buck Bunny 1080p", hits)]
    assert found == ["Big Buck Bunny 720p", "big.buck.bunny.x264", "Sintel 1080p", "Tears"]


releases = st.lists(
    st.builds(
        Release,
        title=st.text(max_size=30) | st.sampled_from(["Big Bunny 1080p", "bunny flac", "bunny epub"]),
        link=st.text(max_size=3),
        indexers=st.sets(st.sampled_from("ABC"), min_size=1).map(tuple),
        size=st.none() | st.integers(1, 2**50),
        seeders=st.none() | st.integers(0, 10**7),
        published=st.none() | st.integers(1, 2**41),
        category=st.none() | st.integers(1000, 8999),
    ),
    max_size=12,
)


@given(st.text(max_size=20), releases)
def test_any_order_keeps_everything(query: str, found: list[Release]) -> None:
    ranked = ranking.best_first(query, found)
    assert sorted(map(repr, ranked)) == sorted(map(repr, found))
    scores = [ranking.score(query, hit) for hit in ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    for order in Order:
        assert sorted(map(repr, ranking.in_order(ranked, order))) == sorted(map(repr, found))


@given(
    releases,
    st.sets(st.sampled_from(["kind:video", "quality:1080p", "size:small", "indexer:A", "junk", "x:y"])),
)
def test_counts_say_what_choosing_alone_would_leave(found: list[Release], filters: set[str]) -> None:
    chosen = read_chosen(filters)
    assert len(chosen) == len(filters - {"junk", "x:y"})
    for choice in choices(found, "ABC", chosen):
        others = {facet: values for facet, values in chosen.items() if facet is not choice.facet}
        alone = read_chosen([spelled(choice.facet, choice.value)])
        assert choice.count == len(select(found, {**others, **alone}))
        assert choice.chosen == (spelled(choice.facet, choice.value) in filters)
    for facet in Facet:
        assert len(select(found, read_chosen([f"{facet.value}:none of these"]))) == 0
