"""Named places where the recovery suite may kill this process.

Every outside call and every state write on the way of an order passes one. In production entering and leaving cost one
look-up in the environment each. `MAGPIE_FAILPOINT=name:before` (or `:after`) kills the process with SIGKILL at that side;
of several, with commas between them, at the one that it passes first, which it names on standard error.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def failpoint(name: str) -> Iterator[None]:
    """Wraps one outside call or state write. `name` is a literal, so that the suite can list them all."""
    if armed := os.environ.get("MAGPIE_FAILPOINT"):
        _die_if(armed, f"{name}:before")
    yield
    if armed:
        _die_if(armed, f"{name}:after")


def _die_if(armed: str, mark: str) -> None:
    if mark in armed.split(","):
        os.write(2, f"killed at {mark}\n".encode())
        os.kill(os.getpid(), signal.SIGKILL)
