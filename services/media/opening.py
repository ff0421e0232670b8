"""Opens strangers' sound and films. Runs in child processes only: decoders may crash, hang or eat memory here, and nothing else falls."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import NoReturn

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from services.media.formats import DEMUXERS

PACKETS_TO_TRY = 500
PACKETS_TO_COUNT = 200_000
MOST_SECONDS = 366 * 24 * 3600
"""What says to last longer than a year does not know."""


class _Nameless:
    """A file without a name, so that its ending has no say in what it is taken for."""

    def __init__(self, file: BufferedReader) -> None:
        self.read: Callable[[int], bytes] = file.read
        self.seek: Callable[[int, int], int] = file.seek
        self.tell: Callable[[], int] = file.tell


def _refuse(url: str, *_: object) -> NoReturn:
    raise PermissionError(url)


@contextmanager
def open_media(path: Path, containers: frozenset[str] = DEMUXERS) -> Iterator[InputContainer]:
    """The sound or pictures in a file; raises FFmpegError, OSError.

    Three locks against files that point elsewhere: only harmless demuxers, no protocol, no second opening.
    """
    options = {"format_whitelist": ",".join(sorted(containers)), "protocol_whitelist": "none"}
    with (
        path.open("rb") as file,
        av.open(_Nameless(file), "r", options=options, metadata_errors="replace", io_open=_refuse) as media,
    ):
        yield media


def pictures_of(media: InputContainer) -> VideoStream | None:
    """The first stream of moving pictures; a cover is none."""
    for stream in media.streams.video:
        if not stream.disposition & Disposition.attached_pic and stream.codec_context is not None:
            return stream
    return None


def cover_of(media: InputContainer) -> VideoStream | None:
    return next((s for s in media.streams.video if s.disposition & Disposition.attached_pic), None)


def sound_of(media: InputContainer) -> AudioStream | None:
    return next(iter(media.streams.audio), None)


def first_frame(media: InputContainer, stream: AudioStream | VideoStream) -> AudioFrame | VideoFrame | None:
    """The first frame that decodes: proof that the content is what its container says."""
    for packet in islice(media.demux(stream), PACKETS_TO_TRY):
        try:
            frames = packet.decode()
        except FFmpegError:
            continue
        for frame in frames:
            if isinstance(frame, (AudioFrame, VideoFrame)):
                return frame
    return None


def seconds_of(media: InputContainer, stream: AudioStream | VideoStream) -> float | None:
    """Duration, counted from the packets where the container does not say it (recordings of browsers) or cannot be
    believed; None where these cannot be either.
    """
    told = _told_seconds(media, stream)
    seconds = told if 0 < told <= MOST_SECONDS else _counted_seconds(media, stream)
    return seconds if seconds <= MOST_SECONDS else None


def _told_seconds(media: InputContainer, stream: AudioStream | VideoStream) -> float:
    if media.duration:
        return media.duration / av.time_base
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return 0.0


def _counted_seconds(media: InputContainer, stream: AudioStream | VideoStream) -> float:
    last = Fraction(0)
    with suppress(FFmpegError):
        # the first frame was taken already
        media.seek(0)
    for packet in islice(media.demux(stream), PACKETS_TO_COUNT):
        if packet.pts is not None and packet.time_base is not None:
            last = max(last, (packet.pts + (packet.duration or 0)) * packet.time_base)
    return float(last)


def shown_size(stream: VideoStream, frame: VideoFrame) -> tuple[int, int]:
    """Width and height as seen: pixels made square, turned upright."""
    ratio = stream.sample_aspect_ratio or 1
    width, height = max(1, round(frame.width * ratio)), frame.height
    return (height, width) if frame.rotation % 180 else (width, height)
