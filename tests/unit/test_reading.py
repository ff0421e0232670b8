"""Who may point into private networks: nobody but the owner's Indexers by links, and the simulator's samples."""

from pathlib import Path

import pytest

from services.downloads import magnets, metainfo
from services.downloads.addresses import PrivateAddress
from services.downloads.bencode import decode_fields
from services.downloads.reading import SourceReader
from tests.swarm import make_payload, make_torrent

PROWLARR = "http://127.0.0.1:9696/1/api?apikey=k"
SAMPLES = "http://127.0.0.1:8081/sample/api?apikey=sample"
INFOHASH = "ab" * 20
READER = SourceReader([PROWLARR, SAMPLES], samples=[SAMPLES], allow_private=False)
REAL = SourceReader([PROWLARR], allow_private=False)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return make_payload(tmp_path / "work", {"a.bin": 1000})


@pytest.mark.parametrize("reader", [READER, REAL])
@pytest.mark.parametrize(
    "more",
    [
        "&tr=http://127.0.0.1:9696/announce",
        "&tr=http://127.0.0.1:9696/announce&x.pe=127.0.0.1:6379",
        "&x.pe=127.0.0.1:9696",
        "&tr=http://127.0.0.1:9696/announce&ws=http://rebind.invalid/latest/meta-data",
        "&tr=http://127.0.0.1:8081/announce&x.pe=127.0.0.1:8081",
        "&tr=http://127.0.0.1:8081/announce&tr=http://127.0.0.1:9696/announce",
        "&tr=http://127.0.0.1:8081@127.0.0.1:9696/",
    ],
)
async def test_a_magnet_that_names_the_owners_indexer_is_a_strangers(reader: SourceReader, more: str) -> None:
    found = await reader.magnet(f"magnet:?xt=urn:btih:{INFOHASH}{more}")
    assert not found.trusted
    assert magnets.hosts_in(found) == []


@pytest.mark.parametrize("reader", [READER, REAL])
@pytest.mark.parametrize(
    ("tracker", "seed"),
    [
        ("http://127.0.0.1:9696/announce", "http://127.0.0.1:9696/a/"),
        ("http://127.0.0.1:9696/announce", "http://rebind.invalid/latest/meta-data/"),
        ("udp://127.0.0.1:8081", "http://127.0.0.1:8081/sample/"),
        ("http://127.0.0.1:8081/announce", "http://127.0.0.1:9696/a/"),
    ],
)
async def test_a_torrent_that_names_the_owners_indexer_is_a_strangers(
    reader: SourceReader, tracker: str, seed: str, content: Path
) -> None:
    made = make_torrent(content, tracker=tracker, web_seed=seed)
    found = await reader.torrent(made.metainfo)
    assert not found.trusted
    assert metainfo.hosts_in(found) == []
    assert found.infohash == made.infohash


async def test_a_sample_that_names_nobody_else_is_the_simulators_own(content: Path) -> None:
    made = make_torrent(
        content, tracker="http://127.0.0.1:8081/announce", web_seed="http://127.0.0.1:8081/sample/"
    )
    found = await READER.torrent(made.metainfo)
    assert found.trusted
    assert found.metainfo == made.metainfo
    assert not (await REAL.torrent(made.metainfo)).trusted


async def test_a_dht_node_is_an_address_too(content: Path) -> None:
    made = make_torrent(content, tracker="http://127.0.0.1:8081/announce")
    nodes = b"5:nodesll9:127.0.0.1i6379eee"
    with_nodes = made.metainfo[:-1] + nodes + b"e"
    assert b"nodes" in decode_fields(with_nodes)
    found = await READER.torrent(with_nodes)
    assert not found.trusted
    assert b"nodes" not in decode_fields(found.metainfo)


async def test_a_torrent_that_names_nobody_is_trusted_by_nobody(content: Path) -> None:
    assert not (await READER.torrent(make_torrent(content).metainfo)).trusted
    assert not (await READER.magnet(f"magnet:?xt=urn:btih:{INFOHASH}")).trusted


@pytest.mark.parametrize(
    ("link", "trusted"),
    [
        ("http://127.0.0.1:9696/1/download?x=1", True),
        ("http://127.0.0.1:9697/1/download?x=1", False),
        ("https://127.0.0.1:9696/1/download?x=1", False),
        ("http://example.org/a.torrent", False),
    ],
)
async def test_a_link_to_the_owners_indexer_may_be_private(link: str, trusted: bool) -> None:
    assert REAL.link(link, "x").trusted is trusted


async def test_where_everything_is_allowed_nothing_is_left_out(content: Path) -> None:
    reader = SourceReader([], allow_private=True)
    made = make_torrent(content, tracker="http://127.0.0.1:1/announce")
    assert (await reader.torrent(made.metainfo)).metainfo == made.metainfo


async def test_what_a_magnet_does_not_say_of_itself_its_indexer_does() -> None:
    uri = f"magnet:?xt=urn:btih:{INFOHASH}"
    assert (await READER.hit(uri, "Big Buck")).name == "Big Buck"
    assert (await READER.hit(f"{uri}&dn=Bunny", "Big Buck")).name == "Bunny"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:9696", "10.0.0.1", "localhost", "printer.local", "[::1]", "0x7f000001"]
)
def test_what_a_members_feed_links_to_is_no_owners_indexer(host: str) -> None:
    with pytest.raises(PrivateAddress):
        READER.strangers_link(f"http://{host}/1/download?apikey=k", "x")
    open_reader = SourceReader([PROWLARR], allow_private=True)
    assert not open_reader.strangers_link(f"http://{host}/1/download", "x").trusted
    assert READER.strangers_link("https://t.example.org/1.torrent", "x").name == "x"
