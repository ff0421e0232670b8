"""A small album of three tones, with tags and an embedded cover."""

from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.sample.ffmpeg import run_repeatable
from simulator.sample.pictures import draw_cover

_TONES = (("Low A", 220), ("Middle E", 330), ("High A", 440))
SECONDS = 20


def make_three_tones(to: Path) -> None:
    to.mkdir(parents=True)
    with TemporaryDirectory(dir=to.parent) as scratch:
        cover = Path(scratch) / "cover.jpg"
        draw_cover().save(cover, quality=88)
        for track, (title, frequency) in enumerate(_TONES, start=1):
            _make_track(
                to / f"{track:02} - {title}.mp3", cover, track=track, title=title, frequency=frequency
            )


def _make_track(to: Path, cover: Path, *, track: int, title: str, frequency: int) -> None:
    swell = "(0.65+0.35*sin(2*PI*0.25*t))"
    wave = f"{swell}*(0.25*sin(2*PI*{frequency}*t)+0.08*sin(4*PI*{frequency}*t)+0.04*sin(6*PI*{frequency}*t))"
    fades = f"afade=in:d=1,afade=out:st={SECONDS - 2}:d=2"
    tags = {
        "title": title,
        "artist": "Sine Waves",
        "album": "Three Tones",
        "track": f"{track}/{len(_TONES)}",
        "date": "2026",
    }
    run_repeatable(
        *("-f", "lavfi", "-i", f"aevalsrc='{wave}':duration={SECONDS}:sample_rate=44100,{fades}"),
        *("-i", str(cover), "-map", "0:a", "-map", "1:v", "-c:v", "copy", "-disposition:v", "attached_pic"),
        *("-c:a", "libmp3lame", "-b:a", "128k", "-id3v2_version", "3"),
        *(part for key, value in tags.items() for part in ("-metadata", f"{key}={value}")),
        to=to,
    )
