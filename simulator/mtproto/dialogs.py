"""Methods by which people look through their chats: dialogs, history, search."""

from dataclasses import replace
from typing import Any

from pyrogram.raw import types
from pyrogram.raw.core import TLObject

from simulator.chats import Chat, private_chat
from simulator.messages import Message, Wanted
from simulator.mtproto import shown
from simulator.mtproto.call import Answer, Call, chat_of
from simulator.mtproto.reading import authors, rooms
from simulator.mtproto.refusals import BAD_REQUEST, RpcRefused
from simulator.mtproto.topics import topics_of

_MOST = 100
_NOT_IMITATED = ("from_id", "saved_peer_id", "saved_reaction", "top_msg_id")
# what a filter lets through: messages that carry one of these; none: every message
_FILTERS: dict[type, tuple[str, ...]] = {
    types.InputMessagesFilterEmpty: (),
    types.InputMessagesFilterMusic: ("audio",),
    types.InputMessagesFilterVideo: ("video",),
    types.InputMessagesFilterDocument: ("document",),
    types.InputMessagesFilterPhotos: ("photo",),
    types.InputMessagesFilterPhotoVideo: ("photo", "video"),
    types.InputMessagesFilterGif: ("animation",),
}


async def history(call: Call) -> Answer:
    """messages.getHistory."""
    chat = chat_of(call, call.query.peer)
    return _answer(call, chat, replace(_bounded(call.query), from_date=call.query.offset_date))


async def search(call: Call) -> Answer:
    """messages.search in one chat."""
    query = call.query
    chat = chat_of(call, query.peer)
    wished = next((name for name in _NOT_IMITATED if getattr(query, name)), None)
    if wished or type(query.filter) not in _FILTERS:
        raise RpcRefused(BAD_REQUEST, f"{(wished or 'filter').upper()}_NOT_IMITATED")
    kinds = _FILTERS[type(query.filter)]
    if not query.q and not kinds:
        raise RpcRefused(BAD_REQUEST, "SEARCH_QUERY_EMPTY")
    dates = {"since": query.min_date, "until": query.max_date}
    return _answer(call, chat, replace(_bounded(query), **dates, words=query.q, kinds=kinds))


def _bounded(query: Any) -> Wanted:  # noqa: ANN401 - pyrogram's types are not typed
    """As core.telegram.org/api/offsets has it."""
    return Wanted(
        above=query.min_id,
        below=query.max_id,
        from_id=query.offset_id,
        further=query.add_offset,
        limit=min(max(query.limit, 0), _MOST),
    )


def _answer(call: Call, chat: Chat, wanted: Wanted) -> Answer:
    page, count = call.world.messages.page(call.who.id, chat, wanted)
    about: dict[str, Any] = {
        "messages": [shown.message(call.world, call.who, said) for said in page],
        "topics": topics_of(call, page),
        "chats": rooms(call, page, chat),
        "users": authors(call, page),
    }
    if chat.kind in ("channel", "supergroup"):
        return types.messages.ChannelMessages(pts=1, count=count, **about)
    if len(page) == count:
        return types.messages.Messages(**about)
    return types.messages.MessagesSlice(count=count, **about)


async def dialogs(call: Call) -> Answer:
    """messages.getDialogs: the person's chats, that in which something was said last first."""
    if call.query.folder_id:
        raise RpcRefused(BAD_REQUEST, "FOLDER_ID_INVALID")
    chats = _begun(call)
    passed = [chat for chat, _ in chats]
    start = 0
    if not isinstance(call.query.offset_peer, types.InputPeerEmpty):
        start = passed.index(chat_of(call, call.query.offset_peer)) + 1
    page = chats[start : start + min(max(call.query.limit, 0), _MOST)]
    last = [said for _, said in page if said]
    about: dict[str, Any] = {
        "dialogs": [_dialog(call, chat, said) for chat, said in page],
        "messages": [shown.message(call.world, call.who, said) for said in last],
        "chats": rooms(call, last, *(chat for chat, _ in page)),
        "users": authors(call, last),
    }
    if len(page) == len(chats):
        return types.messages.Dialogs(**about)
    return types.messages.DialogsSlice(count=len(chats), **about)


def _begun(call: Call) -> list[tuple[Chat, Message | None]]:
    world, me = call.world, call.who.id
    chats = [private_chat(bot.id, me) for bot in world.accounts.bots()]
    chats += [room.chat for room in world.rooms.of_user(me)]
    begun = [(chat, world.messages.last_seen_by(me, chat)) for chat in chats]
    begun = [(chat, said) for chat, said in begun if said or not chat.is_private]
    return sorted(
        begun, key=lambda each: (each[1].date, each[1].version) if each[1] else (0, 0), reverse=True
    )


def _dialog(call: Call, chat: Chat, said: Message | None) -> TLObject:
    last = said.message_id if said else 0
    unread = call.world.messages.unread(call.who.id, chat)
    return types.Dialog(
        peer=shown.peer(chat, call.who),
        top_message=last,
        read_inbox_max_id=0 if unread else last,
        read_outbox_max_id=last,
        unread_count=unread,
        unread_mentions_count=0,
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        notify_settings=types.PeerNotifySettings(),
    )
