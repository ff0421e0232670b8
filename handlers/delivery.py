"""Getting archived Items: nothing is uploaded again."""

from telegram import Update

from handlers.buttons import Get
from handlers.context import BotContext, Presses


async def deliver(update: Update, context: BotContext, item: str, *, previews: bool) -> None:
    """Copies an Item's posts, or its previews, into the chat of the update."""
    if update.effective_chat is None:
        return
    await context.services.archive.deliver(
        item, update.effective_chat.id, previews=previews, by=context.member
    )


async def on_get(press: Get, update: Update, context: BotContext) -> str:
    await deliver(update, context, press.item, previews=False)
    return "delivered"


PRESSES: Presses = {Get: on_get}
