"""Choosing files: the keys of the picker, and the patterns that people type for it."""

from telegram import Message, Update

from handlers import sources
from handlers.buttons import (
    AskPattern,
    OpenFolder,
    StaleButton,
    TurnFiles,
    Unpack,
    Want,
    WantFolder,
    WantOnly,
)
from handlers.cards.files import PATTERN
from handlers.context import BotContext, Presses
from models.cards import Card, CardKind
from models.transfers import Transfer, TransferState
from services.downloads.amid_text import links_in
from services.transfers.choosing import Choosing, Which


async def on_want(press: Want, _update: Update, context: BotContext) -> None:
    wanted = bool(press.wanted)
    _shown(
        context, await _choosing(context).want(press.transfer, press.index, wanted=wanted, by=context.member)
    )


async def on_want_folder(press: WantFolder, _update: Update, context: BotContext) -> None:
    choosing, wanted = _choosing(context), bool(press.wanted)
    _shown(
        context, await choosing.want_folder(press.transfer, press.folder, wanted=wanted, by=context.member)
    )


async def on_want_only(press: WantOnly, _update: Update, context: BotContext) -> None:
    try:
        which = Which(press.which)
    except ValueError:
        raise StaleButton from None
    _shown(context, await _choosing(context).want_only(press.transfer, which, by=context.member))


async def on_unpack(press: Unpack, _update: Update, context: BotContext) -> None:
    wanted = bool(press.wanted)
    _shown(context, await _choosing(context).unpack(press.transfer, wanted=wanted, by=context.member))


async def on_open(press: OpenFolder, _update: Update, context: BotContext) -> None:
    _shown(context, await _choosing(context).open(press.transfer, press.folder, by=context.member))


async def on_turn(press: TurnFiles, _update: Update, context: BotContext) -> None:
    _shown(context, await _choosing(context).turn(press.transfer, press.page, by=context.member))


async def on_ask_pattern(press: AskPattern, update: Update, context: BotContext) -> None:
    """The Card itself asks for the pattern, so a restart does not forget that it did."""
    await context.services.transfers.find(press.transfer, by=context.member)
    message = update.effective_message
    if message is not None:
        await context.services.pacing.view(message.chat.id, message.message_id, PATTERN)


async def on_files(update: Update, context: BotContext) -> None:
    """/files: the picker anew, for the order whose Card is answered or for the newest one; with a pattern, chosen by it."""
    message = update.message
    if message is None:
        return
    choosing, pattern = _choosing(context), " ".join(context.args or ())
    transfer = await choosing.matched(update.update_id, by=context.member)
    if transfer is None:
        answered = await _answered(message, context)
        transfer = answered[1] if answered else await choosing.newest(message.chat.id, by=context.member)
        if pattern:
            transfer = await _match(transfer, pattern, update, context)
    await context.show(update, CardKind.TRANSFER, transfer.id)


async def on_text(update: Update, context: BotContext) -> None:
    """A pattern, when it answers a picker or one has asked for it; everything else may be Sources."""
    message = update.message
    pattern = (message.text or "").strip() if message is not None else ""
    if message is None or not _may_be_pattern(pattern) or not await _took(pattern, message, update, context):
        await sources.on_text(update, context)


async def _took(pattern: str, message: Message, update: Update, context: BotContext) -> bool:
    asking = await _answered(message, context) or await _asking(message, context)
    taken = await _choosing(context).matched(update.update_id, by=context.member)
    if asking is None:
        return taken is not None
    card, transfer = asking
    if taken is None:
        await _match(transfer, pattern, update, context)
    if card.message_id is not None:
        await context.services.pacing.view(card.chat_id, card.message_id, "")
    _shown(context, transfer)
    return True


async def _match(transfer: Transfer, pattern: str, update: Update, context: BotContext) -> Transfer:
    chosen = await _choosing(context).want_matching(
        transfer.id, pattern, update_id=update.update_id, by=context.member
    )
    _shown(context, chosen)
    return chosen


def _may_be_pattern(text: str) -> bool:
    """Links are never names of files, and a command is a command."""
    return bool(text) and "\n" not in text and not text.startswith("/") and not links_in(text)


async def _answered(message: Message, context: BotContext) -> tuple[Card, Transfer] | None:
    """The picker that a message answers."""
    answered = message.reply_to_message
    if answered is None:
        return None
    where = {"chat_id": message.chat.id, "message_id": answered.message_id}
    ours = {"bot_id": {"$in": [0, context.bot.id]}, "kind": CardKind.TRANSFER.value}
    return await _choosable(await Card.find_one({**where, **ours}), context)


async def _asking(message: Message, context: BotContext) -> tuple[Card, Transfer] | None:
    """The picker of this member's that asked last in this chat and still waits for a pattern; in groups it is answered."""
    if message.chat.type != message.chat.PRIVATE:
        return None
    theirs = {"chat_id": message.chat.id, "member_id": context.member.id, "view": PATTERN, "closed": False}
    cards = await Card.find(theirs).sort("-created_at").limit(1).to_list()
    return await _choosable(cards[0], context) if cards else None


async def _choosable(card: Card | None, context: BotContext) -> tuple[Card, Transfer] | None:
    """What others say about an order in a group is no pattern for it."""
    transfer = None if card is None else await Transfer.get(card.subject)
    if (
        card is None
        or transfer is None
        or transfer.contents is None
        or transfer.state is not TransferState.CHOOSING
    ):
        return None
    return (card, transfer) if transfer.member_id == context.member.id else None


def _choosing(context: BotContext) -> Choosing:
    return context.services.choosing


def _shown(context: BotContext, transfer: Transfer) -> None:
    context.services.pacing.changed(transfer.id)


PRESSES: Presses = {
    Want: on_want,
    WantFolder: on_want_folder,
    WantOnly: on_want_only,
    Unpack: on_unpack,
    OpenFolder: on_open,
    TurnFiles: on_turn,
    AskPattern: on_ask_pattern,
}
