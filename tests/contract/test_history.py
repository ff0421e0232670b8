"""What a channel holds, page after page, as the simulator's data centre tells it."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from services.grabbing.port import Post, PostKind
from services.telegram.budget import Budget
from services.telegram.large import Access, BotToken, SecondDoor, UserSession
from services.telegram.messages import Messages, NoAccount, NoDoor
from services.telegram.port import AccountLost, ChatClosed, MessageGone, TelegramAway
from services.telegram.user import UserDoor
from simulator.accounts import FIRST_BOT_TOKEN
from tests.contract.simulator_client import ADA, BOT, CHANNEL, CLEO, jpeg, mp4, wav
from tests.data_centre import Centre, session_of
from tests.fake_door import FakeDoor

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("user-account")]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
PUBLIC = "@sine_waves"
TITLE = "Sine Waves"


@once
async def ada(there: Centre) -> AsyncIterator[UserDoor]:
    session = await session_of(there.program.url, ADA)
    door = UserDoor(Access(1, "0" * 32, UserSession(session), f"{there.program.url}/api/data-centre"), None)
    yield door
    await door.close()


@once
async def bot(there: Centre, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SecondDoor]:
    token = BotToken(FIRST_BOT_TOKEN, tmp_path_factory.mktemp("bot"))
    door = SecondDoor(Access(1, "0" * 32, token, f"{there.program.url}/api/data-centre"), Budget())
    yield door
    await door.close()


async def room_of(there: Centre, owner: int, title: str = TITLE, **more: str) -> int:
    return int((await there.http.post("/channels", title=title, owner=owner, **more))["id"])


async def sent(
    there: Centre, room: int, kind: str, name: str, data: bytes, caption: str = "", by: int = CLEO
) -> None:
    reply = await there.http.http.post(
        f"/api/people/{by}/chats/{room}/file",
        data={"kind": kind, "caption": caption},
        files={"file": (name, data)},
    )
    assert reply.status_code == 200, reply.text


@once
async def public(there: Centre) -> str:
    """The name of a channel with one post of each kind, between texts."""
    room = await room_of(there, CLEO, username=PUBLIC.removeprefix("@"))
    kinds = {"video": mp4(), "audio": wav(), "photo": jpeg(), "document": b"data", "animation": mp4()}
    for kind, data in kinds.items():
        await there.http.say(f"next: {kind}", CLEO, room)
        await sent(there, room, kind, f"a {kind}.bin", data, f"A {kind}")
    return PUBLIC


@once
async def long(there: Centre) -> int:
    """230 messages, every tenth of them a file."""
    room = await room_of(there, ADA)
    for number in range(1, 231):
        if number % 10:
            await there.http.say(f"number {number}", ADA, room)
        else:
            await sent(there, room, "document", f"{number}.txt", str(number).encode(), by=ADA)
    return room


async def test_each_kind_is_told_by_what_telegram_says(ada: UserDoor, public: str) -> None:
    page = await ada.page(public, None)
    assert page.oldest is None
    assert [post.kind for post in page.posts] == [
        *(PostKind.ANIMATION, PostKind.DOCUMENT, PostKind.PHOTO, PostKind.AUDIO, PostKind.VIDEO)
    ]
    assert [post.message_id for post in page.posts] == [10, 8, 6, 4, 2]
    assert [post.caption for post in page.posts][1:3] == ["A document", "A photo"]
    document, song = page.posts[1], page.posts[3]
    assert (document.name, document.size, document.duration) == ("a document.bin", 4, None)
    assert song.size == len(wav())
    assert song.duration is not None
    assert all((post.width or 0) > 0 and (post.height or 0) > 0 for post in (page.posts[2], page.posts[4]))
    assert (document.width, song.width) == (None, None)
    assert abs(document.date - datetime.now(UTC)) < timedelta(minutes=10)


async def test_the_unique_number_is_that_of_looking(ada: UserDoor, public: str) -> None:
    for post in (await ada.page(public, None)).posts:
        assert post.unique_id == (await ada.look(public, post.message_id)).unique_id


async def test_pages_follow_each_other(ada: UserDoor, long: int) -> None:
    posts: list[Post] = []
    looked: list[int | None] = []
    before: int | None = None
    while not looked or before is not None:
        page = await ada.page(long, before)
        assert all(before is None or post.message_id < before for post in page.posts)
        posts += page.posts
        before = page.oldest
        looked.append(before)
    assert looked == [131, 31, None]
    assert [post.message_id for post in posts] == list(range(230, 0, -10))


async def test_a_bot_reads_by_numbers(there: Centre, ada: UserDoor, bot: SecondDoor) -> None:
    """It may not list a channel, but look at messages one knows the numbers of; and so may a person."""
    room = await room_of(there, ADA)
    await there.http.post(f"/chats/{room}/members", user=BOT, status="administrator", rights=[], by=ADA)
    for number in range(1, 131):
        if number % 50:
            await there.http.say(f"number {number}", ADA, room)
        else:
            await sent(there, room, "document", f"{number}.txt", str(number).encode(), by=ADA)
    for door in (bot, ada):
        first, second, third = [await door.stretch(room, start) for start in (1, 101, 201)]
        assert [post.message_id for post in first.posts] == [50, 100]
        assert [(len(each.posts), each.is_empty) for each in (second, third)] == [(0, False), (0, True)]
        found = [chunk async for chunk in door.fetch(room, first.posts[1], 0)]
        assert b"".join(found) == b"100"


async def test_texts_are_no_posts(ada: UserDoor, long: int) -> None:
    page = await ada.page(long, 10)
    assert (list(page.posts), page.oldest) == ([], None)


async def test_what_is_in_an_album_is_one_post_each(there: Centre, ada: UserDoor) -> None:
    room = await room_of(there, ADA)
    files = [("files", (f"{number}.txt", str(number).encode())) for number in range(3)]
    reply = await there.http.http.post(
        f"/api/people/{ADA}/chats/{room}/album", data={"kinds": "document"}, files=files
    )
    assert reply.status_code == 200, reply.text
    posts = (await ada.page(room, None)).posts
    assert [post.name for post in posts] == ["2.txt", "1.txt", "0.txt"]
    assert len({post.unique_id for post in posts}) == 3


async def test_an_empty_channel(there: Centre, ada: UserDoor) -> None:
    page = await ada.page(await room_of(there, ADA), None)
    assert (list(page.posts), page.oldest) == ([], None)


async def test_a_closed_channel(there: Centre, ada: UserDoor) -> None:
    closed = await room_of(there, CLEO)
    for asked in (ada.page(closed, None), ada.title(closed), ada.page("@nobody_has_this", None)):
        with pytest.raises(ChatClosed):
            await asked


async def test_a_private_chat_is_no_channel(ada: UserDoor) -> None:
    with pytest.raises(ChatClosed, match="telegram-refused"):
        await ada.page(BOT, None)


async def fetched(door: UserDoor, chat: int | str, post: Post, start: int = 0) -> bytes:
    return b"".join([chunk async for chunk in door.fetch(chat, post, start)])


async def looks(there: Centre) -> int:
    return sum(call["method"] == "channels.getMessages" for call in await there.http.get("/record"))


async def test_the_file_of_a_post_needs_no_second_look(there: Centre, ada: UserDoor, public: str) -> None:
    post = (await ada.page(public, None)).posts[1]
    before = await looks(there)
    assert await fetched(ada, public, post) == b"data"
    assert await looks(there) == before
    assert await fetched(ada, public, post, 2) == b"ta"
    assert await looks(there) == before + 1


async def test_where_a_file_was_goes_stale(there: Centre, ada: UserDoor, public: str) -> None:
    post = (await ada.page(public, None)).posts[1]
    about = {"action": "error", "error_code": 400, "description": "FILE_REFERENCE_EXPIRED"}
    await there.http.post("/faults", method="upload.getFile", **about)
    assert await fetched(ada, public, post) == b"data"


async def test_a_post_that_has_another_file_by_now_is_gone(ada: UserDoor, public: str) -> None:
    post = (await ada.page(public, None)).posts[1]
    for _ in range(2):
        with pytest.raises(MessageGone):
            await fetched(ada, public, replace(post, unique_id="another"))
    with pytest.raises(MessageGone):
        await ada.cover(public, post.message_id, "another")


async def parts_sent(there: Centre) -> list[tuple[int, int]]:
    """From where on, and how many bytes at most, parts of files were asked for."""
    calls = [call for call in await there.http.get("/record") if call["method"] == "upload.getFile"]
    return [(call["parameters"]["offset"], call["parameters"]["limit"]) for call in calls]


HEAD = 256 << 10


async def test_of_a_head_no_more_than_that_is_sent(there: Centre, ada: UserDoor, bot: SecondDoor) -> None:
    """Not a byte behind it is asked for, whoever reads; and it is checked as everything is."""
    room = await room_of(there, ADA, username="long_songs")
    song = os.urandom((3 << 20) + 5)
    await sent(there, room, "document", "song.bin", song, by=ADA)
    await sent(there, room, "document", "short.bin", song[:70_000], by=ADA)
    short, long = (await ada.page("@long_songs", None)).posts
    before, looked = len(await parts_sent(there)), await looks(there)
    messages = Messages(FakeDoor(), bot, ada)
    assert await messages.head("@long_songs", long, HEAD) == song[:HEAD]
    assert await messages.head("@long_songs", short, HEAD) == song[:70_000]
    assert await looks(there) == looked, "who has read the page needs no look"
    assert await Messages(FakeDoor(), bot).head("@long_songs", long, HEAD) == song[:HEAD]
    assert (await parts_sent(there))[before:] == [(0, HEAD)] * 3
    await there.http.post("/faults", method="upload.getFile", action="corrupt", count=1)
    assert await ada.head("@long_songs", long, HEAD) == song[:HEAD]
    with pytest.raises(MessageGone):
        await ada.head("@long_songs", replace(long, unique_id="another"), HEAD)
    with pytest.raises(NoDoor):
        await Messages(FakeDoor()).head("@long_songs", long, HEAD)


async def test_what_has_no_cover_has_none(ada: UserDoor, public: str) -> None:
    post = (await ada.page(public, None)).posts[1]
    assert (post.has_cover, await ada.cover(public, post.message_id, post.unique_id)) == (False, b"")


async def test_a_cover_is_read(there: Centre, ada: UserDoor, bot: SecondDoor) -> None:
    files = {"audio": ("x.wav", wav()), "thumbnail": ("cover.jpg", jpeg(100, 100))}
    about = {"title": "440 Hz", "performer": "Sine Waves", "thumbnail": "attach://thumbnail"}
    await there.http.result("sendAudio", files, chat_id=CHANNEL, **about)
    post = (await ada.page(CHANNEL, None)).posts[0]
    assert (post.title, post.performer, post.has_cover) == ("440 Hz", "Sine Waves", True)
    for door in (ada, bot):
        assert (await door.look(CHANNEL, post.message_id)).has_cover
        assert (await door.cover(CHANNEL, post.message_id, post.unique_id)).startswith(b"\xff\xd8\xff")


async def test_titles(ada: UserDoor, bot: SecondDoor, public: str) -> None:
    assert await ada.title(public) == TITLE
    assert await bot.title(public) == TITLE
    assert await bot.title(CHANNEL)


async def test_a_bot_reads_no_history(bot: SecondDoor, public: str) -> None:
    for before in (None, 10):
        with pytest.raises(ChatClosed) as closed:
            await bot.page(public, before)
        assert closed.value.reason == "BOT_METHOD_INVALID"


async def test_a_pause_is_the_callers_matter(there: Centre, public: str) -> None:
    """Nothing is asked for in it; what else is asked for goes on."""
    access = Access(1, "0" * 32, UserSession(await session_of(there.program.url, ADA)))
    door = UserDoor(replace(access, server=f"{there.program.url}/api/data-centre"), None)
    await there.http.post("/faults", method="messages.getHistory", action="429", retry_after=33)
    for _ in range(2):
        with pytest.raises(TelegramAway) as away:
            await door.page(public, None)
        assert away.value.flood
        assert 0 < away.value.seconds <= 33
    assert await door.title(public) == TITLE
    await door.close()


async def test_the_owner_reads_what_the_bot_may_not(ada: UserDoor, bot: SecondDoor, public: str) -> None:
    both = Messages(FakeDoor(), bot, ada)
    assert len((await both.page(public, None)).posts) == 5
    assert await both.title(public) == TITLE
    for nobody in (Messages(FakeDoor(), bot), Messages(FakeDoor())):
        with pytest.raises(NoAccount):
            await nobody.page(public, None)


async def test_it_is_known_when_the_account_that_reads_is_lost(there: Centre, public: str) -> None:
    session = UserSession(await session_of(there.program.url, CLEO))
    cleo = UserDoor(Access(1, "0" * 32, session, f"{there.program.url}/api/data-centre"), None)
    messages = Messages(FakeDoor(), None, cleo)
    assert await messages.title(public) == TITLE
    assert (messages.lost, Messages(FakeDoor()).lost) == (None, None)
    ends = await there.http.http.delete(f"/api/people/{CLEO}/sessions", params={"error": "SESSION_REVOKED"})
    ends.raise_for_status()
    with pytest.raises(AccountLost):
        await messages.page(public, None)
    assert messages.lost == "SESSION_REVOKED"
    await cleo.close()
