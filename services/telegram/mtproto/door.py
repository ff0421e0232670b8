"""The second door to Telegram: posts what is too large for the first, and reads what stands in channels."""

from typing import Any

from pyrogram.raw import types
from pyrogram.raw.functions import messages

from services.failpoints import failpoint
from services.telegram.budget import Budget
from services.telegram.mtproto import ledger
from services.telegram.mtproto.account import Account
from services.telegram.mtproto.posting import POST_SECONDS, in_turn, media_of, pictures_of, posted, size_in
from services.telegram.mtproto.reading import Reader
from services.telegram.mtproto.refusals import AWAY_SECONDS, ours
from services.telegram.mtproto.upload import Upload, opened
from services.telegram.pace import Pace
from services.telegram.port import (
    Button,
    Keyboard,
    Media,
    MessageGone,
    Sent,
    TelegramAway,
    Told,
    UploadTooLarge,
)


class MtprotoDoor:
    """Of one account. Every writing waits for its turn in the budget that the first door has."""

    def __init__(self, account: Account, budget: Budget) -> None:
        self._account = account
        self._budget = budget
        self._up, self._down = Pace(), Pace()
        self.reader = Reader(account, self._down)

    @property
    def at_once(self) -> tuple[int, int]:
        """How many parts of files may be on their way now, up and down."""
        return self._up.allowed, self._down.allowed

    async def edit_into_media(
        self, chat_id: int, message_id: int, media: Media, keyboard: Keyboard = (), *, told: Told
    ) -> Sent:
        """As `LargeDoor` says."""
        with opened(media) as file:
            if file.parts > self._account.most_parts:
                raise UploadTooLarge("FILE_TOO_BIG")
            name = f"{chat_id}:{message_id}:{file.start}:{file.size}:{file.modified}"
            sent = await ledger.recorded(name)
            if not await self._stands(chat_id, message_id, file.size):
                await self._put(
                    chat_id, message_id, Upload(self._account, self._up, file, sent, told), media, keyboard
                )
        await ledger.forget(name)
        return Sent(message_id)

    async def _put(
        self, chat_id: int, message_id: int, upload: Upload, media: Media, keyboard: Keyboard
    ) -> None:
        with ours():
            answer = await posted(upload, lambda: self._post(chat_id, message_id, upload, media, keyboard))
        if size_in(answer, message_id) not in {None, upload.file.size}:
            await ledger.forget(upload.name)
            raise TelegramAway(AWAY_SECONDS)

    async def _post(
        self, chat_id: int, message_id: int, upload: Upload, media: Media, keyboard: Keyboard
    ) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
        """Telegram's answer. Raises RpcRefused, TelegramAway, AccountLost."""
        pictures = await pictures_of(self._account, chat_id, media)
        text, entities = await self._account.marked_up(media.caption)
        query = messages.EditMessage(
            peer=await self._account.peer(chat_id),
            id=message_id,
            message=text,
            entities=entities,
            media=media_of(upload, media, pictures),
            reply_markup=_markup(keyboard),
        )
        async with in_turn(self._budget, chat_id):
            with failpoint("telegram.post-large"):
                return await self._account.ask(query, POST_SECONDS)

    async def _stands(self, chat_id: int, message_id: int, size: int) -> bool:
        """Whether a former try came through, whose answer was lost."""
        try:
            return (await self.reader.look(chat_id, message_id)).size == size
        except MessageGone:
            return False


def _markup(keyboard: Keyboard) -> Any:  # noqa: ANN401
    rows = [types.KeyboardButtonRow(buttons=[_button(button) for button in row]) for row in keyboard if row]
    return types.ReplyInlineMarkup(rows=rows) if rows else None


def _button(button: Button) -> Any:  # noqa: ANN401
    if button.url is not None:
        return types.KeyboardInlineButton(text=button.text, type=types.InlineButtonTypeUrl(url=button.url))
    data = (button.data or "").encode()
    return types.KeyboardInlineButton(text=button.text, type=types.InlineButtonTypeCallback(data=data))
