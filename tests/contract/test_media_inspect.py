"""What a file is follows from its content, read by real decoders in real child processes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from blake3 import blake3

from models.media import Kind
from services.media.errors import MediaUnreadable
from services.media.hashing import CHUNK
from services.media.tools import MediaTools
from services.media.workshop import MediaLimits
from tests import media_kit
from tests.programs import need

HEAVY = ("PIL", "av", "guessit", "mutagen")


@pytest.fixture
def tools(tmp_path: Path) -> MediaTools:
    return MediaTools(tmp_path)


async def test_a_video(tools: MediaTools, tmp_path: Path) -> None:
    need("ffmpeg")
    path = media_kit.video(tmp_path / "Sintel.2010.1080p.mkv", seconds=3)
    facts = await tools.inspect(path)
    assert (facts.kind, facts.container, facts.title, facts.name) == (
        Kind.VIDEO, "matroska", "Sintel (2010)", "Sintel.2010.1080p.mkv",
    )  # fmt: skip
    assert (facts.width, facts.height, facts.video_codec) == (640, 360, "h264")
    assert facts.audio_codec is not None
    assert facts.duration == pytest.approx(3, abs=0.1)
    assert (facts.path, facts.size, facts.misnamed) == ("Sintel.2010.1080p.mkv", path.stat().st_size, False)
    assert facts.blake3 == blake3(path.read_bytes()).hexdigest()


async def test_a_portrait_video_without_sound(tools: MediaTools, tmp_path: Path) -> None:
    need("ffmpeg")
    media_kit.video(tmp_path / "clip.mp4", seconds=2, size="180x320", sound=False)
    facts = await tools.inspect(Path("clip.mp4"))
    assert (facts.kind, facts.width, facts.height, facts.audio_codec) == (Kind.VIDEO, 180, 320, None)


async def test_a_video_that_lies_on_its_side_is_seen_upright(tools: MediaTools, tmp_path: Path) -> None:
    need("ffmpeg")
    facts = await tools.inspect(media_kit.turned_video(tmp_path / "phone.mov"))
    assert (facts.kind, facts.width, facts.height) == (Kind.VIDEO, 180, 320)


async def test_audio_with_tags_and_cover_is_no_video(tools: MediaTools, tmp_path: Path) -> None:
    need("ffmpeg")
    cover = media_kit.image(tmp_path / "cover.png", size=(300, 300))
    tags = {"title": "Prelude\u202e", "artist": "The\x00 Quartet", "album": "x" * 5000}
    path = media_kit.audio(tmp_path / "01.mp3", seconds=3, tags=tags, cover=cover)
    facts = await tools.inspect(path)
    assert (facts.kind, facts.container, facts.audio_codec) == (Kind.AUDIO, "mp3", "mp3")
    assert (facts.title, facts.performer, facts.album) == ("Prelude", "The", "x" * 200)
    assert facts.duration == pytest.approx(3, abs=0.2)


@pytest.mark.parametrize("ending", ["flac", "ogg", "m4a", "wav"])
async def test_audio_without_tags_is_called_by_its_name(
    tools: MediaTools, tmp_path: Path, ending: str
) -> None:
    need("ffmpeg")
    facts = await tools.inspect(media_kit.audio(tmp_path / f"Night_Rain.{ending}", seconds=2))
    assert (facts.kind, facts.title, facts.misnamed) == (Kind.AUDIO, "Night Rain", False)


@pytest.mark.parametrize("ending", ["jpg", "png", "gif", "bmp", "ppm", "webp", "avif", "tif", "jp2"])
async def test_an_image(tools: MediaTools, tmp_path: Path, ending: str) -> None:
    facts = await tools.inspect(media_kit.image(tmp_path / f"view.{ending}", size=(320, 200)))
    assert (facts.kind, facts.width, facts.height) == (Kind.IMAGE, 320, 200)


async def test_an_image_under_another_formats_name(tools: MediaTools, tmp_path: Path) -> None:
    image = media_kit.image(tmp_path / "view.webp", size=(320, 200)).rename(tmp_path / "view.jpg")
    facts = await tools.inspect(image)
    assert (facts.kind, facts.width, facts.height) == (Kind.IMAGE, 320, 200)


async def test_an_animated_gif_is_an_image(tools: MediaTools, tmp_path: Path) -> None:
    facts = await tools.inspect(media_kit.animated_gif(tmp_path / "dance.gif"))
    assert (facts.kind, facts.width, facts.height, facts.duration) == (Kind.IMAGE, 120, 80, None)


async def test_a_photo_is_measured_upright(tools: MediaTools, tmp_path: Path) -> None:
    facts = await tools.inspect(media_kit.lying_photo(tmp_path / "photo.jpg"))
    assert (facts.width, facts.height) == (400, 800)


async def test_the_content_decides_not_the_name(tools: MediaTools, tmp_path: Path) -> None:
    need("ffmpeg")
    video = media_kit.video(tmp_path / "a.mp4", seconds=1).rename(tmp_path / "holiday.jpg")
    image = media_kit.image(tmp_path / "b.png", size=(40, 40)).rename(tmp_path / "film.mkv")
    unnamed = media_kit.video(tmp_path / "c.webm.mkv", seconds=1).rename(tmp_path / "readme")
    kinds = [await tools.inspect(path) for path in (video, image, unnamed)]
    assert [(facts.kind, facts.misnamed) for facts in kinds] == [
        (Kind.VIDEO, True), (Kind.IMAGE, True), (Kind.VIDEO, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "data", "misnamed"),
    [
        ("film.mkv", b"<!doctype html><html><body>Sign in</body></html>", True),
        ("song.mp3", b"MZ" + bytes(range(256)) * 400, True),
        ("song.flac", b"text\n" * 20_000, True),
        ("photo.jpg", b"\xff\xd8\xff\xe0 not really", True),
        ("empty.mp4", b"", False),
        ("notes.txt", b"P6 is the name of a format", False),
        ("book.pdf", b"%PDF-1.4\n%%EOF\n", False),
    ],
)
async def test_what_is_not_media_is_a_document(
    tools: MediaTools, tmp_path: Path, name: str, data: bytes, *, misnamed: bool
) -> None:
    (tmp_path / name).write_bytes(data)
    facts = await tools.inspect(tmp_path / name)
    assert (facts.kind, facts.misnamed, facts.size) == (Kind.DOCUMENT, misnamed, len(data))
    assert (facts.title, facts.container) == (name.split(".", maxsplit=1)[0], None)
    assert facts.blake3 == blake3(data).hexdigest()


@pytest.mark.parametrize("size", [CHUNK - 1, CHUNK, 3 * CHUNK + 7])
async def test_the_hash_is_that_of_all_bytes(tools: MediaTools, tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "data.bin").write_bytes(data)
    facts = await tools.inspect(tmp_path / "data.bin")
    assert (facts.blake3, facts.size) == (blake3(data).hexdigest(), size)


async def test_a_probe_that_takes_too_long_makes_a_document(tmp_path: Path) -> None:
    need("ffmpeg")
    path = media_kit.video(tmp_path / "Slow.Film.mkv", seconds=1)
    started = time.monotonic()
    facts = await MediaTools(tmp_path, limits=MediaLimits(inspect_seconds=0.02)).inspect(path)
    assert time.monotonic() - started < 5
    assert (facts.kind, facts.title) == (Kind.DOCUMENT, "Slow Film")


@pytest.mark.parametrize("make", ["missing", "folder", "fifo", "outside", "link out", "not UTF-8"])
async def test_what_is_no_file_of_ours_is_refused(tmp_path: Path, make: str) -> None:
    root = tmp_path / "data"
    root.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    path = root / "thing"
    if make == "folder":
        path.mkdir()
    elif make == "fifo":
        os.mkfifo(path)
    elif make == "outside":
        path = root / ".." / "secret.txt"
    elif make == "link out":
        path.symlink_to(tmp_path / "secret.txt")
    elif make == "not UTF-8":
        path = root / os.fsdecode(b"caf\xe9.txt")
        path.write_text("x")
    with pytest.raises(MediaUnreadable) as caught:
        await MediaTools(root).inspect(path)
    assert caught.value.key == "media-unreadable"


def test_no_decoder_is_loaded_into_the_bot() -> None:
    code = f"import sys, services.media.tools; print([name for name in {HEAVY} if name in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert loaded.stdout == "[]\n"
