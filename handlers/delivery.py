"""Getting archived Items: nothing is uploaded again."""

from telegram import Update

from handlers.buttons import Get
from handlers.context import BotContext, Presses
from handlers.groups import place_of


async def deliver(update: Update, context: BotContext, item: str, *, previews: bool) -> int:
    """Copies an Item's posts, or its previews, into the chat of the update; how many of them are gone."""
    place = place_of(update)
    if place is None:
        return 0
    return await context.services.archive.deliver(
        item, place.chat_id, previews=previews, thread_id=place.thread_id, by=context.member
    )


async def on_get(press: Get, update: Update, context: BotContext) -> str:
    missing = await deliver(update, context, press.item, previews=False)
    return "delivered-in-part" if missing else "delivered"


PRESSES: Presses = {Get: on_get}
