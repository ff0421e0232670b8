"""A person sends large files, against the simulator's data centre: once for a random id, and only where they may."""

import os
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from models.media import Kind
from models.uploads import SentParts
from services.telegram.large import Access, UserSession
from services.telegram.port import (
    PART,
    AccountLost,
    Button,
    ChatClosed,
    FileChanged,
    Media,
    Outgoing,
    SentBefore,
    TelegramAway,
    UploadTooLarge,
    unheard,
)
from services.telegram.user import UserDoor
from tests.contract.simulator_client import ADA, CHANNEL, CLEO, GROUP, JsonObject, jpeg
from tests.data_centre import Centre, session_of, shorten_last_part

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.usefixtures("database_of_module"),
    pytest.mark.xdist_group("user-account"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
PARTS = 4
"""Of which a file may consist: of twice as many with Premium."""
SIZE = 2 * PARTS * PART - 7


@once
async def session(there: Centre) -> str:
    await there.http.post("/data-centre", most_parts=PARTS)
    await there.http.post(f"/people/{ADA}/login", premium=True)
    return await session_of(there.program.url, ADA)


@asynccontextmanager
async def opened(there: Centre, session: str) -> AsyncIterator[UserDoor]:
    access = Access(1, "0" * 32, UserSession(session), f"{there.program.url}/api/data-centre")
    door = UserDoor(access, lease=None, posts_to=CHANNEL)
    assert await door.greet()
    try:
        yield door
    finally:
        await door.close()


@pytest_asyncio.fixture(loop_scope="module")
async def ada(there: Centre, session: str) -> AsyncIterator[UserDoor]:
    async with opened(there, session) as door:
        yield door
    await there.http.http.delete("/api/faults")


def film(folder: Path, size: int = SIZE) -> Media:
    path = folder / "film.bin"
    path.write_bytes(os.urandom(size))
    return Media(kind=Kind.DOCUMENT, path=path, name="film.bin", caption="<b>A</b> film")


def which(reply_to: int | None = None, random_id: int = 0) -> Outgoing:
    return Outgoing(secrets.token_hex(8), random_id or secrets.randbits(63), reply_to)


async def posts(there: Centre, chat: int = CHANNEL) -> list[JsonObject]:
    return [each for each in await there.http.history(chat=chat) if "document" in each or "video" in each]


async def calls(there: Centre, method: str) -> int:
    return len([call for call in await there.http.get("/record") if call["method"] == method])


async def bytes_of(door: UserDoor, message_id: int) -> bytes:
    return b"".join([chunk async for chunk in door.open(CHANNEL, message_id)])


# -- what a person may send where


async def test_with_premium_a_person_may_send_more(there: Centre, ada: UserDoor) -> None:
    assert ada.most_in(CHANNEL) == 0, "nobody has asked yet"
    assert await ada.learn(CHANNEL) == ada.most_in(CHANNEL) == 2 * PARTS * PART
    await there.http.post(f"/people/{ADA}/login", premium=False)
    assert await ada.learn(CHANNEL) == 0, "the bot may send as much"
    await there.http.post(f"/people/{ADA}/login", premium=True)


async def test_only_where_one_may_post(there: Centre, ada: UserDoor) -> None:
    room = await there.http.post("/channels", title="Cleo's", owner=CLEO)
    path = f"/chats/{room['id']}/members"
    assert await ada.learn(room["id"]) == 0
    for status, rights, may in (
        ("member", [], False),
        ("administrator", ["can_edit_messages"], False),
        ("administrator", ["can_post_messages"], True),
        ("kicked", [], False),
    ):
        await there.http.post(path, user=ADA, status=status, rights=rights, by=CLEO)
        assert (await ada.learn(room["id"]) > 0) is may, (status, rights)


async def test_in_a_group_that_takes_files(there: Centre, ada: UserDoor) -> None:
    group = await there.http.post("/groups", title="Cleo's", owner=CLEO, members=[ADA])
    assert await ada.learn(group["id"])
    path = f"/chats/{group['id']}"
    await there.http.post(f"{path}/members", user=ADA, status="restricted", rights=[], by=CLEO)
    assert not await ada.learn(group["id"])
    await there.http.post(f"{path}/members", user=ADA, status="member", by=CLEO)
    await there.http.post(f"{path}/permissions", permissions=["can_send_messages"])
    assert not await ada.learn(group["id"])
    await there.http.post(f"{path}/members", user=ADA, status="administrator", rights=[], by=CLEO)
    assert await ada.learn(group["id"])


async def test_not_in_other_chats(there: Centre, ada: UserDoor) -> None:
    group = await there.http.post("/groups", title="Basic", kind="group", owner=ADA)
    assert not await ada.learn(group["id"])


async def test_it_learns_by_itself(there: Centre, session: str) -> None:
    async with opened(there, session) as door:
        await door._look()
        assert door.most_in(CHANNEL) == 2 * PARTS * PART


async def test_a_lost_account_may_send_nothing(there: Centre, ada: UserDoor) -> None:
    assert await ada.learn(CHANNEL)
    lost = {"action": "error", "error_code": 401, "description": "SESSION_REVOKED"}
    await there.http.post("/faults", method="users.getFullUser", **lost)
    with pytest.raises(AccountLost):
        await ada.me()
    assert ada.most_in(CHANNEL) == 0
    assert await ada.learn(CHANNEL), "it may again"


# -- sending


async def test_what_is_sent_is_a_post_as_the_bots_are(there: Centre, ada: UserDoor, tmp_path: Path) -> None:
    media, before = film(tmp_path), await there.http.say("before", ADA, CHANNEL)
    sent = await ada.send_media(CHANNEL, media, which(before["message_id"]), told=unheard)
    post = (await posts(there))[-1]
    assert (post["message_id"], post["document"]["file_size"]) == (sent.message_id, SIZE)
    assert (post["caption"], post["caption_entities"][0]["type"]) == ("A film", "bold")
    assert post["reply_to_message"]["message_id"] == before["message_id"]
    assert await bytes_of(ada, sent.message_id) == media.path.read_bytes()
    assert await SentParts.find_all().count() == 0
    last = [each for each in await there.http.get("/record") if each["method"] == "messages.sendMedia"][-1]
    assert last["parameters"]["silent"]


async def test_keys_are_links_below_the_caption(there: Centre, ada: UserDoor, tmp_path: Path) -> None:
    media = replace(film(tmp_path, PART), caption="🎬 a film")
    keys = [[Button("📥 Get", url="https://t.me/magpie?start=get_1"), Button("no link", data="x")]]
    keys += [[Button("Preview", url="https://t.me/magpie?start=preview_1")]]
    await ada.send_media(CHANNEL, media, which(), keys, told=unheard)
    post = (await posts(there))[-1]
    assert post["caption"] == "🎬 a film\n\n📥 Get · Preview"
    links = {entity["url"]: entity for entity in post["caption_entities"]}
    words = post["caption"].encode("utf-16-le")

    def shown(entity: JsonObject) -> str:
        start = 2 * entity["offset"]
        return bytes(words[start : start + 2 * entity["length"]]).decode("utf-16-le")

    assert {url: shown(entity) for url, entity in links.items()} == {
        "https://t.me/magpie?start=get_1": "📥 Get",
        "https://t.me/magpie?start=preview_1": "Preview",
    }


async def test_a_bot_sets_keys_under_it_where_it_may_edit(
    there: Centre, ada: UserDoor, tmp_path: Path
) -> None:
    sent = await ada.send_media(CHANNEL, film(tmp_path, PART), which(), told=unheard)
    keys = {"inline_keyboard": [[{"text": "Get", "url": "https://t.me/magpie"}]]}
    about: dict[str, Any] = {"chat_id": CHANNEL, "message_id": sent.message_id, "reply_markup": keys}
    await there.http.new_bot_right(CHANNEL, "administrator", "can_post_messages")
    assert "can't be edited" in await there.http.refusal("editMessageReplyMarkup", **about)
    await there.http.new_bot_right(CHANNEL, "administrator", "can_post_messages", "can_edit_messages")
    assert await there.http.result("editMessageReplyMarkup", **about)
    await there.http.new_bot_right(CHANNEL, "administrator", "can_post_messages")
    assert "reply_markup" in (await posts(there))[-1]


async def test_a_film_has_its_pictures(there: Centre, ada: UserDoor, tmp_path: Path) -> None:
    picture = tmp_path / "picture.jpg"
    picture.write_bytes(jpeg(160, 90))
    media = replace(film(tmp_path, PART), kind=Kind.VIDEO, name="film.mp4", thumbnail=picture, cover=picture)
    await ada.send_media(CHANNEL, media, which(), told=unheard)
    video = (await posts(there))[-1]["video"]
    assert (video["thumbnail"]["width"], video["cover"][-1]["width"]) == (160, 160)


async def test_a_post_to_answer_that_is_gone_is_no_reason_not_to_send(
    there: Centre, ada: UserDoor, tmp_path: Path
) -> None:
    sent = await ada.send_media(CHANNEL, film(tmp_path, PART), which(reply_to=999_999), told=unheard)
    assert (await posts(there))[-1]["message_id"] == sent.message_id


async def test_what_is_larger_than_an_account_takes(there: Centre, ada: UserDoor, tmp_path: Path) -> None:
    before = await calls(there, "upload.saveBigFilePart")
    with pytest.raises(UploadTooLarge):
        await ada.send_media(CHANNEL, film(tmp_path, 2 * PARTS * PART + 1), which(), told=unheard)
    assert await calls(there, "upload.saveBigFilePart") == before


async def test_a_file_that_is_gone(ada: UserDoor, tmp_path: Path) -> None:
    media = film(tmp_path, PART)
    media.path.unlink()
    with pytest.raises(FileChanged):
        await ada.send_media(CHANNEL, media, which(), told=unheard)


# -- once


@pytest.mark.parametrize("answer", ["refused", "answered"])
async def test_a_repeat_posts_nothing_again(
    there: Centre, ada: UserDoor, tmp_path: Path, answer: str
) -> None:
    """Whichever of its two answers Telegram gives."""
    await there.http.post("/data-centre", repeats=answer)
    media, outgoing, before = film(tmp_path), which(), len(await posts(there))
    await there.http.post("/faults", method="messages.sendMedia", action="drop")
    with pytest.raises(TelegramAway):
        await ada.send_media(CHANNEL, media, outgoing, told=unheard)
    number = (await posts(there))[-1]["message_id"]
    sent = await calls(there, "upload.saveBigFilePart")
    if answer == "answered":
        assert (await ada.send_media(CHANNEL, media, outgoing, told=unheard)).message_id == number
    else:
        with pytest.raises(SentBefore):
            await ada.send_media(CHANNEL, media, outgoing, told=unheard)
    assert (len(await posts(there)), await calls(there, "upload.saveBigFilePart")) == (before + 1, sent)
    await there.http.post("/data-centre", repeats="refused")


async def test_a_post_with_another_size_does_not_stay(there: Centre, ada: UserDoor, tmp_path: Path) -> None:
    media, outgoing, before = film(tmp_path), which(), len(await posts(there))
    await there.http.post("/faults", method="messages.sendMedia", action="500")
    with pytest.raises(TelegramAway):
        await ada.send_media(CHANNEL, media, outgoing, told=unheard)
    shorten_last_part(there.folder)
    with pytest.raises(TelegramAway):
        await ada.send_media(CHANNEL, media, outgoing, told=unheard)
    assert len(await posts(there)) == before


async def test_what_one_sent_is_found(there: Centre, ada: UserDoor, tmp_path: Path) -> None:
    """Not what came before, nor other sizes, nor what others sent."""
    size = 3 * PART + 11
    media = film(tmp_path, size)
    first, second, third = [
        (await ada.send_media(CHANNEL, media, which(), told=unheard)).message_id for _ in range(3)
    ]
    await ada.send_media(CHANNEL, film(tmp_path, size - 1), which(), told=unheard)
    files = {"document": ("film.bin", os.urandom(size))}
    await there.http.result("sendDocument", files, chat_id=CHANNEL)
    for number in range(101):
        await there.http.say(f"{number}", ADA, CHANNEL)
    assert list(await ada.sent_since(CHANNEL, first, size)) == [third, second]
    await ada.delete(CHANNEL, third)
    await ada.delete(CHANNEL, third)
    assert list(await ada.sent_since(CHANNEL, first, size)) == [second]


async def test_it_goes_on_where_it_was_stopped(there: Centre, session: str, tmp_path: Path) -> None:
    media, outgoing = film(tmp_path), which()
    before = await calls(there, "upload.saveBigFilePart")
    async with opened(there, session) as first:
        flood = {"action": "error", "error_code": 420, "description": "FLOOD_WAIT_900"}
        await there.http.post("/faults", method="messages.sendMedia", **flood)
        with pytest.raises(TelegramAway) as away:
            await first.send_media(CHANNEL, media, outgoing, told=unheard)
        assert (away.value.seconds, away.value.flood) == (900, True)
    async with opened(there, session) as second:
        sent = await second.send_media(CHANNEL, media, outgoing, told=unheard)
        assert await bytes_of(second, sent.message_id) == media.path.read_bytes()
    assert await calls(there, "upload.saveBigFilePart") == before + 2 * PARTS


@pytest.mark.parametrize(("wait", "is_complaint"), [("SLOWMODE_WAIT_900", False), ("FLOOD_WAIT_900", True)])
async def test_waits_keep_only_their_chat_waiting(
    there: Centre, ada: UserDoor, tmp_path: Path, wait: str, *, is_complaint: bool
) -> None:
    fault = {"action": "error", "error_code": 420, "description": wait}
    await there.http.post("/faults", method="messages.sendMedia", **fault)
    with pytest.raises(TelegramAway):
        await ada.send_media(CHANNEL, film(tmp_path, PART), which(), told=unheard)
    budget, at = (await ada._sending())._budget, time.monotonic()
    assert (budget.has_room(CHANNEL, at), budget.has_room(GROUP, at)) == (False, True)
    assert (budget._bucket(CHANNEL, at).slowness < 1) is is_complaint


@pytest.mark.parametrize(
    ("code", "name", "method"),
    [
        (400, "PEER_FLOOD", "messages.sendMedia"),
        (406, "USER_RESTRICTED", "messages.sendMedia"),
        (420, "FROZEN_METHOD_INVALID", "upload.saveBigFilePart"),
    ],
)
async def test_a_limited_account_sends_nothing_for_a_while_and_reads_on(
    there: Centre, ada: UserDoor, tmp_path: Path, code: int, name: str, method: str
) -> None:
    assert (await ada.learn(CHANNEL), ada.limited) == (ada.most_in(CHANNEL), None)
    fault = {"action": "error", "error_code": code, "description": name}
    await there.http.post("/faults", method=method, **fault)
    with pytest.raises(ChatClosed):
        await ada.send_media(CHANNEL, film(tmp_path, PART), which(), told=unheard)
    assert (await ada.learn(CHANNEL), ada.most_in(CHANNEL), ada.limited) == (0, 0, name)
    assert (ada.lost, (await ada.me()).is_premium) == (None, True)


@pytest.mark.parametrize(
    ("code", "name"),
    [(403, "CHAT_WRITE_FORBIDDEN"), (400, "USER_BANNED_IN_CHANNEL"), (400, "CHANNEL_PRIVATE")],
)
async def test_a_chat_that_is_closed(
    there: Centre, ada: UserDoor, tmp_path: Path, code: int, name: str
) -> None:
    fault = {"action": "error", "error_code": code, "description": name}
    await there.http.post("/faults", method="messages.sendMedia", **fault)
    with pytest.raises(ChatClosed):
        await ada.send_media(CHANNEL, film(tmp_path, PART), which(), told=unheard)
