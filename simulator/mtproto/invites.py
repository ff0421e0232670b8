"""Methods by which people come into rooms that are not public."""

import re

from pyrogram.raw import types

from simulator.members import Members
from simulator.mtproto.call import Answer, Call, shown_room
from simulator.mtproto.refusals import BAD_REQUEST, RpcRefused
from simulator.rooms import Member, Room

_HASH = re.compile(r"[A-Za-z0-9_-]{16,22}")


async def check(call: Call) -> Answer:
    """messages.checkChatInvite: what the link leads to."""
    room = _invited(call)
    if call.world.rooms.member(room.id, call.who.id).present:
        return types.ChatInviteAlready(chat=shown_room(call, room.chat))
    return types.ChatInvite(
        title=room.title,
        photo=types.PhotoEmpty(id=0),
        participants_count=len(call.world.rooms.members(room.id)),
        color=0,
        channel=room.kind != "group" or None,
        broadcast=room.kind == "channel" or None,
        megagroup=room.kind == "supergroup" or None,
        public=room.username is not None or None,
    )


async def accept(call: Call) -> Answer:
    """messages.importChatInvite."""
    room = _invited(call)
    if call.world.rooms.member(room.id, call.who.id).present:
        raise RpcRefused(BAD_REQUEST, "USER_ALREADY_PARTICIPANT")
    with call.world.change():
        Members(call.world).set(room, Member(call.who.id, "member"), call.who.id)
    chats = [shown_room(call, room.chat)]
    return types.Updates(updates=[], users=[], chats=chats, date=call.world.now(), seq=0)


def _invited(call: Call) -> Room:
    """A link that there is not, and any for who was thrown out, is of no use any more."""
    if not call.query.hash:
        raise RpcRefused(BAD_REQUEST, "INVITE_HASH_EMPTY")
    if not _HASH.fullmatch(call.query.hash):
        raise RpcRefused(BAD_REQUEST, "INVITE_HASH_INVALID")
    room = call.world.rooms.invited(call.query.hash)
    if room is None or call.world.rooms.member(room.id, call.who.id).status == "kicked":
        raise RpcRefused(BAD_REQUEST, "INVITE_HASH_EXPIRED")
    return room
