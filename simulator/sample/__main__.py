"""`python -m simulator.sample FOLDER`: makes the sample works in FOLDER, unless they are there already."""

import argparse
import os
import signal
import threading
from pathlib import Path

from simulator.sample.generate import make_library


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m simulator.sample", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--child", action="store_true", help="end when standard input is closed")
    arguments = parser.parse_args()
    if arguments.child:
        threading.Thread(target=end_with_parent, daemon=True).start()
    os.nice(5)
    make_library(arguments.folder)


def end_with_parent() -> None:
    """Standard input is a pipe from the simulator: it closes when the simulator ends, also by `kill -9`."""
    os.read(0, 1)  # not sys.stdin: its lock would be held when this process ends by itself
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main()
