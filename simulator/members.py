"""Rooms come, and people and bots come, go, rise and fall in them: what changes, and who is told."""

from dataclasses import replace

from simulator.accounts import Bot
from simulator.chats import Chat, RoomKind, private_chat
from simulator.messages import Content, Message
from simulator.rooms import PERMISSIONS, TOPIC_COLOURS, Member, Room, Topic
from simulator.world import World


class Members:
    def __init__(self, world: World) -> None:
        self._world = world

    def add_room(
        self, kind: RoomKind, title: str, username: str | None, owner: int, *, is_forum: bool
    ) -> Room:
        """A room that the person `owner` makes, and is alone in."""
        permissions = frozenset() if kind == "channel" else frozenset(PERMISSIONS)
        number = self._world.rooms.next_id(kind)
        room = self._world.rooms.add(Room(number, kind, title, username, is_forum, permissions), owner)
        if kind != "channel":
            name = "group_chat_created" if kind == "group" else "supergroup_chat_created"
            self._world.post(room.chat, owner, {name: True})
        self._tell_of_chats([owner], room.chat)
        return room

    def set(self, room: Room, member: Member, by: int) -> Member:
        """Gives somebody a place in a room, as the person `by`; those there learn of it."""
        if room.kind == "channel" and member.status == "member" and self._world.accounts.bot(member.user):
            # bots are in channels as administrators only
            member = Member(member.user, "left")
        old = self._world.rooms.member(room.id, member.user)
        if old.present and not member.present:
            self._say_goodbye(room, member.user, by)
        self._world.rooms.set_member(room.id, member)
        self._report(room.chat, old, member, by)
        if member.present and not old.present:
            self._welcome(room, member.user, by)
        self._tell_of_chats([member.user, *self._world.hearing.people_in(room.id)], room.chat)
        return member

    def _say_goodbye(self, room: Room, user: int, by: int) -> None:
        """Posted while they are still there: who is thrown out of a supergroup does not see it any more."""
        if room.kind == "group":
            self._world.post(room.chat, by, {"left_chat_member": self._world.view.user(user)})
        elif room.kind == "supergroup":
            present = self._world.rooms.member(room.id, user)
            self._world.rooms.set_member(room.id, replace(present, status="left"))
            self._world.post(room.chat, by, {"left_chat_member": self._world.view.user(user)})

    def _welcome(self, room: Room, user: int, by: int) -> None:
        if room.kind != "channel":
            self._world.post(room.chat, by, {"new_chat_members": [self._world.view.user(user)]})

    def _report(self, chat: Chat, old: Member, new: Member, by: int) -> None:
        """Tells the bot whose place changed, and the bots that are administrators there."""
        body = {
            "chat": self._world.view.chat_for_bot(chat),
            "from": self._world.view.user(by),
            "date": self._world.now(),
            "old_chat_member": self._world.view.member(old, chat),
            "new_chat_member": self._world.view.member(new, chat),
        }
        bot = self._world.accounts.bot(new.user)
        if bot:
            self._world.queue_update(bot, "my_chat_member", body)
        if chat.is_private:
            return
        for other in self._world.hearing.bots_in(chat.room):
            if other.id != new.user and self._world.access.member(other, chat).in_charge:
                self._world.queue_update(other, "chat_member", body)

    def _tell_of_chats(self, users: list[int], chat: Chat) -> None:
        for user in dict.fromkeys(users):
            if self._world.accounts.person(user):
                self._world.tell(user, {"kind": "chat", "chat": chat.room})

    def set_blocked(self, bot: Bot, person: int, *, blocked: bool) -> None:
        """The person blocks the bot or takes it back; the bot learns of it."""
        before = self._world.accounts.has_blocked(bot.id, person)
        self._world.accounts.set_dialog(bot.id, person, blocked=blocked)
        if before == blocked:
            return
        statuses = ("member", "kicked") if blocked else ("kicked", "member")
        old, new = (Member(bot.id, status) for status in statuses)
        self._report(private_chat(bot.id, person), old, new, person)

    def upgrade(self, group: Room, by: int) -> Room:
        """Makes a supergroup of a basic group: another chat, with the same members and messages of its own."""
        rooms = self._world.rooms
        creator = next(member.user for member in rooms.members(group.id) if member.status == "creator")
        supergroup = rooms.add(
            replace(group, id=rooms.next_id("supergroup"), kind="supergroup", migrated_from=group.id), creator
        )
        for member in rooms.members(group.id):
            rooms.set_member(supergroup.id, member)
        rooms.set_migrated(group.id, supergroup.id)
        self._world.post(group.chat, by, {"migrate_to_chat_id": supergroup.id})
        for bot in self._world.hearing.bots_in(supergroup.id):
            joined = rooms.member(supergroup.id, bot.id)
            self._report(supergroup.chat, Member(bot.id, "left"), joined, by)
        self._world.post(supergroup.chat, by, {"migrate_from_chat_id": group.id})
        self._tell_of_chats(self._world.hearing.people_in(supergroup.id), supergroup.chat)
        return supergroup

    # --- topics

    def add_topic(self, room: Room, name: str, by: int) -> Topic:
        """Begins a topic of a forum, with a message that says so and gives the topic its number."""
        colour = TOPIC_COLOURS[len(self._world.rooms.topics(room.id)) % len(TOPIC_COLOURS)]
        content: Content = {"forum_topic_created": {"name": name, "icon_color": colour}}
        began = self._world.post(room.chat, by, content)
        topic = Topic(began.message_id, name, colour, closed=False)
        self._world.rooms.add_topic(room.id, topic)
        self._tell_of_chats(self._world.hearing.people_in(room.id), room.chat)
        return topic

    def set_topic_closed(self, room: Room, topic: Topic, by: int, *, closed: bool) -> Topic:
        changed = replace(topic, closed=closed)
        if topic.closed != closed:
            name = "forum_topic_closed" if closed else "forum_topic_reopened"
            self._world.rooms.add_topic(room.id, changed)
            self._world.post(room.chat, by, {name: {}, "topic": topic.thread})
            self._tell_of_chats(self._world.hearing.people_in(room.id), room.chat)
        return changed

    def remove_topic(self, room: Room, topic: Topic) -> None:
        """Deletes the topic and everything that was said in it."""
        self._world.rooms.remove_topic(room.id, topic.thread)
        for message in self._in_topic(room, topic):
            self._world.remove(message)
        self._tell_of_chats(self._world.hearing.people_in(room.id), room.chat)

    def _in_topic(self, room: Room, topic: Topic) -> list[Message]:
        every = self._world.messages.seen_by(0, room.chat, 0, -1)
        return [
            message for message in every if topic.thread in (message.message_id, message.content.get("topic"))
        ]
