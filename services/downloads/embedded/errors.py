"""What the operating system says, in the port's words."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from services.downloads.port import DownloaderRefused


def error_key(code: int | None) -> str:
    """The key for an error number met while writing."""
    return "disk-full" if code in {errno.ENOSPC, errno.EDQUOT} else "disk-error"


@contextmanager
def our_disk(engine: str) -> Iterator[None]:
    """The engine's own notes cannot be written: the owner must act. Raises DownloaderRefused for OSError."""
    try:
        yield
    except OSError as exc:
        raise DownloaderRefused(engine, error_key(exc.errno)) from exc
