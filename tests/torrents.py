"""Torrents made by hand, the bad ones too."""

import hashlib

from services.downloads.bencode import Value, encode

PIECE = 16 * 1024


def pieces(total: int) -> bytes:
    return b"".join(
        hashlib.sha1(b"%d" % number, usedforsecurity=False).digest() for number in range(-(-total // PIECE))
    )


def single(
    name: bytes = b"film.mkv", length: int = 50_000, extra: dict[bytes, Value] | None = None
) -> dict[bytes, Value]:
    """The `info` of one file."""
    info: dict[bytes, Value] = {
        b"name": name,
        b"length": length,
        b"piece length": PIECE,
        b"pieces": pieces(length),
    }
    return info | (extra or {})


def several(*files: dict[bytes, Value], name: bytes = b"films") -> dict[bytes, Value]:
    """The `info` of several files."""
    total = sum(size for file in files if isinstance(size := file.get(b"length"), int))
    return {b"name": name, b"files": list(files), b"piece length": PIECE, b"pieces": pieces(max(total, 1))}


def file(*path: bytes, length: int = 1000, extra: dict[bytes, Value] | None = None) -> dict[bytes, Value]:
    """An entry of the file list."""
    entry: dict[bytes, Value] = {b"path": list(path), b"length": length}
    return entry | (extra or {})


def torrent(info: Value, fields: dict[bytes, Value] | None = None) -> bytes:
    """The bytes of a .torrent."""
    return encode({**(fields or {}), b"info": info})


def infohash(info: Value) -> str:
    return hashlib.sha1(encode(info), usedforsecurity=False).hexdigest()
