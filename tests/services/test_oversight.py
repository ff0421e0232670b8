"""The orders of others, for those who oversee them and for nobody else."""

import pytest

from models.access import Role
from models.transfers import TransferState
from services.access.rights import NotAllowed
from services.transfers.oversight import PAGE, orders_of_others
from services.transfers.service import Transfers
from tests.services.orders import member, order, reread

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
S = TransferState


async def test_what_goes_on_for_others_is_shown_page_by_page() -> None:
    ada, owner = await member("ada"), await member("owner", Role.OWNER)
    going_on = [state for state in S if state not in {S.DONE, S.FAILED, S.CANCELLED}]
    theirs = [await order(state, member_id=ada.id, created_at=n) for n, state in enumerate(going_on * 2)]
    for state in (S.DONE, S.FAILED, S.CANCELLED):
        await order(state, member_id=ada.id)
    await order(S.QUEUED, member_id=owner.id)
    await order(S.QUEUED, member_id="gone", created_at=-1)
    first, second = [await orders_of_others(page, by=owner) for page in (0, 1)]
    seen = [*first.orders, *second.orders]
    assert [one.transfer.id for one in seen[:-1]] == [one.id for one in reversed(theirs)]
    assert {one.member for one in seen[:-1]} == {"Ada"}
    assert seen[-1].member == "?"
    assert (len(first.orders), first.pages) == (PAGE, 2)
    assert await orders_of_others(99, by=owner) == second


async def test_nobody_to_oversee() -> None:
    nothing = await orders_of_others(3, by=await member("owner", Role.OWNER))
    assert (nothing.orders, nothing.page, nothing.pages) == ([], 0, 1)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.GUEST])
async def test_others_see_and_steer_nothing(role: Role) -> None:
    ada, eve = await member("ada"), await member("eve", role)
    theirs, transfers = await order(S.QUEUED, member_id=ada.id), Transfers(lambda: None)
    with pytest.raises(NotAllowed):
        await orders_of_others(0, by=eve)
    for use_case in (transfers.find, transfers.to_front, transfers.pause, transfers.cancel):
        with pytest.raises(NotAllowed):
            await use_case(theirs.id, by=eve)
    assert await reread(theirs) == theirs


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
async def test_who_oversees_steers_all(role: Role) -> None:
    ada, boss = await member("ada"), await member("boss", role)
    theirs, transfers = await order(S.QUEUED, member_id=ada.id), Transfers(lambda: None)
    assert (await transfers.to_front(theirs.id, by=boss)).fronted_at > 0
    assert (await transfers.cancel(theirs.id, by=boss)).state is S.CANCELLED
