"""The second door, against the simulator's data centre: large files go up once, whatever happens, and come down as they were."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.media import Kind
from models.uploads import SentParts
from services.telegram.budget import Budget
from services.telegram.large import Access, BotToken, SecondDoor
from services.telegram.port import (
    PART,
    AccountLost,
    Button,
    ChatClosed,
    FileChanged,
    Media,
    MessageGone,
    TelegramAway,
    TelegramRefused,
    UploadTooLarge,
    unheard,
)
from simulator.accounts import FIRST_BOT_TOKEN
from tests.contract.simulator_client import ADA, CHANNEL, Client, Program, jpeg, program
from tests.data_centre import shorten_last_part
from tests.house import until

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.xdist_group("large-door")]
MIB = 1 << 20
TOTAL = 41
"""Parts of a `film`."""


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Program]:
    async with program(tmp_path / "simulator", "--flood", "off") as simulator:
        yield simulator


@pytest.fixture
async def http(running: Program) -> AsyncIterator[Client]:
    async with running.client() as client:
        await client.new_bot_right(CHANNEL, "administrator", "can_post_messages")
        await client.say("/start")
        yield client


@asynccontextmanager
async def opened(running: Program, folder: Path, token: str = FIRST_BOT_TOKEN) -> AsyncIterator[SecondDoor]:
    access = Access(1, "0" * 32, BotToken(token, folder / "telegram"), f"{running.url}/api/data-centre")
    door = SecondDoor(access, Budget())
    task = asyncio.ensure_future(door.run())
    try:
        yield door
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def door(running: Program, tmp_path: Path) -> AsyncIterator[SecondDoor]:
    async with opened(running, tmp_path) as door:
        yield door


def film(folder: Path, size: int = 20 * MIB + 7) -> Media:
    path = folder / "film.bin"
    path.write_bytes(os.urandom(size))
    return Media(kind=Kind.DOCUMENT, path=path, name="film.bin", caption="<b>A</b> film")


async def placeholder(http: Client, chat: int = CHANNEL) -> int:
    return int((await http.result("sendMessage", chat_id=chat, text="⏳"))["message_id"])


class Heard(list[int]):
    """What an upload said about how far it is."""

    async def __call__(self, done: int) -> None:
        self.append(done)


async def bytes_of(door: SecondDoor, message: int, start: int = 0) -> bytes:
    return b"".join([chunk async for chunk in door.open(CHANNEL, message, start)])


async def test_what_goes_up_comes_down(door: SecondDoor, http: Client, tmp_path: Path) -> None:
    media, message, heard = film(tmp_path), await placeholder(http), Heard()
    keys = [[Button("Get", url="https://t.me/magpie?start=get_1"), Button("More", data="more")]]
    sent = await door.edit_into_media(CHANNEL, message, media, keys, told=heard)
    assert sent.message_id == message
    data = media.path.read_bytes()
    assert heard[-1] == len(data)
    assert await bytes_of(door, message) == data
    assert await bytes_of(door, message, 3 * MIB + 5) == data[3 * MIB + 5 :]
    copy = await http.result("copyMessage", chat_id=ADA, from_chat_id=CHANNEL, message_id=message)
    shown = next(each for each in await http.history() if each["message_id"] == copy["message_id"])
    assert (shown["document"]["file_name"], shown["document"]["file_size"]) == ("film.bin", len(data))
    assert (shown["caption"], shown["caption_entities"][0]["type"]) == ("A film", "bold")
    assert await SentParts.find_all().count() == 0


async def test_what_is_larger_than_the_data_centre_takes_is_said_so(
    running: Program, http: Client, tmp_path: Path
) -> None:
    await http.post("/data-centre", most_parts=TOTAL - 1)
    async with opened(running, tmp_path) as door:
        assert await door.greet()
        assert door.limits.upload == (TOTAL - 1) * PART
        message = await placeholder(http)
        with pytest.raises(UploadTooLarge):
            await door.edit_into_media(CHANNEL, message, film(tmp_path), told=unheard)
        fits = film(tmp_path, door.limits.upload)
        await door.edit_into_media(CHANNEL, message, fits, told=unheard)
        assert await bytes_of(door, message) == fits.path.read_bytes()


async def test_a_film_has_its_pictures_and_a_place_of_its_own(
    door: SecondDoor, http: Client, tmp_path: Path
) -> None:
    (tmp_path / "thumbnail.jpg").write_bytes(jpeg(160, 90))
    (tmp_path / "cover.jpg").write_bytes(jpeg(640, 360))
    media = replace(
        film(tmp_path),
        kind=Kind.VIDEO,
        name="film.mp4",
        thumbnail=tmp_path / "thumbnail.jpg",
        cover=tmp_path / "cover.jpg",
        width=640,
        height=360,
        duration=61.5,
    )
    message = await placeholder(http)
    await door.edit_into_media(CHANNEL, message, media, told=Heard())
    video = next(each for each in await http.history(chat=CHANNEL) if each["message_id"] == message)["video"]
    assert (video["width"], video["height"], video["file_name"]) == (640, 360, "film.mp4")
    assert (video["thumbnail"]["width"], video["cover"][-1]["width"]) == (160, 640)


async def test_what_it_sends_in_a_private_chat(door: SecondDoor, http: Client, tmp_path: Path) -> None:
    """Where nobody has set up a channel, posts stand there."""
    message = await placeholder(http, ADA)
    await door.edit_into_media(ADA, message, film(tmp_path), told=Heard())
    assert (await http.history())[-1]["document"]["file_name"] == "film.bin"


async def test_words_of_strangers_are_words(door: SecondDoor, http: Client, tmp_path: Path) -> None:
    """Captions are HTML, and nothing else: what looks like Markdown in a title does nothing."""
    title = "My__cool__film **2** [Get it](https://example.org) [x](tg://user?id=5)"
    media, message = replace(film(tmp_path), caption=f"<b>{title}</b>"), await placeholder(http)
    await door.edit_into_media(CHANNEL, message, media, told=Heard())
    post = next(each for each in await http.history(chat=CHANNEL) if each["message_id"] == message)
    assert post["caption"] == title
    assert {entity["type"] for entity in post["caption_entities"]} <= {"bold", "url"}


# -- what goes wrong on the way


async def faulty(http: Client, **fault: Any) -> None:
    await http.post("/faults", **fault)


async def sent_parts(http: Client) -> list[int]:
    """The numbers of the parts that Telegram was given, in their order."""
    calls = [call for call in await http.get("/record") if call["method"] == "upload.saveBigFilePart"]
    return [call["parameters"]["file_part"] for call in calls if call["ok"]]


async def parts_by_number(http: Client) -> dict[int, list[int]]:
    """Which parts Telegram was given, by what their files are called there."""
    parts: dict[int, list[int]] = {}
    for call in await http.get("/record"):
        if call["method"] == "upload.saveBigFilePart":
            about = call["parameters"]
            parts.setdefault(about["file_id"], []).append(about["file_part"])
    return parts


async def has_parts(http: Client) -> bool:
    return bool(await sent_parts(http))


async def stopped_after(http: Client, parts: int, work: Coroutine[Any, Any, Any]) -> None:
    """Gives an upload up in the middle."""
    task = asyncio.ensure_future(work)

    async def is_enough() -> bool:
        assert not task.done(), "it was through before it could be stopped"
        return len(await sent_parts(http)) >= parts

    await until(is_enough, "too few parts were sent")
    task.cancel()
    assert isinstance((await asyncio.gather(task, return_exceptions=True))[0], asyncio.CancelledError)


async def test_it_goes_on_where_it_was_stopped(running: Program, http: Client, tmp_path: Path) -> None:
    """Another process, another connection: parts that Telegram acknowledged are not sent again."""
    media, message = film(tmp_path), await placeholder(http)
    await http.post("/line", latency=0.2)
    async with opened(running, tmp_path) as first:
        await stopped_after(http, 12, first.edit_into_media(CHANNEL, message, media, told=Heard()))
    (known,) = await SentParts.find_all().to_list()
    acknowledged = {part for part in range(TOTAL) if int(known.have, 16) >> part & 1}
    before = len(await sent_parts(http))
    assert 0 < len(acknowledged) <= before
    async with opened(running, tmp_path) as second:
        await second.edit_into_media(CHANNEL, message, media, told=Heard())
        assert acknowledged.isdisjoint((await sent_parts(http))[before:])
        assert await bytes_of(second, message) == media.path.read_bytes()


def forget_part(simulator: Path, number: int) -> None:
    """As if it had never come to the simulator."""
    with next((simulator / "parts").glob("*/sizes")).open("r+b") as sizes:
        sizes.seek(4 * number)
        sizes.write(bytes(4))


async def test_what_telegram_lost_is_sent_again(running: Program, http: Client, tmp_path: Path) -> None:
    media, message = film(tmp_path), await placeholder(http)
    async with opened(running, tmp_path) as door:
        await faulty(http, method="messages.editMessage", action="error", error_code=500, description="X")
        with pytest.raises(TelegramAway):
            await door.edit_into_media(CHANNEL, message, media, told=Heard())
        forget_part(tmp_path / "simulator", 7)
        await door.edit_into_media(CHANNEL, message, media, told=Heard())
        assert await bytes_of(door, message) == media.path.read_bytes()


async def test_parts_that_telegram_loses_before_they_are_posted(
    door: SecondDoor, http: Client, tmp_path: Path
) -> None:
    """In this very run: each is named, and sent again."""
    media, message = film(tmp_path), await placeholder(http)
    await faulty(http, method="messages.editMessage", action="delay", seconds=2)
    sending = asyncio.ensure_future(door.edit_into_media(CHANNEL, message, media, told=Heard()))

    async def are_sent() -> bool:
        return len(await sent_parts(http)) == TOTAL

    await until(are_sent, "not all parts were sent")
    for number in (2, 7, TOTAL - 1):
        forget_part(tmp_path / "simulator", number)
    await sending
    assert sorted((await sent_parts(http))[TOTAL:]) == [2, 7, TOTAL - 1]
    assert await bytes_of(door, message) == media.path.read_bytes()


async def test_a_post_with_another_size_is_no_post(running: Program, http: Client, tmp_path: Path) -> None:
    """Nothing is said to stand that is not the file, and the next try sends all of it."""
    media, message = film(tmp_path, 3 * MIB), await placeholder(http)
    async with opened(running, tmp_path) as door:
        await faulty(http, method="messages.editMessage", action="500")
        with pytest.raises(TelegramAway):
            await door.edit_into_media(CHANNEL, message, media, told=unheard)
        shorten_last_part(tmp_path / "simulator")
        before = len(await sent_parts(http))
        with pytest.raises(TelegramAway):
            await door.edit_into_media(CHANNEL, message, media, told=unheard)
        assert len(await sent_parts(http)) == before == 6
        await door.edit_into_media(CHANNEL, message, media, told=unheard)
        assert len(await sent_parts(http)) == 2 * before
        assert await bytes_of(door, message) == media.path.read_bytes()


async def test_parts_do_not_wait_for_each_other(door: SecondDoor, http: Client, tmp_path: Path) -> None:
    """Three that are late keep nobody waiting: neither up nor down."""
    media, message = film(tmp_path, 10 * MIB), await placeholder(http)
    await faulty(http, method="upload.saveBigFilePart", action="delay", seconds=2, count=3)
    await door.edit_into_media(CHANNEL, message, media, told=unheard)
    assert max((await sent_parts(http))[:4]) > 3
    await faulty(http, method="upload.getFile", action="delay", seconds=2, count=3)
    assert await bytes_of(door, message) == media.path.read_bytes()
    asked = [call for call in await http.get("/record") if call["method"] == "upload.getFile"]
    assert max(call["parameters"]["offset"] for call in asked[:4]) > 3 * MIB


async def test_an_answer_that_is_lost_costs_nothing(running: Program, http: Client, tmp_path: Path) -> None:
    """The post stands, and nobody was told: it is found, and nothing is sent again."""
    media, message = film(tmp_path), await placeholder(http)
    async with opened(running, tmp_path) as door:
        await faulty(http, method="messages.editMessage", action="drop")
        with pytest.raises(TelegramAway):
            await door.edit_into_media(CHANNEL, message, media, told=Heard())
        before = len(await sent_parts(http))
        await door.edit_into_media(CHANNEL, message, media, told=Heard())
        assert len(await sent_parts(http)) == before
        assert await bytes_of(door, message) == media.path.read_bytes()


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("messages.editMessage", "FILE_PARTS_INVALID"),
        ("messages.editMessage", "FILE_PART_LENGTH_INVALID"),
        ("messages.editMessage", "MD5_CHECKSUM_INVALID"),
        ("upload.saveBigFilePart", "FILE_PART_SIZE_CHANGED"),
    ],
)
async def test_what_telegram_can_make_no_file_of_is_begun_anew(
    running: Program, http: Client, tmp_path: Path, method: str, name: str
) -> None:
    """What it has under one number it will refuse again and again: the next try has another."""
    media, message = film(tmp_path, 3 * MIB), await placeholder(http)
    async with opened(running, tmp_path) as door:
        await faulty(http, method=method, action="error", description=name)
        with pytest.raises(TelegramRefused):
            await door.edit_into_media(CHANNEL, message, media, told=unheard)
        before = await parts_by_number(http)
        await door.edit_into_media(CHANNEL, message, media, told=unheard)
        after = await parts_by_number(http)
        (number,) = after.keys() - before.keys()
        assert sorted(after[number]) == list(range(6))
        assert await bytes_of(door, message) == media.path.read_bytes()


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "drop", "every": 7},
        {"action": "drop", "before": True, "every": 7},
        {"action": "500", "every": 3},
        {"action": "429", "retry_after": 1, "every": 10},
        {"action": "error", "error_code": 420, "description": "FLOOD_PREMIUM_WAIT_1", "every": 10},
        {"action": "delay", "seconds": 0.3, "every": 5},
    ],
    ids=["answers lost", "connections cut", "errors", "floods", "premium waits", "delays"],
)
async def test_parts_get_through_all_the_same(
    door: SecondDoor, http: Client, tmp_path: Path, fault: dict[str, Any]
) -> None:
    media, message = film(tmp_path), await placeholder(http)
    await faulty(http, method="upload.saveBigFilePart", count=None, **fault)
    await door.edit_into_media(CHANNEL, message, media, told=Heard())
    await http.http.delete("/api/faults")
    assert await bytes_of(door, message) == media.path.read_bytes()


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "drop", "every": 3},
        {"action": "429", "retry_after": 1, "every": 10},
        {"action": "error", "error_code": 420, "description": "FLOOD_PREMIUM_WAIT_1", "every": 10},
        {"action": "error", "description": "FILE_REFERENCE_EXPIRED", "every": 4},
    ],
    ids=["connections cut", "floods", "premium waits", "references expired"],
)
async def test_ranges_get_through_all_the_same(
    door: SecondDoor, http: Client, tmp_path: Path, fault: dict[str, Any]
) -> None:
    media, message = film(tmp_path), await placeholder(http)
    await door.edit_into_media(CHANNEL, message, media, told=Heard())
    await faulty(http, method="upload.getFile", count=None, **fault)
    assert await bytes_of(door, message) == media.path.read_bytes()


async def test_a_file_that_telegram_has_not_got_whole_is_no_file(
    door: SecondDoor, http: Client, tmp_path: Path
) -> None:
    media, message = film(tmp_path), await placeholder(http)
    await door.edit_into_media(CHANNEL, message, media, told=Heard())
    blob = max((tmp_path / "simulator" / "blobs").rglob("*"), key=lambda path: path.stat().st_size)
    os.truncate(blob, 5 * MIB + 3)
    with pytest.raises(TelegramAway):
        await bytes_of(door, message)


async def test_a_file_that_changes_on_the_way_is_not_posted(
    door: SecondDoor, http: Client, tmp_path: Path
) -> None:
    media, message = film(tmp_path), await placeholder(http)
    await http.post("/line", latency=0.2)
    sending = asyncio.ensure_future(door.edit_into_media(CHANNEL, message, media, told=Heard()))
    await until(lambda: has_parts(http), "no part was sent")
    with media.path.open("r+b") as file:
        file.write(b"something else")
    with pytest.raises(FileChanged):
        await sending
    assert (await http.history(chat=CHANNEL))[-1]["text"] == "⏳"
    await http.post("/line")
    await door.edit_into_media(CHANNEL, message, media, told=Heard())
    assert await bytes_of(door, message) == media.path.read_bytes()


async def test_a_file_that_is_gone(door: SecondDoor, http: Client, tmp_path: Path) -> None:
    media, message = film(tmp_path), await placeholder(http)
    media.path.unlink()
    with pytest.raises(FileChanged):
        await door.edit_into_media(CHANNEL, message, media, told=Heard())


@pytest.mark.parametrize(("size", "nanoseconds"), [(-1, 0), (1, 0), (0, 1)])
async def test_a_file_that_is_another_than_was_looked_at(
    door: SecondDoor, http: Client, tmp_path: Path, size: int, nanoseconds: int
) -> None:
    media, message = film(tmp_path), await placeholder(http)
    told, sent = media.path.stat(), len(await sent_parts(http))
    other = replace(media, whole=told.st_size + size, modified=told.st_mtime_ns + nanoseconds)
    with pytest.raises(FileChanged):
        await door.edit_into_media(CHANNEL, message, other, told=Heard())
    assert len(await sent_parts(http)) == sent
    same = replace(media, whole=told.st_size, modified=told.st_mtime_ns)
    await door.edit_into_media(CHANNEL, message, same, told=Heard())


async def test_a_channel_without_rights(door: SecondDoor, http: Client, tmp_path: Path) -> None:
    media, message = film(tmp_path), await placeholder(http)
    await http.new_bot_right(CHANNEL, "member")
    with pytest.raises(ChatClosed):
        await door.edit_into_media(CHANNEL, message, media, told=Heard())


async def test_a_message_that_is_gone(door: SecondDoor, http: Client, tmp_path: Path) -> None:
    media, message = film(tmp_path), await placeholder(http)
    await http.result("deleteMessage", chat_id=CHANNEL, message_id=message)
    with pytest.raises(MessageGone):
        await door.edit_into_media(CHANNEL, message, media, told=Heard())
    with pytest.raises(MessageGone):
        await bytes_of(door, message)


async def test_slow_mode_keeps_only_its_chat_waiting(running: Program, http: Client, tmp_path: Path) -> None:
    who = BotToken(FIRST_BOT_TOKEN, tmp_path / "telegram")
    access, budget = Access(1, "0" * 32, who, f"{running.url}/api/data-centre"), Budget()
    door, media, message = SecondDoor(access, budget), film(tmp_path, 3 * MIB), await placeholder(http)
    fault = {"action": "error", "error_code": 420, "description": "SLOWMODE_WAIT_900"}
    await faulty(http, method="messages.editMessage", **fault)
    with pytest.raises(TelegramAway) as away:
        await door.edit_into_media(CHANNEL, message, media, told=Heard())
    assert (away.value.seconds, away.value.flood) == (900, True)
    assert (budget.has_room(CHANNEL, time.monotonic()), budget.has_room(ADA, time.monotonic())) == (
        False,
        True,
    )
    elsewhere = await placeholder(http, ADA)
    await door.edit_into_media(ADA, elsewhere, media, told=Heard())
    await door.close()


# -- who we are


async def test_it_signs_in_once(running: Program, http: Client, tmp_path: Path) -> None:
    for _ in range(2):
        async with opened(running, tmp_path) as door:
            assert await door.greet() == "magpie_sim_bot"
    signed_in = [call for call in await http.get("/record") if "mportBotAuthorization" in call["method"]]
    assert len(signed_in) == 1


async def test_a_session_file_that_was_cut_short_is_made_anew(running: Program, tmp_path: Path) -> None:
    async with opened(running, tmp_path) as door:
        assert await door.greet()
    (session,) = (tmp_path / "telegram").glob("*.session")
    assert session.stat().st_mode & 0o077 == 0, "it is nobody else's to read"
    session.write_bytes(b"")
    async with opened(running, tmp_path) as door:
        with pytest.raises(TelegramAway):
            await door.greet()
        assert await door.greet() == "magpie_sim_bot"


@pytest.mark.parametrize(("code", "name"), [(401, "AUTH_KEY_UNREGISTERED"), (303, "USER_MIGRATE_4")])
async def test_an_authorisation_that_was_taken_away_is_made_anew(
    door: SecondDoor, http: Client, code: int, name: str
) -> None:
    assert await door.greet()
    fault = {"action": "error", "error_code": code, "description": name}
    await faulty(http, method="users.getFullUser", **fault)
    assert await door.greet() == "magpie_sim_bot"
    assert door.lost is None


async def test_an_authorisation_that_is_taken_away_between_two_parts(
    door: SecondDoor, http: Client, tmp_path: Path
) -> None:
    media, message = film(tmp_path), await placeholder(http)
    fault = {"action": "error", "error_code": 401, "description": "AUTH_KEY_UNREGISTERED"}
    await faulty(http, method="upload.saveBigFilePart", every=5, **fault)
    await door.edit_into_media(CHANNEL, message, media, told=Heard())
    assert await bytes_of(door, message) == media.path.read_bytes()
    assert door.lost is None


async def test_an_authorisation_that_is_taken_away_on_the_way_to_another_data_centre(
    door: SecondDoor, http: Client, tmp_path: Path
) -> None:
    media, message = film(tmp_path), await placeholder(http)
    await door.edit_into_media(CHANNEL, message, media, told=Heard())
    await http.post("/data-centre", files=4, move=True)
    fault = {"action": "error", "error_code": 401, "description": "AUTH_KEY_UNREGISTERED"}
    await faulty(http, method="auth.exportAuthorization", **fault)
    assert await bytes_of(door, message) == media.path.read_bytes()


async def test_a_pause_before_signing_in_is_obeyed_by_all(
    running: Program, http: Client, tmp_path: Path
) -> None:
    await faulty(http, method="auth.importBotAuthorization", action="429", retry_after=1500)
    async with opened(running, tmp_path) as door:
        for _ in range(3):
            with pytest.raises(TelegramAway) as away:
                await door.greet()
            assert away.value.flood
    asked = [call for call in await http.get("/record") if "mportBotAuthorization" in call["method"]]
    assert len(asked) == 1


async def test_whom_telegram_does_not_know_it_does_not_let_in(running: Program, tmp_path: Path) -> None:
    async with opened(running, tmp_path, token="12345:" + "A" * 35) as door:
        with pytest.raises(AccountLost, match="account-lost") as lost:
            await door.greet()
        assert lost.value.reason == door.lost == "ACCESS_TOKEN_INVALID"
        assert door.limits.upload == 0


async def test_it_is_away_while_nobody_is_there(running: Program, tmp_path: Path) -> None:
    async with opened(running, tmp_path) as door:
        assert await door.greet()
        await running.kill()
        with pytest.raises(TelegramAway):
            await door.greet()


async def test_files_that_live_in_another_data_centre(door: SecondDoor, http: Client, tmp_path: Path) -> None:
    media, message = film(tmp_path), await placeholder(http)
    await door.edit_into_media(CHANNEL, message, media, told=Heard())
    await http.post("/data-centre", files=4, move=True)
    assert await bytes_of(door, message) == media.path.read_bytes()
    assert await bytes_of(door, message, 7 * MIB) == media.path.read_bytes()[7 * MIB :]
