"""One spelling of time for every document.

Times are kept as whole milliseconds since 1970 (UTC): they sort, compare and survive every update alike on MongoDB and on
the embedded server, which stores a date given to `$set` as text.
"""

import time

Millis = int


def now() -> Millis:
    """The current time in milliseconds since 1970 (UTC)."""
    return time.time_ns() // 1_000_000
