"""Methods about who and what there is, and where Telegram can be reached."""

import re
from typing import Any

from pyrogram.raw import types
from pyrogram.raw.core import Int, TLObject, Vector

from simulator.accounts import Bot
from simulator.chats import CHANNEL_BASE
from simulator.files import CDN
from simulator.mtproto import shown
from simulator.mtproto.call import Answer, Call, Place, boxed, room_of, shown_room
from simulator.mtproto.refusals import BAD_REQUEST, RpcRefused
from simulator.mtproto.sealed import access_hash

_USERNAME = re.compile(r"[A-Za-z0-9_]{3,32}")
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


def config(place: Place, dc: int) -> Answer:
    now = place.world.now()
    limits = dict.fromkeys(_LIMITS, 0)
    return types.Config(
        date=now,
        expires=now + 3600,
        test_mode=False,
        this_dc=dc,
        dc_options=[
            types.DcOption(id=number, ip_address=host, port=port, cdn=number == CDN or None)
            for number, (host, port) in place.addresses().items()
        ],
        dc_txt_domain_name="",
        me_url_prefix="https://t.me/",
        **limits,
    )


def _myself(call: Call) -> TLObject:
    return shown.user(call.world, call.who, call.who.id)


async def state(call: Call) -> Answer:
    return types.updates.State(pts=1, qts=0, date=call.world.now(), seq=0, unread_count=0)


async def users(call: Call) -> Answer:
    """What a user is named by, nobody else can make up; who is not known is empty."""
    return Vector([_user(call, boxed(each, Int)) for each in call.query.id])


def _user(call: Call, named: Any) -> TLObject:  # noqa: ANN401 - pyrogram's types are not typed
    if isinstance(named, types.InputUserSelf | types.InputPeerSelf):
        return _myself(call)
    if not isinstance(named, types.InputUser | types.InputPeerUser):
        raise RpcRefused(BAD_REQUEST, "USER_ID_INVALID")
    if not _is_known(call, named):
        return types.UserEmpty(id=named.user_id)
    return shown.user(call.world, call.who, named.user_id)


def _is_known(call: Call, named: Any) -> bool:  # noqa: ANN401
    """A bot may leave the access hash out for people who have begun a chat with it."""
    accounts, me = call.world.accounts, call.who
    has_met = isinstance(me.account, Bot) and accounts.has_started(me.id, named.user_id)
    return named.access_hash == access_hash(me, named.user_id) or (has_met and named.access_hash == 0)


async def full_user(call: Call) -> Answer:
    user = _user(call, call.query.id)
    if isinstance(user, types.UserEmpty):
        raise RpcRefused(BAD_REQUEST, "USER_ID_INVALID")
    settings = types.PeerNotifySettings()
    full = types.UserFull(
        id=user.id, settings=types.PeerSettings(), notify_settings=settings, common_chats_count=0
    )
    return types.users.UserFull(full_user=full, chats=[], users=[user])


async def channels(call: Call) -> Answer:
    chats = [room_of(call, each) for each in call.query.id]
    return types.messages.Chats(chats=[shown_room(call, chat) for chat in chats])


async def full_channel(call: Call) -> Answer:
    chat = room_of(call, call.query.channel)
    members = call.world.rooms.members(chat.room)
    last = call.world.messages.last_seen_by(call.who.id, chat)
    full = types.ChannelFull(
        id=CHANNEL_BASE - chat.room,
        about="",
        read_inbox_max_id=0,
        read_outbox_max_id=last.message_id if last else 0,
        unread_count=call.world.messages.unread(call.who.id, chat),
        chat_photo=types.PhotoEmpty(id=0),
        notify_settings=types.PeerNotifySettings(),
        bot_info=[],
        pts=1,
        participants_count=len(members),
    )
    return types.messages.ChatFull(full_chat=full, chats=[shown_room(call, chat)], users=[])


async def resolve(call: Call) -> Answer:
    """A public room, or a user."""
    name = call.query.username.removeprefix("@")
    if not _USERNAME.fullmatch(name):
        raise RpcRefused(BAD_REQUEST, "USERNAME_INVALID")
    room = call.world.rooms.named(name)
    if room:
        peer = shown.peer(room.chat, call.who)
        return types.contacts.ResolvedPeer(peer=peer, chats=[shown_room(call, room.chat)], users=[])
    account = call.world.accounts.named(name)
    if account is None:
        raise RpcRefused(BAD_REQUEST, "USERNAME_NOT_OCCUPIED")
    user = shown.user(call.world, call.who, account.id)
    return types.contacts.ResolvedPeer(peer=types.PeerUser(user_id=account.id), chats=[], users=[user])
