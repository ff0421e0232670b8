"""Files: what is found in them, how they are named, read again and refused."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.contract.simulator_client import (
    ADA,
    BOT,
    TOKEN,
    Client,
    JsonObject,
    gif,
    in_process,
    jpeg,
    mp4,
    wav,
)

OTHER_TOKEN = "7000000002:AAE_another_token_for_local_use_00"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with in_process(tmp_path) as client:
        await client.say("/start")
        yield client


async def sent(client: Client, kind: str, name: str, content: bytes, **more: Any) -> JsonObject:
    files = {kind: (name, content)}
    message: JsonObject = await client.result(f"send{kind.capitalize()}", files, chat_id=ADA, **more)
    return message


async def test_a_photo_comes_in_several_sizes(client: Client) -> None:
    sizes = (await sent(client, "photo", "a.png", jpeg(1000, 500)))["photo"]
    assert [(size["width"], size["height"]) for size in sizes] == [
        (90, 45),
        (320, 160),
        (800, 400),
        (1000, 500),
    ]
    assert len({size["file_id"] for size in sizes}) == 4
    file = await client.result("getFile", file_id=sizes[0]["file_id"])
    reply = await client.http.get(f"/file/bot{TOKEN}/{file['file_path']}")
    with Image.open(io.BytesIO(reply.content)) as image:
        assert (image.format, image.size) == ("JPEG", (90, 45))


async def test_a_video_is_looked_into(client: Client) -> None:
    video = (await sent(client, "video", "v.mp4", mp4(2, 160, 120)))["video"]
    assert (video["width"], video["height"], video["duration"]) == (160, 120, 2)
    assert (video["file_name"], video["mime_type"]) == ("v.mp4", "video/mp4")
    assert video["thumbnail"]["width"] == 160


async def test_what_the_request_says_of_a_file_counts(client: Client) -> None:
    files = {"video": ("v.mp4", mp4()), "thumbnail": ("t.jpg", jpeg(80, 40))}
    message = await client.result("sendVideo", files, chat_id=ADA, duration="9", width="1", height="2")
    video = message["video"]
    assert (video["duration"], video["width"], video["height"]) == (9, 1, 2)
    assert (video["thumbnail"]["width"], video["thumbnail"]["height"]) == (80, 40)


async def test_an_audio_is_looked_into(client: Client) -> None:
    audio = (await sent(client, "audio", "a.wav", wav(3), title="T", performer="P"))["audio"]
    assert (audio["duration"], audio["title"], audio["performer"]) == (3, "T", "P")


async def test_an_animation_is_a_document_too(client: Client) -> None:
    message = await sent(client, "animation", "a.gif", gif())
    assert (message["animation"]["width"], message["animation"]["height"]) == (64, 48)
    assert message["document"]["file_id"] == message["animation"]["file_id"]


async def test_a_gif_sent_as_a_document_is_an_animation(client: Client) -> None:
    assert "animation" in await sent(client, "document", "a.gif", gif())


async def test_a_gif_whose_type_is_not_to_be_found_out_stays_a_document(client: Client) -> None:
    as_it_is = {"type": "document", "media": "attach://g", "disable_content_type_detection": True}
    first = await sent(client, "document", "a.gif", gif(), disable_content_type_detection="true")
    edit: JsonObject = {"chat_id": ADA, "message_id": first["message_id"], "media": as_it_is}
    files = {"g": ("b.gif", gif()), "h": ("c.gif", gif())}
    edited = await client.result("editMessageMedia", {"g": files["g"]}, **edit)
    plain = [{"type": "document", "media": f"attach://{name}"} for name in files]
    album = await client.result("sendMediaGroup", files, chat_id=ADA, media=plain)
    for message in (first, edited, *album):
        assert "animation" not in message
        assert message["document"]["mime_type"] == "image/gif"


async def test_a_video_has_the_cover_that_it_is_given(client: Client) -> None:
    files = {"video": ("v.mp4", mp4(2, 160, 120)), "cover": ("c.jpg", jpeg(640, 480))}
    message = await client.result("sendVideo", files, chat_id=ADA)
    assert [size["width"] for size in message["video"]["cover"]] == [90, 320, 640]
    assert message["video"]["thumbnail"]["width"] == 160
    known = message["video"]["cover"][-1]["file_id"]
    media = {"type": "video", "media": "attach://v", "cover": known}
    edit: JsonObject = {"chat_id": ADA, "message_id": message["message_id"], "media": media}
    edited = await client.result("editMessageMedia", {"v": ("w.mp4", mp4())}, **edit)
    assert edited["video"]["cover"][-1]["file_id"] == known
    copied = await client.result(
        "copyMessage", chat_id=ADA, from_chat_id=ADA, message_id=edited["message_id"]
    )
    shown = next(one for one in await client.history() if one["message_id"] == copied["message_id"])
    assert shown["video"]["cover"][-1]["width"] == 640
    again = await client.result("sendVideo", chat_id=ADA, video=edited["video"]["file_id"])
    assert "cover" not in again["video"]


async def test_a_copy_and_a_forward_of_a_video_may_begin_elsewhere(client: Client) -> None:
    video = await sent(client, "video", "v.mp4", mp4(), start_timestamp=1)
    source: JsonObject = {"chat_id": ADA, "from_chat_id": ADA, "message_id": video["message_id"]}
    wishes: list[JsonObject] = [{}, {"video_start_timestamp": 2}, {"video_start_timestamp": 0}]
    begun = []
    for method in ("copyMessage", "forwardMessage"):
        for wish in wishes:
            await client.result(method, **source, **wish)
            begun.append((await client.history())[-1]["video"].get("start_timestamp"))
    assert begun == [1, 2, None] * 2
    assert video["video"]["start_timestamp"] == 1


async def test_where_a_new_caption_of_a_copy_stands_is_said_anew(client: Client) -> None:
    photo = await sent(client, "photo", "p.jpg", jpeg(), caption="old", show_caption_above_media=True)
    source: JsonObject = {"chat_id": ADA, "from_chat_id": ADA, "message_id": photo["message_id"]}
    wishes: list[JsonObject] = [{}, {"caption": "new"}, {"caption": "new", "show_caption_above_media": True}]
    shown = []
    for wish in wishes:
        await client.result("copyMessage", **source, **wish)
        copied = (await client.history())[-1]
        shown.append((copied["caption"], copied.get("show_caption_above_media")))
    assert shown == [("old", True), ("new", None), ("new", True)]


@pytest.mark.parametrize(
    ("cover", "words"),
    [
        (jpeg(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (b"not at all", "IMAGE_PROCESS_FAILED"),
    ],
)
async def test_a_cover_is_a_photo(client: Client, cover: bytes, words: str) -> None:
    files = {"v": ("v.mp4", mp4()), "c": ("c.jpg", cover)}
    media = {"type": "video", "media": "attach://v", "cover": "attach://c"}
    message = await client.result("sendMessage", chat_id=ADA, text="…")
    edit: JsonObject = {"chat_id": ADA, "message_id": message["message_id"], "media": media}
    assert await client.refusal("editMessageMedia", files, **edit) == f"Bad Request: {words}"


@pytest.mark.parametrize("kind", ["video", "audio", "animation"])
async def test_a_file_that_is_not_what_it_is_sent_as_becomes_a_document(client: Client, kind: str) -> None:
    message = await sent(client, kind, "a.bin", b"not at all")
    assert kind not in message
    assert message["document"]["file_name"] == "a.bin"


async def test_an_album_mixes_photos_and_videos(client: Client) -> None:
    files = {"one": ("a.jpg", jpeg()), "two": ("v.mp4", mp4())}
    media = [
        {"type": "photo", "media": "attach://one", "caption": "c"},
        {"type": "video", "media": "attach://two"},
    ]
    messages = await client.result("sendMediaGroup", files, chat_id=ADA, media=media)
    assert ("photo" in messages[0], messages[0]["caption"], "video" in messages[1]) == (True, "c", True)


async def test_a_broken_picture_is_no_photo(client: Client) -> None:
    refusal = await client.refusal("sendPhoto", {"photo": ("a.jpg", b"not at all")}, chat_id=ADA)
    assert refusal == "Bad Request: IMAGE_PROCESS_FAILED"


@pytest.mark.parametrize(("width", "height"), [(9000, 1001), (2100, 100)])
async def test_the_sides_of_a_photo_have_limits(client: Client, width: int, height: int) -> None:
    refusal = await client.refusal("sendPhoto", {"photo": ("a.jpg", jpeg(width, height))}, chat_id=ADA)
    assert refusal == "Bad Request: PHOTO_INVALID_DIMENSIONS"


async def test_a_photo_has_at_most_10_megabytes(client: Client) -> None:
    size = (10 << 20) + 1
    refusal = await client.refusal("sendPhoto", {"photo": ("a.jpg", bytes(size))}, chat_id=ADA)
    assert refusal == (
        f"Bad Request: file of size {size} bytes is too big for a photo; the maximum size is 10485760 bytes"
    )


async def test_an_empty_file_is_refused(client: Client) -> None:
    refusal = await client.refusal("sendDocument", {"document": ("a.bin", b"")}, chat_id=ADA)
    assert refusal == "Bad Request: file must be non-empty"


async def test_an_upload_has_at_most_50_megabytes(client: Client) -> None:
    limit = 50 << 20
    answer = await client.ask("sendDocument", {"document": ("a.bin", bytes(limit + 1))}, chat_id=ADA)
    assert (answer["error_code"], answer["description"]) == (413, "Request Entity Too Large")
    message = await sent(client, "document", "a.bin", bytes(limit))
    assert message["document"]["file_size"] == limit


async def test_a_download_has_at_most_20_megabytes(client: Client) -> None:
    limit = 20 << 20
    large = (await sent(client, "document", "a.bin", bytes(limit + 1)))["document"]["file_id"]
    assert await client.refusal("getFile", file_id=large) == "Bad Request: file is too big"
    small = (await sent(client, "document", "a.bin", bytes(limit)))["document"]["file_id"]
    assert (await client.result("getFile", file_id=small))["file_size"] == limit


async def test_a_file_is_read_in_ranges(client: Client) -> None:
    document = (await sent(client, "document", "a.txt", b"0123456789"))["document"]
    file = await client.result("getFile", file_id=document["file_id"])
    assert file["file_path"].startswith("documents/file_")
    url = f"/file/bot{TOKEN}/{file['file_path']}"
    assert (await client.http.get(url)).content == b"0123456789"
    reply = await client.http.get(url, headers={"Range": "bytes=3-5"})
    assert (reply.status_code, reply.content, reply.headers["content-range"]) == (206, b"345", "bytes 3-5/10")
    assert (await client.http.get(url.replace(TOKEN, OTHER_TOKEN))).status_code == 401
    assert (await client.http.get(f"/file/bot{TOKEN}/documents/file_99.txt")).status_code == 404
    assert (await client.http.get(f"/file/bot{TOKEN}/../simulator.db")).status_code == 404


async def test_a_file_id_sends_the_file_again(client: Client) -> None:
    first = (await sent(client, "document", "a.txt", b"x"))["document"]
    again = await client.result("sendDocument", chat_id=ADA, document=first["file_id"])
    assert again["document"] == first


async def test_a_file_id_belongs_to_one_bot(client: Client) -> None:
    await client.post("/bots", token=OTHER_TOKEN, first_name="Other", username="other_bot")
    await client.say("/start", chat=7000000002)
    file_id = (await sent(client, "document", "a.txt", b"x"))["document"]["file_id"]
    call: JsonObject = {"token": OTHER_TOKEN, "chat_id": ADA}
    refusal = await client.refusal("sendDocument", **call, document=file_id)
    assert refusal == "Bad Request: wrong file identifier/HTTP URL specified"
    refusal = await client.refusal("getFile", **call, file_id=file_id)
    assert refusal == "Bad Request: wrong file_id or the file is temporarily unavailable"


@pytest.mark.parametrize(
    ("file_id", "words"),
    [
        ("what?", "Wrong character in the string"),
        ("abcde", "Wrong padding in the string"),
        ("abcdefgh", "can't unserialize it. Wrong last symbol"),
    ],
)
async def test_what_is_no_file_id_is_refused_in_tdlibs_words(
    client: Client, file_id: str, words: str
) -> None:
    refusal = await client.refusal("sendDocument", chat_id=ADA, document=file_id)
    assert refusal == f"Bad Request: wrong remote file identifier specified: {words}"


async def test_a_file_stays_of_its_kind(client: Client) -> None:
    file_id = (await sent(client, "document", "a.txt", b"x"))["document"]["file_id"]
    refusal = await client.refusal("sendPhoto", chat_id=ADA, photo=file_id)
    assert refusal == "Bad Request: can't use file of type Document as Photo"


async def test_addresses_are_not_fetched(client: Client) -> None:
    refusal = await client.refusal("sendPhoto", chat_id=ADA, photo="https://example.com/a.jpg")
    assert refusal == "Bad Request: failed to get HTTP URL content"


async def test_equal_bytes_are_kept_once(client: Client, tmp_path: Path) -> None:
    for name in ("a.bin", "b.bin"):
        await sent(client, "document", name, b"the same")
    kept = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [b"the same"]
    assert not list((tmp_path / "incoming").iterdir())


async def test_a_person_sends_a_file_and_the_page_reads_it(client: Client) -> None:
    reply = await client.http.post(
        f"/api/people/{ADA}/chats/{BOT}/file",
        files={"file": ("é.mp4", mp4())},
        data={"kind": "video", "caption": "look https://example.com"},
    )
    video = reply.json()["video"]
    assert reply.json()["caption_entities"][0]["type"] == "url"
    shown = await client.http.get(f"/api/files/{video['file_id']}", headers={"Range": "bytes=0-3"})
    assert (shown.status_code, len(shown.content), shown.headers["content-type"]) == (206, 4, "video/mp4")
    assert "%C3%A9.mp4" in shown.headers["content-disposition"]
    update = (await client.result("getUpdates"))[-1]["message"]
    assert update["video"]["file_id"] != video["file_id"]
    assert (await client.http.get("/api/files/nothing")).status_code == 404
