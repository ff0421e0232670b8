"""Metainfo of torrents (BEP 3, 12, 19, 47, 52), read as what it is: bytes from a stranger.

The bytes of `info` are never written anew, so the infohash stays what it was; only what stands beside `info` (trackers,
web seeds, DHT nodes) is filtered.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from models.downloads import FileEntry
from services.downloads.addresses import host_of, looks_private
from services.downloads.bencode import (
    BencodeError,
    Field,
    TooMuch,
    Value,
    decode_fields,
    encode,
    encode_fields,
)
from services.downloads.names import display_name
from services.downloads.port import Contents, SourceRejected, TorrentFile

MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 20_000
MOST_PATHS_BYTES = 3 * 1024 * 1024
"""Of all paths together: an order is one document with all of them, and a document has 16 MiB at most."""
_MOST_COMPONENT_BYTES = 255
_MOST_PATH_BYTES = 1024
_MOST_FILE_BYTES = 2**50
_MOST_PIECE_BYTES = 2**29
_HASH_BYTES = 20
_WORK = (b"info", b"piece layers")
"""What says what is fetched; all the rest says from whom, and who made the torrent."""
_TRACKER_SCHEMES = ("http", "https", "udp")
_WEB_SCHEMES = ("http", "https")

Allows = Callable[[str], bool]
"""Whether a host may be pointed at."""
Info = Mapping[bytes, Value]


@dataclass(frozen=True)
class MetainfoFile:
    """One entry of the torrent's file list: `path` without the torrent's name, size in bytes."""

    path: tuple[str, ...]
    size: int
    padding: bool = False


@dataclass(frozen=True)
class Metainfo:
    """A torrent that has been checked. `single`: it is one file, called `name`."""

    infohash: str
    name: str
    files: Sequence[MetainfoFile]
    single: bool
    fields: Mapping[bytes, Field]


def read_torrent(data: bytes, *, trusted: bool = False, allow_private: bool = False) -> TorrentFile:
    """Checks a .torrent and takes out what members may not point at.

    Unless `trusted` or `allow_private`, trackers, web seeds and DHT nodes at private addresses or with other schemes than
    http, https, udp are taken out. Raises SourceRejected: `torrent-too-large`, `torrent-too-many-files`,
    `torrent-malformed`, `torrent-v2-only`, `torrent-unsafe-names`, `torrent-same-names`.
    """
    torrent = TorrentFile(data, "", "", trusted)
    metainfo = parse(data)
    torrent = replace(torrent, infohash=metainfo.infohash, name=display_name(metainfo.name))
    if trusted or allow_private:
        return torrent
    return keep_hosts(torrent, lambda host: not looks_private(host))


def contents_of(torrent: TorrentFile) -> Contents:
    """The file list of a torrent.

    A file's index is its place in the torrent's own list, padding files (BEP 47) counted though left out; a path begins
    with the torrent's name when there are several files. Raises as `read_torrent` does.
    """
    metainfo = parse(torrent.metainfo)
    root = () if metainfo.single else (metainfo.name,)
    files = [
        FileEntry(index=index, path="/".join((*root, *file.path)), size=file.size)
        for index, file in enumerate(metainfo.files)
        if not file.padding
    ]
    return Contents(name=torrent.name, files=files)


def parse(data: bytes) -> Metainfo:
    """Reads and checks metainfo. Raises SourceRejected as `read_torrent` does."""
    if len(data) > MOST_BYTES:
        raise SourceRejected("torrent-too-large")
    try:
        fields = decode_fields(data)
    except TooMuch as error:
        raise SourceRejected("torrent-too-large") from error
    except BencodeError as error:
        raise SourceRejected("torrent-malformed") from error
    if b"info" not in fields:
        _malformed()
    info = _dictionary(fields[b"info"].value)
    if b"file tree" in info and b"pieces" not in info:
        raise SourceRejected("torrent-v2-only")
    metainfo = Metainfo(
        infohash=hashlib.sha1(fields[b"info"].raw, usedforsecurity=False).hexdigest(),
        name=_name(info),
        files=_files(info),
        single=b"files" not in info,
        fields=fields,
    )
    _check_pieces(info, metainfo.files)
    _check_paths(metainfo)
    _check_tree(info, metainfo)
    return metainfo


def hosts_in(torrent: TorrentFile) -> Sequence[str]:
    """Every host that the torrent's trackers, web seeds and nodes point at."""
    hosts: list[str] = []

    def note(host: str) -> bool:
        hosts.append(host)
        return True

    keep_hosts(torrent, note)
    return hosts


def keep_hosts(torrent: TorrentFile, allows: Allows) -> TorrentFile:
    """The same torrent with only those trackers, web seeds and nodes whose host `allows` takes."""
    fields = decode_fields(torrent.metainfo)
    raw = {key: field.raw for key, field in fields.items()}
    for key, keep in _FILTERS.items():
        if key not in raw:
            continue
        kept = keep(fields[key].value, allows)
        if kept is None:
            del raw[key]
        elif kept != fields[key].value:
            raw[key] = encode(kept)
    if raw == {key: field.raw for key, field in fields.items()}:
        return torrent
    return replace(torrent, metainfo=encode_fields(raw))


def readdressed(torrent: TorrentFile, *, trackers: Sequence[str], web_seeds: Sequence[str]) -> TorrentFile:
    """The same work with these trackers and web seeds alone: those it came with may be for one person only."""
    fields = decode_fields(torrent.metainfo)
    raw = {key: fields[key].raw for key in _WORK if key in fields}
    if trackers:
        raw[b"announce"] = encode(trackers[0].encode())
        raw[b"announce-list"] = encode([[tracker.encode()] for tracker in trackers])
    if web_seeds:
        raw[b"url-list"] = encode([seed.encode() for seed in web_seeds])
    return replace(torrent, metainfo=encode_fields(raw))


def _malformed() -> NoReturn:
    raise SourceRejected("torrent-malformed")


def _dictionary(value: Value | None) -> dict[bytes, Value]:
    return value if isinstance(value, dict) else _malformed()


def _number(value: Value | None, least: int, most: int) -> int:
    if not isinstance(value, int) or not least <= value <= most:
        _malformed()
    return value


def _list(value: Value | None) -> list[Value]:
    return value if isinstance(value, list) else _malformed()


# Names


def _name(info: Info) -> str:
    return _component(_preferred(info, b"name"), info.get(b"name"))


def _preferred(entry: Info, key: bytes) -> Value | None:
    """Engines prefer the `.utf-8` variant of a name where there is one, so it is the name."""
    return entry.get(key + b".utf-8", entry.get(key))


def _component(name: Value | None, plain: Value | None) -> str:
    """One safe part of a path. `plain` is the variant in the creator's own encoding: no way around it either."""
    if not isinstance(name, bytes):
        _malformed()
    try:
        text = name.decode()
    except UnicodeDecodeError as error:
        raise SourceRejected("torrent-unsafe-names") from error
    variants = [text] if not isinstance(plain, bytes) else [text, plain.decode(errors="replace")]
    if len(name) > _MOST_COMPONENT_BYTES or not all(map(_is_safe, variants)):
        raise SourceRejected("torrent-unsafe-names")
    return text


def _is_safe(part: str) -> bool:
    return (
        part.strip() not in {"", ".", ".."}
        and not any(character in "/\\" for character in part)
        and not any(unicodedata.category(character) == "Cc" for character in part)
    )


def _check_paths(metainfo: Metainfo) -> None:
    """No path twice, also where case or composed letters make no difference, and no file that is another's folder."""
    files: set[tuple[str, ...]] = set()
    folders: set[tuple[str, ...]] = set()
    total = 0
    for file in metainfo.files:
        if file.padding:
            continue
        length = len("/".join((metainfo.name, *file.path)).encode())
        if length > _MOST_PATH_BYTES:
            raise SourceRejected("torrent-unsafe-names")
        path = tuple(unicodedata.normalize("NFC", part).casefold() for part in file.path)
        if path in files:
            raise SourceRejected("torrent-same-names")
        total += length
        files.add(path)
        folders.update(path[:depth] for depth in range(1, len(path)))
    if total > MOST_PATHS_BYTES:
        raise SourceRejected("torrent-too-large")
    if files & folders:
        raise SourceRejected("torrent-same-names")
    if not files:
        _malformed()


# Files and pieces


def _files(info: Info) -> Sequence[MetainfoFile]:
    if (b"files" in info) == (b"length" in info):
        _malformed()
    if b"length" in info:
        _refuse_link(info)
        return [MetainfoFile((_name(info),), _size(info))]
    entries = _list(info[b"files"])
    if len(entries) > MOST_FILES:
        raise SourceRejected("torrent-too-many-files")
    return [_file(_dictionary(entry)) for entry in entries]


def _file(entry: Info) -> MetainfoFile:
    _refuse_link(entry)
    parts = _list(_preferred(entry, b"path"))
    plain = _list(entry.get(b"path", []))
    if not parts:
        raise SourceRejected("torrent-unsafe-names")
    path = tuple(_component(part, None) for part in parts)
    for part in plain:
        if not isinstance(part, bytes) or not _is_safe(part.decode(errors="replace")):
            raise SourceRejected("torrent-unsafe-names")
    return MetainfoFile(path, _size(entry), padding=b"p" in _attributes(entry))


def _size(entry: Info) -> int:
    return _number(entry.get(b"length"), 0, _MOST_FILE_BYTES)


def _attributes(entry: Info) -> bytes:
    value = entry.get(b"attr", b"")
    return value if isinstance(value, bytes) else _malformed()


def _refuse_link(entry: Info) -> None:
    if b"l" in _attributes(entry) or b"symlink path" in entry:
        raise SourceRejected("torrent-unsafe-names")


def _check_pieces(info: Info, files: Iterable[MetainfoFile]) -> None:
    length = _number(info.get(b"piece length"), 1, _MOST_PIECE_BYTES)
    pieces = info.get(b"pieces")
    total = sum(file.size for file in files)
    if not isinstance(pieces, bytes) or total == 0 or len(pieces) != -(-total // length) * _HASH_BYTES:
        _malformed()


def _check_tree(info: Info, metainfo: Metainfo) -> None:
    """A hybrid names its files twice (BEP 52); engines may read either list, so both must say the same."""
    if b"file tree" not in info:
        return
    tree = dict(_leaves(_dictionary(info[b"file tree"])))
    if tree != {file.path: file.size for file in metainfo.files if not file.padding}:
        _malformed()


def _leaves(tree: dict[bytes, Value]) -> Iterator[tuple[tuple[str, ...], int]]:
    waiting: list[tuple[tuple[str, ...], dict[bytes, Value]]] = [((), tree)]
    while waiting:
        path, folder = waiting.pop()
        for name, inner in folder.items():
            entry = _dictionary(inner)
            if name == b"" and path:
                _refuse_link(entry)
                yield path, _size(entry)
            else:
                waiting.append(((*path, _component(name, None)), entry))


# What stands beside `info`

_Filter = Callable[[Value, Allows], Value | None]


def _allowed(value: Value, schemes: Sequence[str], allows: Allows) -> bool:
    if not isinstance(value, bytes):
        return False
    host = host_of(value.decode(errors="replace"), schemes)
    return host is not None and allows(host)


def _tracker(value: Value, allows: Allows) -> Value | None:
    return value if _allowed(value, _TRACKER_SCHEMES, allows) else None


def _tiers(value: Value, allows: Allows) -> Value | None:
    tiers: list[Value] = []
    for tier in value if isinstance(value, list) else []:
        kept: list[Value] = [url for url in _as_list(tier) if _allowed(url, _TRACKER_SCHEMES, allows)]
        if kept:
            tiers.append(kept)
    return tiers or None


def _web_seeds(value: Value, allows: Allows) -> Value | None:
    kept: list[Value] = [url for url in _as_list(value) if _allowed(url, _WEB_SCHEMES, allows)]
    if not kept:
        return None
    return kept[0] if isinstance(value, bytes) else kept


def _nodes(value: Value, allows: Allows) -> Value | None:
    kept: list[Value] = [node for node in _as_list(value) if _allowed_node(node, allows)]
    return kept or None


def _allowed_node(node: Value, allows: Allows) -> bool:
    if not isinstance(node, list) or not node or not isinstance(node[0], bytes):
        return False
    host = node[0].decode(errors="replace")
    # Written as a URL, so that a host is read in one way everywhere.
    spelled = f"[{host}]" if ":" in host else host
    return _allowed(f"udp://{spelled}".encode(), _TRACKER_SCHEMES, allows)


def _as_list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else [value]


_FILTERS: Mapping[bytes, _Filter] = {
    b"announce": _tracker,
    b"announce-list": _tiers,
    b"url-list": _web_seeds,
    b"httpseeds": _web_seeds,
    b"nodes": _nodes,
}
