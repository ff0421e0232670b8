"""Runs ffmpeg, the system's or the one of the imageio-ffmpeg package."""

import shutil
import subprocess
from pathlib import Path

import imageio_ffmpeg

TIMEOUT_S = 40
# One thread and no dates or versions in the result, so that the same ffmpeg makes the same bytes again.
_REPEATABLE = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact")


def run_ffmpeg(*arguments: str, to: Path) -> None:
    """Runs ffmpeg with these arguments and writes to `to`.

    Raises `subprocess.CalledProcessError` or `subprocess.TimeoutExpired`.
    """
    program = shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()
    head = (program, "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-threads", "1")
    subprocess.run([*head, *arguments, str(to)], check=True, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL)


def run_repeatable(*arguments: str, to: Path) -> None:
    """Like `run_ffmpeg`, and the result carries nothing of the time and the program that made it."""
    run_ffmpeg(*arguments, "-threads", "1", *_REPEATABLE, to=to)
