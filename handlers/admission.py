"""Runs before every other handler: finds out who this is, and whether they may."""

from telegram import Update
from telegram.ext import ApplicationHandlerStop

from handlers.context import BotContext, person_of
from handlers.presses import answer
from models.access import Member
from services.access.rights import NotAdmitted
from services.access.service import ClaimRefused, Person


async def admit(update: Update, context: BotContext) -> None:
    """Sets the member of the context; strangers get one polite line and go no further."""
    person = person_of(update)
    if person is None:
        raise ApplicationHandlerStop
    if await _claims(update, context, person):
        raise ApplicationHandlerStop
    context.admitted = await _member(update, context, person)
    if context.admitted is None:
        raise ApplicationHandlerStop


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
    return True


async def _member(update: Update, context: BotContext, person: Person) -> Member | None:
    try:
        return await context.services.access.admit(person)
    except NotAdmitted:
        await _answer_stranger(update, context, person)
        return None


async def _answer_stranger(update: Update, context: BotContext, person: Person) -> None:
    """One line, in private chats only; as long as there is no owner it says how to become that."""
    if update.callback_query is not None:
        words = context.services.catalogue.words(person.language)
        await answer(update.callback_query, context, words.label("not-admitted"), alert=True)
        return
    message = update.message
    if message is None or message.chat.type != message.chat.PRIVATE:
        return
    has_owner = await context.services.access.claim_code() is None
    await context.say(update, "not-admitted" if has_owner else "claim-needed")
