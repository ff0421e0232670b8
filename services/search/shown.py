"""One search as a person looks at it: the page, the choices, the details."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.access import Member
from models.search import Face, Hits, Release, Search
from services.errors import MagpieError
from services.search.facets import Choice, Chosen, choices, read_chosen, select
from services.search.marks import Mark, marks_of
from services.search.patterns import matching
from services.search.ranking import in_order

PAGE = 5


@dataclass(frozen=True)
class Hit:
    """One Release with its number in the list."""

    number: int
    release: Release
    mark: Mark | None


@dataclass(frozen=True)
class Shown:
    """What a Card needs. `found` counts what is kept, `listed` what the filters leave of it, `page` begins with 0.

    `left_out`: how many more were found.
    """

    search: Search
    found: int
    listed: int
    page: int
    hits: Sequence[Hit]
    left_out: int = 0
    choices: Sequence[Choice] = ()
    chosen: Sequence[Choice] = ()
    fault: MagpieError | None = None
    """Why the pattern is not heeded."""
    utc_offset: int = 0
    """Minutes east of UTC that the member's clock is."""

    @property
    def pages(self) -> int:
        return max(1, -(-self.listed // PAGE))

    @property
    def looked_at(self) -> Hit | None:
        """The hit whose details are asked for."""
        if self.search.face is not Face.DETAILS:
            return None
        return next((hit for hit in self.hits if hit.release.key == self.search.looked_at), None)


class Found(NamedTuple):
    """The best of what is found so far, the best first, and how many more there were."""

    releases: list[Release]
    left_out: int = 0


async def found_by(search_id: str) -> Found:
    """What a search has found so far."""
    hits = await Hits.get(search_id)
    return Found([]) if hits is None else Found(hits.releases, hits.left_out)


async def releases_of(search_id: str) -> list[Release]:
    """The best of what a search has found so far, the best first."""
    return (await found_by(search_id)).releases


async def shown(search: Search) -> Shown:
    """Filters, sorts and marks what the Card shows now."""
    found = await found_by(search.id)
    chosen = read_chosen(search.filters)
    matched, fault = await _matched(search, found.releases)
    in_list = listing(search, matched, chosen)
    page = _page(search, in_list)
    hits = in_list[page * PAGE : (page + 1) * PAGE]
    all_choices = await _choices(search, matched, chosen)
    return Shown(
        search=search,
        found=len(found.releases),
        left_out=found.left_out,
        listed=len(in_list),
        page=page,
        hits=_numbered(hits, page * PAGE + 1, await marks_of(hits)),
        choices=all_choices,
        chosen=[choice for choice in all_choices if choice.chosen],
        fault=fault,
        utc_offset=await _utc_offset(search),
    )


def _page(search: Search, in_list: Sequence[Release]) -> int:
    """The page that is wished for; beside details, the one of the Release that is looked at."""
    if search.face is Face.DETAILS:
        for place, release in enumerate(in_list):
            if release.key == search.looked_at:
                return place // PAGE
    return min(search.page, max(0, -(-len(in_list) // PAGE) - 1))


async def _utc_offset(search: Search) -> int:
    """Where a time of day is to be shown."""
    if all(report.until is None for report in search.reports):
        return 0
    member = await Member.get(search.member_id)
    return 0 if member is None else member.utc_offset


def listing(search: Search, matched: Sequence[Release], chosen: Chosen) -> list[Release]:
    """What the pattern left, as the member wants it listed."""
    return in_order(select(matched, chosen), search.order)


async def listed(search: Search) -> list[Release]:
    """All pages, as the member sees them; a pattern that is not heeded leaves everything."""
    matched, _ = await _matched(search, await releases_of(search.id))
    return listing(search, matched, read_chosen(search.filters))


async def _matched(search: Search, found: Sequence[Release]) -> tuple[Sequence[Release], MagpieError | None]:
    """In a thread: an expression may use up its time, and nobody else is to wait for it."""
    if not search.pattern:
        return found, None
    try:
        return await asyncio.to_thread(matching, search.pattern, found), None
    except MagpieError as fault:
        return found, fault


async def _choices(search: Search, matched: Sequence[Release], chosen: Chosen) -> Sequence[Choice]:
    """In a thread: of thousands of hits the values take a while to be read."""
    if search.face is not Face.FILTER and not chosen:
        return ()
    names = [report.indexer for report in search.reports]
    return await asyncio.to_thread(choices, matched, names, chosen)


def _numbered(releases: Sequence[Release], first: int, marks: Mapping[str, Mark]) -> Sequence[Hit]:
    return [Hit(number, release, marks.get(release.key)) for number, release in enumerate(releases, first)]
