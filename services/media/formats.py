"""What may be opened, by content. Everything else is a document."""

from pathlib import Path

# FFmpeg's demuxers that read one file and nothing else. Playlists (hls, concat, dash, image2 …), network descriptions
# (sdp, rtsp …) and scripted or text formats must never be added: they open what the file tells them to.
DEMUXERS = frozenset({
    "aac", "ac3", "aiff", "amr", "ape", "asf", "au", "avi", "caf", "dsf", "dts", "eac3", "flac", "flv", "ivf", "matroska",
    "mov", "mp3", "mpc", "mpc8", "mpeg", "mpegts", "mxf", "nut", "ogg", "rm", "tak", "tta", "w64", "wav", "wv",
})  # fmt: skip

# Pillow's formats that need no outside program. EPS would call Ghostscript.
USUAL_PICTURES = ("BMP", "GIF", "JPEG", "PNG", "PPM")
"""These are what its `preinit` imports."""
RARE_PICTURES = ("AVIF", "JPEG2000", "TIFF", "WEBP")
MOST_PIXELS = 100_000_000
_BEGINNINGS = (
    *(b"BM", b"GIF", b"\xff\xd8", b"\x89PNG", b"P", b"II", b"MM", b"RIFF"),
    *(b"\xffO\xffQ", b"\0\0\0\x0cjP"),
)
_BRANDS = (b"ftypavif", b"ftypavis", b"ftypmif1", b"ftypmsf1")
"""Of AVIF, behind four bytes."""

# Of a stranger's tags and tracks, so many are kept.
MOST_GENRES = 8
MOST_SUBTITLES = 40


def begins_like_a_picture(path: Path) -> bool:
    """False: it is none of these pictures. What cannot be read is none."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        return False
    return head.startswith(_BEGINNINGS) or head[4:].startswith(_BRANDS)
