"""/start with its deep links, and /help."""

from telegram import Update

from handlers import delivery, library, sources
from handlers.context import BotContext
from handlers.setup import greet_owner
from models.cards import CardKind


async def on_start(update: Update, context: BotContext) -> None:
    """A plain greeting, or what a button under a post asks for: `get_<item>`, `preview_<item>`, `item_<item>`, `add_<key>`."""
    verb, _, subject = (context.args[0] if context.args else "").partition("_")
    if verb in {"get", "preview"} and subject:
        await delivery.deliver(update, context, subject, previews=verb == "preview")
        return
    if verb == "item" and subject:
        await library.look_at(update, context, subject)
        return
    if verb == "add" and subject:
        await sources.on_key(update, context, subject)
        return
    await context.say(update, "welcome", name=context.member.name)
    await greet_owner(update, context)


async def on_help(update: Update, context: BotContext) -> None:
    await context.show(update, CardKind.HELP, context.member.id)


async def on_unknown(update: Update, context: BotContext) -> None:
    """A command that nobody here knows."""
    message = update.message
    words = (message.text or message.caption or "").split() if message is not None else []
    await context.say(update, "unknown-command", command=words[0][:40] if words else "/")
