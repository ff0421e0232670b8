"""What goes on for others: for those who oversee all orders."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.access import Member, Right
from models.transfers import ENDED, Transfer
from services.access.rights import require

PAGE = 10


@dataclass(frozen=True)
class Overseen:
    """An order of somebody else; `member` is their name."""

    transfer: Transfer
    member: str


@dataclass(frozen=True)
class Others:
    """One page of the orders of others, the newest first; pages count from 0."""

    orders: Sequence[Overseen] = ()
    page: int = 0
    pages: int = 1


@require(Right.OVERSEE)
async def orders_of_others(page: int, *, by: Member) -> Others:
    """The orders of all others that are going on. A page behind the last one is the last one. Raises NotAllowed."""
    going_on = Transfer.find(
        {"member_id": {"$ne": by.id}, "state": {"$nin": [state.value for state in ENDED]}}
    )
    pages = max(1, -(-await going_on.count() // PAGE))
    here = min(page, pages - 1)
    found = await going_on.sort("-created_at").skip(here * PAGE).limit(PAGE).to_list()
    ids = sorted({transfer.member_id for transfer in found})
    names = {member.id: member.name for member in await Member.find({"_id": {"$in": ids}}).to_list()}
    return Others([Overseen(each, names.get(each.member_id, "?")) for each in found], here, pages)
