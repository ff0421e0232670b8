"""What people sent a bot, read and fetched over MTProto; sizes, thumbnails and hashes of files."""

import io
import os
from hashlib import sha256
from typing import Any

import pytest
from PIL import Image
from pyrogram import errors
from pyrogram.raw import functions, types

from tests.contract.simulator_client import ADA, BLAS, BOT, CHANNEL, CLEO, JsonObject, jpeg, mp4
from tests.data_centre import Centre, downloaded, news, place, post, uploaded

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("data-centre")]
HASHED = 128 << 10


async def given(
    there: Centre, data: bytes, name: str, kind: str, person: int = ADA, chat: int = BOT
) -> JsonObject:
    """What a person sends."""
    path = f"/api/people/{person}/chats/{chat}/file"
    reply = await there.http.http.post(
        path, data={"kind": kind, "caption": name}, files={"file": (name, data)}
    )
    assert reply.status_code == 200, reply.text
    said: JsonObject = reply.json()
    return said


async def read(there: Centre, *numbers: int) -> Any:
    wanted = [types.InputMessageID(id=number) for number in numbers]
    return await there.bot.invoke(functions.messages.GetMessages(id=wanted))


async def fetched(there: Centre, location: Any) -> bytes:
    answer = await there.bot.invoke(functions.upload.GetFile(location=location, offset=0, limit=1 << 20))
    return bytes(answer.bytes)


async def test_what_a_person_sent_is_read_and_fetched(there: Centre) -> None:
    data = os.urandom((21 << 20) + 5)
    said = await given(there, data, "large.bin", "document")
    answer = await read(there, said["message_id"], 99_999)
    message, nothing = answer.messages
    assert (message.message, message.peer_id.user_id, message.out) == ("large.bin", ADA, False)
    assert isinstance(nothing, types.MessageEmpty)
    assert {user.id: user.first_name for user in answer.users} == {ADA: "Ada", BOT: "Magpie"}
    assert await downloaded(there.bot, message.media.document) == data


async def test_kurigrams_own_way_reads_and_fetches(there: Centre) -> None:
    data = os.urandom(300_000)
    said = await given(there, data, "a.bin", "document")
    message = await there.bot.get_messages(ADA, said["message_id"])
    assert (message.chat.id, message.from_user.first_name) == (ADA, "Ada")
    file = await there.bot.download_media(message, in_memory=True)
    assert bytes(file.getbuffer()) == data


async def test_a_photo_has_sizes_and_each_comes_down(there: Centre) -> None:
    said = await given(there, jpeg(1000, 600), "photo.jpg", "photo")
    photo = (await read(there, said["message_id"])).messages[0].media.photo
    assert [(size.type, size.w) for size in photo.sizes] == [("s", 90), ("m", 320), ("x", 800), ("y", 1000)]
    about = {"id": photo.id, "access_hash": photo.access_hash, "file_reference": photo.file_reference}
    for size in photo.sizes:
        data = await fetched(there, types.InputPhotoFileLocation(**about, thumb_size=size.type))
        assert (len(data), Image.open(io.BytesIO(data)).size) == (size.size, (size.w, size.h))
    with pytest.raises(errors.LocationInvalid):
        await fetched(there, types.InputPhotoFileLocation(**about, thumb_size="w"))
    message = await there.bot.get_messages(ADA, said["message_id"])
    file = await there.bot.download_media(message, in_memory=True)
    assert Image.open(io.BytesIO(bytes(file.getbuffer()))).size == (1000, 600)


async def test_a_films_thumbnail_comes_down(there: Centre) -> None:
    said = await given(there, mp4(), "film.mp4", "video")
    document = (await read(there, said["message_id"])).messages[0].media.document
    (thumb,) = document.thumbs
    data = await fetched(there, place(document, thumb_size=thumb.type))
    assert (len(data), Image.open(io.BytesIO(data)).size) == (thumb.size, (thumb.w, thumb.h))
    for wrong in ("s", "?"):
        with pytest.raises(errors.LocationInvalid):
            await fetched(there, place(document, thumb_size=wrong))


async def test_a_basic_groups_messages_have_numbers_of_the_same_row(there: Centre) -> None:
    """As its private chats: none is given twice."""
    group = await there.http.post("/groups", title="Small", kind="group", owner=ADA, members=[BLAS, BOT])
    in_group = await given(there, os.urandom(1000), "group.bin", "document", BLAS, group["id"])
    in_private = await given(there, os.urandom(1000), "private.bin", "document")
    assert in_private["message_id"] > in_group["message_id"]
    answer = await read(there, in_group["message_id"], in_private["message_id"])
    assert [message.message for message in answer.messages] == ["group.bin", "private.bin"]
    first = answer.messages[0]
    assert (first.peer_id.chat_id, first.from_id.user_id) == (-group["id"], BLAS)
    assert [chat.title for chat in answer.chats] == ["Small"]


async def test_messages_of_others_are_not_read(there: Centre) -> None:
    other = {
        "token": "7000000002:AAE_another_token_for_local_use_000",
        "first_name": "X",
        "username": "x_bot",
    }
    made = await there.http.post("/bots", **other)
    for _ in range(30):
        said = await given(there, b"data", "theirs.bin", "document", chat=made["id"])
    mine = (await read(there, said["message_id"])).messages[0]
    assert getattr(mine, "message", "") != "theirs.bin"


async def test_hashes_are_those_of_the_ranges(there: Centre) -> None:
    data = os.urandom((1 << 20) + HASHED + 9)
    said = news(await there.bot.invoke(post(await uploaded(there.bot, data))))
    location = place(said.media.document)
    hashes = []
    for offset in (0, 1 << 20):
        wish = functions.upload.GetFileHashes(location=location, offset=offset)
        hashes += await there.bot.invoke(wish)
    assert [(each.offset, each.limit) for each in hashes] == [
        (offset, min(HASHED, len(data) - offset)) for offset in range(0, len(data), HASHED)
    ]
    for each in hashes:
        assert each.hash == sha256(data[each.offset : each.offset + each.limit]).digest()


async def test_what_a_reply_answers_is_read_by_it(there: Centre) -> None:
    first = news(await there.bot.invoke(post(await uploaded(there.bot, b"1"))))
    reply = types.InputReplyToMessage(reply_to_msg_id=first.id)
    second = news(await there.bot.invoke(post(await uploaded(there.bot, b"2"), reply_to=reply)))
    message = await there.bot.get_messages(CHANNEL, second.id)
    assert message.reply_to_message.id == first.id


async def to_person(there: Centre, person: int, data: bytes) -> functions.messages.SendMedia:
    peer = types.InputPeerUser(user_id=person, access_hash=0)
    return post(await uploaded(there.bot, data), peer=peer)


async def test_a_bot_sends_a_person_what_the_bot_api_would_not_take(there: Centre) -> None:
    data = os.urandom(51 << 20)
    sent = news(await there.bot.invoke(await to_person(there, ADA, data)))
    assert (sent.out, sent.from_id.user_id, sent.peer_id.user_id) == (True, BOT, ADA)
    shown = (await there.http.history())[-1]
    assert (shown["message_id"], shown["document"]["file_size"]) == (sent.id, len(data))
    read = await there.bot.get_messages(ADA, sent.id)
    assert (read.outgoing, read.from_user.id) == (True, BOT)


async def test_a_message_to_a_person_becomes_a_file(there: Centre) -> None:
    placeholder = await there.http.result("sendMessage", chat_id=ADA, text="…")
    media = types.InputMediaUploadedDocument(
        file=await uploaded(there.bot, os.urandom(1000)), mime_type="video/mp4", attributes=[]
    )
    peer = types.InputPeerUser(user_id=ADA, access_hash=0)
    wish = functions.messages.EditMessage(
        peer=peer, id=placeholder["message_id"], message="here", media=media
    )
    assert news(await there.bot.invoke(wish)).id == placeholder["message_id"]
    assert (await there.http.history())[-1]["caption"] == "here"


async def test_a_bot_begins_no_chats_and_keeps_away_from_who_blocked_it(there: Centre) -> None:
    with pytest.raises(errors.PeerIdInvalid):
        await there.bot.invoke(await to_person(there, CLEO, b"data"))
    await there.http.post(f"/people/{ADA}/block", bot=BOT, blocked=True)
    with pytest.raises(errors.UserIsBlocked):
        await there.bot.invoke(await to_person(there, ADA, b"data"))
    await there.http.post(f"/people/{ADA}/block", bot=BOT, blocked=False)
