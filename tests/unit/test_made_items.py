"""The large archive that is made up: the same each time, and like a real one."""

from collections import Counter

import pytest

from benchmarks.made_items import CHANNELS, END, SPAN, Made, made
from models.media import Kind

COUNT = 4000


@pytest.fixture(scope="module")
def works() -> list[Made]:
    return list(made(COUNT, 1))


def test_a_seed_makes_the_same_works(works: list[Made]) -> None:
    assert list(made(100, 1)) == works[:100]
    assert list(made(100, 2)) != works[:100]


def test_there_are_as_many_as_asked_for(works: list[Made]) -> None:
    assert len(works) == len({work.id for work in works}) == COUNT
    assert list(made(0, 1)) == []


def test_every_work_is_whole(works: list[Made]) -> None:
    for work in works:
        assert work.title.strip() == work.title != ""
        assert work.files
        assert all(work.files)
        assert not any("|" in name or "\t" in name for name in work.files)
        assert work.size > 0
        assert work.channel in CHANNELS[work.kind]
        assert END - SPAN <= work.archived <= END
        assert (work.height is not None) == (work.kind is Kind.VIDEO)
        assert bool(work.codec) == (work.kind in {Kind.VIDEO, Kind.AUDIO})


def test_it_is_mixed(works: list[Made]) -> None:
    assert {work.kind for work in works} == set(Kind)
    assert len({work.languages for work in works}) == 13
    assert {work.channel for work in works} == {name for names in CHANNELS.values() for name in names}
    assert sum(map(len, CHANNELS.values())) == 20
    assert 150 < len({work.member for work in works}) <= 200
    assert 300 < len({tag for work in works for tag in work.tags}) <= 500


def test_words_follow_zipf(works: list[Made]) -> None:
    """A few words are in very many titles, most in one."""
    times = Counter(word for work in works for word in work.title.lower().split())
    (_, most), *_ = times.most_common()
    assert most > COUNT / 20
    assert sum(number == 1 for number in times.values()) > len(times) / 2


def test_performers_come_back(works: list[Made]) -> None:
    times = Counter(work.performer for work in works if work.performer)
    assert times.most_common(1)[0][1] > 10
    assert len(times) > 300
