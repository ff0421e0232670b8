"""What ffmpeg is asked to do: one command a preview, from one local file to another."""

from pathlib import Path
from typing import Any  # ffmpeg-python has no types

import ffmpeg

from services.media.sizes import CLIP_BYTES, CLIP_SECONDS, CLIP_SIDE, WAVEFORM, fit

THREADS = 3  # for two cores: while one waits for another, the third works
WAVEFORM_SECONDS = 3600  # showwavespic keeps all samples in memory; ffmpeg takes 88 MB with these
WAVEFORM_RATE = 4000
# A last frame or packet may reach over the end, and the file's index is written after `-fs` looked.
CUT = CLIP_SECONDS - 0.2
FILE_SIZE = CLIP_BYTES - 500_000


def video_clip(source: Path, container: str, start: float, size: tuple[int, int], target: Path) -> list[str]:
    """H.264 and AAC in MP4, at most 30 s and 8 MB, within 640 x 640; `size` is the source's, as seen."""
    # unsmoothed blocks of pictures that no other picture is made from are not seen in a small clip
    media = _input(source, container, ss=start, t=CUT, skip_loop_filter="noref")
    width, height = fit(*size, CLIP_SIDE, even=True)
    pictures = media["V:0"].filter("scale", width, height, flags="area").filter("setsar", 1)
    return _output(
        [pictures, media["a:0?"]], target, f="mp4", movflags="+faststart", fs=FILE_SIZE, pix_fmt="yuv420p",
        vcodec="libx264", preset="veryfast", crf=26, maxrate="1600k", bufsize="1600k", **_SOUND,
    )  # fmt: skip


def audio_clip(source: Path, container: str, start: float, target: Path) -> list[str]:
    """AAC in MP4, at most 30 s."""
    media = _input(source, container, ss=start, t=CUT)
    return _output([media["a:0"]], target, f="ipod", movflags="+faststart", fs=FILE_SIZE, **_SOUND)


def waveform(source: Path, container: str, target: Path) -> list[str]:
    """One PNG of the loudness over time, of the first hour at most."""
    media = _input(source, container, t=WAVEFORM_SECONDS)
    sound = media["a:0"].filter("aformat", channel_layouts="mono", sample_rates=WAVEFORM_RATE)
    width, height = WAVEFORM
    picture = sound.filter("asetnsamples", 4096).filter(
        "showwavespic", s=f"{width}x{height}", colors="0x3390ec"
    )
    return _output([picture], target, f="image2", update=1, **{"frames:v": 1})


MUXERS = {
    ".mkv": ("matroska", "matroska"),
    ".mka": ("matroska", "matroska"),
    ".webm": ("matroska", "webm"),
    ".mp4": ("mov", "mp4"),
    ".m4v": ("mov", "mp4"),
    ".mov": ("mov", "mov"),
    ".m4a": ("mov", "ipod"),
    ".mp3": ("mp3", "mp3"),
}
"""By ending: what may be cut into parts, as FFmpeg's names for its format where it is read, and where it is written."""


def parts(source: Path, container: str, seconds: float, folder: Path, ending: str) -> list[str]:
    """All that is in a film or in music, as it is, into parts of about so many seconds."""
    # with its index in front it can be looked at while it comes
    index = {"segment_format_options": "movflags=+faststart"} if container == "mov" else {}
    made = ffmpeg.output(
        _input(source, container),
        # a percent sign in the way to the folder is no number
        f"file:{str(folder).replace('%', '%%')}/%03d{ending}",
        f="segment",
        c="copy",
        map="0",
        # a little longer, or what is left over in the end is a part of its own
        segment_time=f"{1.01 * seconds:.3f}",
        segment_format=MUXERS[ending][1],
        segment_start_number=1,
        reset_timestamps=1,
        # made again they are the same, byte for byte
        fflags="+bitexact",
        dn=None,
        ignore_unknown=None,
        **index,
    ).overwrite_output()
    return ["-nostdin", "-hide_banner", "-v", "error", *made.get_args()]


def part_name(number: int, ending: str) -> str:
    """As `parts` calls them, from 1 on."""
    return f"{number:03d}{ending}"


_SOUND: dict[str, str | float] = {"acodec": "aac", "ac": 2, "ar": 44100, "audio_bitrate": "96k"}


def _input(source: Path, container: str, **options: str | float) -> Any:  # noqa: ANN401
    """The format is forced to what the probe found, so a playlist cannot be taken for one; `file:` takes any name."""
    return ffmpeg.input(
        f"file:{source}",
        f=container,
        protocol_whitelist="file",
        format_whitelist=container,
        threads=THREADS,
        **options,
    )


def _output(streams: list[Any], target: Path, **options: str | float) -> list[str]:
    made = ffmpeg.output(
        *streams, f"file:{target}", threads=THREADS, map_metadata=-1, map_chapters=-1, **options
    ).overwrite_output()
    arguments: list[str] = made.get_args()
    return ["-nostdin", "-hide_banner", "-v", "error", *arguments]
