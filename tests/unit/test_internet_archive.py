"""The Internet Archive's search: what is asked, and what is made of the answers."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from models.search import Query, Release
from services.search.archive_org import InternetArchiveIndexer, lucene_query
from services.search.port import IndexerBroken
from tests.indexers import ArchiveServer, Works, archive_answer
from tests.loopback import Answer, Handler, Server, serve

HASH = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a"


@asynccontextmanager
async def archive(handler: Handler) -> AsyncIterator[tuple[InternetArchiveIndexer, Server]]:
    async with serve(handler) as server, httpx.AsyncClient() as http:
        yield InternetArchiveIndexer(http, f"{server.url}/"), server


async def ask(indexer: InternetArchiveIndexer, limit: int = 100) -> list[Release]:
    return [release async for release in indexer.search(Query(text="work", limit=limit))]


async def read(*docs: dict[str, object]) -> list[Release]:
    async with archive(lambda _: Answer(archive_answer(docs))) as (indexer, _):
        return await ask(indexer)


async def test_the_exact_requests() -> None:
    async with archive(ArchiveServer(Works(250))) as (indexer, server):
        assert len(await ask(indexer, limit=150)) == 150

    assert [request.path for request in server.requests] == ["/advancedsearch.php"] * 2
    assert [request.query["page"] for request in server.requests] == ["1", "2"]
    first = httpx.URL(f"http://x{server.requests[0].target}").params
    assert first["q"] == '(work) AND format:"Archive BitTorrent"'
    assert set(first.get_list("fl[]")) >= {"identifier", "title", "item_size", "btih", "publicdate"}
    assert (first["rows"], first["output"]) == ("100", "json")


async def test_a_hit_names_its_torrent() -> None:
    async with archive(lambda _: Answer(archive_answer([BUNNY]))) as (indexer, server):
        releases = await ask(indexer)

    assert releases == [
        Release(
            title="Big Buck Bunny",
            link=f"{server.url}/download/BigBuckBunny_124/BigBuckBunny_124_archive.torrent",
            indexers=("Internet Archive",),
            size=1_234_567_890,
            infohash=HASH,
            page=f"{server.url}/details/BigBuckBunny_124",
            published=1_211_484_021_000,
            category=2000,
        )
    ]


BUNNY: dict[str, object] = {
    "btih": HASH.upper(),
    "downloads": 98765,
    "identifier": "BigBuckBunny_124",
    "item_size": 1_234_567_890,
    "mediatype": "movies",
    "publicdate": "2008-05-22T19:20:21Z",
    "title": "Big Buck\tBunny",
}


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({"title": ["First", "Second"]}, "title", "First"),
        ({"title": []}, "title", "BigBuckBunny_124"),
        ({"title": None}, "title", "BigBuckBunny_124"),
        ({"title": {"x": 1}}, "title", "BigBuckBunny_124"),
        ({"item_size": -1}, "size", None),
        ({"item_size": "77"}, "size", 77),
        ({"item_size": 1.5}, "size", None),
        ({"item_size": 10**40}, "size", None),
        ({"btih": "x"}, "infohash", None),
        ({"btih": None}, "infohash", None),
        ({"publicdate": "someday"}, "published", None),
        ({"publicdate": "0001-01-01T00:00:00+23:00"}, "published", None),
        ({"publicdate": ["2008-05-22T00:00:00Z"]}, "published", 1_211_414_400_000),
        ({"mediatype": "texts"}, "category", 7000),
        ({"mediatype": "collection"}, "category", None),
        ({"mediatype": None}, "category", None),
    ],
)
async def test_odd_fields(changed: dict[str, object], field: str, expected: object) -> None:
    (release,) = await read({**BUNNY, **changed})

    assert getattr(release, field) == expected


@pytest.mark.parametrize(
    "identifier", ["", "..", "a/b", "a b", "a?x=1", "ü", "-x", None, 5.5, ["../x"], "x" * 200]
)
async def test_an_identifier_that_is_none_is_left_out(identifier: object) -> None:
    assert await read({**BUNNY, "identifier": identifier}, {"title": "none"}) == []


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"null",
        b'{"response": null}',
        b'{"response": {"docs": []}}',
        b'{"response": {"numFound": "many", "docs": []}}',
        b'{"response": {"numFound": 1, "docs": [5]}}',
        json.dumps({"error": "[RESPONSE_TOO_LARGE]"}).encode(),
        b'{"response": {"numFound": 1, "docs": [{"identifier": "x"',
        b'callback({"response": {"numFound": 0, "docs": []}})',
    ],
)
async def test_other_answers_are_broken(body: bytes) -> None:
    async with archive(lambda _: Answer(body)) as (indexer, _):
        with pytest.raises(IndexerBroken):
            await ask(indexer)


async def test_the_same_page_again_and_again_is_an_end() -> None:
    async with archive(lambda _: Answer(archive_answer([BUNNY], found=10_000))) as (indexer, server):
        assert len(await ask(indexer)) == 1
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("big buck bunny", "big buck bunny"),
        ("a AND b OR NOT c", "a and b or not c"),
        ('title:"x" (y) [1 TO 2]', r"title\:\"x\" \(y\) \[1 to 2\]"),
        (r"a\ b* c? d~ e^2 f/g", r"a\\ b\* c\? d\~ e\^2 f\/g"),
        ("a && b || !c +d -e {f}", r"a \&\& b \|\| \!c \+d \-e \{f\}"),
    ],
)
def test_words_are_no_operators(text: str, words: str) -> None:
    assert lucene_query(text) == f'({words}) AND format:"Archive BitTorrent"'


def test_no_words_ask_for_anything_with_a_torrent() -> None:
    assert lucene_query(" \n ") == 'format:"Archive BitTorrent"'
