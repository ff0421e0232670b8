"""Methods that post, edit and read messages of rooms."""

import asyncio
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from pyrogram.raw import types
from pyrogram.raw.core import Long, TLObject

from simulator.chats import Chat
from simulator.entities import message_caption
from simulator.errors import ApiError
from simulator.keyboards import inline_content
from simulator.media import Prepared, store
from simulator.messages import Content, Message
from simulator.methods.call import media_content
from simulator.methods.edit import CAPTION_FIELDS, MEDIA_FIELDS, TEXT_FIELDS, without
from simulator.mtproto import shown
from simulator.mtproto.call import Answer, Call, room_of, shown_room
from simulator.mtproto.formatting import read_entities, read_keyboard
from simulator.mtproto.refusals import BAD_REQUEST, FORBIDDEN, INTERNAL, RpcRefused

_MOST_IDS = 100
_NOT_IMITATED = ("reply_to", "schedule_date", "send_as", "quick_reply_shortcut", "effect", "invert_media")
_NOT_IMITATED_OF_MEDIA = ("thumb", "spoiler", "stickers", "video_cover", "ttl_seconds")


async def send_media(call: Call) -> Answer:
    """Once for a random id: a repeat is refused, as Telegram does it in channels."""
    query = call.query
    _refuse_unknown(query)
    _check_random_id(call)
    try:
        prepared = await _prepared(call)
    finally:
        # the same call may have come twice at once. Nothing is waited for from here on
        _check_random_id(call)
    chat = room_of(call, query.peer)
    with _refusing(FORBIDDEN, "CHAT_WRITE_FORBIDDEN"):
        call.world.access.to_write(call.bot, chat.room)
    body = _body(query)
    with call.world.change():
        said = call.world.post(chat, call.bot.id, _media_of(call, prepared) | body)
        call.place.keys.remember(call.bot.id, query.random_id)
    await asyncio.to_thread(call.place.parts.forget, call.bot.id, query.media.file.id)
    noted = types.UpdateMessageID(id=said.message_id, random_id=query.random_id)
    return _updates(call, chat, noted, types.UpdateNewChannelMessage(**_news(call, said)))


async def edit_message(call: Call) -> Answer:
    """Of a channel; a text may become media."""
    query = call.query
    _refuse_unknown(query)
    if query.media is None:
        raise RpcRefused(BAD_REQUEST, "MEDIA_EMPTY")
    prepared = await _prepared(call)
    chat = room_of(call, query.peer)
    if call.world.messages.get(chat, query.id) is None:
        raise RpcRefused(BAD_REQUEST, "MESSAGE_ID_INVALID")
    with _refusing(FORBIDDEN, "MESSAGE_AUTHOR_REQUIRED"):
        before = call.world.access.message_to_edit(call.bot, chat.room, query.id)
    body = _body(query)
    kept = without(before, TEXT_FIELDS + CAPTION_FIELDS + MEDIA_FIELDS)
    with call.world.change():
        said = call.world.replace(before, kept | _media_of(call, prepared) | body, call.bot.id)
    await asyncio.to_thread(call.place.parts.forget, call.bot.id, query.media.file.id)
    return _updates(call, chat, types.UpdateEditChannelMessage(**_news(call, said)))


def _refuse_unknown(query: Any) -> None:  # noqa: ANN401
    """What is not imitated is refused, not left out."""
    wished = [name for name in _NOT_IMITATED if getattr(query, name, None)]
    wished += [name for name in _NOT_IMITATED_OF_MEDIA if getattr(query.media, name, None)]
    if wished:
        raise RpcRefused(BAD_REQUEST, f"{wished[0].upper()}_NOT_IMITATED")


def _check_random_id(call: Call) -> None:
    if call.place.keys.was_sent(call.bot.id, call.query.random_id):
        raise RpcRefused(INTERNAL, "RANDOM_ID_DUPLICATE")


def _news(call: Call, said: Message) -> dict[str, Any]:
    return {"message": shown.message(call.world, call.bot, said), "pts": said.version, "pts_count": 1}


def _updates(call: Call, chat: Chat, *updates: TLObject) -> TLObject:
    return types.Updates(
        updates=list(updates),
        users=[shown.user(call.bot)],
        chats=[shown_room(call, chat)],
        date=call.world.now(),
        seq=0,
    )


def _body(query: Any) -> Content:  # noqa: ANN401
    """Caption and keys."""
    with _refusing(BAD_REQUEST, "MEDIA_CAPTION_TOO_LONG"):
        entities = read_entities(query.entities)
        caption = message_caption({"caption": query.message or "", "caption_entities": entities})
    with _refusing(BAD_REQUEST, "BUTTON_INVALID"):
        return caption | inline_content(read_keyboard(query.reply_markup))


@contextmanager
def _refusing(code: int, words: str) -> Iterator[None]:
    """What the world refuses in the Bot API's words is refused in MTProto's."""
    try:
        yield
    except ApiError as error:
        raise RpcRefused(code, words) from error


async def _prepared(call: Call) -> Prepared:
    media = call.query.media
    if not isinstance(media, types.InputMediaUploadedDocument):
        raise RpcRefused(BAD_REQUEST, "MEDIA_INVALID")
    file = media.file
    if not isinstance(file, types.InputFile | types.InputFileBig):
        raise RpcRefused(BAD_REQUEST, "MEDIA_INVALID")
    blob = await asyncio.to_thread(
        call.place.parts.assemble, call.bot.id, file.id, file.parts, getattr(file, "md5_checksum", "")
    )
    named = next(
        (each for each in media.attributes if isinstance(each, types.DocumentAttributeFilename)), None
    )
    name = Path(named.file_name if named else file.name).name
    kind, facts = _kind(media)
    return Prepared(kind, blob, name or f"file{mimetypes.guess_extension(media.mime_type) or ''}", facts)


def _kind(media: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401
    """What the document is by its attributes: Telegram believes them, too."""
    if media.force_file:
        return "document", {}
    for each in media.attributes:
        if isinstance(each, types.DocumentAttributeVideo):
            return "video", {"width": each.w, "height": each.h, "duration": int(each.duration)}
        if isinstance(each, types.DocumentAttributeAudio):
            about = {"title": each.title, "performer": each.performer}
            return "audio", {
                "duration": each.duration,
                **{name: value for name, value in about.items() if value},
            }
    return "document", {}


def _media_of(call: Call, prepared: Prepared) -> Content:
    return media_content(prepared.kind, store(call.world.files, prepared, {}, None))


async def messages(call: Call) -> Answer:
    chat = room_of(call, call.query.channel)
    if len(call.query.id) > _MOST_IDS:
        raise RpcRefused(BAD_REQUEST, "MSG_ID_INVALID")
    messages = [_message(call, chat, _boxed(each)) for each in call.query.id]
    return types.messages.ChannelMessages(
        pts=1, count=len(messages), messages=messages, topics=[], chats=[shown_room(call, chat)], users=[]
    )


def _boxed(wanted: Any) -> Any:  # noqa: ANN401
    """Pyrogram takes a vector of objects of eight bytes for one of numbers: no client ever reads any."""
    return TLObject.read(BytesIO(Long(wanted))) if isinstance(wanted, int) else wanted


def _message(call: Call, chat: Chat, wanted: Any) -> TLObject:  # noqa: ANN401
    if not isinstance(wanted, types.InputMessageID):
        raise RpcRefused(BAD_REQUEST, "MSG_ID_INVALID")
    said = call.world.messages.get(chat, wanted.id)
    return shown.message(call.world, call.bot, said) if said else types.MessageEmpty(id=wanted.id)
