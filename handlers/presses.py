"""Every press of a button: decoded, carried out, answered at once."""

import structlog
from telegram import CallbackQuery, Update

from handlers import (
    collections,
    delivery,
    duplicates,
    feeds,
    files,
    grabs,
    intake,
    library,
    mydata,
    search,
    settings,
    setup,
    transfers,
)
from handlers.buttons import unpack
from handlers.context import BotContext, Presses
from handlers.groups import in_group
from models.access import Right
from services.access.rights import NotAllowed
from services.failpoints import failpoint
from services.tasks import with_word
from services.telegram.port import MessageGone, TelegramAway, TelegramRefused

_PATIENCE_SECONDS = 1.0
"""What takes longer is answered before it is done."""
_log = structlog.get_logger(__name__)

PRESSES: Presses = {
    **search.PRESSES,
    **transfers.PRESSES,
    **files.PRESSES,
    **delivery.PRESSES,
    **settings.PRESSES,
    **setup.PRESSES,
    **grabs.PRESSES,
    **feeds.PRESSES,
    **intake.PRESSES,
    **library.PRESSES,
    **mydata.PRESSES,
    **collections.PRESSES,
    **duplicates.PRESSES,
}


async def on_press(update: Update, context: BotContext) -> None:
    """Carries a press out; what its handler returns is the key of a toast."""
    query = update.callback_query
    if query is None:
        return
    await _check_owner(query, update, context)
    press = unpack(query.data or "")
    await _remove_orphan(query, context)
    work = PRESSES[type(press)](press, update, context)
    toast = await with_word(work, _PATIENCE_SECONDS, lambda: answer(query, context, ""))
    await answer(query, context, "" if toast is None else context.t.label(toast))


async def _check_owner(query: CallbackQuery, update: Update, context: BotContext) -> None:
    """In a group everybody sees the keys of a Card; they are for whom it answers, and who oversees all. Raises NotAllowed."""
    message = query.message
    if message is None or not in_group(update) or context.member.may(Right.OVERSEE):
        return
    owner = await context.services.pacing.owner_of(message.chat.id, message.message_id)
    if owner not in {None, context.member.id}:
        raise NotAllowed


async def answer(query: CallbackQuery, context: BotContext, text: str, *, alert: bool = False) -> bool:
    """Ends the button's waiting, once; whether it has its answer. A press that is too old for an answer was carried out all the same.

    An answer that is lost costs little; to carry the press out again for its sake may cost a second copy of a film.
    """
    if context.answered:
        return True
    try:
        with failpoint("cards.answer"):
            await context.services.door.answer(query.id, text, alert=alert)
    except TelegramAway as away:
        _log.warning("answer-lost", seconds=away.seconds, flood=away.flood)
        return False
    context.answered = True
    return True


async def _remove_orphan(query: CallbackQuery, context: BotContext) -> None:
    """A message of ours that is nobody's Card was left by a crash between sending and saving: its twin lives on.

    Comes before the work: when Telegram is away, the whole press is asked for again.
    """
    message = query.message
    if message is None or await context.services.pacing.is_ours(message.chat.id, message.message_id):
        return
    try:
        with failpoint("cards.sweep"):
            await context.services.door.delete(message.chat.id, message.message_id)
    except (MessageGone, TelegramRefused):
        return
