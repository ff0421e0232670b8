"""Where media are worked on: every probe, picture and clip is a child process started here."""

import asyncio
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import structlog
from pydantic import BaseModel, Field, ValidationError

from models.media import Kind
from services.media.children import ChildFailed, Limits, python, run
from services.media.errors import FfmpegMissing
from services.media.formats import DEMUXERS, MOST_GENRES, MOST_SUBTITLES
from services.media.names import clean
from services.media.sizes import CLIP_BYTES

MEBIBYTE = 1024 * 1024
Pixels = Annotated[int, Field(ge=1, le=1_000_000)]
Text = Annotated[str, Field(max_length=200)]
Ordinal = Annotated[int, Field(ge=0, le=9999)]
Language = Annotated[str, Field(pattern="^[a-z]{2,3}$")]


@dataclass(frozen=True)
class MediaLimits:
    """Wall-clock seconds for one inspection, for all previews of one file, and for writing the tags of one; bytes of
    address space of one child.

    `children`: how many work at once; waiting for a turn does not count.
    """

    inspect_seconds: float = 60
    preview_seconds: float = 180
    tag_seconds: float = 60
    probe_memory: int = 1024 * MEBIBYTE
    preview_memory: int = 2048 * MEBIBYTE
    children: int = 2


class Findings(BaseModel):
    """What the probe said. It read a stranger's file, so its words are checked like the stranger's."""

    kind: Kind = Kind.DOCUMENT
    container: str | None = None
    duration: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    width: Pixels | None = None
    height: Pixels | None = None
    video_codec: Text | None = None
    audio_codec: Text | None = None
    title: Text | None = None
    performer: Text | None = None
    album: Text | None = None
    year: Annotated[int, Field(ge=1000, le=2999)] | None = None
    series: Text | None = None
    season: Ordinal | None = None
    episode: Ordinal | None = None
    disc: Ordinal | None = None
    track: Ordinal | None = None
    genres: Annotated[tuple[Text, ...], Field(max_length=MOST_GENRES)] = ()
    subtitles: Annotated[tuple[Language, ...], Field(max_length=MOST_SUBTITLES)] = ()


class Workshop:
    """`ffmpeg`: path of the program; None: the system's, else the imageio-ffmpeg wheel's, looked for when needed."""

    def __init__(self, ffmpeg: str | None, limits: MediaLimits) -> None:
        self._ffmpeg = ffmpeg
        self._limits = limits

    async def probe(self, path: Path, *, name: str | None, seconds: float) -> Findings:
        """What the file is; with a `name`, also what it is called. Never fails: what kills the probe is a document."""
        command = python("services.media.probe", str(path), *([] if name is None else [name]))
        limits = self._limit(self._limits.probe_memory, seconds)
        try:
            said = await self._run(command, limits, seconds)
        except ChildFailed as failure:
            said = failure.output
        return _findings(said)

    async def names(self, asked: Sequence[tuple[Kind, str]], *, seconds: float) -> list[Findings]:
        """What files are called, of a video by its name, of sound by the path of its head: one after the other.

        Never fails: what ends the child is the first that is missing.
        """
        arguments = [text for kind, subject in asked for text in (kind.value, subject)]
        command = python("services.media.post_names", *arguments)
        limits = self._limit(self._limits.probe_memory, seconds)
        try:
            said = await self._run(command, limits, seconds)
        except ChildFailed as failure:
            said = failure.output
        return [_findings(line) for line in said.split(b"\n")[:-1]]

    async def python(
        self, module: str, *arguments: str, seconds: float, file_size: int = 2 * CLIP_BYTES
    ) -> bytes:
        """Output of one of our modules that writes files, each of `file_size` bytes at most; raises ChildFailed."""
        limits = self._limit(self._limits.preview_memory, seconds, file_size)
        return await self._run(python(module, *arguments), limits, seconds)

    async def ffmpeg(self, arguments: list[str], *, seconds: float, file_size: int = 2 * CLIP_BYTES) -> None:
        """Each file that it writes has `file_size` bytes at most. Raises ChildFailed, FfmpegMissing."""
        if self._ffmpeg is None:
            self._ffmpeg = await asyncio.to_thread(find_ffmpeg)
        limits = self._limit(self._limits.preview_memory, seconds, file_size)
        await self._run([self._ffmpeg, *arguments], limits, seconds)

    async def _run(self, command: list[str], limits: Limits, seconds: float) -> bytes:
        try:
            return await run(command, limits=limits, seconds=seconds)
        except ChildFailed as failure:
            complaint = clean(failure.complaint[-500:], 500)
            structlog.get_logger().warning("media child failed", reason=failure.reason, complaint=complaint)
            raise

    def _limit(self, memory: int, seconds: float, file_size: int = 0) -> Limits:
        return Limits(memory=memory, cpu=int(2 * seconds) + 1, file_size=file_size)


def find_ffmpeg() -> str:
    """The system's ffmpeg, else that of the imageio-ffmpeg wheel; raises FfmpegMissing. Blocks for a moment."""
    system = shutil.which("ffmpeg")
    if system is not None:
        return system
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise FfmpegMissing("ffmpeg-missing") from error


def _findings(said: bytes) -> Findings:
    found: dict[str, object] = {}
    for line in said.splitlines():
        try:
            found |= json.loads(line)
        except (ValueError, TypeError):
            break  # cut off when the probe was killed
    try:
        findings = Findings.model_validate(found)
    except ValidationError:
        return Findings()
    return findings if findings.container is None or findings.container in DEMUXERS else Findings()
