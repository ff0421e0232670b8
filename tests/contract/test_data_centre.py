"""The data centre, asked by kurigram: what Telegram promises to clients of MTProto, and how it refuses."""

import asyncio
import hashlib
import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from pyrogram import Client as Pyrogram
from pyrogram import errors
from pyrogram.raw import functions, types

from simulator.accounts import Bot
from simulator.files import Blob, StoredFile
from simulator.mtproto.sealed import REFERENCE_SECONDS, is_good_reference
from simulator.mtproto.shown_media import document
from simulator.world import Settings, World
from tests.contract.simulator_client import ADA, CHANNEL, Client, Clock, Program, program
from tests.data_centre import PART, PEER, downloaded, facts_of, place, post, signed_in, uploaded

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("data-centre"),
    pytest.mark.usefixtures("http"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")


@once
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    async with program(tmp_path_factory.mktemp("simulator"), "--flood", "off") as simulator:
        yield simulator


@once
async def http(running: Program) -> AsyncIterator[Client]:
    async with running.client() as client:
        await client.new_bot_right(CHANNEL, "administrator", "can_post_messages")
        await client.say("/start")
        yield client


@once
async def bot(running: Program, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pyrogram]:
    async with signed_in(running.url, tmp_path_factory.mktemp("session")) as client:
        yield client


async def test_a_bot_signs_in_and_knows_itself(bot: Pyrogram) -> None:
    assert (bot.me.username, bot.me.is_bot) == ("magpie_sim_bot", True)


async def test_what_goes_up_in_parts_is_a_message_of_the_same_world(bot: Pyrogram, http: Client) -> None:
    """Also for the Bot API, which copies it though it could not have taken it."""
    data = os.urandom(51 << 20)
    answer = await bot.invoke(post(await uploaded(bot, data)))
    new = next(each for each in answer.updates if isinstance(each, types.UpdateNewChannelMessage)).message
    assert (new.message, new.media.document.size) == ("a caption", len(data))
    copy = await http.result("copyMessage", chat_id=ADA, from_chat_id=CHANNEL, message_id=new.id)
    shown = (await http.history())[-1]
    assert (shown["message_id"], shown["document"]["file_size"]) == (copy["message_id"], len(data))
    assert shown["document"]["file_name"] == "film.bin"


async def test_what_goes_up_comes_down_as_it_was(bot: Pyrogram) -> None:
    data = os.urandom((3 << 20) + 77)
    answer = await bot.invoke(post(await uploaded(bot, data)))
    document = answer.updates[1].message.media.document
    assert await downloaded(bot, document) == data
    file = await bot.download_media(
        await bot.get_messages(CHANNEL, answer.updates[1].message.id), in_memory=True
    )
    assert bytes(file.getbuffer()) == data


async def test_a_text_becomes_a_large_file_with_caption_and_keys(bot: Pyrogram, http: Client) -> None:
    """And again the same file, as after an answer that was lost: it is one message."""
    placeholder = await http.result("sendMessage", chat_id=CHANNEL, text="…")
    before = len(await http.history(chat=CHANNEL))
    link = types.InlineButtonTypeUrl(url="https://t.me/magpie_sim_bot?start=x")
    info = types.InlineButtonTypeCallback(data=b"info")
    labelled = {"Get it": link, "Info": info}
    row = [types.KeyboardInlineButton(text=text, type=kind) for text, kind in labelled.items()]
    keys = types.ReplyInlineMarkup(rows=[types.KeyboardInlineButtonRow(buttons=row)])
    caption = "A film #jazz"
    for _ in range(2):
        file = await uploaded(bot, os.urandom(3 * PART + 5))
        film = types.DocumentAttributeVideo(duration=3.0, w=320, h=240, supports_streaming=True)
        named = types.DocumentAttributeFilename(file_name="film.mp4")
        media = types.InputMediaUploadedDocument(file=file, mime_type="video/mp4", attributes=[film, named])
        answer = await bot.invoke(
            functions.messages.EditMessage(
                peer=PEER,
                id=placeholder["message_id"],
                message=caption,
                media=media,
                entities=[types.MessageEntityBold(offset=2, length=4)],
                reply_markup=keys,
            )
        )
    history = await http.history(chat=CHANNEL)
    assert len(history) == before
    shown = history[-1]
    assert (shown["video"]["width"], shown["video"]["file_size"]) == (320, 3 * PART + 5)
    assert [(each["type"], each["offset"], each["length"]) for each in shown["caption_entities"]] == [
        ("bold", 2, 4),
        ("hashtag", 7, 5),
    ]
    assert [key["text"] for key in shown["reply_markup"]["inline_keyboard"][0]] == ["Get it", "Info"]
    edited = answer.updates[0].message
    assert [type(each) for each in edited.entities] == [types.MessageEntityBold, types.MessageEntityHashtag]
    assert edited.reply_markup.write() == keys.write()


async def test_only_ones_own_messages_are_edited(bot: Pyrogram, http: Client) -> None:
    media = types.InputMediaUploadedDocument(
        file=await uploaded(bot, os.urandom(PART)), mime_type="video/mp4", attributes=[]
    )
    wish = {"peer": PEER, "message": "x", "media": media}
    with pytest.raises(errors.MessageIdInvalid):
        await bot.invoke(functions.messages.EditMessage(**wish, id=99_999))
    said = await http.say("by Ada", chat=CHANNEL)
    with pytest.raises(errors.MessageAuthorRequired):
        await bot.invoke(functions.messages.EditMessage(**wish, id=said["message_id"]))


async def test_a_caption_has_its_length(bot: Pyrogram) -> None:
    with pytest.raises(errors.MediaCaptionTooLong):
        await bot.invoke(post(await uploaded(bot, os.urandom(PART)), message="x" * 1025))


async def test_kurigrams_own_way_goes(bot: Pyrogram, tmp_path: Path) -> None:
    path = tmp_path / "small.bin"
    path.write_bytes(os.urandom(300_000))
    message = await bot.send_document(CHANNEL, str(path), caption="by hand")
    assert (message.caption, message.document.file_size) == ("by hand", 300_000)
    file = await bot.download_media(message, in_memory=True)
    assert bytes(file.getbuffer()) == path.read_bytes()


async def test_what_the_bot_api_sent_comes_down(bot: Pyrogram, http: Client) -> None:
    data = os.urandom(100_000)
    sent = await http.result("sendDocument", {"document": ("a.bin", data)}, chat_id=CHANNEL)
    message = await bot.get_messages(CHANNEL, sent["message_id"])
    file = await bot.download_media(message, in_memory=True)
    assert bytes(file.getbuffer()) == data


async def test_a_missing_part_is_named(bot: Pyrogram) -> None:
    file = await uploaded(bot, os.urandom(4 * PART), 2)
    with pytest.raises(errors.FilePartMissing) as refused:
        await bot.invoke(post(file))
    assert refused.value.value == 2


async def test_the_same_random_id_is_posted_once(bot: Pyrogram, http: Client) -> None:
    data = os.urandom(PART)
    before = len(await http.history(chat=CHANNEL))
    await bot.invoke(post(await uploaded(bot, data), random_id=4711))
    with pytest.raises(errors.RandomIdDuplicate):
        await bot.session.send(post(await uploaded(bot, data), random_id=4711))
    assert len(await http.history(chat=CHANNEL)) == before + 1


async def test_the_same_call_twice_at_once_is_posted_once(bot: Pyrogram, http: Client) -> None:
    before = len(await http.history(chat=CHANNEL))
    wish = post(await uploaded(bot, os.urandom(20 * PART)))
    answers = await asyncio.gather(bot.session.send(wish), bot.session.send(wish), return_exceptions=True)
    refused = [str(each) for each in answers if isinstance(each, Exception)]
    assert [("RANDOM_ID_DUPLICATE" in words) for words in refused] == [True], refused
    assert len(await http.history(chat=CHANNEL)) == before + 1


async def test_a_call_is_obeyed_though_its_client_has_gone(
    running: Program, http: Client, tmp_path: Path
) -> None:
    before = len(await http.history(chat=CHANNEL))
    async with signed_in(running.url, tmp_path) as client:
        wish = post(await uploaded(client, os.urandom(PART)))
        await http.post("/faults", method="messages.sendMedia", action="delay", seconds=0.5)
        call = asyncio.ensure_future(client.session.send(wish))
        async with asyncio.timeout(20):
            while await http.get("/faults"):  # noqa: ASYNC110 - it is counted when the call has come
                await asyncio.sleep(0.01)
        call.cancel()
    async with asyncio.timeout(20):
        while len(await http.history(chat=CHANNEL)) == before:  # noqa: ASYNC110 - nor does a page
            await asyncio.sleep(0.05)


async def test_what_is_not_imitated_is_refused(
    bot: Pyrogram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # pyrogram writes down there what errors it does not know
    with pytest.raises(errors.BadRequest, match="SCHEDULE_DATE_NOT_IMITATED"):
        await bot.invoke(post(await uploaded(bot, os.urandom(PART)), schedule_date=2_000_000_000))


async def test_an_answer_that_is_lost_leaves_the_message(bot: Pyrogram, http: Client) -> None:
    before = len(await http.history(chat=CHANNEL))
    wish = post(await uploaded(bot, os.urandom(PART)))
    await http.post("/faults", method="messages.sendMedia", action="drop")
    with pytest.raises((TimeoutError, OSError)):
        await bot.invoke(wish, retries=1, timeout=2)
    assert len(await http.history(chat=CHANNEL)) == before + 1


async def test_a_flood_wait_says_how_long(bot: Pyrogram, http: Client) -> None:
    await http.post("/faults", method="upload.saveBigFilePart", action="429", retry_after=30)
    with pytest.raises(errors.FloodWait) as refused:
        await uploaded(bot, os.urandom(PART))
    assert refused.value.value == 30


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"offset": 1, "limit": 4096}, errors.OffsetInvalid),
        ({"offset": 0, "limit": 5000}, errors.LimitInvalid),
        ({"offset": 0, "limit": 2 << 20}, errors.LimitInvalid),
        ({"offset": 512 << 10, "limit": 1 << 20}, errors.LimitInvalid),
    ],
)
async def test_ranges_are_round(bot: Pyrogram, wish: dict[str, int], error: type[Exception]) -> None:
    answer = await bot.invoke(post(await uploaded(bot, os.urandom(2 * PART))))
    document = answer.updates[1].message.media.document
    with pytest.raises(error):
        await bot.invoke(functions.upload.GetFile(location=place(document), **wish))


async def test_references_have_their_time(tmp_path: Path) -> None:
    """An hour later, as the simulator's clock sees it."""
    clock = Clock()
    world = World(Settings(tmp_path, flood="off", clock=clock))
    bot = world.accounts.bots()[0]
    reference = shown_reference(world, bot)
    assert is_good_reference(bot, 1, reference, world.now()) is True
    clock.now += REFERENCE_SECONDS + 1
    assert is_good_reference(bot, 1, reference, world.now()) is False
    assert is_good_reference(bot, 2, reference, world.now()) is None
    world.close()


def shown_reference(world: World, bot: Bot) -> bytes:
    stored = StoredFile(1, "document", Blob("0" * 64, 1), "a.bin", "application/octet-stream")
    reference: bytes = document(bot, stored, {}, world.now() + REFERENCE_SECONDS).file_reference
    return reference


async def test_references_are_ours(bot: Pyrogram) -> None:
    answer = await bot.invoke(post(await uploaded(bot, os.urandom(PART))))
    document = answer.updates[1].message.media.document
    for changes, error in (
        ({"file_reference": b"x" * 16}, errors.FileReferenceInvalid),
        ({"access_hash": 1}, errors.FileIdInvalid),
    ):
        with pytest.raises(error):
            await bot.invoke(
                functions.upload.GetFile(location=place(document, **changes), offset=0, limit=4096)
            )


async def test_a_small_file_is_checked_by_its_sum(bot: Pyrogram) -> None:
    data = os.urandom(1000)
    for md5, good in ((hashlib.md5(data).hexdigest(), True), ("0" * 32, False)):  # noqa: S324
        number = secrets.randbits(62)
        await bot.invoke(functions.upload.SaveFilePart(file_id=number, file_part=0, bytes=data))
        wish = post(types.InputFile(id=number, parts=1, name="a.bin", md5_checksum=md5))
        if good:
            assert await bot.invoke(wish)
        else:
            with pytest.raises(errors.Md5ChecksumInvalid):
                await bot.invoke(wish)


async def test_without_the_right_to_post_nothing_is_posted(bot: Pyrogram, http: Client) -> None:
    file = await uploaded(bot, os.urandom(PART))
    await http.new_bot_right(CHANNEL, "administrator", "can_manage_chat")
    with pytest.raises(errors.ChatWriteForbidden):
        await bot.invoke(post(file))
    await http.new_bot_right(CHANNEL, "administrator", "can_post_messages")
    assert await bot.invoke(post(file)), "the parts are still there"


async def test_a_method_it_does_not_have_is_refused(bot: Pyrogram) -> None:
    with pytest.raises(errors.BadRequest, match="METHOD_INVALID"):
        await bot.invoke(functions.stories.GetAllStories())


async def test_a_token_that_is_not_known_is_refused(running: Program, tmp_path: Path) -> None:
    with pytest.raises(errors.AccessTokenInvalid):
        async with signed_in(running.url, tmp_path, token="1:wrong"):
            pass


async def test_a_session_stays_good_after_the_data_centre_was_killed(tmp_path: Path) -> None:
    """And nobody signs in a second time."""
    folder, session = tmp_path / "simulator", tmp_path / "session"
    session.mkdir()
    async with program(folder) as first, signed_in(first.url, session) as bot:
        key = await bot.storage.auth_key()
    async with program(folder) as second, second.client() as http:
        await http.post(
            "/faults", method="auth.importBotAuthorization", action="error", description="NOT_AGAIN"
        )
        async with signed_in(second.url, session) as bot:
            assert await bot.storage.auth_key() == key
            assert (await bot.get_me()).username == "magpie_sim_bot"


KEY_UNKNOWN = b"\x01" + (-404).to_bytes(4, "little", signed=True)


@pytest.mark.parametrize(
    ("rubbish", "answer"),
    [
        pytest.param(b"\xef\x7f\xff\xff\xff" + bytes(100), b"", id="too long"),
        pytest.param(
            b"\xef" + bytes([10]) + bytes(8) + b"\0" * 8 + b"\x10\0\0\0" + b"x" * 20, b"", id="no object"
        ),
        pytest.param(b"\xef" + bytes([16]) + b"k" * 64, KEY_UNKNOWN, id="a key that nobody made"),
    ],
)
async def test_rubbish_is_cut_off_and_costs_nobody_else_anything(
    rubbish: bytes, answer: bytes, running: Program, bot: Pyrogram
) -> None:
    """By the data centre: the client waits for it."""
    facts = await facts_of(running.url)
    reader, writer = await asyncio.open_connection(facts["host"], facts["port"])
    writer.write(rubbish)
    async with asyncio.timeout(10):
        assert await reader.read() == answer
    writer.close()
    assert (await bot.get_me()).is_bot
