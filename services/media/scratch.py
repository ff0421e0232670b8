"""Where files are made that are not whole yet."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_folder(folder: Path, prefix: str) -> Iterator[Path]:
    """A folder in `folder`, on the same disk; what a crash left in it goes first, all of it goes last. Raises OSError."""
    scratch = folder / f".{prefix}.partial"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
