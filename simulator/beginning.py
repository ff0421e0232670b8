"""What an empty world starts with: a bot, three people, a channel and a group with topics."""

from simulator.accounts import FIRST_BOT_TOKEN, Accounts, Person
from simulator.messages import Messages
from simulator.rooms import (
    FIRST_CHANNEL,
    FIRST_GROUP,
    PERMISSIONS,
    POSTING_RIGHTS,
    TOPIC_COLOURS,
    Member,
    Room,
    Rooms,
    Topic,
)

ADA = Person(1001, "Ada", "ada", "en")
BLAS = Person(1002, "Blas", "blas", "es")
CLEO = Person(1003, "Cleo", "cleo", "fr")
CHANNEL = Room(FIRST_CHANNEL, "channel", "Shiny Things", None, is_forum=False, permissions=frozenset())
GROUP = Room(FIRST_GROUP, "supergroup", "The Nest", None, is_forum=True, permissions=frozenset(PERMISSIONS))


def create_first(accounts: Accounts, rooms: Rooms, messages: Messages, now: int) -> None:
    """Ada owns both rooms, Blas is in both, Cleo in the group; the bot may post in the channel."""
    bot = accounts.add_bot(FIRST_BOT_TOKEN, "Magpie", "magpie_sim_bot")
    for person in (ADA, BLAS, CLEO):
        accounts.keep_person(person)
    rooms.add(CHANNEL, ADA.id)
    rooms.set_member(CHANNEL.id, Member(BLAS.id, "member"))
    rooms.set_member(CHANNEL.id, Member(bot.id, "administrator", frozenset(POSTING_RIGHTS)))
    rooms.add(GROUP, ADA.id)
    for user in (BLAS.id, CLEO.id, bot.id):
        rooms.set_member(GROUP.id, Member(user, "member"))
    _begin_group(rooms, messages, now)


def _begin_group(rooms: Rooms, messages: Messages, now: int) -> None:
    """Its first two messages, which everybody has read: that it is there, and a topic."""
    chat = GROUP.chat
    topic = {"name": "Films", "icon_color": TOPIC_COLOURS[0]}
    messages.add(chat, ADA.id, now, {"supergroup_chat_created": True})
    began = messages.add(chat, ADA.id, now, {"forum_topic_created": topic})
    rooms.add_topic(GROUP.id, Topic(began.message_id, "Films", TOPIC_COLOURS[0], closed=False))
    for person in (ADA, BLAS, CLEO):
        messages.mark_read(person.id, chat, began.message_id)
