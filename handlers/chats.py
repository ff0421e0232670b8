"""What becomes of our place in chats: groups that move, rights given and taken. Comes before admission: nobody asks here."""

from collections.abc import Mapping

from telegram import Chat, ChatMemberUpdated, Update
from telegram.constants import ChatMemberStatus
from telegram.ext import ApplicationHandlerStop

from handlers.context import BotContext
from models.access import Member, Role
from models.cards import Card, CardKind
from models.ids import derived_id
from services.chats import moves
from services.telegram.door import lack_of

_GONE = "channel-removed"


async def on_migrated(update: Update, _context: BotContext) -> None:
    """A group became a supergroup. Telegram says so in both, and either is enough."""
    message = update.message
    if message is not None and message.migrate_to_chat_id is not None:
        await moves.follow(message.chat.id, message.migrate_to_chat_id)
    elif message is not None and message.migrate_from_chat_id is not None:
        await moves.follow(message.migrate_from_chat_id, message.chat.id)
    raise ApplicationHandlerStop


async def on_standing(update: Update, context: BotContext) -> None:
    """Our own place in a chat has changed: where it matters, the owner is told, once."""
    change = update.my_chat_member
    if change is not None:
        if change.chat.id == context.services.archive.channel:
            await _tell_of_channel(update, context, change)
        elif change.chat.type == Chat.PRIVATE and change.new_chat_member.status == ChatMemberStatus.MEMBER:
            await context.services.pacing.let_in_again(change.chat.id)
        elif change.chat.type in {Chat.GROUP, Chat.SUPERGROUP} and lack_of(change.new_chat_member) == _GONE:
            await _tell_owner(update, context, "lost-group", {"chat": change.chat.title or ""})
    raise ApplicationHandlerStop


async def _tell_of_channel(update: Update, context: BotContext, change: ChatMemberUpdated) -> None:
    before, lack = lack_of(change.old_chat_member), lack_of(change.new_chat_member)
    title = change.chat.title or ""
    if lack is None and before is not None:
        await _tell_owner(update, context, "regained-in-channel", {"chat": title})
    elif lack is not None and lack != before:
        await _tell_owner(update, context, "lost-in-channel", {"chat": title}, why=lack)


async def _tell_owner(
    update: Update, context: BotContext, name: str, values: Mapping[str, str | int], *, why: str | None = None
) -> None:
    """A Card for the owner. Nobody claimed the bot yet: nobody is told."""
    owner = await Member.find_one({"role": Role.OWNER.value})
    if owner is None:
        return
    words = context.services.catalogue.words(owner.language)
    card = Card(
        id=derived_id("card", context.bot.id, update.update_id, CardKind.NOTICE, name),
        chat_id=int(owner.id),
        member_id=owner.id,
        language=owner.language,
        kind=CardKind.NOTICE,
        subject=name,
        key=name,
        values=dict(values) if why is None else {**values, "why": words.label(why)},
    )
    await context.services.pacing.show(card)
