"""Every press of a button: decoded, carried out, answered at once."""

from telegram import CallbackQuery, Update

from handlers import delivery, search, transfers
from handlers.buttons import unpack
from handlers.context import BotContext, Presses
from services.failpoints import failpoint
from services.tasks import with_word
from services.telegram.door import MessageGone, TelegramRefused

_PATIENCE_SECONDS = 1.0
"""What takes longer is answered before it is done."""

PRESSES: Presses = {**search.PRESSES, **transfers.PRESSES, **delivery.PRESSES}


async def on_press(update: Update, context: BotContext) -> None:
    """Carries a press out; what its handler returns is the key of a toast."""
    query = update.callback_query
    if query is None:
        return
    press = unpack(query.data or "")
    work = PRESSES[type(press)](press, update, context)
    toast = await with_word(work, _PATIENCE_SECONDS, lambda: answer(query, context, ""))
    await answer(query, context, "" if toast is None else context.t.label(toast))
    await _remove_orphan(query, context)


async def answer(query: CallbackQuery, context: BotContext, text: str, *, alert: bool = False) -> None:
    """Ends the button's waiting, once. A press that is too old for an answer was carried out all the same."""
    if context.answered:
        return
    with failpoint("cards.answer"):
        await context.services.door.answer(query.id, text, alert=alert)
    context.answered = True


async def _remove_orphan(query: CallbackQuery, context: BotContext) -> None:
    """A message of ours that is nobody's Card was left by a crash between sending and saving: its twin lives on."""
    message = query.message
    if message is None or await context.services.pacing.is_ours(message.chat.id, message.message_id):
        return
    try:
        with failpoint("cards.sweep"):
            await context.services.door.delete(message.chat.id, message.message_id)
    except (MessageGone, TelegramRefused):
        return
