"""What may be opened, by content. Everything else is a document."""

# FFmpeg's demuxers that read one file and nothing else. Playlists (hls, concat, dash, image2 …), network descriptions
# (sdp, rtsp …) and scripted or text formats must never be added: they open what the file tells them to.
DEMUXERS = frozenset({
    "aac", "ac3", "aiff", "amr", "ape", "asf", "au", "avi", "caf", "dsf", "dts", "eac3", "flac", "flv", "ivf", "matroska",
    "mov", "mp3", "mpc", "mpc8", "mpeg", "mpegts", "mxf", "nut", "ogg", "rm", "tak", "tta", "w64", "wav", "wv",
})  # fmt: skip

# Pillow's formats that need no outside program. EPS would call Ghostscript.
PICTURES = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
MOST_PIXELS = 100_000_000

# Of a stranger's tags and tracks, so many are kept.
MOST_GENRES = 8
MOST_SUBTITLES = 40
