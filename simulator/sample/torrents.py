"""Torrents of finished files: the info dictionary (BEP 3) and the file around it, with a web seed (BEP 19)."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

PIECE_LENGTH = 64 * 1024

Bencodable = bytes | str | int | Sequence["Bencodable"] | Mapping[str, "Bencodable"]


def bencode(value: Bencodable) -> bytes:
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%b" % (len(value), value)
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, Mapping):
        # Dictionary keys stand in the order of their bytes.
        pairs = sorted((key.encode(), item) for key, item in value.items())
        return b"d" + b"".join(bencode(key) + bencode(item) for key, item in pairs) + b"e"
    return b"l" + b"".join(bencode(item) for item in value) + b"e"


def content_files(content: Path) -> list[Path]:
    """The files of a release in the order in which its torrent has them; `content` is a file or a folder."""
    if content.is_file():
        return [content]
    return sorted(path for path in content.rglob("*") if path.is_file())


def make_info(content: Path) -> bytes:
    """Returns the bencoded info dictionary of a file or a folder; its SHA-1 is the infohash."""
    files = content_files(content)
    info: dict[str, Bencodable] = {
        "name": content.name,
        "piece length": PIECE_LENGTH,
        "pieces": b"".join(hashlib.sha1(piece, usedforsecurity=False).digest() for piece in _pieces(files)),
    }
    if content.is_file():
        info["length"] = content.stat().st_size
    else:
        info["files"] = [
            {"length": path.stat().st_size, "path": path.relative_to(content).parts} for path in files
        ]
    return bencode(info)


def make_torrent(info: bytes, web_seed: str) -> bytes:
    """Returns a .torrent without a tracker, around an info dictionary that stays byte for byte the same.

    `web_seed` ends with a slash: clients append the name and, in a folder, the path of the file.
    """
    seeds = bencode([web_seed])
    return b"d8:encoding5:UTF-84:info" + info + b"8:url-list" + seeds + b"e"


def _pieces(files: Sequence[Path]) -> Iterator[bytes]:
    """The pieces of all files as one stream; a piece may span files."""
    piece = b""
    for path in files:
        with path.open("rb") as stream:
            while block := stream.read(PIECE_LENGTH - len(piece)):
                piece += block
                if len(piece) == PIECE_LENGTH:
                    yield piece
                    piece = b""
    if piece:
        yield piece
