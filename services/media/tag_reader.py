"""What music is called, by its tags. Runs in the probe's child process."""

import re
from pathlib import Path
from typing import Any

import mutagen

from services.media.formats import MOST_GENRES
from services.media.names import clean, first

_YEAR = re.compile(r"[12]\d{3}")
_ORDINAL = re.compile(r"0*([1-9]\d{0,2})(?!\d)", re.ASCII)
"""As in `3`, `03` and `3/12`."""


def tags_of_audio(path: Path) -> dict[str, object]:
    """Those of title, performer, album, year, disc, track and genres that the file's tags name; raises MutagenError."""
    tags = mutagen.File(path, easy=True)
    return {} if tags is None else tags_named(tags)


def tags_named(tags: Any) -> dict[str, object]:  # noqa: ANN401 - mutagen's types are not typed
    """Those that mutagen's easy tags name."""
    named = {"title": tags.get("title"), "performer": tags.get("artist"), "album": tags.get("album")}
    found: dict[str, object] = {name: text for name, value in named.items() if (text := clean(first(value)))}
    year = _YEAR.match(first(tags.get("date")))
    if year is not None:
        found["year"] = int(year[0])
    for name, value in (("disc", tags.get("discnumber")), ("track", tags.get("tracknumber"))):
        ordinal = _ORDINAL.match(first(value))
        if ordinal is not None:
            found[name] = int(ordinal[1])
    genres = [genre for text in (tags.get("genre") or ())[:MOST_GENRES] if (genre := clean(str(text)))]
    return {**found, "genres": genres} if genres else found
