"""Tags are written where there are none, into a file that changes wholly or not at all."""

import asyncio
import base64
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mutagen
import pytest
from mutagen.flac import Picture
from mutagen.id3 import ID3

from services.media.tagging import MOST_COVER, Tagged, TagName, TagRefusal, Tags
from services.media.tools import MediaTools
from services.media.workshop import MediaLimits
from tests import media_kit
from tests.programs import need

WAVES: dict[str, Any] = {"title": "Sine Waves", "performer": "The Oscillators", "album": "Ünder 20 kHz"}
EVERYTHING = frozenset(TagName)
FORMATS: dict[str, tuple[str, ...]] = {
    "mp3": ("sound.mp3",),
    "m4a": ("sound.m4a",),
    "m4a, index first": ("sound.m4a", "-movflags", "faststart"),
    "flac": ("sound.flac",),
    "vorbis": ("sound.ogg", "-c:a", "libvorbis"),
    "opus": ("sound.opus",),
}


@pytest.fixture
def tools(tmp_path: Path) -> MediaTools:
    need("ffmpeg")
    return MediaTools(tmp_path)


@pytest.fixture
def cover(tmp_path: Path) -> bytes:
    return media_kit.jpeg(tmp_path / "cover.jpg")


def made(folder: Path, kind: str) -> Path:
    name, *options = FORMATS[kind]
    return media_kit.noise(folder / name, *options)


def texts_of(path: Path) -> dict[str, str]:
    found: Any = mutagen.File(path, easy=True)
    return {
        name: found[key][0]
        for name, key in (("title", "title"), ("performer", "artist"), ("album", "album"))
        if key in (found.tags or {})
    }


def cover_of(path: Path) -> bytes | None:
    found: Any = mutagen.File(path)
    tags = found.tags or {}
    if pictures := getattr(found, "pictures", None):
        return bytes(pictures[0].data)
    if "covr" in tags:
        return bytes(tags["covr"][0])
    if "metadata_block_picture" in tags:
        return bytes(Picture(base64.b64decode(tags["metadata_block_picture"][0])).data)  # type: ignore[no-untyped-call]
    frames: list[Any] = [tags[key] for key in tags if key.startswith("APIC")]
    return bytes(frames[0].data) if frames else None


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("kind", FORMATS)
async def test_everything_is_written(kind: str, tools: MediaTools, cover: bytes, tmp_path: Path) -> None:
    path = made(tmp_path, kind)
    path.chmod(0o640)
    heard, before, there = media_kit.sound_of(path), await tools.inspect(path), left_in(tmp_path)

    assert await tools.tag(path, Tags(**WAVES, cover=cover)) == Tagged(EVERYTHING)

    assert texts_of(path) == WAVES
    assert cover_of(path) == cover
    assert media_kit.sound_of(path) == heard
    after = await tools.inspect(path)
    assert (after.kind, after.container, after.duration) == (before.kind, before.container, before.duration)
    assert (after.title, after.performer, after.album) == tuple(WAVES.values())
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert left_in(tmp_path) == there


@pytest.mark.parametrize("kind", FORMATS)
async def test_what_is_there_stays(kind: str, tools: MediaTools, cover: bytes, tmp_path: Path) -> None:
    path = made(tmp_path, kind)
    assert (await tools.tag(path, Tags(title="Its own"))).written == {TagName.TITLE}
    assert (await tools.tag(path, Tags(**WAVES, cover=cover))).written == EVERYTHING - {TagName.TITLE}
    whole = path.read_bytes()

    assert await tools.tag(path, Tags("x", "y", "z", cover + b"other")) == Tagged()

    assert texts_of(path) == {**WAVES, "title": "Its own"}
    assert path.read_bytes() == whole


async def test_an_empty_tag_is_none(tools: MediaTools, tmp_path: Path) -> None:
    path = media_kit.audio(tmp_path / "a.flac", seconds=1, tags={"title": " ", "artist": "Somebody"})
    assert (await tools.tag(path, Tags(**WAVES))).written == {TagName.TITLE, TagName.ALBUM}
    assert texts_of(path) == {**WAVES, "performer": "Somebody"}


@pytest.mark.parametrize("version", [3, 4])
async def test_id3_keeps_its_version(version: int, tools: MediaTools, cover: bytes, tmp_path: Path) -> None:
    path = media_kit.audio(tmp_path / "a.mp3", seconds=1, tags={"album": "Own", "date": "2001"})
    ID3(path).save(path, v2_version=version)  # type: ignore[no-untyped-call]
    assert (await tools.tag(path, Tags(**WAVES, cover=cover))).written == EVERYTHING - {TagName.ALBUM}
    assert path.read_bytes()[:4] == b"ID3" + bytes([version])
    assert texts_of(path) == {**WAVES, "album": "Own"}
    assert str(ID3(path)["TDRC"]) == "2001"  # type: ignore[no-untyped-call]


async def test_mp3_without_tags_gets_version_4(tools: MediaTools, tmp_path: Path) -> None:
    path = made(tmp_path, "mp3")
    mutagen.File(path).delete()
    assert not path.read_bytes().startswith(b"ID3")
    assert (await tools.tag(path, Tags(title="Sine Waves"))).written == {TagName.TITLE}
    assert path.read_bytes()[:4] == b"ID3\4"


async def test_texts_are_cleaned(tools: MediaTools, tmp_path: Path) -> None:
    path = made(tmp_path, "opus")
    tagged = await tools.tag(path, Tags("  Sine\n\u202eWaves ", "\x00", "x" * 500))
    assert tagged.written == {TagName.TITLE, TagName.ALBUM}
    assert texts_of(path) == {"title": "Sine Waves", "album": "x" * 200}


async def test_nothing_to_write(tools: MediaTools, tmp_path: Path) -> None:
    assert await tools.tag(tmp_path / "nowhere.mp3", Tags(title=" \u202e")) == Tagged()


async def test_the_content_decides_not_the_name(tools: MediaTools, cover: bytes, tmp_path: Path) -> None:
    path = made(tmp_path, "flac").rename(tmp_path / "sound.mp3")
    assert await tools.tag(path, Tags(**WAVES, cover=cover)) == Tagged(EVERYTHING)
    assert path.read_bytes().startswith(b"fLaC")
    assert texts_of(path) == WAVES


def text(folder: Path) -> Path:
    (folder / "text.mp3").write_text("La, la, la.\n" * 1000)
    return folder / "text.mp3"


def empty(folder: Path) -> Path:
    (folder / "empty.mp3").touch()
    return folder / "empty.mp3"


def half(folder: Path) -> Path:
    return media_kit.truncated(made(folder, "m4a"), folder / "half.m4a", 0.5)


def tail(folder: Path) -> Path:
    """An ID3 header that says to be far longer than the file."""
    (folder / "tail.mp3").write_bytes(b"ID3\4\0\0\x7f\x7f\x7f\x7fTIT2")
    return folder / "tail.mp3"


def film(folder: Path) -> Path:
    return media_kit.video(folder / "film.mp4", seconds=1, size="64x64")


def wave(folder: Path) -> Path:
    return media_kit.noise(folder / "sound.wav", seconds=1)


def photo(folder: Path) -> Path:
    return media_kit.image(folder / "photo.mp3.jpg", size=(64, 64))


def link(folder: Path) -> Path:
    (folder / "link.mp3").symlink_to(made(folder, "mp3"))
    return folder / "link.mp3"


def below_link(folder: Path) -> Path:
    (folder / "real").mkdir()
    made(folder / "real", "mp3")
    (folder / "linked").symlink_to(folder / "real")
    return folder / "linked" / "sound.mp3"


def loop(folder: Path) -> Path:
    (folder / "loop.mp3").symlink_to(folder / "loop.mp3")
    return folder / "loop.mp3"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.mp3")
    return folder / "pipe.mp3"


def outside(folder: Path) -> Path:
    return folder / ".." / "outside.mp3"


def immense(folder: Path) -> Path:
    """A file of which most is a hole, larger than the room that is left on the disk."""
    path = made(folder, "m4a")
    os.truncate(path, path.stat().st_size + shutil.disk_usage(folder).free)
    return path


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        (text, TagRefusal.UNREADABLE),
        (empty, TagRefusal.UNREADABLE),
        (half, TagRefusal.UNREADABLE),
        (tail, TagRefusal.UNREADABLE),
        (link, TagRefusal.UNREADABLE),
        (below_link, TagRefusal.UNREADABLE),
        (loop, TagRefusal.UNREADABLE),
        (pipe, TagRefusal.UNREADABLE),
        (outside, TagRefusal.UNREADABLE),
        (lambda folder: folder, TagRefusal.UNREADABLE),
        (lambda folder: folder / "nowhere.mp3", TagRefusal.UNREADABLE),
        (lambda folder: folder / "null\0.mp3", TagRefusal.UNREADABLE),
        (film, TagRefusal.UNSUPPORTED),
        (wave, TagRefusal.UNSUPPORTED),
        (photo, TagRefusal.UNSUPPORTED),
        (immense, TagRefusal.NO_ROOM),
    ],
)
async def test_what_is_refused_stays_as_it_was(
    make: Callable[[Path], Path], refusal: TagRefusal, tools: MediaTools, cover: bytes, tmp_path: Path
) -> None:
    path = make(tmp_path)
    before = state(tmp_path)
    assert await tools.tag(path, Tags(**WAVES, cover=cover)) == Tagged(refused=refusal)
    assert state(tmp_path) == before


def state(folder: Path) -> dict[str, tuple[object, ...]]:
    """Every file by path: what it is, how large, and its first bytes."""
    found = {path.relative_to(folder).as_posix(): path.lstat() for path in sorted(folder.rglob("*"))}
    return {
        name: (entry.st_mode, entry.st_ino, entry.st_size, entry.st_mtime_ns, beginning(folder / name))
        for name, entry in found.items()
    }


def beginning(path: Path) -> bytes:
    if not stat.S_ISREG(path.lstat().st_mode):
        return b""
    with path.open("rb") as file:
        return file.read(1024 * 1024)


async def test_a_damaged_file_is_tagged_without_harm_or_left(
    tools: MediaTools, cover: bytes, tmp_path: Path
) -> None:
    """Bytes overwritten in its middle: whatever the answer, what could be heard is heard."""
    for kind in ("mp3", "flac", "vorbis", "opus", "m4a"):
        path = made(tmp_path, kind)
        data = bytearray(path.read_bytes())
        middle = len(data) // 2
        data[middle : middle + 300] = b"\xa5" * 300
        path.write_bytes(data)
        tagged = await tools.tag(path, Tags(**WAVES, cover=cover))
        if tagged.refused is not None:
            assert path.read_bytes() == data
        else:
            assert tagged.written == EVERYTHING
            assert (await tools.inspect(path)).performer == WAVES["performer"]


@pytest.mark.parametrize(
    "wrong", [b"GIF89a", b"\xff\xd8\xff" + bytes(MOST_COVER)], ids=["no JPEG", "too large"]
)
async def test_a_wrong_cover_is_refused(wrong: bytes, tools: MediaTools, tmp_path: Path) -> None:
    path = made(tmp_path, "mp3")
    before = state(tmp_path)
    assert await tools.tag(path, Tags("Sine Waves", cover=wrong)) == Tagged(refused=TagRefusal.COVER)
    assert state(tmp_path) == before


async def test_the_largest_cover(tools: MediaTools, cover: bytes, tmp_path: Path) -> None:
    largest = cover + bytes(MOST_COVER - len(cover))
    for kind in FORMATS:
        path = made(tmp_path, kind)
        assert (await tools.tag(path, Tags(cover=largest))).written == {TagName.COVER}
        assert cover_of(path) == largest


async def test_what_writing_would_spoil_stays(tools: MediaTools, cover: bytes, tmp_path: Path) -> None:
    """Mutagen moves what fragments refer to: the first of them is heard, the others are noise."""
    options = ("-movflags", "frag_keyframe+empty_moov", "-frag_duration", "500000")
    media_kit.noise(tmp_path / "sound.mp4", *options)
    before = state(tmp_path)
    tagged = await tools.tag(Path("sound.mp4"), Tags(**WAVES, cover=cover))
    assert tagged == Tagged(refused=TagRefusal.SPOILT)
    assert state(tmp_path) == before


@pytest.mark.timeout(120)
async def test_what_takes_too_long_is_given_up(tmp_path: Path) -> None:
    need("ffmpeg")
    path = media_kit.countless_tags(tmp_path / "a.mp3")
    before = state(tmp_path)
    tools = MediaTools(tmp_path, limits=MediaLimits(tag_seconds=1.0))
    assert await tools.tag(path, Tags("Sine Waves")) == Tagged(refused=TagRefusal.SPOILT)
    assert state(tmp_path) == before


async def test_cancelled_it_leaves_nothing_behind(tools: MediaTools, cover: bytes, tmp_path: Path) -> None:
    path = made(tmp_path, "flac")
    before = state(tmp_path)
    working = asyncio.ensure_future(tools.tag(path, Tags(**WAVES, cover=cover)))
    async with asyncio.timeout(30):
        while not any(path.name.endswith(".partial") for path in tmp_path.iterdir()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert state(tmp_path) == before


async def test_what_a_crash_left_is_cleared_away(tools: MediaTools, tmp_path: Path) -> None:
    path = made(tmp_path, "flac")
    working = asyncio.ensure_future(tools.tag(path, Tags(**WAVES)))
    async with asyncio.timeout(30):
        while not (left := [each for each in tmp_path.iterdir() if each.suffix == ".partial"]):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await working
    left[0].mkdir()
    (left[0] / "copy").write_bytes(b"half")
    assert (await tools.tag(path, Tags(cover=media_kit.jpeg(tmp_path / "x.jpg")))).written == {TagName.COVER}
    assert not left[0].exists()


async def test_somebody_elses_change_is_kept(tools: MediaTools, tmp_path: Path) -> None:
    path = made(tmp_path, "flac")
    working = asyncio.ensure_future(tools.tag(path, Tags(**WAVES)))
    async with asyncio.timeout(30):
        while not any(each.suffix == ".partial" for each in tmp_path.iterdir()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    path.write_bytes(b"new")
    # what is copied at that moment is half the one and half the other
    seen = {TagRefusal.CHANGED, TagRefusal.SPOILT, TagRefusal.UNREADABLE}
    assert (await working).refused in seen
    assert path.read_bytes() == b"new"


WITHOUT_MIGHT = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(24, 1)  # no CAP_DAC_OVERRIDE after exec: root heeds the rights of files, too
os.execv(sys.executable, [sys.executable, "-c", sys.argv[1], *sys.argv[2:]])
"""
TAGGING = """
import asyncio, pathlib, sys
from services.media.tagging import Tags
from services.media.tools import MediaTools
path = pathlib.Path(sys.argv[1])
print(asyncio.run(MediaTools(path.parent).tag(path, Tags("Sine Waves"))).refused)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    need("ffmpeg")
    folder = tmp_path / "locked"
    folder.mkdir()
    path = made(folder, "mp3")
    before = state(folder)
    folder.chmod(0o555)
    try:
        command = [sys.executable, "-c", WITHOUT_MIGHT, TAGGING, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    finally:
        folder.chmod(0o755)
    assert done.stdout.split() == [TagRefusal.READ_ONLY]
    assert state(folder) == before
