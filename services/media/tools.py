"""What a file is, and something to look at or listen to: probing, hashing and previews."""

import asyncio
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from models.media import Facts, Kind, Previews
from services.media import recipes
from services.media.claims import is_misnamed
from services.media.errors import MediaUnreadable, PreviewFailed
from services.media.formats import DEMUXERS
from services.media.hashing import blake3_of
from services.media.names import clean, stem_of
from services.media.previews import Places, PreviewMaker
from services.media.scratch import scratch_folder
from services.media.splitting import Film, Part, Splitter
from services.media.tagging import FileTagger, Tagged, TagRefusal, Tags, TagsRefused
from services.media.workshop import Findings, MediaLimits, Workshop


class MediaTools:
    """Looks at strangers' files in child processes with limits; nothing in them can stop or grow this process.

    `root` is the data folder: every file is in it, every path in Facts and Preview is relative to it. `ffmpeg` is the
    program's path; None: the system's, else the imageio-ffmpeg wheel's.
    """

    def __init__(self, root: Path, ffmpeg: str | None = None, limits: MediaLimits | None = None) -> None:
        self._root = root.resolve()
        self._named = root.absolute()
        self._limits = limits or MediaLimits()
        self._workshop = Workshop(ffmpeg, self._limits)
        self._tagger = FileTagger(self._workshop, self._limits)
        self._turns = asyncio.Semaphore(self._limits.children)

    async def inspect(self, path: Path) -> Facts:
        """What the file (absolute, or relative to the data folder) is, by its content. Raises MediaUnreadable.

        A file that cannot be read as media within the limits is a document. The hash reads the whole file, without deadline.
        """
        source = self._regular(path)
        try:
            modified = (await asyncio.to_thread(source.stat)).st_mtime_ns
            digest, size = await blake3_of(source)
        except OSError as error:
            raise MediaUnreadable("media-unreadable", name=clean(path.name)) from error
        name = clean(source.name)
        async with self._turns:
            found = await self._workshop.probe(source, name=name, seconds=self._limits.inspect_seconds)
        return Facts(
            path=str(source.relative_to(self._root)),
            name=name,
            size=size,
            blake3=digest,
            modified=modified,
            misnamed=size > 0 and is_misnamed(source.suffix, found.kind),
            **found.model_dump(exclude={"title"}),
            title=clean(found.title or "") or stem_of(name),
        )

    async def names(self, asked: Sequence[tuple[Kind, str]]) -> list[Findings]:
        """What files are called of which nobody has more than the head, one for each: of a video (by its name) and of sound
        (by the absolute path of its head). Nothing of the rest, and nothing of what ends its reader.
        """
        found: list[Findings] = []
        while len(found) < len(asked):
            async with self._turns:
                said = await self._workshop.names(asked[len(found) :], seconds=self._limits.inspect_seconds)
            found += said
            if len(found) < len(asked):
                found.append(Findings())
        return found

    async def previews(self, facts: Facts, folder: Path) -> Previews:
        """Makes what `facts.kind` calls for in `folder`, which is made when it is missing; a document has none.

        Video: poster, sheet, thumbnail, clip. Audio: cover and thumbnail, or waveform; clip. Image: poster, thumbnail.
        All but the thumbnail keep to Telegram's limits for photos. The names follow from the file's hash, so doing it
        again overwrites. What fails or is not done at the deadline stands in `failed`; raises PreviewFailed when
        nothing could be made. Not to be run twice at once for one file.
        """
        if facts.kind == Kind.DOCUMENT:
            return Previews()
        if facts.kind != Kind.IMAGE and facts.container not in DEMUXERS:
            raise PreviewFailed("preview-failed", name=facts.name)
        source = self._regular(Path(facts.path))
        prefix = facts.blake3[:16]
        async with self._turns:
            until = asyncio.get_running_loop().time() + self._limits.preview_seconds
            with scratch_folder(self._inside(folder), prefix) as scratch:
                places = Places(self._root, source, scratch, scratch.parent, prefix)
                previews = await PreviewMaker(self._workshop, places, facts, until, self._turns).make()
        if not previews.made:
            raise PreviewFailed("preview-failed", name=facts.name)
        return previews

    async def parts(self, film: Film, folder: Path, most: int) -> list[Part]:
        """A film or music as parts of `most` bytes at most in `folder`, which play one after the other; none where it
        cannot be cut. Doing it again gives what is there. Raises MediaUnreadable, FfmpegMissing.

        Not to be run twice at once for one folder.
        """
        if recipes.MUXERS.get(film.ending, ("", ""))[0] != film.container:
            return []
        source = self._regular(film.source)
        async with self._turns:
            splitter = Splitter(self._workshop, self._limits, replace(film, source=source), most)
            try:
                return await splitter.split(self._inside(folder))
            except OSError as error:
                raise MediaUnreadable("media-unreadable", name=clean(film.source.name)) from error

    async def tag(self, path: Path, tags: Tags) -> Tagged:
        """Writes those of `tags` into a file of sound (absolute, or relative to the data folder) that it has not itself.

        mp3, m4a, FLAC, and Vorbis and Opus in Ogg, by content. Never fails: with a refusal, and when cancelled, the file
        is byte for byte as it was. Needs room for a copy beside it. Not to be run twice at once for one file. What has
        the file's hash in it has to be made anew afterwards.
        """
        try:
            place = self._unlinked(path)
            async with self._turns:
                return Tagged(await self._tagger.tag(place, tags))
        except TagsRefused as refused:
            return Tagged(refused=refused.refusal)

    def _unlinked(self, path: Path) -> Path:
        """The place of `path` in the data folder; raises TagsRefused where a link, or anything else, leads elsewhere."""
        for root in (self._root, self._named):
            if path.is_relative_to(root):
                path = path.relative_to(root)
        place = self._root / path
        try:
            straight = place.resolve() == place and place.is_relative_to(self._root)
        except (OSError, ValueError, RuntimeError) as error:
            raise TagsRefused(TagRefusal.UNREADABLE) from error
        if not straight:
            raise TagsRefused(TagRefusal.UNREADABLE)
        return place

    def _regular(self, path: Path) -> Path:
        source = self._inside(path)
        try:
            source.relative_to(self._root).as_posix().encode()
            if stat.S_ISREG(source.stat().st_mode):
                return source
        except (OSError, UnicodeEncodeError) as error:
            raise MediaUnreadable("media-unreadable", name=clean(path.name)) from error
        raise MediaUnreadable("media-unreadable", name=clean(path.name))

    def _inside(self, path: Path) -> Path:
        """The true place of `path`: a link may not lead out of the data folder."""
        place = (self._root / path).resolve()
        if not place.is_relative_to(self._root):
            raise MediaUnreadable("media-unreadable", name=clean(path.name))
        return place
