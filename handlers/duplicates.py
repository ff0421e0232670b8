"""Several encodings of one work: /duplicates and the keys of its Card."""

from collections.abc import Awaitable

from telegram import Update

from handlers.buttons import (
    AskMergeEncodings,
    AskSeparateEncodings,
    KeepEncoding,
    ListEncodings,
    MergeEncodings,
    PartEncodings,
    RejoinEncodings,
    SeparateEncodings,
    ShowEncodings,
)
from handlers.cards.duplicates import asking_to_merge, asking_to_separate, listing, looking
from handlers.context import BotContext, Presses
from handlers.groups import in_group
from models.cards import CardKind
from services.library.duplicates import Duplicates, EncodingsChanged
from services.library.encodings import SHOWN


async def on_duplicates(update: Update, context: BotContext) -> None:
    """In the private chat only: an admin sees there what others of a group may not."""
    await _duplicates(context).listed(0, decided=False, by=context.member)
    if in_group(update):
        await context.say(update, "duplicates-in-private")
        return
    await context.show(update, CardKind.DUPLICATES, SHOWN)


async def on_list(press: ListEncodings, update: Update, context: BotContext) -> None:
    decided = bool(press.decided)
    await _duplicates(context).listed(press.page, decided=decided, by=context.member)
    await _turn(update, context, listing(press.page, decided=decided))


async def on_show(press: ShowEncodings, update: Update, context: BotContext) -> None:
    await _duplicates(context).look(press.encodings, by=context.member)
    await _turn(update, context, looking(press.encodings))


async def on_keep(press: KeepEncoding, update: Update, context: BotContext) -> None:
    await _duplicates(context).look(press.encodings, press.item, by=context.member)
    await _turn(update, context, looking(press.encodings, press.item))


async def on_ask_merge(press: AskMergeEncodings, update: Update, context: BotContext) -> None:
    await _duplicates(context).look(press.encodings, press.item, by=context.member)
    await _turn(update, context, asking_to_merge(press.encodings, press.item))


async def on_merge(press: MergeEncodings, update: Update, context: BotContext) -> None:
    work = _duplicates(context).merge(press.encodings, press.item, press.seen, by=context.member)
    await _decide(work, press.encodings, update, context)


async def on_part(press: PartEncodings, update: Update, context: BotContext) -> None:
    work = _duplicates(context).part(press.encodings, press.seen, by=context.member)
    await _decide(work, press.encodings, update, context)


async def on_rejoin(press: RejoinEncodings, update: Update, context: BotContext) -> None:
    work = _duplicates(context).rejoin(press.encodings, by=context.member)
    await _decide(work, press.encodings, update, context)


async def on_ask_separate(press: AskSeparateEncodings, update: Update, context: BotContext) -> None:
    await _duplicates(context).look(press.encodings, by=context.member)
    await _turn(update, context, asking_to_separate(press.encodings))


async def on_separate(press: SeparateEncodings, update: Update, context: BotContext) -> None:
    work = _duplicates(context).separate(press.encodings, press.seen, by=context.member)
    await _decide(work, press.encodings, update, context)


async def _decide(work: Awaitable[None], group: str, update: Update, context: BotContext) -> None:
    """Decides, and shows how things stand: behind it, so that the Card is open while it is carried out."""
    try:
        await work
    except EncodingsChanged:
        await _turn(update, context, looking(group))
        raise
    await _turn(update, context, looking(group))


async def _turn(update: Update, context: BotContext, view: str) -> None:
    message = update.effective_message
    if message is not None:
        await context.services.pacing.view(message.chat.id, message.message_id, view)


def _duplicates(context: BotContext) -> Duplicates:
    return context.services.duplicates


PRESSES: Presses = {
    ListEncodings: on_list,
    ShowEncodings: on_show,
    KeepEncoding: on_keep,
    AskMergeEncodings: on_ask_merge,
    MergeEncodings: on_merge,
    PartEncodings: on_part,
    RejoinEncodings: on_rejoin,
    AskSeparateEncodings: on_ask_separate,
    SeparateEncodings: on_separate,
}
