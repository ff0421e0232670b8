"""The previews of an hour of 1080p beside the plain way of making them: `python -m benchmarks.previews`.

The plain way is what everybody writes first: one ffmpeg for each of the nine pictures and the poster, one for the clip.
"""

import argparse
import asyncio
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.report import load, machine, middle, ratio, table
from services.media.sizes import CLIP_SECONDS, CLIP_SIDE, POSTER_SIDE
from services.media.tools import MediaTools

_SCENE_SECONDS = 109
"""So much is made, and repeated: an hour of it would take long."""
_PICTURES = 9
_SAME_CLIP = ("-preset", "veryfast", "-crf", "26")
"""What Magpie asks of the encoder, too."""


@dataclass
class Times:
    """Seconds by the clock and of processor time, one of each run."""

    clock: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    @contextmanager
    def taken(self) -> Iterator[None]:
        clock, busy = time.perf_counter(), _children_busy()
        yield
        self.clock.append(time.perf_counter() - clock)
        self.busy.append(_children_busy() - busy)


@dataclass
class Compared:
    magpie: Times = field(default_factory=Times)
    plain: Times = field(default_factory=Times)
    plain_fast: Times = field(default_factory=Times)


def make_film(path: Path, seconds: int) -> None:
    """H.264 with 25 pictures a second, a keyframe every ten seconds at the latest and about 3 Mbit/s; AAC."""
    scene = path.with_name("scene.mp4")
    pictures = f"testsrc2=s=1920x1080:r=25:d={min(seconds, _SCENE_SECONDS)},noise=alls=6:allf=t"
    _ffmpeg(
        *("-f", "lavfi", "-i", pictures, "-f", "lavfi", "-i", f"sine=d={min(seconds, _SCENE_SECONDS)}"),
        *("-c:v", "libx264", "-preset", "veryfast", "-g", "250", "-pix_fmt", "yuv420p"),
        *("-b:v", "3M", "-maxrate", "4M", "-bufsize", "8M", "-c:a", "aac", str(scene)),
    )
    _ffmpeg("-stream_loop", "-1", "-i", str(scene), "-t", str(seconds), "-c", "copy", str(path))
    scene.unlink()


def plain_way(film: Path, seconds: float, folder: Path, *clip: str) -> None:
    """One ffmpeg run a picture, one for the clip; nothing put together to a sheet."""
    folder.mkdir(exist_ok=True)
    places = [(number + 0.5) * seconds / _PICTURES for number in range(_PICTURES)]
    for number, at in enumerate([*places, places[1]]):
        side = POSTER_SIDE if number == _PICTURES else POSTER_SIDE // 3
        _cut(film, at, folder / f"{number}.jpg", "-frames:v", "1", "-vf", f"scale={side}:-2")
    length = ("-t", str(CLIP_SECONDS), "-vf", f"scale={CLIP_SIDE}:-2")
    _cut(film, places[1], folder / "clip.mp4", *length, *clip)


def _cut(film: Path, at: float, target: Path, *arguments: str) -> None:
    _ffmpeg("-ss", str(at), "-i", str(film), *arguments, str(target))


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments], check=True)


async def measure(film: Path, runs: int) -> Compared:
    compared, folder = Compared(), film.parent
    tools = MediaTools(folder)
    facts = await tools.inspect(film)
    seconds = facts.duration or 0.0
    for _ in range(runs):
        with compared.magpie.taken():
            made = await tools.previews(facts, folder / "previews")
        if made.failed:
            raise RuntimeError(f"not made: {made.failed}")
        with compared.plain.taken():
            await asyncio.to_thread(plain_way, film, seconds, folder / "plain")
        with compared.plain_fast.taken():
            await asyncio.to_thread(plain_way, film, seconds, folder / "plain-fast", *_SAME_CLIP)
    return compared


def _children_busy() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def report(compared: Compared) -> str:
    ways = {
        "plain, ffmpeg's own settings": compared.plain,
        "plain, clip with Magpie's settings": compared.plain_fast,
        "Magpie": compared.magpie,
    }
    rows = [(name, *_row(times, compared.plain)) for name, times in ways.items()]
    return table(
        ("nine pictures, poster and clip", "time", "times as fast", "processor time", "of plain"), rows
    )


def _row(mine: Times, plain: Times) -> Sequence[str]:
    clock, busy = middle(mine.clock, "s", 1), middle(mine.busy, "s", 1)
    return clock, ratio(plain.clock, mine.clock), busy, ratio(mine.busy, plain.busy)


def main() -> None:
    load_before = load()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3600, help="length of the film")
    parser.add_argument("--folder", type=Path, help="where the film is kept for the next time (1.4 GB)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (options.folder or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        film = folder / f"film-{options.seconds}.mp4"
        if not film.exists():
            make_film(film, options.seconds)
        compared = asyncio.run(measure(film, options.runs))
    print(f"{report(compared)}\n\n{options.runs} runs each; {machine(load_before)}")


if __name__ == "__main__":
    main()
