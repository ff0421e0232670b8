"""What a Release is, as far as its title, size and category tell: the values that hits are filtered and ranked by."""

import re
from enum import StrEnum

from models.search import Release


class Kind(StrEnum):
    """What sort of thing it is."""

    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"
    TEXT = "text"
    PROGRAM = "program"


class Quality(StrEnum):
    """How much of the original is there, the best first."""

    UHD = "2160p"
    FULL_HD = "1080p"
    HD = "720p"
    SD = "sd"
    LOSSLESS = "lossless"
    LOSSY = "lossy"
    FILMED = "filmed"
    """Filmed from a screen."""


class SizeClass(StrEnum):
    """Below one, four, sixteen gibibytes, or more."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    HUGE = "huge"


SIZE_LIMITS = ((SizeClass.SMALL, 1 << 30), (SizeClass.MEDIUM, 4 << 30), (SizeClass.LARGE, 16 << 30))
"""What is smaller than so many bytes."""

_THOUSANDS = {
    1: Kind.PROGRAM,
    2: Kind.VIDEO,
    3: Kind.AUDIO,
    4: Kind.PROGRAM,
    5: Kind.VIDEO,
    6: Kind.VIDEO,
    7: Kind.TEXT,
}


def _words(*alternatives: str) -> re.Pattern[str]:
    """Any of these as a word of its own, whatever separates words there."""
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(alternatives)})(?![a-z0-9])", re.IGNORECASE)


_KINDS = (
    (
        Kind.VIDEO,
        _words(
            r"\d{3,4}[pi]",
            "[xh][ .]?26[45]",
            "hevc",
            "av1",
            "xvid",
            "4k",
            "uhd",
            "s\\d\\d(?:e\\d\\d)?",
            "blu-?ray",
            "b[dr]rip",
            "web-?(?:dl|rip)",
            "hdtv",
            "dvd(?:rip)?",
            "mkv",
            "mp4",
            "avi",
            "webm",
        ),
    ),
    (
        Kind.AUDIO,
        _words(
            "flac",
            "mp3",
            "aac",
            "alac",
            "ogg",
            "opus",
            "wav",
            "m4a",
            "vinyl",
            "discography",
            r"\d{3} ?kbps",
            "ost",
            "audiobook",
        ),
    ),
    (Kind.TEXT, _words("epub", "pdf", "mobi", "azw3", "djvu", "cb[rz]", "e-?books?")),
    (Kind.IMAGE, _words("jpe?g", "png", "tiff", "wallpapers?", "photos")),
    (
        Kind.PROGRAM,
        _words("iso", "exe", "apk", "dmg", "appimage", "x64", "amd64", "arm64", "setup", "repack"),
    ),
)
_PICTURE = (
    (Quality.FILMED, _words("cam(?:rip)?", "hdcam", "telesync", "hd-?ts", "telecine")),
    (Quality.UHD, _words("2160[pi]", "4k", "uhd")),
    (Quality.FULL_HD, _words("1080[pi]", "full ?hd")),
    (Quality.HD, _words("720[pi]")),
    (Quality.SD, _words(r"(?:240|360|480|540|576)[pi]", "dvd(?:rip)?", "sdtv", "xvid")),
)
_SOUND = (
    (Quality.LOSSLESS, _words("flac", "alac", "lossless", "wav", "ape", "24-?bit")),
    (Quality.LOSSY, _words("mp3", "aac", "ogg", "opus", "m4a", r"\d{3} ?kbps", "v0")),
)


def kind_of(release: Release) -> Kind | None:
    """By its category, else by the words of its title."""
    kind = _THOUSANDS.get((release.category or 0) // 1000)
    if kind is not None:
        return kind
    return next((kind for kind, words in _KINDS if words.search(release.title)), None)


def quality_of(release: Release) -> Quality | None:
    """The quality that its title promises: of the picture, else of the sound."""
    title = release.title
    for quality, words in (*_PICTURE, *_SOUND):
        if words.search(title):
            return quality
    return None


def size_class_of(release: Release) -> SizeClass | None:
    if release.size is None:
        return None
    return next((name for name, limit in SIZE_LIMITS if release.size < limit), SizeClass.HUGE)


def name_in(title: str) -> str:
    """What stands before the words that tell how something was made; the whole title where it begins with them."""
    found = (words.search(title) for _, words in (*_KINDS, *_PICTURE, *_SOUND))
    starts = [match.start() for match in found if match is not None and match.start() > 0]
    return title[: min(starts, default=len(title))]
