"""What messages tell of that nobody wrote: who came and went, what became of chats and topics."""

from pyrogram.raw import types
from pyrogram.raw.core import TLObject

from simulator.chats import CHANNEL_BASE
from simulator.hearing import is_service
from simulator.messages import Content, Message
from simulator.world import World


def action(world: World, said: Message) -> TLObject | None:
    """None for a message that somebody wrote."""
    content = said.content
    if not is_service(content):
        return None
    title = world.rooms.of(said.chat).title
    return _coming_and_going(content, title) or _migration(content, title) or _topic(content)


def _coming_and_going(content: Content, title: str) -> TLObject | None:
    if "new_chat_members" in content:
        return types.MessageActionChatAddUser(users=[each["id"] for each in content["new_chat_members"]])
    if "left_chat_member" in content:
        return types.MessageActionChatDeleteUser(user_id=content["left_chat_member"]["id"])
    if "group_chat_created" in content:
        return types.MessageActionChatCreate(title=title, users=[])
    if "supergroup_chat_created" in content:
        return types.MessageActionChannelCreate(title=title)
    return None


def _migration(content: Content, title: str) -> TLObject | None:
    if "migrate_to_chat_id" in content:
        return types.MessageActionChatMigrateTo(channel_id=CHANNEL_BASE - content["migrate_to_chat_id"])
    if "migrate_from_chat_id" in content:
        return types.MessageActionChannelMigrateFrom(title=title, chat_id=-content["migrate_from_chat_id"])
    return None


def _topic(content: Content) -> TLObject:
    if "forum_topic_created" in content:
        made = content["forum_topic_created"]
        return types.MessageActionTopicCreate(title=made["name"], icon_color=made["icon_color"])
    return types.MessageActionTopicEdit(closed="forum_topic_closed" in content)
