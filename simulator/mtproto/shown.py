"""The world as MTProto shows it: accounts, rooms and messages in pyrogram's types."""

from typing import Any

from pyrogram.raw import types
from pyrogram.raw.core import TLObject

from simulator.accounts import Bot
from simulator.chats import CHANNEL_BASE, Chat
from simulator.messages import Content, Message
from simulator.mtproto import shown_actions, shown_media
from simulator.mtproto.formatting import write_entities, write_keyboard
from simulator.mtproto.sealed import access_hash
from simulator.mtproto.users import User
from simulator.rooms import Member, Room
from simulator.world import World

# rights by the Bot API's names → MTProto's
_GRANTED = {
    "can_change_info": "change_info",
    "can_post_messages": "post_messages",
    "can_edit_messages": "edit_messages",
    "can_delete_messages": "delete_messages",
    "can_invite_users": "invite_users",
    "can_pin_messages": "pin_messages",
    "can_promote_members": "add_admins",
    "can_manage_chat": "other",
    "can_manage_topics": "manage_topics",
}
_BANNED = {
    "can_send_messages": "send_messages",
    "can_send_audios": "send_audios",
    "can_send_documents": "send_docs",
    "can_send_photos": "send_photos",
    "can_send_videos": "send_videos",
    "can_send_other_messages": "send_gifs",
}


def user(world: World, viewer: User, number: int) -> TLObject:
    """An account as the viewer sees it."""
    account = world.accounts.bot(number) or world.accounts.person(number)
    if account is None:
        return types.UserEmpty(id=number)
    bot = isinstance(account, Bot)
    return types.User(
        id=number,
        is_self=number == viewer.id or None,
        bot=bot or None,
        bot_info_version=1 if bot else None,
        access_hash=access_hash(viewer, number),
        first_name=account.first_name,
        username=account.username,
        **_login(world, viewer, number),
    )


def _login(world: World, viewer: User, number: int) -> dict[str, Any]:
    """What is known of a person's phone and subscription."""
    if world.accounts.person(number) is None:
        return {}
    login = world.logins.of(number)
    return {"phone": login.phone if number == viewer.id else None, "premium": login.premium or None}


def channel(viewer: User, room: Room, member: Member) -> TLObject:
    """`member` is the viewer's place in it."""
    number = CHANNEL_BASE - room.id
    return types.Channel(
        id=number,
        title=room.title,
        photo=types.ChatPhotoEmpty(),
        date=0,
        creator=member.status == "creator" or None,
        left=not member.present or None,
        broadcast=room.kind == "channel" or None,
        megagroup=room.kind == "supergroup" or None,
        forum=room.is_forum or None,
        username=room.username,
        access_hash=access_hash(viewer, number),
        **_rights(room, member),
    )


def _rights(room: Room, member: Member) -> dict[str, TLObject | None]:
    """What an administrator may do, what a restricted member may not, and what nobody else may."""
    granted = {ours: member.may(name) or None for name, ours in _GRANTED.items()}
    taken = None if member.status != "restricted" else _banned(member.rights)
    return {
        "admin_rights": types.ChatAdminRights(**granted) if member.in_charge else None,
        "banned_rights": taken,
        "default_banned_rights": _banned(room.permissions) if room.kind == "supergroup" else None,
    }


def _banned(left: frozenset[str]) -> TLObject:
    """Everything but what is left to them."""
    taken = {ours: name not in left or None for name, ours in _BANNED.items()}
    return types.ChatBannedRights(until_date=0, **taken)


def group(room: Room, members: int) -> TLObject:
    """A basic group."""
    return types.Chat(
        id=-room.id,
        title=room.title,
        photo=types.ChatPhotoEmpty(),
        participants_count=members,
        date=0,
        version=1,
    )


def peer(chat: Chat, viewer: User) -> TLObject:
    if chat.is_private:
        return types.PeerUser(user_id=chat.person if viewer.id == chat.bot else chat.bot)
    if chat.kind == "group":
        return types.PeerChat(chat_id=-chat.room)
    return types.PeerChannel(channel_id=CHANNEL_BASE - chat.room)


def message(world: World, viewer: User, said: Message) -> TLObject:
    """A message. Text, files, origin, and what happened to a chat: what else it carries is not shown."""
    content = said.content
    about = {
        "id": said.message_id,
        "peer_id": peer(said.chat, viewer),
        "date": said.date,
        "out": said.sender == viewer.id or None,
        "post": said.chat.is_channel or None,
        "from_id": _sender(viewer, said),
        "reply_to": _reply(said.chat, content),
    }
    action = shown_actions.action(world, said)
    if action is not None:
        return types.MessageService(**about, action=action)
    return types.Message(**about, **_carried(world, viewer, said))


def _carried(world: World, viewer: User, said: Message) -> dict[str, Any]:
    content = said.content
    entities = content.get("entities") or content.get("caption_entities") or []
    album = content.get("media_group_id")
    return {
        "message": content.get("text") or content.get("caption") or "",
        "media": shown_media.media(world, viewer, content),
        "entities": write_entities(entities) or None,
        "reply_markup": write_keyboard(content.get("reply_markup")),
        "edit_date": said.edit_date,
        "grouped_id": int(album) if album else None,
        "via_bot_id": content.get("via"),
        "fwd_from": _origin(content.get("forward_origin")),
        "noforwards": content.get("has_protected_content"),
        "invert_media": content.get("show_caption_above_media"),
    }


def _origin(origin: dict[str, Any] | None) -> TLObject | None:
    """Where a forwarded message is from, of which the Bot API says the same."""
    if origin is None:
        return None
    if origin["type"] == "channel":
        number = CHANNEL_BASE - origin["chat"]["id"]
        place = {"from_id": types.PeerChannel(channel_id=number), "channel_post": origin["message_id"]}
    elif origin["type"] == "user":
        place = {"from_id": types.PeerUser(user_id=origin["sender_user"]["id"])}
    else:
        place = {"from_name": origin["sender_user_name"]}
    return types.MessageFwdHeader(date=origin["date"], **place)


def _sender(viewer: User, said: Message) -> TLObject | None:
    """Not told of posts, nor of what the other one says in a private chat."""
    told = said.chat.is_group or (said.chat.is_private and said.sender == viewer.id)
    return types.PeerUser(user_id=said.sender) if told else None


def _reply(chat: Chat, content: Content) -> TLObject | None:
    """In a topic, what answers nothing answers the message that began the topic."""
    topic, answered = content.get("topic"), content.get("reply_to")
    if not topic and not answered:
        return None
    about: dict[str, Any] = {"reply_to_msg_id": answered or topic, "forum_topic": bool(topic) or None}
    top = topic or content.get("thread")
    if answered and top != answered and chat.is_group:
        about["reply_to_top_id"] = top
    return types.MessageReplyHeader(**about)
