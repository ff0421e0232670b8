"""The methods of MTProto that this data centre has, each as Telegram answers it. Any other is refused, never made up."""

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pyrogram.raw import functions, types
from pyrogram.raw.core import Long, TLObject, Vector

from simulator.accounts import Bot
from simulator.chats import Chat
from simulator.entities import message_caption
from simulator.errors import ApiError
from simulator.keyboards import inline_content
from simulator.media import Prepared, store
from simulator.messages import Content, Message
from simulator.methods.call import media_content
from simulator.methods.edit import CAPTION_FIELDS, MEDIA_FIELDS, TEXT_FIELDS
from simulator.mtproto import shown
from simulator.mtproto.formatting import read_entities, read_keyboard
from simulator.mtproto.parts import PartRefused, Parts
from simulator.mtproto.refusals import RpcRefused
from simulator.mtproto.sessions import AuthKeys, Key
from simulator.world import World

Answer = Any
"""What a call results in: an object of pyrogram's, a bool, or a bare vector, which is bytes."""
_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _INTERNAL = 400, 401, 403, 500
_REPLACED = frozenset((*TEXT_FIELDS, *CAPTION_FIELDS, *MEDIA_FIELDS, "reply_markup"))
_PRECISE_BYTES, _ROUND_BYTES, _MOST_BYTES = 1 << 10, 4 << 10, 1 << 20
_MOST_IDS = 100


@dataclass(frozen=True, slots=True)
class Place:
    """What the methods work on. `address` is where the data centre listens."""

    world: World
    keys: AuthKeys
    parts: Parts
    address: Callable[[], tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a bot that is signed in."""

    place: Place
    bot: Bot
    query: Any

    @property
    def world(self) -> World:
        return self.place.world


async def handle(place: Place, key: Key, query: Any) -> Answer:  # noqa: ANN401 - pyrogram's types are not typed
    """The result of a call. Raises RpcRefused."""
    query = _inner(query)
    if isinstance(query, functions.help.GetConfig):
        return _config(place)
    if isinstance(query, functions.auth.ImportBotAuthorization):
        return _sign_in(place, key, query)
    method = METHODS.get(type(query))
    if method is None:
        raise RpcRefused(_BAD_REQUEST, "METHOD_INVALID")
    bot = place.world.accounts.bot(place.keys.bot_of(key))
    if bot is None:
        raise RpcRefused(_UNAUTHORIZED, "AUTH_KEY_UNREGISTERED")
    try:
        return await method(Call(place, bot, query))
    except PartRefused as refused:
        raise RpcRefused(_BAD_REQUEST, str(refused)) from refused


def name_of(query: Any) -> str:  # noqa: ANN401
    """A method's name as Telegram writes it, such as upload.getFile."""
    *_, space, name = ("." + _inner(query).QUALNAME.removeprefix("functions.")).split(".")
    return f"{space}.{name[0].lower()}{name[1:]}".removeprefix(".")


def _inner(query: Any) -> Any:  # noqa: ANN401
    while isinstance(query, _WRAPPERS):
        query = query.query
    return query


# --- accounts


def _config(place: Place) -> Answer:
    host, port = place.address()
    now = place.world.now()
    limits = dict.fromkeys(_LIMITS, 0)
    return types.Config(
        date=now,
        expires=now + 3600,
        test_mode=False,
        this_dc=shown.DC,
        dc_options=[types.DcOption(id=shown.DC, ip_address=host, port=port)],
        dc_txt_domain_name="",
        me_url_prefix="https://t.me/",
        **limits,
    )


def _sign_in(place: Place, key: Key, query: Any) -> Answer:  # noqa: ANN401
    bots = {bot.token: bot for bot in place.world.accounts.bots()}
    bot = bots.get(query.bot_auth_token)
    if bot is None:
        raise RpcRefused(_BAD_REQUEST, "ACCESS_TOKEN_INVALID")
    place.keys.sign_in(key, bot.id)
    return types.auth.Authorization(user=shown.user(bot))


async def _state(call: Call) -> Answer:
    return types.updates.State(pts=1, qts=0, date=call.world.now(), seq=0, unread_count=0)


async def _users(call: Call) -> Answer:
    if any(not isinstance(each, types.InputUserSelf) for each in call.query.id):
        raise RpcRefused(_BAD_REQUEST, "USER_ID_INVALID")
    return Vector([shown.user(call.bot) for _ in call.query.id])


async def _full_user(call: Call) -> Answer:
    if not isinstance(call.query.id, types.InputUserSelf):
        raise RpcRefused(_BAD_REQUEST, "USER_ID_INVALID")
    settings = types.PeerNotifySettings()
    full = types.UserFull(
        id=call.bot.id, settings=types.PeerSettings(), notify_settings=settings, common_chats_count=0
    )
    return types.users.UserFull(full_user=full, chats=[], users=[shown.user(call.bot)])


async def _channels(call: Call) -> Answer:
    chats = [_channel_of(call, each) for each in call.query.id]
    return types.messages.Chats(chats=[_shown(call, chat) for chat in chats])


def _shown(call: Call, chat: Chat) -> TLObject:
    member = call.world.rooms.member(chat.room, call.bot.id)
    return shown.channel(call.bot, call.world.rooms.of(chat), member=member.present)


def _channel_of(call: Call, peer: Any) -> Chat:  # noqa: ANN401
    """The room that a bot names. A bot may leave the access hash out for what it is in."""
    if not isinstance(peer, types.InputChannel | types.InputPeerChannel):
        raise RpcRefused(_BAD_REQUEST, "PEER_ID_INVALID")
    known = peer.access_hash in (0, shown.access_hash(call.bot, peer.channel_id))
    room = call.world.rooms.get(shown.CHANNEL_BASE - peer.channel_id)
    if room is None or not known:
        raise RpcRefused(_BAD_REQUEST, "CHANNEL_INVALID")
    if not call.world.rooms.member(room.id, call.bot.id).present:
        raise RpcRefused(_BAD_REQUEST, "CHANNEL_PRIVATE")
    return room.chat


# --- files


async def _save_part(call: Call) -> Answer:
    return await _save(call, None)


async def _save_big_part(call: Call) -> Answer:
    return await _save(call, call.query.file_total_parts)


async def _save(call: Call, total: int | None) -> bool:
    query = call.query
    await asyncio.to_thread(
        call.place.parts.save, call.bot.id, query.file_id, query.file_part, query.bytes, total
    )
    return True


async def _get_file(call: Call) -> Answer:
    query = call.query
    place = query.location
    if not isinstance(place, types.InputDocumentFileLocation) or place.thumb_size:
        raise RpcRefused(_BAD_REQUEST, "LOCATION_INVALID")
    stored = call.world.files.get(place.id)
    if stored is None or place.access_hash != shown.access_hash(call.bot, place.id):
        raise RpcRefused(_BAD_REQUEST, "FILE_ID_INVALID")
    good = shown.is_good_reference(call.bot, place.id, place.file_reference, call.world.now())
    if not good:
        raise RpcRefused(_BAD_REQUEST, "FILE_REFERENCE_INVALID" if good is None else "FILE_REFERENCE_EXPIRED")
    _check_range(query)
    data = await asyncio.to_thread(_slice, call.world.files.place(stored.blob), query.offset, query.limit)
    return types.upload.File(type=types.storage.FileUnknown(), mtime=0, bytes=data)


def _check_range(query: Any) -> None:  # noqa: ANN401
    step = _PRECISE_BYTES if query.precise else _ROUND_BYTES
    if query.offset < 0 or query.offset % step:
        raise RpcRefused(_BAD_REQUEST, "OFFSET_INVALID")
    within_one = query.offset // _MOST_BYTES == (query.offset + query.limit - 1) // _MOST_BYTES
    fits = (
        query.limit % step == 0 and (query.precise or _MOST_BYTES % query.limit == 0)
        if query.limit
        else False
    )
    if not 0 < query.limit <= _MOST_BYTES or not fits or not within_one:
        raise RpcRefused(_BAD_REQUEST, "LIMIT_INVALID")


def _slice(path: Any, offset: int, limit: int) -> bytes:  # noqa: ANN401
    with path.open("rb") as file:
        file.seek(offset)
        return bytes(file.read(limit))


# --- messages


async def _send_media(call: Call) -> Answer:
    """Once for a random id: a repeat is refused, as Telegram does it in channels."""
    query = call.query
    chat = _channel_of(call, query.peer)
    with _refusing(_FORBIDDEN, "CHAT_WRITE_FORBIDDEN"):
        call.world.access.to_write(call.bot, chat.room)
    if call.place.keys.was_sent(call.bot.id, query.random_id):
        raise RpcRefused(_INTERNAL, "RANDOM_ID_DUPLICATE")
    body = _body(query)
    prepared = await _prepared(call)
    with call.world.change():
        said = call.world.post(chat, call.bot.id, _media_of(call, prepared) | body)
        call.place.keys.remember(call.bot.id, query.random_id, chat.box, said.message_id)
    await asyncio.to_thread(call.place.parts.forget, call.bot.id, query.media.file.id)
    noted = types.UpdateMessageID(id=said.message_id, random_id=query.random_id)
    return _updates(call, chat, noted, types.UpdateNewChannelMessage(**_news(call, said)))


async def _edit_message(call: Call) -> Answer:
    """Of a channel; a text may become media."""
    query = call.query
    chat = _channel_of(call, query.peer)
    if call.world.messages.get(chat, query.id) is None:
        raise RpcRefused(_BAD_REQUEST, "MESSAGE_ID_INVALID")
    with _refusing(_FORBIDDEN, "MESSAGE_AUTHOR_REQUIRED"):
        before = call.world.access.message_to_edit(call.bot, chat.room, query.id)
    if query.media is None:
        raise RpcRefused(_BAD_REQUEST, "MEDIA_EMPTY")
    body = _body(query)
    prepared = await _prepared(call)
    kept = {name: value for name, value in before.content.items() if name not in _REPLACED}
    with call.world.change():
        said = call.world.replace(before, kept | _media_of(call, prepared) | body, call.bot.id)
    await asyncio.to_thread(call.place.parts.forget, call.bot.id, query.media.file.id)
    return _updates(call, chat, types.UpdateEditChannelMessage(**_news(call, said)))


def _news(call: Call, said: Message) -> dict[str, Any]:
    return {"message": shown.message(call.world, call.bot, said), "pts": said.version, "pts_count": 1}


def _updates(call: Call, chat: Chat, *updates: TLObject) -> TLObject:
    return types.Updates(
        updates=list(updates),
        users=[shown.user(call.bot)],
        chats=[_shown(call, chat)],
        date=call.world.now(),
        seq=0,
    )


def _body(query: Any) -> Content:  # noqa: ANN401
    """Caption and keys."""
    with _refusing(_BAD_REQUEST, "MEDIA_CAPTION_TOO_LONG"):
        entities = read_entities(query.entities)
        caption = message_caption({"caption": query.message or "", "caption_entities": entities})
    with _refusing(_BAD_REQUEST, "BUTTON_INVALID"):
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
        raise RpcRefused(_BAD_REQUEST, "MEDIA_INVALID")
    file = media.file
    if not isinstance(file, types.InputFile | types.InputFileBig):
        raise RpcRefused(_BAD_REQUEST, "MEDIA_INVALID")
    blob = await asyncio.to_thread(
        call.place.parts.assemble, call.bot.id, file.id, file.parts, getattr(file, "md5_checksum", "")
    )
    named = next(
        (each for each in media.attributes if isinstance(each, types.DocumentAttributeFilename)), None
    )
    name = named.file_name if named else file.name
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


async def _messages(call: Call) -> Answer:
    chat = _channel_of(call, call.query.channel)
    if len(call.query.id) > _MOST_IDS:
        raise RpcRefused(_BAD_REQUEST, "MSG_ID_INVALID")
    messages = [_message(call, chat, _boxed(each)) for each in call.query.id]
    return types.messages.ChannelMessages(
        pts=1, count=len(messages), messages=messages, topics=[], chats=[_shown(call, chat)], users=[]
    )


def _boxed(wanted: Any) -> Any:  # noqa: ANN401
    """Pyrogram takes a vector of objects of eight bytes for one of numbers: no client ever reads any."""
    return TLObject.read(BytesIO(Long(wanted))) if isinstance(wanted, int) else wanted


def _message(call: Call, chat: Chat, wanted: Any) -> TLObject:  # noqa: ANN401
    if not isinstance(wanted, types.InputMessageID):
        raise RpcRefused(_BAD_REQUEST, "MSG_ID_INVALID")
    said = call.world.messages.get(chat, wanted.id)
    return shown.message(call.world, call.bot, said) if said else types.MessageEmpty(id=wanted.id)


_WRAPPERS = (functions.InvokeWithLayer, functions.InitConnection, functions.InvokeWithoutUpdates)
METHODS: Mapping[type, Callable[[Call], Awaitable[Answer]]] = {
    functions.updates.GetState: _state,
    functions.users.GetUsers: _users,
    functions.users.GetFullUser: _full_user,
    functions.channels.GetChannels: _channels,
    functions.upload.SaveFilePart: _save_part,
    functions.upload.SaveBigFilePart: _save_big_part,
    functions.upload.GetFile: _get_file,
    functions.messages.SendMedia: _send_media,
    functions.messages.EditMessage: _edit_message,
    functions.channels.GetMessages: _messages,
}
_LIMITS = [
    "chat_size_max",
    "megagroup_size_max",
    "forwarded_count_max",
    "online_update_period_ms",
    "offline_blur_timeout_ms",
    "offline_idle_timeout_ms",
    "online_cloud_timeout_ms",
    "notify_cloud_delay_ms",
    "notify_default_delay_ms",
    "push_chat_period_ms",
    "push_chat_limit",
    "edit_time_limit",
    "revoke_time_limit",
    "revoke_pm_time_limit",
    "rating_e_decay",
    "stickers_recent_limit",
    "channels_read_media_period",
    "call_receive_timeout_ms",
    "call_ring_timeout_ms",
    "call_connect_timeout_ms",
    "call_packet_timeout_ms",
    "caption_length_max",
    "message_length_max",
    "webfile_dc_id",
]
