"""Whole channels: /grab and the keys of its Card."""

from collections.abc import Awaitable, Callable

from telegram import Update

from handlers.buttons import PauseGrab, ResumeGrab, RetryGrab, StartGrab, StopGrab
from handlers.context import BotContext, Presses
from models.cards import CardKind
from models.grabs import Grab
from models.ids import derived_id

_GrabPress = StartGrab | PauseGrab | ResumeGrab | StopGrab | RetryGrab


async def on_grab(update: Update, context: BotContext) -> None:
    """`/grab @channel`, with what of it is wanted behind."""
    chat = update.effective_chat
    if not context.args or chat is None:
        await context.say(update, "grab-usage")
        return
    channel, *wish = context.args
    grab = await context.services.grabs.begin(
        channel,
        " ".join(wish),
        grab_id=derived_id("grab", context.bot.id, update.update_id),
        chat_id=chat.id,
        by=context.member,
    )
    await context.show(update, CardKind.GRAB, grab.id)


async def on_steer(press: _GrabPress, _update: Update, context: BotContext) -> None:
    grabs = context.services.grabs
    steer: dict[type[_GrabPress], Callable[..., Awaitable[Grab]]] = {
        StartGrab: grabs.start,
        PauseGrab: grabs.pause,
        ResumeGrab: grabs.resume,
        StopGrab: grabs.stop,
        RetryGrab: grabs.retry,
    }
    grab = await steer[type(press)](press.grab, by=context.member)
    context.services.pacing.changed(grab.id)


PRESSES: Presses = {
    StartGrab: on_steer,
    PauseGrab: on_steer,
    ResumeGrab: on_steer,
    StopGrab: on_steer,
    RetryGrab: on_steer,
}
