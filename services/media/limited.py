"""Starts a program with limits on what it may use: `limited.py PARENT MEMORY CPU FILE_SIZE OPEN_FILES PROGRAM …`.

Run as a script by `services/media/children.py`; it takes about 8 ms. Setting limits between fork and exec inside the bot
would be shorter, but is not safe there: other threads may hold locks at that moment.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
NICENESS = 10


def end_with(parent: int) -> None:
    """The program is killed when the process that started it dies, also by SIGKILL. Linux only."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)


def limit(what: int, amount: int) -> None:
    _, most = resource.getrlimit(what)
    amount = amount if most == resource.RLIM_INFINITY else min(amount, most)
    resource.setrlimit(what, (amount, amount))


def main(arguments: list[str]) -> None:
    parent, memory, cpu, file_size, open_files = (int(number) for number in arguments[:5])
    program = arguments[5:]
    end_with(parent)
    limit(resource.RLIMIT_AS, memory)
    limit(resource.RLIMIT_CPU, cpu)
    limit(resource.RLIMIT_FSIZE, file_size)
    limit(resource.RLIMIT_NOFILE, open_files)
    limit(resource.RLIMIT_CORE, 0)
    os.nice(NICENESS)
    os.execvp(program[0], program)  # noqa: S606  # the list is the bot's own


if __name__ == "__main__":
    main(sys.argv[1:])
