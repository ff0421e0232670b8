"""Methods about who signs in, who there is, and where Telegram can be reached."""

from typing import Any

from pyrogram.raw import types
from pyrogram.raw.core import Vector

from simulator.mtproto import shown
from simulator.mtproto.call import Answer, Call, Place, room_of, shown_room
from simulator.mtproto.refusals import BAD_REQUEST, RpcRefused
from simulator.mtproto.sessions import Key

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


def config(place: Place) -> Answer:
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


def sign_in(place: Place, key: Key, query: Any) -> Answer:  # noqa: ANN401
    bot = place.world.accounts.bot_with_token(query.bot_auth_token)
    if bot is None:
        raise RpcRefused(BAD_REQUEST, "ACCESS_TOKEN_INVALID")
    place.keys.sign_in(key, bot.id)
    return types.auth.Authorization(user=shown.user(bot))


async def state(call: Call) -> Answer:
    return types.updates.State(pts=1, qts=0, date=call.world.now(), seq=0, unread_count=0)


async def users(call: Call) -> Answer:
    if any(not isinstance(each, types.InputUserSelf) for each in call.query.id):
        raise RpcRefused(BAD_REQUEST, "USER_ID_INVALID")
    return Vector([shown.user(call.bot) for _ in call.query.id])


async def full_user(call: Call) -> Answer:
    if not isinstance(call.query.id, types.InputUserSelf):
        raise RpcRefused(BAD_REQUEST, "USER_ID_INVALID")
    settings = types.PeerNotifySettings()
    full = types.UserFull(
        id=call.bot.id, settings=types.PeerSettings(), notify_settings=settings, common_chats_count=0
    )
    return types.users.UserFull(full_user=full, chats=[], users=[shown.user(call.bot)])


async def channels(call: Call) -> Answer:
    chats = [room_of(call, each) for each in call.query.id]
    return types.messages.Chats(chats=[shown_room(call, chat) for chat in chats])
