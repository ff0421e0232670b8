"""Methods that read messages."""

from collections.abc import Callable, Sequence
from typing import Any

from pyrogram.raw import types
from pyrogram.raw.core import Long, TLObject

from simulator.chats import Chat
from simulator.messages import Message
from simulator.mtproto import shown
from simulator.mtproto.call import Answer, Call, boxed, room_of, shown_room
from simulator.mtproto.refusals import BAD_REQUEST, RpcRefused
from simulator.mtproto.topics import topics_of

_MOST_IDS = 100


async def of_channel(call: Call) -> Answer:
    """channels.getMessages."""
    chat = room_of(call, call.query.channel)
    wanted = _wanted(call.query.id)
    found = [_meant(each, lambda number: call.world.messages.get(chat, number)) for each in wanted]
    about = {
        "topics": topics_of(call, found),
        "chats": rooms(call, found, chat),
        "users": authors(call, found),
    }
    return types.messages.ChannelMessages(
        pts=1, count=len(wanted), messages=_shown(call, wanted, found), **about
    )


async def of_bot(call: Call) -> Answer:
    """messages.getMessages: of private chats and basic groups, whose messages have numbers of one row."""
    wanted = _wanted(call.query.id)
    found = [_meant(each, lambda number: _find(call, number)) for each in wanted]
    chats = rooms(call, found)
    return types.messages.Messages(
        messages=_shown(call, wanted, found), topics=[], chats=chats, users=authors(call, found)
    )


def _wanted(named: list[Any]) -> list[Any]:
    """By their numbers, or by the numbers of what answers them."""
    if len(named) > _MOST_IDS:
        raise RpcRefused(BAD_REQUEST, "MSG_ID_INVALID")
    wanted = [boxed(each, Long) for each in named]
    if not all(isinstance(each, types.InputMessageID | types.InputMessageReplyTo) for each in wanted):
        raise RpcRefused(BAD_REQUEST, "MSG_ID_INVALID")
    return wanted


def _meant(wanted: Any, find: Callable[[int], Message | None]) -> Message | None:  # noqa: ANN401
    said = find(wanted.id)
    if said is None or isinstance(wanted, types.InputMessageID):
        return said
    answered = said.content.get("reply_to")
    return find(answered) if answered else None


def _find(call: Call, number: int) -> Message | None:
    """The bot's message with this number, in a private chat, else in a basic group that it is in."""
    messages = call.world.messages
    groups = [room.chat for room in call.world.rooms.of_user(call.who.id) if room.kind == "group"]
    found = (messages.get(chat, number) for chat in groups)
    return messages.private(call.who.id, number) or next((said for said in found if said), None)


def _shown(call: Call, wanted: list[Any], found: list[Message | None]) -> list[TLObject]:
    return [
        shown.message(call.world, call.who, said) if said else types.MessageEmpty(id=each.id)
        for each, said in zip(wanted, found, strict=True)
    ]


def authors(call: Call, found: Sequence[Message | None]) -> list[TLObject]:
    """Everybody whom the messages name."""
    said = [each for each in found if each]
    named = [each.sender for each in said if not each.chat.is_channel]
    named += [number for each in said if each.chat.is_private for number in (each.chat.bot, each.chat.person)]
    named += [origin["sender_user"]["id"] for origin in _origins(said) if "sender_user" in origin]
    return [shown.user(call.world, call.who, number) for number in dict.fromkeys(named)]


def rooms(call: Call, found: Sequence[Message | None], *chats: Chat) -> list[TLObject]:
    """These chats, and every other room that the messages name."""
    said = [each for each in found if each]
    named = [*chats, *(each.chat for each in said)]
    numbers = [chat.room for chat in named if not chat.is_private]
    numbers += [origin["chat"]["id"] for origin in _origins(said) if "chat" in origin]
    known = map(call.world.rooms.get, dict.fromkeys(numbers))
    return [shown_room(call, room.chat) for room in known if room]


def _origins(said: list[Message]) -> list[dict[str, Any]]:
    return [each.content["forward_origin"] for each in said if "forward_origin" in each.content]
