"""Searches as documents: begun once, answered by a runner, asked again where somebody failed, and looked through."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.access import Member, Role
from models.clock import now
from models.ids import new_id
from models.library import Item
from models.search import Answer, Face, IndexerReport, Order, Query, Release, Rest, Search
from models.transfers import ENDED, TransferState
from services.access.rights import NotAllowed
from services.patterns import PatternTooSlow, PatternWrong
from services.search import breaker
from services.search.facets import Facet
from services.search.fanout import FanOut
from services.search.marks import Mark, marks_of
from services.search.port import IndexerBroken, IndexerBusy, IndexerRejected
from services.search.runner import SearchRunner
from services.search.service import Searches, UnknownSearch
from services.search.shown import Shown, releases_of, shown
from tests.services.orders import order

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
ADA = Member.model_construct(id="ada", name="Ada", role=Role.MEMBER, language="en")
EVE = Member.model_construct(id="eve", name="Eve", role=Role.ADMIN, language="en")
CHAT = 7
PATIENCE = 60.0


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
            yield release(title, self.name, seeders=number)

    async def check(self) -> str:
        return self.name


def release(title: str, indexer: str = "one", **values: Any) -> Release:
    return Release(title, "magnet:?", (indexer,), infohash=f"{title:0>40}".encode().hex()[-40:], **values)


@asynccontextmanager
async def running(*shelves: Shelf, owner: str = "us") -> AsyncIterator[Searches]:
    changed: list[str] = []
    fan_out = FanOut(shelves, 5.0)
    runner = SearchRunner(fan_out, owner, changed.append)
    task = asyncio.get_running_loop().create_task(runner.run())
    try:
        yield Searches(fan_out.names, runner.wake)
        if task.done():
            task.result()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def begin(searches: Searches, search_id: str = "s1", text: str = "bunny", chat: int = CHAT) -> Search:
    return await searches.begin(text, search_id=search_id, chat_id=chat, by=ADA)


async def answered(search_id: str = "s1") -> Search:
    async def ended() -> bool:
        found = await Search.get(search_id)
        return found is not None and found.seconds is not None

    await until(ended)
    found = await Search.get(search_id)
    assert found is not None
    return found


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110 - a database sets no event
            await asyncio.sleep(0.01)


async def titles(search_id: str = "s1") -> list[str]:
    return [found.title for found in await releases_of(search_id)]


async def test_a_search_is_answered_and_its_hits_can_be_picked() -> None:
    async with running(Shelf("one", "a", "b"), Shelf("two", "b", "c")) as searches:
        begun = await begin(searches)
        assert [report.answer for report in begun.reports] == [Answer.WAITING, Answer.WAITING]
        search = await answered()
    assert sorted(await titles()) == ["a", "b", "c"]
    assert [(report.indexer, report.answer, report.found) for report in search.reports] == [
        ("one", Answer.ANSWERED, 2),
        ("two", Answer.ANSWERED, 2),
    ]
    first = (await releases_of("s1"))[0]
    assert await searches.hit("s1", first.key, by=ADA) == first
    with pytest.raises(UnknownSearch):
        await searches.hit("s1", "nothing", by=ADA)


async def test_the_same_search_is_begun_once() -> None:
    shelf = Shelf("one", "a")
    async with running(shelf) as searches:
        await begin(searches)
        await answered()
        again = await begin(searches, text="another")
        assert again.query.text == "bunny"
    assert await Search.count() == 1
    assert shelf.asked == 1


async def test_who_failed_is_named_and_asked_again_alone() -> None:
    good, busy, broken = Shelf("good", "a"), Shelf("busy", "b"), Shelf("broken", "c")
    busy.errors, broken.errors = [IndexerBusy("busy")], [IndexerBroken("broken")]
    async with running(good, busy, broken) as searches:
        await begin(searches)
        search = await answered()
        assert [report.answer for report in search.reports] == [Answer.ANSWERED, Answer.BUSY, Answer.BROKEN]
        assert await titles() == ["a"]
        again = await searches.again("s1", by=ADA)
        assert again.seconds is None
        search = await answered()
    assert {report.answer for report in search.reports} == {Answer.ANSWERED}
    assert [report.indexer for report in search.reports] == ["good", "busy", "broken"]
    assert sorted(await titles()) == ["a", "b", "c"]
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
        await answered()
        assert await titles() == ["a"]


async def test_an_indexer_that_the_settings_have_lost_is_not_waited_for() -> None:
    reports = [IndexerReport(indexer="gone"), IndexerReport(indexer="one")]
    await Search(id="s1", member_id="ada", query=Query(text="x"), reports=reports).insert()
    async with running(Shelf("one", "a")):
        assert [report.indexer for report in (await answered()).reports] == ["one"]


class Flood(Shelf):
    """One that has very many."""

    def __init__(self, name: str, count: int, link: str = "") -> None:
        super().__init__(name)
        self.count, self.link = count, link

    async def search(self, query: Query) -> AsyncIterator[Release]:
        if self.errors:
            raise self.errors.pop(0)
        for number in range(self.count):
            yield Release(
                f"{self.name} {number}", f"https://t.example/{self.link}{self.name}{number}", (self.name,)
            )


async def test_of_very_many_hits_the_best_are_kept_and_the_others_counted() -> None:
    late = Flood("late", 100)
    late.errors = [IndexerBusy("late")]
    async with running(Flood("one", 4000), Flood("two", 2200), late) as searches:
        await begin(searches)
        look = await shown(await answered())
        assert (look.found, look.left_out, look.listed) == (5000, 1200, 5000)
        await searches.again("s1", by=ADA)
        look = await shown(await answered())
        assert (look.found, look.left_out) == (5000, 1300)


async def test_long_links_of_strangers_do_not_break_the_document() -> None:
    """A document of the database may have 16 MiB."""
    async with running(Flood("one", 3000, "x" * 8000)) as searches:
        await begin(searches)
        look = await shown(await answered())
    assert look.found + look.left_out == 3000
    assert 1000 < look.found < 2100
    assert {hit.release.indexers for hit in look.hits} == {("one",)}


async def test_of_two_runners_one_answers() -> None:
    shelf, twin = Shelf("one", "a"), Shelf("one", "a")
    async with running(shelf, owner="us") as searches, running(twin, owner="them"):
        for number in range(5):
            await begin(searches, f"s{number}")
        for number in range(5):
            await answered(f"s{number}")
    assert shelf.asked + twin.asked == 5


# The breaker


async def search_again(searches: Searches, number: int) -> IndexerReport:
    """One more search; how the only Indexer did."""
    await begin(searches, f"s{number}")
    return (await answered(f"s{number}")).reports[0]


async def test_one_that_fails_again_and_again_rests_also_after_a_restart() -> None:
    shelf = Shelf("one", "a")
    shelf.errors = [IndexerBusy("one") for _ in range(breaker.FAILURES)]
    async with running(shelf) as searches:
        for number in range(breaker.FAILURES - 1):
            report = await search_again(searches, number)
            assert (report.answer, report.until) == (Answer.BUSY, None)
        report = await search_again(searches, 10)
        assert report.answer is Answer.BUSY
        assert 0 < (report.until or 0) - now() <= breaker.FIRST_REST_MILLIS
    async with running(shelf) as searches:
        rested = await search_again(searches, 11)
        assert (rested.answer, rested.until) == (Answer.RESTING, report.until)
        assert shelf.asked == breaker.FAILURES
        # a member who insists has it asked, and that it answers ends its rest
        await searches.again("s11", by=ADA)
        assert (await answered("s11")).reports[0].answer is Answer.ANSWERED
        assert (await search_again(searches, 12)).answer is Answer.ANSWERED
        assert shelf.asked == breaker.FAILURES + 2


async def test_one_that_goes_on_failing_rests_longer_up_to_an_hour() -> None:
    lengths = []
    for _ in range(12):
        until_then = (await noted(Answer.TIMED_OUT)).until
        lengths.append(None if until_then is None else round((until_then - now()) / 60_000))
    assert lengths == [None, None, 5, 10, 20, 40, 60, 60, 60, 60, 60, 60]
    assert set(await breaker.known_rests(["one", "other"])) == {"one"}


async def noted(answer: Answer, until: int | None = None) -> IndexerReport:
    (report,) = await breaker.note([IndexerReport(indexer="one", answer=answer, until=until)])
    return report


async def known() -> Rest:
    return (await breaker.known_rests(["one"]))["one"]


class Held(Shelf):
    """One that fails once so many searches have asked it."""

    def __init__(self, name: str, searches: int) -> None:
        super().__init__(name)
        self.all_there = asyncio.Barrier(searches)

    async def search(self, query: Query) -> AsyncIterator[Release]:
        await self.all_there.wait()
        if self.titles:
            yield release(self.titles[0], self.name)
        raise IndexerBusy(self.name)


async def test_failures_in_searches_at_the_same_time_all_count() -> None:
    """Each of them began when nothing was known of the Indexer."""
    searches_begun = [f"s{number}" for number in range(breaker.FAILURES)]
    async with running(Held("one", breaker.FAILURES)) as searches:
        for search_id in searches_begun:
            await begin(searches, search_id)
        reports = [(await answered(search_id)).reports[0] for search_id in searches_begun]
    assert (await known()).failures == breaker.FAILURES
    assert sorted(report.until is not None for report in reports) == [False, False, True]


async def test_failures_written_at_the_same_time_all_count() -> None:
    await asyncio.gather(*(noted(Answer.BUSY) for _ in range(20)))
    assert (await known()).failures == 20


async def test_a_success_forgives_whatever_was_known_when_it_was_asked() -> None:
    for _ in range(breaker.FAILURES):
        await noted(Answer.BUSY)
    await noted(Answer.ANSWERED)
    assert ((await known()).failures, (await known()).until) == (0, 0)


async def test_a_time_that_was_named_is_taken_back_by_nobody_who_was_asked_before() -> None:
    named = now() + 7_200_000
    for _ in range(breaker.FAILURES):
        await noted(Answer.BUSY)
    assert (await noted(Answer.REJECTED, named)).until == named
    assert (await noted(Answer.BUSY)).until == named
    await noted(Answer.ANSWERED)
    assert ((await known()).until, (await known()).named) == (named, True)


async def test_a_rest_that_is_over_is_no_rest() -> None:
    await noted(Answer.REJECTED, now() - 1)
    assert (await noted(Answer.BUSY)).until is None
    await noted(Answer.REJECTED, now() - 1)
    await noted(Answer.ANSWERED)
    assert ((await known()).failures, (await known()).until) == (0, 0)


async def test_a_success_in_between_is_forgiven() -> None:
    shelf = Shelf("one", "a")
    async with running(shelf) as searches:
        for number in range(6):
            shelf.errors = [] if number % 2 else [IndexerBroken("one")]
            assert (await search_again(searches, number)).until is None
    assert (await breaker.known_rests(["one"]))["one"].failures == 0


async def test_the_time_that_one_named_itself_is_kept_whoever_insists() -> None:
    shelf = Shelf("one", "a")
    shelf.errors = [IndexerRejected("one", datetime.now(UTC) + timedelta(hours=2))]
    async with running(shelf) as searches:
        report = await search_again(searches, 1)
        assert report.answer is Answer.REJECTED
        assert (report.until or 0) > now() + 7_000_000
        await searches.again("s1", by=ADA)
        again = (await answered("s1")).reports[0]
        assert (again.answer, again.until) == (Answer.RESTING, report.until)
        assert shelf.asked == 1


async def test_one_that_refuses_for_good_is_asked_when_a_member_insists() -> None:
    shelf = Shelf("one", "a")
    shelf.errors = [IndexerRejected("one")]
    async with running(shelf) as searches:
        report = await search_again(searches, 1)
        assert 0 < (report.until or 0) - now() <= breaker.REFUSED_REST_MILLIS
        assert (await search_again(searches, 2)).answer is Answer.RESTING
        await searches.again("s2", by=ADA)
        assert (await answered("s2")).reports[0].answer is Answer.ANSWERED


async def test_one_whose_time_has_come_is_asked_again() -> None:
    rest = await Rest(id="x", failures=9, until=now() - 1, named=True).insert()
    report = IndexerReport(indexer="one")
    assert breaker.rested(report, rest, now()) == report
    assert breaker.rested(report, None, now()) == report


# Looking through


FILMS: tuple[tuple[str, dict[str, int]], ...] = (
    ("Bunny 2160p x265", {"size": 20 << 30, "seeders": 3, "published": 4000}),
    ("Bunny 1080p x264", {"size": 5 << 30, "seeders": 30, "published": 1000}),
    ("Bunny 720p x264", {"size": 2 << 30, "seeders": 90, "published": 3000}),
    ("Bunny score flac", {"size": 1 << 29, "published": 2000}),
)


class Films(Shelf):
    async def search(self, query: Query) -> AsyncIterator[Release]:
        for title, values in FILMS:
            yield release(title, self.name, **values)


@asynccontextmanager
async def looking_through() -> AsyncIterator[Searches]:
    async with running(Films("one"), Shelf("two", "Bunny book epub")) as searches:
        await begin(searches)
        await answered()
        yield searches


def shown_titles(look: Shown) -> list[str]:
    return [hit.release.title.removeprefix("Bunny ") for hit in look.hits]


async def test_hits_are_sorted_as_asked() -> None:
    async with looking_through() as searches:
        orders = {
            order: shown_titles(await shown(await searches.sort("s1", order, by=ADA))) for order in Order
        }
    assert orders[Order.SEEDS][:3] == ["720p x264", "1080p x264", "2160p x265"]
    assert orders[Order.SIZE] == ["2160p x265", "1080p x264", "720p x264", "score flac", "book epub"]
    assert orders[Order.AGE][:4] == ["2160p x265", "720p x264", "score flac", "1080p x264"]
    assert sorted(orders[Order.RELEVANCE]) == sorted(orders[Order.SEEDS])


async def test_filters_are_chosen_counted_and_left() -> None:
    async with looking_through() as searches:
        await searches.turn("s1", 1, by=ADA)
        video = await searches.choose("s1", Facet.KIND, 0, chosen=True, by=ADA)
        assert (video.filters, video.page) == (["kind:video"], 0)
        assert (await searches.choose("s1", Facet.KIND, 0, chosen=True, by=ADA)).filters == ["kind:video"]
        look = await shown(await searches.choose("s1", Facet.QUALITY, 1, chosen=True, by=ADA))
        assert (look.found, look.listed, shown_titles(look)) == (5, 1, ["1080p x264"])
        look = await shown(await searches.face("s1", Face.FILTER, by=ADA))
        counts = {(choice.facet.value, choice.value): choice.count for choice in look.choices}
        # each facet counts what the other ones leave
        assert (counts["kind", "video"], counts["kind", "audio"]) == (1, 0)
        assert (counts["quality", "2160p"], counts["quality", "1080p"], counts["quality", "lossless"]) == (
            1,
            1,
            0,
        )
        assert (counts["indexer", "one"], counts["indexer", "two"]) == (1, 0)
        assert [choice.value for choice in look.chosen] == ["video", "1080p"]
        await searches.choose("s1", Facet.KIND, 0, chosen=False, by=ADA)
        assert (await searches.clear("s1", by=ADA)).filters == []
        assert (await shown(await searches.find("s1", by=ADA))).listed == 5
        with pytest.raises(UnknownSearch):
            await searches.choose("s1", Facet.INDEXER, 2, chosen=True, by=ADA)


async def test_an_indexer_is_a_filter_too() -> None:
    async with looking_through() as searches:
        search = await searches.choose("s1", Facet.INDEXER, 1, chosen=True, by=ADA)
        assert shown_titles(await shown(search)) == ["book epub"]


async def test_the_pages_of_choices_begin_anew_with_every_look() -> None:
    async with looking_through() as searches:
        assert (await searches.turn_choices("s1", 2, by=ADA)).choices_page == 2
        assert (await searches.choose("s1", Facet.INDEXER, 1, chosen=True, by=ADA)).choices_page == 2
        assert (await searches.face("s1", Face.FILTER, by=ADA)).choices_page == 0


async def test_a_pattern_narrows_and_a_wrong_one_changes_nothing() -> None:
    async with looking_through() as searches:
        search = await searches.narrow("s1", r"\b(1080|2160)P", by=ADA)
        assert sorted(shown_titles(await shown(search))) == ["1080p x264", "2160p x265"]
        with pytest.raises(PatternWrong):
            await searches.narrow("s1", "(", by=ADA)
        with pytest.raises(PatternTooSlow):
            await searches.narrow("s1", "a{99}{99}{99}", by=ADA)
        assert (await searches.find("s1", by=ADA)).pattern == r"\b(1080|2160)P"
        assert (await shown(await searches.narrow("s1", "", by=ADA))).listed == 5


async def test_a_pattern_that_gets_too_slow_later_is_left_out_and_said() -> None:
    async with running(Shelf("one", "a" * 80 + "!", "b")) as searches:
        # nothing is found yet, so nothing is slow
        await begin(searches, text="x ~(a|aa)+$")
        look = await shown(await answered())
        assert look.listed == 2
        assert isinstance(look.fault, PatternTooSlow)
        with pytest.raises(PatternTooSlow):
            await searches.narrow("s1", "(a|aa)+b?$", by=ADA)


async def test_words_and_pattern_are_asked_in_one_line() -> None:
    searches = Searches([], print)
    search = await begin(searches, text=" big  buck ~x264 ~y")
    assert (search.query.text, search.pattern) == ("big buck", "x264 ~y")
    with pytest.raises(PatternWrong):
        await begin(searches, "s2", text="big ~[")
    assert await Search.get("s2") is None


async def test_details_stand_on_the_page_of_their_release() -> None:
    async with running(Shelf("one", *(f"bunny {number}" for number in range(12)))) as searches:
        await begin(searches)
        await answered()
        last = (await releases_of("s1"))[-1]
        look = await shown(await searches.face("s1", Face.DETAILS, looked_at=last.key, by=ADA))
        assert look.looked_at is not None
        assert (look.page, look.looked_at.number, look.looked_at.release) == (2, 12, last)
        gone = await shown(await searches.face("s1", Face.DETAILS, looked_at="gone", by=ADA))
        assert gone.looked_at is None
        assert gone.page == 0


async def test_the_last_search_of_a_chat_comes_back() -> None:
    searches = Searches([], print)
    assert await searches.last(CHAT, by=ADA) is None
    for number, chat in enumerate((CHAT, CHAT, 8)):
        await begin(searches, f"s{number}", chat=chat)
        await Search.find_one({"_id": f"s{number}"}).update({"$set": {"created_at": number}})
    last = await searches.last(CHAT, by=ADA)
    assert last is not None
    assert last.id == "s1"
    assert await searches.last(CHAT, by=EVE) is None


async def test_pages_are_turned_by_whose_search_it_is() -> None:
    searches = Searches([], print)
    await begin(searches)
    assert (await searches.turn("s1", 3, by=ADA)).page == 3
    assert (await searches.turn("s1", -3, by=ADA)).page == 0
    for use in (
        searches.turn("s1", 1, by=EVE),
        searches.turn_choices("s1", 1, by=EVE),
        searches.sort("s1", Order.SIZE, by=EVE),
        searches.choose("s1", Facet.KIND, 0, chosen=True, by=EVE),
        searches.narrow("s1", "x", by=EVE),
        searches.clear("s1", by=EVE),
        searches.face("s1", Face.FILTER, by=EVE),
        searches.hit("s1", "any", by=EVE),
        searches.ordered("s1", "any", "order", by=EVE),
        searches.next_release("s1", instead_of="a", order="b", by=EVE),
        searches.again("s1", by=EVE),
    ):
        with pytest.raises(NotAllowed):
            await use
    with pytest.raises(UnknownSearch):
        await searches.again("s2", by=ADA)
    untouched = await searches.find("s1", by=ADA)
    assert (untouched.page, untouched.order, untouched.face) == (0, Order.RELEVANCE, Face.HITS)
    assert (untouched.filters, untouched.tried) == ([], {})


# What was ordered


KEY, OTHER_KEY = "a" * 40, "b" * 40
LINK = Release("linked", "https://t.example.org/1.torrent", ("one",))


async def ordered(state: TransferState, key: str | None = None, picked: Release | None = None) -> str:
    made = await order(state, member_id="eve", key=key, picked=[] if picked is None else picked.names)
    return made.id


async def archived(source: str) -> None:
    await Item(id=new_id(), title="x", files=[], member_id="eve", source=source).insert()


async def mark(hit: Release) -> Mark | None:
    return (await marks_of([hit])).get(hit.key)


@pytest.mark.parametrize("state", list(TransferState))
async def test_a_hit_is_marked_in_any_search_by_its_infohash(state: TransferState) -> None:
    hit = LINK._replace(infohash=KEY)
    assert await mark(hit) is None
    await ordered(state, key=KEY)
    assert await mark(hit) is of_an_order(state)
    assert await mark(hit._replace(infohash=OTHER_KEY)) is None
    await archived(KEY)
    assert await mark(hit) is Mark.ARCHIVED


@pytest.mark.parametrize("state", list(TransferState))
async def test_a_hit_without_infohash_is_marked_by_its_link(state: TransferState) -> None:
    await ordered(state, picked=LINK)
    assert await mark(LINK) is of_an_order(state)
    assert await mark(LINK._replace(link="https://t.example.org/2.torrent")) is None


def of_an_order(state: TransferState) -> Mark | None:
    if state in ENDED:
        return None
    return Mark.CHOOSING if state is TransferState.CHOOSING else Mark.UNDER_WAY


async def test_a_link_that_is_another_one_each_time_is_known_by_its_page_and_title() -> None:
    """As those of Jackett and Prowlarr are, which hold the tracker's own in a new cipher."""
    hit = LINK._replace(page="https://t.example.org/details/1")
    await ordered(TransferState.QUEUED, picked=hit)
    fresh = hit._replace(link="https://t.example.org/dl/xyz")
    assert await mark(fresh) is Mark.UNDER_WAY
    assert await mark(fresh._replace(title="another on this page")) is None
    assert await mark(fresh._replace(page=None)) is None


async def test_what_a_link_led_to_is_known_from_whoever_picked_it() -> None:
    """Also when that order was given up: somebody else's may be in the archive, or under way."""
    await ordered(TransferState.CANCELLED, key=KEY, picked=LINK)
    assert await mark(LINK) is None
    await ordered(TransferState.PAUSED, key=KEY)
    assert await mark(LINK) is Mark.UNDER_WAY
    await archived(KEY)
    assert await mark(LINK) is Mark.ARCHIVED


async def test_every_hit_has_its_own_mark() -> None:
    one, two, three = (LINK._replace(infohash=letter * 40, link=letter) for letter in "123")
    twin = LINK._replace(link="twin")
    await archived("1" * 40)
    await ordered(TransferState.CHOOSING, key="2" * 40, picked=twin)
    await ordered(TransferState.FETCHING, key="3" * 40)
    await ordered(TransferState.CHOOSING, key="3" * 40)
    assert await marks_of([one, two, three, twin, LINK]) == {
        one.key: Mark.ARCHIVED,
        two.key: Mark.CHOOSING,
        three.key: Mark.UNDER_WAY,
        twin.key: Mark.CHOOSING,
    }
    assert await marks_of([]) == {}


async def test_the_next_release_is_of_the_same_work_and_was_not_tried() -> None:
    shelf = Shelf(
        "one", "Other thing 1", "Big Bunny 1080p", "Other thing 2", "Big Bunny 720p", "Big Bunny 480p"
    )
    async with running(shelf) as searches:
        await begin(searches, text="")
        await answered()
        by_title = {found.title: found for found in await releases_of("s1")}
        await searches.ordered("s1", by_title["Big Bunny 720p"].key, "dead", by=ADA)

        async def following(instead_of: str, order_id: str) -> str:
            found = await searches.next_release("s1", instead_of=instead_of, order=order_id, by=ADA)
            return "" if found is None else found.title

        second = await following("dead", "second")
        assert second == await following("dead", "second")
        third = await following("second", "third")
        assert {second, third} == {"Big Bunny 1080p", "Big Bunny 480p"}
        rest = {await following("third", "fourth"), await following("fourth", "fifth")}
        assert rest == {"Other thing 1", "Other thing 2"}
        assert await following("fifth", "sixth") == ""
        assert await following("fourth", "second") == second


async def test_the_next_release_passes_the_members_filters() -> None:
    async with looking_through() as searches:
        await searches.choose("s1", Facet.KIND, 0, chosen=True, by=ADA)
        found = [
            await searches.next_release("s1", instead_of="", order=f"o{number}", by=ADA)
            for number in range(4)
        ]
    assert [release is not None and "x26" in release.title for release in found] == [True, True, True, False]
