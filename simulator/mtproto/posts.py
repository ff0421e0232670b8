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
from simulator.mtproto.call import Answer, Call, chat_of, room_of, shown_room
from simulator.mtproto.formatting import read_entities, read_keyboard
from simulator.mtproto.media import forget, read_media
from simulator.mtproto.parts import PartRefused
from simulator.mtproto.refusals import BAD_REQUEST, FORBIDDEN, INTERNAL, RpcRefused
from simulator.mtproto.rights import begin_chat, check_content, check_writing, may_delete, refusing

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
    """Once for a random id: a repeat is refused in channels, and elsewhere answered with the message that is there."""
    query = call.query
    _refuse_given(query, _NOT_IMITATED)
    if query.reply_markup and not isinstance(call.who.account, Bot):
        raise RpcRefused(BAD_REQUEST, "REPLY_MARKUP_INVALID")
    try:
        media = None if _is_repeated(call) else await read_media(call, query.media)
    except (PartRefused, RpcRefused):
        # the same call may have come twice at once
        if not _is_repeated(call):
            raise
        media = None
    # nothing is waited for from here on
    if media is None or _is_repeated(call):
        return _repeated(call)
    chat = chat_of(call, query.peer)
    check_writing(call, chat)
    body = _body(query) | _answered(call, chat)
    with call.world.change():
        content = media.content(call) | body
        check_content(call, chat, content)
        begin_chat(call, chat)
        said = call.world.post(chat, call.who.id, content)
        call.place.keys.remember(call.who.id, query.random_id, said)
    await forget(call, media)
    return _updates(call, chat, _numbered(call, said), _news(call, said))


async def delete_in_channel(call: Call) -> Answer:
    """channels.deleteMessages, as people have it: their own, and those of others with the right to. What is gone is gone."""
    chat = room_of(call, call.query.channel)
    wanted = [call.world.messages.get(chat, number) for number in dict.fromkeys(call.query.id)]
    found = [said for said in wanted if said is not None]
    if not all(may_delete(call, said) for said in found):
        raise RpcRefused(FORBIDDEN, "MESSAGE_DELETE_FORBIDDEN")
    with call.world.change():
        for said in found:
            call.world.remove(said)
    return types.messages.AffectedMessages(pts=1, pts_count=len(found))


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


def _is_repeated(call: Call) -> bool:
    return call.place.keys.sent(call.who.id, call.query.random_id) is not None


def _repeated(call: Call) -> Answer:
    """The message that has the random id. Raises RpcRefused where repeats are refused, and when it is gone."""
    chat = chat_of(call, call.query.peer)
    box, number = call.place.keys.sent(call.who.id, call.query.random_id) or ("", 0)
    said = call.world.messages.get(chat, number) if chat.box == box else None
    is_answered = chat.is_private or call.world.repeats == "answered"
    if said is None or not is_answered:
        raise RpcRefused(INTERNAL, "RANDOM_ID_DUPLICATE")
    return _updates(call, chat, _numbered(call, said), _news(call, said, count=0))


def _numbered(call: Call, said: Message) -> TLObject:
    return types.UpdateMessageID(id=said.message_id, random_id=call.query.random_id)


def _news(call: Call, said: Message, *, edited: bool = False, count: int = 1) -> TLObject:
    about = {"message": shown.message(call.world, call.who, said), "pts": said.version, "pts_count": count}
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
