"""Runs before every other handler: finds out who this is, and whether they may."""

from telegram import Update
from telegram.ext import ApplicationHandlerStop

from handlers import inline
from handlers.albums import album_of
from handlers.context import BotContext, person_of
from handlers.groups import in_group, is_for_us
from handlers.presses import answer
from handlers.setup import greet_owner
from models.access import Member
from services.access.rights import NotAdmitted
from services.access.service import ClaimRefused, Person


async def admit(update: Update, context: BotContext) -> None:
    """Sets the member and the album of the context; strangers get one polite line a day and go no further.

    What people say to each other in a group goes no further, either: it makes nobody a guest of an open bot.
    """
    person = person_of(update)
    context.album = await album_of(update)
    if person is None or _is_chatter(update, context) or _was_offered(update, context):
        raise ApplicationHandlerStop
    if await _claims(update, context, person):
        raise ApplicationHandlerStop
    context.admitted = await _member(update, context, person)
    if context.admitted is None:
        raise ApplicationHandlerStop
    if not in_group(update):
        await context.services.menu.follow(context.admitted)


def _is_chatter(update: Update, context: BotContext) -> bool:
    return update.message is not None and in_group(update) and not is_for_us(update.message, context.album)


def _was_offered(update: Update, context: BotContext) -> bool:
    """Whether it is what somebody chose of ours while they typed: in the library already, and no order."""
    via = update.message.via_bot if update.message is not None else None
    return via is not None and via.id == context.bot.id


async def _claims(update: Update, context: BotContext, person: Person) -> bool:
    """Whether this was the claim code, which makes its sender the owner: a stranger, or a guest of an open bot."""
    message = update.message
    if message is None or message.chat.type != message.chat.PRIVATE:
        return False
    try:
        context.admitted = await context.services.access.claim(message.text or "", person)
    except ClaimRefused:
        return False
    await context.say(update, "claimed", name=person.name)
    await context.services.menu.follow(context.admitted)
    await greet_owner(update, context)
    return True


async def _member(update: Update, context: BotContext, person: Person) -> Member | None:
    try:
        return await context.services.access.admit(person)
    except NotAdmitted:
        await _answer_stranger(update, context, person)
        return None


async def _answer_stranger(update: Update, context: BotContext, person: Person) -> None:
    """One line a day, in private chats only; as long as there is no owner it says how to become that."""
    if update.callback_query is not None:
        words = context.services.catalogue.words(person.language)
        await answer(update.callback_query, context, words.label("not-admitted"), alert=True)
        return
    if update.inline_query is not None:
        words = context.services.catalogue.words(person.language)
        await inline.offer_nothing(update.inline_query, context, words.label("not-admitted"))
        return
    message = update.message
    if message is None or message.chat.type != message.chat.PRIVATE:
        return
    if await context.services.access.claim_code() is None:
        await context.say_daily(update, "not-admitted")
    else:
        await context.say(update, "claim-needed")
