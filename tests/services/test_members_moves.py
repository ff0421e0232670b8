"""What a member may do with an order in each of its states."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from models.access import Member, Role
from models.ids import new_id
from models.transfers import Failure, Transfer, TransferState
from services.access.rights import NotAllowed
from services.documents import update_if
from services.transfers.records import Stale
from services.transfers.service import NothingChosen, Transfers, UnknownTransfer
from tests.services.orders import magnet, order, record, reread

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
S = TransferState
ADA = Member.model_construct(id="ada", name="Ada", role=Role.MEMBER, language="en")
EVE = Member.model_construct(id="eve", name="Eve", role=Role.MEMBER, language="en")
ADMIN = Member.model_construct(id="root", name="Root", role=Role.ADMIN, language="en")
Move = Callable[[Transfers, str, Member], Awaitable[Transfer]]
MOVES: dict[str, Move] = {
    "start": lambda transfers, key, by: transfers.start(key, by=by),
    "pause": lambda transfers, key, by: transfers.pause(key, by=by),
    "resume": lambda transfers, key, by: transfers.resume(key, by=by),
    "cancel": lambda transfers, key, by: transfers.cancel(key, by=by),
    "retry": lambda transfers, key, by: transfers.retry(key, by=by),
}
EVERYTHING: dict[str, Move] = {**MOVES, "find": lambda transfers, key, by: transfers.find(key, by=by)}
REFUSED = None
GOING_ON = {S.QUEUED, S.FETCHING, S.INSPECTING, S.PREVIEWING, S.STORING}
AFTER: dict[str, dict[TransferState, TransferState]] = {
    "start": {S.CHOOSING: S.QUEUED} | {state: state for state in GOING_ON},
    "pause": dict.fromkeys((*GOING_ON, S.PAUSED), S.PAUSED),
    "resume": {S.PAUSED: S.QUEUED} | {state: state for state in GOING_ON},
    "cancel": dict.fromkeys((*GOING_ON, S.CHOOSING, S.PAUSED, S.FAILED, S.CANCELLED), S.CANCELLED),
    "retry": {state: state for state in TransferState} | {S.FAILED: S.STORING},
}
"""The state each move leads to from each state; from all others it is refused, and nothing changes."""


class Bell:
    def __init__(self) -> None:
        self.rung = 0

    def __call__(self) -> None:
        self.rung += 1


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def transfers(bell: Bell) -> Transfers:
    return Transfers(bell)


async def in_state(state: TransferState) -> Transfer:
    if state is S.FAILED:
        return await order(state, failure=Failure(key="disk-full", resume_to=S.STORING), tidied=True)
    return await order(state)


@pytest.mark.parametrize("move", MOVES)
async def test_every_move_from_every_state(move: str, transfers: Transfers) -> None:
    for state in TransferState:
        before = await in_state(state)
        expected = AFTER[move].get(state)
        if expected is REFUSED:
            with pytest.raises(Stale):
                await MOVES[move](transfers, before.id, ADA)
            assert await reread(before) == before, state
            continue
        after = await MOVES[move](transfers, before.id, ADA)
        assert after.state is expected, state
        assert await reread(before) == after


@pytest.mark.parametrize("move", MOVES)
async def test_every_move_twice_is_the_move_once(move: str, transfers: Transfers) -> None:
    for state in AFTER[move]:
        before = await in_state(state)
        once = await MOVES[move](transfers, before.id, ADA)
        twice = await MOVES[move](transfers, before.id, ADA)
        assert (twice.state, twice.wanted) == (once.state, once.wanted)


@pytest.mark.parametrize("move", EVERYTHING)
async def test_nobody_steers_the_orders_of_others(move: str, transfers: Transfers) -> None:
    before = await order()
    run = EVERYTHING[move]
    with pytest.raises(NotAllowed):
        await run(transfers, before.id, EVE)
    assert await reread(before) == before
    with pytest.raises(UnknownTransfer):
        await run(transfers, "nothing", EVE)


async def test_an_admin_may(transfers: Transfers) -> None:
    assert (await transfers.cancel((await order()).id, by=ADMIN)).state is S.CANCELLED


async def test_a_pause_remembers_where_it_goes_on(transfers: Transfers) -> None:
    for state in GOING_ON:
        before = await order(state, lease_owner="worker", lease_until=10**15)
        paused = await transfers.pause(before.id, by=ADA)
        assert (paused.resume_to, paused.lease_owner, paused.lease_until) == (state, None, 0)
        resumed = await transfers.resume(before.id, by=ADA)
        goes_on = S.QUEUED if state is S.FETCHING else state
        assert (resumed.state, resumed.resume_to) == (goes_on, None), "a place on disk is asked for anew"


async def test_a_pause_catches_an_order_that_goes_on_meanwhile() -> None:
    ahead = [S.FETCHING, S.INSPECTING, S.PREVIEWING, S.STORING]

    class Overtaken(Transfers):
        """Between a reading and the writing after it the order comes to its next stage."""

        async def find(self, transfer_id: str, *, by: Member) -> Transfer:
            found = await super().find(transfer_id, by=by)
            if ahead:
                await update_if(Transfer, {"_id": transfer_id}, {"state": ahead.pop(0)})
            return found

    before = await order(S.QUEUED)
    paused = await Overtaken(lambda: None).pause(before.id, by=ADA)
    assert (paused.state, paused.resume_to) == (S.PAUSED, S.STORING)
    assert await reread(before) == paused


async def test_a_retry_goes_on_at_the_stage_that_failed(transfers: Transfers) -> None:
    failed = await in_state(S.FAILED)
    again = await transfers.retry(failed.id, by=ADA)
    assert (again.state, again.failure, again.tidied) == (S.STORING, None, False)


async def test_a_retry_of_what_was_not_fetched_asks_for_its_turn_and_its_room_anew(
    transfers: Transfers,
) -> None:
    failed = await order(S.FAILED, failure=Failure(key="engine-error", resume_to=S.QUEUED), admitted=True)
    again = await transfers.retry(failed.id, by=ADA)
    assert (again.state, again.admitted) == (S.QUEUED, False)


async def test_requesting_the_same_twice_is_one_order(transfers: Transfers, bell: Bell) -> None:
    async def request(name: str, by: Member) -> Transfer:
        source = magnet(name=name)
        return await transfers.request(source, transfer_id="t1", chat_id=5, trace="9", search="s", by=by)

    first = await request("one", ADA)
    assert (first.state, first.listed, first.member_id, first.chat_id) == (S.CHOOSING, False, "ada", 5)
    assert (first.trace, first.search, first.title) == ("9", "s", "one")
    assert await request("two", ADA) == first
    assert await Transfer.count() == 1
    assert bell.rung == 2


async def test_starting_without_a_file_is_refused(transfers: Transfers, bell: Bell) -> None:
    with pytest.raises(NothingChosen):
        await transfers.start((await order(wanted=[])).id, by=ADA)
    assert bell.rung == 0


async def test_start_pressed_twenty_times_at_once_starts_once(transfers: Transfers) -> None:
    before = await order()
    presses = (transfers.start(before.id, by=ADA) for _ in range(20))
    answers = await asyncio.gather(*presses, return_exceptions=True)
    assert all(isinstance(answer, Transfer | Stale) for answer in answers)
    started = await reread(before)
    assert (started.state, started.fence) == (S.QUEUED, 1)


async def test_going_on_wakes_the_supervisor(transfers: Transfers, bell: Bell) -> None:
    before = await order()
    await transfers.start(before.id, by=ADA)
    await transfers.pause(before.id, by=ADA)
    assert bell.rung == 1
    await transfers.resume(before.id, by=ADA)
    await transfers.cancel(before.id, by=ADA)
    assert bell.rung == 3


async def test_ones_own_orders_are_listed_those_going_on_first(transfers: Transfers) -> None:
    going_on = [await order(S.FETCHING, created_at=at) for at in (1, 2)]
    ended = [await order(S.DONE, changed_at=at) for at in (5, 9, 7)]
    await order(S.FETCHING, member_id="eve")
    listed = await transfers.mine(by=ADA)
    assert [transfer.id for transfer in listed] == [
        going_on[1].id, going_on[0].id, ended[1].id, ended[2].id, ended[0].id,
    ]  # fmt: skip
    assert [transfer.id for transfer in await transfers.mine(by=ADA, limit=3)] == [
        going_on[1].id, going_on[0].id, ended[1].id,
    ]  # fmt: skip
    assert [transfer.id for transfer in await transfers.mine(by=ADA, limit=1)] == [going_on[1].id]


async def test_an_order_keeps_its_source(transfers: Transfers) -> None:
    made = await transfers.request(magnet(), transfer_id=new_id(), chat_id=1, trace="1", by=ADA)
    assert made.source == record()
