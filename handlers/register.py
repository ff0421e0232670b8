"""Which handler takes which update."""

from telegram import BotCommand, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, TypeHandler, filters

from handlers import commands, search, sources, transfers
from handlers.admission import admit
from handlers.context import MagpieApplication
from handlers.errors import on_error
from handlers.presses import on_press
from services.words import Words

COMMANDS = {
    "start": commands.on_start,
    "help": commands.on_help,
    "search": search.on_search,
    "add": sources.on_add,
    "status": transfers.on_status,
}
_ADMISSION, _MAIN = -1, 0


def register(application: MagpieApplication) -> None:
    """Adds every handler to the application."""
    application.add_handler(TypeHandler(Update, admit), group=_ADMISSION)
    fresh = filters.UpdateType.MESSAGE
    for name, handler in COMMANDS.items():
        application.add_handler(CommandHandler(name, handler, filters=fresh), group=_MAIN)
    application.add_handler(CallbackQueryHandler(on_press), group=_MAIN)
    private = fresh & filters.ChatType.PRIVATE
    # in groups people send each other documents that are none of our business
    documents = (fresh & filters.Document.FileExtension("torrent")) | (private & filters.Document.ALL)
    application.add_handler(MessageHandler(documents, sources.on_document), group=_MAIN)
    application.add_handler(MessageHandler(private & ~filters.StatusUpdate.ALL, sources.on_text), group=_MAIN)
    application.add_error_handler(on_error)


def command_menu(t: Words) -> list[BotCommand]:
    """The commands as Telegram's menu shows them in one language."""
    return [BotCommand(name, t.label(f"command-{name}")) for name in COMMANDS]
