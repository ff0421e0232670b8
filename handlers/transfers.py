"""Steering Transfers: the keys of their Cards, and /status."""

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
    Start,
    ToFront,
    TurnStatus,
)
from handlers.cards.transfer import ASKING, DETAILS
from handlers.context import BotContext, Presses
from handlers.groups import place_of
from models.cards import CardKind
from models.transfers import Transfer
from services.transfers.service import Transfers


async def on_status(update: Update, context: BotContext) -> None:
    await context.show(update, CardKind.STATUS, context.member.id)


async def on_turn(press: TurnStatus, update: Update, context: BotContext) -> None:
    message = update.effective_message
    if message is not None:
        await context.services.pacing.view(message.chat.id, message.message_id, str(press.page))


async def on_start(press: Start, update: Update, context: BotContext) -> str | None:
    place = place_of(update)
    thread = None if place is None else place.thread_id
    served = await context.services.instant.serve(press.transfer, thread_id=thread, by=context.member)
    if served is not None:
        _shown(context, served)
        return "delivered"
    _shown(context, await _transfers(context).start(press.transfer, by=context.member))
    return None


async def on_pause(press: Pause, _update: Update, context: BotContext) -> None:
    _shown(context, await _transfers(context).pause(press.transfer, by=context.member))


async def on_resume(press: Resume, _update: Update, context: BotContext) -> None:
    _shown(context, await _transfers(context).resume(press.transfer, by=context.member))


async def on_retry(press: Retry, _update: Update, context: BotContext) -> None:
    _shown(context, await _transfers(context).retry(press.transfer, by=context.member))


async def on_front(press: ToFront, _update: Update, context: BotContext) -> None:
    _shown(context, await _transfers(context).to_front(press.transfer, by=context.member))


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
    Start: on_start,
    Pause: on_pause,
    Resume: on_resume,
    Retry: on_retry,
    ToFront: on_front,
    Cancel: on_cancel,
    AskCancel: on_ask_cancel,
    Details: on_details,
    Back: on_back,
    ShowTransfer: on_show,
    TurnStatus: on_turn,
}
