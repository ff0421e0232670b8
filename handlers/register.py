"""Which handler takes which update."""

from telegram import BotCommand, Message, Update
from telegram.ext import (
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from handlers import (
    chats,
    collections,
    commands,
    duplicates,
    feeds,
    files,
    grabs,
    inline,
    intake,
    library,
    mydata,
    search,
    settings,
    setup,
    sources,
    transfers,
)
from handlers.admission import admit
from handlers.cards.help import may_use
from handlers.context import MagpieApplication
from handlers.errors import on_error
from handlers.groups import TORRENT
from handlers.presses import on_press
from models.access import Role
from services.words import Words

COMMANDS = {
    "start": commands.on_start,
    "help": commands.on_help,
    "search": search.on_search,
    "library": library.on_library,
    "tag": library.on_tag,
    "collections": collections.on_collections,
    "collect": collections.on_collect,
    "add": sources.on_add,
    "files": files.on_files,
    "grab": grabs.on_grab,
    "feed": feeds.on_feed,
    "feeds": feeds.on_feeds,
    "intake": intake.on_intake,
    "status": transfers.on_status,
    "settings": settings.on_settings,
    "mydata": mydata.on_mydata,
    "duplicates": duplicates.on_duplicates,
    "health": setup.on_health,
}
_PLACES, _ADMISSION, _MAIN = -2, -1, 0


class _OfAlbum(filters.MessageFilter):
    """A message that is part of an album: what is said to us with one of them is meant of all."""

    def filter(self, message: Message) -> bool:
        return message.media_group_id is not None


def register(application: MagpieApplication) -> None:
    """Adds every handler to the application."""
    application.add_handler(ChatMemberHandler(chats.on_standing), group=_PLACES)
    application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, chats.on_migrated), group=_PLACES)
    application.add_handler(MessageHandler(filters.UpdateType.CHANNEL_POSTS, intake.on_post), group=_PLACES)
    application.add_handler(TypeHandler(Update, admit), group=_ADMISSION)
    fresh = filters.UpdateType.MESSAGE
    for name, handler in COMMANDS.items():
        application.add_handler(CommandHandler(name, handler, filters=fresh), group=_MAIN)
    application.add_handler(CallbackQueryHandler(on_press), group=_MAIN)
    application.add_handler(InlineQueryHandler(inline.on_typed), group=_MAIN)
    private = fresh & filters.ChatType.PRIVATE
    narrowing = fresh & filters.Regex(f"^{search.PATTERN}") & (private | filters.REPLY)
    application.add_handler(MessageHandler(narrowing, feeds.on_pattern), group=_MAIN)
    # in groups people send each other documents that are none of our business
    torrents = filters.Document.FileExtension("torrent") | filters.Document.MimeType(TORRENT)
    documents = (fresh & torrents) | (private & filters.Document.ALL)
    application.add_handler(MessageHandler(documents, sources.on_text), group=_MAIN)
    application.add_handler(MessageHandler(private & filters.COMMAND, commands.on_unknown), group=_MAIN)
    application.add_handler(MessageHandler(private & ~filters.StatusUpdate.ALL, feeds.on_text), group=_MAIN)
    said = filters.TEXT | filters.CAPTION | _OfAlbum()
    group = fresh & filters.ChatType.GROUPS & ~filters.COMMAND & said
    application.add_handler(MessageHandler(group, feeds.on_text), group=_MAIN)
    application.add_error_handler(on_error)


def command_menu(role: Role, t: Words) -> list[BotCommand]:
    """The commands of a role as Telegram's menu shows them in one language."""
    return [BotCommand(name, t.label(f"command-{name}")) for name in COMMANDS if may_use(role, name)]
