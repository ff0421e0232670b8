"""What the index knows of an Item: made of the document as it is stored, because a million of them are read for a new index."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from services.library.fold import fold, other_spellings
from services.library.gathering import ordinal_of, parts_of
from services.library.languages import code_of
from services.library.reach import reach_of

Entry = dict[str, Any]
"""Fields of the index by name."""
QUALITIES = ((2000, "2160p"), (1300, "1440p"), (1000, "1080p"), (700, "720p"))
"""From how many pixels of height on a film is called so; what has fewer is SD."""
SD = "sd"
_MOST_NAMES = 200
"""Names of files that are looked up. A work may have ten thousand."""
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")


def entry_of(item: Mapping[str, Any]) -> Entry:
    """The entry of an Item as the database has it."""
    files = item.get("files", [])
    years = _years(item["title"], files)
    texts = _texts(item, files, years)
    return {
        "id": item["_id"],
        **texts,
        "text": _joined(texts.values()),
        "whole": texts["title"],
        "spellings": " ".join(sorted(other_spellings(item["title"]) | _spellings(files))),
        "reach": reach_of(item["member_id"], item.get("channel_id"), item.get("group")),
        "tag": sorted(tags_of(item)),
        "channel": [] if item.get("channel_id") is None else [str(item["channel_id"])],
        "added": item["archived_at"],
        "wanted": item.get("handed_out", 0),
        "price": 0,
        "part_of": sorted(parts_of(files)),
        "ordinal": ordinal_of(files),
        **_measures(files),
        **_episodes(files),
        "year": years,
    }


def _texts(
    item: Mapping[str, Any], files: Sequence[Mapping[str, Any]], years: Sequence[int]
) -> dict[str, str]:
    """By field, folded."""
    return {
        "title": _folded([item["title"]]),
        "performer": _folded(_named(files, "performer")),
        "album": _folded([*_named(files, "album"), *_named(files, "series")]),
        "names": _folded([*_named(files[:_MOST_NAMES], "name"), *_named(files[:_MOST_NAMES], "title")]),
        "rest": _folded([*item.get("tags", ()), *_genres(files), *map(str, years), item.get("caption", "")]),
    }


def tags_of(item: Mapping[str, Any]) -> set[str]:
    """Its tags as they are asked for: those it was given, and the genres its files name."""
    return {_as_tag(tag) for tag in (*item.get("tags", ()), *_genres(item.get("files", ())))} - {""}


@lru_cache(4096)
def _as_tag(text: str) -> str:
    return "".join(fold(text))


def _genres(files: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(genre for file in files for genre in file.get("genres", ())))


def _named(files: Iterable[Mapping[str, Any]], name: str) -> list[str]:
    """What the files say, each once."""
    return list({value: None for file in files if (value := file.get(name))})


def _folded(texts: Iterable[str]) -> str:
    """Folded together, which takes less time than one by one."""
    return " ".join(fold("\n".join(texts)))


def _joined(texts: Iterable[str]) -> str:
    return " ".join(text for text in texts if text)


def _spellings(files: Iterable[Mapping[str, Any]]) -> set[str]:
    names = (*_named(files, "performer"), *_named(files, "album"), *_named(files, "series"))
    return {word for name in names if not name.isascii() for word in other_spellings(name)}


def _measures(files: Sequence[Mapping[str, Any]]) -> Entry:
    """What is counted and compared."""
    heights = [lines_of(file) for file in files if file["kind"] == "video" and file.get("height")]
    height = max(heights, default=None)
    measures: Entry = {
        "kind": sorted({file["kind"] for file in files}),
        "bytes": sum(file["size"] for file in files),
        "seconds": round(sum(file.get("duration") or 0 for file in files)),
        "codec": sorted(
            {c for file in files for c in (file.get("video_codec"), file.get("audio_codec")) if c}
        ),
        "language": sorted({code_of(code) for file in files for code in file.get("subtitles", ())}),
    }
    return measures if height is None else {**measures, "height": height, "quality": quality(height)}


def lines_of(file: Mapping[str, Any]) -> int:
    """Of the screen that it fills: a wide film has fewer lines than its name says."""
    width, height = int(file.get("width") or 0), int(file["height"])
    return max(height, round(min(width, 8000) * 9 / 16)) if width > height else height


def quality(height: int) -> str:
    """What a film of so many lines is called."""
    return next((name for least, name in QUALITIES if height >= least), SD)


def _years(title: str, files: Sequence[Mapping[str, Any]]) -> list[int]:
    """What its files say, else the last one in its title."""
    said = {file["year"] for file in files if file.get("year")}
    return sorted(said) if said else [int(year) for year in _YEAR.findall(title)[-1:]]


def _episodes(files: Sequence[Mapping[str, Any]]) -> Entry:
    return {
        name: sorted({file[name] for file in files if file.get(name) is not None})
        for name in ("season", "episode")
    }
