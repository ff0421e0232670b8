"""Files made to harm: they open nothing else, take no more than they may, and become documents or fewer previews."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from models.media import Facts, Kind, PreviewKind
from services.media.errors import PreviewFailed
from services.media.opening import MOST_SECONDS
from services.media.tools import MediaTools
from services.media.workshop import MediaLimits
from tests import media_kit
from tests.programs import need

Playlist = Callable[[Path, str], Path]
PLAYLISTS: tuple[Playlist, ...] = (media_kit.hls, media_kit.ffconcat, media_kit.dash, media_kit.svg)
NAMES = ("film.mkv", "film.m3u8", "photo.svg", "film%03d.png")


class Trap:
    """A local web server that must not be asked for anything."""

    def __init__(self) -> None:
        self.visits = 0
        self.port = 0

    async def visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.close()
        await writer.wait_closed()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/film.ts"


@asynccontextmanager
async def trapped() -> AsyncIterator[Trap]:
    trap = Trap()
    server = await asyncio.start_server(trap.visited, "127.0.0.1", 0)
    trap.port = server.sockets[0].getsockname()[1]
    async with server:
        yield trap


def forged(facts: Facts, container: str) -> Facts:
    """As if the probe had been fooled: what ffmpeg and the decoders would then be given."""
    return facts.model_copy(
        update={
            "kind": Kind.VIDEO,
            "container": container,
            "duration": 60.0,
            "width": 64,
            "height": 64,
            "audio_codec": "aac",
        }
    )


async def test_the_trap_is_real(tmp_path: Path) -> None:
    """An ffmpeg without our locks does follow such a file, so that the next test can fail."""
    need("ffmpeg")
    path = media_kit.ffconcat(tmp_path / "film.mkv", "http://127.0.0.1:1/film.ts")
    async with trapped() as trap:
        media_kit.ffconcat(path, trap.url)
        locks = ("-protocol_whitelist", "file,http,tcp", "-safe", "0")
        ffmpeg = await asyncio.create_subprocess_exec(
            "ffmpeg", "-nostdin", "-v", "quiet", *locks, "-i", str(path), "-f", "null", "-",
            stdin=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(30):
            await ffmpeg.wait()
    assert trap.visits >= 1


@pytest.mark.parametrize("playlist", PLAYLISTS, ids=lambda make: make.__name__)
async def test_a_playlist_asks_no_server_whatever_it_is_called(tmp_path: Path, playlist: Playlist) -> None:
    tools = MediaTools(tmp_path)
    async with trapped() as trap:
        for name in NAMES:
            facts = await tools.inspect(playlist(tmp_path / name, trap.url))
            assert (facts.kind, facts.container) == (Kind.DOCUMENT, None)
    assert trap.visits == 0


@pytest.mark.parametrize("container", ["hls", "image2", "matroska", "mpegts"])
@pytest.mark.parametrize("playlist", [media_kit.hls, media_kit.ffconcat], ids=lambda make: make.__name__)
async def test_a_playlist_that_fooled_the_probe_gets_no_further(
    tmp_path: Path, playlist: Playlist, container: str
) -> None:
    need("ffmpeg")
    tools = MediaTools(tmp_path)
    async with trapped() as trap:
        facts = await tools.inspect(playlist(tmp_path / "film.mkv", trap.url))
        with pytest.raises(PreviewFailed):
            await tools.previews(forged(facts, container), tmp_path / "previews")
    assert trap.visits == 0


@pytest.mark.parametrize("playlist", [media_kit.hls, media_kit.ffconcat], ids=lambda make: make.__name__)
@pytest.mark.parametrize("target", ["neighbour.ts", "file:neighbour.ts", "/etc/passwd"])
async def test_a_playlist_shows_no_other_file(tmp_path: Path, playlist: Playlist, target: str) -> None:
    need("ffmpeg")
    media_kit.video(tmp_path / "neighbour.ts", seconds=1)
    tools = MediaTools(tmp_path)
    facts = await tools.inspect(playlist(tmp_path / "film.mkv", target))
    assert (facts.kind, facts.misnamed) == (Kind.DOCUMENT, True)


async def test_a_session_description_opens_no_socket(tmp_path: Path) -> None:
    async with trapped() as trap:
        facts = await MediaTools(tmp_path).inspect(media_kit.sdp(tmp_path / "film.mp4", trap.port))
    assert (facts.kind, trap.visits) == (Kind.DOCUMENT, 0)


WEIGHER = """
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-m", "services.media.probe", sys.argv[1]], stdout=subprocess.PIPE)
print(done.returncode, len(done.stdout), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_a_picture_bomb_does_not_go_off(tmp_path: Path) -> None:
    bomb = media_kit.png_bomb(tmp_path / "bomb.png")
    assert bomb.stat().st_size < 1_000_000
    # a small process in between: a child's peak begins with the weight of who forked it, and that is these tests
    weighed = subprocess.run([sys.executable, "-c", WEIGHER, str(bomb)], stdout=subprocess.PIPE, check=True)
    status, said, peak = map(int, weighed.stdout.split())
    assert (status, said) == (0, 0)
    assert peak < 250 * 1024, "KiB; decoded it is 900 megapixels"


async def test_a_picture_bomb_is_a_document(tmp_path: Path) -> None:
    facts = await MediaTools(tmp_path).inspect(media_kit.png_bomb(tmp_path / "bomb.png"))
    assert (facts.kind, facts.misnamed) == (Kind.DOCUMENT, True)


async def test_a_bomb_that_fooled_the_probe_fails_alone(tmp_path: Path) -> None:
    tools = MediaTools(tmp_path)
    facts = await tools.inspect(media_kit.png_bomb(tmp_path / "bomb.png"))
    with pytest.raises(PreviewFailed):
        await tools.previews(facts.model_copy(update={"kind": Kind.IMAGE}), tmp_path / "previews")


async def test_a_bomb_as_a_cover_costs_the_cover_only(tmp_path: Path) -> None:
    need("ffmpeg")
    bomb = media_kit.png_bomb(tmp_path / "bomb.png")
    tools = MediaTools(tmp_path)
    facts = await tools.inspect(
        media_kit.audio(tmp_path / "a.mp3", seconds=3, tags={"title": "A"}, cover=bomb)
    )
    assert facts.kind == Kind.AUDIO
    previews = await tools.previews(facts, tmp_path / "previews")
    assert {preview.kind for preview in previews.made} == {PreviewKind.WAVEFORM, PreviewKind.CLIP}


async def test_a_video_cut_off_before_its_index_is_a_document(tmp_path: Path) -> None:
    need("ffmpeg")
    whole = media_kit.video(tmp_path / "whole.mp4", seconds=3)
    facts = await MediaTools(tmp_path).inspect(media_kit.truncated(whole, tmp_path / "cut.mp4", 0.6))
    assert (facts.kind, facts.misnamed) == (Kind.DOCUMENT, True)


async def test_a_video_cut_off_later_gives_what_it_has(tmp_path: Path) -> None:
    need("ffmpeg")
    whole = media_kit.video(tmp_path / "whole.mkv", seconds=20, size="320x180")
    tools = MediaTools(tmp_path)
    facts = await tools.inspect(media_kit.truncated(whole, tmp_path / "cut.mkv", 0.4))
    assert facts.kind == Kind.VIDEO
    made = {preview.kind: preview for preview in (await tools.previews(facts, tmp_path / "previews")).made}
    assert set(made) == {PreviewKind.POSTER, PreviewKind.THUMBNAIL, PreviewKind.SHEET, PreviewKind.CLIP}
    assert made[PreviewKind.CLIP].duration == pytest.approx(8, abs=3)


async def test_a_photo_cut_off_is_a_document(tmp_path: Path) -> None:
    whole = media_kit.image(tmp_path / "whole.jpg")
    facts = await MediaTools(tmp_path).inspect(media_kit.truncated(whole, tmp_path / "cut.jpg", 0.5))
    assert (facts.kind, facts.misnamed) == (Kind.DOCUMENT, True)


async def test_a_spoilt_video_ends_within_the_limits(tmp_path: Path) -> None:
    need("ffmpeg")
    data = bytearray(media_kit.video(tmp_path / "spoilt.mkv", seconds=6, size="320x180").read_bytes())
    for place in range(4096, len(data), 997):
        data[place] ^= 0xFF
    (tmp_path / "spoilt.mkv").write_bytes(data)
    tools = MediaTools(tmp_path, limits=MediaLimits(inspect_seconds=20, preview_seconds=20))
    facts = await tools.inspect(tmp_path / "spoilt.mkv")
    assert facts.kind in {Kind.VIDEO, Kind.DOCUMENT}
    if facts.kind == Kind.VIDEO:
        previews = await tools.previews(facts, tmp_path / "previews")
        assert previews.made
    assert not list(tmp_path.rglob(".*"))


async def test_a_name_that_looks_like_an_option_or_an_address_is_a_name(tmp_path: Path) -> None:
    need("ffmpeg")
    tools = MediaTools(tmp_path)
    for name in ("-i.mkv", "concat:a|b.mkv", "a'b;$(id) %03d.mkv"):
        media_kit.video(tmp_path / "made.mkv", seconds=1, size="64x64", sound=False).rename(tmp_path / name)
        facts = await tools.inspect(Path(name))
        previews = await tools.previews(facts, tmp_path / "previews %d")
        assert (facts.kind, previews.failed) == (Kind.VIDEO, ())


Make = Callable[[Path], Path]
BRIEF = MediaLimits(inspect_seconds=15, preview_seconds=30)
DRAINS: tuple[tuple[str, Make, Kind], ...] = (
    ("photo.jpg", media_kit.huge_jpeg, Kind.DOCUMENT),
    ("cat.gif", media_kit.million_frames, Kind.IMAGE),
    ("scan.tif", media_kit.looping_tiff, Kind.IMAGE),
    ("note.png", media_kit.talkative_png, Kind.DOCUMENT),
    ("film.mov", media_kit.deep_atoms, Kind.DOCUMENT),
    ("film.mp4", media_kit.endless_index, Kind.DOCUMENT),
    ("film.mkv", media_kit.countless_streams, Kind.DOCUMENT),
    ("choir.mkv", media_kit.many_streams, Kind.VIDEO),
    ("ages.wav", media_kit.endless_sound, Kind.AUDIO),
    ("song.mp3", media_kit.countless_tags, Kind.AUDIO),
    ("hole.mp4", media_kit.sparse_film, Kind.DOCUMENT),
)


@pytest.mark.parametrize(("name", "make", "kind"), DRAINS, ids=[make.__name__ for _, make, _ in DRAINS])
async def test_media_made_to_exhaust_cost_their_preview_at_most(
    tmp_path: Path, name: str, make: Make, kind: Kind
) -> None:
    """The children's limits hold: it ends, says what it could find out, and an honest file beside it has its previews."""
    need("ffmpeg")
    tools = MediaTools(tmp_path, limits=BRIEF)
    honest = media_kit.image(tmp_path / "honest.png", size=(64, 64))
    facts, other = await asyncio.gather(tools.inspect(make(tmp_path / name)), tools.inspect(honest))
    assert facts.kind == kind
    assert facts.duration is None or facts.duration < 60
    with suppress(PreviewFailed):
        await tools.previews(facts, tmp_path / "previews")
    assert len((await tools.previews(other, tmp_path / "previews")).made) == 2
    assert not list(tmp_path.rglob(".*")), "scratch is left behind"


@pytest.mark.parametrize("seconds", [1e300, float("inf"), float("nan"), 1e12, 1e9, 0.0, -5.0])
async def test_a_duration_that_cannot_be_is_not_believed(tmp_path: Path, seconds: float) -> None:
    """Telegram would refuse it, and the whole post with it."""
    need("ffmpeg")
    tools = MediaTools(tmp_path)
    facts = await tools.inspect(media_kit.endless_film(tmp_path / "film.mkv", seconds))
    assert facts.kind == Kind.VIDEO
    assert facts.duration == pytest.approx(1, abs=0.2)
    previews = await tools.previews(facts, tmp_path / "previews")
    assert previews.failed == ()


async def test_a_sound_whose_every_clock_lies_costs_its_clip_at_most(tmp_path: Path) -> None:
    need("ffmpeg")
    tools = MediaTools(tmp_path)
    facts = await tools.inspect(media_kit.lying_ogg(tmp_path / "ages.ogg"))
    assert facts.kind == Kind.AUDIO
    assert facts.duration is None or facts.duration <= MOST_SECONDS
    previews = await tools.previews(facts, tmp_path / "previews")
    assert PreviewKind.WAVEFORM in {preview.kind for preview in previews.made}
