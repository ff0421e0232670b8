"""How a Card looks right now: plain values."""

import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from handlers.buttons import Press, pack
from models.clock import Millis
from services.telegram.port import Button
from services.words import Words


@dataclass(frozen=True)
class Look:
    """HTML and keys. `final`: nothing will change any more, the Card is closed once this was shown."""

    text: str
    keyboard: Sequence[Sequence[Button]] = field(default_factory=tuple)
    final: bool = False
    silent: bool = False
    """Whether its first appearance makes no sound."""

    @property
    def fingerprint(self) -> str:
        """Equal for equal looks: what was shown already is not sent again."""
        keys = [[(button.text, button.data, button.url) for button in row] for row in self.keyboard]
        return hashlib.blake2b(repr((self.text, keys)).encode(), digest_size=12).hexdigest()


def key(t: Words, name: str, press: Press, /, **values: str | int) -> Button:
    """A button named by a locale key."""
    return Button(t.label(name, **values), data=pack(press))


def in_rows(keys: Sequence[Button], each: int) -> list[list[Button]]:
    """Keys one after the other, so many a row."""
    return [list(keys[first : first + each]) for first in range(0, len(keys), each)]


def page_keys(t: Words, page: int, pages: int, turned: Callable[[int], Press]) -> list[Button]:
    """Back, where one is, and on; at the ends they stay. Pages count from 0; `turned` is the press that leads to one."""
    last = pages - 1
    return [
        key(t, "button-previous", turned(max(0, page - 1))),
        key(t, "button-page", turned(page), page=page + 1, pages=pages),
        key(t, "button-next", turned(min(last, page + 1))),
    ]


def neighbour_keys(t: Words, page: int, pages: int, turned: Callable[[int], Press]) -> list[list[Button]]:
    """Back and on, each only where there is a page; no row for one page alone."""
    if pages == 1:
        return []
    turns = [("button-previous", page - 1), ("button-next", page + 1)]
    return [[key(t, name, turned(other)) for name, other in turns if 0 <= other < pages]]


def middle_cut(text: str, length: int) -> str:
    """At most `length` characters, cut in the middle: names of files differ most at their ends."""
    if len(text) <= length:
        return text
    head = length // 2
    return f"{text[:head]}…{text[len(text) - (length - head - 1) :]}"


def shortened(text: str, length: int) -> str:
    """At most `length` characters, with an ellipsis where something was cut."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def isolated(text: str) -> str:
    """A stranger's text so that letters written from right to left in it turn nothing around them."""
    if text.isascii() or not any(unicodedata.bidirectional(letter) in {"R", "AL", "AN"} for letter in text):
        return text
    return f"\u2068{text}\u2069"


def clock(moment: Millis, utc_offset: int) -> str:
    """The time of day where it is `utc_offset` minutes later than in UTC."""
    minutes = moment // 60_000 + utc_offset
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"
