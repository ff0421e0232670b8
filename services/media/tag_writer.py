"""Writes tags where there are none: `python -m services.media.tag_writer COPY FORMAT TEXTS [COVER]`.

COPY is changed in place, whatever comes of it. FORMAT: flac, mp3, mp4, opus, vorbis, as the probe found out; TEXTS: JSON
with title, performer, album; COVER: a JPEG. Says in JSON what it wrote. Anything that goes wrong ends it with a complaint.
"""

# mypy: disable-error-code="no-untyped-call"

import base64
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mutagen import FileType
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, ID3, TALB, TIT2, TPE1, Encoding, PictureType
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

_MIME = "image/jpeg"
_FRAMES = {"title": TIT2, "performer": TPE1, "album": TALB}
_ATOMS = {"title": "\xa9nam", "performer": "\xa9ART", "album": "\xa9alb"}
_COMMENTS = {"title": "title", "performer": "artist", "album": "album"}
_PICTURE = "metadata_block_picture"
_OLD_PICTURE = "coverart"
_NEW_ID3 = (2, 4, 0)
Writer = Callable[[Path, Mapping[str, str], bytes], list[str]]


def main(arguments: list[str]) -> None:
    path, kind, texts = Path(arguments[0]), arguments[1], json.loads(arguments[2])
    cover = Path(arguments[3]).read_bytes() if len(arguments) > 3 else b""  # noqa: PLR2004 - the last may be left out
    written = WRITERS[kind](path, texts, cover)
    sys.stdout.write(json.dumps(written))


def to_mp3(path: Path, texts: Mapping[str, str], cover: bytes) -> list[str]:
    """A file with ID3v2.3 keeps it, for the players that its owner has; others get 2.4."""
    sound: Any = MP3(path)
    if sound.tags is None:
        sound.add_tags()
    tags: ID3 = sound.tags
    version = 3 if (2, 3, 0) <= tags.version < _NEW_ID3 else 4
    written = [name for name in texts if not _says(tags.getall(_FRAMES[name].__name__))]
    for name in written:
        tags.setall(_FRAMES[name].__name__, [_FRAMES[name](encoding=Encoding.UTF8, text=[texts[name]])])
    if cover and not tags.getall("APIC"):
        front = APIC(
            encoding=Encoding.LATIN1, mime=_MIME, type=PictureType.COVER_FRONT, desc="Cover", data=cover
        )
        tags.add(front)
        written.append("cover")
    if written and version == 3:  # noqa: PLR2004 - ID3v2.3
        tags.update_to_v23()
    if written:
        sound.save(v2_version=version)
    return written


def to_mp4(path: Path, texts: Mapping[str, str], cover: bytes) -> list[str]:
    sound: Any = MP4(path)
    if sound.tags is None:
        sound.add_tags()
    written = [name for name in texts if not _says(sound.tags.get(_ATOMS[name]))]
    for name in written:
        sound.tags[_ATOMS[name]] = [texts[name]]
    if cover and not sound.tags.get("covr"):
        sound.tags["covr"] = [MP4Cover(cover, MP4Cover.FORMAT_JPEG)]
        written.append("cover")
    if written:
        sound.save()
    return written


def to_flac(path: Path, texts: Mapping[str, str], cover: bytes) -> list[str]:
    sound: Any = FLAC(path)
    written = _comment(sound, texts)
    if cover and not sound.pictures:
        sound.add_picture(_picture(cover))
        written.append("cover")
    if written:
        sound.save()
    return written


def to_vorbis(path: Path, texts: Mapping[str, str], cover: bytes) -> list[str]:
    return _to_ogg(OggVorbis(path), texts, cover)


def to_opus(path: Path, texts: Mapping[str, str], cover: bytes) -> list[str]:
    return _to_ogg(OggOpus(path), texts, cover)


def _to_ogg(sound: FileType, texts: Mapping[str, str], cover: bytes) -> list[str]:
    written = _comment(sound, texts)
    if cover and not sound.get(_PICTURE) and not sound.get(_OLD_PICTURE):
        sound[_PICTURE] = [base64.b64encode(_picture(cover).write()).decode()]
        written.append("cover")
    if written:
        sound.save()
    return written


def _comment(sound: FileType, texts: Mapping[str, str]) -> list[str]:
    if sound.tags is None:
        sound.add_tags()
    written = [name for name in texts if not _says(sound.get(_COMMENTS[name]))]
    for name in written:
        sound[_COMMENTS[name]] = [texts[name]]
    return written


def _picture(cover: bytes) -> Picture:
    picture = Picture()
    picture.type, picture.mime, picture.data = PictureType.COVER_FRONT, _MIME, cover
    return picture


def _says(values: object) -> bool:
    """Whether there is anything to read in a tag: an empty one is as good as none."""
    return isinstance(values, list) and any(str(value).strip() for value in values)


WRITERS: Mapping[str, Writer] = {
    "flac": to_flac,
    "mp3": to_mp3,
    "mp4": to_mp4,
    "opus": to_opus,
    "vorbis": to_vorbis,
}


if __name__ == "__main__":
    main(sys.argv[1:])
