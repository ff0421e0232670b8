"""Migrations: each once, in order, again after a crash, and never backwards."""

import pytest

from models.access import Member, Role
from models.schema import SchemaVersion
from services.migrations import SchemaTooNew, migrate
from tests.services.orders import member

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]


class Steps:
    """Three steps that note when they ran; one may break in the middle of its work."""

    def __init__(self) -> None:
        self.ran: list[int] = []
        self.broken: int | None = None

    async def _step(self, number: int) -> None:
        await Member.find({}).update({"$set": {"name": f"step {number}"}})
        if self.broken == number:
            raise ConnectionError("killed in the middle")
        self.ran.append(number)

    async def first(self) -> None:
        await self._step(1)

    async def second(self) -> None:
        await self._step(2)

    async def third(self) -> None:
        await self._step(3)


@pytest.fixture
async def old_database(database: str) -> None:
    """One that was written before there were any migrations."""
    await SchemaVersion.get_pymongo_collection().delete_many({})
    assert database
    await member(role=Role.OWNER)


@pytest.fixture
def steps() -> Steps:
    return Steps()


async def version() -> int:
    found = await SchemaVersion.get("schema")
    assert found is not None
    return found.version


async def test_a_fresh_database_needs_none(steps: Steps) -> None:
    await SchemaVersion.get_pymongo_collection().delete_many({})
    assert await migrate([steps.first, steps.second]) == 2
    assert steps.ran == []
    assert await version() == 2


@pytest.mark.usefixtures("old_database")
async def test_an_old_one_gets_every_step_once_and_in_order(steps: Steps) -> None:
    assert await migrate([steps.first, steps.second]) == 2
    assert await migrate([steps.first, steps.second]) == 2
    assert steps.ran == [1, 2]
    assert await migrate([steps.first, steps.second, steps.third]) == 3
    assert steps.ran == [1, 2, 3]
    assert await version() == 3


@pytest.mark.usefixtures("old_database")
async def test_a_crash_in_the_middle_is_resumed_at_the_step_it_was_in(steps: Steps) -> None:
    steps.broken = 2
    with pytest.raises(ConnectionError):
        await migrate([steps.first, steps.second, steps.third])
    assert steps.ran == [1]
    assert await version() == 1
    steps.broken = None
    await migrate([steps.first, steps.second, steps.third])
    assert steps.ran == [1, 2, 3]


async def test_a_newer_database_is_not_touched(steps: Steps) -> None:
    await SchemaVersion.get_pymongo_collection().update_one({"_id": "schema"}, {"$set": {"version": 5}})
    with pytest.raises(SchemaTooNew) as error:
        await migrate([steps.first])
    assert error.value.values == {"found": 5, "known": 1}
    assert await version() == 5
    assert steps.ran == []


@pytest.mark.usefixtures("old_database")
async def test_the_real_ones_run_on_an_old_database() -> None:
    await migrate()
    assert await Member.count() == 1
