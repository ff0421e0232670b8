"""Media over MTProto, by kurigram: thumbnails, covers, photos, replies, and what of it comes down again."""

import os
import secrets
from typing import Any

import pytest
from pyrogram import errors
from pyrogram.raw import functions, types

from tests.contract.simulator_client import CHANNEL, FILMS, GROUP, jpeg, mp4
from tests.data_centre import PART, PEER, Centre, news, post, uploaded

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("data-centre")]
THE_GROUP = types.InputPeerChannel(channel_id=-1000000000000 - GROUP, access_hash=0)
FILM = [
    types.DocumentAttributeVideo(duration=2.0, w=160, h=120, supports_streaming=True),
    types.DocumentAttributeFilename(file_name="film.mp4"),
]


async def small(there: Centre, data: bytes, name: str = "picture.jpg") -> types.InputFile:
    """A small file whose only part has come."""
    number = secrets.randbits(62)
    assert await there.bot.invoke(functions.upload.SaveFilePart(file_id=number, file_part=0, bytes=data))
    return types.InputFile(id=number, parts=1, name=name, md5_checksum="")


async def cover(there: Centre, data: bytes) -> types.InputPhoto:
    """A photo that stands in no message."""
    wish = types.InputMediaUploadedPhoto(file=await small(there, data))
    made = (await there.bot.invoke(functions.messages.UploadMedia(peer=PEER, media=wish))).photo
    return types.InputPhoto(id=made.id, access_hash=made.access_hash, file_reference=made.file_reference)


async def test_a_film_has_its_thumbnail_and_its_cover(there: Centre) -> None:
    about = {
        "thumb": await small(there, jpeg(300, 200)),
        "video_cover": await cover(there, jpeg(1000, 600)),
        "video_timestamp": 7,
        "spoiler": True,
        "nosound_video": True,
    }
    said = news(await there.bot.invoke(post(await uploaded(there.bot, mp4()), attributes=FILM, media=about)))
    assert [(size.type, size.w, size.h) for size in said.media.document.thumbs] == [("m", 300, 200)]
    assert [(size.type, size.w) for size in said.media.video_cover.sizes] == [
        ("s", 90),
        ("m", 320),
        ("x", 800),
        ("y", 1000),
    ]
    assert (said.media.spoiler, said.media.video_timestamp) == (True, 7)
    shown = (await there.http.history(chat=CHANNEL))[-1]
    video = shown["video"]
    assert (video["thumbnail"]["width"], video["thumbnail"]["height"]) == (300, 200)
    assert [size["width"] for size in video["cover"]] == [90, 320, 800, 1000]
    assert (shown["has_media_spoiler"], video["start_timestamp"]) == (True, 7)


async def test_kurigrams_own_way_sends_a_film_with_both(there: Centre, tmp_path: Any) -> None:
    for name, data in (("film.mp4", mp4()), ("small.jpg", jpeg(200, 100)), ("cover.jpg", jpeg(400, 200))):
        (tmp_path / name).write_bytes(data)
    said = await there.bot.send_video(
        CHANNEL,
        str(tmp_path / "film.mp4"),
        thumb=str(tmp_path / "small.jpg"),
        video_cover=str(tmp_path / "cover.jpg"),
        width=160,
        height=120,
        duration=2,
        supports_streaming=True,
    )
    assert [thumb.width for thumb in said.video.thumbs] == [200]
    shown = (await there.http.history(chat=CHANNEL))[-1]["video"]
    assert (shown["thumbnail"]["width"], shown["cover"][-1]["width"]) == (200, 400)


async def test_an_edit_brings_thumbnail_and_cover(there: Centre) -> None:
    placeholder = await there.http.result("sendMessage", chat_id=CHANNEL, text="…")
    media = types.InputMediaUploadedDocument(
        file=await uploaded(there.bot, mp4()),
        mime_type="video/mp4",
        attributes=FILM,
        thumb=await small(there, jpeg(100, 90)),
        video_cover=await cover(there, jpeg(400, 200)),
    )
    await there.bot.invoke(
        functions.messages.EditMessage(peer=PEER, id=placeholder["message_id"], message="", media=media)
    )
    shown = (await there.http.history(chat=CHANNEL))[-1]["video"]
    assert (shown["thumbnail"]["width"], shown["cover"][-1]["width"]) == (100, 400)


async def test_a_cover_is_known_by_what_was_given_out_for_it(there: Centre) -> None:
    mine = await cover(there, jpeg())
    for changes, error in (
        ({"access_hash": 1}, errors.FileIdInvalid),
        ({"file_reference": b"x" * 16}, errors.FileReferenceInvalid),
    ):
        wrong = {"id": mine.id, "access_hash": mine.access_hash, "file_reference": mine.file_reference}
        about = {"video_cover": types.InputPhoto(**{**wrong, **changes})}
        with pytest.raises(error):
            await there.bot.invoke(post(await uploaded(there.bot, mp4()), attributes=FILM, media=about))


@pytest.mark.parametrize(
    ("data", "error"),
    [(b"no picture", errors.ImageProcessFailed), (jpeg(2000, 50), errors.PhotoInvalidDimensions)],
)
async def test_a_photo_is_looked_at(there: Centre, data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        await cover(there, data)


async def test_a_thumbnails_parts_must_be_there(there: Centre) -> None:
    thumb = types.InputFile(id=5, parts=1, name="thumb.jpg", md5_checksum="")
    with pytest.raises(errors.FilePartMissing):
        await there.bot.invoke(post(await uploaded(there.bot, os.urandom(PART)), media={"thumb": thumb}))


async def test_a_photo_is_posted_and_again_by_its_id(there: Centre) -> None:
    file = await small(there, jpeg(600, 300))
    wish = functions.messages.SendMedia(
        peer=PEER,
        media=types.InputMediaUploadedPhoto(file=file, spoiler=True),
        message="",
        random_id=secrets.randbits(62),
    )
    photo = news(await there.bot.invoke(wish)).media.photo
    again = types.InputMediaPhoto(
        id=types.InputPhoto(id=photo.id, access_hash=photo.access_hash, file_reference=photo.file_reference)
    )
    await there.bot.invoke(
        functions.messages.SendMedia(peer=PEER, media=again, message="", random_id=secrets.randbits(62))
    )
    first, second = (await there.http.history(chat=CHANNEL))[-2:]
    assert [size["file_unique_id"] for size in first["photo"]] == [
        size["file_unique_id"] for size in second["photo"]
    ]
    assert (first["has_media_spoiler"], second.get("has_media_spoiler")) == (True, None)


async def test_a_document_is_posted_again_by_its_id(there: Centre) -> None:
    first = news(await there.bot.invoke(post(await uploaded(there.bot, os.urandom(PART)))))
    document = first.media.document
    named = types.InputDocument(
        id=document.id, access_hash=document.access_hash, file_reference=document.file_reference
    )
    wish = functions.messages.SendMedia(
        peer=PEER,
        media=types.InputMediaDocument(id=named),
        message="again",
        random_id=secrets.randbits(62),
    )
    assert news(await there.bot.invoke(wish)).media.document.id == document.id
    assert (await there.http.history(chat=CHANNEL))[-1]["caption"] == "again"


async def test_a_file_may_be_forced_to_stay_one(there: Centre) -> None:
    wish = post(await uploaded(there.bot, mp4()), attributes=FILM, media={"force_file": True})
    said = news(await there.bot.invoke(wish))
    assert not [
        each for each in said.media.document.attributes if isinstance(each, types.DocumentAttributeVideo)
    ]
    assert "document" in (await there.http.history(chat=CHANNEL))[-1]


async def test_a_film_that_is_said_to_be_animated_is_an_animation(there: Centre) -> None:
    wish = post(await uploaded(there.bot, mp4()), attributes=[*FILM, types.DocumentAttributeAnimated()])
    await there.bot.invoke(wish)
    assert "animation" in (await there.http.history(chat=CHANNEL))[-1]


async def test_a_post_answers_another(there: Centre) -> None:
    first = news(await there.bot.invoke(post(await uploaded(there.bot, os.urandom(PART)))))
    reply = types.InputReplyToMessage(reply_to_msg_id=first.id)
    second = news(await there.bot.invoke(post(await uploaded(there.bot, os.urandom(PART)), reply_to=reply)))
    assert second.reply_to.reply_to_msg_id == first.id
    shown = (await there.http.history(chat=CHANNEL))[-1]
    assert shown["reply_to_message"]["message_id"] == first.id
    read = await there.bot.get_messages(CHANNEL, second.id)
    assert read.reply_to_message_id == first.id


async def test_a_reply_to_nothing_is_refused(there: Centre) -> None:
    reply = types.InputReplyToMessage(reply_to_msg_id=99_999)
    with pytest.raises(errors.ReplyMessageIdInvalid):
        await there.bot.invoke(post(await uploaded(there.bot, os.urandom(PART)), reply_to=reply))


async def test_in_a_forum_a_reply_stands_in_its_topic(there: Centre) -> None:
    """And an answer to the message that began the topic is a message of the topic."""
    reply = types.InputReplyToMessage(reply_to_msg_id=FILMS)
    first = news(
        await there.bot.invoke(
            post(await uploaded(there.bot, os.urandom(PART)), reply_to=reply, peer=THE_GROUP)
        )
    )
    assert (first.reply_to.reply_to_msg_id, first.reply_to.forum_topic) == (FILMS, True)
    reply = types.InputReplyToMessage(reply_to_msg_id=first.id, top_msg_id=FILMS)
    second = news(
        await there.bot.invoke(
            post(await uploaded(there.bot, os.urandom(PART)), reply_to=reply, peer=THE_GROUP)
        )
    )
    assert (second.reply_to.reply_to_msg_id, second.reply_to.reply_to_top_id) == (first.id, FILMS)
    shown = (await there.http.history(chat=GROUP))[-1]
    assert (shown["message_thread_id"], shown["reply_to_message"]["message_id"]) == (FILMS, first.id)


async def test_a_group_may_take_no_documents(there: Centre) -> None:
    await there.http.post(f"/chats/{GROUP}/permissions", permissions=["can_send_messages"])
    with pytest.raises(errors.ChatSendDocsForbidden):
        await there.bot.invoke(post(await uploaded(there.bot, os.urandom(PART)), peer=THE_GROUP))


async def test_what_is_not_imitated_of_media_is_refused(
    there: Centre, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # pyrogram writes down there what errors it does not know
    with pytest.raises(errors.BadRequest, match="TTL_SECONDS_NOT_IMITATED"):
        await there.bot.invoke(post(await uploaded(there.bot, os.urandom(PART)), media={"ttl_seconds": 5}))
    reply = types.InputReplyToMessage(reply_to_msg_id=1, quote_text="words")
    with pytest.raises(errors.BadRequest, match="QUOTE_TEXT_NOT_IMITATED"):
        await there.bot.invoke(post(await uploaded(there.bot, os.urandom(PART)), reply_to=reply))
