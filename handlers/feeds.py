"""Feeds: /feed, /feeds, the keys of their Cards, and filters that people type."""

from telegram import Message, Update

from handlers import files, search
from handlers.buttons import (
    AskDeleteFeed,
    AskFeedFilter,
    AskFirst,
    BackToFeed,
    ClearFeedFilter,
    DeleteFeed,
    FetchEntry,
    FetchSeen,
    LookFeed,
    OpenFeed,
    PaceFeed,
    PauseFeed,
    ResumeFeed,
    SkipEntry,
)
from handlers.cards.feeds import DELETING, FILTERING
from handlers.context import BotContext, Presses
from handlers.groups import place_of
from models.cards import Card, CardKind
from models.clock import now
from models.ids import derived_id
from services.downloads.amid_text import links_in
from services.feeds.service import Feeds

_ASKED_MILLIS = 3_600_000
"""What somebody says later than this was not meant as an answer."""


async def on_feed(update: Update, context: BotContext) -> None:
    """`/feed https://…` or `/feed search words`, with what of it is wanted behind."""
    place, text = place_of(update), " ".join(context.args or ())
    if place is None or not text:
        await context.say(update, "feed-usage")
        return
    feed = await _feeds(context).begin(
        text,
        feed_id=derived_id("feed", context.bot.id, update.update_id),
        chat_id=place.chat_id,
        thread_id=place.thread_id,
        by=context.member,
    )
    await context.show(update, CardKind.FEED, feed.id)


async def on_feeds(update: Update, context: BotContext) -> None:
    await context.show(update, CardKind.FEEDS, context.member.id)


async def on_text(update: Update, context: BotContext) -> None:
    """A filter, when it answers a feed or one has asked for it; everything else may be for others."""
    if not await _took(update, context):
        await files.on_text(update, context)


async def on_pattern(update: Update, context: BotContext) -> None:
    """As a text, but it begins as a pattern does: else it is one for a search."""
    if not await _took(update, context):
        await search.on_pattern(update, context)


async def on_open(press: OpenFeed, update: Update, context: BotContext) -> None:
    feed = await _feeds(context).find(press.feed, by=context.member)
    await context.show(update, CardKind.FEED, feed.id)


async def on_pause(press: PauseFeed, update: Update, context: BotContext) -> None:
    await _feeds(context).pause(press.feed, by=context.member)
    await _turn(update, context)


async def on_resume(press: ResumeFeed, update: Update, context: BotContext) -> None:
    await _feeds(context).resume(press.feed, by=context.member)
    await _turn(update, context)


async def on_ask_first(press: AskFirst, update: Update, context: BotContext) -> None:
    await _feeds(context).ask_first(press.feed, wanted=bool(press.wanted), by=context.member)
    await _turn(update, context)


async def on_pace(press: PaceFeed, update: Update, context: BotContext) -> None:
    await _feeds(context).look_every(press.feed, press.minutes, by=context.member)
    await _turn(update, context)


async def on_look(press: LookFeed, update: Update, context: BotContext) -> str | None:
    begun = await _feeds(context).look_now(press.feed, by=context.member)
    await _turn(update, context)
    return None if begun else "feed-just-looked"


async def on_fetch_seen(press: FetchSeen, update: Update, context: BotContext) -> None:
    await _feeds(context).want_seen(press.feed, by=context.member)
    await _turn(update, context)


async def on_ask_filter(press: AskFeedFilter, update: Update, context: BotContext) -> None:
    """The Card itself asks, so a restart does not forget that it did."""
    await _feeds(context).find(press.feed, by=context.member)
    await _turn(update, context, FILTERING)


async def on_clear_filter(press: ClearFeedFilter, update: Update, context: BotContext) -> None:
    await _feeds(context).filter(press.feed, "", by=context.member)
    await _turn(update, context)


async def on_ask_delete(press: AskDeleteFeed, update: Update, context: BotContext) -> None:
    await _feeds(context).find(press.feed, by=context.member)
    await _turn(update, context, DELETING)


async def on_delete(press: DeleteFeed, update: Update, context: BotContext) -> None:
    await _feeds(context).delete(press.feed, by=context.member)
    await _turn(update, context)


async def on_back(press: BackToFeed, update: Update, context: BotContext) -> None:
    await _feeds(context).find(press.feed, by=context.member)
    await _turn(update, context)


async def on_fetch(press: FetchEntry, _update: Update, context: BotContext) -> None:
    await _feeds(context).approve(press.order, by=context.member)
    context.services.pacing.changed(press.order)


async def on_skip(press: SkipEntry, _update: Update, context: BotContext) -> None:
    await _feeds(context).skip(press.order, by=context.member)
    context.services.pacing.changed(press.order)


async def _took(update: Update, context: BotContext) -> bool:
    message = update.message
    wish = (message.text or "").strip() if message is not None else ""
    if message is None or not _may_be_filter(wish):
        return False
    asking = await _asking(message, context)
    if asking is None or asking.message_id is None:
        return await _feeds(context).filtered(update.update_id, by=context.member) is not None
    await _feeds(context).filter(asking.subject, wish, update_id=update.update_id, by=context.member)
    await context.services.pacing.view(asking.chat_id, asking.message_id, "")
    return True


def _may_be_filter(text: str) -> bool:
    return bool(text) and "\n" not in text and not text.startswith("/") and not links_in(text)


async def _asking(message: Message, context: BotContext) -> Card | None:
    """The feed's Card that a message answers; in a private chat else the one that asked last, a while ago at most."""
    ours = {"chat_id": message.chat.id, "member_id": context.member.id, "kind": CardKind.FEED.value}
    bots = {"$in": [0, context.bot.id]}
    if message.reply_to_message is not None:
        answered = {"message_id": message.reply_to_message.message_id, "bot_id": bots}
        return await Card.find_one({**ours, **answered})
    if message.chat.type != message.chat.PRIVATE:
        return None
    asked = {"view": FILTERING, "closed": False, "shown_at": {"$gt": now() - _ASKED_MILLIS}}
    cards = await Card.find({**ours, **asked}).sort("-shown_at").limit(1).to_list()
    return cards[0] if cards else None


async def _turn(update: Update, context: BotContext, view: str = "") -> None:
    """Shows how the feed stands now: its Card is closed while nothing is waited for."""
    message = update.effective_message
    if message is not None:
        await context.services.pacing.view(message.chat.id, message.message_id, view)


def _feeds(context: BotContext) -> Feeds:
    return context.services.feeds


PRESSES: Presses = {
    OpenFeed: on_open,
    PauseFeed: on_pause,
    ResumeFeed: on_resume,
    AskFirst: on_ask_first,
    PaceFeed: on_pace,
    LookFeed: on_look,
    FetchSeen: on_fetch_seen,
    AskFeedFilter: on_ask_filter,
    ClearFeedFilter: on_clear_filter,
    AskDeleteFeed: on_ask_delete,
    DeleteFeed: on_delete,
    BackToFeed: on_back,
    FetchEntry: on_fetch,
    SkipEntry: on_skip,
}
