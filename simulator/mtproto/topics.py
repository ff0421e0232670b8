"""The topics of forums: as they are shown, and the method that asks for them."""

from collections.abc import Sequence

from pyrogram.raw import types
from pyrogram.raw.core import TLObject

from simulator.chats import Chat
from simulator.messages import Message
from simulator.mtproto import shown
from simulator.mtproto.call import Answer, Call, chat_of, shown_room
from simulator.mtproto.refusals import BAD_REQUEST, RpcRefused
from simulator.rooms import GENERAL_TOPIC, TOPIC_COLOURS, Topic


async def by_number(call: Call) -> Answer:
    """messages.getForumTopicsByID."""
    chat = chat_of(call, call.query.peer)
    if chat.is_private or not call.world.rooms.of(chat).is_forum:
        raise RpcRefused(BAD_REQUEST, "CHANNEL_FORUM_MISSING")
    found = [_topic(call, chat, number) for number in call.query.topics]
    return types.messages.ForumTopics(
        count=len(found), topics=found, messages=[], chats=[shown_room(call, chat)], users=[], pts=1
    )


def topics_of(call: Call, said: Sequence[Message | None]) -> list[TLObject]:
    """Those in which the messages stand."""
    named = [(each.chat, each.content["topic"]) for each in said if each and "topic" in each.content]
    return [_topic(call, chat, number) for chat, number in dict.fromkeys(named)]


def _topic(call: Call, chat: Chat, number: int) -> TLObject:
    if number == GENERAL_TOPIC:
        general = Topic(GENERAL_TOPIC, "General", TOPIC_COLOURS[0], closed=False)
        return _shown(call, chat, general, None)
    topic = call.world.rooms.topic(chat.room, number)
    if topic is None:
        return types.ForumTopicDeleted(id=number)
    return _shown(call, chat, topic, call.world.messages.get(chat, number))


def _shown(call: Call, chat: Chat, topic: Topic, began: Message | None) -> TLObject:
    peer = shown.peer(chat, call.who)
    return types.ForumTopic(
        id=topic.thread,
        date=began.date if began else 0,
        peer=peer,
        title=topic.name,
        icon_color=topic.icon_color,
        top_message=call.world.messages.last_in_topic(chat, topic.thread),
        read_inbox_max_id=0,
        read_outbox_max_id=0,
        unread_count=0,
        unread_mentions_count=0,
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        from_id=types.PeerUser(user_id=began.sender) if began else peer,
        notify_settings=types.PeerNotifySettings(),
        closed=topic.closed or None,
    )
