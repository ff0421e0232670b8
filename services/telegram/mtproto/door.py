"""The second door to Telegram: posts what is too large for the first, and reads what stands in channels."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pyrogram.raw import types
from pyrogram.raw.functions import messages

from models.media import Kind
from services.failpoints import failpoint
from services.telegram.budget import Budget
from services.telegram.mtproto import ledger
from services.telegram.mtproto.account import Account
from services.telegram.mtproto.pictures import cover, thumbnail
from services.telegram.mtproto.reading import Reader, found_in
from services.telegram.mtproto.refusals import AWAY_SECONDS, RpcRefused, ours
from services.telegram.mtproto.upload import Upload, missing_part, opened
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

_POST_SECONDS = 120.0
_MIME_OF = {
    Kind.VIDEO: "video/mp4",
    Kind.AUDIO: "audio/mpeg",
    Kind.IMAGE: "application/octet-stream",
    Kind.DOCUMENT: "application/octet-stream",
}
_MIMES = {
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
    ".mov": "video/quicktime",
    ".avi": "video/x-msvideo",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/x-wav",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
}
_MOST_ROUNDS = 20
"""Of sending what Telegram says is missing."""


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
        for _ in range(_MOST_ROUNDS):
            await upload.send()
            upload.file.check()
            pictures = await self._pictures(chat_id, media)
            try:
                answer = await self._post(chat_id, message_id, upload, media, keyboard, pictures)
            except RpcRefused as refused:
                number = missing_part(refused)
                if number is None:
                    with ours():
                        raise
                upload.miss(number)
                continue
            if _size_in(answer, message_id) not in {None, upload.file.size}:
                await ledger.forget(upload.name)
                raise TelegramAway(AWAY_SECONDS)
            return
        raise TelegramAway(AWAY_SECONDS)

    async def _post(
        self,
        chat_id: int,
        message_id: int,
        upload: Upload,
        media: Media,
        keyboard: Keyboard,
        pictures: Mapping[str, Any],
    ) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
        """Telegram's answer. Raises RpcRefused, TelegramAway, AccountLost."""
        text, entities = await self._account.marked_up(media.caption)
        file = types.InputFileBig(id=upload.number, parts=upload.file.parts, name=media.name)
        query = messages.EditMessage(
            peer=await self._account.peer(chat_id),
            id=message_id,
            message=text,
            entities=entities,
            media=_uploaded(file, media, **pictures),
            reply_markup=_markup(keyboard),
        )
        await self._budget.turn(chat_id)
        try:
            with failpoint("telegram.post-large"):
                return await self._account.ask(query, _POST_SECONDS)
        except RpcRefused as refused:
            if refused.is_flood:
                seconds = refused.number or AWAY_SECONDS
                self._budget.rest(chat_id, seconds, time.monotonic(), is_complaint=not refused.is_slow_mode)
            raise

    async def _pictures(self, chat_id: int, media: Media) -> Mapping[str, Any]:
        """Those that there are: one that is gone costs itself."""
        pictures: dict[str, Any] = {}
        with ours():
            if media.thumbnail is not None and media.thumbnail.is_file():
                pictures["thumb"] = await thumbnail(self._account, media.thumbnail)
            if media.kind is Kind.VIDEO and media.cover is not None and media.cover.is_file():
                peer = await self._account.peer(chat_id)
                pictures["video_cover"] = await cover(self._account, peer, media.cover)
        return pictures

    async def _stands(self, chat_id: int, message_id: int, size: int) -> bool:
        """Whether a former try came through, whose answer was lost."""
        try:
            return (await self.reader.look(chat_id, message_id)).size == size
        except MessageGone:
            return False


def _uploaded(file: Any, media: Media, **pictures: Any) -> Any:  # noqa: ANN401
    return types.InputMediaUploadedDocument(
        file=file,
        mime_type=_mime(media),
        attributes=[*_attributes(media), types.DocumentAttributeFilename(file_name=media.name)],
        force_file=media.kind in {Kind.DOCUMENT, Kind.IMAGE},
        # or a film without sound becomes an animation
        nosound_video=media.kind is Kind.VIDEO,
        **pictures,
    )


def _mime(media: Media) -> str:
    """What Telegram's clients go by. Of ours alone: what a machine takes an ending for differs from one to the next."""
    ending = Path(media.name).suffix.lower()
    return _MIMES.get(ending) or _MIME_OF[media.kind]


def _attributes(media: Media) -> Sequence[Any]:
    seconds = media.duration or 0.0
    if media.kind is Kind.VIDEO:
        size = {"w": media.width or 0, "h": media.height or 0}
        return [types.DocumentAttributeVideo(duration=seconds, supports_streaming=True, **size)]
    if media.kind is Kind.AUDIO:
        named = {"title": media.title, "performer": media.performer}
        return [types.DocumentAttributeAudio(duration=round(seconds), **named)]
    return []


def _markup(keyboard: Keyboard) -> Any:  # noqa: ANN401
    rows = [types.KeyboardButtonRow(buttons=[_button(button) for button in row]) for row in keyboard if row]
    return types.ReplyInlineMarkup(rows=rows) if rows else None


def _button(button: Button) -> Any:  # noqa: ANN401
    if button.url is not None:
        return types.KeyboardInlineButton(text=button.text, type=types.InlineButtonTypeUrl(url=button.url))
    data = (button.data or "").encode()
    return types.KeyboardInlineButton(text=button.text, type=types.InlineButtonTypeCallback(data=data))


def _size_in(answer: Any, message_id: int) -> int | None:  # noqa: ANN401
    """How large Telegram says that the file in an edited message is; None when it does not say."""
    for update in getattr(answer, "updates", ()):
        message: Any = getattr(update, "message", None)
        found = found_in(message)
        if found is not None and message.id == message_id:
            return found.file.size
    return None
