"""What a method of the data centre is given, and how it finds the chat that is meant."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pyrogram.raw import types
from pyrogram.raw.core import TLObject

from simulator.accounts import Bot
from simulator.auth_keys import AuthKeys
from simulator.chats import CHANNEL_BASE, Chat, private_chat
from simulator.mtproto import shown
from simulator.mtproto.parts import Parts
from simulator.mtproto.passwords import Passwords
from simulator.mtproto.redirects import Redirects
from simulator.mtproto.refusals import BAD_REQUEST, RpcRefused
from simulator.mtproto.sealed import access_hash
from simulator.mtproto.users import User
from simulator.world import World

Answer = Any
"""What a call results in: an object of pyrogram's, a bool, or a bare vector, which is bytes."""


Addresses = Callable[[], dict[int, tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Place:
    """What the methods work on. `addresses` says where the data centres listen, `cdn_key` is the CDN's, as PEM."""

    world: World
    keys: AuthKeys
    parts: Parts
    passwords: Passwords
    redirects: Redirects
    addresses: Addresses
    cdn_key: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call, at a data centre, of who is signed in there."""

    place: Place
    dc: int
    who: User
    query: Any

    @property
    def world(self) -> World:
        return self.place.world


def shown_room(call: Call, chat: Chat) -> TLObject:
    room = call.world.rooms.of(chat)
    if chat.kind == "group":
        return shown.group(room, len(call.world.rooms.members(room.id)))
    member = call.world.rooms.member(room.id, call.who.id)
    return shown.channel(call.who, room, member)


def chat_of(call: Call, peer: Any) -> Chat:  # noqa: ANN401
    """The chat that is named. Raises RpcRefused where it is not to be seen."""
    if isinstance(peer, types.InputPeerUser):
        return _private(call, peer)
    if isinstance(peer, types.InputPeerChat):
        room = call.world.rooms.get(-peer.chat_id)
        if not room or room.kind != "group" or not call.world.rooms.member(room.id, call.who.id).present:
            raise RpcRefused(BAD_REQUEST, "CHAT_ID_INVALID")
        return room.chat
    return room_of(call, peer)


def _private(call: Call, peer: Any) -> Chat:  # noqa: ANN401
    """A bot's chat with a person who has begun it. People have no chats with each other."""
    accounts, me, other = call.world.accounts, call.who.id, peer.user_id
    is_bot = isinstance(call.who.account, Bot)
    known = peer.access_hash == access_hash(call.who, other) or (is_bot and peer.access_hash == 0)
    if is_bot and known and accounts.person(other) and accounts.has_started(me, other):
        return private_chat(me, other)
    if not is_bot and known and accounts.bot(other):
        return private_chat(other, me)
    raise RpcRefused(BAD_REQUEST, "PEER_ID_INVALID")


def room_of(call: Call, peer: Any) -> Chat:  # noqa: ANN401
    """A channel or supergroup. A bot may leave the access hash out for what it is in; what is public is open to who has it."""
    if not isinstance(peer, types.InputChannel | types.InputPeerChannel):
        raise RpcRefused(BAD_REQUEST, "PEER_ID_INVALID")
    is_bot = isinstance(call.who.account, Bot)
    is_right = peer.access_hash == access_hash(call.who, peer.channel_id)
    known = is_right or (is_bot and peer.access_hash == 0)
    room = call.world.rooms.get(CHANNEL_BASE - peer.channel_id)
    if room is None or not known:
        raise RpcRefused(BAD_REQUEST, "CHANNEL_INVALID")
    member = call.world.rooms.member(room.id, call.who.id)
    is_open = room.username is not None and is_right and member.status != "kicked"
    if not member.present and not is_open:
        raise RpcRefused(BAD_REQUEST, "CHANNEL_PRIVATE")
    return room.chat


def boxed(value: Any, written: type) -> Any:  # noqa: ANN401
    """Pyrogram takes a vector of objects of four or eight bytes for one of numbers: no client ever reads any.

    `written` is how such a number is written.
    """
    return TLObject.read(BytesIO(written(value))) if isinstance(value, int) else value
