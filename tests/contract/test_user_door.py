"""Two Magpies with one session of a person: one is let in at a time, and who has lost the session lets go of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from models.clock import Millis, now
from services.telegram.large import Access, UserSession
from services.telegram.lease import LEASE_MILLIS, Lease
from services.telegram.port import IN_USE, AccountLost, TelegramAway
from services.telegram.user import UserDoor
from tests.contract.simulator_client import ADA, Program, program
from tests.data_centre import session_of
from tests.house import until

pytestmark = [
    pytest.mark.models,
    pytest.mark.usefixtures("database"),
    pytest.mark.xdist_group("user-account"),
]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Program]:
    async with program(tmp_path / "simulator", "--flood", "off") as simulator:
        yield simulator


@pytest.fixture
async def session(running: Program) -> str:
    return await session_of(running.url, ADA)


def door_of(running: Program, session: str, owner: str, clock: Callable[[], Millis] = now) -> UserDoor:
    access = Access(1, "0" * 32, UserSession(session), f"{running.url}/api/data-centre")
    return UserDoor(access, Lease(session, owner, clock))


@asynccontextmanager
async def run(door: UserDoor) -> AsyncIterator[None]:
    """As a Magpie does."""
    task = asyncio.ensure_future(door.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_second_comes_in_when_the_first_has_ended(running: Program, session: str) -> None:
    first, second = (door_of(running, session, owner) for owner in "ab")
    async with run(first):
        assert await first.greet()
        async with run(second):

            async def is_shut() -> bool:
                return second.lost == IN_USE

            await until(is_shut, "it did not see that the session is in use")
            with pytest.raises(AccountLost):
                await second.greet()
        assert await first.greet()
    assert await second.greet()
    await second.close()


async def test_who_crashed_comes_back_at_once(running: Program, session: str) -> None:
    crashed = door_of(running, session, "a")
    assert await crashed.greet()
    again = door_of(running, session, "a")
    assert await again.greet()
    await again.close()
    await crashed.close()


class Clock:
    """The time in milliseconds, and what a test adds to it."""

    more = 0

    def __call__(self) -> Millis:
        return now() + self.more


async def test_who_lost_the_session_says_nothing_more(running: Program, session: str) -> None:
    """Its machine was asleep: whoever holds its account still is told, too."""
    clock = Clock()
    first, second = (door_of(running, session, owner, clock) for owner in "ab")
    account = await first.account()
    await account.me()
    clock.more = LEASE_MILLIS
    with pytest.raises(TelegramAway):
        await account.me()
    assert await second.greet()
    async with run(first):

        async def is_shut() -> bool:
            return first.lost == IN_USE

        await until(is_shut, "it did not see that the session is another's")
        with pytest.raises(AccountLost):
            await account.me()
    assert await second.greet()
    await second.close()
