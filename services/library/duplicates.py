"""What admins do with several encodings of one work: look at them together, merge them, say that they are not the same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from models.access import Member, Right
from models.library import Encodings, EncodingsState
from services.access.rights import require
from services.documents import update_if
from services.errors import MagpieError
from services.failpoints import failpoint
from services.library.encodings import later
from services.library.grouping import joining, pairs, seen
from services.library.measuring import encodings_of, of_work
from services.library.quality import Encoding, Score, scores

PAGE = 6
_WAITING = (EncodingsState.OPEN, EncodingsState.MERGING, EncodingsState.SEPARATING)
_DECIDED = (EncodingsState.MERGED, EncodingsState.APART)


class NoSuchEncodings(MagpieError):
    """They are not shown together any more."""

    def __init__(self) -> None:
        super().__init__("button-stale")


class EncodingsChanged(MagpieError):
    """They are not what was decided about: somebody else decided, or another came."""

    def __init__(self) -> None:
        super().__init__("duplicates-changed")


@dataclass(frozen=True)
class Listed:
    """A page of works. `page` begins with 0."""

    groups: Sequence[tuple[Encodings, str]]
    """Each with the title of its best copy."""
    decided: bool
    page: int
    pages: int
    total: int
    others: int
    """How many stand in the other list."""


@dataclass(frozen=True)
class Looked:
    """One work closely: its encodings, the one of `best` as if that were kept, and what then would join it."""

    group: Encodings
    encodings: Sequence[Encoding]
    scores: Mapping[str, Score]
    best: str
    joining: Sequence[str] = ()
    elsewhere: Sequence[Encoding] = field(default_factory=tuple)
    """Encodings of it that are for others to see."""

    @property
    def better(self) -> str:
        """The id of the best copy by its score."""
        return max(self.encodings, key=lambda each: (self.scores[each.id].points, each.id == self.best)).id

    @property
    def seen(self) -> int:
        return seen(self.group)


class Duplicates:
    """Use cases. `wake` tells who carries out what was decided."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    @require(Right.MANAGE)
    async def listed(self, page: int, *, decided: bool, by: Member) -> Listed:
        """What nobody has decided about yet, or what was decided, the newest first."""
        total, others = await _count(decided=decided), await _count(decided=not decided)
        pages = max(1, -(-total // PAGE))
        page = min(max(page, 0), pages - 1)
        found = Encodings.find(_in(decided=decided)).sort("-changed_at", "_id")
        groups = await found.skip(page * PAGE).limit(PAGE).to_list()
        titles = {each.id: each.title for each in await encodings_of([group.best for group in groups])}
        named = [(group, titles.get(group.best, group.work)) for group in groups]
        return Listed(named, decided, page, pages, total, others)

    @require(Right.MANAGE)
    async def look(self, group_id: str, best: str = "", *, by: Member) -> Looked:
        """One work closely, as if `best` were the one to keep. Raises NoSuchEncodings."""
        group = await _find(group_id)
        encodings = await encodings_of(group.items)
        known = {each.id for each in encodings}
        best = next((each for each in (best, group.best, *group.items) if each in known), "")
        if not best:
            raise NoSuchEncodings
        place = (group.channel_id, group.group)
        others = [each for each in await of_work(group.work) if each.place != place]
        return Looked(
            group=group,
            encodings=encodings,
            scores=scores(encodings),
            best=best,
            joining=[each for each in joining(best, encodings, group.apart) if each in known],
            elsewhere=others,
        )

    @require(Right.MANAGE)
    async def merge(self, group_id: str, best: str, shown: int, *, by: Member) -> None:
        """Has one stand for the others. `shown`: of what was looked at. Raises NoSuchEncodings, EncodingsChanged."""
        looked = await self.look(group_id, best, by=by)
        if looked.best != best or not looked.joining:
            raise EncodingsChanged
        states = (EncodingsState.OPEN, EncodingsState.MERGED)
        changes = {"state": EncodingsState.MERGING, "best": best, "joining": list(looked.joining)}
        await self._decide(looked.group, shown, states, changes)

    @require(Right.MANAGE)
    async def part(self, group_id: str, shown: int, *, by: Member) -> None:
        """They are not the same work, none of them. What was merged stays so. Raises NoSuchEncodings, EncodingsChanged."""
        looked = await self.look(group_id, by=by)
        free = [each.id for each in looked.encodings if not each.merged_into]
        apart = sorted({*looked.group.apart, *pairs(free)})
        changes = {"state": EncodingsState.APART, "apart": apart}
        await self._decide(looked.group, shown, (EncodingsState.OPEN,), changes)

    @require(Right.MANAGE)
    async def rejoin(self, group_id: str, *, by: Member) -> None:
        """Nobody said that they are not the same. Raises NoSuchEncodings, EncodingsChanged."""
        group = await _find(group_id)
        changes: Mapping[str, object] = {"state": EncodingsState.OPEN, "apart": []}
        await self._decide(group, seen(group), (EncodingsState.APART,), changes)

    @require(Right.MANAGE)
    async def separate(self, group_id: str, shown: int, *, by: Member) -> None:
        """Each stands for itself again. Tags and favourites stay where they are. Raises NoSuchEncodings, EncodingsChanged."""
        looked = await self.look(group_id, by=by)
        merged = [each.id for each in looked.encodings if each.merged_into]
        changes = {"state": EncodingsState.SEPARATING, "joining": merged}
        await self._decide(looked.group, shown, (EncodingsState.MERGED, EncodingsState.OPEN), changes)

    async def _decide(
        self,
        group: Encodings,
        shown: int,
        states: Sequence[EncodingsState],
        changes: Mapping[str, object],
    ) -> None:
        if group.state not in states or shown != seen(group):
            raise EncodingsChanged
        where = {"_id": group.id, "changed_at": group.changed_at}
        with failpoint("encodings.decide"):
            decided = await update_if(Encodings, where, {**changes, "changed_at": later(group)})
        if decided is None:
            raise EncodingsChanged
        self._wake()


def _in(*, decided: bool) -> dict[str, object]:
    states = _DECIDED if decided else _WAITING
    return {"state": {"$in": [state.value for state in states]}}


async def _count(*, decided: bool) -> int:
    return await Encodings.find(_in(decided=decided)).count()


async def _find(group_id: str) -> Encodings:
    group = await Encodings.get(group_id)
    if group is None:
        raise NoSuchEncodings
    return group
