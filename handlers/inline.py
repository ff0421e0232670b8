"""The library from any chat: `@bot jazz`. What is chosen there is the member's own message."""

import re

from telegram import InlineQuery, Update

from handlers.cards.library import facts_of, title_of
from handlers.cards.look import shortened
from handlers.context import BotContext
from models.library import Item
from models.media import Kind
from services.library.query import QueryWrong
from services.library.shown import Typed
from services.telegram.inline import Offer

_KEPT_SECONDS = 30
"""Telegram answers the same again for so long by itself: what is archived meanwhile comes a little later."""
_MOST_HINT = 60
_OFFSET = re.compile("[0-9]{1,6}")
"""As we tell it; programs send whatever they like."""


async def on_typed(update: Update, context: BotContext) -> None:
    """Each letter that is typed may ask anew."""
    query = update.inline_query
    if query is None:
        return
    offset = int(query.offset) if _OFFSET.fullmatch(query.offset) else 0
    try:
        typed = await context.services.library.typed(query.query, offset, by=context.member)
    except QueryWrong as wrong:
        # a filter may only be half typed
        await offer_nothing(query, context, context.t.label(wrong.key, **wrong.values))
        return
    hint = "" if typed.items or offset else context.t.label("inline-nothing")
    await context.services.door.offer(
        query.id,
        [_offer(item, typed, context) for item in typed.items],
        following="" if typed.following is None else str(typed.following),
        hint=hint,
        seconds=_KEPT_SECONDS,
    )


async def offer_nothing(query: InlineQuery, context: BotContext, why: str) -> None:
    """Says in one line why there is nothing to choose."""
    await context.services.door.offer(query.id, (), hint=shortened(why, _MOST_HINT), seconds=0)


def _offer(item: Item, typed: Typed, context: BotContext) -> Offer:
    t, copy = context.t, typed.main.get(item.id)
    return Offer(
        id=item.id,
        title=title_of(item),
        description=" · ".join(facts_of(item, t)),
        text=t("library-title", title=title_of(item)),
        button=t.label("button-get"),
        url=f"https://t.me/{context.services.door.username}?start=item_{item.id}",
        kind=Kind.DOCUMENT if item.main is None else item.main.kind,
        file_id=None if copy is None or copy.whole is not None else copy.file_ids.get(str(context.bot.id)),
    )
