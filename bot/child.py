"""Becomes another program that ends together with us: `python -m bot.child PARENT PROGRAM ARGUMENT…`.

A parent that is killed cannot end its children. So the child asks Linux to be ended with it, before it becomes the program.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def child_command(*program: str | Path) -> list[str]:
    """The command line that starts a program as a child that does not outlive this process."""
    return [sys.executable, "-m", "bot.child", str(os.getpid()), *map(str, program)]


def main(arguments: Sequence[str]) -> None:
    parent, *program = arguments
    # not SIGTERM: the embedded database has been seen to hang in its own clean end; a kill costs it nothing it confirmed
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == int(parent):  # it may have died before we asked
        os.execvp(program[0], program)  # noqa: S606 - the program is our own choice


if __name__ == "__main__":
    main(sys.argv[1:])
