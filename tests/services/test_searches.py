"""Searches as documents: begun once, answered by a runner, and asked again where somebody failed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from models.access import Member, Role
from models.search import Answer, IndexerReport, Query, Release, Search
from services.access.rights import NotAllowed
from services.search.fanout import FanOut
from services.search.port import IndexerBroken, IndexerBusy
from services.search.service import Searches, UnknownSearch

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
ADA = Member.model_construct(id="ada", name="Ada", role=Role.MEMBER, language="en")
EVE = Member.model_construct(id="eve", name="Eve", role=Role.ADMIN, language="en")


class Shelf:
    """An Indexer with what a test puts into it. `errors` are raised by the next searches."""

    def __init__(self, name: str, *titles: str) -> None:
        self._name = name
        self.titles = titles
        self.errors: list[Exception] = []
        self.asked = 0

    @property
    def name(self) -> str:
        return self._name

    async def search(self, query: Query) -> AsyncIterator[Release]:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        for number, title in enumerate(self.titles):
            infohash = f"{title:0>40}".encode().hex()[-40:]
            yield Release(
                title=title, link="magnet:?", indexers=(self.name,), infohash=infohash, seeders=number
            )

    async def check(self) -> str:
        return self.name


@asynccontextmanager
async def running(*shelves: Shelf, owner: str = "us") -> AsyncIterator[Searches]:
    changed: list[str] = []
    searches = Searches(FanOut(shelves, 5.0), owner, changed.append)
    task = asyncio.get_running_loop().create_task(searches.run())
    try:
        yield searches
        if task.done():
            task.result()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def answered(search_id: str = "s1") -> Search:
    async def ended() -> bool:
        found = await Search.get(search_id)
        return found is not None and found.seconds is not None

    await until(ended)
    found = await Search.get(search_id)
    assert found is not None
    return found


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await condition():  # noqa: ASYNC110 - a database sets no event
            await asyncio.sleep(0.01)


async def test_a_search_is_answered_and_its_hits_can_be_picked() -> None:
    async with running(Shelf("one", "a", "b"), Shelf("two", "b", "c")) as searches:
        begun = await searches.begin("bunny", search_id="s1", by=ADA)
        assert [report.answer for report in begun.reports] == [Answer.WAITING, Answer.WAITING]
        search = await answered()
    assert sorted(release.title for release in search.releases) == ["a", "b", "c"]
    assert [(report.indexer, report.answer, report.found) for report in search.reports] == [
        ("one", Answer.ANSWERED, 2),
        ("two", Answer.ANSWERED, 2),
    ]
    assert await searches.hit("s1", search.releases[0].key, by=ADA) == search.releases[0]
    with pytest.raises(UnknownSearch):
        await searches.hit("s1", "nothing", by=ADA)


async def test_the_same_search_is_begun_once() -> None:
    shelf = Shelf("one", "a")
    async with running(shelf) as searches:
        await searches.begin("bunny", search_id="s1", by=ADA)
        await answered()
        again = await searches.begin("another", search_id="s1", by=ADA)
        assert again.query.text == "bunny"
    assert await Search.count() == 1
    assert shelf.asked == 1


async def test_who_failed_is_named_and_asked_again_alone() -> None:
    good, busy, broken = Shelf("good", "a"), Shelf("busy", "b"), Shelf("broken", "c")
    busy.errors, broken.errors = [IndexerBusy("busy")], [IndexerBroken("broken")]
    async with running(good, busy, broken) as searches:
        await searches.begin("bunny", search_id="s1", by=ADA)
        search = await answered()
        assert [report.answer for report in search.reports] == [Answer.ANSWERED, Answer.BUSY, Answer.BROKEN]
        assert [release.title for release in search.releases] == ["a"]
        again = await searches.again("s1", by=ADA)
        assert again.seconds is None
        search = await answered()
    assert {report.answer for report in search.reports} == {Answer.ANSWERED}
    assert [report.indexer for report in search.reports] == ["good", "busy", "broken"]
    assert sorted(release.title for release in search.releases) == ["a", "b", "c"]
    assert (good.asked, busy.asked, broken.asked) == (1, 2, 2)


async def test_a_search_that_a_crash_interrupted_is_asked_again() -> None:
    await Search(
        id="s1",
        member_id="ada",
        query=Query(text="x"),
        reports=[IndexerReport(indexer="one")],
        lease_owner="dead",
    ).insert()
    async with running(Shelf("one", "a")):
        assert [release.title for release in (await answered()).releases] == ["a"]


async def test_of_two_runners_one_answers() -> None:
    shelf, twin = Shelf("one", "a"), Shelf("one", "a")
    async with running(shelf, owner="us") as searches, running(twin, owner="them"):
        for number in range(5):
            await searches.begin("x", search_id=f"s{number}", by=ADA)
        for number in range(5):
            await answered(f"s{number}")
    assert shelf.asked + twin.asked == 5


async def test_pages_are_turned_by_whose_search_it_is() -> None:
    searches = Searches(FanOut((), 1.0), "us", print)
    await searches.begin("x", search_id="s1", by=ADA)
    assert (await searches.turn("s1", 3, by=ADA)).page == 3
    assert (await searches.turn("s1", -3, by=ADA)).page == 0
    with pytest.raises(NotAllowed):
        await searches.turn("s1", 1, by=EVE)
    with pytest.raises(NotAllowed):
        await searches.hit("s1", "any", by=EVE)
    with pytest.raises(UnknownSearch):
        await searches.again("s2", by=ADA)
