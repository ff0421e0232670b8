"""Every Indexer keeps the port's promises; Torznab also against the sample indexer."""

import asyncio
import re
import socket
import threading
import time
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from models.search import Query, Release
from services.downloads.sources import read_link, read_magnet
from services.search.archive_org import InternetArchiveIndexer
from services.search.port import Indexer, IndexerBroken, IndexerBusy, IndexerError, IndexerRejected
from services.search.torznab import TorznabIndexer
from simulator.sample import SAMPLE_KEY, sample_router
from tests.indexers import KEY, ArchiveServer, TorznabServer, Works
from tests.loopback import Answer, Server, serve

pytestmark = pytest.mark.xdist_group("indexers")
COUNT = 25


@dataclass
class Place:
    indexer: Indexer
    works: Works
    server: Server
    http: httpx.AsyncClient


@asynccontextmanager
async def small_place(kind: str, http: httpx.AsyncClient) -> AsyncIterator[Place]:
    works = Works(COUNT, page_size=10)
    if kind == "torznab":
        async with serve(TorznabServer(works)) as server:
            yield Place(TorznabIndexer("Mine", f"{server.url}/1/api?apikey={KEY}", http), works, server, http)
    else:
        async with serve(ArchiveServer(works)) as server:
            yield Place(InternetArchiveIndexer(http, server.url), works, server, http)


@pytest.fixture(params=["torznab", "archive"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    async with httpx.AsyncClient() as http, small_place(request.param, http) as place:
        yield place


async def ask(indexer: Indexer, text: str = "work", limit: int = 100) -> list[Release]:
    async with asyncio.timeout(30):
        return [release async for release in indexer.search(Query(text=text, limit=limit))]


def is_complete(release: Release, indexer: Indexer) -> bool:
    if release.link.startswith("magnet:"):
        reachable = read_magnet(release.link, trusted=True).infohash == release.infohash
    else:
        reachable = read_link(release.link).url == release.link
    return (
        reachable
        and release.indexers == (indexer.name,)
        and bool(release.title)
        and re.fullmatch("[0-9a-f]{40}", release.infohash or "") is not None
        and (release.size or 0) > 0
    )


async def test_every_page_is_walked_and_each_hit_comes_once(place: Place) -> None:
    releases = await ask(place.indexer)

    assert [release.title for release in releases] == [f"work {number}" for number in range(COUNT)]
    assert all(is_complete(release, place.indexer) for release in releases)


@pytest.mark.parametrize("limit", [1, 9, 10, 11, 24])
async def test_no_more_than_the_limit(place: Place, limit: int) -> None:
    assert len(await ask(place.indexer, limit=limit)) == limit


async def test_no_hits_are_no_error(place: Place) -> None:
    assert await ask(place.indexer, "nothing of the kind") == []


@pytest.mark.parametrize(
    "text", ['"', "a & b <c> #", "work OR (", "ü 🐦 \ud800 \x00", "x" * 5000, "../../?q=1&t=caps"]
)
async def test_any_words_may_be_asked(place: Place, text: str) -> None:
    assert await ask(place.indexer, text) == []


async def test_check_describes_the_server(place: Place) -> None:
    assert await place.indexer.check() in {"Small Torznab", "Internet Archive"}


BROKEN = {
    "html": Answer(b"<html><body>Log in</body></html>"),
    "nothing": Answer(b""),
    "noise": Answer(b"\x00\xff\xfe"),
    "an entity bomb": Answer(
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><rss><channel>&b;</channel></rss>'
    ),
    "an external entity": Answer(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><caps>&a;</caps>'),
    "a DTD": Answer(b'<!DOCTYPE caps SYSTEM "http://127.0.0.1:1/x.dtd"><caps/>'),
    "other XML": Answer(b"<feed/>"),
    "other JSON": Answer(b'{"error": "query too long"}'),
    "deep JSON": Answer(b"[" * 100_000),
    "a redirect": Answer(status=302, headers={"Location": "http://127.0.0.1:1/UI/Login"}),
    "not found": Answer(b"gone", status=404),
    "an endless answer": Answer(b"<caps>" + b"x" * 60_000, endless=True),
}
BUSY = {
    "503": Answer(b"<html>", status=503),
    "500": Answer(status=500),
    "408": Answer(status=408),
    "cut off": Answer(dropped=True),
    "a lie about the length": Answer(b"<caps/>", headers={"Content-Length": "999"}),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_something_else_than_results_is_broken(place: Place, what: str) -> None:
    place.works.wrong = BROKEN[what]

    with pytest.raises(IndexerBroken):
        await ask(place.indexer)
    with pytest.raises(IndexerBroken):
        await place.indexer.check()


@pytest.mark.parametrize("what", BUSY)
async def test_a_server_in_trouble_is_busy(place: Place, what: str) -> None:
    place.works.wrong = BUSY[what]

    with pytest.raises(IndexerBusy):
        await ask(place.indexer)


async def test_trouble_on_a_later_page_keeps_what_came(place: Place) -> None:
    place.works.count = 250
    place.works.page_size = 100
    got: list[Release] = []

    async def walk() -> None:
        async for release in place.indexer.search(Query(text="work", limit=250)):
            got.append(release)
            place.works.wrong = BUSY["503"]

    with pytest.raises(IndexerBusy):
        await walk()

    assert len(got) == 100


@pytest.mark.parametrize("status", [401, 403])
async def test_no_entry_is_a_rejection_for_good(place: Place, status: int) -> None:
    place.works.wrong = Answer(status=status)

    with pytest.raises(IndexerRejected) as raised:
        await ask(place.indexer)
    assert raised.value.retry_at is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("99999999999999999999", 86_400),
        ("-5", 900),
        ("soon", 900),
        ("", 900),
    ],
)
async def test_too_many_requests_name_when_to_ask_again(place: Place, header: str, seconds: int) -> None:
    place.works.wrong = Answer(status=429, headers={"Retry-After": header} if header else {})
    expected = datetime.now(UTC) + timedelta(seconds=seconds)

    with pytest.raises(IndexerRejected) as raised:
        await ask(place.indexer)

    assert raised.value.retry_at is not None
    assert abs(raised.value.retry_at - expected) < timedelta(seconds=10)


async def test_a_server_that_is_not_there_is_busy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with httpx.AsyncClient() as http:
        for indexer in (
            TorznabIndexer("Mine", f"http://127.0.0.1:{port}/api?apikey={KEY}", http),
            InternetArchiveIndexer(http, f"http://127.0.0.1:{port}"),
        ):
            with pytest.raises(IndexerBusy):
                await ask(indexer)


async def test_the_callers_deadline_ends_a_silent_server(place: Place) -> None:
    place.works.wrong = Answer(silent=True)
    begun = time.monotonic()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await ask(place.indexer)

    assert time.monotonic() - begun < 5


async def test_without_a_callers_deadline_a_request_ends_all_the_same() -> None:
    async with serve(lambda _: Answer(silent=True)) as server, httpx.AsyncClient() as http:
        for indexer in (
            TorznabIndexer("Mine", f"{server.url}/api", http, seconds=0.1),
            InternetArchiveIndexer(http, server.url, seconds=0.1),
        ):
            with pytest.raises(IndexerBusy):
                await ask(indexer)


async def test_the_borrowed_client_stays_open(place: Place) -> None:
    await ask(place.indexer, limit=1)

    assert not place.http.is_closed


@pytest.mark.parametrize("what", [*BROKEN, *BUSY])
async def test_no_error_tells_the_key(what: str) -> None:
    async with httpx.AsyncClient() as http, small_place("torznab", http) as place:
        place.works.wrong = (BROKEN | BUSY)[what]
        with pytest.raises(IndexerError) as raised:
            await ask(place.indexer)

    assert KEY not in "".join(traceback.format_exception(raised.value))
    assert KEY not in repr(place.indexer)


# The sample indexer


@pytest.fixture(scope="module")
def sample_url(sample_works: Path) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = FastAPI()
    app.include_router(sample_router(sample_works, lambda: address), prefix="/sample")
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"{address}/sample/api?apikey={SAMPLE_KEY}"
    server.should_exit = True
    thread.join(timeout=10)
    assert not thread.is_alive()


@pytest.fixture
async def sample(sample_url: str) -> AsyncIterator[Indexer]:
    async with httpx.AsyncClient() as http:
        yield TorznabIndexer("Sample", sample_url, http)


async def test_the_sample_indexer_is_searched(sample: Indexer) -> None:
    assert await sample.check() == "Sample indexer"
    everything = await ask(sample, "")
    assert len(everything) == 6
    assert all(is_complete(release, sample) for release in everything)
    assert all(release.link.startswith("magnet:") and "xs=http" in release.link for release in everything)
    assert [release.title for release in await ask(sample, "game of life")] == [
        "Game of Life S01E01 Gliders 360p x264"
    ]
    assert len(await ask(sample, "", limit=4)) == 4


async def test_the_sample_indexer_refuses_a_wrong_key(sample_url: str) -> None:
    async with httpx.AsyncClient() as http:
        with pytest.raises(IndexerRejected) as raised:
            await ask(TorznabIndexer("Sample", sample_url.replace(f"={SAMPLE_KEY}", "=wrong"), http))
    assert raised.value.retry_at is None
