"""Which series and albums a work is a part of, by what its files say, and where in them it comes.

Such a collection is nothing but an id that its parts have in common: made of names that are folded, so that “Amélie” and “amelie” are
one. What it is called is read off its parts.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from models.ids import derived_id
from models.library import CollectionKind
from services.library.fold import fold

MOST_PARTS = 20
"""Collections that one work is a part of."""
_SEASON, _DISC = 10_000, 1000
_LEADING = re.compile(r"(?:(\d)[-.])?(\d{1,3})(?![\dp])", re.ASCII)
"""What names of tracks begin with: `03 - So What.flac`, `2-03 Freddie Freeloader.flac`."""


@dataclass(frozen=True)
class Gathered:
    """A series or an album, as a file names it. `performer` is empty where several play on the album."""

    kind: CollectionKind
    title: str
    performer: str = ""

    @property
    def id(self) -> str:
        """The same however it is spelled; empty where nothing is left of its name."""
        return _id_of(self.kind, self.title, self.performer)


def gathered(files: Sequence[Mapping[str, Any]]) -> list[Gathered]:
    """What the files of one work are parts of, each once. Of one work there are so many tracks by one performer, or by several."""
    found: dict[str, Gathered] = {}
    for each in (*_series(files), *_albums(files)):
        if each.id and len(found) < MOST_PARTS:
            found.setdefault(each.id, each)
    return list(found.values())


def parts_of(files: Sequence[Mapping[str, Any]]) -> list[str]:
    """The ids of those."""
    return [each.id for each in gathered(files)]


def ordinal_of(files: Sequence[Mapping[str, Any]]) -> int:
    """Where a work comes among the parts: by its first episode or track; 0: nobody knows."""
    places = [place for file in files if (place := _place(file))]
    return min(places, default=0)


def _series(files: Iterable[Mapping[str, Any]]) -> list[Gathered]:
    titles = dict.fromkeys(file["series"] for file in files if file.get("series"))
    return [Gathered(CollectionKind.SERIES, title) for title in titles]


def _albums(files: Iterable[Mapping[str, Any]]) -> list[Gathered]:
    performers: dict[str, dict[str, None]] = {}
    for file in files:
        if file.get("album"):
            performers.setdefault(file["album"], {})[file.get("performer") or ""] = None
    return [
        Gathered(CollectionKind.ALBUM, album, next(iter(names)) if len(names) == 1 else "")
        for album, names in performers.items()
    ]


def _place(file: Mapping[str, Any]) -> int:
    if file.get("series"):
        return int(file.get("season") or 0) * _SEASON + int(file.get("episode") or 0)
    if not file.get("album"):
        return 0
    if file.get("track"):
        return int(file.get("disc") or 1) * _DISC + int(file["track"])
    named = _LEADING.match(file["name"])
    return 0 if named is None else int(named[1] or 1) * _DISC + int(named[2])


@lru_cache(4096)
def _id_of(kind: CollectionKind, title: str, performer: str) -> str:
    words = fold(title)
    return derived_id(kind.value, " ".join(words), " ".join(fold(performer))) if words else ""
