"""Memory for parts of files, which come and go thousands of times a gigabyte."""

import ctypes
from contextlib import suppress

_MIB = 1024 * 1024
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGEST = 4 * _MIB
"""Bytes of what is kept for the next of its size; a range and what is around it has less."""
_MOST_KEPT = 8 * _MIB
_ARENAS = 2
"""Places where threads look for memory: each keeps as much."""


def keep_for_the_next() -> None:
    """Has glibc keep a few freed parts: it would give each back to the system, and have every page of the next one cleared and
    mapped anew, which costs about as much processor time as their encryption. Other C libraries do as they like.
    """
    with suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGEST)
        mallopt(_M_TRIM_THRESHOLD, _MOST_KEPT)
        mallopt(_M_ARENA_MAX, _ARENAS)
