"""Who may see what: an Item carries a few words, a member asks with theirs, and one in common opens it.

What stands in the archive channel, or in a channel that was taken in, is for all members; what was ordered in a group, for
those who are in it; and what stands in somebody's own chat, for them. `Archive` hands out by the same rule.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any


def reach_of(member_id: str, channel_id: int | None, group: int | None) -> list[str]:
    """The words of an Item."""
    place = f"c{channel_id}" if group is None else f"g{group}c{channel_id}"
    return [f"m{member_id}", place]


@dataclass(frozen=True)
class Reach:
    """For whom is looked: in a chat that others read, `member_id` is None and only the chat's group counts.

    `channel` is the archive channel; `groups`: those whose members see what comes; `taken_in`: channels that an admin has
    opened. `everything`: nothing is hidden.
    """

    channel: int | None
    member_id: str | None = None
    groups: Collection[int] = ()
    everything: bool = False
    taken_in: Collection[int] = ()
    kept: Collection[str] = ()
    """Ids of Items that stand for what the member ordered, in the same place: they see these all the same."""

    def sees(self, item: Mapping[str, Any]) -> bool:
        """Whether an Item, as the database has it, is for them."""
        words = reach_of(item["member_id"], item.get("channel_id"), item.get("group"))
        return self.everything or item["_id"] in self.kept or not set(words).isdisjoint(self.words)

    @property
    def words(self) -> list[str]:
        """At least one of these an Item must have."""
        own = [] if self.member_id is None else [f"m{self.member_id}"]
        places = {self.channel, *self.taken_in} - {None}
        common = [f"c{place}" for place in sorted(places, key=str)]
        of_groups = [f"g{group}c{place}" for group in self.groups for place in {*places, group}]
        return [*own, *common, *of_groups]
