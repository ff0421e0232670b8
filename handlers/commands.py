"""/start with its deep links, and /help."""

from telegram import Update

from handlers import delivery
from handlers.context import BotContext


async def on_start(update: Update, context: BotContext) -> None:
    """A plain greeting, or what a button under a post asks for: `get_<item>`, `preview_<item>`."""
    verb, _, subject = (context.args[0] if context.args else "").partition("_")
    if verb in {"get", "preview"} and subject:
        await delivery.deliver(update, context, subject, previews=verb == "preview")
        return
    await context.say(update, "welcome", name=context.member.name)


async def on_help(update: Update, context: BotContext) -> None:
    await context.say(update, "help")
