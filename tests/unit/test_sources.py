"""Magnets, .torrent files and links as members send them, the hostile ones too."""

import base64
import hashlib
import os
import tracemalloc
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import libtorrent as lt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.assembly import LOCALES
from services.downloads import magnets, metainfo
from services.downloads.addresses import PrivateAddress
from services.downloads.bencode import MAX_VALUES, Value, decode, encode
from services.downloads.metainfo import MOST_FILES
from services.downloads.networks import IPAddress
from services.downloads.port import Magnet, SourceRejected, TorrentFile, WebLink, download_key
from services.downloads.sources import (
    contents_of,
    read_infohash,
    read_link,
    read_magnet,
    read_source,
    read_torrent,
    without_private_hosts,
)
from services.words import Catalogue
from tests.torrents import PIECE, file, infohash, pieces, several, single, torrent

HASH = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a"
BASE32 = base64.b32encode(bytes.fromhex(HASH)).decode()
PRIVATE_URLS = (
    "http://127.0.0.1:6969/announce",
    "http://localhost/announce",
    "http://qbittorrent:8080/api",
    "http://[::1]/x",
    "http://2130706433/",
    "http://169.254.169.254/latest/meta-data",
    "udp://192.168.1.1:80",
    "http://user@10.0.0.1/",
    "http://tracker.example.org\\@10.0.0.1/",
    "file:///etc/passwd",
    "ftp://files.example.org/x",
    "gopher://example.org/",
    "",
)


def rejected(key: str) -> "pytest.RaisesExc[SourceRejected]":
    return pytest.raises(SourceRejected, check=lambda error: error.key == key)


T = TypeVar("T")


def attempt(read: Callable[[], T]) -> T | str:
    """What was read, or the key of the refusal."""
    try:
        return read()
    except SourceRejected as error:
        return error.key


async def one_name(host: str, _port: int) -> Sequence[IPAddress]:
    """A resolver: hosts of `example.org` are public, those of `example.net` lead inside, others are unknown."""
    if host.endswith("example.org"):
        return [ip_address("93.184.215.14")]
    if host.endswith("example.net"):
        return [ip_address("10.0.0.1")]
    raise OSError("no such name")


# Magnets


@pytest.mark.parametrize(
    "text",
    [
        f"magnet:?xt=urn:btih:{HASH}&dn=Big+Buck+Bunny",
        f"magnet:?xt=urn:btih:{HASH.upper()}&dn=Big%20Buck%20Bunny",
        f"magnet:?xt=urn:btih:{BASE32}&dn=Big Buck Bunny",
        f"magnet:?xt=urn:btih:{BASE32.lower()}&dn=Big+Buck+Bunny",
        f"MAGNET:?dn=Big+Buck+Bunny&xt.1=URN:BTIH:{HASH}&xt.2=urn:btmh:1220{'ab' * 32}",
        f"  magnet:?dn=%20Big%00Buck%0ABunny&xt=urn:btih:{HASH}\n",
    ],
)
def test_spellings_of_one_magnet(text: str) -> None:
    magnet = read_magnet(text)

    assert magnet.infohash == download_key(magnet) == HASH
    assert magnet.uri.startswith(f"magnet:?xt=urn:btih:{HASH}")
    assert magnet.name in {"Big Buck Bunny", "BigBuck Bunny"}
    assert not magnet.trusted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "magnet:",
        "magnet:?",
        "magnet:?dn=x",
        "magnet:?xt=",
        "magnet:?xt=urn:btih:",
        f"magnet:?xt=urn:btih:{HASH[:-1]}",
        f"magnet:?xt=urn:btih:{HASH}0",
        f"magnet:?xt=urn:btih:{'g' * 40}",
        f"magnet:?xt=urn:btih:{'1' * 32}",
        f"magnet:?xt=urn:btih:{'٣' * 40}",
        f"magnet:?xt=urn:ed2k:{HASH[:32]}",
        f"magnet:?xt=urn:btih:{HASH}&xt=urn:btih:{'0' * 40}",
        f"magnet:?xt=urn:btih:{HASH}&xt=urn:btih:nonsense",
        f"http://example.org/?xt=urn:btih:{HASH}",
        f"magnet:?xt=urn:btih:{HASH}&dn={'x' * 9000}",
        f"magnet:?xt=urn:btih:{HASH}" + "&a=b" * 300,
        f"magnet:?xt=urn:btih:{HASH}&dn=\ud800",
    ],
)
def test_malformed_magnets(text: str) -> None:
    with rejected("magnet-malformed"):
        read_magnet(text)


def test_a_magnet_of_version_2_alone_is_refused_as_such() -> None:
    with rejected("magnet-v2-only"):
        read_magnet(f"magnet:?xt=urn:btmh:1220{'ab' * 32}&dn=x")


def magnet_with(*parameters: tuple[str, str]) -> str:
    extras = "".join(f"&{key}={quote(value, safe='')}" for key, value in parameters)
    return f"magnet:?xt=urn:btih:{HASH}&dn=x{extras}"


def test_public_addresses_of_a_magnet_are_kept() -> None:
    kept = (
        ("tr", "udp://tracker.example.org:1337/announce"),
        ("tr", "https://t.example.org/a?passkey=1&b=2"),
        ("ws", "http://93.184.215.14/f"),
        ("xs", "https://example.org/x.torrent"),
        ("x.pe", "93.184.215.14:6881"),
    )

    parameters = lt.parse_magnet_uri(read_magnet(magnet_with(*kept)).uri)

    assert parameters.trackers == [kept[0][1], kept[1][1]]
    assert parameters.url_seeds == [kept[2][1]]
    assert parameters.peers == [("93.184.215.14", 6881)]
    assert str(parameters.info_hashes.v1) == HASH
    assert quote(kept[3][1], safe="") in read_magnet(magnet_with(*kept)).uri


@pytest.mark.parametrize("key", ["tr", "tr.1", "ws", "as", "xs", "x.pe"])
def test_private_addresses_of_a_magnet_are_left_out(key: str) -> None:
    addresses = ("10.0.0.1:80", "localhost:80", "[::1]:80", "nas:80") if key == "x.pe" else PRIVATE_URLS
    text = magnet_with(*((key, address) for address in addresses))

    assert read_magnet(text).uri == f"magnet:?xt=urn:btih:{HASH}&dn=x"


@pytest.mark.parametrize("how", [{"trusted": True}, {"allow_private": True}])
def test_a_trusted_magnet_keeps_its_private_addresses(how: dict[str, bool]) -> None:
    magnet = read_magnet(
        magnet_with(("ws", "http://127.0.0.1/f"), ("xs", "http://127.0.0.1/x.torrent"), ("so", "1-2")), **how
    )

    assert "ws=http%3A%2F%2F127.0.0.1%2Ff" in magnet.uri
    assert "xs=http%3A%2F%2F127.0.0.1%2Fx.torrent" in magnet.uri
    assert "so=" not in magnet.uri
    assert magnet.trusted == how.get("trusted", False)


def test_a_magnets_name_is_no_path() -> None:
    assert read_magnet(f"magnet:?xt=urn:btih:{HASH}&dn=..%2F..%2Fetc%5Cpasswd").name == ".._.._etc_passwd"
    assert read_magnet(f"magnet:?xt=urn:btih:{HASH}").name == HASH
    assert len(read_magnet(f"magnet:?xt=urn:btih:{HASH}&dn={'x' * 999}").name) == 200


@given(st.text(max_size=80) | st.text(max_size=60).map(lambda text: f"magnet:?xt=urn:btih:{HASH}&{text}"))
@example("magnet:?xt=%")
def test_any_text_is_a_magnet_or_refused(text: str) -> None:
    magnet = attempt(lambda: read_magnet(text))

    assert magnet in {"magnet-malformed", "magnet-v2-only"} or (
        isinstance(magnet, Magnet) and read_magnet(magnet.uri) == magnet
    )


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["tr", "ws", "as", "xs", "x.pe", "dn", "xl", "tr.3", "kt"]),
            st.text(max_size=30) | st.sampled_from([*PRIVATE_URLS, "udp://t.example.org:1", "10.0.0.1:5"]),
        ),
        max_size=6,
    )
)
def test_reading_a_magnet_again_changes_nothing(parameters: list[tuple[str, str]]) -> None:
    magnet = read_magnet(magnet_with(*parameters))

    assert read_magnet(magnet.uri) == magnet
    assert set(magnets.hosts_in(magnet)) <= {"t.example.org"}
    assert str(lt.parse_magnet_uri(magnet.uri).info_hashes.v1) == HASH


@given(st.binary(min_size=20, max_size=20))
def test_both_spellings_of_an_infohash(digest: bytes) -> None:
    assert read_infohash(digest.hex().upper()) == digest.hex()
    assert read_infohash(base64.b32encode(digest).decode()) == digest.hex()


# .torrent files


def test_a_torrent_of_one_file() -> None:
    data = torrent(single())

    source = read_torrent(data)

    assert source == TorrentFile(data, infohash(single()), "film.mkv")
    contents = contents_of(source)
    assert contents.name == "film.mkv"
    assert [entry.model_dump() for entry in contents.files] == [
        {"index": 0, "path": "film.mkv", "size": 50_000}
    ]


def test_padding_files_are_left_out_and_counted() -> None:
    info = several(
        file(b"a.mkv"),
        file(b".pad", b"15384", length=15_384, extra={b"attr": b"p"}),
        file(b"CON", b"b \xf0\x9f\x90\xa6.srt", length=0, extra={b"attr": b"x"}),
        file(b".pad", b"15384", length=15_384, extra={b"attr": b"p"}),
    )

    files = contents_of(read_torrent(torrent(info))).files

    assert [(entry.index, entry.path, entry.size) for entry in files] == [
        (0, "films/a.mkv", 1000),
        (2, "films/CON/b 🐦.srt", 0),
    ]


@pytest.mark.parametrize("version", ["v1", "v1 with padding", "hybrid", "v2"])
def test_libtorrent_sees_the_same_files(version: str, tmp_path: Path) -> None:
    flags = {
        "v1": lt.create_torrent.v1_only,
        "v1 with padding": lt.create_torrent.v1_only | lt.create_torrent.canonical_files,
        "hybrid": 0,
        "v2": lt.create_torrent.v2_only,
    }[version]
    data = made_by_libtorrent(tmp_path, flags)
    if version == "v2":
        with rejected("torrent-v2-only"):
            read_torrent(data)
        return

    source = read_torrent(data)

    theirs = lt.torrent_info(data)
    layout = theirs.layout()
    assert source.infohash == str(theirs.info_hashes().v1)
    assert [(entry.index, entry.path, entry.size) for entry in contents_of(source).files] == [
        (index, layout.file_path(index), layout.file_size(index))
        for index in range(layout.num_files())
        if not layout.file_flags(index) & lt.file_flags_t.flag_pad_file
    ]


def made_by_libtorrent(folder: Path, flags: int) -> bytes:
    sizes = {"a.bin": 20_000, "sub/ü.bin": 5, "sub/deep/zz.bin": 40_000, "empty.txt": 0}
    for name, size in sizes.items():
        path = folder / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(size))
    entries = [lt.create_file_entry(f"root/{name}", size) for name, size in sizes.items()]
    made = lt.create_torrent(entries, PIECE, flags)
    lt.set_piece_hashes(made, str(folder))
    return bytes(lt.bencode(made.generate()))


GOOD = torrent(single())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"d",
        b"de",
        b"<html><body>404</body></html>",
        GOOD[:-1],
        GOOD[: len(GOOD) // 2],
        GOOD + b"x",
        encode([1]),
        torrent(1),
        torrent({}),
        torrent(single() | {b"length": -1}),
        torrent(single() | {b"length": b"5"}),
        torrent(single() | {b"length": 2**60}),
        torrent(single() | {b"length": 10**18}),
        torrent(single() | {b"piece length": 0}),
        torrent(single() | {b"piece length": -16384}),
        torrent(single() | {b"piece length": 2**31}),
        torrent(single() | {b"pieces": pieces(50_000)[:-1]}),
        torrent(single() | {b"pieces": pieces(50_000)[:-20]}),
        torrent(single() | {b"pieces": pieces(500_000)}),
        torrent(single() | {b"pieces": []}),
        torrent(single(length=0)),
        torrent({key: value for key, value in single().items() if key != b"pieces"}),
        torrent({key: value for key, value in single().items() if key != b"piece length"}),
        torrent({key: value for key, value in single().items() if key != b"length"}),
        torrent({key: value for key, value in single().items() if key != b"name"}),
        torrent(single() | {b"name": 5}),
        torrent(single() | {b"attr": 5}),
        torrent(single() | {b"files": [file(b"a")]}),
        torrent(several()),
        torrent(several() | {b"files": 5}),
        torrent(several() | {b"files": [5]}),
        torrent(several(file(b"a"), {b"path": [b"b"]})),
        torrent(several(file(b"a"), {b"length": 5})),
        torrent(several(file(b"a"), {b"length": 5, b"path": b"b"})),
        torrent(several(file(b"a", length=-5), file(b"b", length=50))),
        torrent(several(file(b"pad", extra={b"attr": b"p"}))),
        torrent(single() | {b"file tree": {b"other.mkv": {b"": {b"length": 50_000}}}, b"meta version": 2}),
        torrent(single() | {b"file tree": {b"film.mkv": {b"": {b"length": 5}}}, b"meta version": 2}),
        torrent(single() | {b"file tree": 5}),
        torrent(single() | {b"file tree": {b"film.mkv": 5}}),
    ],
)
def test_malformed_torrents(data: bytes) -> None:
    with rejected("torrent-malformed"):
        read_torrent(data)


UNSAFE = (
    b"",
    b".",
    b"..",
    b" .. ",
    b"../../etc/passwd",
    b"/etc/passwd",
    b"a/b",
    b"..\\..\\windows",
    b"C:\\x",
    b"a\x00b",
    b"a\nb",
    b"a\x7fb",
    b"\xc2\x85",
    b"\xff\xfe",
    b"caf\xe9",
    b"x" * 256,
    "ü".encode() * 128,
)


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_names(name: bytes) -> None:
    hybrid = several(file(b"a")) | {
        b"file tree": {name: {b"a": {b"": {b"length": 1000}}}},
        b"meta version": 2,
    }
    for info in (
        single(name),
        several(file(b"a"), name=name),
        several(file(name)),
        several(file(b"a", name, b"b")),
        several(file(name, extra={b"attr": b"p"}), file(b"a")),
        single(extra={b"name.utf-8": name}),
        several(file(b"a", extra={b"path.utf-8": [name]})),
        hybrid,
    ):
        if info is hybrid and name == b"":
            continue  # there an empty name marks a file
        with rejected("torrent-unsafe-names"):
            read_torrent(torrent(info))


@pytest.mark.parametrize(
    "info",
    [
        several(file()),
        several(file(*[b"x" * 250] * 5)),
        several(file(b"a", extra={b"attr": b"l", b"symlink path": [b"b"]})),
        several(file(b"a", extra={b"symlink path": [b"..", b"b"]}), file(b"b")),
        single(extra={b"attr": b"l"}),
        several(file(b"..", extra={b"path.utf-8": [b"a"]})),
        single(b"..", extra={b"name.utf-8": b"a"}),
    ],
)
def test_unsafe_paths(info: dict[bytes, Value]) -> None:
    with rejected("torrent-unsafe-names"):
        read_torrent(torrent(info))


@pytest.mark.parametrize(
    "info",
    [
        several(file(b"a"), file(b"a")),
        several(file(b"A.txt"), file(b"a.txt")),
        several(file(b"dir", b"Readme"), file(b"DIR", b"README")),
        several(file("é".encode()), file("e\u0301".encode())),
        several(file(b"STRASSE"), file("straße".encode())),
        several(file(b"a"), file(b"a", b"b")),
        several(file(b"a", b"b"), file(b"a")),
        several(file(b"a", b"b"), file(b"A")),
    ],
)
def test_names_that_meet_on_some_disk(info: dict[bytes, Value]) -> None:
    with rejected("torrent-same-names"):
        read_torrent(torrent(info))


def test_a_torrent_that_contains_itself() -> None:
    """Its own name as folder and as file, once more inside: each is a place of its own."""
    info = several(file(b"films"), file(b"films.torrent"), file(b"x", b"films", b"films"), name=b"films")

    assert [entry.path for entry in contents_of(read_torrent(torrent(info))).files] == [
        "films/films",
        "films/films.torrent",
        "films/x/films/films",
    ]


@pytest.mark.parametrize("deep", ["file", "comment", "tree"])
def test_a_torrent_nested_without_end(deep: str) -> None:
    nest: Value = {b"": {b"length": 1}}
    for _ in range(200):
        nest = {b"d": nest}
    info = several(nest if deep == "file" else file(b"a"))  # type: ignore[arg-type]
    if deep == "tree":
        info |= {b"file tree": nest, b"meta version": 2}

    with rejected("torrent-malformed"):
        read_torrent(torrent(info, {b"comment": nest} if deep == "comment" else None))


@pytest.mark.parametrize(
    "name", [b"CON", b"nul", b"aux.txt", b"COM1", b"LPT9.mkv", b"a.", b"a:b", b"~", b"-rf"]
)
def test_names_that_mean_something_elsewhere_are_plain_here(name: bytes) -> None:
    info = several(file(name), file(name + b"2", name))

    assert [entry.path for entry in contents_of(read_torrent(torrent(info))).files] == [
        f"films/{name.decode()}",
        f"films/{name.decode()}2/{name.decode()}",
    ]
    assert contents_of(read_torrent(torrent(single(name)))).files[0].path == name.decode()


def test_a_name_in_another_encoding_is_fine_with_its_utf8_variant() -> None:
    source = read_torrent(torrent(single(b"caf\xe9", extra={b"name.utf-8": "café".encode()})))

    assert [entry.path for entry in contents_of(source).files] == ["café"]
    assert lt.torrent_info(source.metainfo).layout().file_path(0) == "café"


def test_a_torrents_name_is_shown_in_one_line() -> None:
    assert read_torrent(torrent(single("a \u202efdp.exe".encode()))).name == "a fdp.exe"


def test_too_large_torrents() -> None:
    long_names = [file(b"%d" % number + b"x" * 240, length=1) for number in range(MOST_FILES)]
    for data in (
        torrent(single(), {b"comment": b"x" * 11_000_000}),
        torrent(single(), {b"comment": [0] * MAX_VALUES}),
        torrent(several(*long_names)),
    ):
        with rejected("torrent-too-large"):
            read_torrent(data)


@pytest.mark.parametrize("count", [MOST_FILES + 1, 100_000])
def test_a_torrent_of_too_many_files(count: int) -> None:
    info = several(*(file(b"%d" % number, length=1) for number in range(count)))
    data = torrent(info)
    tracemalloc.start()
    try:
        with rejected("torrent-too-many-files"):
            read_torrent(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 128 * 1024 * 1024


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_card_says_how_many_files_are_too_many(language: str) -> None:
    words = Catalogue(LOCALES).words(language)
    assert words.number(MOST_FILES) in words("torrent-too-many-files")


def test_the_most_files_are_read() -> None:
    many = [file(b"%d" % number, length=1) for number in range(MOST_FILES)]

    assert len(contents_of(read_torrent(torrent(several(*many)))).files) == MOST_FILES


FIELDS: dict[bytes, Value] = {
    b"announce": b"http://10.0.0.1/announce",
    b"announce-list": [
        [b"http://tracker.example.org/announce", b"http://192.168.1.1/announce"],
        [b"udp://localhost:80"],
        [b"udp://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:80"],
        b"wss://tracker.example.org",
        [5, [b"http://tracker.example.org"]],
    ],
    b"url-list": [b"http://127.0.0.1/files/", b"https://seed.example.org/files/", b"ftp://seed.example.org/"],
    b"httpseeds": b"http://nas.local/seed",
    b"nodes": [[b"10.0.0.1", 6881], [b"dht.example.org", 6881], b"x", [], [b"::1", 1]],
    b"comment": b"http://127.0.0.1/ in words harms nobody",
}


def test_private_trackers_and_web_seeds_are_taken_out_and_the_infohash_stays() -> None:
    info = single()
    source = read_torrent(torrent(info, FIELDS))

    assert source.infohash == infohash(info)
    assert decode(source.metainfo) == {
        b"announce-list": [
            [b"http://tracker.example.org/announce"],
            [b"udp://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:80"],
        ],
        b"url-list": [b"https://seed.example.org/files/"],
        b"nodes": [[b"dht.example.org", 6881]],
        b"comment": FIELDS[b"comment"],
        b"info": info,
    }
    assert str(lt.torrent_info(source.metainfo).info_hashes().v1) == source.infohash


@pytest.mark.parametrize("url", PRIVATE_URLS)
def test_no_private_address_survives_in_any_field(url: str) -> None:
    raw = url.encode()
    fields: dict[bytes, Value] = {
        b"announce": raw,
        b"announce-list": [[raw]],
        b"url-list": raw,
        b"httpseeds": [raw],
    }

    assert read_torrent(torrent(single(), fields)).metainfo == GOOD


def test_the_bytes_of_info_stay_as_they_are_even_when_they_are_not_canonical() -> None:
    raw = b"d6:lengthi5e12:piece lengthi16384e4:name1:a6:pieces20:" + b"x" * 20 + b"e"
    data = b"d8:url-list17:http://127.0.0.1/4:info" + raw + b"e"

    source = read_torrent(data)

    assert source.metainfo == b"d4:info" + raw + b"e"
    assert (
        source.infohash
        == read_torrent(source.metainfo).infohash
        == hashlib.sha1(raw, usedforsecurity=False).hexdigest()
    )


@pytest.mark.parametrize("how", [{"trusted": True}, {"allow_private": True}])
def test_a_trusted_torrent_stays_whole(how: dict[str, bool]) -> None:
    data = torrent(single(), FIELDS)

    source = read_torrent(data, **how)

    assert source.metainfo == data
    assert source.trusted == how.get("trusted", False)


@settings(max_examples=200)
@given(st.integers(0, len(torrent(single(), FIELDS)) - 1), st.binary(max_size=3), st.integers(0, 5))
def test_a_damaged_torrent_is_read_or_refused(at: int, put: bytes, cut: int) -> None:
    data = torrent(single(), FIELDS)
    source = attempt(lambda: read_torrent(data[:at] + put + data[at + cut :]))

    if isinstance(source, str):
        assert source in {
            "torrent-malformed",
            "torrent-unsafe-names",
            "torrent-same-names",
            "torrent-v2-only",
        }
        return
    assert read_torrent(source.metainfo) == source
    assert str(lt.torrent_info(source.metainfo).info_hashes().v1) == source.infohash


components = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="/\\"), min_size=1, max_size=12
).filter(lambda text: text.strip() not in {"", ".", ".."})


@given(st.lists(st.lists(components, min_size=1, max_size=3), min_size=1, max_size=5), st.binary(max_size=20))
def test_files_are_listed_as_they_stand(paths: list[list[str]], noise: bytes) -> None:
    files = [file(*(part.encode() for part in path)) for path in paths]
    source = attempt(lambda: read_torrent(torrent(several(*files), {b"nodes": noise, b"url-list": noise})))

    if isinstance(source, str):
        assert source in {"torrent-unsafe-names", "torrent-same-names"}
        assert len(paths) > 1
        return
    assert [entry.path for entry in contents_of(source).files] == [
        "/".join(["films", *path]) for path in paths
    ]


# Links


@pytest.mark.parametrize(
    ("text", "url", "name"),
    [
        ("http://example.org", "http://example.org", "example.org"),
        (
            " HTTPS://Example.org/a/Film%20one.mkv?x=1#part ",
            "https://example.org/a/Film%20one.mkv?x=1",
            "Film one.mkv",
        ),
        ("http://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC", "ü"),
        ("http://[2001:db8::1]:8080/x/", "http://[2001:db8::1]:8080/x/", "2001:db8::1"),
        ("http://example.org/a%2F..%2Fb%00", "http://example.org/a%2F..%2Fb%00", "a_.._b"),
    ],
)
def test_links(text: str, url: str, name: str) -> None:
    assert read_link(text) == WebLink(url, name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http:///path",
        "http://user@example.org/",
        "http://user:password@example.org/",
        "http://example.org\\@127.0.0.1/",
        "http://exam ple.org/",
        "http://example.org/a b",
        "http://example.org/\r\nHost: x",
        "http://example.org:99999/",
        "http://example.org:port/",
        "http://%31%32%37.0.0.1/",
        "http://１２７.0.0.1/",
        "http://xn--/",
        "http://ex..org/",
        "http://[::1/",
        "http://example.org/\ud800",
        "http://example.org/" + "x" * 9000,
    ],
)
def test_malformed_links(text: str) -> None:
    with rejected("link-malformed"):
        read_link(text)


@given(st.text(max_size=60).map(lambda text: f"http://{text}"))
def test_any_link_is_read_or_refused(text: str) -> None:
    link = attempt(lambda: read_link(text))

    assert link == "link-malformed" or (isinstance(link, WebLink) and read_link(link.url) == link)


# Whatever a person sends


@pytest.mark.parametrize("text", ["", "big buck bunny", "c12fe1c0", "ftp://example.org/", "magnet", "/start"])
async def test_words_are_no_source(text: str) -> None:
    assert await read_source(text, resolve=one_name) is None


async def test_each_kind_of_source_is_recognised() -> None:
    assert isinstance(await read_source(f" Magnet:?xt=urn:btih:{HASH}", resolve=one_name), Magnet)
    assert await read_source("https://example.org/f.mkv", resolve=one_name) == WebLink(
        "https://example.org/f.mkv", "f.mkv"
    )
    bare = await read_source(HASH.upper(), resolve=one_name)
    assert bare is not None
    assert download_key(bare) == HASH
    with rejected("magnet-malformed"):
        await read_source("magnet:?xt=urn:btih:0", resolve=one_name)
    with rejected("link-malformed"):
        await read_source("http://u:p@example.org/", resolve=one_name)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://localhost:8080/x", "http://[::1]/", "https://10.1/"]
)
async def test_a_link_that_is_private_at_a_glance_is_refused_at_once(url: str) -> None:
    with pytest.raises(PrivateAddress):
        await read_source(url, resolve=one_name)
    assert await read_source(url, allow_private=True) == read_link(url)
    assert await read_source(url, trusted=True) == read_link(url, trusted=True)


async def test_trackers_whose_names_lead_inside_or_nowhere_are_left_out() -> None:
    text = magnet_with(
        ("tr", "http://a.example.org/announce"),
        ("tr", "http://b.example.net/announce"),
        ("tr", "udp://c.example.com:80"),
        ("x.pe", "d.example.net:6881"),
    )

    guarded = await read_source(text, resolve=one_name)
    assert isinstance(guarded, Magnet)
    assert magnets.hosts_in(guarded) == ["a.example.org"]
    allowed = await read_source(text, allow_private=True, resolve=one_name)
    assert isinstance(allowed, Magnet)
    assert len(magnets.hosts_in(allowed)) == 4


async def test_a_torrents_names_are_resolved_too() -> None:
    fields: dict[bytes, Value] = {
        b"announce": b"http://a.example.net/",
        b"announce-list": [[b"http://b.example.org/"], [b"http://c.example.com/"]],
        b"url-list": b"http://d.example.org/",
        b"nodes": [[b"e.example.net", 1]],
    }
    source = read_torrent(torrent(single(), fields))

    guarded = await without_private_hosts(source, resolve=one_name)

    assert isinstance(guarded, TorrentFile)
    assert guarded.infohash == source.infohash
    assert metainfo.hosts_in(guarded) == ["b.example.org", "d.example.org"]


async def test_trusted_sources_are_not_resolved() -> None:
    source = read_torrent(torrent(single(), FIELDS), trusted=True)

    assert await without_private_hosts(source, resolve=one_name) is source
