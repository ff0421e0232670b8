"""Poster, sheet and thumbnail of a video: `python -m services.media.stills PATH CONTAINER DURATION SECONDS FOLDER`.

One process opens the file once and decodes one picture at each of nine places, mostly a single keyframe, so an hour costs
little more than a minute. Prints one JSON line for each picture made; SECONDS is the time it may spend on looking.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageDraw, ImageFont, ImageStat

from services.media.images import as_photo, save_jpeg
from services.media.opening import open_media, pictures_of, shown_size
from services.media.sizes import COLUMNS, POSTER_SIDE, THUMBNAIL_SIDE, TILES, USUAL, fit, place_of

GAP = 5
TILE_SIDE = (POSTER_SIDE - (COLUMNS + 1) * GAP) // COLUMNS
DARK = 24  # mean brightness below which a picture counts as black, of 255
FLAT = 12  # spread of brightness below which a picture shows nothing


@dataclass(frozen=True)
class Still:
    at: float
    image: Image.Image


def main(arguments: list[str]) -> None:
    path, container, duration, seconds, folder = arguments
    until = time.monotonic() + float(seconds)
    with open_media(Path(path), frozenset({container})) as media:
        pictures = pictures_of(media)
        if pictures is None:
            raise SystemExit("no pictures")
        stills = list(Reel(media, pictures, until).stills(float(duration)))
    if not stills:
        raise SystemExit("no picture decodes")
    make(stills, Path(folder))


def make(stills: list[Still], folder: Path) -> None:
    best = choose_poster(stills)
    small = best.image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    for kind, image in (
        ("poster", as_photo(best.image)),
        ("thumbnail", small),
        ("sheet", as_photo(sheet_of(stills))),
    ):
        save_jpeg(image, folder / f"{kind}.jpg")
        made = {"kind": kind, "width": image.width, "height": image.height, "at": best.at}
        sys.stdout.write(json.dumps(made) + "\n")
        sys.stdout.flush()


class Reel:
    """The moving pictures of an opened file. `until`: the monotonic time after which it looks no further."""

    def __init__(self, media: InputContainer, pictures: VideoStream, until: float) -> None:
        self._media = media
        self._pictures = pictures
        self._until = until
        self._start = pictures.start_time or 0
        self._base = pictures.time_base or Fraction(1)
        pictures.thread_type = (
            "SLICE"  # frame threads would hold the one picture back until many more are read
        )

    def stills(self, duration: float) -> Iterator[Still]:
        """Different pictures from the middle of each ninth; fewer where the file is broken, short or the time is up."""
        part = duration / TILES
        last = -1.0
        for number in range(TILES):
            still = self._still(place_of(number, duration), part / 2)
            if still is not None and still.at > last:
                last = still.at
                yield still

    def _still(self, target: float, tolerance: float) -> Still | None:
        """The keyframe before `target`, unless it is further off than `tolerance`: then a picture not further off."""
        frame = None
        with suppress(FFmpegError):
            for frame in self._frames(target, target - tolerance):
                if self._seconds(frame.pts) >= target - tolerance:
                    break
        return None if frame is None else Still(self._seconds(frame.pts), picture_of(self._pictures, frame))

    def _frames(self, target: float, near: float) -> Iterator[VideoFrame]:
        decoder = self._pictures.codec_context
        self._media.seek(self._start + int(target / self._base), stream=self._pictures)
        decoder.flush_buffers()
        is_started = False
        for packet in self._media.demux(self._pictures):
            if self._is_late():
                return
            is_started = is_started or packet.is_keyframe
            if is_started:
                yield from decoder.decode(packet)
            if is_started and packet.pts is not None and self._seconds(packet.pts) >= near:
                yield from decoder.decode(None)  # what the decoder still holds back
                return

    def _is_late(self) -> bool:
        return time.monotonic() > self._until

    def _seconds(self, pts: int | None) -> float:
        """Since the first picture; many streams do not start at 0."""
        return float(((pts or 0) - self._start) * self._base)


def picture_of(pictures: VideoStream, frame: VideoFrame) -> Image.Image:
    width, height = fit(*shown_size(pictures, frame), POSTER_SIDE)
    if frame.rotation % 180:
        width, height = height, width
    image: Image.Image = frame.reformat(width=width, height=height, format="rgb24").to_image()  # type: ignore[no-untyped-call]
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def choose_poster(stills: list[Still]) -> Still:
    """The second of nine, about 17 % in, unless it shows nothing; then the one with most to see."""
    usual = stills[min(USUAL, len(stills) - 1)]
    mean, spread = light(usual.image)
    if mean >= DARK and spread >= FLAT:
        return usual
    return max(stills, key=lambda still: light(still.image)[1])


def light(image: Image.Image) -> tuple[float, float]:
    """Mean and spread of brightness, 0 to 255."""
    statistics = ImageStat.Stat(image.convert("L").resize((64, 64)))
    return statistics.mean[0], statistics.stddev[0]


def sheet_of(stills: list[Still]) -> Image.Image:
    """Three by three with the time on each; places without a picture stay dark."""
    width, height = fit(*stills[0].image.size, TILE_SIDE)
    sheet = Image.new("RGB", (COLUMNS * (width + GAP) + GAP, COLUMNS * (height + GAP) + GAP), "#181818")
    for number, still in enumerate(stills):
        row, column = divmod(number, COLUMNS)
        tile = with_time(still.image.resize((width, height)), still.at)
        sheet.paste(tile, (GAP + column * (width + GAP), GAP + row * (height + GAP)))
    return sheet


def with_time(tile: Image.Image, at: float) -> Image.Image:
    text = clock(at)
    font = ImageFont.load_default(max(10, min(tile.size) // 12))
    draw = ImageDraw.Draw(tile)
    corner = (tile.width - 6, tile.height - 6)
    left, top, right, bottom = draw.textbbox(corner, text, font=font, anchor="rs")
    draw.rectangle((left - 4, top - 4, right + 4, bottom + 4), fill="black")
    draw.text(corner, text, font=font, fill="white", anchor="rs")
    return tile


def clock(seconds: float) -> str:
    hours, rest = divmod(int(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


if __name__ == "__main__":
    main(sys.argv[1:])
