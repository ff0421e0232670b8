"""Parsers and printers held against whatever there is: they say what they should, or refuse in their own words.

Those of magnets, links and damaged torrents are in `test_sources.py`, of bencode in `test_bencode.py`, of buttons in
`test_buttons.py`, of names that servers give in `test_embedded_files.py`, of Torznab in `test_torznab.py`.
"""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.assembly import LOCALES
from services.downloads.bencode import Value, encode
from services.downloads.embedded.web import _CONTENT_RANGE
from services.downloads.metainfo import contents_of, read_torrent
from services.downloads.names import display_name, one_line
from services.downloads.paths import PathMapping
from services.downloads.port import SourceRejected, TorrentFile
from services.words import Catalogue
from tests.torrents import file, several, single, torrent

UNITS = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
WORDS = {language: Catalogue(LOCALES).words(language) for language in ("en", "es")}
POINT = {"en": ".", "es": ","}
TORRENT_KEYS = {
    *(
        "torrent-malformed",
        "torrent-unsafe-names",
        "torrent-same-names",
        "torrent-v2-only",
        "torrent-too-large",
    ),
}
languages = pytest.mark.parametrize("language", ["en", "es"])
values: st.SearchStrategy[Value] = st.recursive(
    st.integers(-(10**18), 10**18) | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.binary(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@languages
@given(st.integers(0, 2**60))
@example(1023)
@example(1024)
@example(1024**2 - 1)
@example(1024**5)
def test_a_size_is_said_to_the_tenth(language: str, count: int) -> None:
    said = WORDS[language].size(count)
    match = re.fullmatch(rf"([\d{POINT[language]}]+) ([KMGT]?B)", said.replace("\xa0", " "))
    assert match, said
    number = float(match[1].replace(POINT[language], "."))
    unit = UNITS[match[2]]
    assert abs(number * unit - count) <= (0.05 if number < 100 and unit > 1 else 0.5) * unit * 1.01
    assert number < 1024 or unit == UNITS["TB"]


@languages
@given(st.floats(0, 10**9))
@example(59.6)
@example(3599.9)
def test_a_duration_is_said_to_the_minute(language: str, seconds: float) -> None:
    said = WORDS[language].duration(seconds)
    parts = {unit: int(re.sub(r"\D", "", n)) for n, unit in re.findall(r"(\d[\d.,\s]*) (h|min|s)", said)}
    assert parts
    told = 3600 * parts.get("h", 0) + 60 * parts.get("min", 0) + parts.get("s", 0)
    assert abs(told - seconds) <= (0.5 if seconds < 59 else 31)
    assert parts.get("min", 0) < 60
    assert parts.get("s", 0) < 60


@languages
@given(st.floats(-1e6, 0) | st.just(-0.0))
def test_no_time_is_less_than_nothing(language: str, seconds: float) -> None:
    assert WORDS[language].duration(seconds).startswith("0 ")


def attempt(data: bytes) -> TorrentFile | str:
    """What was read, or the key of the refusal."""
    try:
        return read_torrent(data)
    except SourceRejected as refusal:
        return refusal.key


INFO_KEYS = [
    b"name",
    b"length",
    b"piece length",
    b"pieces",
    b"files",
    b"attr",
    b"name.utf-8",
    b"file tree",
    b"private",
]
FIELD_KEYS = [b"announce", b"announce-list", b"url-list", b"httpseeds", b"nodes", b"piece layers", b"comment"]


@given(
    st.dictionaries(st.sampled_from(INFO_KEYS), values, max_size=3),
    st.dictionaries(st.sampled_from(FIELD_KEYS), values, max_size=3),
    st.booleans(),
)
def test_a_torrent_with_strange_values_is_read_or_refused(
    info: dict[bytes, Value], fields: dict[bytes, Value], many: bool
) -> None:
    base = several(file(b"a"), file(b"b", b"c")) if many else single()
    source = attempt(torrent({**base, **info}, fields))
    if isinstance(source, str):
        assert source in TORRENT_KEYS
        return
    assert contents_of(source).files
    assert read_torrent(source.metainfo) == source


@given(
    st.dictionaries(st.sampled_from([b"path", b"length", b"attr", b"path.utf-8", b"symlink path"]), values)
)
def test_a_strange_entry_in_the_file_list_is_read_or_refused(entry: dict[bytes, Value]) -> None:
    info = several(file(b"a", length=16), {**file(b"b", length=16), **entry})
    source = attempt(torrent(info))
    if isinstance(source, str):
        assert source in TORRENT_KEYS
        return
    for found in contents_of(source).files:
        place = Path("/srv/films", found.path)
        assert ".." not in place.parts
        assert place.is_relative_to("/srv/films")


@given(values)
def test_whatever_is_encoded_is_no_torrent(value: Value) -> None:
    with pytest.raises(SourceRejected):
        read_torrent(encode(value))


@given(st.text(max_size=300))
def test_a_shown_name_is_one_line_and_no_path(text: str) -> None:
    name = display_name(text)
    assert len(name.splitlines()) <= 1
    assert not set(name) & set("/\\\u202e\u2066\0\x1b")
    assert display_name(name) == name
    name.encode()
    assert one_line(text, 5) == one_line(text, 200)[:5].rstrip()


@given(st.lists(st.sampled_from(["a", "b c", "é", "..x", "d.e"]), max_size=4))
def test_a_path_comes_back_from_an_engine_as_it_went(parts: list[str]) -> None:
    mapping = PathMapping.parse("/downloads:/srv/magpie,C:\\down:/mnt/windows")
    for root in ("/srv/magpie", "/mnt/windows", "/elsewhere"):
        path = Path(root, *parts)
        assert mapping.ours(mapping.theirs(path)) == path


@given(st.text(max_size=40) | st.from_regex(_CONTENT_RANGE, fullmatch=True))
def test_a_range_is_numbers_or_nothing(text: str) -> None:
    match = _CONTENT_RANGE.fullmatch(text)
    if match is not None:
        assert all(group is None or group == "*" or int(group) < 10**18 for group in match.groups())
