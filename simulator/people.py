"""What people do: the rules behind the JSON interface that plays a person."""

import re
from typing import Any

from fastapi import HTTPException

from simulator.accounts import Bot, Person
from simulator.chats import Chat, private_chat
from simulator.commands import commands_for
from simulator.forms import Deletion, Press, Wait
from simulator.keyboards import Button, button_labelled, buttons
from simulator.messages import Message
from simulator.presses import Presses
from simulator.rooms import GENERAL_TOPIC, Member, Room, Topic
from simulator.world import World

JsonObject = dict[str, Any]
ALL_MESSAGES = -1


class People:
    """What people do. Raises HTTPException 404 for whom or what there is not, 400 for what cannot be done."""

    def __init__(self, world: World) -> None:
        self.world = world

    def person(self, person: int) -> Person:
        found = self.world.accounts.person(person)
        if found is None:
            raise HTTPException(404, "no such person")
        return found

    def chat(self, person: int, chat: int) -> Chat:
        """The chat that the person names so: a bot's id or that of a room they are in."""
        self.person(person)
        if self.world.accounts.bot(chat):
            return private_chat(chat, person)
        room = self.world.rooms.get(chat)
        if room and self.world.rooms.member(chat, person).present:
            return room.chat
        raise HTTPException(404, "no such chat")

    def room(self, room: int) -> Room:
        found = self.world.rooms.get(room)
        if found is None:
            raise HTTPException(404, "no such channel or group")
        return found

    def topic(self, room: Room, thread: int) -> Topic:
        found = self.world.rooms.topic(room.id, thread)
        if found is None:
            raise HTTPException(404, "no such topic")
        return found

    def message(self, person: int, chat: Chat, message_id: int) -> Message:
        message = self.world.messages.get(chat, message_id)
        if message is None or self.world.messages.is_hidden(person, message):
            raise HTTPException(404, "no such message")
        return message

    def chats(self, person: int) -> list[JsonObject]:
        self.person(person)
        chats = [private_chat(bot.id, person) for bot in self.world.accounts.bots()]
        chats += [room.chat for room in self.world.rooms.of_user(person)]
        return [self._chat_shown(person, chat) for chat in chats]

    def _chat_shown(self, person: int, chat: Chat) -> JsonObject:
        messages = self.world.messages
        shown = self.world.view.chat_for_person(chat) | {"unread": messages.unread(person, chat)}
        last = messages.last_seen_by(person, chat)
        if last:
            shown["last_message"] = self.world.view.for_person(last)
        shown["commands"] = commands_for(self.world, self.person(person), chat)
        if chat.is_private:
            shown["blocked"] = self.world.accounts.has_blocked(chat.bot, person)
            return shown
        member = self.world.rooms.member(chat.room, person)
        shown["status"] = member.status
        shown["can_post"] = may_post(self.world.rooms.of(chat), member)
        shown["members"] = len(self.world.rooms.members(chat.room))
        shown |= self._room_shown(chat)
        return shown

    def _room_shown(self, chat: Chat) -> JsonObject:
        room = self.world.rooms.of(chat)
        shown: JsonObject = {"topics": self._topics(chat)} if room.is_forum else {}
        for name in ("migrated_to", "migrated_from"):
            if getattr(room, name) is not None:
                shown[name] = getattr(room, name)
        return shown

    def _topics(self, chat: Chat) -> list[JsonObject]:
        """With the general topic, whose messages have no `message_thread_id`."""
        general: JsonObject = {"message_thread_id": GENERAL_TOPIC, "name": "General", "closed": False}
        return [general, *map(topic_shown, self.world.rooms.topics(chat.room))]

    def about(self, room_id: int) -> JsonObject:
        """A room with its members and topics, as somebody in it sees it."""
        room = self.room(room_id)
        shown = self.world.view.chat_for_person(room.chat)
        members = self.world.rooms.members(room_id)
        shown["members"] = [self.world.view.member(member, room.chat) for member in members]
        return shown | self._room_shown(room.chat)

    def history(self, person: int, chat_id: int, after: int, limit: int) -> list[JsonObject]:
        chat = self.chat(person, chat_id)
        found = self.world.messages.seen_by(person, chat, after, limit)
        if found:
            with self.world.db.transaction():
                self.world.messages.mark_read(person, chat, found[-1].message_id)
        return [self.world.view.for_person(message) for message in found]

    async def press(self, person: int, chat_id: int, press: Press) -> JsonObject:
        chat = self.chat(person, chat_id)
        button = self._button(person, chat, press)
        if "url" in button:
            return {"url": button["url"]}
        if "copy_text" in button:
            return {"copied": button["copy_text"]["text"]}
        bot = self._bot_of(chat, press.message_id)
        if "callback_data" not in button:
            return {"inline_query": _switched(button), "bot": bot.id}
        presses = Presses(self.world)
        with self.world.change():
            number = presses.press(bot, person, chat, press.message_id, button["callback_data"])
        answer = await self.world.signal.wait_for(lambda: presses.answer_to(number), press.timeout)
        return {"answered": False} if answer is None else {"answered": True} | answer

    def _button(self, person: int, chat: Chat, press: Press) -> Button:
        if press.data is not None:
            return {"callback_data": press.data}
        message = self.message(person, chat, press.message_id)
        try:
            button = button_labelled(message.content, press.label or "")
        except LookupError as error:
            raise HTTPException(400, str(error)) from error
        if button is None:
            raise HTTPException(404, f"no button {press.label!r}")
        return button

    def _bot_of(self, chat: Chat, message_id: int) -> Bot:
        """The bot that hears of a press: the sender, or the one via which it was sent, else the chat's first."""
        message = self.world.messages.get(chat, message_id)
        sender = self.world.accounts.bot(message.content.get("via", message.sender)) if message else None
        bots = [] if chat.is_private else self.world.hearing.bots_in(chat.room)
        bot = sender or (bots[0] if bots else self.world.accounts.bot(chat.bot))
        if bot is None:
            raise HTTPException(404, "no bot in this chat")
        return bot

    async def wait(self, person: int, wanted: Wait) -> JsonObject:
        chat = self.chat(person, wanted.chat)
        pattern = compiled(wanted.pattern or "")

        def find() -> Message | None:
            seen = self.world.messages.seen_by(person, chat, wanted.after or 0, ALL_MESSAGES)
            return next((message for message in seen if fits(message, wanted, pattern)), None)

        message = await self.world.signal.wait_for(find, wanted.timeout)
        if message is None:
            raise HTTPException(408, "no such message in time")
        return self.world.view.for_person(message)

    def delete(self, person: int, chat_id: int, deletion: Deletion) -> None:
        chat = self.chat(person, chat_id)
        message = self.message(person, chat, deletion.message_id)
        for_everyone = deletion.for_everyone or chat.kind == "supergroup"
        if for_everyone and not self._may_delete(person, message):
            raise HTTPException(400, "only administrators delete what others wrote")
        with self.world.change():
            if for_everyone:
                self.world.remove(message)
            else:
                self.world.hide(person, message)

    def _may_delete(self, person: int, message: Message) -> bool:
        """In private chats everything, elsewhere one's own and what one is in charge of."""
        if message.chat.is_private:
            return True
        member = self.world.rooms.member(message.chat.room, person)
        own = message.sender == person and not message.chat.is_channel
        return own or member.may("can_delete_messages") or (message.chat.kind == "group" and member.in_charge)


def may_post(room: Room, member: Member) -> bool:
    """Whether a person may say something in the room."""
    if room.migrated_to is not None:
        return False
    if room.kind == "channel":
        return member.may("can_post_messages")
    return member.may_as_member("can_send_messages", room)


def topic_shown(topic: Topic) -> JsonObject:
    return {
        "message_thread_id": topic.thread,
        "name": topic.name,
        "icon_color": topic.icon_color,
        "closed": topic.closed,
    }


def _switched(button: Button) -> str:
    """What a button that asks a bot from a chat types into the input."""
    chosen = button.get("switch_inline_query_chosen_chat", {}).get("query", "")
    return str(button.get("switch_inline_query_current_chat", button.get("switch_inline_query", chosen)))


def compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error as error:
        raise HTTPException(400, f"no pattern: {error}") from error


def fits(message: Message, wanted: Wait, pattern: re.Pattern[str]) -> bool:
    text = message.content.get("text") or message.content.get("caption") or ""
    labels = [button["text"] for button in buttons(message.content)]
    return (
        (wanted.contains is None or wanted.contains in text)
        and (wanted.thread is None or message.content.get("topic", GENERAL_TOPIC) == wanted.thread)
        and pattern.search(text) is not None
        and (wanted.button is None or any(wanted.button in label for label in labels))
        and (wanted.edited_since is None or message.version > wanted.edited_since)
    )
