"""Small media made on the spot: honest ones with ffmpeg and Pillow, and hostile ones by hand."""

import hashlib
import os
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import mutagen
from mutagen.id3 import APIC, ID3
from PIL import Image

from models.ids import new_id

MADE = "MAGPIE_TEST_MEDIA"
"""Names the folder of what ffmpeg has made in a run of tests."""
_ALWAYS_THE_SAME = {".flac", ".m4a", ".mp3", ".mp4", ".wav"}
"""Formats that hold nothing random. Others number their tracks by chance, and two such files are two works."""
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
    picture = ("-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}")
    _ffmpeg_once(path, *picture, *tone, *_H264, "-g", str(gop))
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
    _ffmpeg_once(path, "-f", "lavfi", "-i", source, *_H264, "-g", "25")
    return path


def audio(
    path: Path, *, seconds: float = 40, tags: dict[str, str] | None = None, cover: Path | None = None
) -> Path:
    """A tone; `tags`: title, artist, album. A `cover` needs a tagged MP3."""
    _ffmpeg_once(path, "-f", "lavfi", "-i", f"sine=d={seconds}", "-b:a", "64k")
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


def noise(path: Path, *options: str, seconds: float = 3) -> Path:
    """Sound that is never twice the same within a file; `options`: of ffmpeg, where the name does not say enough."""
    source = f"anoisesrc=d={seconds}:r=48000:seed=7:a=0.3"
    _ffmpeg_once(path, "-f", "lavfi", "-i", source, "-b:a", "64k", *options, "-bitexact")
    return path


def sound_of(path: Path) -> bytes:
    """All that is heard of a file, decoded."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-map", "0:a:0", "-f", "s16le", "-"]
    return subprocess.run(
        command, check=True, timeout=_TIMEOUT, stdin=subprocess.DEVNULL, capture_output=True
    ).stdout


def jpeg(path: Path) -> bytes:
    """A small picture, as it stands in the file that is made."""
    Image.new("RGB", (320, 320), "navy").save(path, "JPEG")
    return path.read_bytes()


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


def huge_jpeg(path: Path) -> Path:
    """A photo of 64 x 64 that says to have four thousand megapixels."""
    Image.new("RGB", (64, 64), "red").save(path, "JPEG")
    data = bytearray(path.read_bytes())
    struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, 65_500, 65_500)
    path.write_bytes(data)
    return path


def million_frames(path: Path) -> Path:
    """An animation of 40 MB that is nothing but the same picture, a million times."""
    Image.new("P", (16, 16), 1).save(path, "GIF")
    data = path.read_bytes()
    frame = data.index(b"\x2c")
    path.write_bytes(data[:frame] + data[frame:-1] * 1_000_000 + b";")
    return path


def looping_tiff(path: Path) -> Path:
    """Its second page is its first one."""
    Image.new("RGB", (8, 8)).save(path, "TIFF")
    data = bytearray(path.read_bytes())
    (at,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, at)
    struct.pack_into("<I", data, at + 2 + 12 * entries, at)
    path.write_bytes(data)
    return path


def talkative_png(path: Path) -> Path:
    """Two gigabytes of words, compressed, beside 64 pixels."""
    Image.new("1", (8, 8)).save(path, "PNG")
    data = path.read_bytes()
    words = _chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(60_000_000), 9))
    path.write_bytes(data[:33] + words * 35 + data[33:])
    return path


def deep_atoms(path: Path) -> Path:
    """A hundred thousand atoms, each in the one before."""
    depth = 100_000
    atoms = b"".join(struct.pack(">I4s", 8 * (depth - at), b"moov") for at in range(depth))
    path.write_bytes(_FTYP + atoms)
    return path


def endless_index(path: Path) -> Path:
    """An index of two thousand million frames in a few bytes: each is said to be like the one before."""
    data = bytearray(video(path, seconds=1, size="64x64", sound=False).read_bytes())
    most = 0x7FFF_FFFF
    for table, numbers in ((b"stsz", (1, most)), (b"stts", (1, most, 512)), (b"stsc", (1, 1, most, 1))):
        struct.pack_into(f">{len(numbers)}I", data, data.index(table) + 8, *numbers)
    path.write_bytes(data)
    return path


def countless_streams(path: Path) -> Path:
    """A Matroska of a hundred thousand tracks."""
    track = _element("83", b"\1") + _element("86", b"V_MPEG4/ISO/AVC")
    tracks = b"".join(
        _element("AE", _element("D7", number.to_bytes(4, "big")) + track) for number in range(1, 100_001)
    )
    head = _element("1A45DFA3", _element("4282", b"matroska"))
    path.write_bytes(head + _element("18538067", _element("1654AE6B", tracks)))
    return path


def many_streams(path: Path) -> Path:
    """A film with four hundred sound tracks, all of them real."""
    tracks = [option for _ in range(400) for option in ("-map", "0:a")]
    pictures = ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=5:d=1", "-map", "1:v")
    _ffmpeg("-f", "lavfi", "-i", "sine=d=1", *pictures, *tracks, *_H264, "-c:a", "pcm_s16le", str(path))
    return path


def endless_film(path: Path, seconds: float) -> Path:
    """A film of one second that says to last as long as that."""
    data = bytearray(video(path, seconds=1, size="64x64").read_bytes())
    at = data.index(bytes.fromhex("448988"))
    struct.pack_into(">d", data, at + 3, seconds * 1000)
    path.write_bytes(data)
    return path


def endless_sound(path: Path) -> Path:
    """A second of noise that says to last longer than the universe is old."""
    sizes = struct.pack("<IQQQI", 28, 2**62, 2**62, 2**61, 0)
    sound = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16_000, 2, 16)
    path.write_bytes(
        b"RF64\xff\xff\xff\xffWAVEds64" + sizes + sound + b"data\xff\xff\xff\xff" + bytes(16_000)
    )
    return path


def lying_ogg(path: Path) -> Path:
    """A second of sound whose last page says to end in a hundred million million seconds."""
    data = bytearray(audio(path, seconds=1).read_bytes())
    page = data.rindex(b"OggS")
    struct.pack_into("<q", data, page + 6, 2**62)
    struct.pack_into("<I", data, page + 22, 0)
    struct.pack_into("<I", data, page + 22, _ogg_sum(data[page:]))
    path.write_bytes(data)
    return path


def countless_tags(path: Path) -> Path:
    """A second of sound behind eight hundred thousand notes about it."""
    notes = (b"TXXX" + struct.pack(">I", 5) + b"\0\0\3a\0bc") * 800_000
    size = bytes(len(notes) >> shift & 127 for shift in (21, 14, 7, 0))
    sound = audio(path, seconds=1).read_bytes()
    path.write_bytes(b"ID3\3\0\0" + size + notes + sound)
    return path


def sparse_film(path: Path) -> Path:
    """A box of a petabyte, of which the disk holds a gigabyte that is not there."""
    path.write_bytes(_FTYP + struct.pack(">I4sQ", 1, b"mdat", 2**50))
    os.truncate(path, 1024**3)
    return path


_FTYP = struct.pack(">I4s", 16, b"ftyp") + b"isom\0\0\2\0"


def _element(ident: str, data: bytes) -> bytes:
    """Matroska's building block, its length in eight bytes."""
    return bytes.fromhex(ident) + (1 << 56 | len(data)).to_bytes(8, "big") + data


def _ogg_sum(page: bytearray) -> int:
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value >> 31 else 0)) & 0xFFFF_FFFF
    return value


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _ffmpeg_once(path: Path, *arguments: str) -> None:
    """As `_ffmpeg`, with nothing of a file in the arguments: what the same words make is made once."""
    folder = os.environ.get(MADE)
    if folder is None or path.suffix not in _ALWAYS_THE_SAME:
        _ffmpeg(*arguments, str(path))
        return
    made = Path(folder) / f"{hashlib.sha256(repr(arguments).encode()).hexdigest()}{path.suffix}"
    if not made.exists():
        fresh = made.with_name(f"{new_id()}{path.suffix}")
        _ffmpeg(*arguments, str(fresh))
        fresh.rename(made)
    shutil.copyfile(made, path)


def _ffmpeg(*arguments: str) -> None:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments]
    subprocess.run(command, check=True, timeout=_TIMEOUT, stdin=subprocess.DEVNULL)
