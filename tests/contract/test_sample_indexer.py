"""The sample indexer speaks Torznab, and everything it offers can be fetched."""

import asyncio
import hashlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import httpx
import libtorrent as lt
import psutil
import pytest
import uvicorn
from defusedxml.ElementTree import fromstring
from fastapi import FastAPI

from simulator.sample import sample_router
from simulator.sample.generate import make_library
from simulator.sample.library import SampleLibrary, SampleUnavailable

pytestmark = pytest.mark.xdist_group("sample-indexer")
TORZNAB = "{http://torznab.com/schemas/2015/feed}attr"
RESPONSE = "{http://www.newznab.com/DTD/2010/feeds/attributes/}response"


@pytest.fixture(scope="module")
def folder(sample_works: Path) -> Path:
    return sample_works


@pytest.fixture(scope="module")
def base_url(folder: Path) -> Iterator[str]:
    """A server with nothing but the sample indexer."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = FastAPI()
    app.include_router(sample_router(folder, lambda: address), prefix="/sample")
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield address
    server.should_exit = True
    thread.join(timeout=10)
    assert not thread.is_alive()


@pytest.fixture
async def client(base_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{base_url}/sample", timeout=20) as client:
        yield client


async def ask(client: httpx.AsyncClient, **parameters: str | int) -> Element:
    reply = await client.get("/api", params={"apikey": "sample", **parameters})
    assert reply.status_code == 200
    assert "xml" in reply.headers["content-type"]
    root: Element = fromstring(reply.content, forbid_dtd=True)
    return root


async def search(client: httpx.AsyncClient, **parameters: str | int) -> list[Element]:
    return list((await ask(client, **{"t": "search", **parameters})).iter("item"))


def titles(items: list[Element]) -> list[str]:
    return [item.findtext("title", "") for item in items]


def attributes(item: Element) -> dict[str, str]:
    return {attr.attrib["name"]: attr.attrib["value"] for attr in item.iter(TORZNAB)}


def must(value: str | None) -> str:
    assert value is not None
    return value


async def test_capabilities_name_limits_functions_and_categories(client: httpx.AsyncClient) -> None:
    caps = await ask(client, t="caps")

    assert caps.tag == "caps"
    limits = caps.find("limits")
    assert limits is not None
    assert limits.attrib == {"max": "100", "default": "100"}
    searching = caps.find("searching")
    assert searching is not None
    available = {function.tag for function in searching if function.attrib["available"] == "yes"}
    assert available == {"search", "tv-search", "movie-search", "music-search"}
    offered = {category.attrib["id"] for category in caps.iter("category")}
    assert offered >= {"2000", "3000", "5000", "7000"}


async def test_every_release_is_in_a_category_that_the_capabilities_name(client: httpx.AsyncClient) -> None:
    named = {category.attrib["id"] for category in (await ask(client, t="caps")).iter("subcat")}

    assert {item.findtext("category") for item in await search(client)} <= named


async def test_an_empty_query_lists_everything_with_all_that_a_client_needs(
    client: httpx.AsyncClient,
) -> None:
    items = await search(client, q="")

    assert len(items) == 6
    for item in items:
        found = attributes(item)
        enclosure = item.find("enclosure")
        assert enclosure is not None
        assert enclosure.attrib["type"] == "application/x-bittorrent"
        assert enclosure.attrib["length"] == found["size"] == item.findtext("size")
        assert len(found["infohash"]) == 40
        assert found["magneturl"].startswith(f"magnet:?xt=urn:btih:{found['infohash']}&")
        assert int(found["peers"]) >= int(found["seeders"]) > 0
        assert found["downloadvolumefactor"] == "0"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("colour", ["Colour Bars and Clock (2026) 360p x264"]),
        ("CLOCK bars", ["Colour Bars and Clock (2026) 360p x264"]),
        ("evening & hills", ["Evening Hills & Other Pictures (2026)"]),
        ("bars magpies", []),
        ("game.of.life", ["Game of Life S01E01 Gliders 360p x264"]),
    ],
)
async def test_all_words_must_match_in_any_case(
    client: httpx.AsyncClient, query: str, expected: list[str]
) -> None:
    assert titles(await search(client, q=query)) == expected


async def test_paging_walks_through_everything_once(client: httpx.AsyncClient) -> None:
    walked: list[str] = []
    for offset in (0, 4, 8):
        page = await ask(client, t="search", limit=4, offset=offset)
        response = next(page.iter(RESPONSE))
        assert response.attrib == {"offset": str(offset), "total": "6"}
        walked += titles(list(page.iter("item")))

    assert walked == titles(await search(client))
    assert len(set(walked)) == 6


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"t": "search", "cat": "2000"}, 2),
        ({"t": "search", "cat": "2030,3010"}, 3),
        ({"t": "search", "cat": "4000"}, 0),
        ({"t": "movie"}, 2),
        ({"t": "movie", "q": "drifting", "year": "2026"}, 1),
        ({"t": "movie", "cat": "3000"}, 2),
        ({"t": "tvsearch", "q": "game of life", "season": "1", "ep": "1"}, 1),
        ({"t": "tvsearch", "season": "2", "ep": "1"}, 0),
        ({"t": "music", "album": "three tones"}, 1),
    ],
)
async def test_functions_and_categories_narrow(
    client: httpx.AsyncClient, parameters: dict[str, str], expected: int
) -> None:
    assert len(await search(client, **parameters)) == expected


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"t": "search", "apikey": "wrong"}, "100"),
        ({"t": "caps", "apikey": ""}, "100"),
        ({"t": ""}, "200"),
        ({"t": "search", "limit": "many"}, "201"),
        ({"t": "search", "offset": "-1"}, "201"),
        ({"t": "search", "offset": "9" * 40}, "201"),
        ({"t": "search", "cat": "2000,films"}, "201"),
        ({"t": "nonsense"}, "202"),
    ],
)
async def test_errors_are_documents(client: httpx.AsyncClient, parameters: dict[str, str], code: str) -> None:
    error = await ask(client, **parameters)

    assert error.tag == "error"
    assert error.attrib["code"] == code
    assert error.attrib["description"]


async def test_a_torrent_is_what_its_release_says(client: httpx.AsyncClient, base_url: str) -> None:
    for item in await search(client):
        torrent = await client.get(must(item.findtext("link")))
        info = lt.torrent_info(torrent.content)

        found = attributes(item)
        assert str(info.info_hash()) == found["infohash"]
        assert str(info.total_size()) == found["size"]
        assert str(info.num_files()) == found["files"]
        parameters = lt.load_torrent_buffer(torrent.content)
        assert parameters.url_seeds == [f"{base_url}/sample/files/"]
        assert parameters.trackers == []


async def test_an_unknown_torrent_or_file_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/torrents/{'0' * 40}.torrent")).status_code == 404
    for path in ("nothing.mp4", "..%2findex.json", "%2e%2e/index.json", "%2fetc%2fpasswd", "%00", "a" * 300):
        assert (await client.get(f"/files/{path}")).status_code == 404


async def test_a_file_is_served_in_ranges(client: httpx.AsyncClient, folder: Path) -> None:
    name = "Colour.Bars.and.Clock.2026.360p.x264.mp4"
    whole = (folder / "files" / name).read_bytes()

    part = await client.get(f"/files/{name}", headers={"Range": "bytes=1000-1999"})

    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(whole)}"
    assert part.content == whole[1000:2000]


async def test_everything_is_fetched_through_the_web_seed(
    client: httpx.AsyncClient, folder: Path, tmp_path: Path
) -> None:
    torrents = [(await client.get(must(item.findtext("link")))).content for item in await search(client)]

    await asyncio.to_thread(fetch, torrents, tmp_path)

    assert digests(tmp_path) == digests(folder / "files")


def fetch(torrents: list[bytes], to: Path) -> None:
    """Fetches with libtorrent and no peers; every piece is checked by its hash on the way."""
    session = lt.session(
        {
            "enable_dht": False,
            "enable_lsd": False,
            "enable_upnp": False,
            "enable_natpmp": False,
            "listen_interfaces": "127.0.0.1:0",
        }
    )
    handles = []
    for torrent in torrents:
        parameters = lt.load_torrent_buffer(torrent)
        parameters.save_path = str(to)
        handles.append(session.add_torrent(parameters))
    deadline = time.monotonic() + 40
    while not all(handle.status().is_seeding for handle in handles):
        assert time.monotonic() < deadline, [handle.status().progress for handle in handles]
        time.sleep(0.05)
    for handle in handles:
        session.remove_torrent(handle)


def digests(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


async def test_a_half_made_folder_is_made_again_with_the_same_content(folder: Path, tmp_path: Path) -> None:
    interrupted = tmp_path / "works"
    for leftover in (interrupted, tmp_path / "works.making"):
        (leftover / "files").mkdir(parents=True)
        (leftover / "files" / "half.mp4").write_bytes(b"half")
    library = SampleLibrary(interrupted)

    first, second = await asyncio.gather(library.index(), library.index())

    assert first == second
    assert digests(interrupted) == digests(folder)
    assert not (tmp_path / "works.making").exists()


def test_a_whole_folder_is_left_alone(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}

    make_library(folder)

    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


async def test_works_that_cannot_be_made_are_an_error_document(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    library = SampleLibrary(tmp_path / "file" / "works")

    with pytest.raises(SampleUnavailable):
        await library.index()


STARTER = """
import pathlib, sys
from simulator.sample.library import SampleLibrary
library = SampleLibrary(pathlib.Path(sys.argv[1]))
library.start()
sys.stdin.read()
"""


async def test_the_maker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", STARTER, str(tmp_path / "works")]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as parent:
        await until((tmp_path / "works.making").exists)
        makers = psutil.Process(parent.pid).children(recursive=True)
        assert any(map(is_alive, makers))
        parent.kill()

    await until(lambda: not any(map(is_alive, makers)))
    assert not (tmp_path / "works").exists()


def is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        await asyncio.sleep(0.02)
