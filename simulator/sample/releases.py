"""The index of the sample works, as it lies on disk."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

INDEX = "index.json"
VERSION = 1
"""Counts up when the works change, so that an older folder is made again."""


@dataclass(frozen=True)
class SampleRelease:
    """One search hit. `size` is in bytes, `published` in ISO 8601, `peers` counts seeders too."""

    title: str
    name: str
    category: int
    published: str
    seeders: int
    peers: int
    infohash: str
    size: int
    files: int


@dataclass(frozen=True)
class Index:
    releases: Sequence[SampleRelease]

    def to_json(self) -> dict[str, object]:
        return {"version": VERSION, "releases": [asdict(release) for release in self.releases]}


def read_index(folder: Path) -> Index | None:
    """The index of a whole library of this version, or None."""
    try:
        data = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if data["version"] != VERSION:
        return None
    return Index(releases=[SampleRelease(**release) for release in data["releases"]])
