"""Methods that post and edit messages."""

from typing import Any

from pyrogram.raw import types
from pyrogram.raw.core import TLObject

from simulator.accounts import Bot
from simulator.chats import Chat
from simulator.entities import message_caption
from simulator.keyboards import inline_content
from simulator.messages import Content, Message
from simulator.methods.edit import CAPTION_FIELDS, MEDIA_FIELDS, TEXT_FIELDS, without
from simulator.mtproto import shown
from simulator.mtproto.call import Answer, Call, chat_of, shown_room
from simulator.mtproto.formatting import read_entities, read_keyboard
from simulator.mtproto.media import forget, read_media
from simulator.mtproto.refusals import BAD_REQUEST, FORBIDDEN, INTERNAL, RpcRefused
from simulator.mtproto.rights import begin_chat, check_content, check_writing, refusing

_NOT_IMITATED = (
    "schedule_date",
    "schedule_repeat_period",
    "send_as",
    "quick_reply_shortcut",
    "effect",
    "suggested_post",
)
_NOT_IMITATED_OF_REPLIES = (
    "reply_to_peer_id",
    "quote_text",
    "quote_entities",
    "quote_offset",
    "monoforum_peer_id",
    "todo_item_id",
    "poll_option",
)


async def send_media(call: Call) -> Answer:
    """Once for a random id: a repeat is refused, as Telegram does it in channels."""
    query = call.query
    _refuse_given(query, _NOT_IMITATED)
    if query.reply_markup and not isinstance(call.who.account, Bot):
        raise RpcRefused(BAD_REQUEST, "REPLY_MARKUP_INVALID")
    _check_random_id(call)
    try:
        media = await read_media(call, query.media)
    finally:
        # the same call may have come twice at once. Nothing is waited for from here on
        _check_random_id(call)
    chat = chat_of(call, query.peer)
    check_writing(call, chat)
    body = _body(query) | _answered(call, chat)
    with call.world.change():
        content = media.content(call) | body
        check_content(call, chat, content)
        begin_chat(call, chat)
        said = call.world.post(chat, call.who.id, content)
        call.place.keys.remember(call.who.id, query.random_id)
    await forget(call, media)
    noted = types.UpdateMessageID(id=said.message_id, random_id=query.random_id)
    return _updates(call, chat, noted, _news(call, said))


async def edit_message(call: Call) -> Answer:
    """A text may become media."""
    query = call.query
    _refuse_given(query, _NOT_IMITATED)
    if query.media is None:
        raise RpcRefused(BAD_REQUEST, "MEDIA_EMPTY")
    media = await read_media(call, query.media)
    chat, bot = chat_of(call, query.peer), call.who.account
    assert isinstance(bot, Bot)  # noqa: S101 - people do not have this method
    if call.world.messages.get(chat, query.id) is None:
        raise RpcRefused(BAD_REQUEST, "MESSAGE_ID_INVALID")
    with refusing(FORBIDDEN, "MESSAGE_AUTHOR_REQUIRED"):
        before = call.world.access.message_to_edit(bot, chat.id_for_bot, query.id)
    body = _body(query)
    kept = without(before, TEXT_FIELDS + CAPTION_FIELDS + MEDIA_FIELDS)
    with call.world.change():
        said = call.world.replace(before, kept | media.content(call) | body, bot.id)
    await forget(call, media)
    return _updates(call, chat, _news(call, said, edited=True))


def _refuse_given(wish: Any, names: tuple[str, ...]) -> None:  # noqa: ANN401
    """What is not imitated is refused, not left out."""
    wished = next((name for name in names if getattr(wish, name, None)), None)
    if wished:
        raise RpcRefused(BAD_REQUEST, f"{wished.upper()}_NOT_IMITATED")


def _check_random_id(call: Call) -> None:
    if call.place.keys.was_sent(call.who.id, call.query.random_id):
        raise RpcRefused(INTERNAL, "RANDOM_ID_DUPLICATE")


def _news(call: Call, said: Message, *, edited: bool = False) -> TLObject:
    about = {"message": shown.message(call.world, call.who, said), "pts": said.version, "pts_count": 1}
    if said.chat.kind in ("channel", "supergroup"):
        return (types.UpdateEditChannelMessage if edited else types.UpdateNewChannelMessage)(**about)
    return (types.UpdateEditMessage if edited else types.UpdateNewMessage)(**about)


def _updates(call: Call, chat: Chat, *updates: TLObject) -> TLObject:
    return types.Updates(
        updates=list(updates),
        users=_users(call, chat),
        chats=[] if chat.is_private else [shown_room(call, chat)],
        date=call.world.now(),
        seq=0,
    )


def _users(call: Call, chat: Chat) -> list[TLObject]:
    others = [chat.bot, chat.person] if chat.is_private else []
    return [shown.user(call.world, call.who, number) for number in dict.fromkeys([call.who.id, *others])]


def _body(query: Any) -> Content:  # noqa: ANN401
    """Caption, keys and what else a call says of the message."""
    options: Content = {}
    if query.invert_media:
        options["show_caption_above_media"] = True
    if getattr(query, "noforwards", None):
        options["has_protected_content"] = True
    with refusing(BAD_REQUEST, "MEDIA_CAPTION_TOO_LONG"):
        entities = read_entities(query.entities)
        caption = message_caption({"caption": query.message or "", "caption_entities": entities})
    with refusing(BAD_REQUEST, "BUTTON_INVALID"):
        return caption | options | inline_content(read_keyboard(query.reply_markup))


def _answered(call: Call, chat: Chat) -> Content:
    """The message that is answered, and the topic where the new one stands."""
    reply, access, who = call.query.reply_to, call.world.access, call.who.account
    if reply is None:
        return access.placed(who, chat, None, None)
    if not isinstance(reply, types.InputReplyToMessage):
        raise RpcRefused(BAD_REQUEST, "REPLY_TO_NOT_IMITATED")
    _refuse_given(reply, _NOT_IMITATED_OF_REPLIES)
    replied = call.world.messages.get(chat, reply.reply_to_msg_id)
    if replied is None:
        raise RpcRefused(BAD_REQUEST, "REPLY_MESSAGE_ID_INVALID")
    began = "forum_topic_created" in replied.content
    topic = replied.message_id if began else replied.content.get("topic", replied.content.get("thread"))
    if reply.top_msg_id not in (None, topic, replied.message_id):
        raise RpcRefused(BAD_REQUEST, "TOP_MSG_ID_NOT_IMITATED")
    with refusing(BAD_REQUEST, "TOPIC_CLOSED"):
        if began:
            return access.placed(who, chat, topic, None)
        return {"reply_to": replied.message_id} | access.placed(who, chat, None, replied)
