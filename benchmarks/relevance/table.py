"""What a search in the library is judged by: works as an archive holds them, and what people type to find one.

Both tables were written before there was anything that ranks. Tune on the queries that are `seen`, report those that
are `held`. No query says the whole title of what it asks for.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from models.media import Kind

HERE = Path(__file__).parent
Part = Literal["seen", "held"]
FOLDED_BY_THE_QUERY = frozenset({"accent", "transliteration"})
"""Classes whose queries may be the title but for its accents or its script."""
_WORKS = (
    "id",
    "kind",
    "title",
    "performer",
    "album",
    "year",
    "files",
    "tags",
    "languages",
    "seconds",
    "bytes",
)
_QUERIES = ("set", "class", "query", "expected")
_UNDECOMPOSED = str.maketrans({"ł": "l", "ß": "ss", "ı": "i", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})


@dataclass(frozen=True, slots=True)
class Work:
    """One archived work. `files` are names as they came; `size` in bytes; `seconds` is 0 for what does not play."""

    id: str
    kind: Kind
    title: str
    performer: str
    album: str
    """Of a season or an episode: the series."""
    year: int | None
    files: tuple[str, ...]
    tags: tuple[str, ...]
    languages: tuple[str, ...]
    seconds: int
    size: int


@dataclass(frozen=True, slots=True)
class Asking:
    """One query. It is answered when any of `expected` is among the first five."""

    part: Part
    sort: str
    query: str
    expected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    works: tuple[Work, ...]
    askings: tuple[Asking, ...]

    def of(self, part: Part) -> tuple[Asking, ...]:
        return tuple(asking for asking in self.askings if asking.part == part)


def load(folder: Path = HERE) -> Tables:
    """Both tables. Raises ValueError if they do not fit each other."""
    works = tuple(map(_work, _rows(folder / "works.tsv", _WORKS)))
    tables = Tables(works, tuple(map(_asking, _rows(folder / "queries.tsv", _QUERIES))))
    if faults := list(_faults(tables)):
        raise ValueError("\n".join(faults))
    return tables


def folded(text: str) -> str:
    """Its words in lower case and without accents, one blank between two."""
    bare = (c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return _words("".join(bare).translate(_UNDECOMPOSED))


def says_title(asking: Asking, title: str) -> bool:
    """Whether the query contains the whole title, which would make it too easy."""
    if _within(_words(title.lower()), _words(asking.query.lower())):
        return True
    return asking.sort not in FOLDED_BY_THE_QUERY and _within(folded(title), folded(asking.query))


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text))


def _within(part: str, whole: str) -> bool:
    return f" {part} " in f" {whole} "


def _rows(path: Path, header: Sequence[str]) -> list[list[str]]:
    first, *rest = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    if tuple(first) != tuple(header):
        raise ValueError(f"{path.name} begins with other columns")
    for number, row in enumerate(rest, 2):
        if len(row) != len(header):
            raise ValueError(f"{path.name}:{number} has {len(row)} columns")
    return rest


def _work(row: Sequence[str]) -> Work:
    key, kind, title, performer, album, year, files, tags, languages, seconds, size = row
    return Work(
        id=key,
        kind=Kind(kind),
        title=title,
        performer=performer,
        album=album,
        year=int(year) if year else None,
        files=tuple(files.split("|")),
        tags=tuple(tags.split()),
        languages=tuple(languages.split()),
        seconds=int(seconds),
        size=int(size),
    )


def _asking(row: Sequence[str]) -> Asking:
    part, sort, query, expected = row
    if part not in get_args(Part):
        raise ValueError(f"“{query}” is in no set")
    return Asking("seen" if part == "seen" else "held", sort, query, tuple(expected.split()))


def _faults(tables: Tables) -> Iterable[str]:
    titles = {work.id: work.title for work in tables.works}
    yield from _repeated("id", [work.id for work in tables.works])
    yield from _repeated("query", [asking.query.lower() for asking in tables.askings])
    yield from _repeated("expected work", [key for asking in tables.askings for key in asking.expected])
    for work in tables.works:
        if not work.title or not all(work.files) or not work.size:
            yield f"{work.id} lacks a title, a file or a size"
    for asking in tables.askings:
        if not 1 <= len(asking.expected) <= 3:
            yield f"“{asking.query}” expects {len(asking.expected)} works"
        for key in asking.expected:
            if key not in titles:
                yield f"“{asking.query}” expects {key}, which is not there"
            elif says_title(asking, titles[key]):
                yield f"“{asking.query}” is the title of {key}"


def _repeated(what: str, values: Iterable[str]) -> Iterable[str]:
    return (f"{what} twice: {value}" for value, times in Counter(values).items() if times > 1)
