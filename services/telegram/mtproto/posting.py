"""How a large file becomes a message, whoever posts it."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pyrogram.raw import types

from models.media import Kind
from services.telegram.budget import Budget
from services.telegram.mtproto import ledger
from services.telegram.mtproto.account import Account
from services.telegram.mtproto.pictures import cover, thumbnail
from services.telegram.mtproto.reading import found_in
from services.telegram.mtproto.refusals import AWAY_SECONDS, RpcRefused, ours
from services.telegram.mtproto.upload import Upload, is_spoiled, missing_part
from services.telegram.port import Media, TelegramAway, TelegramRefused

POST_SECONDS = 120.0
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


async def posted(upload: Upload, post: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
    """Sends the file, and what Telegram says is missing of it again, until `post` makes a message of it: its answer.

    Raises RpcRefused, TelegramRefused, TelegramAway, AccountLost, FileChanged.
    """
    for _ in range(_MOST_ROUNDS):
        async with _known_no_more_if_spoiled(upload):
            await upload.send()
            upload.file.check()
            try:
                return await post()
            except RpcRefused as refused:
                number = missing_part(refused)
                if number is None:
                    raise
                upload.miss(number)
    raise TelegramAway(AWAY_SECONDS)


@asynccontextmanager
async def _known_no_more_if_spoiled(upload: Upload) -> AsyncIterator[None]:
    """Whoever tries again begins with other parts, and does not meet the same."""
    try:
        yield
    except (RpcRefused, TelegramRefused) as refused:
        word = refused.name if isinstance(refused, RpcRefused) else refused.reason
        if is_spoiled(word):
            await ledger.forget(upload.name)
        raise


@asynccontextmanager
async def in_turn(budget: Budget, chat_id: int) -> AsyncIterator[None]:
    """One writing to a chat, as soon as the budget has room for it; a complaint is written down there."""
    await budget.turn(chat_id)
    try:
        yield
    except RpcRefused as refused:
        if refused.is_flood:
            seconds = refused.number or AWAY_SECONDS
            budget.rest(chat_id, seconds, time.monotonic(), is_complaint=not refused.is_slow_mode)
        raise


async def pictures_of(account: Account, chat_id: int, media: Media) -> Mapping[str, Any]:
    """Those that there are, as `media_of` wants them: one that is gone costs itself."""
    pictures: dict[str, Any] = {}
    with ours():
        if media.thumbnail is not None:
            pictures["thumb"] = await thumbnail(account, media.thumbnail)
        if media.kind is Kind.VIDEO and media.cover is not None:
            peer = await account.peer(chat_id)
            pictures["video_cover"] = await cover(account, peer, media.cover)
    return {name: picture for name, picture in pictures.items() if picture is not None}


def media_of(upload: Upload, media: Media, pictures: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """What a message carries."""
    return types.InputMediaUploadedDocument(
        file=types.InputFileBig(id=upload.number, parts=upload.file.parts, name=media.name),
        mime_type=_mime(media),
        attributes=[*_attributes(media), types.DocumentAttributeFilename(file_name=media.name)],
        force_file=media.kind in {Kind.DOCUMENT, Kind.IMAGE},
        # or a film without sound becomes an animation
        nosound_video=media.kind is Kind.VIDEO,
        **pictures,
    )


def size_in(answer: Any, message_id: int) -> int | None:  # noqa: ANN401
    """How large Telegram says that the file in a new or edited message is; None when it does not say."""
    for update in getattr(answer, "updates", ()):
        message: Any = getattr(update, "message", None)
        found = found_in(message)
        if found is not None and message.id == message_id:
            return found.file.size
    return None


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
