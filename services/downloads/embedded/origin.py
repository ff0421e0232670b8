"""Where files come from one by one: what is asked there, and what is answered."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.downloads.port import SourceUnavailable


@dataclass(frozen=True)
class Wish:
    """The file from byte `start` on, if it still has the validator that was told with the bytes before.

    When they came in a former life they lie at `part`: who can tell that some of them are wrong answers from there on.

    `is_look`: only what is said of it counts, nobody reads the bytes.
    """

    start: int = 0
    validator: str | None = None
    part: Path | None = None
    is_look: bool = False


async def as_it_came(_path: Path) -> None:
    """Leaves a file alone."""


@dataclass(frozen=True)
class Offer:
    """What is said of a file: where the answer starts in it, its whole size in bytes if that is told.

    `validator` is equal as long as the file is: an ETag in its quotes, or the date of the last change. `complete` is called
    once all bytes lie at a path, and may write into the file what it lacks; it may be repeated.
    """

    name: str
    start: int
    size: int | None
    validator: str | None
    complete: Callable[[Path], Awaitable[None]] = as_it_came

    def goes_on(self, validator: str | None, size: int | None) -> bool:
        """Whether this is a part of the file that was begun: servers exist that ignore If-Range and send another's."""
        if self.size is not None and size is not None and self.size != size:
            return False
        if self.validator is None or validator is None or _is_etag(self.validator) != _is_etag(validator):
            return True
        return self.validator == validator


class Origin(Protocol):
    """Answers from any offset, if it can."""

    def ask(
        self, url: str, wish: Wish, *, trusted: bool
    ) -> AbstractAsyncContextManager[tuple[Offer, AsyncIterator[bytes]]]:
        """What stands at an address. Raises SourceRejected (never try again) and SourceUnavailable (a later try may do);
        RangeRefused when what was begun is not there any more, OriginBusy when it asks for a pause.
        """

    async def close(self) -> None: ...


class RangeRefused(SourceUnavailable):
    """The part we have does not fit the file any more: begin anew."""

    def __init__(self) -> None:
        super().__init__("link-changed")


class OriginBusy(SourceUnavailable):
    """It asks for a pause of so many seconds: that is no failure."""

    def __init__(self, key: str, seconds: float) -> None:
        super().__init__(key)
        self.seconds = seconds


def _is_etag(validator: str) -> bool:
    return validator.startswith('"')
