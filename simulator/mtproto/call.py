"""What a method of the data centre is given, and how it finds the room that is meant."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyrogram.raw import types
from pyrogram.raw.core import TLObject

from simulator.accounts import Bot
from simulator.chats import Chat
from simulator.mtproto import shown
from simulator.mtproto.parts import Parts
from simulator.mtproto.refusals import BAD_REQUEST, RpcRefused
from simulator.mtproto.sessions import AuthKeys
from simulator.world import World

Answer = Any
"""What a call results in: an object of pyrogram's, a bool, or a bare vector, which is bytes."""


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


def shown_room(call: Call, chat: Chat) -> TLObject:
    member = call.world.rooms.member(chat.room, call.bot.id)
    return shown.channel(call.bot, call.world.rooms.of(chat), member=member.present)


def room_of(call: Call, peer: Any) -> Chat:  # noqa: ANN401
    """The room that a bot names. A bot may leave the access hash out for what it is in."""
    if not isinstance(peer, types.InputChannel | types.InputPeerChannel):
        raise RpcRefused(BAD_REQUEST, "PEER_ID_INVALID")
    known = peer.access_hash in (0, shown.access_hash(call.bot, peer.channel_id))
    room = call.world.rooms.get(shown.CHANNEL_BASE - peer.channel_id)
    if room is None or not known:
        raise RpcRefused(BAD_REQUEST, "CHANNEL_INVALID")
    if not call.world.rooms.member(room.id, call.bot.id).present:
        raise RpcRefused(BAD_REQUEST, "CHANNEL_PRIVATE")
    return room.chat
