"""Title, performer, album and cover for sound that has none of its own; the file changes wholly, or not at all."""

import asyncio
import errno
import json
import os
import shutil
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path

import structlog

from models.media import Kind
from services.media.children import ChildFailed
from services.media.names import clean
from services.media.scratch import scratch_folder
from services.media.workshop import MEBIBYTE, Findings, MediaLimits, Workshop
from services.syncing import sync
from services.tasks import finish

MOST_COVER = 8 * MEBIBYTE
_SPARE = 16 * MEBIBYTE
"""Room left on the disk, and what a file may grow by besides its cover: mutagen pads and writes notes anew."""
_SAME_SECONDS = 0.1
_JPEG = b"\xff\xd8\xff"
_CHUNK = MEBIBYTE
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_FORMATS = {
    ("flac", "flac"): "flac",
    ("mov", None): "mp4",
    ("mp3", None): "mp3",
    ("ogg", "opus"): "opus",
    ("ogg", "vorbis"): "vorbis",
}
"""What the probe calls container and codec (None: any), and what the child that writes calls both."""


class TagName(StrEnum):
    TITLE = "title"
    PERFORMER = "performer"
    ALBUM = "album"
    COVER = "cover"


class TagRefusal(StrEnum):
    """Why a file stayed as it was. Only NO_ROOM and CHANGED are worth another attempt."""

    UNREADABLE = "unreadable"
    """No regular file of ours (a link is none), or nothing in it that decodes."""
    UNSUPPORTED = "unsupported"
    """It is something else than mp3, m4a, FLAC, or Vorbis or Opus in Ogg; its name has no say in this."""
    COVER = "cover"
    """The cover is no JPEG, or larger than 8 MiB. Try without."""
    NO_ROOM = "room"
    READ_ONLY = "locked"
    """The folder cannot be written."""
    DISK = "disk"
    """The disk failed otherwise."""
    SPOILT = "spoilt"
    """Writing failed or took too long, or what came of it was not the same sound."""
    CHANGED = "changed"
    """Somebody else wrote the file meanwhile."""


@dataclass(frozen=True)
class Tags:
    """What to write; None or nothing visible: nothing. Texts are cut to 200 characters. `cover`: bytes of a JPEG."""

    title: str | None = None
    performer: str | None = None
    album: str | None = None
    cover: bytes | None = field(default=None, repr=False)

    def texts(self) -> dict[str, str]:
        """The visible ones, by name, cleaned."""
        found = {"title": self.title, "performer": self.performer, "album": self.album}
        return {name: text for name, value in found.items() if (text := clean(value or ""))}


@dataclass(frozen=True)
class Tagged:
    """What was written. Nothing, and no refusal: the file had all of it already."""

    written: frozenset[TagName] = frozenset()
    refused: TagRefusal | None = None


class TagsRefused(Exception):
    """The file stays as it is."""

    def __init__(self, refusal: TagRefusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class FileTagger:
    """Works on a copy in a child process, and puts it in place when it is the same sound."""

    def __init__(self, workshop: Workshop, limits: MediaLimits) -> None:
        self._workshop = workshop
        self._limits = limits

    async def tag(self, path: Path, tags: Tags) -> frozenset[TagName]:
        """Raises TagsRefused. `path` is absolute, its folders are ours. Not to be run twice at once for one file."""
        cover = tags.cover or b""
        if cover and (len(cover) > MOST_COVER or not cover.startswith(_JPEG)):
            raise TagsRefused(TagRefusal.COVER)
        if not cover and not tags.texts():
            return frozenset()
        before = await asyncio.to_thread(_regular, path)
        found = await self._probe(path)
        kind = _format(found)
        try:
            with scratch_folder(path.parent, _prefix(path)) as scratch:
                await finish(asyncio.to_thread(_prepare, path, scratch, cover))
                written = await self._write(scratch, kind, tags, before.st_size + len(cover) + _SPARE)
                if written:
                    same = await self._sounds_same(path, _copy(scratch), found)
                    await finish(asyncio.to_thread(_put, _copy(scratch), path, before, same=same))
                return written
        except OSError as error:
            raise TagsRefused(_refusal(error)) from error

    async def _probe(self, path: Path) -> Findings:
        return await self._workshop.probe(path, name=None, seconds=self._limits.inspect_seconds)

    async def _write(self, scratch: Path, kind: str, tags: Tags, most: int) -> frozenset[TagName]:
        cover = [str(_cover(scratch))] if tags.cover else []
        arguments = [str(_copy(scratch)), kind, json.dumps(tags.texts()), *cover]
        try:
            said = await self._workshop.python(
                "services.media.tag_writer", *arguments, seconds=self._limits.tag_seconds, file_size=most
            )
        except ChildFailed as failure:
            full = shutil.disk_usage(scratch).free < _SPARE
            raise TagsRefused(TagRefusal.NO_ROOM if full else TagRefusal.SPOILT) from failure
        return _names(said)

    async def _sounds_same(self, path: Path, copy: Path, before: Findings) -> bool:
        """Duration and first frame are not enough: where fragments refer to places in the file, all the others go wrong."""
        after = await self._probe(copy)
        parts = ("kind", "container", "audio_codec")
        if any(getattr(after, part) != getattr(before, part) for part in parts):
            return False
        if not _as_long(before.duration, after.duration):
            return False
        heard = await self._sum(path, before)
        return heard != b"" and heard == await self._sum(copy, before)

    async def _sum(self, path: Path, found: Findings) -> bytes:
        """Empty when it cannot be read to its end."""
        try:
            return await self._workshop.python(
                "services.media.sound_sum",
                str(path),
                found.container or "",
                seconds=self._limits.tag_seconds,
                file_size=0,
            )
        except ChildFailed:
            return b""


def _prefix(path: Path) -> str:
    return blake2b(os.fsencode(path.name), digest_size=8).hexdigest()


def _copy(scratch: Path) -> Path:
    return scratch / "copy"


def _cover(scratch: Path) -> Path:
    return scratch / "cover"


def _format(found: Findings) -> str:
    if found.kind is Kind.DOCUMENT:
        raise TagsRefused(TagRefusal.UNREADABLE)
    container = found.container or ""
    kind = _FORMATS.get((container, found.audio_codec)) or _FORMATS.get((container, None))
    if found.kind is not Kind.AUDIO or kind is None:
        raise TagsRefused(TagRefusal.UNSUPPORTED)
    return kind


def _regular(path: Path) -> os.stat_result:
    try:
        found = path.lstat()
    except (OSError, ValueError) as error:
        raise TagsRefused(TagRefusal.UNREADABLE) from error
    if not stat.S_ISREG(found.st_mode):
        raise TagsRefused(TagRefusal.UNREADABLE)
    return found


def _prepare(path: Path, scratch: Path, cover: bytes) -> None:
    """The copy, which the child may write, and the cover beside it."""
    with open(os.open(path, _READ), "rb") as source, _copy(scratch).open("xb") as copy:  # noqa: PTH123
        found = os.fstat(source.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise TagsRefused(TagRefusal.UNREADABLE)
        if shutil.disk_usage(scratch).free < found.st_size + 2 * len(cover) + _SPARE:
            raise TagsRefused(TagRefusal.NO_ROOM)
        shutil.copyfileobj(source, copy, _CHUNK)
        os.fchmod(copy.fileno(), stat.S_IMODE(found.st_mode) | stat.S_IRUSR | stat.S_IWUSR)
    if cover:
        _cover(scratch).write_bytes(cover)


def _put(copy: Path, path: Path, before: os.stat_result, *, same: bool) -> None:
    """On the disk first, then in place. A link that somebody put there is replaced, not followed."""
    sync(copy)
    if _mark(path.lstat()) != _mark(before):
        raise TagsRefused(TagRefusal.CHANGED)
    if not same:
        structlog.get_logger().warning("tags would have spoilt a file")
        raise TagsRefused(TagRefusal.SPOILT)
    copy.chmod(stat.S_IMODE(before.st_mode))
    copy.replace(path)
    folder = os.open(path.parent, _FOLDER)
    try:
        # the name may come back as it was after a crash, but whole in any case
        with suppress(OSError):
            os.fsync(folder)
    finally:
        os.close(folder)


def _mark(found: os.stat_result) -> Sequence[int]:
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _as_long(before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return before is after
    return abs(before - after) <= _SAME_SECONDS


def _refusal(error: OSError) -> TagRefusal:
    if error.errno in _NO_ROOM:
        return TagRefusal.NO_ROOM
    if error.errno in _CLOSED:
        return TagRefusal.READ_ONLY
    gone = isinstance(error, FileNotFoundError) or error.errno == errno.ELOOP
    return TagRefusal.UNREADABLE if gone else TagRefusal.DISK


def _names(said: bytes) -> frozenset[TagName]:
    """The child read a stranger's file, so its words are checked."""
    try:
        return frozenset(TagName(name) for name in json.loads(said))
    except (ValueError, TypeError, RecursionError) as error:
        raise TagsRefused(TagRefusal.SPOILT) from error
