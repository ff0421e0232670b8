"""Small media made on the spot: honest ones with ffmpeg and Pillow, and hostile ones by hand."""

import struct
import subprocess
import zlib
from pathlib import Path

import mutagen
from mutagen.id3 import APIC, ID3
from PIL import Image

_TIMEOUT = 60
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def video(
    path: Path,
    *,
    seconds: float = 12,
    size: str = "640x360",
    sound: bool = True,
    rate: int = 25,
    gop: int = 25,
) -> Path:
    """A moving test picture at `rate` frames a second, with a tone when `sound`; a keyframe every `gop` frames."""
    tone = ("-f", "lavfi", "-i", f"sine=d={seconds}") if sound else ()
    _ffmpeg(
        "-f",
        "lavfi",
        "-i",
        f"testsrc2=s={size}:r={rate}:d={seconds}",
        *tone,
        *_H264,
        "-g",
        str(gop),
        str(path),
    )
    return path


def turned_video(path: Path) -> Path:
    """320 x 180 as stored; the file says to show it turned by a quarter."""
    flat = path.with_suffix(".flat.mp4")
    video(flat, seconds=6, size="320x180", sound=False)
    _ffmpeg("-i", str(flat), "-c", "copy", "-metadata:s:v:0", "rotate=90", str(path))
    flat.unlink()
    return path


def video_with_black_opening(path: Path, *, seconds: int = 12, black: int = 6) -> Path:
    source = f"testsrc2=s=320x180:r=25:d={seconds},drawbox=c=black:t=fill:enable='lt(t,{black})'"
    _ffmpeg("-f", "lavfi", "-i", source, *_H264, "-g", "25", str(path))
    return path


def audio(
    path: Path, *, seconds: float = 40, tags: dict[str, str] | None = None, cover: Path | None = None
) -> Path:
    """A tone; `tags`: title, artist, album. A `cover` needs a tagged MP3."""
    _ffmpeg("-f", "lavfi", "-i", f"sine=d={seconds}", "-b:a", "64k", str(path))
    if tags:
        file = mutagen.File(path, easy=True)
        if file.tags is None:
            file.add_tags()
        file.update(tags)
        file.save()
    if cover is not None:
        frames = ID3(path)  # type: ignore[no-untyped-call]
        frames.add(APIC(mime="image/png", type=3, data=cover.read_bytes()))  # type: ignore[no-untyped-call]
        frames.save(path)
    return path


def image(path: Path, *, size: tuple[int, int] = (1600, 900)) -> Path:
    Image.radial_gradient("L").resize(size).convert("RGB").save(path)
    return path


def lying_photo(path: Path) -> Path:
    """A JPEG of 800 x 400 that a camera stored on its side: seen upright it is 400 x 800."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (800, 400), "red").save(path, exif=exif)
    return path


def animated_gif(path: Path) -> Path:
    frames = [Image.new("P", (120, 80), colour) for colour in range(3)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    return path


def png_bomb(path: Path, side: int = 30_000) -> Path:
    """A valid one-bit PNG of `side` x `side` that takes about 100 KB on disk."""
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks))
    return path


def truncated(source: Path, path: Path, share: float) -> Path:
    data = source.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def hls(path: Path, target: str) -> Path:
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:60\n#EXTINF:60,\n{target}\n#EXT-X-ENDLIST\n")
    return path


def ffconcat(path: Path, target: str) -> Path:
    path.write_text(f"ffconcat version 1.0\nfile '{target}'\nduration 60\n")
    return path


def svg(path: Path, target: str) -> Path:
    path.write_text(
        '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' width="100" height="100"><image xlink:href="{target}" width="100" height="100"/></svg>'
    )
    return path


def dash(path: Path, target: str) -> Path:
    path.write_text(
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
        ' mediaPresentationDuration="PT60S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1"'
        f' bandwidth="1"><BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>'
    )
    return path


def sdp(path: Path, port: int) -> Path:
    path.write_text(
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        f"m=video {port} RTP/AVP 96\na=rtpmap:96 H264/90000\n"
    )
    return path


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _ffmpeg(*arguments: str) -> None:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments]
    subprocess.run(command, check=True, timeout=_TIMEOUT, stdin=subprocess.DEVNULL)
