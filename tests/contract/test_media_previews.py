"""Previews made by real programs, and measured afterwards."""

import asyncio
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import av
import psutil
import pytest
from PIL import Image, ImageChops, ImageStat

from models.media import Facts, Kind, Preview, PreviewKind, Previews
from services.media.errors import FfmpegMissing, MediaUnreadable, PreviewFailed
from services.media.tools import MediaTools
from services.media.workshop import MediaLimits, find_ffmpeg
from tests import media_kit
from tests.programs import need

# in one process: the films that they share are dear to make
pytestmark = pytest.mark.xdist_group("media-previews")
SLOW_FFMPEG = '#!/bin/sh\nsleep 600 &\necho "$$ $!" > "$0.new"\nmv "$0.new" "$0.pids"\nwait\n'


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the tests of this module share: each video takes a moment to make."""
    need("ffmpeg")
    folder = tmp_path_factory.mktemp("data")
    media_kit.video(folder / "landscape.mkv", seconds=45, size="1920x1080", rate=5, gop=50)
    media_kit.video(folder / "portrait.mp4", seconds=9, size="360x640", sound=False)
    media_kit.turned_video(folder / "turned.mov")
    media_kit.video_with_black_opening(folder / "black.mp4")
    cover = media_kit.image(folder / "cover.png", size=(1500, 1500))
    media_kit.audio(folder / "covered.mp3", tags={"title": "Covered"}, cover=cover)
    media_kit.audio(folder / "bare.flac")
    return folder


@pytest.fixture
def ffmpeg_of_the_wheel(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PATH", "/nonexistent")
    return find_ffmpeg()


async def previewed(
    data: Path, name: str, folder: Path, tools: MediaTools | None = None
) -> dict[PreviewKind, Preview]:
    tools = tools or MediaTools(data)
    previews = await tools.previews(await tools.inspect(Path(name)), folder)
    assert previews.failed == ()
    assert no_leftovers(folder)
    return by_kind(previews)


def by_kind(previews: Previews) -> dict[PreviewKind, Preview]:
    return {preview.kind: preview for preview in previews.made}


def no_leftovers(folder: Path) -> bool:
    return not [path for path in folder.rglob("*") if path.name.startswith(".")]


def opened(data: Path, preview: Preview, form: str = "JPEG") -> Image.Image:
    with Image.open(data / preview.path, formats=[form]) as image:
        image.load()
    assert image.size == (preview.width, preview.height)
    return image


def assert_video_clip(data: Path, clip: Preview, size: tuple[int, int], frames: int, *, sound: bool) -> None:
    path = data / clip.path
    content = path.read_bytes()
    assert len(content) <= 8_000_000
    assert content.index(b"moov") < content.index(b"mdat")  # plays before it is there as a whole
    with av.open(str(path)) as media:
        pictures = media.streams.video[0]
        assert (pictures.codec_context.name, pictures.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (pictures.width, pictures.height) == size == (clip.width, clip.height)
        assert [stream.codec_context.name for stream in media.streams.audio] == (["aac"] if sound else [])
        assert sum(1 for _ in media.decode(pictures)) == pytest.approx(frames, abs=3)
        assert media.duration is not None
        assert clip.duration == media.duration / av.time_base
        assert clip.duration <= 30
    assert clip.media == Kind.VIDEO


async def test_a_long_video(data: Path) -> None:
    made = await previewed(data, "landscape.mkv", data / "long")
    assert set(made) == {PreviewKind.POSTER, PreviewKind.THUMBNAIL, PreviewKind.SHEET, PreviewKind.CLIP}
    assert opened(data, made[PreviewKind.POSTER]).size == (1280, 720)
    assert opened(data, made[PreviewKind.THUMBNAIL]).size == (320, 180)
    assert (data / made[PreviewKind.THUMBNAIL].path).stat().st_size < 200_000
    assert_video_clip(data, made[PreviewKind.CLIP], (640, 360), 149, sound=True)
    assert_sheet(opened(data, made[PreviewKind.SHEET]))


def assert_sheet(sheet: Image.Image) -> None:
    """Three by three different pictures with a dark gap between them, white on black in the corner of each."""
    width, height = (sheet.width - 20) // 3, (sheet.height - 20) // 3
    tiles = [
        sheet.crop((left, top, left + width, top + height))
        for top in range(5, sheet.height - 5, height + 5)
        for left in range(5, sheet.width - 5, width + 5)
    ]
    assert len(tiles) == 9
    middles = [tile.crop((0, 0, width, height - 40)) for tile in tiles]
    assert all(max(ImageStat.Stat(ImageChops.difference(a, b)).mean) > 1 for a, b in combinations(middles, 2))
    for tile in tiles:
        extremes = tile.crop((width - 45, height - 36, width, height)).convert("L").histogram()
        assert sum(extremes[:20]) > 0
        assert sum(extremes[235:]) > 0
    for gap in (sheet.crop((0, 0, sheet.width, 4)), sheet.crop((width + 6, 0, width + 9, sheet.height))):
        assert ImageStat.Stat(gap.convert("L")).mean[0] < 60


async def test_a_portrait_video_without_sound(data: Path) -> None:
    made = await previewed(data, "portrait.mp4", data / "portrait")
    assert opened(data, made[PreviewKind.POSTER]).size == (360, 640)
    assert opened(data, made[PreviewKind.THUMBNAIL]).size == (180, 320)
    sheet = opened(data, made[PreviewKind.SHEET])
    assert sheet.width < sheet.height <= 1280
    assert_video_clip(data, made[PreviewKind.CLIP], (360, 640), 225, sound=False)


async def test_a_turned_video_is_upright_in_all_previews(data: Path) -> None:
    made = await previewed(data, "turned.mov", data / "turned")
    assert opened(data, made[PreviewKind.POSTER]).size == (180, 320)
    with av.open(str(data / made[PreviewKind.CLIP].path)) as media:
        frame = next(media.decode(video=0))
        shown = frame.reformat(format="rgb24").to_image()  # type: ignore[no-untyped-call]
    # the test picture's bars run the same way in both: it was turned, not just given another shape
    poster = opened(data, made[PreviewKind.POSTER])
    assert max(ImageStat.Stat(ImageChops.difference(poster, shown)).mean) < 25


async def test_a_poster_is_not_black(data: Path) -> None:
    made = await previewed(data, "black.mp4", data / "black")
    assert ImageStat.Stat(opened(data, made[PreviewKind.POSTER]).convert("L")).mean[0] > 60


async def test_audio_with_a_cover(data: Path) -> None:
    made = await previewed(data, "covered.mp3", data / "covered")
    assert set(made) == {PreviewKind.COVER, PreviewKind.THUMBNAIL, PreviewKind.CLIP}
    assert opened(data, made[PreviewKind.COVER]).size == (1280, 1280)
    assert opened(data, made[PreviewKind.THUMBNAIL]).size == (320, 320)
    assert_audio_clip(data, made[PreviewKind.CLIP])


async def test_audio_without_a_cover_gets_a_waveform(data: Path) -> None:
    made = await previewed(data, "bare.flac", data / "bare")
    assert set(made) == {PreviewKind.WAVEFORM, PreviewKind.CLIP}
    waveform = opened(data, made[PreviewKind.WAVEFORM], "PNG")
    assert waveform.size == (1280, 320)
    assert waveform.getchannel("A").getextrema() == (0, 255)
    assert_audio_clip(data, made[PreviewKind.CLIP])


def assert_audio_clip(data: Path, clip: Preview) -> None:
    with av.open(str(data / clip.path)) as media:
        assert [stream.codec_context.name for stream in media.streams] == ["aac"]
        assert not media.metadata.get("title")
        assert media.duration is not None
        assert 29 < media.duration / av.time_base <= 30
    assert (clip.media, clip.path.endswith(".m4a")) == (Kind.AUDIO, True)


@pytest.mark.usefixtures("ffmpeg_of_the_wheel")
@pytest.mark.parametrize("name", ["portrait.mp4", "bare.flac"])
async def test_the_ffmpeg_of_the_wheel_does_as_well(data: Path, name: str) -> None:
    assert PreviewKind.CLIP in await previewed(data, name, data / "wheel")


async def test_an_image(tmp_path: Path) -> None:
    media_kit.image(tmp_path / "view.png", size=(3000, 1500))
    made = await previewed(tmp_path, "view.png", tmp_path / "previews")
    assert set(made) == {PreviewKind.POSTER, PreviewKind.THUMBNAIL}
    assert opened(tmp_path, made[PreviewKind.POSTER]).size == (1280, 640)
    assert opened(tmp_path, made[PreviewKind.THUMBNAIL]).size == (320, 160)
    assert (tmp_path / made[PreviewKind.THUMBNAIL].path).stat().st_size < 200_000


@pytest.mark.parametrize(("size", "shown"), [((9900, 200), (1280, 64)), ((15, 6000), (64, 1280))])
async def test_a_panorama_is_no_narrower_than_a_photo_may_be(
    tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    media_kit.image(tmp_path / "wide.jpg", size=size)
    made = await previewed(tmp_path, "wide.jpg", tmp_path / "previews")
    assert opened(tmp_path, made[PreviewKind.POSTER]).size == shown


async def test_the_pictures_of_a_narrow_film_are_no_narrower_than_photos_may_be(tmp_path: Path) -> None:
    need("ffmpeg")
    media_kit.video(tmp_path / "strip.mp4", seconds=2, size="1600x32", sound=False)
    made = await previewed(tmp_path, "strip.mp4", tmp_path / "previews")
    for kind in (PreviewKind.POSTER, PreviewKind.SHEET):
        width, height = opened(tmp_path, made[kind]).size
        assert width <= 20 * height, kind


async def test_a_photo_is_upright_and_keeps_no_metadata(tmp_path: Path) -> None:
    media_kit.lying_photo(tmp_path / "photo.jpg")
    made = await previewed(tmp_path, "photo.jpg", tmp_path / "previews")
    image = opened(tmp_path, made[PreviewKind.POSTER])
    assert (image.size, dict(image.getexif())) == ((400, 800), {})


async def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(tmp_path / "logo.png")
    made = await previewed(tmp_path, "logo.png", tmp_path / "previews")
    for kind in (PreviewKind.POSTER, PreviewKind.THUMBNAIL):
        assert opened(tmp_path, made[kind]).getpixel((25, 25)) == (255, 255, 255)


async def test_a_document_has_none(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    assert await previewed(tmp_path, "notes.txt", tmp_path / "previews") == {}
    assert not (tmp_path / "previews").exists()


async def test_doing_it_again_overwrites(tmp_path: Path) -> None:
    media_kit.image(tmp_path / "view.png")
    folder = tmp_path / "previews"
    first = await previewed(tmp_path, "view.png", folder)
    thumbnail = tmp_path / first[PreviewKind.THUMBNAIL].path
    names = sorted(folder.iterdir())
    thumbnail.write_bytes(b"spoilt")
    leftover = folder / f".{thumbnail.name.split('-')[0]}.partial"
    leftover.mkdir()
    (leftover / "thumbnail.jpg").write_bytes(b"of a run that was killed")
    assert await previewed(tmp_path, "view.png", folder) == first
    assert sorted(folder.iterdir()) == names
    opened(tmp_path, first[PreviewKind.THUMBNAIL])


async def test_without_ffmpeg_pictures_remain(data: Path) -> None:
    tools = MediaTools(data, ffmpeg="/nonexistent/ffmpeg")
    video = await tools.previews(await tools.inspect(Path("portrait.mp4")), data / "without")
    assert set(by_kind(video)) == {PreviewKind.POSTER, PreviewKind.THUMBNAIL, PreviewKind.SHEET}
    assert video.failed == (PreviewKind.CLIP,)
    with pytest.raises(PreviewFailed) as caught:
        await tools.previews(await tools.inspect(Path("bare.flac")), data / "without")
    assert (caught.value.key, caught.value.values) == ("preview-failed", {"name": "bare.flac"})
    assert no_leftovers(data / "without")


def test_a_machine_without_any_ffmpeg_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_as_on_an_unknown_platform() -> str:
        raise RuntimeError

    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr("imageio_ffmpeg.get_ffmpeg_exe", raise_as_on_an_unknown_platform)
    with pytest.raises(FfmpegMissing):
        find_ffmpeg()


async def test_the_deadline_ends_everything_and_keeps_what_is_done(data: Path, tmp_path: Path) -> None:
    program = slow_ffmpeg(tmp_path)
    tools = MediaTools(data, ffmpeg=str(program), limits=MediaLimits(preview_seconds=6))
    facts = await tools.inspect(Path("portrait.mp4"))
    started = time.monotonic()
    previews = await tools.previews(facts, data / "late")
    assert time.monotonic() - started < 9
    assert set(by_kind(previews)) == {PreviewKind.POSTER, PreviewKind.THUMBNAIL, PreviewKind.SHEET}
    assert previews.failed == (PreviewKind.CLIP,)
    assert no_leftovers(data / "late")
    await assert_gone(started_by(program))


async def test_cancelling_leaves_nothing(data: Path, tmp_path: Path) -> None:
    program = slow_ffmpeg(tmp_path)
    tools = MediaTools(data, ffmpeg=str(program))
    working = asyncio.ensure_future(
        tools.previews(await tools.inspect(Path("portrait.mp4")), data / "cancelled")
    )
    await until(lambda: Path(f"{program}.pids").exists())
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert no_leftovers(data / "cancelled")
    await assert_gone(started_by(program))


async def test_a_file_that_went_away_is_said_so(data: Path) -> None:
    tools = MediaTools(data)
    path = data / "gone.png"
    media_kit.image(path, size=(20, 20))
    facts = await tools.inspect(path)
    path.unlink()
    with pytest.raises(MediaUnreadable):
        await tools.previews(facts, data / "gone")


async def test_previews_stay_in_the_data_folder(data: Path, tmp_path: Path) -> None:
    tools = MediaTools(data)
    facts: Facts = await tools.inspect(Path("portrait.mp4"))
    with pytest.raises(MediaUnreadable):
        await tools.previews(facts, tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()


def slow_ffmpeg(folder: Path) -> Path:
    """A program that never ends and has a child of its own; it writes both process ids beside itself."""
    program = folder / "ffmpeg"
    program.write_text(SLOW_FFMPEG)
    program.chmod(0o755)
    return program


def started_by(program: Path) -> list[int]:
    return [int(number) for number in Path(f"{program}.pids").read_text().split()]


async def assert_gone(pids: list[int]) -> None:
    assert len(pids) == 2
    await until(lambda: not any(psutil.pid_exists(pid) and not is_zombie(pid) for pid in pids))


def is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110  # other processes set no event of ours
            await asyncio.sleep(0.02)
