"""/settings: a member's own choices, on one Card."""

from telegram import Update

from handlers.buttons import (
    BeHeard,
    BeSilent,
    BringPreviews,
    ChooseLanguage,
    ChooseZone,
    SendResults,
    StaleButton,
    TurnSettings,
)
from handlers.cards.settings import AS_TELEGRAM, MAIN, WEST
from handlers.context import BotContext, Presses, person_of
from models.access import Member, ResultsTo
from models.cards import CardKind
from services.access.preferences import Preferences


async def on_settings(update: Update, context: BotContext) -> None:
    await context.show(update, CardKind.SETTINGS, context.member.id)


async def on_turn(press: TurnSettings, update: Update, context: BotContext) -> None:
    await _show(await _own(context).own(press.member, by=context.member), update, context, press.side)


async def on_language(press: ChooseLanguage, update: Update, context: BotContext) -> None:
    person = person_of(update)
    if press.language == AS_TELEGRAM and person is not None:
        member = await _own(context).speak_as_telegram(press.member, person.language, by=context.member)
    else:
        member = await _own(context).speak(press.member, press.language, by=context.member)
    await context.services.pacing.speak(member.id, member.language)
    await context.services.menu.follow(member)
    await _show(member, update, context)


async def on_results(press: SendResults, update: Update, context: BotContext) -> None:
    try:
        to = ResultsTo(press.to)
    except ValueError:
        raise StaleButton from None
    await _show(await _own(context).send_results(press.member, to, by=context.member), update, context)


async def on_previews(press: BringPreviews, update: Update, context: BotContext) -> None:
    member = await _own(context).bring_previews(press.member, wanted=bool(press.wanted), by=context.member)
    await _show(member, update, context)


async def on_silent(press: BeSilent, update: Update, context: BotContext) -> None:
    member = await _own(context).be_silent(press.member, press.start, press.end, by=context.member)
    await _show(member, update, context)


async def on_heard(press: BeHeard, update: Update, context: BotContext) -> None:
    await _show(await _own(context).be_heard(press.member, by=context.member), update, context)


async def on_zone(press: ChooseZone, update: Update, context: BotContext) -> None:
    member = await _own(context).live_at(press.member, press.east - WEST, by=context.member)
    await _show(member, update, context)


async def _show(member: Member, update: Update, context: BotContext, side: str = MAIN) -> None:
    """Turns the Card to a side of it; other open ones of this member follow what changed."""
    context.admitted = member
    message = update.effective_message
    if message is not None:
        await context.services.pacing.view(message.chat.id, message.message_id, side)
    context.services.pacing.changed(member.id)


def _own(context: BotContext) -> Preferences:
    return context.services.preferences


PRESSES: Presses = {
    TurnSettings: on_turn,
    ChooseLanguage: on_language,
    SendResults: on_results,
    BringPreviews: on_previews,
    BeSilent: on_silent,
    BeHeard: on_heard,
    ChooseZone: on_zone,
}
