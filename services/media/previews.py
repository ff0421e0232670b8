"""Makes the previews of one file, part by part; what fails costs only itself."""

import asyncio
import json
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from models.media import Facts, Kind, Preview, PreviewKind, Previews
from services.media import recipes
from services.media.children import ChildFailed
from services.media.errors import FfmpegMissing
from services.media.sizes import CLIP_BYTES, CLIP_SECONDS, POSTER_SIDE, TILES, USUAL, WAVEFORM, place_of
from services.media.workshop import Workshop

START = 0.2  # of the duration, where a clip starts when nothing better is known: past the opening
_CLIP_ENDINGS = {Kind.VIDEO: ".mp4", Kind.AUDIO: ".m4a"}
LOOKING = 0.4  # of the time left, for looking for pictures in a video


class Made(BaseModel):
    """What a child says of one picture it made. `at`: seconds into the video."""

    kind: PreviewKind
    width: Annotated[int, Field(ge=1, le=POSTER_SIDE)]
    height: Annotated[int, Field(ge=1, le=POSTER_SIDE)]
    at: float | None = Field(default=None, ge=0, allow_inf_nan=False)


@dataclass(frozen=True)
class Places:
    """`source` is read, children write into `scratch`; what is whole becomes `folder`/`prefix`-kind.ending.

    `root` is the data folder, which the previews' paths are relative to.
    """

    root: Path
    source: Path
    scratch: Path
    folder: Path
    prefix: str


class PreviewMaker:
    """Makes the previews of one file until the loop's clock says `until`; what is not done by then is given up.

    It has one of the `turns`, and takes a second one where it can use and get one at once.
    """

    def __init__(
        self, workshop: Workshop, places: Places, facts: Facts, until: float, turns: asyncio.Semaphore
    ) -> None:
        self._workshop = workshop
        self._places = places
        self._facts = facts
        self._until = until
        self._turns = turns
        self._container = facts.container or ""
        self._duration = facts.duration or 0.0
        self._made: list[Preview] = []
        self._failed: list[PreviewKind] = []

    async def make(self) -> Previews:
        if self._facts.kind == Kind.VIDEO:
            await self._video()
        elif self._facts.kind == Kind.AUDIO:
            if not await self._pictures("cover"):
                await self._waveform()
            await self._keep_clip(Kind.AUDIO, START * self._duration)
        elif self._facts.kind == Kind.IMAGE and not await self._pictures("image"):
            self._failed.append(PreviewKind.POSTER)
        return Previews(made=tuple(self._made), failed=tuple(self._failed))

    async def _video(self) -> None:
        """Pictures and clip side by side, as the clip is nearly always where the poster is looked for first."""
        if self._turns.locked():
            await self._keep_clip(Kind.VIDEO, await self._stills())
            return
        usual = place_of(USUAL, self._duration)
        try:
            async with self._turns, asyncio.TaskGroup() as both:
                stills = both.create_task(self._stills())
                clip = both.create_task(self._clip(Kind.VIDEO, usual))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        if abs(self._start(stills.result()) - self._start(usual)) <= self._duration / TILES / 2:
            self._add(clip.result())
        else:
            await self._keep_clip(Kind.VIDEO, stills.result())

    async def _stills(self) -> float:
        """Poster, thumbnail and sheet; returns where in the video there is something to see."""
        seconds = LOOKING * self._seconds_left()
        source, scratch = str(self._places.source), str(self._places.scratch)
        numbers = (str(self._duration), str(seconds))
        made = await self._ask("services.media.stills", source, self._container, *numbers, scratch)
        done = {picture.kind for picture in made}
        wanted = (PreviewKind.POSTER, PreviewKind.THUMBNAIL, PreviewKind.SHEET)
        self._failed += [kind for kind in wanted if kind not in done]
        return next((picture.at for picture in made if picture.at is not None), START * self._duration)

    async def _pictures(self, what: str) -> bool:
        """The JPEGs of an image, or of an audio file's cover; False when there is none."""
        places = self._places
        return bool(
            await self._ask(
                "services.media.pictures", what, str(places.source), self._container, str(places.scratch)
            )
        )

    async def _ask(self, module: str, *arguments: str) -> list[Made]:
        """Has pictures made by one of our modules, and keeps those that are whole."""
        try:
            said = await self._workshop.python(module, *arguments, seconds=self._seconds_left())
        except ChildFailed as failure:
            said = failure.output
        made = _made(said)
        return [picture for picture in made if self._keep_picture(picture)]

    def _keep_picture(self, made: Made) -> bool:
        path = self._keep(made.kind, ".jpg")
        if path is None:
            return False
        self._made.append(
            Preview(kind=made.kind, path=path, media=Kind.IMAGE, width=made.width, height=made.height)
        )
        return True

    async def _waveform(self) -> None:
        target = self._places.scratch / f"{PreviewKind.WAVEFORM}.png"
        done = await self._ffmpeg(recipes.waveform(self._places.source, self._container, target))
        path = self._keep(PreviewKind.WAVEFORM, ".png") if done else None
        if path is None:
            self._failed.append(PreviewKind.WAVEFORM)
            return
        width, height = WAVEFORM
        self._made.append(
            Preview(kind=PreviewKind.WAVEFORM, path=path, media=Kind.IMAGE, width=width, height=height)
        )

    async def _keep_clip(self, kind: Kind, start: float) -> None:
        self._add(await self._clip(kind, start))

    async def _clip(self, kind: Kind, start: float) -> Preview | None:
        """At most 30 s from `start`, not in its place yet; None: there is none."""
        clip = self._places.scratch / f"{PreviewKind.CLIP}{_CLIP_ENDINGS[kind]}"
        if not await self._ffmpeg(self._clip_recipe(kind, self._start(start), clip)):
            return None
        return await self._checked(clip, kind)

    def _add(self, clip: Preview | None) -> None:
        path = None if clip is None else self._keep(PreviewKind.CLIP, _CLIP_ENDINGS[clip.media])
        if clip is None or path is None:
            self._failed.append(PreviewKind.CLIP)
            return
        self._made.append(clip.model_copy(update={"path": path}))

    def _start(self, wanted: float) -> float:
        """Where a clip may start: as much earlier as the end needs."""
        return max(0.0, min(wanted, self._duration - CLIP_SECONDS))

    def _clip_recipe(self, kind: Kind, start: float, clip: Path) -> list[str]:
        source = self._places.source
        if kind == Kind.AUDIO:
            return recipes.audio_clip(source, self._container, start, clip)
        return recipes.video_clip(
            source, self._container, start, (self._facts.width or 1, self._facts.height or 1), clip
        )

    async def _checked(self, clip: Path, kind: Kind) -> Preview | None:
        """A clip without a picture may come of an ffmpeg that ended well: so it is probed as the file itself was."""
        found = await self._workshop.probe(clip, name=None, seconds=self._seconds_left())
        if found.kind != kind or found.duration is None or found.duration > CLIP_SECONDS:
            return None
        if _size(clip) > CLIP_BYTES:
            return None
        return Preview(
            kind=PreviewKind.CLIP,
            path=clip.name,
            media=kind,
            width=found.width,
            height=found.height,
            duration=found.duration,
        )

    async def _ffmpeg(self, arguments: list[str]) -> bool:
        try:
            await self._workshop.ffmpeg(arguments, seconds=self._seconds_left())
        except (ChildFailed, FfmpegMissing):
            return False
        return True

    def _keep(self, kind: PreviewKind, ending: str) -> str | None:
        """Moves a whole file to its place in one step; its path relative to the data folder. None: there is none."""
        made = self._places.scratch / f"{kind}{ending}"
        target = self._places.folder / f"{self._places.prefix}-{kind}{ending}"
        if not _is_regular(made):
            return None
        made.replace(target)
        return str(target.relative_to(self._places.root))

    def _seconds_left(self) -> float:
        return self._until - asyncio.get_running_loop().time()


def _made(said: bytes) -> list[Made]:
    """The whole lines of what a child said; it read a stranger's file, so its words are checked."""
    made = []
    for line in said.splitlines():
        try:
            made.append(Made.model_validate(json.loads(line)))
        except (ValueError, ValidationError):
            break
    return made


def _size(path: Path) -> int:
    return path.stat().st_size


def _is_regular(path: Path) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size > 0
