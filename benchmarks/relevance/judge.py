"""How many of the queries are answered: `python -m benchmarks.relevance.judge [seen|held]`."""

import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.relevance.table import Asking, Part, Work, load
from services.library.entries import entry_of
from services.library.index import Index, Wanted
from services.library.query import read_asked
from services.library.reach import Reach

FIRST = 5


def item_of(work: Work) -> Mapping[str, Any]:
    """The work as the database would have it."""
    each = work.size // len(work.files)
    files = [
        {
            "name": name,
            "size": each,
            "kind": work.kind.value,
            "title": work.title if len(work.files) == 1 else name.rpartition(".")[0],
            "duration": work.seconds / len(work.files),
            "performer": work.performer or None,
            "album": work.album or None,
            "year": work.year,
            "subtitles": work.languages,
        }
        for name in work.files
    ]
    return {
        "_id": work.id,
        "title": work.title,
        "files": files,
        "tags": work.tags,
        "member_id": "1",
        "channel_id": -1,
        "archived_at": 0,
    }


def answers(index: Index, asking: Asking, channel: int = -1) -> bool:
    """Whether a work that is expected is among the first of those in a channel."""
    wanted = Wanted(read_asked(asking.query), Reach(channel), limit=FIRST)
    return any(found in asking.expected for found in index.search(wanted).ids)


def index_of(works: Iterable[Work], folder: Path) -> Index:
    """An index of all of them."""
    index = Index(folder)
    index.fill(entry_of(item_of(work)) for work in works)
    index.commit()
    return index


def main(part: Part) -> None:
    tables = load()
    with tempfile.TemporaryDirectory() as folder:
        index = index_of(tables.works, Path(folder))
        missed = [asking for asking in tables.of(part) if not answers(index, asking)]
        index.close()
    total = len(tables.of(part))
    sys.stdout.write(f"{part}: {total - len(missed)} of {total} are answered among the first {FIRST}\n")
    if part == "seen":
        for asking in missed:
            sys.stdout.write(f"  {asking.sort}: {asking.query} -> {', '.join(asking.expected)}\n")


if __name__ == "__main__":
    main("held" if "held" in sys.argv else "seen")
