"""What of a channel is wanted."""

import math
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date

from services.grabbing.errors import WishWrong, shown
from services.grabbing.port import Post, PostKind
from services.patterns import check_pattern, having

_TIMELESS = frozenset({PostKind.PHOTO, PostKind.DOCUMENT})
_SEAM = "\n"
PATTERN_SECONDS = 0.5
"""For one post. Longer than for a search, of which nothing is lost: a busy machine shall not end a grab."""


@dataclass(frozen=True)
class Wish:
    """All of it must hold; what is not said holds. Raises WishWrong when nothing can be like that, or the errors of
    `services.patterns`.

    `kinds`: one of them; none: any. Bounds are included, sizes in bytes, durations in seconds; what does not say its size
    or duration has none within bounds. `after` is the first day that counts, `before` the first that does not any more,
    in UTC. `words`: each stands in what is written in or on the post, as a part of a word too, whatever accents and
    capitals; one with blanks is a phrase. `pattern`: a regular expression that finds something in one of these texts.
    `limit`: how many at most; counting is `choosing.picked`'s.
    """

    kinds: frozenset[PostKind] = frozenset()
    min_duration: float | None = None
    max_duration: float | None = None
    min_size: int | None = None
    max_size: int | None = None
    after: date | None = None
    before: date | None = None
    words: tuple[str, ...] = ()
    pattern: str = ""
    limit: int | None = None

    def __post_init__(self) -> None:
        _check_bounds("duration", self.min_duration, self.max_duration)
        _check_bounds("size", self.min_size, self.max_size)
        if self.after is not None and self.before is not None and self.after >= self.before:
            raise WishWrong("grab-nothing", part=f"after:{self.after} before:{self.before}")
        if self.limit is not None and self.limit < 1:
            raise WishWrong("grab-misread", part=f"limit:{self.limit}", example="limit:10")
        if self._timed and self.kinds and self.kinds <= _TIMELESS:
            raise WishWrong("grab-timeless", part=f"kind:{','.join(sorted(self.kinds))} duration")
        for word in self.words:
            if not folded(word):
                raise WishWrong("grab-empty", part=shown(word) or '""')
        if self.pattern:
            check_pattern(self.pattern)

    def matches(self, post: Post) -> bool:
        """Whether the post is wanted. Raises PatternTooSlow; until then a pattern may take half a second, in a thread of
        its own where that is too long. It means that the wish has to be given up, not the post.
        """
        return (
            (not self.kinds or post.kind in self.kinds)
            and _within(post.duration, self.min_duration, self.max_duration)
            and _within(post.size, self.min_size, self.max_size)
            and self._in_time(post)
            and self._worded(post)
        )

    @property
    def _timed(self) -> bool:
        return self.min_duration is not None or self.max_duration is not None

    def _in_time(self, post: Post) -> bool:
        day = post.date.astimezone(UTC).date()
        return (self.after is None or day >= self.after) and (self.before is None or day < self.before)

    def _worded(self, post: Post) -> bool:
        if self.words:
            text = _SEAM.join(folded(each) for each in post.texts)
            if not all(folded(word) in text for word in self.words):
                return False
        return not self.pattern or bool(having(self.pattern, post.texts, str, PATTERN_SECONDS))


def folded(text: str) -> str:
    """Without what makes no difference to who looks for it: accents, capitals, what is not seen, how wide blanks are."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    seen = "".join(char for char in plain if unicodedata.category(char) not in {"Mn", "Cf"})
    return " ".join(seen.split())


def _check_bounds(name: str, least: float | None, most: float | None) -> None:
    bounds = [(sign, bound) for sign, bound in ((">=", least), ("<=", most)) if bound is not None]
    lower, upper = least or 0, math.inf if most is None else most
    if upper < max(0, lower) or lower == math.inf or any(math.isnan(bound) for _, bound in bounds):
        raise WishWrong("grab-nothing", part=" ".join(f"{name}{sign}{bound}" for sign, bound in bounds))


def _within(value: int | None, least: float | None, most: float | None) -> bool:
    if least is None and most is None:
        return True
    return value is not None and (least is None or value >= least) and (most is None or value <= most)
