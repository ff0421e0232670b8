"""What is to outlive a power cut."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """What a file has in it, or which names a folder has, is so after a crash, too. May take long: not for the event loop."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
