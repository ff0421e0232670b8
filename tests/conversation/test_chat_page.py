"""The chat page in a real browser, against the real simulator, with a bot that the test plays."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.conversation import browsing
from tests.conversation.browsing import (
    ADA,
    BLAS,
    BOT_NAME,
    BOT_USERNAME,
    CHANNEL,
    PLAY,
    Bot,
    Person,
    bot_id,
    bubbles,
    fill,
    first_token,
    running_simulator,
    until,
)

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("conversation-page"),
]
base_url, browser, media = browsing.base_url, browsing.browser, browsing.media
bot, person, talk = browsing.bot, browsing.person, browsing.talk
EVIL = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
EVIL_NAME = "<img src=x onerror=hacked=1>"
WIDTH_OF_POSTER = """async (film) => {
  const picture = Object.assign(new Image(), { src: film.poster });
  await picture.decode();
  return picture.naturalWidth;
}"""


async def test_a_conversation_begins_with_start_and_shows_formatted_text(person: Person, bot: Bot) -> None:
    page = await person.open()
    await page.get_by_role("button", name=BOT_NAME).click()
    await page.get_by_role("button", name="Start", exact=True).click()

    assert (await bot.next("message", of=person.id))["text"] == "/start"
    await bot.call(
        "sendMessage",
        chat_id=person.id,
        parse_mode="HTML",
        text="<b>Bold <i>both</i></b> <u>under</u> <s>gone</s> <code>x = 1</code> <tg-spoiler>secret</tg-spoiler> "
        '<a href="https://example.org/a?b=1&amp;c=2">link</a> /help 😀 https://example.com/x\n'
        '<pre><code class="language-python">print(1)</code></pre><blockquote>wise words</blockquote>',
    )

    answer = bubbles(page).last
    await expect(answer.locator("strong em")).to_have_text("both")
    await expect(answer.locator("u")).to_have_text("under")
    await expect(answer.locator("s")).to_have_text("gone")
    await expect(answer.locator("pre[data-language=python]")).to_have_text("print(1)")
    await expect(answer.locator("blockquote")).to_have_text("wise words")
    await expect(answer.get_by_role("link", name="link", exact=True)).to_have_attribute(
        "href", "https://example.org/a?b=1&c=2"
    )
    await expect(answer.get_by_role("link", name="https://example.com/x")).to_be_visible()
    hidden = answer.locator(".spoiler")
    await hidden.click()
    await expect(hidden).to_have_class("spoiler shown")


async def test_a_command_in_a_text_is_sent_when_it_is_pressed(talk: Page, person: Person, bot: Bot) -> None:
    await bot.call("sendMessage", chat_id=person.id, text="Try /status now")

    await bubbles(talk).last.get_by_role("button", name="/status").click()

    assert (await bot.next("message", of=person.id))["text"] == "/status"


async def test_a_press_spins_until_it_is_answered_and_then_says_so(
    talk: Page, person: Person, bot: Bot
) -> None:
    keys = {
        "inline_keyboard": [[{"text": "One", "callback_data": "1"}, {"text": "Two", "callback_data": "2"}]]
    }
    await bot.call("sendMessage", chat_id=person.id, text="Choose", reply_markup=keys)
    key = talk.get_by_role("button", name="One")

    await key.click()
    query = await bot.next("callback_query", of=person.id)
    assert query["data"] == "1"
    await expect(key).to_have_attribute("aria-busy", "true")
    await bot.call("answerCallbackQuery", callback_query_id=query["id"], text="One it is")

    await expect(talk.locator("#toasts")).to_contain_text("One it is")
    await expect(key).to_have_attribute("aria-busy", "false")


async def test_an_alert_is_a_dialog_that_wants_an_answer(talk: Page, person: Person, bot: Bot) -> None:
    keys = {"inline_keyboard": [[{"text": "Ask", "callback_data": "ask"}]]}
    await bot.call("sendMessage", chat_id=person.id, text="Sure?", reply_markup=keys)

    await talk.get_by_role("button", name="Ask").click()
    query = await bot.next("callback_query", of=person.id)
    await bot.call("answerCallbackQuery", callback_query_id=query["id"], text="Think again", show_alert=True)

    dialog = talk.get_by_role("alertdialog")
    await expect(dialog).to_contain_text("Think again")
    await dialog.get_by_role("button", name="OK").click()
    await expect(dialog).to_have_count(0)


async def test_an_edit_appears_in_place_and_keeps_the_focus(talk: Page, person: Person, bot: Bot) -> None:
    keys = {
        "inline_keyboard": [
            [{"text": "Pause", "callback_data": "p"}, {"text": "Cancel", "callback_data": "c"}]
        ]
    }
    sent = await bot.call("sendMessage", chat_id=person.id, text="Fetching 10 %", reply_markup=keys)
    await talk.get_by_role("button", name="Cancel").focus()
    count = await bubbles(talk).count()

    await bot.call(
        "editMessageText",
        chat_id=person.id,
        message_id=sent["message_id"],
        text="Fetching 20 %",
        reply_markup=keys,
    )

    await expect(bubbles(talk).last).to_contain_text("Fetching 20 %")
    await expect(bubbles(talk).last).to_contain_text("edited")
    await expect(talk.get_by_role("button", name="Cancel")).to_be_focused()
    assert await bubbles(talk).count() == count


async def test_what_the_bot_does_is_shown_until_its_message_comes(
    talk: Page, person: Person, bot: Bot
) -> None:
    await bot.call("sendChatAction", chat_id=person.id, action="typing")
    await expect(talk.locator(".room-head")).to_contain_text("typing…")

    await bot.call("sendMessage", chat_id=person.id, text="Done")

    await expect(bubbles(talk).last).to_contain_text("Done")
    await expect(talk.locator(".room-head")).not_to_contain_text("typing…")


async def test_a_deleted_message_goes_away(talk: Page, person: Person, bot: Bot) -> None:
    sent = await bot.call("sendMessage", chat_id=person.id, text="Soon gone")
    await expect(bubbles(talk).last).to_contain_text("Soon gone")

    await bot.call("deleteMessage", chat_id=person.id, message_id=sent["message_id"])

    await expect(talk.get_by_text("Soon gone")).to_have_count(0)


async def test_a_photo_shows_and_opens_large(talk: Page, person: Person, bot: Bot, media: Path) -> None:
    photo = (media / "picture.png").read_bytes()
    await bot.call("sendPhoto", chat_id=person.id, caption="A cover", files={"photo": ("picture.png", photo)})
    picture = bubbles(talk).last.get_by_role("img", name="A cover")

    await until(lambda: picture.evaluate("node => node.complete && node.naturalWidth > 0"))
    await picture.click()

    await expect(talk.get_by_role("dialog").get_by_role("img")).to_be_visible()
    await talk.keyboard.press("Escape")
    await expect(talk.get_by_role("dialog")).to_have_count(0)


async def test_a_film_plays_on_while_its_caption_changes(
    talk: Page, person: Person, bot: Bot, media: Path
) -> None:
    film = (media / "film.mp4").read_bytes()
    sent = await bot.call(
        "sendVideo", chat_id=person.id, caption="Before", files={"video": ("film.mp4", film, "video/mp4")}
    )
    player = talk.locator("#messages video").last
    await player.evaluate(PLAY)
    await until(lambda: player.evaluate("node => node.currentTime > 0.3"))

    await bot.call("editMessageCaption", chat_id=person.id, message_id=sent["message_id"], caption="After")

    await expect(bubbles(talk).last).to_contain_text("After")
    reached = float(await player.evaluate("node => node.currentTime"))
    assert reached > 0.3
    await until(lambda: player.evaluate(f"node => !node.paused && node.currentTime > {reached + 0.2}"))


async def test_a_film_shows_its_cover_before_it_plays(
    talk: Page, person: Person, bot: Bot, media: Path
) -> None:
    files = {
        "video": ("film.mp4", (media / "film.mp4").read_bytes(), "video/mp4"),
        "cover": ("picture.png", (media / "picture.png").read_bytes(), "image/png"),
    }
    sent = await bot.call("sendVideo", chat_id=person.id, files=files)
    cover, thumbnail = sent["video"]["cover"][-1], sent["video"]["thumbnail"]
    assert cover["width"] > thumbnail["width"]
    player = talk.locator("#messages video").last
    assert await player.evaluate(WIDTH_OF_POSTER) == cover["width"]


async def test_a_sound_plays_and_names_its_artist(talk: Page, person: Person, bot: Bot, media: Path) -> None:
    tone = (media / "album" / "01 - Low A.mp3").read_bytes()
    await bot.call(
        "sendAudio",
        chat_id=person.id,
        title="Low A",
        performer="Sine Waves",
        files={"audio": ("tone.mp3", tone, "audio/mpeg")},
    )
    player = talk.locator("#messages audio").last

    await player.evaluate(PLAY)

    await until(lambda: player.evaluate("node => node.currentTime > 0.3"))
    await expect(bubbles(talk).last).to_contain_text("Low A")
    await expect(bubbles(talk).last).to_contain_text("Sine Waves")


async def test_an_animation_moves_by_itself_and_silently(
    talk: Page, person: Person, bot: Bot, media: Path
) -> None:
    film = (media / "film.mp4").read_bytes()
    await bot.call("sendAnimation", chat_id=person.id, files={"animation": ("loop.mp4", film, "video/mp4")})
    player = talk.locator("#messages video").last

    await until(lambda: player.evaluate("node => node.currentTime > 0.2"))

    assert await player.evaluate("node => node.muted && node.loop && !node.controls")


async def test_an_album_is_one_bubble(talk: Page, person: Person, bot: Bot, media: Path) -> None:
    photo = (media / "picture.png").read_bytes()
    await bot.call(
        "sendMediaGroup",
        chat_id=person.id,
        media='[{"type": "photo", "media": "attach://a", "caption": "Three of them"},'
        '{"type": "photo", "media": "attach://b"}, {"type": "photo", "media": "attach://c"}]',
        files={"a": ("a.png", photo), "b": ("b.png", photo), "c": ("c.png", photo)},
    )

    await expect(bubbles(talk).last.locator("img")).to_have_count(3)
    await expect(bubbles(talk).last).to_contain_text("Three of them")


async def test_a_document_can_be_downloaded(talk: Page, person: Person, bot: Bot) -> None:
    content = b"magpies collect shiny things\n" * 100
    await bot.call("sendDocument", chat_id=person.id, files={"document": ("notes.txt", content)})
    link = bubbles(talk).last.get_by_role("link", name="Download notes.txt")
    await expect(link).to_contain_text("2.8 KB")

    async with talk.expect_download() as download:
        await link.click()

    saved = await download.value
    assert saved.suggested_filename == "notes.txt"
    assert (await saved.path()).read_bytes() == content


async def test_a_chosen_file_reaches_the_bot(talk: Page, person: Person, bot: Bot, tmp_path: Path) -> None:
    torrent = tmp_path / "wanted.torrent"
    torrent.write_bytes(b"d4:infod4:name6:wantedee")

    await talk.locator("input[type=file]").set_input_files(torrent)
    dialog = talk.get_by_role("dialog")
    await dialog.get_by_label("Caption").fill("this one")
    await dialog.get_by_role("button", name="Send").click()

    message = await bot.next("message", of=person.id)
    assert message["caption"] == "this one"
    assert message["document"]["file_name"] == "wanted.torrent"
    file = await bot.call("getFile", file_id=message["document"]["file_id"])
    assert (await bot.files.get(file["file_path"])).content == torrent.read_bytes()
    await expect(bubbles(talk).last).to_contain_text("wanted.torrent")


async def test_a_picture_is_sent_as_photo_or_as_file(
    talk: Page, person: Person, bot: Bot, media: Path
) -> None:
    for as_file, expected in ((False, "photo"), (True, "document")):
        await talk.locator("input[type=file]").set_input_files(media / "picture.png")
        dialog = talk.get_by_role("dialog")
        if as_file:
            await dialog.get_by_label("Send as a file").check()
        await dialog.get_by_role("button", name="Send").click()
        assert expected in await bot.next("message", of=person.id)


@pytest.mark.parametrize("way", ["drop", "paste"])
async def test_files_can_be_dropped_and_pasted(talk: Page, person: Person, bot: Bot, way: str) -> None:
    data = await talk.evaluate_handle(
        "() => { const data = new DataTransfer(); data.items.add(new File(['shiny'], 'given.txt')); return data; }"
    )
    if way == "drop":
        await talk.locator("#messages").dispatch_event("drop", {"dataTransfer": data})
    else:
        await talk.locator("textarea").evaluate(
            "(node, clipboardData) => node.dispatchEvent(new ClipboardEvent('paste', {clipboardData}))", data
        )

    await talk.get_by_role("dialog").get_by_role("button", name="Send").click()

    assert (await bot.next("message", of=person.id))["document"]["file_name"] == "given.txt"


async def test_a_reply_is_quoted_and_leads_to_its_message(talk: Page, person: Person, bot: Bot) -> None:
    first = await bot.call("sendMessage", chat_id=person.id, text="The very first")
    await fill(bot, person.id)
    entry = talk.locator(f"[data-message='{first['message_id']}']")
    await entry.hover()
    await entry.get_by_role("button", name="Reply").click()
    await talk.get_by_label("Message", exact=True).fill("About that")
    await talk.keyboard.press("Enter")

    message = await bot.next("message", of=person.id)
    assert message["reply_to_message"]["message_id"] == first["message_id"]
    await expect(entry).not_to_be_in_viewport()
    await bubbles(talk).last.get_by_role("button", name="The very first").click()
    await expect(entry).to_be_in_viewport()


async def test_commands_are_offered_while_typing(talk: Page, person: Person, bot: Bot) -> None:
    await bot.call(
        "setMyCommands",
        commands=[
            {"command": "search", "description": "Search everywhere"},
            {"command": "status", "description": "What goes on"},
        ],
    )
    await talk.reload()
    await talk.get_by_label("Message", exact=True).click()
    await talk.keyboard.type("/s")
    menu = talk.get_by_role("listbox", name="Commands")
    await expect(menu.get_by_role("option")).to_have_count(2)
    await talk.keyboard.press("ArrowDown")
    await talk.keyboard.press("Enter")

    assert (await bot.next("message", of=person.id))["text"] == "/status"
    await bot.call("deleteMyCommands")


async def test_a_deep_link_under_a_post_starts_the_bot(person: Person, bot: Bot) -> None:
    keys = {"inline_keyboard": [[{"text": "Get it", "url": f"https://t.me/{BOT_USERNAME}?start=get_42"}]]}
    await bot.call("sendMessage", chat_id=CHANNEL, text="A post with a link", reply_markup=keys)
    page = await person.open(CHANNEL, person=ADA)

    await page.locator("#messages").get_by_role("button", name="Get it").last.click()

    assert (await bot.next("message", of=ADA))["text"] == "/start get_42"
    await expect(page.locator(".room-head h2")).to_have_text(BOT_NAME)
    await expect(bubbles(page).last).to_contain_text("/start get_42")


async def test_a_link_to_a_post_opens_the_channel_at_it(person: Person, bot: Bot) -> None:
    post = await bot.call("sendMessage", chat_id=CHANNEL, text="The linked post")
    await fill(bot, CHANNEL)
    chat = await bot_id(bot)
    async with httpx.AsyncClient(base_url=person.base_url) as http:
        await http.post(f"/api/people/{ADA}/chats/{chat}/text", json={"text": "/start"})
    page = await person.open(chat, person=ADA)
    await bot.call(
        "sendMessage", chat_id=ADA, text=f"It is at https://t.me/c/1000000001/{post['message_id']}"
    )

    await page.get_by_role("link", name="https://t.me/c/").last.click()

    await expect(page.locator(".room-head h2")).to_have_text("Shiny Things")
    await expect(page.get_by_text("The linked post")).to_be_in_viewport()


async def test_two_people_see_their_own_chats(person: Person, bot: Bot) -> None:
    page = await person.open(await bot_id(bot), person=BLAS)
    await page.get_by_role("button", name="Start", exact=True).click()
    await bot.next("message", of=BLAS)
    await bot.call("sendMessage", chat_id=BLAS, text="Solo para Blas")
    await expect(bubbles(page).last).to_contain_text("Solo para Blas")

    await page.get_by_role("link", name="Ada").click()

    await expect(page.get_by_role("link", name="Ada")).to_have_attribute("aria-current", "true")
    await expect(page.get_by_text("Solo para Blas")).to_have_count(0)
    await expect(page).to_have_url(re.compile(f"person={ADA}"))
    await page.go_back()
    await expect(bubbles(page).last).to_contain_text("Solo para Blas")


async def test_unread_messages_are_counted_until_they_are_seen(talk: Page, person: Person, bot: Bot) -> None:
    await person.open()
    chat = talk.get_by_role("button", name=BOT_NAME)
    await bot.call("sendMessage", chat_id=person.id, text="One")
    await bot.call("sendMessage", chat_id=person.id, text="Two")
    await expect(chat.locator(".unread")).to_have_text("2")
    await expect(talk).to_have_title(re.compile(r"^\(\d+\)"))

    await chat.click()

    await expect(bubbles(talk).last).to_contain_text("Two")
    await expect(chat.locator(".unread")).to_have_count(0)
    await bot.call("sendMessage", chat_id=person.id, text="Three")
    await expect(bubbles(talk).last).to_contain_text("Three")
    await expect(chat.locator(".unread")).to_have_count(0)


async def test_what_others_write_is_never_markup(talk: Page, person: Person, bot: Bot) -> None:
    keys = {"inline_keyboard": [[{"text": EVIL[:60], "callback_data": "x"}]]}
    await bot.call("sendMessage", chat_id=person.id, text=EVIL, reply_markup=keys)
    await bot.call(
        "sendDocument", chat_id=person.id, caption=EVIL, files={"document": ("<b>bold<b>.txt", b"text")}
    )
    await bot.call(
        "sendMessage",
        chat_id=person.id,
        text="press",
        entities=[{"type": "text_link", "offset": 0, "length": 5, "url": "javascript:window.hacked=1"}],
    )
    async with httpx.AsyncClient(base_url=person.base_url) as http:
        about = {"first_name": EVIL_NAME, "username": None, "language_code": "en"}
        (await http.post("/api/people", json=about)).raise_for_status()
    await talk.reload()
    await expect(bubbles(talk).last).to_contain_text("press")

    await expect(bubbles(talk).filter(has_text=EVIL)).to_have_count(2)
    await expect(talk.locator("#people").get_by_text(EVIL_NAME)).to_be_visible()
    assert await talk.locator("#messages script, #messages img, #people img, #chats img").count() == 0
    assert await talk.locator("a[href^=javascript]").count() == 0
    await talk.locator(".key").click()
    query = await bot.next("callback_query", of=person.id)
    await bot.call("answerCallbackQuery", callback_query_id=query["id"], text=EVIL)
    await expect(talk.locator("#toasts")).to_contain_text(EVIL)
    assert await talk.evaluate("window.hacked") is None


async def test_on_a_phone_one_side_shows_at_a_time(talk: Page, person: Person, bot: Bot) -> None:
    await talk.set_viewport_size({"width": 360, "height": 740})
    await bot.call("sendMessage", chat_id=person.id, text="a_very_long_word_" * 30)
    keys = {
        "inline_keyboard": [
            [{"text": f"Button {n} with a long label", "callback_data": "x"} for n in range(4)]
        ]
    }
    await bot.call("sendMessage", chat_id=person.id, text="Keys", reply_markup=keys)
    await expect(bubbles(talk).last).to_contain_text("Keys")

    assert await talk.evaluate("document.documentElement.scrollWidth") == 360
    assert await talk.locator("#messages").evaluate("node => node.scrollWidth <= node.clientWidth")
    await expect(talk.locator(".sidebar")).to_be_hidden()
    await talk.get_by_role("button", name="Back to the chats").click()
    await expect(talk.locator(".room")).to_be_hidden()
    await talk.get_by_role("button", name=BOT_NAME).click()
    await expect(bubbles(talk).last).to_be_in_viewport()


async def test_everything_that_can_be_used_has_a_name(
    talk: Page, person: Person, bot: Bot, media: Path
) -> None:
    photo = (media / "picture.png").read_bytes()
    keys = '{"inline_keyboard": [[{"text": "Key", "callback_data": "k"}]]}'
    await bot.call("sendPhoto", chat_id=person.id, reply_markup=keys, files={"photo": ("p.png", photo)})
    await expect(talk.get_by_role("button", name="Key")).to_be_visible()

    nameless = await talk.evaluate(
        """() => [...document.querySelectorAll("button, a, input, textarea, video, audio, img")]
            .filter((node) => !node.closest("[hidden]") && node.getAttribute("alt") === null)
            .filter((node) => !(node.getAttribute("aria-label") || node.textContent.trim()))
            .map((node) => node.outerHTML)"""
    )

    assert nameless == []


async def test_a_blocked_bot_is_told_and_can_be_unblocked(talk: Page, person: Person, bot: Bot) -> None:
    await talk.get_by_role("button", name="Block this bot").click()
    await talk.get_by_role("dialog").get_by_role("button", name="Block").click()
    await expect(talk.get_by_text("You have blocked this bot.")).to_be_visible()

    await talk.get_by_role("button", name="Unblock this bot").click()

    await expect(talk.get_by_label("Message", exact=True)).to_be_visible()
    await bot.call("sendMessage", chat_id=person.id, text="Back again")
    await expect(bubbles(talk).last).to_contain_text("Back again")


async def test_the_page_catches_up_after_the_simulator_was_away(browser: Browser, tmp_path: Path) -> None:
    page = await browser.new_page()
    async with running_simulator(tmp_path) as address:
        token = await first_token(address)
        first = Bot(address, token)
        await page.goto(f"{address}/?person={ADA}&chat={await bot_id(first)}")
        await page.get_by_role("button", name="Start", exact=True).click()
        await expect(bubbles(page)).to_have_count(1)
        sent = await first.call("sendMessage", chat_id=ADA, text="State one")
        await expect(bubbles(page)).to_have_count(2)
        await first.close()
    await expect(page.locator("#connection")).to_be_visible()

    async with running_simulator(tmp_path, port=int(address.rpartition(":")[2])):
        second = Bot(address, token)
        await second.call("editMessageText", chat_id=ADA, message_id=sent["message_id"], text="State two")
        await second.call("sendMessage", chat_id=ADA, text="Meanwhile")
        await expect(bubbles(page)).to_have_count(3)
        await expect(bubbles(page).nth(1)).to_contain_text("State two")
        await expect(page.locator("#connection")).to_be_hidden()
        await second.close()
    await page.close()
