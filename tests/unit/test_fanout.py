"""Every Indexer asked at once: deadlines, failures, pictures on the way, and what it costs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from models.search import Answer, IndexerReport, Query, Release
from services.search.fanout import FanOut, Picture
from services.search.port import IndexerBroken, IndexerBusy, IndexerRejected
from services.search.torznab import TorznabIndexer
from tests.indexers import KEY, TorznabServer, Works, infohash
from tests.loopback import Answer as HttpAnswer
from tests.loopback import serve

QUERY = Query(text="work")
ERROR_DOCUMENT = b'<?xml version="1.0"?><error code="100" description="Incorrect user credentials"/>'


class Scripted:
    """An Indexer that gives Releases at once, and those `found` when it is let; then it ends as it is told."""

    def __init__(self, name: str, count: int = 1, error: Exception | None = None) -> None:
        self.name = name
        self.count = count
        self.error = error
        self.found: Sequence[Release] = ()
        self.go = asyncio.Event()
        self.asked = 0
        self.ended = asyncio.Event()

    async def search(self, query: Query) -> AsyncIterator[Release]:
        self.asked += 1
        try:
            for number in range(self.count):
                yield made(self.name, number)
            await self.go.wait()
            for release in self.found:
                yield release
            if self.error is not None:
                raise self.error
        finally:
            self.ended.set()

    async def check(self) -> str:
        return self.name


def made(indexer: str, number: int) -> Release:
    return Release(
        title=f"{indexer} {number}",
        link=f"http://{indexer}.example/{number}",
        indexers=(indexer,),
        seeders=number,
    )


def scripted(*errors: Exception | None, count: int = 1) -> Sequence[Scripted]:
    return [Scripted(f"I{number}", count, error) for number, error in enumerate(errors)]


def let_go(*indexers: Scripted) -> None:
    for indexer in indexers:
        indexer.go.set()


async def last(fanout: FanOut, only: Sequence[str] | None = None) -> Picture:
    async with asyncio.timeout(20):
        return [picture async for picture in fanout.search(QUERY, only)][-1]


def answers(picture: Picture) -> dict[str, Answer]:
    return {report.indexer: report.answer for report in picture[1]}


async def test_a_picture_whenever_an_indexer_ends() -> None:
    first, second = scripted(None, None, count=2)
    fanout = FanOut([first, second], deadline=20)
    assert fanout.names == ("I0", "I1")

    async with aclosing(fanout.search(QUERY)) as pictures, asyncio.timeout(20):
        let_go(second)
        releases, reports = await anext(pictures)
        assert reports == [
            IndexerReport(indexer="I0", answer=Answer.WAITING, found=0),
            IndexerReport(indexer="I1", answer=Answer.ANSWERED, found=2),
        ]
        assert {release.indexers for release in releases} >= {("I1",)}
        let_go(first)
        releases, reports = await anext(pictures)
        assert [report.answer for report in reports] == [Answer.ANSWERED, Answer.ANSWERED]
        assert sorted(release.title for release in releases) == ["I0 0", "I0 1", "I1 0", "I1 1"]
        with pytest.raises(StopAsyncIteration):
            await anext(pictures)


async def test_indexers_that_end_while_a_picture_is_looked_at_are_in_the_next() -> None:
    indexers = scripted(None, None, None)
    async with aclosing(FanOut(indexers, deadline=20).search(QUERY)) as pictures, asyncio.timeout(20):
        let_go(indexers[0])
        await anext(pictures)
        let_go(*indexers)
        await asyncio.gather(*(indexer.ended.wait() for indexer in indexers))
        picture = await anext(pictures)
        assert set(answers(picture).values()) == {Answer.ANSWERED}
        assert [rest async for rest in pictures] == []


async def test_every_failure_is_reported_and_none_stops_the_others() -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    indexers = scripted(
        None,
        IndexerBusy("I1"),
        IndexerRejected("I2", soon),
        IndexerBroken("I3"),
        KeyError("a mistake of ours"),
        TimeoutError(),
        count=3,
    )
    let_go(*indexers)

    releases, reports = await last(FanOut(indexers, deadline=20))

    assert [report.answer for report in reports] == [
        Answer.ANSWERED,
        Answer.BUSY,
        Answer.REJECTED,
        Answer.BROKEN,
        Answer.BROKEN,
        Answer.TIMED_OUT,
    ]
    assert [report.found for report in reports] == [3] * 6
    assert len(releases) == 18


async def test_a_deadline_of_its_own_for_each_and_what_came_is_kept() -> None:
    slow, quick = scripted(None, None, count=4)
    let_go(quick)

    releases, reports = await last(FanOut([slow, quick], deadline=0.1))

    assert reports == [
        IndexerReport(indexer="I0", answer=Answer.TIMED_OUT, found=4),
        IndexerReport(indexer="I1", answer=Answer.ANSWERED, found=4),
    ]
    assert len(releases) == 8
    assert slow.ended.is_set()


async def test_only_those_named_are_asked() -> None:
    indexers = scripted(None, None, None)
    let_go(*indexers)

    picture = await last(FanOut(indexers, deadline=20), only=["I1", "unknown"])

    assert answers(picture) == {"I1": Answer.ANSWERED}
    assert [indexer.asked for indexer in indexers] == [0, 1, 0]


@pytest.mark.parametrize("only", [None, ["nobody"]])
async def test_nobody_to_ask_is_one_empty_picture(only: list[str] | None) -> None:
    fanout = FanOut([] if only is None else scripted(None), deadline=20)

    assert [picture async for picture in fanout.search(QUERY, only)] == [([], [])]


async def test_closing_ends_every_request() -> None:
    indexers = scripted(None, None, None)
    let_go(indexers[0])
    async with asyncio.timeout(5), aclosing(FanOut(indexers, deadline=600).search(QUERY)) as pictures:
        await anext(pictures)

    assert all(indexer.ended.is_set() for indexer in indexers)


async def test_a_search_that_is_cancelled_ends_every_request() -> None:
    indexers = scripted(None, None)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await last(FanOut(indexers, deadline=20))

    assert all(indexer.ended.is_set() for indexer in indexers)


async def test_one_who_refuses_may_say_until_when() -> None:
    moment = datetime.now(UTC) + timedelta(hours=1)
    indexers = scripted(IndexerRejected("I0", moment), IndexerRejected("I1"))
    let_go(*indexers)

    _, reports = await last(FanOut(indexers, deadline=20))

    assert [report.until for report in reports] == [int(moment.timestamp() * 1000), None]


async def test_real_servers_one_dead_one_silent_one_well() -> None:
    async with contextlib.AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient())
        servers = [
            await stack.enter_async_context(serve(TorznabServer(Works(30, wrong=wrong))))
            for wrong in (None, None, HttpAnswer(silent=True), HttpAnswer(b"<html>"))
        ]
        indexers = [
            TorznabIndexer(name, f"{server.url}/1/api?apikey={KEY}", http)
            for name, server in zip(("well", "twin", "silent", "html"), servers, strict=True)
        ]
        releases, reports = await last(FanOut(indexers, deadline=0.5))

    assert [report.answer.value for report in reports] == ["answered", "answered", "timed-out", "broken"]
    assert len(releases) == 30
    assert releases[29] == Release(
        title="work 29",
        link="http://t.example.org/29.torrent",
        indexers=("well", "twin"),
        size=1029,
        seeders=29,
        infohash=infohash(29),
    )


async def test_every_failure_is_in_the_log_once_with_what_it_came_of(unused_tcp_port: int) -> None:
    """Never the key, nor the trace of an error that was foreseen."""
    answers = (
        HttpAnswer(status=403),
        HttpAnswer(b"<html>"),
        HttpAnswer(ERROR_DOCUMENT),
        HttpAnswer(silent=True),
    )
    async with contextlib.AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient())
        servers = [
            await stack.enter_async_context(serve(TorznabServer(Works(1, wrong=wrong)))) for wrong in answers
        ]
        urls = [*(server.url for server in servers), f"http://127.0.0.1:{unused_tcp_port}"]
        indexers = [
            TorznabIndexer(f"I{number}", f"{url}/1/api?apikey={KEY}", http) for number, url in enumerate(urls)
        ]
        with capture_logs() as lines:
            await last(FanOut(indexers, deadline=2))
    assert {line["event"] for line in lines} == {"indexer-failed"}
    assert {line["log_level"] for line in lines} == {"warning"}
    assert not any("exc_info" in line or KEY in str(line) for line in lines)
    told = {line["indexer"]: (line["error"], line.get("cause")) for line in lines}
    assert len(lines) == len(told) == 5
    assert told["I0"] == ("IndexerRejected", "Refusal('HTTP 403')")
    assert told["I1"][0] == "IndexerBroken"
    assert str(told["I1"][1]).startswith("NotTorznab(")
    assert told["I2"] == ("IndexerRejected", "Refusal('error 100')")
    assert told["I3"] == ("TimeoutError", None)
    assert told["I4"][0] == "IndexerBusy"
    assert str(told["I4"][1]).startswith("ConnectError(")


async def test_what_it_came_of_is_one_short_line() -> None:
    error = IndexerBroken("I0")
    error.__cause__ = ValueError(f"first\nsecond {'x' * 10_000}")
    (indexer,) = scripted(error)
    let_go(indexer)
    with capture_logs() as lines:
        await last(FanOut([indexer], deadline=20))
    (cause,) = [line["cause"] for line in lines]
    assert len(cause) < 400
    assert "\n" not in cause


async def test_many_who_end_soon_after_each_other_share_a_picture() -> None:
    """The first one is not waited with; then it is looked again only after the pause, or when all have ended."""
    indexers = scripted(*[None] * 20, count=100)
    async with aclosing(FanOut(indexers, 7200, pause=3600).search(QUERY)) as pictures, asyncio.timeout(60):
        let_go(indexers[0])
        assert [report.answer for report in (await anext(pictures))[1]].count(Answer.ANSWERED) == 1
        rest, _ = await asyncio.gather(remaining(pictures), one_by_one(indexers[1:]))
    ((releases, reports),) = rest
    assert {report.answer for report in reports} == {Answer.ANSWERED}
    assert len(releases) == 2000


async def test_after_the_pause_it_is_not_waited_for_the_slowest() -> None:
    indexers = scripted(None, None, None)
    async with aclosing(FanOut(indexers, 7200, pause=0).search(QUERY)) as pictures, asyncio.timeout(60):
        for number, indexer in enumerate(indexers, 1):
            let_go(indexer)
            assert list(answers(await anext(pictures)).values()).count(Answer.ANSWERED) == number


async def test_one_that_refuses_at_once_does_not_delay_the_hits_of_the_next() -> None:
    refusing, fast, slow = scripted(IndexerRejected("I0"), None, None)
    for indexer in (refusing, fast, slow):
        indexer.count = 0
    async with aclosing(FanOut([refusing, fast, slow], 7200, pause=3600).search(QUERY)) as pictures:
        async with asyncio.timeout(60):
            let_go(refusing)
            releases, _ = await anext(pictures)
            assert releases == []
            fast.found = [made("I1", 0)]
            let_go(fast)
            releases, reports = await anext(pictures)
    assert len(releases) == 1
    assert [report.answer for report in reports] == [Answer.REJECTED, Answer.ANSWERED, Answer.WAITING]


async def test_many_who_refuse_soon_after_each_other_share_a_picture() -> None:
    indexers = scripted(*[IndexerBusy("I")] * 20, count=0)
    async with aclosing(FanOut(indexers, 7200, pause=3600).search(QUERY)) as pictures, asyncio.timeout(60):
        let_go(indexers[0])
        assert list(answers(await anext(pictures)).values()).count(Answer.BUSY) == 1
        rest, _ = await asyncio.gather(remaining(pictures), one_by_one(indexers[1:]))
    assert len(rest) == 1


async def remaining(pictures: AsyncIterator[Picture]) -> Sequence[Picture]:
    return [picture async for picture in pictures]


async def one_by_one(indexers: Sequence[Scripted]) -> None:
    """Each ends, and everybody else has turns enough to look at that, before the next one ends."""
    for indexer in indexers:
        let_go(indexer)
        await indexer.ended.wait()
        for _ in range(20):
            await asyncio.sleep(0)
