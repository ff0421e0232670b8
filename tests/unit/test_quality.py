"""Which of several encodings is the better copy, and why."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.library import EncodingsState
from services.library.grouping import MOST_SHOWN, grouped, joining, pair, pairs
from services.library.quality import (
    Encoding,
    Measure,
    Reason,
    best_of,
    measured,
    same_work,
    scores,
)

HOUR = 3600.0
FILM, SEASON, ALBUM, TRACK = "film:bunny", "season:sintel:1", "album:davis:blue", "track:davis:so what"


def encoding(key: str = "a", work: str = FILM, **changes: Any) -> Encoding:
    plain = Encoding(
        id=key, title="T", work=work, sure=True, seconds=HOUR, size=10**9, rate=4e6, lines=1080, posts=1
    )
    return replace(plain, **{"codec": "h264", **changes})


def reasons(own: Encoding, *others: Encoding) -> dict[Measure, Reason]:
    return {reason.measure: reason for reason in scores([own, *others])[own.id].reasons}


encodings = st.lists(
    st.builds(
        encoding,
        st.uuids().map(str),
        st.just(FILM),
        lines=st.sampled_from([0, 360, 720, 1080, 2160]),
        rate=st.sampled_from([0.0, 1e5, 1e6, 4e6, 2e7]),
        seconds=st.sampled_from([0.0, 100.0, 3600.0, 3700.0]),
        codec=st.sampled_from(["", "h264", "hevc", "av1", "mpeg4"]),
        subtitles=st.frozensets(st.sampled_from(["en", "es", "de"])),
        posts=st.just(4),
        lost=st.integers(0, 4),
        archived_at=st.integers(0, 3),
    ),
    min_size=1,
    max_size=5,
)


@given(encodings, st.randoms())
def test_the_order_says_nothing(some: list[Encoding], random: Any) -> None:
    mixed = list(some)
    random.shuffle(mixed)
    assert best_of(mixed) == best_of(some)
    assert scores(mixed) == scores(some)


@given(encodings)
def test_points_are_from_none_to_a_hundred(some: list[Encoding]) -> None:
    assert all(0 <= score.points <= 100 + 1e-9 for score in scores(some).values())


BETTER = {
    "lines": lambda each: replace(each, lines=each.lines * 2 or 1),
    "rate": lambda each: replace(each, rate=each.rate * 2),
    "length": lambda each: replace(each, seconds=each.seconds * 1.5),
    "subtitles": lambda each: replace(each, subtitles=each.subtitles | {"fr"}),
    "posts": lambda each: replace(each, lost=max(0, each.lost - 1)),
}


@pytest.mark.parametrize("measure", [name for name in BETTER if name != "lines"])
@given(encodings)
def test_more_of_anything_is_never_worse(measure: str, some: list[Encoding]) -> None:
    own, better = some[0], BETTER[measure](some[0])
    before, after = scores(some)[own.id], scores([better, *some[1:]])[own.id]
    assert after.points >= before.points - 1e-9


@given(encodings.filter(lambda some: some[0].lines > 0))
def test_more_lines_are_never_worse(some: list[Encoding]) -> None:
    own, better = some[0], BETTER["lines"](some[0])
    assert scores([better, *some[1:]])[own.id].points >= scores(some)[own.id].points - 1e-9


@given(st.frozensets(st.integers(1, 9)), st.frozensets(st.integers(1, 9)), st.integers(1, 9))
def test_one_more_episode_is_never_worse(own: frozenset[int], other: frozenset[int], more: int) -> None:
    one, two = (encoding(key, SEASON, episodes=each) for key, each in (("a", own), ("b", other)))
    richer = replace(one, episodes=own | {more})
    assert scores([richer, two])["a"].points >= scores([one, two])["a"].points - 1e-9


def test_the_larger_picture_is_the_better_copy_and_says_so() -> None:
    small, large = encoding("a", lines=1080), encoding("b", lines=2160, rate=12e6)
    assert best_of([small, large]) is large
    assert reasons(large, small)[Measure.RESOLUTION] == Reason(Measure.RESOLUTION, 2160, 1080)
    assert reasons(large, small)[Measure.RATE] == Reason(Measure.RATE, 12e6, 4e6, codec="h264")
    assert Measure.LENGTH not in reasons(large, small)


def test_a_better_codec_needs_fewer_bits() -> None:
    old, new = encoding("a", codec="mpeg4", rate=4e6), encoding("b", codec="hevc", rate=2.5e6)
    assert best_of([old, new]) is new
    equal = encoding("c", codec="hevc", rate=2.5e6)
    assert Measure.RATE not in reasons(encoding("a", rate=4e6), equal), "what is worth the same is no reason"


def test_what_lost_nothing_is_better_than_what_has_more_bits() -> None:
    packed = encoding("a", TRACK, codec="flac", rate=5e5, lines=0)
    plain = encoding("b", TRACK, codec="mp3", rate=3.2e5, lines=0)
    raw = encoding("c", TRACK, codec="flac", rate=1.4e6, lines=0)
    assert best_of([packed, plain]) is packed
    assert scores([packed, raw])["a"].points == scores([packed, raw])["c"].points


def test_what_is_whole_is_better_than_what_is_large() -> None:
    whole = encoding("a", SEASON, episodes=frozenset(range(10)), lines=1080)
    part = encoding("b", SEASON, episodes=frozenset({1, 2}), lines=2160, rate=9e6)
    assert best_of([whole, part]) is whole
    assert reasons(part, whole)[Measure.EPISODES] == Reason(Measure.EPISODES, 2, total=10)
    record = encoding("a", ALBUM, tracks=12), encoding("b", ALBUM, tracks=9)
    assert reasons(record[1], record[0])[Measure.TRACKS] == Reason(Measure.TRACKS, 9, total=12)
    cut = encoding("c", seconds=HOUR / 2)
    assert reasons(cut, encoding())[Measure.LENGTH] == Reason(Measure.LENGTH, HOUR / 2, total=HOUR)


def test_subtitles_and_posts_that_are_gone_count() -> None:
    spoken, silent = encoding("a", subtitles=frozenset({"en", "es"})), encoding("b")
    assert best_of([spoken, silent]) is spoken
    assert reasons(silent, spoken)[Measure.SUBTITLES].languages == ()
    assert reasons(spoken, silent)[Measure.SUBTITLES].languages == ("en", "es")
    gone = encoding("a", posts=10, lost=2)
    assert best_of([gone, encoding("b", posts=10)]).id == "b"
    assert reasons(gone, silent)[Measure.POSTS] == Reason(Measure.POSTS, 2, total=10)


def test_of_equals_the_first_stays() -> None:
    assert best_of([encoding("a", archived_at=9), encoding("b", archived_at=3)]).id == "b"


def test_what_nobody_knows_is_no_reason() -> None:
    unknown = encoding("a", lines=0, rate=0, seconds=0, codec="")
    assert reasons(unknown, encoding("b")) == {}
    assert best_of([unknown, encoding("b", lines=360)]).id == "b"
    assert 0 <= scores([unknown])["a"].points <= 100


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({"year": 1984}, {"year": 2021}, False),
        ({"year": 1984}, {"year": 1984, "seconds": HOUR * 1.15}, True),
        ({"year": 1984}, {"year": 1984, "seconds": HOUR * 2}, False),
        ({}, {"seconds": 0}, True),
        ({"sure": False}, {"sure": False}, True),
        ({"sure": False}, {"sure": False, "seconds": HOUR * 1.05}, False),
        ({"sure": False}, {"sure": False, "seconds": 0}, False),
        ({"sure": False}, {"year": 1984, "seconds": HOUR * 1.01}, True),
        ({"work": SEASON}, {"work": SEASON, "seconds": HOUR * 5}, True),
        ({"work": TRACK}, {"work": FILM}, False),
    ],
)
def test_a_title_alone_is_not_enough(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    first, second = encoding("a", **one), encoding("b", **other)
    assert same_work(first, second) is same
    assert same_work(second, first) is same


def test_an_item_is_measured_by_the_files_that_are_the_work() -> None:
    files = [
        {"kind": "video", "title": "B (2008)", "name": "b.mkv", "size": 900, "year": 2008, "duration": 10.0}
        | {"width": 1920, "height": 800, "video_codec": "hevc", "subtitles": ["eng", "spa"]},
        {"kind": "video", "title": "Sample", "name": "s.mkv", "size": 10, "duration": 2.0, "height": 240},
        {"kind": "document", "title": "B", "name": "b.srt", "size": 5},
    ]
    posts = [{"copy_id": "c", "link": "https://t.me/c/1/2"}, {"copy_id": "d"}]
    stored = {"_id": "i", "title": "B", "files": files, "posts": posts, "channel_id": -1, "group": None}
    found = measured(stored, lost=1)
    assert found is not None
    assert (found.work, found.sure, found.year, found.lines, found.codec) == (
        "film:b",
        True,
        2008,
        1080,
        "hevc",
    )
    assert (found.seconds, found.size, found.rate) == (10, 915, 720)
    assert (sorted(found.subtitles), found.posts, found.lost) == (["en", "es"], 2, 1)
    assert found.place == (-1, None)


def test_of_what_has_no_name_nothing_is_measured() -> None:
    assert measured({"_id": "i", "title": "B", "files": []}) is None


def films(count: int, **changes: Any) -> list[Encoding]:
    return [encoding(f"{n:02}", lines=100 + n, **changes) for n in range(count)]


def test_what_is_alike_is_shown_together() -> None:
    one, two, other = *films(2), encoding("x", year=2021)
    found = grouped([one, two, replace(other, sure=False, seconds=9)], [])
    assert found is not None
    assert (found.state, list(found.items), found.best) == (EncodingsState.OPEN, ["00", "01"], "01")
    assert grouped([one], []) is None
    assert grouped([], []) is None


def test_no_more_than_can_be_looked_at_and_the_best_of_them() -> None:
    found = grouped(films(MOST_SHOWN + 5), [])
    assert found is not None
    assert len(found.items) == MOST_SHOWN
    assert found.best == f"{MOST_SHOWN + 4:02}"


def test_what_was_said_to_be_apart_stays_apart() -> None:
    one, two, three = films(3)
    apart = pairs([one.id, two.id])
    found = grouped([one, two], apart)
    assert found is not None
    assert (found.state, list(found.items)) == (EncodingsState.APART, ["00", "01"])
    again = grouped([one, two, three], apart)
    assert again is not None
    assert (again.state, len(again.items)) == (EncodingsState.OPEN, 3)
    assert joining(one.id, [one, two, three], apart) == [three.id]
    assert joining(three.id, [one, two, three], apart) == [], "nobody knows which of the two it is"


def test_what_was_merged_comes_with_what_stands_for_it() -> None:
    kept, merged, fresh = films(3)
    merged = replace(merged, merged_into=kept.id)
    settled = grouped([kept, merged], [])
    assert settled is not None
    assert (settled.state, settled.best) == (EncodingsState.MERGED, kept.id)
    again = grouped([kept, merged, fresh], [])
    assert again is not None
    assert (again.state, len(again.items)) == (EncodingsState.OPEN, 3)
    assert joining(fresh.id, [kept, merged, fresh], []) == [kept.id]
    assert joining(merged.id, [kept, merged], []) == [kept.id], "another may stand for both"
    assert pair("b", "a") == "a:b"
