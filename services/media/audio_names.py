"""What a file of sound is called on our disk, by what Telegram says of it."""

import mimetypes
import re
from pathlib import PurePosixPath

from models.media import Kind
from services.media.claims import claimed_kind
from services.names import MOST_BYTES, safe_name

_FALLBACK = "audio"
_ENDING = re.compile(r"\.[a-z0-9]{1,8}", re.ASCII)
_ENDINGS = {
    "audio/aac": ".aac", "audio/flac": ".flac", "audio/m4a": ".m4a", "audio/mp3": ".mp3", "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/opus": ".opus", "audio/vorbis": ".ogg", "audio/wav": ".wav",
    "audio/x-flac": ".flac", "audio/x-m4a": ".m4a", "audio/x-wav": ".wav",
}  # fmt: skip
"""Not left to the machine's own table: it differs from one to the next."""


def audio_name(performer: str | None, title: str | None, file_name: str | None, mime: str | None) -> str:
    """“Performer - Title.ext”: one component in NFC, at most 200 bytes, without control and direction characters.

    Without a title it is the file name, without that the performer, else a word. The ending is the file name's when it
    is one of sound, else that of the type, else whatever the file name has.
    """
    given = safe_name(file_name or "")
    ending = _ending(given, mime)
    stem = _titled(performer, title) or _stem(given) or _plain(performer) or _FALLBACK
    return _joined(stem, ending)


def _titled(performer: str | None, title: str | None) -> str:
    name = _plain(title)
    return " - ".join(part for part in (_plain(performer), name) if part) if name else ""


def _plain(text: str | None) -> str:
    """A tag is no path: what separates there is part of the name (“AC/DC”)."""
    return safe_name(re.sub(r"[/\\]", "_", text or ""))


def _stem(name: str) -> str:
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) if _ENDING.fullmatch(suffix.lower()) else name


def _joined(stem: str, ending: str) -> str:
    """The stem gives way to the ending."""
    cut = stem.encode()[: MOST_BYTES - len(ending)].decode(errors="ignore")
    return (cut.rstrip(". ") or _FALLBACK) + ending


def _ending(name: str, mime: str | None) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    if claimed_kind(suffix) is Kind.AUDIO:
        return suffix
    kind = (mime or "").partition(";")[0].strip().lower()
    if kind in _ENDINGS:
        return _ENDINGS[kind]
    if _ENDING.fullmatch(suffix):
        return suffix
    return mimetypes.guess_extension(kind, strict=True) or ""
