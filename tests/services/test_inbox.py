"""Updates from Telegram: kept first, handled in order, and never twice or not at all."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import pytest
from pymongo.errors import AutoReconnect
from telegram import Bot, Update
from telegram.error import BadRequest, Conflict, EndPointNotFound, InvalidToken, NetworkError

from bot.inbox import ALLOWED, Inbox, SecondInstance, TokenRefused
from handlers.albums import album_of
from models.inbox import InboxPoll, KeptUpdate

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
BOT = 42


def message(number: int, chat: int = 7, text: str = "") -> dict[str, Any]:
    person = {"id": chat, "is_bot": False, "first_name": "Ada"}
    private = {"id": chat, "type": "private", "first_name": "Ada"}
    said = {
        "message_id": number,
        "date": 1_700_000_000,
        "chat": private,
        "from": person,
        "text": text or str(number),
    }
    return {"update_id": number, "message": said}


def pictured(number: int, album: str = "a", chat: int = 7, caption: str = "") -> dict[str, Any]:
    """A message of an album."""
    update = message(number, chat)
    del update["message"]["text"]
    update["message"] |= {"media_group_id": album, "caption": caption}
    return update


class Post:
    """getUpdates as Telegram does it: what is below the offset is forgotten, the rest comes again."""

    def __init__(self, *waiting: dict[str, Any], most: int = 3) -> None:
        self.id = BOT
        self.most = most
        self.waiting = list(waiting)
        self.errors: list[Exception] = []
        self.offsets: list[int | None] = []
        self.news = asyncio.Event()

    def bring(self, *updates: dict[str, Any]) -> None:
        self.waiting += updates
        self.news.set()

    async def do_api_request(
        self, endpoint: str, *, api_kwargs: dict[str, Any], read_timeout: float
    ) -> Sequence[dict[str, Any]]:
        assert endpoint == "getUpdates"
        assert 0 < api_kwargs["timeout"] < read_timeout
        assert api_kwargs["allowed_updates"] == ALLOWED
        offset = api_kwargs["offset"]
        self.offsets.append(offset)
        if self.errors:
            raise self.errors.pop(0)
        self.waiting = [update for update in self.waiting if offset is None or update["update_id"] >= offset]
        if not self.waiting:
            self.news.clear()
            await self.news.wait()
        return self.waiting[: self.most]


class Hands:
    """Handles updates: `done` in the order of their end, `begun` of their beginning."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.done: list[int] = []
        self.answers: dict[int, list[bool | Exception]] = {}
        self.slow: dict[int, asyncio.Event] = {}

    async def __call__(self, update: Update) -> bool:
        self.begun.append(update.update_id)
        if update.update_id in self.slow:
            await self.slow[update.update_id].wait()
        answers = self.answers.get(update.update_id)
        answer = answers.pop(0) if answers else True
        if isinstance(answer, Exception):
            raise answer
        if answer:
            self.done.append(update.update_id)
        return answer


class Album(Hands):
    """Hands that ask for the rest of an album: `known` of each update that was handled."""

    def __init__(self) -> None:
        super().__init__()
        self.known: list[list[int]] = []

    async def __call__(self, update: Update) -> bool:
        self.known.append([each.message_id for each in await album_of(update)])
        return await super().__call__(update)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@asynccontextmanager
async def running(
    post: Post, hands: Hands, probation: float = 10.0, together: float = 4.0
) -> AsyncIterator[Inbox]:
    inbox = Inbox(cast("Bot", post), hands, probation=probation, together=together)
    task = asyncio.get_running_loop().create_task(inbox.run())
    try:
        yield inbox
        if task.done():
            task.result()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - a fake sets no event
            await asyncio.sleep(0.01)


async def until_all_done(count: int, seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while len(await marked()) < count:  # noqa: ASYNC110 - neither does a database
            await asyncio.sleep(0.01)


async def marked() -> set[int]:
    """The updates that are marked as handled, in polls that are marked as done when all of theirs are."""
    polls = await InboxPoll.find({}).to_list()
    assert all(poll.done == (set(poll.handled) == poll.ids) for poll in polls)
    return {number for poll in polls for number in poll.handled}


async def only_kept() -> KeptUpdate:
    (poll,) = await InboxPoll.find({}).to_list()
    return poll.updates[0]


async def test_updates_are_kept_handled_and_marked(hands: Hands) -> None:
    post = Post(message(1, text="a.b $c"), message(2))
    async with running(post, hands) as inbox:
        await until_all_done(2)
        assert inbox.heard_lately()
    assert hands.done == [1, 2]
    poll = await InboxPoll.get("42-1")
    assert poll is not None
    assert (poll.first, poll.last, poll.handled, poll.done) == (1, 2, [1, 2], True)
    assert poll.updates[0].lane == "7"
    assert json.loads(poll.updates[0].payload) == message(1, text="a.b $c")
    assert post.offsets[:2] == [None, 3]


async def test_telegram_forgets_only_what_was_kept(hands: Hands) -> None:
    """Three come at a time: the offset follows what is in the database."""
    post = Post(*(message(number) for number in range(1, 8)))
    async with running(post, hands):
        await until_all_done(7)
        await until(lambda: len(post.offsets) == 4)
    assert post.offsets == [None, 4, 7, 8]
    assert hands.done == [1, 2, 3, 4, 5, 6, 7]


async def test_one_chat_in_order_and_chats_side_by_side(hands: Hands) -> None:
    hands.slow[1] = asyncio.Event()
    async with running(Post(message(1, 7), message(2, 7), message(3, 8)), hands):
        await until(lambda: 3 in hands.done)
        assert hands.begun == [1, 3]
        hands.slow[1].set()
        await until_all_done(3)
    assert hands.done == [3, 1, 2]


async def test_what_comes_twice_is_handled_once(hands: Hands) -> None:
    post = Post(message(1))
    hands.slow[2] = asyncio.Event()
    async with running(post, hands):
        await until_all_done(1)
        post.bring(message(2))
        await until(lambda: 2 in hands.begun)
    async with running(Post(message(1), message(2)), hands):
        await until(lambda: hands.begun.count(2) == 2)
        hands.slow[2].set()
        await until_all_done(2)
    assert hands.begun == [1, 2, 2], "the second was interrupted, the first was not"
    assert hands.done == [1, 2]


async def test_what_a_crash_left_is_handled_first_and_in_order(hands: Hands) -> None:
    for number in (12, 10, 11):
        await kept(number)
    await kept(9, done=True)
    await kept(13, bot=99)
    async with running(Post(message(12), message(14)), hands):
        await until(lambda: 14 in hands.done)
    assert hands.done == [10, 11, 12, 14]


async def kept(number: int, *, done: bool = False, bot: int = BOT) -> None:
    await kept_together(number, handled=[number] if done else [], bot=bot)


async def kept_together(*numbers: int, handled: Sequence[int] = (), bot: int = BOT) -> None:
    updates = [
        KeptUpdate(update_id=number, lane="7", payload=json.dumps(message(number))) for number in numbers
    ]
    await InboxPoll(
        id=f"{bot}-{numbers[0]}",
        bot_id=bot,
        first=numbers[0],
        last=numbers[-1],
        updates=updates,
        handled=list(handled),
        done=len(handled) == len(numbers),
    ).insert()


async def test_of_a_poll_only_what_was_not_handled_is_handled_after_a_crash(hands: Hands) -> None:
    await kept_together(10, 11, 12, handled=[11])
    await kept_together(13, 14, handled=[13, 14])
    async with running(Post(*(message(number) for number in (12, 13, 15))), hands):
        await until_all_done(6)
    assert hands.done == [10, 12, 15]


async def test_what_was_kept_without_an_answer_is_handled_when_telegram_repeats_it(hands: Hands) -> None:
    """As when the database takes a poll, and is away before it can say so."""
    post = Post()
    async with running(post, hands):
        await until(lambda: post.offsets)
        await kept_together(1, 2)
        post.bring(message(1), message(2), message(3))
        await until_all_done(3)
    assert hands.done == [1, 2, 3]


async def test_what_comes_out_of_order_or_twice_is_handled_in_order_and_once(hands: Hands) -> None:
    """Also when it comes again in yet another order, as after a kill before the next request."""
    async with running(Post(message(5), message(3), message(4)), hands):
        await until_all_done(3)
    async with running(Post(message(4), message(5), message(3)), hands):
        await until(lambda: len(hands.done) == 3)
    post = Post(message(6), message(5), message(6))
    async with running(post, hands):
        await until_all_done(4)
        await until(lambda: post.offsets[-1] == 7)
    assert hands.done == [3, 4, 5, 6]


async def test_ten_thousand_at_once(hands: Hands) -> None:
    """Of a hundred chats, a hundred a request, some of them twice."""
    once = [message(number, chat=number % 100) for number in range(1, 10_001)]
    post = Post(
        *(update for each in once for update in [each] * (1 + (each["update_id"] % 500 == 0))), most=100
    )
    async with running(post, hands) as inbox:
        await until(lambda: len(hands.done) == 10_000, seconds=240)
        await until_all_done(10_000, seconds=60)
        assert inbox.waiting == 0
    assert len(hands.done) == 10_000
    for chat in range(100):
        theirs = [number for number in hands.done if number % 100 == chat]
        assert theirs == sorted(theirs)


async def test_marks_of_a_chat_are_written_in_the_order_of_handling(hands: Hands) -> None:
    """Whatever a kill leaves unmarked is newer than all that is marked: nothing old is done again after it."""
    updates = [message(number, chat=7 if number % 2 else number) for number in range(1, 31)]
    hands.slow |= {number: asyncio.Event() for number in range(2, 31, 2)}
    async with running(Post(*updates), hands):
        seen = list[set[int]]()
        async with asyncio.timeout(10):
            while len(seen) < 2 or len(seen[-1]) < 15:
                seen.append(await marked())
        for numbers in seen:
            in_chat = sorted(number for number in numbers if number % 2)
            assert in_chat == list(range(1, 2 * len(in_chat), 2))
        for event in hands.slow.values():
            event.set()
        await until_all_done(30)


@pytest.mark.parametrize("answer", [False, AutoReconnect("away")])
async def test_what_could_not_be_handled_is_handled_again_before_the_next(
    answer: bool | Exception, hands: Hands
) -> None:
    hands.answers[1] = [answer]
    async with running(Post(message(1), message(2), message(3, 8)), hands):
        await until(lambda: 3 in hands.done)
        assert 1 not in await marked()
        await until_all_done(3)
    assert hands.begun == [1, 3, 1, 2]
    assert hands.done == [3, 1, 2]


async def test_what_never_can_be_handled_is_given_up_after_a_while(hands: Hands) -> None:
    """A quarter of an hour: nobody waits for an answer any more, and the chat goes on."""
    await kept(1)
    await InboxPoll.get_pymongo_collection().update_one(
        {"_id": "42-1"}, {"$inc": {"received_at": -16 * 60_000}}
    )
    hands.answers[1] = [False, False]
    async with running(Post(message(2)), hands):
        await until_all_done(2)
    assert hands.begun == [1, 2]


@pytest.mark.parametrize("error", [NetworkError("away"), BadRequest("odd")])
async def test_telegram_away_is_waited_for(error: Exception, hands: Hands) -> None:
    post = Post(message(1))
    post.errors = [error]
    async with running(post, hands) as inbox:
        await until(lambda: not post.errors)
        assert not inbox.heard_lately()
        await until_all_done(1)


async def test_a_second_instance_ends_while_it_is_on_probation(hands: Hands) -> None:
    post = Post()
    post.errors = [Conflict("terminated by other getUpdates request")]
    with pytest.raises(ExceptionGroup) as errors:
        await Inbox(cast("Bot", post), hands).run()
    assert [type(error) for error in errors.value.exceptions] == [SecondInstance]
    assert "\n" not in str(errors.value.exceptions[0])


async def test_the_first_instance_goes_on_when_another_one_knocks(hands: Hands) -> None:
    post = Post(message(1))
    async with running(post, hands, probation=0.0):
        await until_all_done(1)
        post.errors = [Conflict("terminated by other getUpdates request")]
        post.bring(message(2))
        post.bring(message(3))
        await until_all_done(3)
    assert hands.done == [1, 2, 3]


@pytest.mark.parametrize("error", [InvalidToken("Unauthorized"), EndPointNotFound("as the library takes it")])
async def test_a_token_telegram_does_not_know_ends_it(error: Exception, hands: Hands) -> None:
    post = Post()
    post.errors = [error]
    with pytest.raises(ExceptionGroup) as errors:
        await Inbox(cast("Bot", post), hands).run()
    assert [type(error) for error in errors.value.exceptions] == [TokenRefused]


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param("half a pair: \ud83d", id="half a surrogate pair"),
        pytest.param(2**63, id="a number of more than 64 bits"),
        pytest.param({"a\0b": 1}, id="a key with a null"),
    ],
)
async def test_what_no_document_can_hold_is_kept_as_it_came(odd: object, hands: Hands) -> None:
    strange = message(2)
    strange["message"]["something new"] = odd
    async with running(Post(message(1), strange, message(3)), hands):
        await until_all_done(3)
    assert hands.done == [1, 2, 3]
    (poll,) = await InboxPoll.find({}).to_list()
    assert json.loads(poll.updates[1].payload) == strange


@pytest.mark.parametrize("odd", [{"message": "text"}, {"message": {"chat": 7}}, {"something new": {}}])
async def test_what_cannot_be_read_costs_itself_only(odd: dict[str, Any], hands: Hands) -> None:
    """And is not read again at every start."""
    async with running(Post(message(1), {"update_id": 2, **odd}, message(3)), hands):
        await until_all_done(3)
    assert set(hands.done) - {2} == {1, 3}


@pytest.mark.parametrize(
    ("update", "lane"),
    [
        (message(1, 7), "7"),
        (
            {
                "update_id": 1,
                "callback_query": {
                    "id": "1", "chat_instance": "1", "data": "x", "inline_message_id": "1",
                    "from": {"id": 5, "is_bot": False, "first_name": "A"},
                },
            },
            "user5",
        ),
    ],
)  # fmt: skip
async def test_lanes(update: dict[str, Any], lane: str, hands: Hands) -> None:
    async with running(Post(update), hands):
        await until_all_done(1)
    assert (await only_kept()).lane == lane


async def test_a_poll_that_brings_old_and_new_ones_hands_over_the_new_ones(hands: Hands) -> None:
    """As after a crash between keeping and asking on."""
    await kept(1, done=True)
    await kept(2)
    async with running(Post(message(1), message(2), message(3)), hands):
        await until_all_done(3)
    assert hands.done == [2, 3]


async def test_what_was_handled_is_marked_before_a_calm_end(hands: Hands) -> None:
    async with running(Post(*(message(number, number) for number in range(1, 4))), hands):
        await until(lambda: len(hands.done) == 3)
    assert await marked() == {1, 2, 3}


async def test_an_album_is_known_as_a_whole_though_it_comes_in_pieces() -> None:
    """And however its messages come: they are told apart by album and chat, and are in the order of the chat."""
    hands, post = Album(), Post(pictured(2), message(3), pictured(4, "b"))
    async with running(post, hands):
        await until(lambda: len(post.offsets) == 2)
        late = pictured(5)
        late["message"]["message_id"] = 1
        post.bring(late, pictured(6, chat=8))
        await until_all_done(5, seconds=30)
    assert [number for number in hands.done if number != 6] == [2, 3, 4, 5]
    known = dict(zip(hands.begun, hands.known, strict=True))
    assert known == {2: [1, 2], 3: [], 4: [4], 5: [1, 2], 6: [6]}


async def test_what_comes_of_an_album_after_a_crash_knows_what_was_handled_before() -> None:
    """A kill between its messages: the first was done in another life, the second left, the third is with Telegram yet."""
    before = Album()
    async with running(Post(pictured(1, caption="first")), before, together=0.0):
        await until_all_done(1)
    hands = Album()
    async with running(Post(pictured(2)), hands, together=30.0) as inbox:
        await until(lambda: inbox.waiting)
    assert hands.begun == [], "it waits for the others"
    post = Post(pictured(3))
    async with running(post, hands):
        await until_all_done(3, seconds=30)
    assert (before.known, hands.known) == ([[1]], [[1, 2, 3], [1, 2, 3]])


async def test_an_album_holds_up_no_other_chat_and_posts_of_channels_nobody(hands: Hands) -> None:
    post = {
        "update_id": 3,
        "channel_post": {**pictured(3)["message"], "chat": {"id": 9, "type": "channel", "title": "x"}},
    }
    async with running(Post(pictured(1), message(2, 8), post), hands):
        await until(lambda: len(hands.done) == 2)
        assert 1 not in hands.begun
        await until_all_done(3, seconds=30)


async def test_what_an_older_version_kept_of_an_album_is_handled(hands: Hands) -> None:
    await kept(1)
    await InboxPoll.get_pymongo_collection().update_one(
        {"_id": "42-1"},
        {"$set": {"updates": [{"update_id": 1, "lane": "7", "payload": json.dumps(pictured(1))}]}},
    )
    async with running(Post(), hands):
        await until_all_done(1)
