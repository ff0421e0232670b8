"""The same thing from several Indexers is one Release."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.search import Release
from services.search.merge import merge

HASH = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a"
MAGNET = f"magnet:?xt=urn:btih:{HASH}"


def release(title: str = "x", link: str = "http://a.example/1", indexer: str = "A", **values: Any) -> Release:
    return Release(title, link, (indexer,), **values)


def test_one_torrent_from_three_indexers() -> None:
    moment = 1_767_312_000_000
    merged = merge(
        [
            release("Few", "http://a.example/1", "A", infohash=HASH, seeders=3),
            release("Many", "http://b.example/1", "B", infohash=HASH, seeders=9, page="http://b.example/p"),
            release("Size", "http://c.example/1", "C", infohash=HASH, size=77, published=moment),
            release("Last", "http://c.example/1", "C", infohash=HASH, size=78, leechers=2, category=5000),
        ]
    )

    assert merged == [
        Release(
            title="Many",
            link="http://b.example/1",
            indexers=("A", "B", "C"),
            size=77,
            seeders=9,
            leechers=2,
            infohash=HASH,
            page="http://b.example/p",
            published=moment,
            category=5000,
        )
    ]


def test_of_equally_seeded_ones_a_magnet_wins() -> None:
    torrent = release(link="http://a.example/1", infohash=HASH, seeders=5)
    magnet = release(link=MAGNET, indexer="B", infohash=HASH, seeders=5)
    unknown = release(link="http://c.example/1", indexer="C", infohash=HASH)

    for order in ([torrent, magnet, unknown], [unknown, magnet, torrent]):
        assert [found.link for found in merge(order)] == [MAGNET]
    better = release(link="http://d.example/1", infohash=HASH, seeders=6)
    assert [found.link for found in merge([torrent, magnet, better])] == ["http://d.example/1"]


def test_without_an_infohash_only_the_same_link_is_the_same_thing() -> None:
    merged = merge(
        [
            release("Same title", "http://a.example/1", "A", seeders=1),
            release("Same title", "http://a.example/2", "B", seeders=2),
            release("Same title", "http://a.example/1", "C", seeders=4),
        ]
    )

    assert [(found.link, found.seeders, found.indexers) for found in merged] == [
        ("http://a.example/1", 4, ("A", "C")),
        ("http://a.example/2", 2, ("B",)),
    ]


def test_a_link_whose_infohash_another_indexer_knows_joins_its_torrent() -> None:
    merged = merge(
        [
            release(link="http://a.example/1", indexer="A", seeders=9),
            release(link=MAGNET, indexer="B", infohash=HASH),
            release(link="http://a.example/1", indexer="C", infohash=HASH),
        ]
    )

    assert [(found.link, found.infohash, found.indexers) for found in merged] == [
        ("http://a.example/1", HASH, ("A", "B", "C"))
    ]


@given(
    st.lists(
        st.builds(
            release,
            link=st.sampled_from(["http://a.example/1", "http://a.example/2", MAGNET]),
            indexer=st.sampled_from("ABC"),
            infohash=st.sampled_from([None, HASH, "0" * 40]),
            seeders=st.none() | st.integers(0, 9),
            size=st.none() | st.integers(1, 9),
        ),
        max_size=8,
    )
)
def test_nothing_is_lost_and_nothing_comes_twice(releases: list[Release]) -> None:
    merged = merge(releases)

    assert {name for found in merged for name in found.indexers} == {r.indexers[0] for r in releases}
    hashes = [found.infohash for found in merged if found.infohash is not None]
    assert len(hashes) == len(set(hashes))
    bare = [found.link for found in merged if found.infohash is None]
    assert len(bare) == len(set(bare))
    most = max((found.seeders or 0 for found in merged), default=0)
    assert most == max((found.seeders or 0 for found in releases), default=0)
    assert sorted(map(repr, merge(merged))) == sorted(map(repr, merged))
