"""Telegram's pace: under its flood limits everything arrives later, and once, by the simulator's own record."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests import media_kit
from tests.chats import archived, becomes, choose
from tests.house import House, Message, Person, labels, open_house, until
from tests.programs import need
from tests.swarm import WebSeed, make_payload, make_torrent

pytestmark = [pytest.mark.xdist_group("conversation-flood"), pytest.mark.timeout(600)]
LONG = 240.0
OTHERS, READERS = "somebody else's", "a reader's"
POSTS = ["audio", "audio", "document", "document", "photo", "photo"]
"""What the album comes to: its three files, a picture and a clip of the tone, a photo of the picture."""
FILES = ["audio", "document", "document"]


@pytest.fixture
def album(tmp_path: Path) -> Iterator[bytes]:
    """A .torrent with a tone, a picture and a document, seeded over HTTP."""
    need("ffmpeg")
    content = make_payload(tmp_path / "album", {"a text.bin": 1000})
    media_kit.audio(content / "a tone.mp3", seconds=3)
    media_kit.image(content / "a view.jpg")
    with WebSeed(tmp_path) as seed:
        yield make_torrent(content, web_seed=seed.url).metainfo


@asynccontextmanager
async def house_with_a_bot(tmp_path: Path, flood: str) -> AsyncIterator[House]:
    settings = {"ALLOW_PRIVATE_ADDRESSES": "true", "TORZNAB_URLS": ""}
    async with open_house(tmp_path / "house", flood=flood, **settings) as house:
        await house.start_bot()
        yield house


async def test_in_a_busy_channel_and_pressed_quickly_everything_arrives_once(
    tmp_path: Path, album: bytes
) -> None:
    """Another program uses the same token, so that the bot cannot know how much it may."""
    async with house_with_a_bot(tmp_path, flood="on") as house:
        undecided = await choose(house.ada, _unseeded(tmp_path))
        card = await choose(house.ada, album)
        await house.ada.say(READERS, chat=house.channel)
        tickers = {chat: await _ticker(house, chat) for chat in (house.channel, house.ada.id)}
        async with _crowd(house, house.channel, tickers) as refuses:
            await house.ada.press(card, "Start", seconds=0)
            await until(lambda: refuses("editMessageMedia", "sendMessage"), "never refused", LONG)
        async with _crowd(house, house.ada.id, tickers) as refuses:
            presses = await _press_quickly(house.ada, undecided, lambda: refuses("editMessageText"))
        await becomes(house.ada, undecided, "0 of 3 files")
        done = await becomes(house.ada, card, "is in the archive")
        assert sorted(await _posts(house)) == POSTS
        async with _crowd(house, house.ada.id, tickers) as refuses:
            await house.ada.press(done, "Get it here", seconds=0)
            await until(lambda: refuses("copyMessages"), "never refused", LONG)
        await until(lambda: _is_delivered(house), "nothing was delivered", LONG)
        await _all_answered(house, presses + 2)
        assert sorted(await _delivered(house)) == FILES
        theirs, ticker, *_ = await house.ada.messages(house.channel)
        assert theirs["text"] == READERS
        assert ticker["caption"].startswith(OTHERS)


async def test_every_call_may_be_told_to_slow_down(tmp_path: Path) -> None:
    """The answer to a card is lost besides: so there is one too many, to be deleted."""
    content = make_payload(tmp_path / "payload", {"some.bin": 1000})
    with WebSeed(content) as seed:
        torrent = make_torrent(content / "some.bin", web_seed=seed.url).metainfo
        async with house_with_a_bot(tmp_path, flood="off") as house:
            await _slow_down(house, "getUpdates", "getFile", "sendMessage")
            await house.fault(method="sendMessage", action="drop")
            twin = await choose(house.ada, torrent)
            card = await house.ada.wait(button="Start", after=twin["message_id"], seconds=LONG)
            await _slow_down(house, "deleteMessage")
            await house.ada.press(twin, labels(twin)[0], seconds=0)
            await until(lambda: _is_gone(house, twin), "the card too many was not deleted", LONG)
            card = await becomes(house.ada, card, "0 of 1 file")
            await _slow_down(house, "editMessageMedia")
            await house.ada.press(card, labels(card)[0], seconds=0)
            card = await becomes(house.ada, card, "1 of 1 file")
            await house.ada.press(card, "Start", seconds=0)
            done = await becomes(house.ada, card, "is in the archive")
            assert await _posts(house) == ["document"]
            await _slow_down(house, "copyMessages")
            await house.ada.press(done, "Get it here", seconds=0)
            await until(lambda: _is_delivered(house), "nothing was delivered", LONG)
            await _all_answered(house, 4)
            assert await _delivered(house) == ["document"]
            assert (await house.http.get("/api/faults")).raise_for_status().json() == []


async def test_the_rarer_calls_may_be_told_so_too(tmp_path: Path) -> None:
    """Asking for our own rights, saying a text, setting the keys of a post that is borrowed."""
    content = make_payload(tmp_path / "payload", {"some.bin": 1000})
    again = tmp_path / "again" / "other.bin"
    again.parent.mkdir()
    again.write_bytes((content / "some.bin").read_bytes())
    with WebSeed(content) as seed, WebSeed(again.parent) as other:
        first, second = (
            make_torrent(path, web_seed=web.url).metainfo
            for path, web in ((content / "some.bin", seed), (again, other))
        )
        async with house_with_a_bot(tmp_path, flood="off") as house:
            await house.ada.say(READERS, chat=house.channel)
            card = await choose(house.ada, first)
            no_rights = {"error_code": 400, "description": "Bad Request: not enough rights to edit"}
            await house.fault(method="editMessageMedia", action="error", **no_rights)
            await _slow_down(house, "getChatMember", "editMessageText")
            await house.ada.press(card, "Start", seconds=0)
            await becomes(house.ada, card, "is in the archive")
            card = await choose(house.ada, second)
            await _slow_down(house, "editMessageReplyMarkup")
            await house.ada.press(card, "Start", seconds=0)
            await becomes(house.ada, card, "is in the archive")
            assert await _posts(house) == ["document"]
            assert (await house.http.get("/api/faults")).raise_for_status().json() == []


@pytest.mark.parametrize("fault", [{"action": "429", "retry_after": 1}, {"action": "drop", "before": True}])
@pytest.mark.parametrize("seconds", [0, 3])
async def test_a_press_whose_answer_is_lost_is_carried_out_once(
    tmp_path: Path, fault: Mapping[str, object], seconds: float
) -> None:
    """Also when copying takes so long that the press is answered meanwhile."""
    content = make_payload(tmp_path / "payload", {"some.bin": 1000})
    with WebSeed(content) as seed:
        torrent = make_torrent(content / "some.bin", web_seed=seed.url).metainfo
        async with house_with_a_bot(tmp_path, flood="off") as house:
            done = await archived(house.ada, torrent)
            await house.fault(method="answerCallbackQuery", **fault)
            await house.fault(method="copyMessages", action="delay", seconds=seconds)
            await house.ada.press(done, "Get it here", seconds=0)
            # handled after the press and whatever became of it
            asked = await house.ada.say("/status")
            await house.ada.wait(contains="Your orders", after=asked["message_id"], seconds=LONG)
            assert await _delivered(house) == ["document"]
            assert (await house.http.get("/api/faults")).raise_for_status().json() == []


async def _is_gone(house: House, card: Message) -> bool:
    return card["message_id"] not in {message["message_id"] for message in await house.ada.messages()}


async def _slow_down(house: House, *methods: str) -> None:
    for method in methods:
        await house.fault(method=method, action="429", retry_after=1)


def _unseeded(folder: Path) -> bytes:
    files = dict.fromkeys(("one.bin", "two.bin", "film.mkv"), 1000)
    return make_torrent(make_payload(folder / "none", files)).metainfo


Refuses = Callable[..., Awaitable[bool]]


@asynccontextmanager
async def _crowd(house: House, chat: int, tickers: Mapping[int, int]) -> AsyncIterator[Refuses]:
    """Another program takes all that the token may write to a chat, for edits of its own message there.

    Whether the bot was refused one of some calls meanwhile can be asked.
    """
    begun, drained = len(await house.record(chat)), asyncio.Event()

    async def refuses(*methods: str) -> bool:
        calls = (await house.record(chat))[begun:]
        return any(call["method"] in methods and "Too Many" in call.get("error", "") for call in calls)

    ticking = asyncio.ensure_future(_tick(house, chat, tickers[chat], drained))
    try:
        async with asyncio.timeout(LONG):
            await drained.wait()
        yield refuses
    finally:
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)


async def _ticker(house: House, chat: int) -> int:
    form, file = {"chat_id": chat, "caption": OTHERS}, {"document": ("ticker.txt", b"something")}
    sent = await house.http.post(f"/bot{house.token}/sendDocument", data=form, files=file)
    return int(sent.raise_for_status().json()["result"]["message_id"])


async def _tick(house: House, chat: int, ticker: int, drained: asyncio.Event) -> None:
    for number in itertools.count():
        form = {"chat_id": chat, "message_id": ticker, "caption": f"{OTHERS} {number}"}
        edited = await house.http.post(f"/bot{house.token}/editMessageCaption", data=form)
        if not edited.is_success:
            drained.set()
            await asyncio.sleep(0.2)


async def _press_quickly(person: Person, card: Message, enough: Callable[[], Awaitable[bool]]) -> int:
    """Changes their mind without waiting for anything, at least ten times; the last word is None. How many presses."""
    for number, word in enumerate(itertools.cycle(["None", "All", "Video only"])):
        await person.press(card, word, seconds=0)
        if number >= 10 and await enough():
            break
    await person.press(card, "None", seconds=0)
    return number + 2


async def _posts(house: House) -> list[str]:
    """Of what kinds the posts are; nothing else was left in the channel."""
    calls = [call for call in await house.record(house.channel) if call["ok"]]
    sent = {call["message_id"] for call in calls if call["method"] == "sendMessage"}
    deleted = {call["message_id"] for call in calls if call["method"] == "deleteMessage"}
    made = {call["message_id"] for call in calls if call["method"] == "editMessageMedia"}
    posts = [post for post in await house.ada.messages(house.channel) if post["message_id"] in sent]
    assert {post["message_id"] for post in posts} == sent - deleted == made - deleted
    return _kinds(posts)


async def _is_delivered(house: House) -> bool:
    return bool(await _delivered(house))


async def _delivered(house: House) -> list[str]:
    return _kinds([message for message in await house.ada.messages() if _is_a_copy(message, house)])


def _is_a_copy(message: Message, house: House) -> bool:
    from_the_bot = message["from"]["id"] == house.bot_id
    return from_the_bot and "text" not in message and not message.get("caption", "").startswith(OTHERS)


async def _all_answered(house: House, presses: int) -> None:
    async def are_answered() -> bool:
        calls = [call for call in await house.record() if call["method"] == "answerCallbackQuery"]
        return len({call["parameters"]["callback_query_id"] for call in calls}) == presses

    await until(are_answered, "not every press was answered", LONG)


def _kinds(messages: Sequence[Message]) -> list[str]:
    kinds = ("audio", "video", "photo", "document", "text")
    return [next(name for name in kinds if name in message) for message in messages]
