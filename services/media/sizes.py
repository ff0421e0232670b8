"""How large previews are, in pixels of the longer side, seconds and bytes, and where in a video they are taken from."""

POSTER_SIDE = 1280
THUMBNAIL_SIDE = 320  # Telegram's limit for a `thumbnail`
PHOTO_RATIO = 20  # Telegram's limit for the sides of a photo; together they may have 10000
CLIP_SIDE = 640
CLIP_SECONDS = 30
CLIP_BYTES = 8_000_000
WAVEFORM = (1280, 320)
COLUMNS = 3
TILES = COLUMNS * COLUMNS
USUAL = 1  # which of the pictures of the sheet is the poster, unless it shows nothing


def place_of(number: int, duration: float) -> float:
    """Where in a video a picture of the sheet is looked for, in seconds: the middle of its ninth."""
    return (number + 0.5) * duration / TILES


def fit(width: int, height: int, side: int, *, even: bool = False) -> tuple[int, int]:
    """The same shape within `side` x `side`, never larger than it was; `even` numbers are what H.264 needs."""
    scale = min(1.0, side / max(width, height))
    unit = 2 if even else 1
    return max(unit, int(width * scale) // unit * unit), max(unit, int(height * scale) // unit * unit)
