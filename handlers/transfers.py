"""Steering one's own Transfers: the keys of their Cards, and /status."""

from telegram import Update

from handlers.buttons import (
    AskCancel,
    Back,
    Cancel,
    Details,
    Pause,
    Resume,
    Retry,
    ShowTransfer,
    StaleButton,
    Start,
    TurnFiles,
    Want,
    WantOnly,
)
from handlers.cards.transfer import ASKING, DETAILS
from handlers.context import BotContext, Presses
from models.cards import CardKind
from models.transfers import Transfer
from services.transfers.service import Transfers, Which


async def on_status(update: Update, context: BotContext) -> None:
    await context.show(update, CardKind.STATUS, context.member.id)


async def on_want(press: Want, _update: Update, context: BotContext) -> None:
    wanted = bool(press.wanted)
    _shown(
        context, await _transfers(context).want(press.transfer, press.index, wanted=wanted, by=context.member)
    )


async def on_want_only(press: WantOnly, _update: Update, context: BotContext) -> None:
    try:
        which = Which(press.which)
    except ValueError:
        raise StaleButton from None
    _shown(context, await _transfers(context).want_only(press.transfer, which, by=context.member))


async def on_turn(press: TurnFiles, _update: Update, context: BotContext) -> None:
    _shown(context, await _transfers(context).turn(press.transfer, press.page, by=context.member))


async def on_start(press: Start, _update: Update, context: BotContext) -> None:
    _shown(context, await _transfers(context).start(press.transfer, by=context.member))


async def on_pause(press: Pause, _update: Update, context: BotContext) -> None:
    _shown(context, await _transfers(context).pause(press.transfer, by=context.member))


async def on_resume(press: Resume, _update: Update, context: BotContext) -> None:
    _shown(context, await _transfers(context).resume(press.transfer, by=context.member))


async def on_retry(press: Retry, _update: Update, context: BotContext) -> None:
    _shown(context, await _transfers(context).retry(press.transfer, by=context.member))


async def on_cancel(press: Cancel, _update: Update, context: BotContext) -> None:
    _shown(context, await _transfers(context).cancel(press.transfer, by=context.member))


async def on_ask_cancel(press: AskCancel, update: Update, context: BotContext) -> None:
    await _turn_card(press.transfer, update, context, ASKING)


async def on_details(press: Details, update: Update, context: BotContext) -> None:
    await _turn_card(press.transfer, update, context, DETAILS)


async def on_back(press: Back, update: Update, context: BotContext) -> None:
    await _turn_card(press.transfer, update, context, "")


async def on_show(press: ShowTransfer, update: Update, context: BotContext) -> None:
    transfer = await _transfers(context).find(press.transfer, by=context.member)
    await context.show(update, CardKind.TRANSFER, transfer.id)


async def _turn_card(transfer_id: str, update: Update, context: BotContext, view: str) -> None:
    await _transfers(context).find(transfer_id, by=context.member)
    message = update.effective_message
    if message is not None:
        await context.services.pacing.view(message.chat.id, message.message_id, view)


def _transfers(context: BotContext) -> Transfers:
    return context.services.transfers


def _shown(context: BotContext, transfer: Transfer) -> None:
    context.services.pacing.changed(transfer.id)


PRESSES: Presses = {
    Want: on_want,
    WantOnly: on_want_only,
    TurnFiles: on_turn,
    Start: on_start,
    Pause: on_pause,
    Resume: on_resume,
    Retry: on_retry,
    Cancel: on_cancel,
    AskCancel: on_ask_cancel,
    Details: on_details,
    Back: on_back,
    ShowTransfer: on_show,
}
