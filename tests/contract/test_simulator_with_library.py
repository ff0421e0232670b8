"""python-telegram-bot as a client of the real program, end to end: the client that Magpie uses."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaDocument,
    InputMediaPhoto,
    InputTextMessageContent,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter
from telegram.ext import Application, ApplicationBuilder, CallbackQueryHandler, CommandHandler, ContextTypes

from tests.contract.simulator_client import (
    ADA,
    BLAS,
    BOT,
    CHANNEL,
    FILMS,
    GROUP,
    TOKEN,
    Client,
    Program,
    jpeg,
    mp4,
    program,
    wav,
)

MARKUP = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go")]])


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Program]:
    async with program(tmp_path) as running:
        yield running


@pytest.fixture
async def bot(person: Client) -> AsyncIterator[Bot]:
    """The bot of the simulator that the person is in."""
    url = str(person.http.base_url).rstrip("/")
    bot = Bot(TOKEN, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot")
    async with bot:
        yield bot


async def test_texts_are_sent_edited_copied_and_deleted(bot: Bot, person: Client) -> None:
    message = await bot.send_message(ADA, "<b>hi</b> 🦅", ParseMode.HTML, reply_markup=MARKUP)
    assert message.entities[0].type == "bold"
    await bot.edit_message_text("other", ADA, message.message_id)
    assert (await person.history())[-1]["text"] == "other"
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("other", ADA, message.message_id)
    copied = await bot.copy_message(CHANNEL, ADA, message.message_id)
    assert (await person.history(chat=CHANNEL))[-1]["message_id"] == copied.message_id
    assert await bot.delete_message(ADA, message.message_id)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(ADA, message.message_id)


async def test_a_placeholder_becomes_a_post_in_its_place(bot: Bot, person: Client) -> None:
    placeholder = await bot.send_message(CHANNEL, "…", disable_notification=True)
    media = InputMediaPhoto(jpeg(400, 300), caption="*post*", parse_mode=ParseMode.MARKDOWN_V2)
    await bot.edit_message_media(media, CHANNEL, placeholder.message_id, reply_markup=MARKUP)
    (post,) = await person.history(person=BLAS, chat=CHANNEL)
    assert (post["caption"], post["photo"][-1]["width"]) == ("post", 400)
    assert post["reply_markup"]["inline_keyboard"][0][0]["text"] == "Go"


async def test_media_are_sent_and_read_again(bot: Bot, tmp_path: Path) -> None:
    video = await bot.send_video(ADA, mp4(), filename="v.mp4", thumbnail=jpeg(), supports_streaming=True)
    assert video.video
    assert (video.video.width, video.video.duration) == (160, dt.timedelta(seconds=2))
    audio = await bot.send_audio(ADA, wav(), filename="a.wav", title="T")
    assert audio.audio
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(range(256)) * 4096 * 4)
    with large.open("rb") as stream:
        document = await bot.send_document(ADA, stream, caption="d")
    assert document.document
    file = await document.document.get_file()
    assert await file.download_as_bytearray() == large.read_bytes()
    again = await bot.send_document(CHANNEL, document.document.file_id)
    assert again.document
    assert again.document.file_unique_id == document.document.file_unique_id
    media = [
        InputMediaDocument(b"1", filename="1.txt"),
        InputMediaDocument(b"2", filename="2.txt", caption="c"),
    ]
    assert [message.caption for message in await bot.send_media_group(CHANNEL, media)] == [None, "c"]


async def test_refusals_are_the_librarys_errors(bot: Bot, person: Client) -> None:
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(BLAS, "hi")
    await person.post("/faults", method="sendMessage", action="429", retry_after=3)
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(ADA, "hi")
    assert "3" in str(caught.value)


async def test_a_second_poller_is_told_of_the_conflict(running: Program, bot: Bot) -> None:
    async with Bot(TOKEN, base_url=f"{running.url}/bot") as second, asyncio.timeout(20):
        polls = (one.get_updates(offset=100_000_002, timeout=5) for one in (bot, second))
        answers = await asyncio.gather(*polls, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "tuple"]


async def start(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.effective_message
    await update.effective_message.reply_text("Welcome", reply_markup=MARKUP)


async def go(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.callback_query
    await update.callback_query.answer("Going", show_alert=True)
    await update.callback_query.edit_message_text("Gone")


def application_for(running: Program) -> Application:  # type: ignore[type-arg]
    builder = ApplicationBuilder().token(TOKEN)
    application = builder.base_url(f"{running.url}/bot").base_file_url(f"{running.url}/file/bot").build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(CallbackQueryHandler(go, pattern="^go$"))
    return application


async def test_a_whole_application_talks_with_a_person(running: Program, person: Client) -> None:
    application = application_for(running)
    async with application:
        assert application.updater
        await application.updater.start_polling(timeout=5)
        await application.start()
        card = await person.post(f"/people/{ADA}/wait", chat=BOT, contains="Welcome", button="Go")
        press = {"message_id": card["message_id"], "label": "Go"}
        assert await person.post(f"/people/{ADA}/chats/{BOT}/press", **press) == {
            "answered": True,
            "text": "Going",
            "show_alert": True,
        }
        await person.post(f"/people/{ADA}/wait", chat=BOT, contains="Gone")
        await application.updater.stop()
        await application.stop()
    assert [message.get("text") for message in await person.history()] == ["/start", "Gone"]


async def test_a_group_that_moves_is_the_librarys_error(bot: Bot, person: Client) -> None:
    wish = {"title": "G", "kind": "group", "owner": ADA, "members": [BOT]}
    group = (await person.post("/groups", **wish))["id"]
    await bot.send_message(group, "hi")
    supergroup = (await person.post(f"/chats/{group}/upgrade", by=ADA))["id"]
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(group, "hi")
    assert caught.value.new_chat_id == supergroup
    messages = [update.message for update in await bot.get_updates(timeout=5) if update.message]
    assert [message.migrate_to_chat_id for message in messages if message.migrate_to_chat_id] == [supergroup]


async def test_a_reply_goes_to_the_topic_of_what_it_answers(bot: Bot, person: Client) -> None:
    await person.say("/status@magpie_sim_bot", person=BLAS, chat=GROUP, thread=FILMS)
    message = (await bot.get_updates(timeout=5))[-1].message
    assert message
    assert (message.is_topic_message, message.message_thread_id) == (True, FILMS)
    answer = await message.reply_text("here", do_quote=True)
    assert (answer.message_thread_id, answer.chat.is_forum) == (FILMS, True)
    assert answer.reply_to_message
    assert answer.reply_to_message.message_id == message.message_id
    plain = await message.reply_text("also here", do_quote=False)
    assert plain.message_thread_id == FILMS


async def test_inline_queries_are_answered(bot: Bot, person: Client) -> None:
    asked = await person.post(f"/people/{ADA}/chats/{GROUP}/inline", bot=BOT, query="x", timeout=0)
    query = (await bot.get_updates(timeout=5))[-1].inline_query
    assert query
    content = InputTextMessageContent("*one*", ParseMode.MARKDOWN_V2)
    await query.answer([InlineQueryResultArticle("1", "One", content, reply_markup=MARKUP)], cache_time=0)
    await person.post(f"/people/{ADA}/chats/{GROUP}/inline/choose", query_id=asked["query_id"], result_id="1")
    chosen = next(
        update.chosen_inline_result
        for update in await bot.get_updates(timeout=5)
        if update.chosen_inline_result
    )
    await bot.edit_message_text("two", inline_message_id=chosen.inline_message_id)
    assert (await person.history(chat=GROUP))[-1]["text"] == "two"


async def test_the_sample_indexer_is_there(person: Client) -> None:
    reply: httpx.Response = await person.http.get("/sample/api", params={"t": "caps", "apikey": "sample"})
    assert reply.status_code == 200
    assert "<caps>" in reply.text
