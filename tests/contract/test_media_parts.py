"""Films and music in parts, by the real ffmpeg: each plays by itself, none is too large, and nothing is lost between them."""

from pathlib import Path

import pytest

from models.media import Kind
from services.media.errors import MediaUnreadable
from services.media.splitting import Film, Part
from services.media.tools import MediaTools
from tests import media_kit
from tests.programs import need


@pytest.fixture(autouse=True)
def with_ffmpeg() -> None:
    need("ffmpeg")


def made(folder: Path, name: str) -> Path:
    if name.endswith((".mp3", ".m4a")):
        return media_kit.noise(folder / name, seconds=20)
    return media_kit.video(folder / name, seconds=8, size="320x180", gop=5)


async def film(root: Path, name: str) -> Film:
    facts = await MediaTools(root).inspect(made(root, name))
    assert facts.container is not None
    assert facts.duration is not None
    return Film(root / name, Path(name).suffix, facts.kind, facts.container, facts.duration, facts.size)


async def cut(root: Path, one: Film, most: int) -> list[Part]:
    return await MediaTools(root).parts(one, root / "previews" / "i" / "parts", most)


def left(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "previews").rglob("*") if path.is_file())


@pytest.mark.parametrize("name", ["a 100%03d.mp4", "sound.mp3"])
async def test_each_part_plays_and_none_is_too_large(tmp_path: Path, name: str) -> None:
    root = tmp_path / "100%d"
    root.mkdir()
    one = await film(root, name)
    most = one.size * 2 // 3
    parts = await cut(root, one, most)
    assert 1 < len(parts) < 5
    assert all(0 < part.size == part.path.stat().st_size <= most for part in parts)
    assert sum(part.duration for part in parts) == pytest.approx(one.duration, abs=0.5)
    assert {(part.width, part.height) for part in parts} == {
        (320, 180) if one.kind is Kind.VIDEO else (None, None)
    }
    assert left(root) == [part.path.name for part in parts]
    if name.endswith(".mp4"):
        films = [part.path.read_bytes() for part in parts]
        assert all(each.index(b"moov") < each.index(b"mdat") for each in films), "the index is in front"
    stamps = [part.path.stat().st_mtime_ns for part in parts]
    assert await cut(root, one, most) == parts
    assert [part.path.stat().st_mtime_ns for part in parts] == stamps, "what is there is not made again"
    assert all(part.size <= most // 2 for part in await cut(root, one, most // 2))


async def test_what_a_crash_left_is_made_anew(tmp_path: Path) -> None:
    one = await film(tmp_path, "film.mkv")
    most = one.size * 2 // 3
    parts = await cut(tmp_path, one, most)
    bytes_before = [part.path.read_bytes() for part in parts]
    parts[-1].path.unlink()
    half = tmp_path / "previews" / "i" / ".parts.partial"
    half.mkdir()
    (half / "001.mkv").write_bytes(b"half")
    assert [part.path.read_bytes() for part in await cut(tmp_path, one, most)] == bytes_before
    assert not half.exists()


async def test_what_cannot_be_cut(tmp_path: Path) -> None:
    """By another ending than it should have, of another format, damaged, or of one picture all others are made from."""
    one = await film(tmp_path, "film.mkv")
    assert await cut(tmp_path, Film(one.source, ".mp4", one.kind, one.container, 8, one.size), 10**6) == []
    assert await cut(tmp_path, Film(one.source, ".avi", one.kind, "avi", 8, one.size), 10**6) == []
    assert await cut(tmp_path, one, one.size // 100) == []
    (tmp_path / "film.mkv").write_bytes(b"x" * one.size)
    assert await cut(tmp_path, one, one.size // 2) == []
    assert left(tmp_path) == []
    (tmp_path / "film.mkv").unlink()
    with pytest.raises(MediaUnreadable):
        await cut(tmp_path, one, one.size // 2)
