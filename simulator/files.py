"""Files on disk by the hash of their bytes, and the file ids that name them to a bot."""

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import shutil
import struct
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from simulator.errors import bad_request
from simulator.storage import Database, encode

# kind → folder in `file_path`, and tdlib's name of the kind in its refusals
FOLDERS = {
    "photo": "photos",
    "video": "videos",
    "audio": "music",
    "animation": "animations",
    "document": "documents",
    "thumbnail": "thumbnails",
}
KINDS = tuple(FOLDERS)
HOME, AWAY, CDN = 2, 4, 203
"""The data centres: where everybody signs in, another one that keeps files, and one that nobody needs to trust."""
PAGE_KEY = "the chat page"
FILE_ID_BYTES = 18
_DOCUMENT = 2
"""What Telegram numbers as one."""
COPY_BYTES = 1 << 20
MOST_PARTS, PREMIUM = 4000, 2
"""Of 512 KiB: 2 GB, what bots and most people may send; and how many times as much with Telegram Premium."""


@dataclass(frozen=True, slots=True)
class Blob:
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    id: int
    kind: str
    blob: Blob
    name: str
    mime_type: str
    dc: int = HOME

    @property
    def path(self) -> str:
        """`file_path` of the Bot API's `File`."""
        suffix = Path(self.name).suffix
        safe = suffix if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", suffix) else ""
        return f"{FOLDERS[self.kind]}/file_{self.id}{safe}"


class FileStore:
    """`dc` is the data centre where new files are kept; with `cdn` another one gives them to who can do that.

    A file may consist of `most_parts` parts.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self._db = database
        self.dc = HOME
        self.cdn = False
        self.most_parts = MOST_PARTS
        self._blobs = folder / "blobs"
        self._incoming = folder / "incoming"
        shutil.rmtree(self._incoming, ignore_errors=True)
        self._incoming.mkdir(parents=True)
        self._blobs.mkdir(exist_ok=True)

    def incoming(self) -> Path:
        """A path of its own for bytes on their way in; gone at the next start."""
        return self._incoming / uuid.uuid4().hex

    def keep_stream(self, stream: BinaryIO) -> Blob:
        """Copies the bytes to disk. Blocks: call it in a thread."""
        target = self.incoming()
        with target.open("wb") as out:
            shutil.copyfileobj(stream, out, COPY_BYTES)
        return self.keep(target)

    def keep(self, source: Path) -> Blob:
        """Moves a file to its place; it is on disk for good when this returns. Blocks."""
        with source.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            os.fsync(stream.fileno())
        blob = Blob(digest, source.stat().st_size)
        place = self.place(blob)
        place.parent.mkdir(exist_ok=True)
        source.replace(place)
        _sync_folder(place.parent)
        return blob

    def place(self, blob: Blob) -> Path:
        return self._blobs / blob.sha256[:2] / blob.sha256

    def add(self, kind: str, blob: Blob, name: str, mime_type: str) -> StoredFile:
        sql = "INSERT INTO files (kind, sha256, size, name, mime_type, dc) VALUES (?, ?, ?, ?, ?, ?)"
        number = self._db.run(sql, kind, blob.sha256, blob.size, name, mime_type, self.dc)
        return StoredFile(number, kind, blob, name, mime_type, self.dc)

    def move_all(self, dc: int) -> None:
        """To another data centre."""
        self._db.run("UPDATE files SET dc = ?", dc)

    def set_media(self, files: list[StoredFile], media: object) -> None:
        """What a message carries when one of these files is sent again by its id."""
        for file in files:
            self._db.run("UPDATE files SET media = ? WHERE id = ?", encode(media), file.id)

    def get(self, number: int) -> StoredFile | None:
        row = self._db.row("SELECT * FROM files WHERE id = ?", number)
        if row is None:
            return None
        blob = Blob(row["sha256"], row["size"])
        return StoredFile(row["id"], row["kind"], blob, row["name"], row["mime_type"], row["dc"])

    def media(self, number: int) -> Any:  # noqa: ANN401  a list for photos, else an object
        return json.loads(self._db.value("SELECT media FROM files WHERE id = ?", number) or "null")

    def at_path(self, path: str) -> StoredFile | None:
        """The file of a `file_path`, None when there is none."""
        match = re.fullmatch(r"[a-z]+/file_(\d{1,18})(\.[A-Za-z0-9]{1,8})?", path)
        file = self.get(int(match[1])) if match else None
        return file if file and file.path == path else None


def file_id(key: str, file: StoredFile) -> str:
    """The id by which the holder of `key` (a bot's token) names the file; nobody else's key can read it."""
    body = bytes([KINDS.index(file.kind)]) + file.id.to_bytes(8, "big")
    return base64.urlsafe_b64encode(body + _seal(key, body)).decode()


def file_unique_id(file: StoredFile) -> str:
    """Equal for everybody, but no use for sending. As Telegram makes it of a document's number: zeros are counted."""
    body = struct.pack("<iq", _DOCUMENT, file.id)
    short = re.sub(rb"\0+", lambda zeros: bytes((0, len(zeros[0]))), body)
    return base64.urlsafe_b64encode(short).decode().rstrip("=")


def read_file_id(key: str, text: str) -> int:
    """The file's number. Raises the refusals of tdlib; LookupError for an id that was made for another key."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise bad_request("wrong remote file identifier specified: Wrong character in the string")
    try:
        raw = base64.urlsafe_b64decode(text)
    except binascii.Error:
        raise bad_request("wrong remote file identifier specified: Wrong padding in the string") from None
    if len(raw) != FILE_ID_BYTES or raw[0] >= len(KINDS):
        raise bad_request("wrong remote file identifier specified: can't unserialize it. Wrong last symbol")
    body, seal = raw[:9], raw[9:]
    if not hmac.compare_digest(seal, _seal(key, body)):
        raise LookupError(text)
    return int.from_bytes(body[1:], "big")


def _seal(key: str, body: bytes) -> bytes:
    return hmac.digest(key.encode(), body, "sha256")[:9]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
