"""Whole channels: what would come, what is ordered, and what a stop, a pause and a complaint leave."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from models.access import Member, Role
from models.grabs import Grab, GrabState
from models.ids import new_id
from models.library import Item
from models.transfers import Transfer, TransferState
from services.access.rights import NotAllowed
from services.downloads.port import TelegramMessage, download_key
from services.errors import MagpieError
from services.grabbing.errors import WishWrong
from services.grabbing.port import Page, Post, PostKind
from services.grabbing.runner import GrabRunner
from services.grabbing.service import Grabs, NoChannel
from services.storage.taking import Taking
from services.telegram.port import AccountLost, ChatClosed, TelegramAway
from services.transfers.service import Transfers
from tests.house import until
from tests.services.orders import reread

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
ADA = Member.model_construct(id="ada", name="Ada", role=Role.OWNER, language="en")
BLAS = Member.model_construct(id="blas", name="Blas", role=Role.MEMBER, language="es")
SONG = PostKind.AUDIO


DAY = datetime(2026, 1, 1, tzinfo=UTC)


def post(number: int, kind: PostKind = SONG, date: datetime = DAY, **about: object) -> Post:
    values = {"name": f"{number}.mp3", "size": 1000, "duration": 200, "unique_id": f"u{number}", **about}
    return Post(number, date, kind, **values)  # type: ignore[arg-type]


@dataclass
class Channel:
    """A channel in memory. What is in `troubles` happens instead of the next pages, one each."""

    posts: Sequence[Post]
    per_page: int = 100
    troubles: list[MagpieError] = field(default_factory=list)
    asked: list[int | None] = field(default_factory=list)
    lost: str | None = None
    """Once the account is known to be lost; `shut`: it is, whether that is known or not."""
    shut: bool = False

    async def page(self, chat: int | str, before: int | None) -> Page:
        assert chat == "@songs"
        self.asked.append(before)
        if self.troubles:
            raise self.troubles.pop(0)
        if self.shut:
            self.lost = "SESSION_REVOKED"
            raise AccountLost(self.lost)
        newest_first = sorted(self.posts, key=lambda post: -post.message_id)
        older = [post for post in newest_first if before is None or post.message_id < before]
        page = older[: self.per_page]
        return Page(page, page[-1].message_id if len(older) > self.per_page else None)

    async def title(self, _chat: int | str) -> str:
        return "Songs"


class House:
    """A runner that runs, and who steers it."""

    def __init__(self, channel: Channel) -> None:
        self.runner = GrabRunner(channel, "here", lambda _id: None, lambda: None, partial(Taking, 2**31))
        self.grabs = Grabs(Transfers(lambda: None), self.runner.wake)
        self.work: asyncio.Future[None] | None = None

    def start(self) -> None:
        self.work = asyncio.ensure_future(self.runner.run())

    async def stop(self) -> None:
        if self.work is not None:
            self.work.cancel()
            await asyncio.gather(self.work, return_exceptions=True)

    async def begun(self, wish: str = "") -> Grab:
        grab = await self.grabs.begin("@Songs", wish, grab_id=new_id(), chat_id=7, by=ADA)
        return await self.stands(grab, lambda now: now.state is not GrabState.LOOKING)

    async def stands(self, grab: Grab, holds: Callable[[Grab], bool]) -> Grab:
        async def is_so() -> bool:
            return holds(await fresh(grab))

        await until(is_so, "the grab did not come to it", 30)
        return await fresh(grab)


async def fresh(grab: Grab) -> Grab:
    found = await Grab.get(grab.id)
    assert found is not None
    return found


async def orders(grab: Grab) -> list[Transfer]:
    return await Transfer.find({"grab": grab.id}).sort("created_at").to_list()


async def end(grab: Grab, state: TransferState = TransferState.DONE) -> None:
    """All orders that are under way end."""
    for order in await orders(grab):
        if order.state is TransferState.QUEUED:
            await order.set({"state": state.value})


@pytest.fixture
async def channel() -> Channel:
    return Channel([post(number) for number in range(1, 26)])


@pytest.fixture
async def house(channel: Channel) -> AsyncIterator[House]:
    house = House(channel)
    house.start()
    yield house
    await house.stop()


async def test_what_would_come_is_shown_before_anything_is_ordered(house: House, channel: Channel) -> None:
    channel.posts = [*channel.posts, post(30, PostKind.DOCUMENT, name="notes.txt")]
    grab = await house.begun("kind:audio")
    assert (grab.state, grab.title, grab.channel) == (GrabState.READY, "Songs", "@songs")
    assert (grab.looked, grab.matching, grab.size, grab.looked_at_all) == (26, 25, 25_000, True)
    assert grab.examples[0] == "25.mp3"
    assert await orders(grab) == []


async def test_a_few_at_a_time_are_ordered_the_newest_first_until_the_end(house: House) -> None:
    grab = await house.begun()
    await house.grabs.start(grab.id, by=ADA)
    await house.stands(grab, lambda now: now.under_way == 10)
    made = await orders(grab)
    assert [order.title for order in made] == [f"{number}.mp3" for number in range(25, 15, -1)]
    assert {order.state for order in made} == {TransferState.QUEUED}
    assert all(order.listed and order.chosen.count == 1 for order in made)
    while (await fresh(grab)).state is GrabState.RUNNING:
        await end(grab)
        await asyncio.sleep(0.05)
    ended = await fresh(grab)
    assert (ended.state, ended.archived, ended.under_way) == (GrabState.DONE, 25, 0)
    assert len({order.key for order in await orders(grab)}) == 25


async def test_a_limit_is_a_limit(house: House, channel: Channel) -> None:
    channel.per_page = 2
    grab = await house.begun("limit:3")
    assert grab.matching == 3
    await house.grabs.start(grab.id, by=ADA)
    await house.stands(grab, lambda now: now.under_way == 3)
    await end(grab)
    ended = await house.stands(grab, lambda now: now.state is GrabState.DONE)
    assert (ended.archived, len(await orders(grab))) == (3, 3)


async def archive(number: int) -> None:
    """As if the file of this post had come before."""
    known = TelegramMessage("@songs", number, f"{number}.mp3", unique_id=f"u{number}")
    item = Item(id=new_id(), title=str(number), source=download_key(known), files=[], member_id="ada")
    await item.insert()


@pytest.mark.parametrize("per_page", [2, 100])
async def test_what_is_shown_is_what_comes(house: House, channel: Channel, per_page: int) -> None:
    """A limit counts what is archived already, too; and what is posted meanwhile is another matter."""
    channel.per_page = per_page
    channel.posts = [*channel.posts, post(26, unique_id="u24")]
    for number in (25, 22):
        await archive(number)
    grab = await house.begun("limit:5")
    assert (grab.limited, grab.has_more, grab.matching, grab.coming, grab.size) == (True, False, 5, 2, 2000)
    assert grab.examples == ["26.mp3", "23.mp3"]
    channel.posts = [*channel.posts, post(27), post(28)]
    await house.grabs.start(grab.id, by=ADA)
    stands = await house.stands(grab, lambda now: now.known == 3)
    assert [order.title for order in await orders(grab)] == grab.examples
    assert stands.under_way == 2
    await end(grab)
    await house.stands(grab, lambda now: now.state is GrabState.DONE)


async def test_a_limit_that_the_look_does_not_reach_is_kept_all_the_same(
    house: House, channel: Channel
) -> None:
    channel.per_page = 2
    await archive(24)
    grab = await house.begun("limit:12")
    assert (grab.limited, grab.has_more, grab.matching, grab.coming) == (False, True, 10, 9)
    await house.grabs.start(grab.id, by=ADA)
    await house.stands(grab, lambda now: now.under_way == 10)
    await end(grab)
    await house.stands(grab, lambda now: now.under_way == 1)
    await end(grab)
    ended = await house.stands(grab, lambda now: now.state is GrabState.DONE)
    assert (ended.archived, ended.known) == (11, 1)
    assert (await orders(grab))[-1].title == "14.mp3"


async def test_nothing_older_than_wanted_is_looked_at(house: House, channel: Channel) -> None:
    channel.per_page = 5
    channel.posts = [post(number, date=DAY + timedelta(days=number)) for number in range(1, 26)]
    grab = await house.begun("after:2026-01-23")
    assert (grab.looked, grab.looked_at_all, grab.has_more, grab.matching) == (10, False, False, 4)
    assert len(channel.asked) == 2
    await house.grabs.start(grab.id, by=ADA)
    await house.stands(grab, lambda now: now.before == 0)
    await end(grab)
    await house.stands(grab, lambda now: now.state is GrabState.DONE)
    assert len(channel.asked) == 4
    assert len(await orders(grab)) == 4


async def test_no_file_comes_twice(house: House, channel: Channel) -> None:
    channel.posts = [post(1), post(2, unique_id="u1"), post(3), post(4)]
    await archive(4)
    grab = await house.begun()
    assert (grab.matching, grab.coming, grab.examples) == (4, 2, ["3.mp3", "2.mp3"])
    await house.grabs.start(grab.id, by=ADA)
    stands = await house.stands(grab, lambda now: now.known == 2)
    assert sorted(order.title for order in await orders(grab)) == ["2.mp3", "3.mp3"]
    assert stands.under_way == 2


async def test_a_repost_comes_when_the_newer_post_came_to_nothing(house: House, channel: Channel) -> None:
    channel.posts = [post(1, unique_id="u25"), *channel.posts[-11:]]
    grab = await house.begun()
    await house.grabs.start(grab.id, by=ADA)
    await house.stands(grab, lambda now: now.under_way == 10)
    await end(grab, TransferState.FAILED)
    await house.stands(grab, lambda now: now.under_way == 2)
    assert [order.title for order in await orders(grab)][-2:] == ["15.mp3", "1.mp3"]


async def test_it_goes_on_where_it_was_stopped(house: House, channel: Channel) -> None:
    channel.per_page = 5
    grab = await house.begun()
    await house.grabs.start(grab.id, by=ADA)
    await house.stands(grab, lambda now: now.under_way == 10)
    await house.stop()
    before, asked = (await fresh(grab)).before, len(channel.asked)
    await end(grab)
    house.start()
    await house.stands(grab, lambda now: now.archived == 10 and now.under_way == 10)
    assert channel.asked[asked] == before
    assert len(await orders(grab)) == 20


async def test_a_crash_between_ordering_and_saving_orders_nothing_twice(house: House) -> None:
    grab = await house.begun("limit:8")
    await house.grabs.start(grab.id, by=ADA)
    await house.stands(grab, lambda now: now.under_way == 8)
    await house.stop()
    # as if nothing of it had been written down
    nothing = {"before": None, "taken": 0, "under_way": 0, "state": "running", "lease_until": 0}
    await (await fresh(grab)).set(nothing)
    house.start()
    await house.stands(grab, lambda now: now.under_way == 8)
    assert len(await orders(grab)) == 8


async def test_paused_it_orders_nothing_and_goes_on(house: House) -> None:
    grab = await house.begun()
    await house.grabs.start(grab.id, by=ADA)
    await house.stands(grab, lambda now: now.under_way == 10)
    await house.grabs.pause(grab.id, by=ADA)
    await end(grab)
    assert (await fresh(grab)).state is GrabState.PAUSED
    await house.grabs.resume(grab.id, by=ADA)
    await house.stands(grab, lambda now: now.archived == 10 and now.under_way == 10)
    await house.grabs.stop(grab.id, by=ADA)
    assert (await fresh(grab)).state is GrabState.STOPPED


async def test_telegrams_pause_is_waited_for_and_shown(channel: Channel) -> None:
    channel.troubles = [TelegramAway(600, flood=True)]
    house = House(channel)
    house.start()
    grab = await house.grabs.begin("@songs", "", grab_id=new_id(), chat_id=7, by=ADA)
    waits = await house.stands(grab, lambda now: now.waiting is not None)
    assert (waits.waiting, waits.state) == ("telegram-away", GrabState.LOOKING)
    assert waits.lease_until - waits.changed_at > 500_000
    assert len(channel.asked) == 1
    await house.stop()


async def test_a_lost_account_is_asked_once_and_it_goes_on_when_it_is_well(
    house: House, channel: Channel
) -> None:
    grab = await house.begun()
    channel.shut = True
    asked = len(channel.asked)
    await house.grabs.start(grab.id, by=ADA)
    for _ in range(3):
        waits = await house.stands(grab, lambda now: now.waiting is not None and now.lease_until > 0)
        assert (waits.waiting, waits.state) == ("account-lost", GrabState.RUNNING)
        await waits.set({"lease_until": 0})
        house.runner.wake()
        await house.stands(grab, lambda now: now.lease_until > 0)
    assert len(channel.asked) == asked + 1
    channel.shut, channel.lost = False, None  # as its door finds out by itself
    goes_on = await house.stands(grab, lambda now: now.under_way == 10)
    assert goes_on.waiting is None


async def test_a_closed_channel_is_said_and_can_be_tried_again(house: House, channel: Channel) -> None:
    channel.troubles = [ChatClosed("CHANNEL_PRIVATE")]
    grab = await house.begun()
    assert (grab.state, grab.error) == (GrabState.FAILED, "message-closed")
    await house.grabs.retry(grab.id, by=ADA)
    await house.stands(grab, lambda now: now.state is GrabState.READY)


async def test_what_failed_is_tried_again(house: House, channel: Channel) -> None:
    channel.troubles = [ChatClosed("CHANNEL_PRIVATE")]
    grab = await house.begun("limit:2")
    await house.grabs.retry(grab.id, by=ADA)
    await house.stands(grab, lambda now: now.state is GrabState.READY)
    await house.grabs.start(grab.id, by=ADA)
    await house.stands(grab, lambda now: now.under_way == 2)
    for order in await orders(grab):
        failure = {"key": "message-gone", "values": {}, "resume_to": "queued"}
        await order.set({"state": "failed", "failure": failure})
    ended = await house.stands(grab, lambda now: now.state is GrabState.DONE)
    assert ended.failed == 2
    await house.grabs.retry(grab.id, by=ADA)
    assert {(await reread(order)).state for order in await orders(grab)} == {TransferState.QUEUED}
    await house.stands(grab, lambda now: now.under_way == 2 and now.failed == 0)


async def test_it_takes_more_than_a_members_rights(house: House) -> None:
    with pytest.raises(NotAllowed):
        await house.grabs.begin("@songs", "", grab_id=new_id(), chat_id=7, by=BLAS)


@pytest.mark.parametrize(
    ("channel_text", "wish", "refusal"),
    [
        ("", "", NoChannel),
        ("?", "", NoChannel),
        ("@songs", "kind:cake", WishWrong),
        ("https://example.org/x", "", NoChannel),
    ],
)
async def test_what_cannot_be_read_is_refused(
    house: House, channel_text: str, wish: str, refusal: type[MagpieError]
) -> None:
    with pytest.raises(refusal):
        await house.grabs.begin(channel_text, wish, grab_id=new_id(), chat_id=7, by=ADA)
    assert await Grab.count() == 0


async def test_a_channel_that_has_nothing_ends_at_once(house: House, channel: Channel) -> None:
    channel.posts = []
    grab = await house.begun()
    assert (grab.state, grab.matching, grab.looked_at_all) == (GrabState.READY, 0, True)
    await house.grabs.start(grab.id, by=ADA)
    await house.stands(grab, lambda now: now.state is GrabState.DONE)
