"""The engine for messages: goes on where it was stopped, and says what Telegram says."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from services.downloads.embedded.options import LinkOptions
from services.downloads.port import (
    Activity,
    Magnet,
    Progress,
    SourceRejected,
    SourceUnavailable,
    TelegramMessage,
    WebLink,
    download_key,
)
from services.downloads.telegram import Tag, TelegramDownloader
from services.errors import MagpieError
from services.grabbing.port import Page, Post
from services.media.tagging import Tagged, TagName, Tags
from services.telegram.messages import Messages
from services.telegram.port import (
    AccountLost,
    ChatClosed,
    FileDamaged,
    MessageFile,
    MessageGone,
    MessagePlace,
    TelegramAway,
    TelegramRefused,
)
from tests.fake_door import FakeDoor
from tests.house import until
from tests.unit.test_grab_folder import equal_bytes

CHUNK = 64 * 1024
BODY = bytes(range(256)) * 1024
QUICK = LinkOptions(retries=2, backoff=0.01, longest_backoff=0.05, keep_free=0)
MESSAGE = TelegramMessage(-1_000_000_001_001, 5, "song", unique_id="u1")


@dataclass
class Channel:
    """A door to one message. What is in `troubles` happens instead of the next looks, one each."""

    data: bytes = BODY
    about: MessageFile = field(default_factory=lambda: MessageFile("u1", len(BODY), "song.mp3", "audio/mpeg"))
    troubles: list[MagpieError] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    checked: int = 0
    breaks_after: int | None = None
    becomes: tuple[bytes, str] | None = None
    """What the message is changed to when it breaks: the bytes, and which file it is then."""
    picture: bytes = b""
    cover_troubles: list[MagpieError] = field(default_factory=list)
    looks: int = 0
    lost: str | None = None
    flowing: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.flowing.set()

    async def look(self, chat: int | str, message_id: int) -> MessageFile:
        self.looks += 1
        if self.troubles:
            raise self.troubles.pop(0)
        return self.about

    async def open(
        self, chat: int | str, message_id: int, start: int = 0, unique_id: str = ""
    ) -> AsyncGenerator[bytes, None]:
        assert (chat, message_id) == (MESSAGE.chat, MESSAGE.message_id)
        assert unique_id == self.about.unique_id
        self.starts.append(start)
        for at in range(start, len(self.data), CHUNK):
            if self.breaks_after is not None and at >= self.breaks_after:
                self.breaks_after = None
                if self.becomes is not None:
                    self.data, unique = self.becomes
                    self.about = replace(self.about, unique_id=unique)
                raise TelegramAway(1)
            await self.flowing.wait()
            yield self.data[at : at + CHUNK]

    async def cover(self, chat: int | str, message_id: int, unique_id: str) -> bytes:
        assert (chat, message_id, unique_id) == (MESSAGE.chat, MESSAGE.message_id, self.about.unique_id)
        if self.cover_troubles:
            raise self.cover_troubles.pop(0)
        return self.picture

    async def kept(self, chat: int | str, message_id: int, unique_id: str, part: Path) -> int:
        assert (chat, message_id, unique_id) == (MESSAGE.chat, MESSAGE.message_id, self.about.unique_id)
        self.checked += 1
        return equal_bytes(part.read_bytes(), self.data)

    async def head(self, chat: int | str, post: Post, most: int) -> bytes:
        raise NotImplementedError

    async def page(self, chat: int | str, before: int | None) -> Page:
        return Page((), None)

    async def title(self, chat: int | str) -> str:
        return "A channel"


async def untouched(_path: Path, _tags: Tags) -> Tagged:
    return Tagged()


@asynccontextmanager
async def running(folder: Path, channel: Channel, tag: Tag = untouched) -> AsyncIterator[TelegramDownloader]:
    engine = TelegramDownloader(folder / "state", Messages(FakeDoor(), channel), QUICK, tag)
    engine.start()
    work = asyncio.ensure_future(engine.run())
    try:
        yield engine
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await engine.close()


async def fetched(engine: TelegramDownloader, folder: Path, message: TelegramMessage = MESSAGE) -> Progress:
    key = download_key(message)
    await engine.add(key, message, frozenset({0}), folder / "out")
    return await ended(engine, key)


async def ended(engine: TelegramDownloader, key: str) -> Progress:
    async def is_over() -> bool:
        return (await engine.progress())[key].activity in {Activity.COMPLETE, Activity.FAILED}

    await until(is_over, "it did not end", 20)
    return (await engine.progress())[key]


def on_disk(folder: Path) -> bytes:
    return (folder / "out" / "song.mp3").read_bytes()


async def test_it_tells_name_and_size_and_fetches(tmp_path: Path) -> None:
    async with running(tmp_path, Channel()) as engine:
        contents = await engine.inspect(MESSAGE)
        assert [(file.path, file.size) for file in contents.files] == [("song.mp3", len(BODY))]
        assert (await fetched(engine, tmp_path)).activity is Activity.COMPLETE
        assert on_disk(tmp_path) == BODY
        assert list((await engine.files(download_key(MESSAGE))).values()) == [tmp_path / "out" / "song.mp3"]


async def test_it_takes_messages_only(tmp_path: Path) -> None:
    async with running(tmp_path, Channel()) as engine:
        assert engine.takes(MESSAGE)
        assert not engine.takes(WebLink("https://example.org/x", "x"))
        assert not engine.takes(Magnet("magnet:?xt=urn:btih:" + "a" * 40, "a" * 40, "x"))


async def test_what_was_cut_off_goes_on(tmp_path: Path) -> None:
    channel = Channel(breaks_after=2 * CHUNK)
    async with running(tmp_path, channel) as engine:
        assert (await fetched(engine, tmp_path)).activity is Activity.COMPLETE
    assert on_disk(tmp_path) == BODY
    assert channel.starts == [0, 2 * CHUNK]


@pytest.mark.parametrize("right", [3 * CHUNK, 2 * CHUNK + 5, 0])
async def test_a_restart_goes_on_where_it_was_right(right: int, tmp_path: Path) -> None:
    """What came is looked at once: a power cut may have left less than there seems to be."""
    channel = Channel()
    async with running(tmp_path, channel) as engine:
        channel.flowing.clear()
        await engine.add(download_key(MESSAGE), MESSAGE, frozenset({0}), tmp_path / "out")

        async def is_begun() -> bool:
            return bool(channel.starts)

        await until(is_begun, "it did not begin", 20)
    (tmp_path / "out" / f".{download_key(MESSAGE)}.part").write_bytes(BODY[:right] + bytes(3 * CHUNK - right))
    channel.breaks_after = 3 * CHUNK
    channel.flowing.set()
    async with running(tmp_path, channel) as engine:
        assert (await ended(engine, download_key(MESSAGE))).activity is Activity.COMPLETE
    assert on_disk(tmp_path) == BODY
    assert channel.starts[1] in {right, right + 1}, "it begins with a zero itself"
    assert channel.starts[2] > 2 * CHUNK
    assert channel.checked == 1


async def test_a_message_that_has_another_file_by_now_is_not_what_was_chosen(tmp_path: Path) -> None:
    channel = Channel(breaks_after=2 * CHUNK, becomes=(BODY[::-1], "u2"))
    async with running(tmp_path, channel) as engine:
        over = await fetched(engine, tmp_path)
    assert (over.activity, over.error) == (Activity.FAILED, "message-gone")
    assert channel.starts == [0]


@pytest.mark.parametrize(
    ("chat", "is_asked"), [(7, False), (-7, False), (-1_000_000_000_007, True), ("@films", True)]
)
async def test_the_owners_account_reads_where_numbers_are_everybodys(chat: int | str, is_asked: bool) -> None:
    """In private chats and basic groups the same number is another message of the owner's own."""
    shut, owners = Channel(troubles=[ChatClosed("x")]), Channel()
    messages = Messages(FakeDoor(), shut, owners)
    place = MessagePlace(chat, 5)
    if is_asked:
        assert (await messages.look(place)).unique_id == "u1"
    else:
        with pytest.raises(ChatClosed):
            await messages.look(place)
    assert owners.looks == int(is_asked)


async def test_a_pause_that_telegram_asks_for_is_no_failure(tmp_path: Path) -> None:
    pauses: list[MagpieError] = [TelegramAway(0.01, flood=True) for _ in range(10)]
    async with running(tmp_path, Channel(troubles=pauses)) as engine:
        assert (await fetched(engine, tmp_path)).activity is Activity.COMPLETE


@pytest.mark.parametrize(
    ("trouble", "meaning", "key"),
    [
        (MessageGone("x"), SourceRejected, "message-gone"),
        (ChatClosed("x"), SourceRejected, "message-closed"),
        (TelegramRefused("x"), SourceRejected, "message-refused"),
        (AccountLost("x"), SourceUnavailable, "account-lost"),
        (TelegramAway(1), SourceUnavailable, "telegram-away"),
    ],
)
async def test_what_telegram_says(
    tmp_path: Path, trouble: MagpieError, meaning: type[MagpieError], key: str
) -> None:
    async with running(tmp_path, Channel(troubles=[trouble])) as engine:
        with pytest.raises(meaning) as raised:
            await engine.inspect(MESSAGE)
        assert raised.value.key == key


async def test_less_than_was_said_is_no_file(tmp_path: Path) -> None:
    async with running(tmp_path, Channel(data=BODY[:-1])) as engine:
        over = await fetched(engine, tmp_path)
    assert (over.activity, over.error) == (Activity.FAILED, "link-short")
    assert not (tmp_path / "out" / "song.mp3").exists()


async def test_a_fault_of_ours_ends_one_job_and_no_other(tmp_path: Path) -> None:
    class Faulty(Channel):
        async def look(self, chat: int | str, message_id: int) -> MessageFile:
            if not self.looks:
                self.looks += 1
                raise ZeroDivisionError
            return await super().look(chat, message_id)

    async with running(tmp_path, Faulty()) as engine:
        broken = await fetched(engine, tmp_path)
        assert (broken.activity, broken.error) == (Activity.FAILED, "engine-error")
        await engine.resume(download_key(MESSAGE))
        assert (await fetched(engine, tmp_path)).activity is Activity.COMPLETE


async def test_without_a_door_it_says_so(tmp_path: Path) -> None:
    engine = TelegramDownloader(tmp_path / "state", Messages(FakeDoor()), QUICK, untouched)
    engine.start()
    with pytest.raises(SourceRejected) as raised:
        await engine.inspect(MESSAGE)
    assert raised.value.key == "message-no-door"


async def test_the_next_door_is_asked_where_one_may_not_look(tmp_path: Path) -> None:
    shut, open_ = Channel(troubles=[ChatClosed("x")] * 9), Channel()
    engine = TelegramDownloader(tmp_path / "state", Messages(FakeDoor(), shut, open_), QUICK, untouched)
    engine.start()
    assert (await engine.inspect(MESSAGE)).name == "song.mp3"


@pytest.mark.parametrize(
    ("said", "mime", "name"),
    [
        ("../../etc/passwd", None, "passwd"),
        ("a\u202egpj.exe", None, "agpj.exe"),
        (None, "video/mp4", "song.mp4"),
        ("", None, "song"),
        ("x" * 400 + ".mkv", None, "x" * 196 + ".mkv"),
    ],
)
async def test_names_are_made_safe(tmp_path: Path, said: str | None, mime: str | None, name: str) -> None:
    channel = Channel(about=MessageFile("u1", len(BODY), said, mime))
    async with running(tmp_path, channel) as engine:
        assert (await engine.inspect(MESSAGE)).name == name


@dataclass
class Tagger:
    """Writes down what it is to write, and makes the file longer, as tags may do."""

    seen: list[Tags] = field(default_factory=list)

    async def __call__(self, path: Path, tags: Tags) -> Tagged:
        self.seen.append(tags)
        path.write_bytes(path.read_bytes() + b"tags")
        return Tagged(frozenset({TagName.TITLE}))


SONG = MessageFile("u1", len(BODY), "song.mp3", "audio/mpeg", title="Tone", performer="Sine Waves")
PICTURE = b"\xff\xd8\xff and so on"


async def test_music_gets_the_name_that_telegram_knows_before_anybody_sees_it(tmp_path: Path) -> None:
    tag, channel = Tagger(), Channel(about=SONG)
    async with running(tmp_path, channel, tag) as engine:
        over = await fetched(engine, tmp_path)
    assert tag.seen == [Tags(title="Tone", performer="Sine Waves")]
    assert on_disk(tmp_path) == BODY + b"tags"
    assert (over.activity, over.total) == (Activity.COMPLETE, len(BODY) + 4)
    async with running(tmp_path, channel, tag) as engine:
        assert (await engine.progress())[download_key(MESSAGE)].activity is Activity.COMPLETE


NAMELESS = MessageFile("u1", len(BODY), "song.mp3", "audio/mpeg", has_cover=True)


@pytest.mark.parametrize("about", [replace(SONG, has_cover=True), NAMELESS])
async def test_music_gets_the_picture_that_telegram_has(tmp_path: Path, about: MessageFile) -> None:
    tag = Tagger()
    async with running(tmp_path, Channel(about=about, picture=PICTURE), tag) as engine:
        assert (await fetched(engine, tmp_path)).activity is Activity.COMPLETE
    assert tag.seen == [Tags(title=about.title, performer=about.performer, cover=PICTURE)]


@pytest.mark.parametrize(
    "trouble", [TelegramRefused("no"), MessageGone("no"), AccountLost("no"), FileDamaged()]
)
async def test_a_picture_that_is_not_to_be_had_costs_the_picture(
    tmp_path: Path, trouble: MagpieError
) -> None:
    tag = Tagger()
    channel = Channel(about=replace(SONG, has_cover=True), picture=PICTURE, cover_troubles=[trouble])
    async with running(tmp_path, channel, tag) as engine:
        assert (await fetched(engine, tmp_path)).activity is Activity.COMPLETE
    assert tag.seen == [Tags(title="Tone", performer="Sine Waves")]


@pytest.mark.parametrize("trouble", [TelegramAway(0.01), TelegramAway(0.01, flood=True)])
async def test_a_picture_is_waited_for(tmp_path: Path, trouble: MagpieError) -> None:
    tag = Tagger()
    channel = Channel(about=replace(SONG, has_cover=True), picture=PICTURE, cover_troubles=[trouble])
    async with running(tmp_path, channel, tag) as engine:
        assert (await fetched(engine, tmp_path)).activity is Activity.COMPLETE
    assert [tags.cover for tags in tag.seen] == [PICTURE]
    assert on_disk(tmp_path) == BODY + b"tags", "its bytes came once"
