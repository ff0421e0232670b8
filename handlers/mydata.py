"""/mydata: what is kept of a member. In their own chat only: it concerns nobody else."""

from telegram import Update

from handlers.buttons import DeleteData, StaleButton, TakeData, TurnData
from handlers.cards.mydata import ASK, MAIN
from handlers.context import BotContext, Presses
from handlers.groups import in_group
from models.access import LanguageBy, Role
from models.cards import CardKind
from models.clock import now
from services.access.rights import NotAllowed
from services.errors import MagpieError
from services.failpoints import failpoint
from services.telegram.port import MessageGone, TelegramRefused, UploadTooLarge

_FILE = "magpie-mydata.json"


class TooMuch(MagpieError):
    """Telegram takes no file as large as that from a bot."""

    def __init__(self) -> None:
        super().__init__("mydata-too-much")


async def on_mydata(update: Update, context: BotContext) -> None:
    if in_group(update):
        await context.say(update, "mydata-private")
        return
    await context.show(update, CardKind.MYDATA, context.member.id)


async def on_turn(press: TurnData, update: Update, context: BotContext) -> None:
    await context.services.own_data.own(press.member, by=context.member)
    if press.side not in {MAIN, ASK}:
        raise StaleButton
    message = update.effective_message
    if message is not None:
        await context.services.pacing.view(message.chat.id, message.message_id, press.side)


async def on_take(press: TakeData, update: Update, context: BotContext) -> str:
    chat_id = _own_chat(update, context)
    with await context.services.own_data.all_of(press.member, by=context.member) as file:
        silent = context.member.is_silent_in(chat_id, now())
        try:
            with failpoint("mydata.send"):
                await context.services.door.send_document(
                    chat_id, _FILE, file, context.t("mydata-file"), silent=silent
                )
        except UploadTooLarge as error:
            raise TooMuch from error
    return "mydata-sent"


async def on_delete(press: DeleteData, update: Update, context: BotContext) -> None:
    _own_chat(update, context)

    async def tell() -> None:
        await _tell(update, context)

    await context.services.own_data.delete(press.member, tell, by=context.member)


async def _tell(update: Update, context: BotContext) -> None:
    """By the message itself, as no Card may be kept; whether they read it or not, the rest goes, too."""
    # commands that Telegram shows to them alone
    usual = {"role": Role.GUEST, "language_by": LanguageBy.TELEGRAM}
    await context.services.menu.follow(context.member.model_copy(update=usual))
    door, message, text = context.services.door, update.effective_message, context.t("mydata-deleted")
    if message is None:
        return
    try:
        try:
            with failpoint("mydata.told"):
                await door.edit_text(message.chat.id, message.message_id, text)
        except MessageGone:
            await door.send_text(message.chat.id, text)
    except TelegramRefused:
        return


def _own_chat(update: Update, context: BotContext) -> int:
    """Raises NotAllowed anywhere else."""
    chat = update.effective_chat
    if chat is None or str(chat.id) != context.member.id:
        raise NotAllowed
    return chat.id


PRESSES: Presses = {TurnData: on_turn, TakeData: on_take, DeleteData: on_delete}
