"""The Store port: what Magpie needs of a place that keeps bytes."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from models.media import Kind
from models.storage import Copy, Link, Whole
from services.errors import Fault, MagpieError


class TooLarge(MagpieError):
    """This Store does not take a file of that size; another one must."""

    def __init__(self, limit: int) -> None:
        super().__init__("store-too-large")
        self.limit = limit


class BeingPosted(MagpieError):
    """Another order is posting the same bytes just now."""

    def __init__(self) -> None:
        super().__init__("waiting-same")


class CopyMissing(Fault):
    """The bytes are not where the Copy says."""

    def __init__(self) -> None:
        super().__init__("copy-missing")


class Verdict(StrEnum):
    SOUND = "sound"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class CopyKey:
    """Which part of which Item: `part` is the index of a file, `index.preview` for a preview of it, `index+number` for a
    piece.
    """

    item: str
    part: str

    def in_store(self, store: str) -> str:
        """The Copy's id: the same key in the same Store is the same Copy."""
        return f"{self.item}:{self.part}:{store}"

    def piece(self, number: int) -> "CopyKey":
        """Of a piece of this file, from 1 on."""
        return CopyKey(self.item, f"{self.part}+{number}")


@dataclass(frozen=True)
class StoredFile:
    """A file on its way into a Store. Sizes in bytes and pixels, `duration` in seconds, `caption` in HTML.

    A piece has the `size` and hash of its own; it begins at offset `start` of what lies at `path`. That was hashed when its
    last change was the one of `modified`, in nanoseconds.
    """

    path: Path
    name: str
    kind: Kind
    size: int
    blake3: str
    caption: str = ""
    links: Sequence[Link] = ()
    reply_to: Copy | None = None
    thumbnail: Path | None = None
    cover: Path | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    title: str | None = None
    performer: str | None = None
    container: str | None = None
    start: int = 0
    modified: int | None = None
    whole: Whole | None = None


class Store(Protocol):
    """A place that keeps bytes. `name` is part of every Copy's id and never changes."""

    @property
    def name(self) -> str: ...

    def takes(self, file: StoredFile) -> bool:
        """Whether a file of that kind and size can be put here."""

    async def put(self, file: StoredFile, *, key: CopyKey) -> Copy:
        """Keeps the file. The same key twice gives the same Copy; a crash in the middle is completed by repeating.

        Raises TooLarge, and leaves nothing of it then.
        """

    def open(self, copy: Copy, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes from offset `start`. Raises CopyMissing, or TooLarge where the way back is narrower."""

    async def verify(self, copy: Copy) -> Verdict:
        """Whether the bytes are there; hashes them where that is cheap."""

    async def remove(self, copy: Copy) -> None:
        """Removes bytes and Copy; one that is gone already is not an error."""
