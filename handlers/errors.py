"""The one handler that speaks when something went wrong."""

import secrets

import structlog
from pymongo.errors import PyMongoError
from telegram import Update

from handlers.cards.code import code_line
from handlers.context import BotContext
from handlers.presses import answer
from services.access.rights import NotAllowed
from services.errors import Fault, MagpieError
from services.telegram.port import TelegramAway, TelegramRefused
from services.words import Words

_MOST_OF_TOAST = 200
"""Characters that Telegram shows of one."""
_log = structlog.get_logger(__name__)


async def on_error(update: object, context: BotContext) -> None:
    """Words for people, the trace for the log; what is merely away is tried again by the inbox."""
    error = context.error
    if not isinstance(update, Update) or error is None:
        _log.error("error-outside-an-update", exc_info=error)
        return
    if isinstance(error, PyMongoError | TelegramAway):
        _log.warning("update-waits", update=update.update_id, error=str(error))
        context.services.again.ask(update.update_id)
        return
    try:
        await _speak(update, context, _known(error, update))
    except (PyMongoError, TelegramAway):
        context.services.again.ask(update.update_id)


def _known(error: Exception, update: Update) -> MagpieError:
    """What is told of an error. One that was nobody's mistake has a code, under which its trace is in the log."""
    code = secrets.token_hex(3)
    if isinstance(error, TelegramRefused):
        # its reason is for whoever reads the log: no words of ours, and in no language of the reader's
        _log.warning(
            "telegram-refuses", update=update.update_id, code=code, reason=error.reason, exc_info=error
        )
        return MagpieError("refused-by-telegram", code=code)
    if isinstance(error, Fault):
        _log.warning("fault", update=update.update_id, code=code, error=error.key, exc_info=error)
        return MagpieError(error.key, **{**error.values, "code": code})
    if isinstance(error, MagpieError):
        _log.info("told", update=update.update_id, error=error.key)
        # a command has no button that could be somebody else's
        refused = isinstance(error, NotAllowed) and update.callback_query is None
        return MagpieError("not-allowed-here") if refused else error
    _log.error("unexpected", update=update.update_id, code=code, exc_info=error)
    return MagpieError("unexpected-here", code=code)


async def _speak(update: Update, context: BotContext, error: MagpieError) -> None:
    if update.callback_query is not None and not context.answered:
        words = context.services.catalogue.words(_language(update, context))
        if await answer(update.callback_query, context, _toast(error, words), alert=True):
            return
    if update.effective_chat is not None and update.effective_user is not None:
        await context.say(update, error.key, **error.values)


def _toast(error: MagpieError, t: Words) -> str:
    """Cut where it is too long, but for the code."""
    text = t.label(error.key, **error.values)
    code = "".join(f"\n{line}" for line in code_line(error.values, t, text[:_MOST_OF_TOAST]))
    return text[: _MOST_OF_TOAST - len(code)] + code


def _language(update: Update, context: BotContext) -> str:
    if context.admitted is not None:
        return context.admitted.language
    user = update.effective_user
    return (user.language_code if user is not None else None) or "en"
