"""Of which work an Item is an encoding, as far as its files say."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from services.library.fold import fold

VERSION = 1
"""Of the rules: with another one all Items are looked at again."""
_LONGEST = 200
"""Characters of a name that count."""
_MOST_OF = 0.6
"""What share of its bytes one film has to be, or of its episodes or tracks one season or album."""
_LEAST_TRACKS = 3
File = Mapping[str, Any]


class Sort(StrEnum):
    FILM = "film"
    EPISODE = "episode"
    SEASON = "season"
    TRACK = "track"
    ALBUM = "album"


class Named(NamedTuple):
    """A work by its key, and the files that are it. Not `sure`: only its title speaks for it, and a title is soon given twice."""

    key: str
    files: Sequence[File]
    sure: bool = False
    year: int | None = None

    @property
    def sort(self) -> Sort:
        return Sort(self.key.partition(":")[0])


NOTHING = Named("", ())


def work_of(item: Mapping[str, Any]) -> str:
    """The key of the work of an Item as the database has it; empty where nobody can say."""
    return named(item).key


def named(item: Mapping[str, Any]) -> Named:
    """Pictures and documents have no name that says what they are."""
    files = item.get("files", ())
    films = [file for file in files if file["kind"] == "video"]
    sounds = [file for file in files if file["kind"] == "audio"]
    if films and _bytes(films) >= _bytes(sounds):
        return _series(films) or _film(films)
    return _music(sounds)


def _series(films: Sequence[File]) -> Named | None:
    """None: there are no episodes in it."""
    numbered = [file for file in films if file.get("series") and file.get("episode") is not None]
    if not numbered:
        return None if not any(file.get("series") for file in films) else NOTHING
    (series, season), count = _commonest((_plain(file["series"]), file.get("season")) for file in numbered)
    theirs = [f for f in numbered if (_plain(f["series"]), f.get("season")) == (series, season)]
    if not series or count < _MOST_OF * len(numbered) or _bytes(theirs) < _MOST_OF * _bytes(films):
        return NOTHING
    where = "" if season is None else str(season)
    episodes = {file["episode"] for file in theirs}
    if len(episodes) == 1:
        return Named(f"{Sort.EPISODE}:{series}:{where}:{episodes.pop()}", theirs, sure=True)
    return Named(f"{Sort.SEASON}:{series}:{where}", theirs, sure=True)


def _film(films: Sequence[File]) -> Named:
    """The year is none of the key: not every name has it."""
    main = max(films, key=lambda file: file["size"])
    year = main.get("year")
    title = _plain(main["title"]).removesuffix(f" {year}")
    if not title or main["size"] < _MOST_OF * _bytes(films):
        return NOTHING
    return Named(f"{Sort.FILM}:{title}", [main], sure=year is not None, year=year)


def _music(sounds: Sequence[File]) -> Named:
    if len(sounds) == 1:
        performer, title = (_plain(sounds[0].get(name) or "") for name in ("performer", "title"))
        if not performer or not title:
            return NOTHING
        return Named(f"{Sort.TRACK}:{performer}:{title}", sounds, sure=True)
    if len(sounds) < _LEAST_TRACKS:
        return NOTHING
    album, count = _commonest(_plain(file.get("album") or "") for file in sounds)
    if not album or count < max(_LEAST_TRACKS, _MOST_OF * len(sounds)):
        return NOTHING
    theirs = [file for file in sounds if _plain(file.get("album") or "") == album]
    performer, count = _commonest(_plain(file.get("performer") or "") for file in theirs)
    by = performer if count >= _MOST_OF * len(theirs) else ""
    return Named(f"{Sort.ALBUM}:{by}:{album}", theirs, sure=bool(by))


def _bytes(files: Iterable[File]) -> int:
    return sum(file["size"] for file in files)


def _commonest(values: Iterable[Hashable]) -> tuple[Any, int]:
    """Of several the least, so that the order of the files does not matter."""
    return min(Counter(values).items(), key=lambda pair: (-pair[1], str(pair[0])))


@lru_cache(4096)
def _plain(text: str) -> str:
    return " ".join(fold(text[:_LONGEST]))
