"""What the sample indexer offers: the works, and how each is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from simulator.sample import book, films, music, pictures

MOVIES, TELEVISION, MUSIC, BOOKS, OTHER = 2000, 5000, 3000, 7000, 8000

CATEGORIES: Mapping[int, tuple[str, Mapping[int, str]]] = {
    MOVIES: ("Movies", {2030: "Movies/SD"}),
    MUSIC: ("Audio", {3010: "Audio/MP3"}),
    TELEVISION: ("TV", {5030: "TV/SD"}),
    BOOKS: ("Books", {7020: "Books/EBook"}),
    OTHER: ("Other", {8010: "Other/Misc"}),
}
"""Newznab category → name and subcategories."""


@dataclass(frozen=True)
class Work:
    """One release: `make` writes its content at the path it is given, a file or a folder of that name."""

    title: str
    name: str
    category: int
    published: str
    seeders: int
    peers: int
    make: Callable[[Path], None]


# Nobody seeds these but the simulator itself; the numbers differ so that there is something to sort by.
WORKS = (
    Work(
        "Colour Bars and Clock (2026) 360p x264",
        "Colour.Bars.and.Clock.2026.360p.x264.mp4",
        2030,
        "2026-03-01T09:00:00+00:00",
        41,
        44,
        films.make_colour_bars,
    ),
    Work(
        "Drifting Colours (2026) 270p x264",
        "Drifting.Colours.2026.270p.x264.mp4",
        2030,
        "2026-03-08T18:30:00+00:00",
        17,
        19,
        films.make_drifting_colours,
    ),
    Work(
        "Game of Life S01E01 Gliders 360p x264",
        "Game.of.Life.S01E01.Gliders.360p.x264",
        5030,
        "2026-04-12T20:15:00+00:00",
        23,
        30,
        films.make_game_of_life,
    ),
    Work(
        "Sine Waves - Three Tones (2026) [MP3 128]",
        "Sine Waves - Three Tones (2026) [MP3]",
        3010,
        "2026-02-14T12:00:00+00:00",
        8,
        8,
        music.make_three_tones,
    ),
    Work(
        "Evening Hills & Other Pictures (2026)",
        "Evening Hills & Other Pictures (2026)",
        8010,
        "2026-05-20T06:45:00+00:00",
        5,
        6,
        pictures.make_evening_hills,
    ),
    Work(
        "A Short Guide to Magpies (2026) [EPUB]",
        "A Short Guide to Magpies (2026).epub",
        7020,
        "2026-01-05T15:00:00+00:00",
        12,
        13,
        book.make_magpie_guide,
    ),
)
