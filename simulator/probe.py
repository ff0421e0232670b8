"""Looks into one media file, in a process of its own with limits: a hostile file may crash a decoder.

    python simulator/probe.py KIND FILE FOLDER

KIND is photo, video, audio, animation or thumbnail. Prints one JSON object; pictures that it makes go to FOLDER:
    {"width", "height", "duration", "performer", "title", "mime_type",
     "pictures": [{"file", "width", "height"}, …]}      each where it applies; {} when the file is not of its kind
"""

import json
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

# what opens pictures and what opens films are imported when they are needed: that takes longer than the looking
if TYPE_CHECKING:
    import av
    from PIL import Image

SECONDS_OF_PROCESSOR = 20
BYTES_OF_MEMORY = 2 << 30
BYTES_OF_OUTPUT = 32 << 20
OPEN_FILES = 64
# the boxes into which Telegram scales photos: types s, m, x, y of its file ids
PHOTO_BOXES = (90, 320, 800, 1280)
THUMBNAIL_BOX = 320
MOST_PIXELS = 120_000_000
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"]
LOCAL_ONLY = {"protocol_whitelist": "file"}


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_OF_PROCESSOR, SECONDS_OF_PROCESSOR))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES_OF_MEMORY, BYTES_OF_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (BYTES_OF_OUTPUT, BYTES_OF_OUTPUT))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


@contextmanager
def picture(file: Path) -> Iterator["Image.Image"]:
    """Raises OSError, ValueError."""
    from PIL import Image

    try:
        with Image.open(file, formats=FORMATS) as opened:
            yield opened
    except Image.DecompressionBombError as error:
        raise ValueError(str(error)) from error


@contextmanager
def media(file: Path) -> Iterator["av.container.InputContainer"]:
    """Raises OSError, ValueError."""
    import av
    from av.error import FFmpegError

    try:
        with av.open(str(file), options=LOCAL_ONLY) as container:
            yield container
    except FFmpegError as error:
        raise ValueError(str(error)) from error


def save(image: "Image.Image", box: int, folder: Path) -> dict[str, Any]:
    """A JPEG that fits into a square of `box` pixels."""
    small = image.convert("RGB")
    small.thumbnail((box, box))
    file = folder / f"picture_{box}.jpg"
    small.save(file, "JPEG", quality=85)
    return {"file": str(file), "width": small.width, "height": small.height}


def look_at_photo(file: Path, folder: Path) -> dict[str, Any]:
    """All sizes that are not larger than the picture itself, smallest first."""
    from PIL import ImageOps

    with picture(file) as opened:
        facts: dict[str, Any] = {"width": opened.width, "height": opened.height}
        if opened.width * opened.height > MOST_PIXELS:
            return facts
        opened.draft("RGB", (PHOTO_BOXES[-1], PHOTO_BOXES[-1]))
        image = ImageOps.exif_transpose(opened)
        longest = max(facts["width"], facts["height"])
        boxes = [box for box in PHOTO_BOXES if box < longest]
        boxes.append(next((box for box in PHOTO_BOXES if box >= longest), PHOTO_BOXES[-1]))
        facts["pictures"] = [save(image, box, folder) for box in sorted(set(boxes))]
    return facts


def look_at_thumbnail(file: Path, folder: Path) -> dict[str, Any]:
    with picture(file) as opened:
        return {"pictures": [save(opened, THUMBNAIL_BOX, folder)]}


def to_image(frame: "av.VideoFrame") -> "Image.Image":
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    return image


def duration(container: "av.container.InputContainer") -> int:
    """Whole seconds, rounded as players show it."""
    return round((container.duration or 0) / 1_000_000)


def look_at_video(file: Path, folder: Path) -> dict[str, Any]:
    with media(file) as container:
        if not container.streams.video:
            return {}
        stream = container.streams.video[0]
        facts: dict[str, Any] = {
            "width": stream.width,
            "height": stream.height,
            "duration": duration(container),
            "pictures": [],
        }
        for frame in container.decode(stream):
            facts["pictures"] = [save(to_image(frame), THUMBNAIL_BOX, folder)]
            break
        return facts


def look_at_audio(file: Path, folder: Path) -> dict[str, Any]:
    del folder
    with media(file) as container:
        if not container.streams.audio:
            return {}
        tags = {name.lower(): value for name, value in container.metadata.items()}
        tags |= {name.lower(): value for name, value in container.streams.audio[0].metadata.items()}
        facts: dict[str, Any] = {"duration": duration(container)}
        facts |= {"title": tags["title"]} if tags.get("title") else {}
        facts |= {"performer": tags["artist"]} if tags.get("artist") else {}
        return facts


LOOKS = {
    "photo": look_at_photo,
    "thumbnail": look_at_thumbnail,
    "video": look_at_video,
    "animation": look_at_video,
    "audio": look_at_audio,
}


def look(kind: str, file: Path, folder: Path) -> dict[str, Any]:
    """The facts; empty for a file that is not of its kind or is broken."""
    try:
        return LOOKS[kind](file, folder)
    except (OSError, ValueError):
        return {}


if __name__ == "__main__":
    limit()
    json.dump(look(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])), sys.stdout)
