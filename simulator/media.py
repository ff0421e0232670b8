"""From an uploaded file to the media that a message carries: probed once, kept once, sent again by its id."""

import asyncio
import json
import mimetypes
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from simulator.errors import ApiError, bad_request
from simulator.files import Blob, FileStore, StoredFile

UPLOAD_LIMIT = 50 << 20
LOCAL_UPLOAD_LIMIT = 2000 << 20
PHOTO_LIMIT = 10 << 20
DOWNLOAD_LIMIT = 20 << 20
THUMBNAIL_BYTES = 200 << 10
MOST_PHOTO_SIDES = 10_000
MOST_PHOTO_RATIO = 20
PROBE = Path(__file__).with_name("probe.py")
PROBE_SECONDS = 30.0
# what a request may say about a file of each kind; what it says wins over what was probed
GIVEN = {
    "video": ("width", "height", "duration", "start_timestamp"),
    "animation": ("width", "height", "duration"),
    "audio": ("duration", "performer", "title"),
}
NEEDED = {
    "video": {"width": 0, "height": 0, "duration": 0},
    "animation": {"width": 0, "height": 0, "duration": 0},
    "audio": {"duration": 0},
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart request, still in the server's temporary file."""

    stream: BinaryIO
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Picture:
    blob: Blob
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """An upload whose bytes are on disk and probed, and that no message carries yet."""

    kind: str
    blob: Blob
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()

    @property
    def mime_type(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


async def prepare(files: FileStore, upload: Upload, kind: str) -> Prepared:
    """Keeps the bytes and probes them; a `file` is a document whatever it holds. Raises the refusals of the kind."""
    if not upload.size:
        raise bad_request("file must be non-empty")
    if kind == "photo" and upload.size > PHOTO_LIMIT:
        raise bad_request(
            f"file of size {upload.size} bytes is too big for a photo; the maximum size is {PHOTO_LIMIT} bytes"
        )
    blob = await asyncio.to_thread(files.keep_stream, upload.stream)
    name = Path(upload.name).name or "file"
    if kind == "document" and Path(name).suffix.lower() == ".gif":
        kind = "animation"
    if kind in {"document", "file"}:
        return Prepared("document", blob, name)
    return await looked_into(files, blob, name, kind)


async def looked_into(files: FileStore, blob: Blob, name: str, kind: str) -> Prepared:
    """The probed bytes. Raises the refusals of a photo; what is no video becomes a document."""
    facts, pictures = await _probe(files, files.place(blob), kind)
    if kind == "photo":
        _check_photo(facts, pictures)
    found_kind = kind if facts or kind in ("photo", "thumbnail") else "document"
    return Prepared(found_kind, blob, name, facts, pictures)


def _check_photo(facts: dict[str, Any], pictures: tuple[Picture, ...]) -> None:
    if not facts:
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = facts["width"], facts["height"]
    if width + height > MOST_PHOTO_SIDES or max(width, height) > MOST_PHOTO_RATIO * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    if not pictures:
        raise bad_request("IMAGE_PROCESS_FAILED")


async def _probe(files: FileStore, file: Path, kind: str) -> tuple[dict[str, Any], tuple[Picture, ...]]:
    """Runs the probe as a child; no facts when it crashes, runs into a limit or finds nothing."""
    folder = files.incoming()
    folder.mkdir()
    try:
        facts = await _run_probe(kind, file, folder)
        found = facts.pop("pictures", [])
        pictures = [
            Picture(await asyncio.to_thread(files.keep, Path(item["file"])), item["width"], item["height"])
            for item in found
        ]
    finally:
        await asyncio.to_thread(shutil.rmtree, folder)
    return facts, tuple(pictures)


async def _run_probe(kind: str, file: Path, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-I", str(PROBE), kind, str(file), str(folder)]
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            out, _ = await child.communicate()
    except TimeoutError:
        return {}
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    facts: dict[str, Any] = json.loads(out) if child.returncode == 0 else {}
    return facts


def store(files: FileStore, prepared: Prepared, given: dict[str, Any], thumbnail: Prepared | None) -> Any:  # noqa: ANN401  a list for photos, else an object
    """The media as a message keeps it, with new file numbers. `given` is what the request says about it."""
    if prepared.kind == "photo":
        return _store_photo(files, prepared)
    return _store_single(files, prepared, given, thumbnail)


def _store_photo(files: FileStore, prepared: Prepared) -> list[dict[str, Any]]:
    sizes: list[dict[str, Any]] = []
    stored: list[StoredFile] = []
    for picture in prepared.pictures:
        file = files.add("photo", picture.blob, f"{prepared.name}.jpg", "image/jpeg")
        stored.append(file)
        sizes.append(_picture(file, picture))
    files.set_media(stored, sizes)
    return sizes


def _picture(file: StoredFile, picture: Picture) -> dict[str, Any]:
    return {
        "file": file.id,
        "width": picture.width,
        "height": picture.height,
        "file_size": picture.blob.size,
    }


def _store_single(
    files: FileStore, prepared: Prepared, given: dict[str, Any], thumbnail: Prepared | None
) -> dict[str, Any]:
    kind = prepared.kind
    file = files.add(kind, prepared.blob, prepared.name, prepared.mime_type)
    media: dict[str, Any] = {"file": file.id, "file_name": prepared.name, "mime_type": prepared.mime_type}
    media["file_size"] = prepared.blob.size
    for name, default in NEEDED.get(kind, {}).items():
        media[name] = prepared.facts.get(name, default)
    for name in GIVEN.get(kind, ()):
        value = given.get(name) or prepared.facts.get(name)
        if value is not None:
            media[name] = value
    pictures = (thumbnail.pictures if thumbnail else ()) or prepared.pictures
    if pictures:
        small = files.add("thumbnail", pictures[0].blob, "thumbnail.jpg", "image/jpeg")
        media["thumbnail"] = _picture(small, pictures[0])
    files.set_media([file], media)
    return media


def check_kind(file: StoredFile, wanted: str) -> None:
    """A file id may be sent only as the kind that it was made for."""
    if file.kind != wanted:
        raise _wrong_kind(file.kind, wanted)


def _wrong_kind(kind: str, wanted: str) -> ApiError:
    return bad_request(f"can't use file of type {kind.capitalize()} as {wanted.capitalize()}")
