"""How long a complete torrent goes on being given to others, before its job and its files go."""

from dataclasses import dataclass

from models.clock import Millis, now

_HOUR_MILLIS = 3_600_000


@dataclass(frozen=True)
class Seeding:
    """Until `ratio` times its size was given, or `hours` have passed, whichever comes first; 0: that one does not count.

    With neither there is no seeding.
    """

    ratio: float = 0.0
    hours: float = 0.0

    @property
    def wanted(self) -> bool:
        return self.ratio > 0 or self.hours > 0

    def enough(self, *, given: int, size: int | None, since: Millis) -> bool:
        """`given` and `size` in bytes; None: not known. What has nothing to give has given enough."""
        by_time = self.hours > 0 and now() - since >= self.hours * _HOUR_MILLIS
        by_ratio = self.ratio > 0 and size is not None and given >= self.ratio * size
        return by_time or by_ratio or not self.wanted
