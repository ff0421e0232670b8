"""One user of a session at a time: who may use it, when it comes free, and what becomes of who lost it."""

import asyncio

import pytest

from models.sessions import SessionLease
from services.telegram.large import Access, UserSession
from services.telegram.lease import LEASE_MILLIS, Lease
from services.telegram.port import IN_USE, AccountLost, TelegramAway
from services.telegram.user import UserDoor

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
SESSION = "planted-session-string"


class Clock:
    """The time in milliseconds, as a test sets it."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def claimed(owner: str, clock: Clock, session: str = SESSION) -> Lease:
    lease = Lease(session, owner, clock)
    await lease.keep()
    return lease


async def until() -> int:
    (kept,) = await SessionLease.find_all().to_list()
    return kept.until


async def test_the_second_waits_until_the_first_has_ended(clock: Clock) -> None:
    first, second = await claimed("a", clock), await claimed("b", clock)
    assert (first.is_ours, first.is_taken) == (True, False)
    assert (second.is_ours, second.is_taken) == (False, True)
    first.heed()
    with pytest.raises(AccountLost) as lost:
        second.heed()
    assert lost.value.reason == IN_USE
    await first.release()
    with pytest.raises(TelegramAway):
        first.heed()
    await second.keep()
    second.heed()


async def test_of_many_at_once_one_has_it(clock: Clock) -> None:
    leases = [Lease(SESSION, str(number), clock) for number in range(20)]
    await asyncio.gather(*(lease.keep() for lease in leases))
    assert [lease.is_ours for lease in leases].count(True) == 1
    assert [lease.is_taken for lease in leases].count(True) == 19


async def test_each_session_has_its_own(clock: Clock) -> None:
    assert (await claimed("a", clock)).is_ours
    assert (await claimed("b", clock, "another")).is_ours


async def test_the_session_is_not_in_the_database(clock: Clock) -> None:
    await claimed("a", clock)
    (kept,) = await SessionLease.get_pymongo_collection().find().to_list()
    assert SESSION not in str(kept)


async def test_after_a_crash_one_takes_ones_own_back_at_once(clock: Clock) -> None:
    await claimed("a", clock)
    assert (await claimed("b", clock)).is_taken
    assert (await claimed("a", clock)).is_ours


async def test_what_nobody_renews_runs_out(clock: Clock) -> None:
    dead = await claimed("a", clock)
    second = await claimed("b", clock)
    clock.now += LEASE_MILLIS - 1
    await second.keep()
    assert second.is_taken
    assert not dead.is_ours, "it stops before others may begin"
    clock.now += 1
    await second.keep()
    assert second.is_ours
    await dead.keep()
    assert dead.is_taken


async def test_it_is_renewed_in_time_and_not_more_often(clock: Clock) -> None:
    lease = await claimed("a", clock)
    first = await until()
    clock.now += 19_000
    await lease.keep()
    assert await until() == first
    clock.now += 2_000
    await lease.keep()
    assert await until() == clock.now + LEASE_MILLIS
    assert lease.is_ours


async def test_a_clock_that_was_put_back_is_not_believed(clock: Clock) -> None:
    lease = await claimed("a", clock)
    clock.now -= 3_600_000
    with pytest.raises(TelegramAway):
        lease.heed()
    await lease.keep()
    lease.heed()


async def test_releasing_takes_it_from_nobody_else(clock: Clock) -> None:
    late = await claimed("a", clock)
    clock.now += LEASE_MILLIS
    second = await claimed("b", clock)
    await late.release()
    assert await until() == clock.now + LEASE_MILLIS
    assert second.is_ours


async def test_a_door_whose_session_is_in_use_is_shut(clock: Clock) -> None:
    """And opens nothing before it knows: there is nobody at the address."""
    other = await claimed("a", clock)
    access = Access(1, "0" * 32, UserSession(SESSION), "http://127.0.0.1:9/")
    door = UserDoor(access, Lease(SESSION, "b", clock))
    assert door.lost is None
    with pytest.raises(AccountLost):
        await door.greet()
    assert [door.lost] == [IN_USE]
    await other.release()
    with pytest.raises(TelegramAway):
        await door.greet()
    assert [door.lost] == [None]
    assert (await claimed("c", clock)).is_taken
    await door.close()
    assert (await claimed("c", clock)).is_ours
