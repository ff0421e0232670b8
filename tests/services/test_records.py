"""Leases and fences: who may write a Transfer, and when."""

import asyncio

import pytest

from models.clock import now
from models.transfers import Transfer, TransferState
from services.documents import update_if
from services.transfers import records
from services.transfers.records import Stale, Task
from tests.services.orders import order, reread

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
HAVE_WORK = {TransferState.QUEUED, TransferState.INSPECTING, TransferState.PREVIEWING}


async def claim(
    owner: str = "us", task: Task = Task.STAGE, seconds: int = 60, share: int = 100
) -> Transfer | None:
    return await records.claim(owner, seconds, task, share=share)


async def claimed(owner: str = "us", task: Task = Task.STAGE, seconds: int = 60) -> Transfer:
    transfer = await claim(owner, task, seconds)
    assert transfer is not None
    return transfer


async def run_out(transfer: Transfer) -> None:
    """As if the time of the lease were over."""
    await update_if(Transfer, {"_id": transfer.id}, {"lease_until": now() - 1})


async def test_what_has_work_is_claimed() -> None:
    for state in TransferState:
        transfer = await order(state, admitted=True)
        found = await claim("us")
        assert (found is not None) == (state in HAVE_WORK), state
        if found is not None:
            assert (found.id, found.lease_owner, found.fence) == (transfer.id, "us", 1)
            assert 55_000 < found.lease_until - now() <= 60_000


async def test_storing_takes_no_place_of_other_stages() -> None:
    """It may take hours."""
    storing = await order(TransferState.STORING)
    assert await claim() is None
    assert (await claimed(task=Task.STORE)).id == storing.id
    inspecting = await order(TransferState.INSPECTING)
    assert await claim(task=Task.STORE) is None
    assert (await claimed()).id == inspecting.id


async def test_an_order_whose_files_are_not_known_has_work() -> None:
    transfer = await order(listed=False)
    assert await claim() is None
    assert (await claimed(task=Task.LOOK)).id == transfer.id
    assert await claim(task=Task.LOOK) is None


async def test_members_take_turns_whoever_has_more() -> None:
    """Fifty orders of one do not delay the one of another, and nobody takes all places."""
    mine = [(await order(TransferState.PREVIEWING, created_at=at)).id for at in range(50)]
    first = await claimed()
    theirs = await order(TransferState.INSPECTING, member_id="blas", created_at=99)
    assert first.id == mine[0]
    assert (await claimed()).id == theirs.id
    assert [(await claimed()).id for _ in range(2)] == mine[1:3]
    assert await claim(share=3) is None
    await order(TransferState.INSPECTING, member_id="cleo", created_at=100)
    assert (await claim(share=3)) is not None
    await run_out(first)
    assert (await claimed()).id == mine[0], "a place that nobody holds any more is free"


async def test_what_waits_for_its_time_takes_no_place() -> None:
    for _ in range(2):
        await order(TransferState.PREVIEWING)
    await records.wait(await claimed(), "waiting-telegram", now() + 60_000)
    assert await claim(share=1) is not None


async def test_the_oldest_comes_first() -> None:
    ids = [(await order(TransferState.QUEUED, admitted=True, created_at=at)).id for at in (3000, 1000, 2000)]
    assert [(await claimed()).id for _ in range(3)] == [ids[1], ids[2], ids[0]]
    assert await claim("us") is None


async def test_of_twenty_claims_at_once_each_gets_another_and_none_twice() -> None:
    ids = {(await order(TransferState.QUEUED, admitted=True)).id for _ in range(5)}
    found = await asyncio.gather(*(claim(str(number)) for number in range(20)))
    winners = [transfer for transfer in found if transfer is not None]
    assert sorted(transfer.id for transfer in winners) == sorted(ids)
    for transfer in winners:
        assert (await reread(transfer)).lease_owner == transfer.lease_owner


async def test_two_concurrent_claims_of_one_have_one_winner() -> None:
    await order(TransferState.QUEUED, admitted=True)
    found = await asyncio.gather(*(claim(str(number)) for number in range(20)))
    assert sum(transfer is not None for transfer in found) == 1


async def test_a_lease_that_ran_out_is_taken_over_and_the_former_owner_cannot_write() -> None:
    await order(TransferState.INSPECTING)
    stale = await claimed("stale")
    assert await claim("other") is None
    await run_out(stale)
    fresh = await claimed("fresh")
    assert (fresh.id, fresh.fence) == (stale.id, stale.fence + 1)

    assert not await records.renew(stale, 60)
    with pytest.raises(Stale):
        await records.advance(stale, {"state": TransferState.PREVIEWING, "title": "stale"})
    await records.wait(stale, "waiting-engine", now() + 99_000)
    assert await reread(stale) == fresh

    advanced = await records.advance(fresh, {"state": TransferState.PREVIEWING, "title": "fresh"})
    assert (advanced.title, advanced.lease_owner, advanced.lease_until) == ("fresh", None, 0)


async def test_a_lease_is_renewed_by_its_owner() -> None:
    await order(TransferState.PREVIEWING)
    transfer = await claimed(seconds=1)
    assert await records.renew(transfer, 100)
    assert (await reread(transfer)).lease_until > now() + 90_000


async def test_nobody_writes_a_stage_twice() -> None:
    await order(TransferState.PREVIEWING)
    transfer = await claimed()
    await records.advance(transfer, {"state": TransferState.DONE})
    with pytest.raises(Stale):
        await records.advance(transfer, {"state": TransferState.FAILED})
    assert (await reread(transfer)).state is TransferState.DONE


async def test_a_members_move_takes_the_work_out_of_the_workers_hands() -> None:
    await order(TransferState.INSPECTING)
    transfer = await claimed()
    moved = await records.move(
        transfer.id, [TransferState.INSPECTING], {"state": TransferState.PAUSED, "resume_to": "inspecting"}
    )
    assert (moved.lease_owner, moved.lease_until, moved.fence) == (None, 0, transfer.fence + 1)
    assert not await records.renew(transfer, 60)
    with pytest.raises(Stale):
        await records.advance(transfer, {"state": TransferState.PREVIEWING})
    # even when it is in the same state again, the old hold is over
    await records.move(transfer.id, [TransferState.PAUSED], {"state": TransferState.INSPECTING})
    with pytest.raises(Stale):
        await records.advance(transfer, {"state": TransferState.PREVIEWING})


async def test_a_move_from_an_unexpected_state_changes_nothing() -> None:
    transfer = await order(TransferState.DONE)
    for expected in ([TransferState.QUEUED], []):
        with pytest.raises(Stale):
            await records.move(transfer.id, expected, {"state": TransferState.CANCELLED})
    with pytest.raises(Stale):
        await records.move("nobody", list(TransferState), {"state": TransferState.CANCELLED})
    assert await reread(transfer) == transfer


async def test_of_many_moves_at_once_one_happens() -> None:
    transfer = await order(TransferState.QUEUED, admitted=True)
    moves = (
        records.move(transfer.id, [TransferState.QUEUED], {"state": TransferState.PAUSED}) for _ in range(20)
    )
    made = await asyncio.gather(*moves, return_exceptions=True)
    assert sum(isinstance(found, Transfer) for found in made) == 1
    assert (await reread(transfer)).fence == 1


async def test_waiting_frees_the_lease_but_not_before_its_time() -> None:
    await order(TransferState.QUEUED, admitted=True)
    transfer = await claimed()
    await records.wait(transfer, "waiting-disk", now() + 50_000)
    waiting = await reread(transfer)
    assert (waiting.waiting, waiting.lease_owner, waiting.attempts) == ("waiting-disk", None, 1)
    assert await claim("us") is None
    await run_out(transfer)
    again = await claimed()
    await records.wait(again, "waiting-disk", 0)
    assert (await reread(transfer)).attempts == 2


async def test_the_same_reason_again_is_nothing_new_to_show() -> None:
    await order(TransferState.QUEUED, admitted=True)
    transfer = await claimed()
    await records.wait(transfer, "waiting-disk", 0)
    first = await reread(transfer)
    assert first.changed_at >= transfer.changed_at
    await records.wait(await claimed(), "waiting-disk", 0)
    assert (await reread(transfer)).changed_at == first.changed_at


async def test_going_on_forgets_why_it_waited() -> None:
    await order(TransferState.QUEUED, admitted=True)
    await records.wait(await claimed(), "waiting-disk", 0)
    advanced = await records.advance(await claimed(), {"state": TransferState.FETCHING})
    assert (advanced.waiting, advanced.attempts) == (None, 0)


async def test_release_all_frees_the_leases_of_one_owner() -> None:
    mine, others = await order(TransferState.QUEUED, admitted=True), await order(TransferState.PREVIEWING)
    await update_if(Transfer, {"_id": mine.id}, {"lease_owner": "us", "lease_until": now() + 99_000})
    await update_if(Transfer, {"_id": others.id}, {"lease_owner": "them", "lease_until": now() + 99_000})
    assert await records.release_all("us") == 1
    assert (await claimed("us")).id == mine.id
    assert await claim("us") is None


async def test_choosing_goes_on_from_what_was_read() -> None:
    transfer = await order()
    chosen = await records.choose(transfer, {"page": 1})
    assert chosen.changed_at > transfer.changed_at
    with pytest.raises(Stale):
        await records.choose(transfer, {"page": 2})
    assert (await records.choose(chosen, {"page": 3})).page == 3
    await records.move(transfer.id, [TransferState.CHOOSING], {"state": TransferState.QUEUED})
    with pytest.raises(Stale):
        await records.choose(await reread(transfer), {"page": 4})
