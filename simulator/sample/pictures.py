"""Pictures drawn with Pillow: hills in the light of five hours of a day, and an album cover."""

import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]

_SIZE = (1280, 853)
_HOURS: tuple[tuple[str, Colour, Colour, Colour], ...] = (
    ("1 Dawn.jpg", (44, 62, 104), (246, 189, 150), (52, 58, 86)),
    ("2 Noon.jpg", (74, 140, 206), (214, 234, 244), (46, 98, 84)),
    ("3 Golden Hour.jpg", (92, 96, 148), (252, 196, 92), (104, 60, 50)),
    ("4 Dusk.jpg", (36, 28, 74), (228, 104, 96), (44, 26, 58)),
    ("5 Night.png", (8, 12, 34), (40, 60, 110), (6, 10, 24)),
)
_RIDGES = 6


def make_evening_hills(to: Path) -> None:
    to.mkdir(parents=True)
    for number, (name, sky, horizon, ground) in enumerate(_HOURS):
        picture = _draw_hills(sky, horizon, ground, phase=number * 1.7, sun=0.2 + 0.12 * number)
        picture.save(to / name, quality=88, optimize=False)


def draw_cover() -> Image.Image:
    """A square cover: three waves on a dark ground."""
    picture = Image.new("RGB", (600, 600), (24, 26, 44))
    draw = ImageDraw.Draw(picture)
    for row, colour in enumerate(((231, 111, 81), (233, 196, 106), (69, 163, 157))):
        points = [(x, 170 + row * 130 + 52 * math.sin(x * (row + 2) * math.tau / 600)) for x in range(601)]
        draw.line(points, fill=colour, width=14, joint="curve")
    return picture


def _draw_hills(sky: Colour, horizon: Colour, ground: Colour, *, phase: float, sun: float) -> Image.Image:
    width, height = _SIZE
    column = Image.new("RGB", (1, height))
    for y in range(height):
        column.putpixel((0, y), _mix(sky, horizon, min(1.0, y / (height * 0.62))))
    picture = column.resize(_SIZE)
    _draw_sun(picture, (int(width * sun), int(height * 0.42)), horizon)
    draw = ImageDraw.Draw(picture)
    for ridge in range(_RIDGES):
        near = (ridge + 1) / _RIDGES
        outline = [(x, _ridge_height(x, ridge, phase) * height) for x in range(0, width + 8, 8)]
        draw.polygon([*outline, (width, height), (0, height)], fill=_mix(horizon, ground, 0.25 + 0.75 * near))
    return picture


def _draw_sun(picture: Image.Image, centre: tuple[int, int], light: Colour) -> None:
    glow = Image.new("L", picture.size, 0)
    x, y = centre
    draw = ImageDraw.Draw(glow)
    draw.ellipse((x - 120, y - 120, x + 120, y + 120), fill=90)
    glow = glow.filter(ImageFilter.GaussianBlur(40))
    ImageDraw.Draw(glow).ellipse((x - 46, y - 46, x + 46, y + 46), fill=235)
    picture.paste(_mix(light, (255, 255, 240), 0.75), mask=glow)


def _ridge_height(x: int, ridge: int, phase: float) -> float:
    """Where the ridge's outline is at `x`, as a part of the picture's height from the top."""
    wave = math.sin(x / (210 - ridge * 18) + phase + ridge * 2.1)
    ripple = math.sin(x / (61 + ridge * 9) + phase * 3 + ridge)
    return 0.5 + ridge * 0.085 + 0.05 * wave + 0.016 * ripple


def _mix(first: Colour, second: Colour, part: float) -> Colour:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue
