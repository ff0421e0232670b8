"""The door to Telegram, through the real library, at the simulator: uploads, and what becomes of those that fail."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

import httpx
import pytest
from PIL import Image
from telegram import Bot
from telegram.request import HTTPXRequest

from handlers.attached import file_in
from models.media import Kind
from services.downloads.embedded.options import LinkOptions
from services.downloads.messages import read_address
from services.downloads.port import Activity, download_key
from services.downloads.telegram import TelegramDownloader
from services.media.tagging import Tagged, Tags
from services.telegram.budget import Budget
from services.telegram.door import BotApiDoor
from services.telegram.messages import Messages
from services.telegram.port import (
    FileChanged,
    Limits,
    Media,
    TelegramAway,
    TelegramRefused,
    UploadTooLarge,
)
from tests.contract.simulator_client import (
    ADA,
    CHANNEL,
    GROUP,
    TOKEN,
    Client,
    JsonObject,
    Program,
    gif,
    jpeg,
    mp4,
    program,
    wav,
)
from tests.house import until

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Program]:
    async with program(tmp_path, "--flood", "off") as running:
        yield running


@pytest.fixture
async def door(person: Client) -> AsyncIterator[BotApiDoor]:
    """Of the bot that the person is in."""
    async with door_to(str(person.http.base_url).rstrip("/")).opened() as door:
        yield door


def door_to(url: str, **request: Any) -> BotApiDoor:
    bot = Bot(TOKEN, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot", request=HTTPXRequest(**request))
    return BotApiDoor(bot, Limits(), Budget())


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


async def posted(door: BotApiDoor, person: Client, media: Media) -> JsonObject:
    """What a placeholder became."""
    placeholder = await door.send_text(ADA, "…")
    await door.edit_into_media(ADA, placeholder.message_id, media)
    return (await person.history())[-1]


async def test_a_film_has_its_cover_and_its_thumbnail(
    door: BotApiDoor, person: Client, tmp_path: Path
) -> None:
    film = Media(
        Kind.VIDEO,
        written(tmp_path, "v.mp4", mp4()),
        "v.mp4",
        thumbnail=written(tmp_path, "t.jpg", jpeg(80, 40)),
        cover=written(tmp_path, "c.jpg", jpeg(1280, 640)),
    )
    video = (await posted(door, person, film))["video"]
    assert (video["thumbnail"]["width"], video["cover"][-1]["width"]) == (80, 1280)
    plain = Media(Kind.VIDEO, film.path, film.name)
    assert "cover" not in (await posted(door, person, plain))["video"]


async def test_a_gif_that_is_sent_as_a_file_keeps_its_bytes(
    door: BotApiDoor, person: Client, tmp_path: Path
) -> None:
    path = written(tmp_path, "a.gif", gif())
    post = await posted(door, person, Media(Kind.DOCUMENT, path, "a.gif"))
    assert "animation" not in post
    kept = await person.http.get(f"/api/files/{post['document']['file_id']}")
    assert kept.content == path.read_bytes()


async def test_a_file_above_the_servers_own_limit_is_too_large(
    door: BotApiDoor, person: Client, tmp_path: Path
) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as handle:
        handle.truncate((50 << 20) + 1)
    with pytest.raises(UploadTooLarge):
        await posted(door, person, Media(Kind.DOCUMENT, large, "large.bin"))
    assert door.budget.has_any_room(time.monotonic())


async def test_a_gateway_that_finds_it_too_large_says_so_in_html(tmp_path: Path) -> None:
    page = httpx.Response(413, html="<html><h1>413 Request Entity Too Large</h1></html>")
    transport = httpx.MockTransport(lambda _: page)
    door = door_to("http://127.0.0.1", httpx_kwargs={"transport": transport})
    path = written(tmp_path, "a.bin", b"x")
    with pytest.raises(UploadTooLarge):
        await door.edit_into_media(ADA, 1, Media(Kind.DOCUMENT, path, "a.bin"))


async def test_a_file_that_is_another_than_was_looked_at_or_gone(
    door: BotApiDoor, person: Client, tmp_path: Path
) -> None:
    path = written(tmp_path, "a.bin", b"x")
    media = Media(Kind.DOCUMENT, path, "a.bin", whole=1, modified=path.stat().st_mtime_ns)
    for other in (replace(media, whole=2), replace(media, modified=1), replace(media, path=tmp_path / "b")):
        with pytest.raises(FileChanged):
            await posted(door, person, other)
    assert (await posted(door, person, media))["document"]["file_name"] == "a.bin"


@pytest.mark.parametrize("fault", [{"action": "500"}, {"action": "drop", "before": True}])
async def test_an_upload_that_fails_silences_nobody(
    fault: JsonObject, door: BotApiDoor, person: Client, tmp_path: Path
) -> None:
    media = Media(Kind.DOCUMENT, written(tmp_path, "a.bin", b"x"), "a.bin")
    await person.post("/faults", method="editMessageMedia", **fault)
    with pytest.raises(TelegramAway):
        await posted(door, person, media)
    assert door.budget.has_any_room(time.monotonic())
    await person.post("/faults", method="sendMessage", **fault)
    with pytest.raises(TelegramAway):
        await door.send_text(ADA, "a small thing")
    assert not door.budget.has_any_room(time.monotonic()), "then it is not the upload"


async def test_an_upload_that_reaches_nobody_silences_all(
    door: BotApiDoor, running: Program, tmp_path: Path
) -> None:
    await running.kill()
    media = Media(Kind.DOCUMENT, written(tmp_path, "a.bin", b"x"), "a.bin")
    with pytest.raises(TelegramAway) as away:
        await door.edit_into_media(ADA, 1, media)
    assert away.value.unreachable
    assert not door.budget.has_any_room(time.monotonic())


async def many_posts(person: Client, count: int) -> list[int]:
    sent = [
        await person.result("sendMessage", chat_id=CHANNEL, text=f"post {number}") for number in range(count)
    ]
    return [message["message_id"] for message in sent]


async def texts(person: Client) -> list[str]:
    found = await person.get(
        f"/people/{ADA}/chats/{(await person.result('getMe'))['id']}/messages", limit=500
    )
    return [message["text"] for message in found if message["text"].startswith("post")]


@pytest.mark.parametrize("fault", [{"action": "429", "retry_after": 1}, {"action": "drop", "before": True}])
async def test_the_second_hundred_is_waited_for_and_the_first_copied_once(
    fault: JsonObject, door: BotApiDoor, person: Client
) -> None:
    ids = await many_posts(person, 130)
    await person.post("/faults", method="copyMessages", action="delay", seconds=0)
    await person.post("/faults", method="copyMessages", **fault)
    assert len(await door.copy(CHANNEL, ids, ADA)) == 130
    assert await texts(person) == [f"post {number}" for number in range(130)]


async def test_the_first_hundred_is_the_callers_to_repeat(door: BotApiDoor, person: Client) -> None:
    ids = await many_posts(person, 101)
    await person.post("/faults", method="copyMessages", action="429", retry_after=1)
    with pytest.raises(TelegramAway):
        await door.copy(CHANNEL, ids, ADA)
    assert await texts(person) == []


async def test_a_second_hundred_that_is_refused_is_refused(door: BotApiDoor, person: Client) -> None:
    ids = await many_posts(person, 101)
    await person.post("/faults", method="copyMessages", action="delay", seconds=0)
    await person.post("/faults", method="copyMessages", action="error", error_code=400)
    with pytest.raises(TelegramRefused):
        await door.copy(CHANNEL, ids, ADA)
    assert len(await texts(person)) == 100


async def test_it_knows_what_a_chat_is(door: BotApiDoor) -> None:
    channel, group = await door.room(CHANNEL), await door.room(GROUP)
    assert channel is not None
    assert group is not None
    assert (channel.number, channel.is_channel, channel.is_protected) == (CHANNEL, True, False)
    assert (group.number, group.is_channel, bool(group.title)) == (GROUP, False, True)
    for unknown in (-1_009_999_999_999, "@nobody_has_this"):
        assert await door.room(unknown) is None


async def test_a_document_is_sent_from_an_open_file(door: BotApiDoor, person: Client) -> None:
    with SpooledTemporaryFile(10) as file:
        file.write(b"longer than what stays in memory")
        file.seek(0)
        sent = await door.send_document(ADA, "all <of> it.json", cast("BinaryIO", file), "a &amp; b")
    message = (await person.history())[-1]
    assert (message["message_id"], message["caption"]) == (sent.message_id, "a & b")
    assert message["document"]["file_name"] == "all <of> it.json"
    got = await person.http.get(f"/api/files/{message['document']['file_id']}")
    assert got.content == b"longer than what stays in memory"


async def test_it_knows_whether_it_may_edit_what_others_post(door: BotApiDoor, person: Client) -> None:
    assert await door.may_edit(CHANNEL)
    await person.new_bot_right(CHANNEL, "administrator", "can_post_messages")
    assert not await door.may_edit(CHANNEL)
    assert not await door.may_edit(GROUP)
    assert not await door.may_edit(-1_009_999_999_999)


@pytest.mark.parametrize("picture", [jpeg(400, 200), None], ids=["with a picture", "without"])
async def test_music_that_was_sent_gets_what_telegram_knows_of_it(
    door: BotApiDoor, person: Client, tmp_path: Path, picture: bytes | None
) -> None:
    """Also where the bot has no other door than this one."""
    url = str(person.http.base_url).rstrip("/")
    async with Bot(TOKEN, base_url=f"{url}/bot") as bot:
        sent = await bot.send_audio(
            ADA, wav(), title="Tone", performer="Sine Waves", thumbnail=picture, filename="song.wav"
        )
    found = file_in(sent)
    assert found is not None
    source, seen = read_address(found.address), list[Tags]()

    async def tag(_path: Path, tags: Tags) -> Tagged:
        seen.append(tags)
        return Tagged()

    engine = TelegramDownloader(tmp_path / "state", Messages(door), LinkOptions(keep_free=0), tag)
    engine.start()
    work = asyncio.ensure_future(engine.run())

    async def is_there() -> bool:
        return (await engine.progress())[download_key(source)].activity is Activity.COMPLETE

    await engine.add(download_key(source), source, frozenset({0}), tmp_path / "to")
    await until(is_there, "it does not come")
    work.cancel()
    assert [(tags.title, tags.performer) for tags in seen] == [("Tone", "Sine Waves")]
    assert (seen[0].cover is None) == (picture is None)
    if seen[0].cover is not None:
        assert Image.open(io.BytesIO(seen[0].cover)).size == (320, 160)
