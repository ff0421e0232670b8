"""What inspection and previewing found out about a file."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Kind(StrEnum):
    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"
    DOCUMENT = "document"


class Facts(BaseModel):
    """What a probe says of one file. Times in seconds, sizes in bytes and pixels, `blake3` in hexadecimal.

    Of what was taken in nobody has all bytes: `path` and `blake3` are empty, and equal to no other's.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    """On our disk, relative to the data folder."""
    name: str
    size: int
    blake3: str
    modified: int | None = None
    """When what is on our disk was last changed before the hash was taken, in nanoseconds; None: nobody looked."""
    kind: Kind
    title: str
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    performer: str | None = None
    album: str | None = None
    year: int | None = None
    series: str | None = None
    """What it is an episode of."""
    season: int | None = None
    episode: int | None = None
    disc: int | None = None
    """Of an album; counted from 1, as tracks are."""
    track: int | None = None
    genres: tuple[str, ...] = ()
    subtitles: tuple[str, ...] = ()
    """Languages of the subtitles in it, as ISO 639-2 codes."""
    container: str | None = None
    """FFmpeg's name of the format the content was recognised as; None for images and documents."""
    misnamed: bool = False
    """The name promises another kind than the content is."""


_FIRST = {Kind.VIDEO: 0, Kind.AUDIO: 1, Kind.IMAGE: 2, Kind.DOCUMENT: 3}


def prominence(facts: Facts) -> tuple[int, int]:
    """The least of several is the main file: moving pictures before music before pictures, the largest of its kind."""
    return _FIRST[facts.kind], -facts.size


class PreviewKind(StrEnum):
    """A poster is what a film looks like before it plays, and what an image looks like as a photo."""

    POSTER = "poster"
    SHEET = "sheet"
    CLIP = "clip"
    COVER = "cover"
    WAVEFORM = "waveform"
    THUMBNAIL = "thumbnail"


class Preview(BaseModel):
    """One preview file, relative to the data folder. Sizes in pixels, duration in seconds."""

    model_config = ConfigDict(frozen=True)

    kind: PreviewKind
    path: str
    media: Kind
    width: int | None = None
    height: int | None = None
    duration: float | None = None


class Previews(BaseModel):
    """What could be made of one file, and the kinds that should be there but could not be made."""

    model_config = ConfigDict(frozen=True)

    made: tuple[Preview, ...] = ()
    failed: tuple[PreviewKind, ...] = ()
