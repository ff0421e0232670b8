"""The line between clients and the data centre, as slow as a test wants it. Kept in memory only."""

from dataclasses import dataclass


@dataclass(slots=True)
class Line:
    """What every connection, present and new, goes over.

    `latency`: seconds that a question and its answer spend on the way together. `rate`: bytes a second of each
    connection in each direction, None: as fast as it goes.
    """

    latency: float = 0.0
    rate: int | None = None
