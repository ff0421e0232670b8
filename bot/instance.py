"""One running Magpie a data folder, and the name by which its leases are known."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.ids import new_id


class AlreadyRunning(Exception):
    """Another process works in this data folder. The text is one line for a person."""


@contextmanager
def instance(data_dir: Path) -> Iterator[str]:
    """Holds the data folder and gives the instance's name, the same after every restart.

    Whoever holds the folder knows that leases under its name belong to nobody alive.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "instance").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(
                f"another Magpie is running in {data_dir}: stop it first, or set DATA_DIR"
            ) from None
        lock.seek(0)
        name = lock.read().strip()
        if not name:
            name = new_id()
            lock.write(name)
            lock.flush()
            os.fsync(lock.fileno())
        yield name
