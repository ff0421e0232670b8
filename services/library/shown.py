"""What of the library a Card shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from models.library import Item, LibrarySearch
from models.storage import Copy
from services.library.asking import Care
from services.library.groups import Group, Groups
from services.library.index import Chosen, Facet
from services.library.query import SortBy

PAGE = 5
TYPED = 20
"""How many finds an inline query is answered with at once."""
MOST_PAGES = 2000


@dataclass(frozen=True)
class Choice:
    """One value of a facet; `count`: how many finds have it among those that the other facets leave."""

    facet: Facet
    value: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Details:
    """More about one Item: what only its reader knows, and how many messages and places keep it."""

    item: Item
    favourite: bool
    previews: int
    copies: int
    kept_on_disk: int
    parts: Sequence[Group] = ()
    """What it is a part of."""
    moves: Mapping[bool, int] = field(default_factory=dict)
    """Places in the collection it is shown in: True, one earlier; False, one later. Only those there are."""
    mine: Sequence[Group] = ()
    """What its reader may put it into, or take it out of; only where they are asked."""
    merged: Sequence[Item] = ()
    """Other encodings of the same work that it stands for."""


@dataclass(frozen=True)
class Shown:
    """What a Card needs. `page` begins with 0. Not `ready`: the index is being made; the Card is edited when it is."""

    search: LibrarySearch
    sort: SortBy
    items: Sequence[Item] = ()
    total: int = 0
    page: int = 0
    care: Care = Care.EXACT
    choices: Sequence[Choice] = ()
    chosen: Chosen = field(default_factory=dict)
    like: Item | None = None
    details: Details | None = None
    ready: bool = True
    watched: bool = False
    """Whether the member is told when something arrives that fits what they asked for."""
    within: Group | None = None
    """The collection of which what is listed is a part."""
    groups: Groups | None = None
    """What the finds are parts of, on the side that shows that."""

    @property
    def pages(self) -> int:
        return max(1, min(MOST_PAGES, -(-self.total // PAGE)))


@dataclass(frozen=True)
class Typed:
    """What fits what is being typed: Items, the Copy of the main post of each, and where the next ones begin."""

    items: Sequence[Item] = ()
    main: Mapping[str, Copy] = field(default_factory=dict)
    following: int | None = None


def spelled(facet: Facet, value: str) -> str:
    """A choice as a search keeps it."""
    return f"{facet.value}:{value}"


def read_chosen(filters: Iterable[str]) -> Chosen:
    """What a search keeps, by facet; what is none is left out."""
    chosen: dict[Facet, frozenset[str]] = {}
    for entry in filters:
        name, _, value = entry.partition(":")
        if name in list(Facet):
            chosen[Facet(name)] = chosen.get(Facet(name), frozenset()) | {value}
    return chosen


def choices(counts: Mapping[Facet, Mapping[str, int]], chosen: Chosen) -> list[Choice]:
    """Every value that a find has or that is chosen, facet by facet, the most frequent first."""
    found = []
    for facet, values in counts.items():
        picked = chosen.get(facet, frozenset())
        known = {**dict.fromkeys(sorted(picked), 0), **values}
        found += [Choice(facet, value, count, value in picked) for value, count in known.items()]
    return found
