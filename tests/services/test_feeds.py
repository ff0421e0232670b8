"""Feeds: what is new is ordered once, whatever a server says, a crash leaves, or two machines do at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from models.access import Member, Role
from models.cards import Card, CardKind
from models.clock import now
from models.feeds import EntryState, Feed, FeedEntry, FeedState
from models.ids import new_id
from models.search import Query, Release, Rest
from models.transfers import Transfer, TransferState
from services.access.rights import NotAllowed
from services.documents import update_all, update_if
from services.downloads.addresses import guarded_transport
from services.downloads.embedded.web import strangers_client
from services.downloads.port import SourceRejected
from services.downloads.reading import SourceReader
from services.errors import MagpieError
from services.feeds.errors import FilterWrong
from services.feeds.looking import Looker
from services.feeds.orders import MOST_AT_ONCE, Orders
from services.feeds.reading import NoFeed
from services.feeds.runner import TOLD_AFTER, FeedRunner
from services.feeds.service import MOST_FEEDS, Feeds, TooManyFeeds, UnknownFeed
from services.feeds.shown import feed_for, feeds_of
from services.patterns import PatternWrong
from services.search.fanout import FanOut
from services.search.port import IndexerBusy
from services.transfers.service import Transfers
from tests.feeds import FeedServer, item, rss, sized
from tests.house import until
from tests.loopback import Answer, Server, serve
from tests.services.orders import member

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
DAY = 24 * 3_600_000
HASHES = [f"{number:040x}" for number in range(100)]


def magnet(number: int, title: str = "") -> str:
    """An entry with an infohash of its own."""
    return item(title or f"work {number}", f"magnet:?xt=urn:btih:{HASHES[number]}")


class Index:
    """An Indexer in memory."""

    def __init__(self, name: str, *releases: Release) -> None:
        self.name = name
        self.releases = list(releases)
        self.busy = False
        self.asked = 0

    async def search(self, _query: Query) -> AsyncIterator[Release]:
        self.asked += 1
        if self.busy:
            raise IndexerBusy(self.name)
        for release in self.releases:
            yield release._replace(indexers=(self.name,))

    async def check(self) -> str:
        return self.name


def release(number: int, **about: Any) -> Release:
    link = f"magnet:?xt=urn:btih:{HASHES[number]}"
    return Release(f"work {number}", link, (), infohash=HASHES[number], **about)


class Machine:
    """One of several that may run against the same database."""

    def __init__(self, *indexers: Index, private: bool = True, owner: str = "here") -> None:
        self.http = strangers_client(guarded_transport(private), httpx.Timeout(5))
        self.cards = dict[str, Card]()
        self.admitted = True
        reader = SourceReader([], allow_private=private)
        orders = Orders(Transfers(lambda: None), reader, self._show)
        self.runner = FeedRunner(
            Looker(self.http, FanOut(indexers, 5, pause=0.01)),
            orders,
            owner,
            admits=lambda _member: self.admitted,
            changed=lambda _id: None,
            show=self._show,
        )
        self.feeds = Feeds(reader, orders, self.runner.wake)

    async def _show(self, card: Card) -> None:
        self.cards.setdefault(card.id, card)

    async def work(self) -> None:
        """Everything that is due."""
        while (claimed := await self.runner._claim()) is not None:
            await self.runner._work(claimed)

    async def look(self, feed: Feed) -> Feed:
        """As if the time for it had come."""
        await update_if(Feed, {"_id": feed.id}, {"due_at": 0, "turn_at": 0})
        await self.work()
        return await fresh(feed)

    def shown(self, kind: CardKind) -> list[Card]:
        return [card for card in self.cards.values() if card.kind is kind]


async def fresh(feed: Feed) -> Feed:
    found = await Feed.get(feed.id)
    assert found is not None
    return found


async def titles(feed: Feed) -> list[str]:
    """What it ordered, in that order."""
    return [
        order.title for order in await Transfer.find({"feed": feed.id}).sort("created_at", "_id").to_list()
    ]


async def states(feed: Feed) -> dict[str, EntryState]:
    return {entry.title: entry.state for entry in await FeedEntry.find({"feed": feed.id}).to_list()}


async def end(feed: Feed) -> None:
    """All its orders are done."""
    await update_all(Transfer, {"feed": feed.id}, {"state": TransferState.DONE})


@pytest.fixture
async def ada() -> Member:
    return await member("ada")


@pytest.fixture
async def site() -> FeedServer:
    return FeedServer([magnet(0)])


@pytest.fixture
async def server(site: FeedServer) -> AsyncIterator[Server]:
    async with serve(site) as server:
        yield server


@pytest.fixture
async def machine() -> AsyncIterator[Machine]:
    machine = Machine()
    async with machine.http:
        yield machine


@pytest.fixture
async def begun(machine: Machine, server: Server, ada: Member) -> Feed:
    """A feed whose first look is over."""
    return await begin(machine, f"{server.url}/rss", ada)


async def begin(machine: Machine, text: str, by: Member, chat_id: int = 7) -> Feed:
    feed = await machine.feeds.begin(text, feed_id=new_id(), chat_id=chat_id, by=by)
    await machine.work()
    return await fresh(feed)


async def test_what_stood_there_is_remembered_and_what_is_new_is_ordered(
    machine: Machine, site: FeedServer, begun: Feed, ada: Member
) -> None:
    assert (begun.name, begun.begun, begun.error) == ("Works", True, None)
    assert (await states(begun), await titles(begun)) == ({"work 0": EntryState.SEEN}, [])
    site.items.insert(0, magnet(1))
    await machine.look(begun)
    (order,) = await Transfer.find({"feed": begun.id}).to_list()
    assert (order.title, order.key, order.member_id, order.chat_id) == ("work 1", HASHES[1], "ada", 7)
    assert (order.state, order.listed) == (TransferState.CHOOSING, False)
    (card,) = machine.shown(CardKind.TRANSFER)
    assert (card.subject, card.chat_id, card.member_id) == (order.id, 7, "ada")
    shown = await feed_for(ada, await fresh(begun))
    assert (shown.orders.count, shown.entries[EntryState.SEEN], shown.is_looked_at) == (1, 1, False)


async def test_nothing_comes_twice(machine: Machine, site: FeedServer, begun: Feed) -> None:
    """By infohash, else by title and size; also when it was away for a while, or has a new link."""
    site.items = [magnet(1), sized("Film", "/1.torrent", 5), magnet(0)]
    await machine.look(begun)
    assert sorted(await titles(begun)) == ["Film", "work 1"]
    site.items = []
    await machine.look(begun)
    again = [magnet(1, "Another title"), sized(" FILM ", "/2.torrent?token=x", 5), magnet(0), magnet(1)]
    site.items = [*again, sized("Film", "/1.torrent", 6)]
    await machine.look(begun)
    assert sorted(await titles(begun)) == ["Film", "Film", "work 1"]


async def test_what_is_known_is_not_sent_again(machine: Machine, site: FeedServer, begun: Feed) -> None:
    looked = await machine.look(begun)
    assert (site.unchanged, looked.etag, looked.error) == (1, begun.etag, None)
    assert looked.worked_at > begun.worked_at


async def test_it_is_looked_at_when_it_is_due_and_not_before(
    machine: Machine, site: FeedServer, begun: Feed, ada: Member
) -> None:
    assert begun.due_at - begun.tried_at == 15 * 60_000
    await machine.work()
    assert site.looks == 1
    faster = await machine.feeds.look_every(begun.id, 5, by=ada)
    assert faster.due_at - begun.tried_at == 5 * 60_000
    with pytest.raises(UnknownFeed):
        await machine.feeds.look_every(begun.id, 1, by=ada)
    assert not await machine.feeds.look_now(begun.id, by=ada)
    await update_if(Feed, {"_id": begun.id}, {"tried_at": now() - 61_000})
    assert await machine.feeds.look_now(begun.id, by=ada)
    await machine.work()
    assert site.looks == 2


@pytest.mark.parametrize(
    ("head", "minutes"), [("<ttl>60</ttl>", 60), ("<ttl>1</ttl>", 15), ("<ttl>999999</ttl>", 1440)]
)
async def test_a_feed_that_wants_to_be_left_alone_is(
    machine: Machine, site: FeedServer, begun: Feed, head: str, minutes: int
) -> None:
    site.wrong = Answer(rss([], head))
    looked = await machine.look(begun)
    assert looked.due_at - looked.tried_at == minutes * 60_000


async def test_a_filter_holds_for_what_comes(
    machine: Machine, site: FeedServer, begun: Feed, ada: Member
) -> None:
    await machine.feeds.filter(begun.id, "film -cam size<2k ~s0\\d", update_id=9, by=ada)
    site.items = [
        *(sized(f"Film S0{number}", f"/{number}", 1000 + number) for number in range(2)),
        sized("Film S01 CAM", "/3", 1000),
        sized("Film S01 long", "/4", 5000),
        sized("Film", "/5", 1000),
        item("Film S01 unsized"),
    ]
    await machine.look(begun)
    assert sorted(await titles(begun)) == ["Film S00", "Film S01"]
    assert sorted((await states(begun)).values()).count(EntryState.PASSED_OVER) == 4
    assert (await machine.feeds.filtered(9, by=ada) or begun).id == begun.id
    await machine.feeds.filter(begun.id, "", by=ada)
    await machine.look(begun)
    assert len(await titles(begun)) == 2
    for wrong, error in (("size<x", FilterWrong), ("~(", PatternWrong)):
        with pytest.raises(error):
            await machine.feeds.filter(begun.id, wrong, by=ada)


async def test_a_filter_that_takes_too_long_pauses_the_feed_and_says_so(
    machine: Machine, site: FeedServer, begun: Feed, ada: Member
) -> None:
    await machine.feeds.filter(begun.id, "~(a+)+$", by=ada)
    site.items = [item(f"{'a' * 200}{number}!") for number in range(200)]
    paused = await machine.look(begun)
    assert (paused.state, paused.error) == (FeedState.PAUSED, "pattern-too-slow")
    assert [card.subject for card in machine.shown(CardKind.FEED)] == [begun.id]
    await machine.feeds.filter(begun.id, "nothing", by=ada)
    await machine.feeds.resume(begun.id, by=ada)
    await machine.work()
    assert set((await states(begun)).values()) == {EntryState.SEEN, EntryState.PASSED_OVER}


async def test_what_stood_there_comes_too_when_wanted(
    machine: Machine, site: FeedServer, ada: Member, server: Server
) -> None:
    site.items = [magnet(number) for number in range(3)]
    feed = await begin(machine, f"{server.url}/rss work ~[12]", ada)
    await machine.feeds.want_seen(feed.id, by=ada)
    await machine.work()
    assert sorted(await titles(feed)) == ["work 1", "work 2"]
    assert (await states(feed))["work 0"] is EntryState.PASSED_OVER


async def test_a_few_at_a_time(machine: Machine, site: FeedServer, begun: Feed) -> None:
    site.items = [magnet(number) for number in range(25)]
    waiting = await machine.look(begun)
    assert len(await titles(begun)) == MOST_AT_ONCE
    assert waiting.turn_at < waiting.due_at
    for total in (20, 24):
        await end(begun)
        await update_if(Feed, {"_id": begun.id}, {"turn_at": 0})
        await machine.work()
        assert len(await titles(begun)) == total
    assert (await fresh(begun)).turn_at == waiting.due_at
    assert site.looks == 2


async def test_with_approval_nothing_is_ordered_unasked(
    machine: Machine, site: FeedServer, begun: Feed, ada: Member
) -> None:
    await machine.feeds.ask_first(begun.id, wanted=True, by=ada)
    site.items = [magnet(1), magnet(2)]
    await machine.look(begun)
    assert await titles(begun) == []
    one, two = [card.subject for card in machine.shown(CardKind.TRANSFER)]
    with pytest.raises(NotAllowed):
        await machine.feeds.approve(one, by=await member("blas"))
    for _ in range(2):
        await machine.feeds.approve(one, by=ada)
        await machine.feeds.skip(two, by=ada)
    (order,) = await Transfer.find({"feed": begun.id}).to_list()
    assert order.id == one
    with pytest.raises(UnknownFeed):
        await machine.feeds.approve(two, by=ada)
    with pytest.raises(UnknownFeed):
        await machine.feeds.skip(new_id(), by=ada)
    await machine.feeds.skip(one, by=ada)
    assert sorted((await states(begun)).values()) == [EntryState.ORDERED, EntryState.SEEN, EntryState.SKIPPED]


async def test_only_so_many_questions_at_once(
    machine: Machine, site: FeedServer, begun: Feed, ada: Member
) -> None:
    await machine.feeds.ask_first(begun.id, wanted=True, by=ada)
    site.items = [magnet(number) for number in range(15)]
    await machine.look(begun)
    asked = machine.shown(CardKind.TRANSFER)
    assert len(asked) == MOST_AT_ONCE
    waiting = await fresh(begun)
    assert waiting.turn_at == waiting.due_at
    for card in asked[:3]:
        await machine.feeds.skip(card.subject, by=ada)
        await machine.work()
    assert len(machine.shown(CardKind.TRANSFER)) == MOST_AT_ONCE + 3


async def test_the_same_in_two_feeds_comes_once_for_a_member(
    machine: Machine, site: FeedServer, begun: Feed, ada: Member, server: Server
) -> None:
    other = await begin(machine, f"{server.url}/other", ada)
    theirs = await begin(machine, f"{server.url}/rss", await member("blas"), chat_id=8)
    site.items = [magnet(1), sized("Film", "/1", 5)]
    await machine.look(begun)
    site.items = [magnet(1), item("Film", f"magnet:?xt=urn:btih:{HASHES[2]}", "<size>5</size>"), magnet(3)]
    for feed in (other, theirs):
        await machine.look(feed)
    assert sorted(await titles(begun)) == ["Film", "work 1"]
    assert await titles(other) == ["work 3"]
    assert sorted((await states(other)).values()).count(EntryState.KNOWN) == 2
    assert len(await titles(theirs)) == 3


async def test_entries_that_lead_into_private_networks_are_not_ordered(site: FeedServer, ada: Member) -> None:
    public = Machine(private=True)
    guarded = Machine(private=False, owner="there")
    async with serve(site) as server, public.http, guarded.http:
        feed = await begin(public, f"{server.url}/rss", ada)
        with pytest.raises(SourceRejected):
            await guarded.feeds.begin(f"{server.url}/rss", feed_id=new_id(), chat_id=7, by=ada)
        refused = await guarded.look(feed)
        assert refused.error == "link-private"
        site.items = [item("inside", "http://192.168.0.1/a.torrent"), item("outside"), magnet(1)]
        await update_if(Feed, {"_id": feed.id}, {"ask_first": True})
        await public.look(feed)
        asked = {(await entry_of(card)).title: card.subject for card in public.shown(CardKind.TRANSFER)}
        with pytest.raises(SourceRejected):
            await guarded.feeds.approve(asked["inside"], by=ada)
        await guarded.feeds.approve(asked["outside"], by=ada)
        await guarded.feeds.approve(asked["work 1"], by=ada)
    assert sorted(await titles(feed)) == ["outside", "work 1"]


async def entry_of(card: Card) -> FeedEntry:
    found = await FeedEntry.find_one({"order": card.subject})
    assert found is not None
    return found


async def test_what_leads_nowhere_is_remembered_and_counted(
    begun: Feed,
) -> None:
    machine = Machine(private=False)
    async with machine.http:
        inside = FeedEntry(
            id=new_id(), feed=begun.id, member_id="ada", names=["x"], order=new_id(), title="inside",
            link="http://10.0.0.1/a", state=EntryState.NEW, at=now(),
        )  # fmt: skip
        await inside.insert()
        await update_if(Feed, {"_id": begun.id}, {"turn_at": 0})
        await machine.work()
    assert (await states(begun))["inside"] is EntryState.REFUSED
    assert await Transfer.count() == 0


async def test_trouble_is_told_once_and_that_it_is_over_too(
    machine: Machine, site: FeedServer, begun: Feed, ada: Member
) -> None:
    site.wrong = Answer(status=404)
    pauses = []
    for _ in range(TOLD_AFTER + 2):
        failed = await machine.look(begun)
        pauses.append((failed.due_at - failed.tried_at) // 60_000)
    assert pauses == [15, 30, 60, 120, 240]
    assert (failed.error, failed.error_values, failed.failures) == (
        "feed-status",
        {"status": 404},
        TOLD_AFTER + 2,
    )
    assert [card.subject for card in machine.shown(CardKind.FEED)] == [begun.id]
    assert (await feeds_of(ada))[0].feed.told
    site.wrong = None
    for _ in range(2):
        well = await machine.look(begun)
    assert (well.error, well.failures, well.told) == (None, 0, False)
    (notice,) = machine.shown(CardKind.NOTICE)
    assert (notice.key, notice.values) == ("feed-well-again", {"name": "Works"})


async def test_a_trouble_that_passes_is_not_told(machine: Machine, site: FeedServer, begun: Feed) -> None:
    site.wrong = Answer(status=503, headers={"Retry-After": "7200"})
    failed = await machine.look(begun)
    assert failed.due_at - failed.tried_at == 7_200_000
    site.wrong = None
    await machine.look(begun)
    assert machine.cards == {}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(b"<!DOCTYPE html><html>Log in</html>"), "feed-unreadable"),
        (Answer(rss([item()] * 100_000)), "feed-too-large"),
        (Answer(b"<rss><channel>" + b"<a/>" * 500_000 + b"</channel></rss>"), "feed-unreadable"),
        (Answer(status=301, headers={"Location": "/rss"}), "link-redirects"),
    ],
)
async def test_what_a_hostile_server_sends_is_only_an_error(
    machine: Machine, site: FeedServer, begun: Feed, answer: Answer, error: str
) -> None:
    site.wrong = answer
    assert (await machine.look(begun)).error == error
    site.wrong = None
    assert (await machine.look(begun)).error is None
    assert await titles(begun) == []


async def test_hundreds_stand_there_at_the_beginning(
    machine: Machine, site: FeedServer, server: Server, ada: Member
) -> None:
    site.items = [item(f"work {number}") for number in range(1200)]
    feed = await begin(machine, f"{server.url}/rss", ada)
    assert await FeedEntry.find({"feed": feed.id, "state": EntryState.SEEN.value}).count() == 1200


async def test_a_crash_anywhere_loses_and_doubles_nothing(
    machine: Machine, site: FeedServer, begun: Feed
) -> None:
    """As if nothing had been written down after each step, and once more from there."""
    site.items = [magnet(1), magnet(2)]
    looked = await machine.look(begun)
    before: dict[str, object] = {"due_at": 0, "turn_at": 0, "etag": begun.etag, "lease_until": 0}
    await update_if(Feed, {"_id": begun.id}, before)
    await machine.work()
    await update_all(FeedEntry, {"state": EntryState.ORDERED}, {"state": EntryState.NEW})
    await update_if(Feed, {"_id": begun.id}, before)
    await machine.work()
    await FeedEntry.find({"state": EntryState.ORDERED.value}).delete()
    await update_if(Feed, {"_id": begun.id}, before)
    await machine.work()
    assert sorted(await titles(looked)) == ["work 1", "work 2"]
    assert sorted((await states(begun)).values()) == [EntryState.ORDERED, EntryState.ORDERED, EntryState.SEEN]
    assert len(machine.shown(CardKind.TRANSFER)) == 2


async def test_several_machines_order_everything_once(site: FeedServer, server: Server, ada: Member) -> None:
    machines = [Machine(owner=f"m{number}") for number in range(3)]
    feed = await begin(machines[0], f"{server.url}/rss", ada)
    site.items = [magnet(number) for number in range(1, 8)]
    # all of them at once, though each has the lease: the worst that a machine that slept may do
    held = await update_if(Feed, {"_id": feed.id}, {"due_at": 0, "turn_at": 0}, increase={"fence": 1})
    assert held is not None
    await asyncio.gather(*(machine.runner._work(held) for machine in machines))
    await machines[0].work()
    assert sorted(await titles(feed)) == [f"work {number}" for number in range(1, 8)]
    shown = {card.id for machine in machines for card in machine.shown(CardKind.TRANSFER)}
    assert len(shown) == 7
    for machine in machines:
        await machine.http.aclose()


async def test_who_steers_meanwhile_is_obeyed(
    machine: Machine, site: FeedServer, begun: Feed, ada: Member
) -> None:
    held = asyncio.Event()
    site.wrong = Answer(rss([magnet(1)]), held=held)
    await update_if(Feed, {"_id": begun.id}, {"due_at": 0, "turn_at": 0})
    claimed = await machine.runner._claim()
    assert claimed is not None
    work = asyncio.ensure_future(machine.runner._work(claimed))

    async def is_asked() -> bool:
        return site.looks == 2

    await until(is_asked, "it was not asked")
    await machine.feeds.pause(begun.id, by=ada)
    held.set()
    await work
    await machine.work()
    assert ((await fresh(begun)).state, await titles(begun)) == (FeedState.PAUSED, [])
    await machine.feeds.resume(begun.id, by=ada)
    await machine.work()
    assert await titles(begun) == ["work 1"]


async def test_who_is_no_member_any_more_orders_nothing(
    machine: Machine, site: FeedServer, begun: Feed, ada: Member
) -> None:
    machine.admitted = False
    site.items = [magnet(1)]
    paused = await machine.look(begun)
    assert (paused.state, paused.error, site.looks) == (FeedState.PAUSED, "feed-not-allowed", 1)
    machine.admitted = True
    await machine.feeds.resume(begun.id, by=ada)
    await machine.work()
    assert await titles(begun) == ["work 1"]


async def test_a_feed_is_its_members(machine: Machine, begun: Feed, ada: Member) -> None:
    blas, owner = await member("blas"), await member("cleo", Role.OWNER)
    for steer in (machine.feeds.pause, machine.feeds.delete, machine.feeds.want_seen):
        with pytest.raises(NotAllowed):
            await steer(begun.id, by=blas)
    await machine.feeds.pause(begun.id, by=owner)
    assert await machine.feeds.mine(by=blas) == []
    assert [feed.id for feed in await machine.feeds.mine(by=ada)] == [begun.id]


async def test_deleted_it_is_forgotten_and_begins_anew(
    machine: Machine, site: FeedServer, begun: Feed, ada: Member, server: Server
) -> None:
    site.items = [magnet(1)]
    await machine.look(begun)
    await machine.feeds.delete(begun.id, by=ada)
    with pytest.raises(UnknownFeed):
        await machine.feeds.find(begun.id, by=ada)
    await machine.work()
    assert (await Feed.count(), await FeedEntry.count()) == (0, 0)
    anew = await begin(machine, f"{server.url}/rss", ada)
    await machine.feeds.want_seen(anew.id, by=ada)
    await machine.work()
    assert await titles(begun) == ["work 1"]
    assert (await states(anew)) == {"work 1": EntryState.KNOWN}


async def test_as_many_as_one_may_have(machine: Machine, ada: Member) -> None:
    async def make(number: int, feed_id: str = "") -> Feed:
        return await machine.feeds.begin(
            f"https://f.example.org/{number}", feed_id=feed_id or new_id(), chat_id=7, by=ada
        )

    for number in range(MOST_FEEDS - 1):
        await make(number)
    made = await asyncio.gather(*(make(100 + number) for number in range(4)), return_exceptions=True)
    assert sum(isinstance(each, TooManyFeeds) for each in made) >= 3
    assert len(await machine.feeds.mine(by=ada)) <= MOST_FEEDS
    for _ in range(2):
        with pytest.raises(TooManyFeeds):
            await make(200, "again")
    assert (await make(0)).what.endswith("/0")
    await machine.feeds.begin("https://f.example.org/1", feed_id=new_id(), chat_id=7, by=await member("blas"))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", NoFeed),
        ("search", NoFeed),
        ("search ~x", NoFeed),
        ("big buck bunny", NoFeed),
        (f"magnet:?xt=urn:btih:{HASHES[1]}", NoFeed),
        ("t.me/name/1", NoFeed),
        ("https://", SourceRejected),
        ("https://user:secret@f.example.org/rss", SourceRejected),
        ("https://f.example.org/rss size<x", FilterWrong),
        ("search bunny ~(", PatternWrong),
    ],
)
async def test_what_is_no_feed_is_said(
    machine: Machine, ada: Member, text: str, error: type[MagpieError]
) -> None:
    with pytest.raises(error):
        await machine.feeds.begin(text, feed_id=new_id(), chat_id=7, by=ada)
    assert await Feed.count() == 0


async def test_a_search_orders_what_is_new(ada: Member) -> None:
    one = Index("One", release(0), release(1))
    machine = Machine(one)
    feed = await begin(machine, "search work ~work [0-5]", ada)
    assert (feed.name, feed.wish, feed.known_indexers) == ("work", "~work [0-5]", ["One"])
    one.releases += [release(2), release(3, published=now() - 2 * DAY), release(9)]
    await machine.look(feed)
    assert await titles(feed) == ["work 2"]
    assert (await states(feed))["work 3"] is EntryState.SEEN
    await machine.http.aclose()


async def test_an_indexer_that_comes_late_floods_nobody(ada: Member) -> None:
    """What it had all the time is not new, only because it could not be asked."""
    one, two = Index("One", release(0)), Index("Two", release(1), release(2))
    two.busy = True
    machine = Machine(one, two)
    feed = await begin(machine, "search work", ada)
    assert feed.silent == ["Two"]
    two.busy = False
    well = await machine.look(feed)
    assert (well.silent, well.known_indexers, await titles(feed)) == ([], ["One", "Two"], [])
    two.releases.append(release(3))
    await machine.look(feed)
    assert await titles(feed) == ["work 3"]
    await machine.http.aclose()


async def test_a_search_that_nobody_answers_has_failed_and_who_rests_is_left_alone(ada: Member) -> None:
    one = Index("One", release(0))
    one.busy = True
    machine = Machine(one)
    feed = await begin(machine, "search work", ada)
    for _ in range(3):
        feed = await machine.look(feed)
    assert (feed.error, feed.failures, one.asked) == ("feed-no-indexer", 4, 3)
    assert await Rest.count() == 1
    await machine.http.aclose()


async def test_it_runs_by_itself(machine: Machine, site: FeedServer, server: Server, ada: Member) -> None:
    running = asyncio.ensure_future(machine.runner.run())
    feed = await machine.feeds.begin(f"{server.url}/rss", feed_id=new_id(), chat_id=7, by=ada)

    def stands(holds: Callable[[Feed], bool]) -> Any:
        async def is_so() -> bool:
            return holds(await fresh(feed))

        return until(is_so, "it did not come to that", 30)

    await stands(lambda feed: feed.begun and feed.lease_until == 0)
    site.items.append(magnet(1))
    await update_if(Feed, {"_id": feed.id}, {"tried_at": 0})
    await machine.feeds.look_now(feed.id, by=ada)
    await stands(lambda feed: feed.tried_at > 0 and feed.lease_until == 0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await titles(feed) == ["work 1"]
