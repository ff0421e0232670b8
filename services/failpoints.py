"""Named places where the recovery suite may kill this process.

Every outside call and every state write on the way of an order passes one. In production entering and leaving cost one
look-up in the environment. `MAGPIE_FAILPOINT=name:before` (or `:after`) kills the process with SIGKILL at that side.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def failpoint(name: str) -> Iterator[None]:
    """Wraps one outside call or state write. `name` is a literal, so that the suite can list them all."""
    armed = os.environ.get("MAGPIE_FAILPOINT")
    if armed == f"{name}:before":
        os.kill(os.getpid(), signal.SIGKILL)
    yield
    if armed == f"{name}:after":
        os.kill(os.getpid(), signal.SIGKILL)
