"""/health, and what the owner is shown first: what is set up, what is missing, and a test of each."""

from telegram import Update

from handlers.buttons import CheckAll, CheckPart, TurnSetup
from handlers.context import BotContext, Presses
from handlers.groups import in_group
from models.access import Role
from models.cards import CardKind


async def on_health(update: Update, context: BotContext) -> None:
    """In the private chat only: how somebody runs their bot is nobody else's business."""
    await context.services.checkup.look(by=context.member)
    if in_group(update):
        await context.say(update, "health-in-private")
        return
    await context.show(update, CardKind.SETUP, context.member.id)


async def greet_owner(update: Update, context: BotContext) -> None:
    """Shows the owner once, without being asked, what is set up."""
    member = context.member
    if member.role is not Role.OWNER or member.shown_setup or in_group(update):
        return
    await context.show(update, CardKind.SETUP, member.id)
    context.admitted = await context.services.access.note_greeted(by=member)


async def on_turn(press: TurnSetup, update: Update, context: BotContext) -> None:
    await context.services.checkup.look(by=context.member)
    await _show(press.page, update, context)


async def on_test(press: CheckPart, update: Update, context: BotContext) -> None:
    await _test(press.part, press.page, update, context)


async def on_test_all(press: CheckAll, update: Update, context: BotContext) -> None:
    await _test(None, press.page, update, context)


async def _test(part: str | None, page: int, update: Update, context: BotContext) -> None:
    checkup = context.services.checkup
    await checkup.begin(part, by=context.member)
    await _show(page, update, context)
    await checkup.test(part, by=context.member)
    await _show(page, update, context)


async def _show(page: int, update: Update, context: BotContext) -> None:
    message = update.effective_message
    if message is not None:
        await context.services.pacing.view(message.chat.id, message.message_id, str(page))


PRESSES: Presses = {TurnSetup: on_turn, CheckPart: on_test, CheckAll: on_test_all}
