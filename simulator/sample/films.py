"""The moving pictures, drawn by ffmpeg's own sources."""

from pathlib import Path

from simulator.sample.ffmpeg import run_repeatable

_VIDEO = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "50")
_SOUND = ("-c:a", "aac", "-b:a", "64k", "-ac", "1")

_SUBTITLES = {
    "en": (
        "Every cell lives or dies by its eight neighbours.",
        "Two or three: it lives on.",
        "Three: a new one is born.",
    ),
    "es": (
        "Cada célula vive o muere según sus ocho vecinas.",
        "Dos o tres: sigue viva.",
        "Tres: nace una nueva.",
    ),
}
_README = """Game of Life S01E01 "Gliders"

Drawn by a program from a fixed seed. It may be copied and changed by anybody (CC0 1.0).
"""


def make_colour_bars(to: Path) -> None:
    run_repeatable(
        *("-f", "lavfi", "-i", "smptehdbars=size=640x360:rate=25:duration=20"),
        *("-f", "lavfi", "-i", "testsrc=size=320x240:rate=25:duration=20"),
        *("-f", "lavfi", "-i", "sine=frequency=440:beep_factor=2:duration=20,volume=0.3"),
        *("-filter_complex", "[1]scale=240:180[clock];[0][clock]overlay=(W-w)/2:(H-h)/2[out]"),
        *("-map", "[out]", "-map", "2:a", "-crf", "26", *_VIDEO, *_SOUND, "-movflags", "+faststart"),
        to=to,
    )


def make_drifting_colours(to: Path) -> None:
    colours = "c0=0x1d3557:c1=0x457b9d:c2=0xe9c46a:c3=0xe76f51:nb_colors=4"
    run_repeatable(
        *("-f", "lavfi", "-i", f"gradients=size=480x270:rate=12:duration=65:speed=0.02:seed=7:{colours}"),
        *("-f", "lavfi", "-i", "sine=frequency=220:duration=65,tremolo=f=0.5:d=0.8,volume=0.3"),
        *("-crf", "30", *_VIDEO, *_SOUND, "-movflags", "+faststart"),
        to=to,
    )


def make_game_of_life(to: Path) -> None:
    """A folder: the episode, a sample of it, subtitles in two languages, a text."""
    (to / "Sample").mkdir(parents=True)
    (to / "Subs").mkdir()
    episode = to / f"{to.name}.mkv"
    cells = "life=size=160x90:rate=10:mold=10:ratio=0.12:random_seed=11"
    run_repeatable(
        *("-f", "lavfi", "-i", f"{cells}:death_color=#2b2d6e:life_color=#ffd166:mold_color=#1b1b2f"),
        *("-f", "lavfi", "-i", "sine=frequency=330:beep_factor=3:duration=24,volume=0.2"),
        *("-t", "24", "-vf", "scale=640:360:flags=neighbor", "-crf", "30", *_VIDEO, *_SOUND),
        to=episode,
    )
    run_repeatable("-i", str(episode), "-t", "5", "-c", "copy", to=to / "Sample" / f"{to.name}.sample.mkv")
    for language, lines in _SUBTITLES.items():
        (to / "Subs" / f"{to.name}.{language}.srt").write_text(_subtitles(lines), encoding="utf-8")
    (to / "readme.txt").write_text(_README, encoding="utf-8")


def _subtitles(lines: tuple[str, ...]) -> str:
    """SubRip text with one line every seven seconds."""
    cues = (
        f"{number}\n00:00:{number * 7 - 6:02},000 --> 00:00:{number * 7 - 1:02},000\n{line}\n"
        for number, line in enumerate(lines, start=1)
    )
    return "\n".join(cues)
