"""The chat page with several people: groups and topics, menus, inline results, the viewer, drafts, themes."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, Route, expect

from tests.conversation import browsing
from tests.conversation.browsing import (
    ADA,
    BLAS,
    BOT_NAME,
    BOT_USERNAME,
    CHANNEL,
    CLEO,
    Bot,
    Json,
    Person,
    bot_id,
    bubbles,
    until,
)

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("conversation-page-rooms"),
]
base_url, browser, media = browsing.base_url, browsing.browser, browsing.media
bot, person, talk = browsing.bot, browsing.person, browsing.talk
each = pytest_asyncio.fixture(loop_scope="module")
TOUCH = {"pointerType": "touch", "isPrimary": True, "bubbles": True, "pointerId": 7}


class Room:
    """A group of Ada, Blas, Cleo, somebody new and the bot, made for one test."""

    def __init__(self, http: httpx.AsyncClient, number: int) -> None:
        self._http = http
        self.id = number

    async def ask(self, path: str, **body: Any) -> Any:
        reply = await self._http.post(f"/api/{path}", json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def say(self, who: int, text: str, **more: Any) -> Json:
        said: Json = await self.ask(f"people/{who}/chats/{self.id}/text", text=text, **more)
        return said

    async def topic(self, name: str) -> int:
        return int((await self.ask(f"chats/{self.id}/topics", name=name, by=ADA))["message_thread_id"])


async def make_room(http: httpx.AsyncClient, person: Person, bot: Bot, **more: Any) -> Room:
    members = [BLAS, CLEO, person.id, await bot_id(bot)]
    wish = {"title": "A group", "owner": ADA, "members": members} | more
    room = await Room(http, 0).ask("groups", **wish)
    return Room(http, room["id"])


@each
async def http(base_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=base_url, timeout=60) as http:
        yield http


@each
async def group(http: httpx.AsyncClient, person: Person, bot: Bot) -> Room:
    return await make_room(http, person, bot)


@each
async def forum(http: httpx.AsyncClient, person: Person, bot: Bot) -> Room:
    return await make_room(http, person, bot, is_forum=True)


def writing(page: Page) -> Locator:
    return page.get_by_label("Message", exact=True)


def entry(page: Page, message: Json) -> Locator:
    return page.locator(f"#messages [data-message='{message['message_id']}']")


async def menu_of(page: Page, message: Json) -> Locator:
    await entry(page, message).locator(".bubble .text").click(button="right")
    return page.get_by_role("menu")


async def choose(page: Page, message: Json, what: str) -> None:
    await (await menu_of(page, message)).get_by_role("menuitem", name=what, exact=True).click()


# --- themes


async def colour(page: Page) -> int:
    """How light the ground is, 0 to 255."""
    value = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    return int(re.findall(r"\d+", value)[0])


async def test_the_theme_follows_the_system_until_one_is_chosen(person: Person) -> None:
    page = await person.open()
    await page.emulate_media(color_scheme="dark")
    assert await colour(page) < 60
    await page.emulate_media(color_scheme="light")
    assert await colour(page) > 200

    await page.get_by_role("button", name="Theme: system").click()
    await page.get_by_role("button", name="Theme: light").click()
    await expect(page.get_by_role("button", name="Theme: dark")).to_be_focused()
    assert await colour(page) < 60
    await page.reload()
    await expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert await colour(page) < 60
    await page.get_by_role("button", name="Theme: dark").click()
    assert await colour(page) > 200


CONTRAST = """([front, back]) => {
    const node = document.body.appendChild(document.createElement("i"));
    node.style.cssText = `color: var(--${front}); background-color: var(--${back})`;
    const style = getComputedStyle(node);
    const light = (text) => {
        const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3)
            .map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const [one, other] = [light(style.color), light(style.backgroundColor)].sort((a, b) => b - a);
    node.remove();
    return (one + 0.05) / (other + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_words_stand_out_from_their_ground(person: Person, scheme: Any) -> None:
    page = await person.open()
    await page.emulate_media(color_scheme=scheme)
    pairs = [(ink, "theirs") for ink in ("text", "dim", "accent", *(f"ink-{n}" for n in range(6)))]
    pairs += [
        ("text", "mine"),
        ("dim", "mine"),
        ("dim", "panel"),
        ("danger", "panel"),
        ("accent-text", "accent"),
    ]
    ratios = {pair: await page.evaluate(CONTRAST, list(pair)) for pair in pairs}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}


# --- groups


async def test_in_a_group_one_sees_who_says_what(group: Room, person: Person, bot: Bot) -> None:
    page = await person.open(group.id)
    await group.say(BLAS, "hello all")
    await group.say(BLAS, "again")
    await bot.call("sendMessage", chat_id=group.id, text="I am here too")
    await expect(bubbles(page).last).to_contain_text("I am here too")
    await expect(bubbles(page).last).to_contain_text(BOT_NAME)
    names = page.locator("#messages .author:visible")
    await expect(names).to_have_text(["Blas", BOT_NAME])
    await expect(page.locator("#messages .service-line").last).to_have_text(f"Ada added {BOT_NAME}")
    await expect(page.locator(".room-head")).to_contain_text("5 members")

    await writing(page).fill(f"/help@{BOT_USERNAME}")
    await page.keyboard.press("Enter")

    message = await bot.next("message", of=person.id)
    assert (message["chat"]["id"], message["text"]) == (group.id, f"/help@{BOT_USERNAME}")
    await expect(page.locator("#messages .mine .author")).to_have_count(0)
    await expect(page.locator(f"[data-chat='{group.id}'] .chat-last")).to_have_text(
        f"You: /help@{BOT_USERNAME}"
    )


async def test_a_command_in_a_group_names_its_bot(group: Room, person: Person, bot: Bot) -> None:
    commands = [{"command": "search", "description": "Search"}]
    await bot.call("setMyCommands", commands=commands, scope={"type": "all_group_chats"})
    page = await person.open(group.id)
    await writing(page).click()
    await page.keyboard.type("/se")
    await page.get_by_role("option", name="/search").click()
    assert (await bot.next("message", of=person.id))["text"] == f"/search@{BOT_USERNAME}"
    await bot.call("deleteMyCommands", scope={"type": "all_group_chats"})


async def test_what_a_bot_does_in_a_group_says_which(group: Room, person: Person, bot: Bot) -> None:
    page = await person.open(group.id)
    await bot.call("sendChatAction", chat_id=group.id, action="upload_document")
    await expect(page.locator(".room-head")).to_contain_text(f"{BOT_NAME} is sending a file…")


async def test_a_group_can_be_made_and_left(person: Person, bot: Bot) -> None:
    page = await person.open()
    await page.get_by_role("button", name="New group or person").click()
    await page.get_by_role("menuitem", name="New group").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("Night birds")
    await dialog.get_by_label("Kind").select_option("Basic group")
    await dialog.get_by_label("Cleo").uncheck()
    await dialog.get_by_role("button", name="Make").click()

    await expect(page.locator(".room-head h2")).to_have_text("Night birds")
    added = await bot.next("my_chat_member", of=person.id)
    assert added["chat"]["type"] == "group"
    await person.open(added["chat"]["id"], person=BLAS)
    await page.get_by_role("button", name="Members").click()
    await expect(page.get_by_role("dialog")).not_to_contain_text("Cleo")
    await page.get_by_role("button", name="Leave").click()
    await expect(page.get_by_text("Choose a chat")).to_be_visible()
    await expect(page.locator("#chats")).not_to_contain_text("Night birds")


async def test_those_in_charge_promote_demote_and_remove(group: Room, person: Person, bot: Bot) -> None:
    page = await person.open(group.id, person=ADA)
    await bot.next("my_chat_member", of=ADA, chat=group.id)
    await page.get_by_role("button", name="Members").click()
    dialog = page.get_by_role("dialog")

    async def do(what: str) -> Json:
        await dialog.get_by_role("button", name=f"What to do with {BOT_NAME}").click()
        await page.get_by_role("menuitem", name=what).click()
        return await bot.next("my_chat_member", of=ADA, chat=group.id)

    promoted = await do("Make administrator")
    assert promoted["new_chat_member"]["can_delete_messages"] is True
    await expect(dialog.locator(".member", has_text=BOT_NAME)).to_contain_text("administrator")
    assert (await do("Take the rights"))["new_chat_member"]["status"] == "member"
    assert (await do("May only read"))["new_chat_member"]["status"] == "restricted"
    assert (await do("Remove"))["new_chat_member"]["status"] == "kicked"
    await expect(dialog.locator(".member", has_text=BOT_NAME)).to_contain_text("not here")
    await dialog.get_by_role("button", name=f"Add {BOT_NAME}").click()
    assert (await bot.next("my_chat_member", of=ADA, chat=group.id))["new_chat_member"]["status"] == "member"
    await dialog.get_by_role("button", name="Close", exact=True).click()
    await expect(page.locator("#messages .service-line").last).to_have_text(f"Ada added {BOT_NAME}")


async def test_nobody_chooses_from_what_was(group: Room, person: Person) -> None:
    """Until the dialog shows what a choice made of a member, it offers nothing."""
    page = await person.open(group.id, person=ADA)
    await page.get_by_role("button", name="Members").click()
    choices = page.get_by_role("button", name=f"What to do with {BOT_NAME}")
    may_answer = asyncio.Event()

    async def hold(route: Route) -> None:
        await may_answer.wait()
        await route.continue_()

    await choices.click()
    await page.route(f"**/chats/{group.id}", hold)
    await page.get_by_role("menuitem", name="Make administrator").click()
    await expect(page.locator("dialog .members")).to_have_js_property("inert", True)
    may_answer.set()
    await choices.click()
    await expect(page.get_by_role("menuitem", name="Take the rights")).to_be_visible()


async def test_a_group_that_becomes_a_supergroup_is_followed(
    http: httpx.AsyncClient, person: Person, bot: Bot
) -> None:
    basic = await make_room(http, person, bot, kind="group")
    page = await person.open(basic.id)
    await expect(page.locator(".room-head")).to_contain_text("basic group")
    await basic.ask(f"chats/{basic.id}/upgrade", by=ADA)
    await expect(page.locator(".room-head")).not_to_contain_text("basic")
    await expect(page.locator("#messages .service-line").last).to_have_text(
        "The group became this supergroup"
    )
    await writing(page).fill(f"still here @{BOT_USERNAME}")
    await page.keyboard.press("Enter")
    assert (await bot.next("message", of=person.id))["chat"]["type"] == "supergroup"


async def test_who_may_not_write_is_told_so(group: Room, person: Person) -> None:
    page = await person.open(group.id)
    await expect(writing(page)).to_be_visible()
    await group.ask(f"chats/{group.id}/members", user=person.id, status="restricted", by=ADA)
    await expect(page.get_by_text("You may not write here.")).to_be_visible()
    await group.ask(f"chats/{group.id}/members", user=person.id, status="kicked", by=ADA)
    await expect(page.get_by_text("You are not in that chat any more.")).to_be_visible()


async def test_the_owner_of_a_channel_posts_in_it(person: Person) -> None:
    page = await person.open(CHANNEL, person=ADA)
    await writing(page).fill("A post of the owner")
    await page.keyboard.press("Enter")
    await expect(bubbles(page).last).to_contain_text("A post of the owner")
    await person.open(CHANNEL, person=BLAS)
    await expect(page.get_by_text("You are reading this channel.")).to_be_visible()


async def test_a_new_person_can_be_made_and_been(person: Person, bot: Bot) -> None:
    page = await person.open()
    await page.get_by_role("button", name="New group or person").click()
    await page.get_by_role("menuitem", name="New person").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("First name").fill("نور")
    await dialog.get_by_label("Language").select_option("العربية")
    await dialog.get_by_role("button", name="Make").click()
    await expect(page.get_by_role("link", name="نور")).to_have_attribute("aria-current", "true")
    await page.get_by_role("button", name=BOT_NAME).click()
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(page).to_have_url(re.compile(r"person=\d+&chat="))
    number = int(page.url.partition("person=")[2].partition("&")[0])
    assert (await bot.next("message", of=number))["from"]["language_code"] == "ar"


# --- topics


async def test_a_topic_shows_its_own_and_takes_what_is_written(forum: Room, person: Person, bot: Bot) -> None:
    films, music = await forum.topic("Films"), await forum.topic("Music")
    await forum.say(BLAS, "in general")
    await forum.say(BLAS, "about films", thread=films)
    await forum.say(BLAS, "about music", thread=music)
    page = await person.open(forum.id)
    await expect(bubbles(page)).to_have_count(3)
    await expect(bubbles(page).nth(1).locator(".in-topic")).to_have_text("# Films")

    await page.get_by_role("tab", name="Films").click()
    await expect(bubbles(page)).to_have_count(1)
    await expect(bubbles(page).first).to_contain_text("about films")
    await expect(page).to_have_url(re.compile(f"topic={films}"))
    await writing(page).fill(f"/search@{BOT_USERNAME} birds")
    await page.keyboard.press("Enter")
    message = await bot.next("message", of=person.id)
    assert message["message_thread_id"] == films

    await forum.say(BLAS, "more music", thread=music)
    await expect(page.get_by_role("tab", name="Music").get_by_label("new messages")).to_be_visible()
    await expect(bubbles(page)).to_have_count(2)
    await page.get_by_role("tab", name="Films").press("ArrowRight")
    await expect(page.get_by_role("tab", name="Music")).to_have_attribute("aria-selected", "true")
    await expect(bubbles(page).last).to_contain_text("more music")
    await expect(page.get_by_label("new messages")).to_have_count(0)
    await page.reload()
    await expect(bubbles(page).last).to_contain_text("more music")


async def test_a_topic_can_be_begun_and_closed(forum: Room, person: Person) -> None:
    page = await person.open(forum.id)
    await page.get_by_role("button", name="New topic").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("Birds of the night")
    await page.keyboard.press("Enter")
    tab = page.get_by_role("tab", name="Birds of the night")
    await expect(tab).to_have_attribute("aria-selected", "true")
    await expect(page).to_have_url(re.compile(r"topic=\d+"))
    number = int(page.url.rpartition("topic=")[2])
    await forum.ask(f"chats/{forum.id}/topics/{number}", closed=True, by=ADA)
    await expect(page.get_by_text("This topic is closed.")).to_be_visible()
    await expect(page.locator("#messages .service-line").last).to_have_text("Ada closed the topic")


async def test_a_link_to_a_message_in_a_topic_leads_there(forum: Room, person: Person, bot: Bot) -> None:
    films = await forum.topic("Films")
    said = await forum.say(BLAS, "the one that is meant", thread=films)
    await browsing.fill(bot, forum.id)
    address = f"https://t.me/c/{str(forum.id).removeprefix('-100')}/{films}/{said['message_id']}"
    await bot.call("sendMessage", chat_id=forum.id, text=f"see {address}")
    page = await person.open(forum.id)
    await expect(entry(page, said)).not_to_be_in_viewport()
    await page.get_by_role("link", name="https://t.me/c/").last.click()
    await expect(entry(page, said)).to_be_in_viewport()


# --- what can be done with a message


async def test_a_reply_in_a_group_quotes_its_message(group: Room, person: Person, bot: Bot) -> None:
    page = await person.open(group.id)
    question = await bot.call("sendMessage", chat_id=group.id, text="Which one?")
    await choose(page, question, "Reply")
    await expect(page.locator(".answering")).to_contain_text("Which one?")
    await page.keyboard.type("The second")
    await page.keyboard.press("Enter")
    message = await bot.next("message", of=person.id)
    assert message["reply_to_message"]["message_id"] == question["message_id"]
    await expect(bubbles(page).last.locator(".reply-quote")).to_contain_text("Which one?")
    await expect(page.locator(".answering")).to_be_hidden()


async def test_a_message_is_forwarded_to_a_chat_that_is_chosen(
    talk: Page, forum: Room, person: Person, bot: Bot
) -> None:
    films = await forum.topic("Films")
    # the dialog offers what the page knows when it is opened
    await expect(talk.get_by_role("navigation", name="Chats")).to_contain_text("Films")
    post = await bot.call("sendMessage", chat_id=person.id, text="Worth seeing")
    await choose(talk, post, "Forward")
    dialog = talk.get_by_role("dialog")
    await dialog.get_by_label("Find a chat").fill("films")
    await expect(dialog.get_by_role("button", name="A group › Films")).to_be_visible()
    await talk.keyboard.press("Enter")
    await expect(talk.locator("#toasts")).to_contain_text("Forwarded to A group › Films")

    await person.open(forum.id)
    await expect(bubbles(talk).last).to_contain_text(f"Forwarded from {BOT_NAME}")
    await expect(bubbles(talk).last.locator(".in-topic")).to_have_text("# Films")
    assert films


async def test_a_forwarded_post_leads_to_its_place(person: Person, bot: Bot, group: Room) -> None:
    post = await bot.call("sendMessage", chat_id=CHANNEL, text="The forwarded post")
    await browsing.fill(bot, CHANNEL)
    wish = {"from_chat": CHANNEL, "message_ids": [post["message_id"]]}
    await group.ask(f"people/{ADA}/chats/{group.id}/forward", **wish)
    page = await person.open(group.id, person=ADA)
    await bubbles(page).last.get_by_role("button", name="Forwarded from Shiny Things").click()
    await expect(page.locator(".room-head h2")).to_have_text("Shiny Things")
    await expect(entry(page, post)).to_be_in_viewport()


async def test_ones_own_text_can_be_changed_by_menu_and_by_key(group: Room, person: Person, bot: Bot) -> None:
    page = await person.open(group.id)
    said = await group.say(person.id, f"@{BOT_USERNAME} one")
    await bot.next("message", of=person.id)
    await writing(page).fill("begun")
    await choose(page, said, "Change")
    await writing(page).fill(f"@{BOT_USERNAME} two")
    await page.keyboard.press("Escape")
    await expect(page.locator(".answering")).to_be_hidden()
    await expect(writing(page)).to_have_value("begun")

    await writing(page).fill("")
    await page.keyboard.press("ArrowUp")
    await expect(writing(page)).to_have_value(f"@{BOT_USERNAME} one")
    await writing(page).fill(f"/status@{BOT_USERNAME}")
    await page.keyboard.press("Enter")
    assert (await bot.next("edited_message", of=person.id))["text"] == f"/status@{BOT_USERNAME}"
    await expect(entry(page, said)).to_contain_text("edited")


async def test_a_card_deleted_for_all_is_gone_for_the_bot(talk: Page, person: Person, bot: Bot) -> None:
    card = await bot.call("sendMessage", chat_id=person.id, text="A card")
    await choose(talk, card, "Delete for all")
    await talk.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(talk.get_by_text("A card")).to_have_count(0)
    with pytest.raises(AssertionError, match="message to edit not found"):
        await bot.call("editMessageText", chat_id=person.id, message_id=card["message_id"], text="x")


async def test_what_is_deleted_for_oneself_the_bot_still_has(talk: Page, person: Person, bot: Bot) -> None:
    card = await bot.call("sendMessage", chat_id=person.id, text="A card")
    await choose(talk, card, "Delete for me")
    await talk.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(talk.get_by_text("A card")).to_have_count(0)
    await bot.call("editMessageText", chat_id=person.id, message_id=card["message_id"], text="x")


async def test_others_messages_are_not_deleted_by_just_anybody(group: Room, person: Person) -> None:
    page = await person.open(group.id)
    said = await group.say(BLAS, "mine")
    menu = await menu_of(page, said)
    await expect(menu.get_by_role("menuitem")).to_have_text(["Reply", "Forward", "Copy the text"])


async def test_messages_are_reached_and_used_by_keys_alone(talk: Page, person: Person, bot: Bot) -> None:
    first = await bot.call("sendMessage", chat_id=person.id, text="The first")
    last = await bot.call("sendMessage", chat_id=person.id, text="The last")
    await expect(entry(talk, last)).to_be_visible()
    await talk.locator("#messages").focus()
    await talk.keyboard.press("ArrowUp")
    await expect(entry(talk, last)).to_be_focused()
    await talk.keyboard.press("ArrowUp")
    await expect(entry(talk, first)).to_be_focused()

    await talk.keyboard.press("Enter")
    await expect(talk.get_by_role("menuitem", name="Reply")).to_be_focused()
    await talk.keyboard.press("ArrowDown")
    await expect(talk.get_by_role("menuitem", name="Forward")).to_be_focused()
    await talk.keyboard.press("Escape")
    await expect(talk.get_by_role("menu")).to_have_count(0)
    await expect(entry(talk, first)).to_be_focused()
    await talk.keyboard.press("Enter")
    await talk.keyboard.press("Enter")
    await expect(writing(talk)).to_be_focused()
    await expect(talk.locator(".answering")).to_contain_text("The first")


async def test_a_long_press_opens_the_menu_on_a_telephone(talk: Page, person: Person, bot: Bot) -> None:
    await talk.set_viewport_size({"width": 390, "height": 844})
    card = await bot.call("sendMessage", chat_id=person.id, text="A card")
    text = entry(talk, card).locator(".text")
    await text.dispatch_event("pointerdown", TOUCH | {"clientX": 60, "clientY": 700})
    await expect(talk.get_by_role("menu")).to_be_visible()
    await text.dispatch_event("pointerup", TOUCH)
    await talk.get_by_role("menuitem", name="Reply").click()
    await expect(talk.locator(".answering")).to_contain_text("A card")
    await text.dispatch_event("pointerdown", TOUCH | {"clientX": 60, "clientY": 700})
    await text.dispatch_event("pointermove", TOUCH | {"clientX": 60, "clientY": 600})
    await talk.locator("body").click(position={"x": 200, "y": 30})
    await expect(talk.get_by_role("menu")).to_have_count(0)


# --- drafts


async def test_what_was_begun_is_kept_for_its_chat(talk: Page, forum: Room, bot: Bot) -> None:
    private = talk.locator(f"[data-chat='{await bot_id(bot)}']")
    await writing(talk).fill("half a thought")
    await talk.locator(f"[data-chat='{forum.id}']").click()
    await expect(writing(talk)).to_have_value("")
    await expect(private).to_contain_text("Draft: half a thought")
    await writing(talk).fill("for all of them")
    await private.click()
    await expect(writing(talk)).to_have_value("half a thought")
    await talk.reload()
    await expect(writing(talk)).to_have_value("half a thought")
    await expect(talk.locator(f"[data-chat='{forum.id}']")).to_contain_text("Draft: for all of them")
    # a key that is pressed before the line can be seen goes nowhere
    await writing(talk).click()
    await writing(talk).press("Enter")
    await expect(bubbles(talk).last).to_contain_text("half a thought")
    await talk.reload()
    await expect(writing(talk)).to_have_value("")


# --- inline mode


def results(count: int, first: int = 0) -> list[Json]:
    return [
        {
            "type": "article",
            "id": str(number),
            "title": f"Bird {number}",
            "description": "a song",
            "input_message_content": {"message_text": f"I chose bird {number}"},
        }
        for number in range(first, first + count)
    ]


async def test_inline_results_are_shown_and_chosen(group: Room, person: Person, bot: Bot) -> None:
    page = await person.open(group.id)
    await writing(page).click()
    await page.keyboard.type(f"@{BOT_USERNAME} birds", delay=20)
    while (query := await bot.next("inline_query", of=person.id))["query"] != "birds":
        assert "birds".startswith(query["query"]), "who types slowly asks for what stands there"
    assert query["chat_type"] == "supergroup"
    await bot.call(
        "answerInlineQuery", inline_query_id=query["id"], results=results(20), next_offset="20", cache_time=0
    )
    lines = page.get_by_role("listbox", name="Results").get_by_role("option")
    await expect(lines).to_have_count(20)

    await page.get_by_role("listbox", name="Results").evaluate("node => node.scrollTo(0, node.scrollHeight)")
    more = await bot.next("inline_query", of=person.id)
    assert more["offset"] == "20"
    await bot.call("answerInlineQuery", inline_query_id=more["id"], results=results(5, 20), cache_time=0)
    await expect(lines).to_have_count(25)

    await page.keyboard.press("ArrowDown")
    await expect(lines.nth(1)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await expect(bubbles(page).last).to_contain_text("I chose bird 1")
    await expect(bubbles(page).last).to_contain_text(f"via @{BOT_USERNAME}")
    await expect(writing(page)).to_have_value("")
    assert (await bot.next("chosen_inline_result", of=person.id))["result_id"] == "1"


async def test_a_key_may_begin_a_query_and_the_results_a_talk(talk: Page, person: Person, bot: Bot) -> None:
    keys = {"inline_keyboard": [[{"text": "Look for owls", "switch_inline_query_current_chat": "owls"}]]}
    await bot.call("sendMessage", chat_id=person.id, text="x", reply_markup=keys)
    await talk.get_by_role("button", name="Look for owls").click()
    await expect(writing(talk)).to_have_value(f"@{BOT_USERNAME} owls")
    query = await bot.next("inline_query", of=person.id)
    button = {"text": "Sign in first", "start_parameter": "from_inline"}
    await bot.call("answerInlineQuery", inline_query_id=query["id"], results=[], button=button, cache_time=0)
    await talk.get_by_role("button", name="Sign in first").click()
    assert (await bot.next("message", of=person.id))["text"] == "/start from_inline"


async def test_a_query_that_finds_nothing_says_so(talk: Page, person: Person, bot: Bot) -> None:
    await writing(talk).fill(f"@{BOT_USERNAME} nothing")
    query = await bot.next("inline_query", of=person.id)
    await bot.call("answerInlineQuery", inline_query_id=query["id"], results=[], cache_time=0)
    await expect(talk.get_by_role("listbox", name="Results")).to_have_text("Nothing found")
    await writing(talk).press("Escape")
    await expect(talk.get_by_role("listbox", name="Results")).to_be_hidden()


# --- media


async def three_sights(bot: Bot, person: Person, media: Path) -> None:
    photo, film = (media / "picture.png").read_bytes(), (media / "film.mp4").read_bytes()
    items = (
        '[{"type": "photo", "media": "attach://a", "caption": "The first"}, {"type": "photo", "media": "attach://b"},'
        '{"type": "video", "media": "attach://v"}]'
    )
    files = {"a": ("a.png", photo), "b": ("b.png", photo), "v": ("v.mp4", film, "video/mp4")}
    await bot.call("sendMediaGroup", chat_id=person.id, media=items, files=files)


async def test_the_viewer_goes_through_all_pictures_and_films(
    talk: Page, person: Person, bot: Bot, media: Path
) -> None:
    await three_sights(bot, person, media)
    await talk.get_by_role("button", name="Open: The first").click()
    viewer = talk.get_by_role("dialog", name="Viewer")
    await expect(viewer).to_contain_text("1 of 3")
    await expect(viewer).to_contain_text("The first")
    await expect(viewer.get_by_role("button", name="Previous")).to_be_hidden()
    await talk.keyboard.press("ArrowRight")
    await expect(viewer).to_contain_text("2 of 3")
    await viewer.get_by_role("button", name="Next").click()
    await expect(viewer).to_contain_text("3 of 3")
    await until(lambda: viewer.locator("video").evaluate("node => node.currentTime > 0.2"))
    await viewer.get_by_role("button", name="Previous").click()
    await expect(viewer.locator("img")).to_be_visible()
    async with talk.expect_download() as download:
        await viewer.get_by_role("link", name="Download").click()
    assert (await download.value).suggested_filename.endswith(".jpg")
    await talk.keyboard.press("Escape")
    await expect(viewer).to_have_count(0)


async def test_a_picture_can_be_made_larger(talk: Page, person: Person, bot: Bot, media: Path) -> None:
    await three_sights(bot, person, media)
    await talk.get_by_role("button", name="Open: The first").click()
    picture = talk.get_by_role("dialog", name="Viewer").locator("img")
    await until(lambda: picture.evaluate("node => node.complete && node.naturalWidth > 0"))
    whole = await picture.bounding_box()
    await talk.keyboard.press("+")
    await until(lambda: wider(picture, whole))
    await talk.keyboard.press("0")
    await until(lambda: picture.evaluate("node => node.style.transform === ''"))
    await picture.dblclick()
    await until(lambda: wider(picture, whole))
    await picture.hover()
    await talk.mouse.wheel(0, 2000)
    await talk.mouse.wheel(0, 2000)
    await talk.get_by_role("button", name="Smaller").click()
    await talk.mouse.down()
    await talk.mouse.move(300, 300)
    await talk.mouse.up()
    await expect(talk.get_by_role("dialog", name="Viewer")).to_contain_text("1 of 3")


async def wider(picture: Locator, than: Any) -> bool:
    box = await picture.bounding_box()
    return bool(box and box["width"] > than["width"] * 1.2)


async def test_a_swipe_turns_the_page(talk: Page, person: Person, bot: Bot, media: Path) -> None:
    await talk.set_viewport_size({"width": 390, "height": 844})
    await three_sights(bot, person, media)
    await talk.get_by_role("button", name="Open: The first").click()
    viewer = talk.get_by_role("dialog", name="Viewer")
    stage = viewer.locator(".viewer-stage")
    for ends, shown in ((60, "2 of 3"), (340, "1 of 3"), (180, "1 of 3")):
        await stage.dispatch_event("pointerdown", TOUCH | {"clientX": 200, "clientY": 400})
        await stage.dispatch_event("pointerup", TOUCH | {"clientX": ends, "clientY": 400})
        await expect(viewer).to_contain_text(shown)


async def test_a_film_goes_on_where_it_was_when_it_is_made_large(
    talk: Page, person: Person, bot: Bot, media: Path
) -> None:
    film = (media / "film.mp4").read_bytes()
    await bot.call("sendVideo", chat_id=person.id, files={"video": ("film.mp4", film, "video/mp4")})
    player = talk.locator("#messages video").last
    await player.evaluate(browsing.PLAY)
    await until(lambda: player.evaluate("node => node.currentTime > 1"))
    await talk.get_by_role("button", name="Look at it large").click()
    large = talk.get_by_role("dialog", name="Viewer").locator("video")
    await until(lambda: large.evaluate("node => node.currentTime > 1"))
    assert await player.evaluate("node => node.paused")


async def test_several_pictures_go_as_one_album(talk: Page, person: Person, bot: Bot, media: Path) -> None:
    pictures = [media / "picture.png"] * 2
    await talk.locator("input[type=file]").set_input_files(pictures)
    dialog = talk.get_by_role("dialog")
    await dialog.get_by_label("Caption").fill("two of them")
    await dialog.get_by_role("button", name="Send").click()
    messages = [await bot.next("message", of=person.id) for _ in range(2)]
    assert len({message["media_group_id"] for message in messages}) == 1
    assert messages[0]["caption"] == "two of them"
    await expect(bubbles(talk).last.locator("img")).to_have_count(2)

    await talk.locator("input[type=file]").set_input_files(pictures)
    await dialog.get_by_label("Send as an album").uncheck()
    await dialog.get_by_role("button", name="Send").click()
    messages = [await bot.next("message", of=person.id) for _ in range(2)]
    assert not any("media_group_id" in message for message in messages)


# --- on a telephone


async def test_nothing_sticks_out_on_a_telephone(forum: Room, person: Person, bot: Bot) -> None:
    for number in range(8):
        await forum.topic(f"A topic with a long name {number}")
    long = "a_very_long_word_" * 12
    said = await forum.say(BLAS, long)
    keys = {"inline_keyboard": [[{"text": f"A long label {n}", "callback_data": "x"} for n in range(6)]]}
    reply = {"message_id": said["message_id"]}
    card = await bot.call(
        "sendMessage", chat_id=forum.id, text="مرحبا " * 30, reply_markup=keys, reply_parameters=reply
    )
    page = await person.open(forum.id)
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(entry(page, card)).to_be_visible()

    async def fits() -> None:
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
        assert await page.locator("#messages").evaluate("node => node.scrollWidth <= node.clientWidth")

    await fits()
    menu = await menu_of(page, card)
    box = await menu.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 844
    await menu.get_by_role("menuitem", name="Forward").click()
    await fits()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Members").click()
    await expect(page.get_by_role("dialog").locator(".member").first).to_be_visible()
    await fits()


async def test_everything_in_a_group_has_a_name(forum: Room, person: Person) -> None:
    await forum.say(BLAS, "hello")
    page = await person.open(forum.id, person=ADA)
    await page.get_by_role("button", name="Members").click()
    await expect(page.get_by_role("dialog").locator(".member").first).to_be_visible()
    nameless = await page.evaluate(
        """() => [...document.querySelectorAll("button, a, input, textarea, select, [role=tab], [role=menuitem]")]
            .filter((node) => !node.closest("[hidden]"))
            .filter((node) => !(node.getAttribute("aria-label") || node.textContent.trim() || node.closest("label")))
            .map((node) => node.outerHTML)"""
    )
    assert nameless == []
