"""Which Items of one work in one place are shown together, and which may be merged. Nothing here does I/O."""

import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from models.library import Encodings, EncodingsState
from services.library.quality import Encoding, best_of, same_work, scores

MOST_SHOWN = 8
"""Nobody merges what they were not shown: of more, the best are shown first, and the others afterwards."""


@dataclass(frozen=True)
class Group:
    """What is to be shown of a place."""

    state: EncodingsState
    items: Sequence[str]
    best: str


def pair(one: str, other: str) -> str:
    """Two ids as `Encodings.apart` keeps them."""
    return ":".join(sorted((one, other)))


def pairs(ids: Iterable[str]) -> list[str]:
    return [pair(one, other) for one, other in combinations(sorted(ids), 2)]


def grouped(members: Sequence[Encoding], apart: Collection[str]) -> Group | None:
    """What is still to be decided comes first; None: there is nothing to show."""
    free = [each for each in members if not each.merged_into]
    together = _together(sorted(free, key=lambda each: each.id), apart)
    if together:
        found = scores(together)
        shown = sorted(together, key=lambda each: (-found[each.id].points, each.id))[:MOST_SHOWN]
        ids = {each.id for each in shown}
        behind = [each.id for each in members if each.merged_into in ids]
        return Group(EncodingsState.OPEN, sorted(ids | set(behind)), best_of(shown).id)
    merged = {each.id: each.merged_into for each in members if each.merged_into}
    if merged:
        kept = set(merged.values())
        return Group(EncodingsState.MERGED, sorted(kept | set(merged)), min(kept))
    divided = {each for both in apart for each in both.split(":")} & {each.id for each in free}
    if len(divided) > 1:
        best = best_of([each for each in free if each.id in divided]).id
        return Group(EncodingsState.APART, sorted(divided), best)
    return None


def _together(free: Sequence[Encoding], apart: Collection[str]) -> list[Encoding]:
    """The first of them with all that is like it, or like what is like it; none: nothing is like another."""
    left = list(free)
    while left:
        found, waiting = list[Encoding](), [left.pop(0)]
        while waiting:
            one = waiting.pop()
            found.append(one)
            near = [each for each in left if same_work(one, each) and pair(one.id, each.id) not in apart]
            left = [each for each in left if each not in near]
            waiting += near
        if len(found) > 1:
            return found
    return []


def joining(best: str, members: Sequence[Encoding], apart: Collection[str]) -> list[str]:
    """Those for which one may come to stand: what is like it, or was merged with it already.

    Two that somebody said are not the same do not come together in a third: then neither does.
    """
    own = next(each for each in members if each.id == best)
    root = own.merged_into or own.id
    known = {each.id for each in members if root in {each.id, each.merged_into}} - {best}
    like = {
        each.id
        for each in members
        if not each.merged_into
        and each.id not in {best, *known}
        and same_work(own, each)
        and pair(best, each.id) not in apart
    }
    torn = {one for one in like for other in like | known if pair(one, other) in apart}
    return sorted(known | (like - torn))


def seen(group: Encodings) -> int:
    """A number that changes with what is shown together: by it is known whether somebody saw what they decide about."""
    return zlib.crc32(f"{group.state} {' '.join(sorted(group.items))}".encode()) & (2**31 - 1)
