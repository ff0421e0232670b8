"""What a stored message looks like to a bot (the Bot API's objects) and to a person (the chat page's)."""

from typing import Any

from simulator.accounts import Accounts, Bot, Person, user_object
from simulator.chats import Chat
from simulator.files import PAGE_KEY, FileStore, file_id, file_unique_id
from simulator.messages import Message, Messages
from simulator.rooms import Member, Rooms, member_object

JsonObject = dict[str, Any]
INTERNAL = ("reply_to", "reply_keyboard", "topic", "thread", "via", "inline_id")


class View:
    def __init__(self, accounts: Accounts, rooms: Rooms, messages: Messages, files: FileStore) -> None:
        self._accounts = accounts
        self._rooms = rooms
        self._messages = messages
        self._files = files

    def user(self, user_id: int) -> JsonObject:
        account = self._accounts.bot(user_id) or self._accounts.person(user_id)
        if account is None:
            raise LookupError(user_id)
        return user_object(account)

    def chat_for_bot(self, chat: Chat) -> JsonObject:
        if chat.is_private:
            return self._private(self._accounts.person(chat.person), chat.person)
        return self._room(chat)

    def chat_for_person(self, chat: Chat) -> JsonObject:
        if chat.is_private:
            return self._private(self._accounts.bot(chat.bot), chat.bot)
        return self._room(chat)

    def _private(self, other: Bot | Person | None, number: int) -> JsonObject:
        chat: JsonObject = {"id": number, "type": "private"}
        if other:
            chat["first_name"] = other.first_name
            if other.username:
                chat["username"] = other.username
        return chat

    def _room(self, chat: Chat) -> JsonObject:
        room = self._rooms.of(chat)
        shown: JsonObject = {"id": room.id, "type": room.kind, "title": room.title}
        if room.username:
            shown["username"] = room.username
        if room.is_forum:
            shown["is_forum"] = True
        return shown

    def for_bot(self, bot: Bot, message: Message, *, with_reply: bool = True) -> JsonObject:
        """The Bot API's `Message`."""
        shown = self._message(message, self.chat_for_bot(message.chat), bot.file_key)
        reply = self._answered(message) or self._topic_of(message) if with_reply else None
        if reply:
            shown["reply_to_message"] = self.for_bot(bot, reply, with_reply=False)
        return shown

    def for_person(self, message: Message, *, with_reply: bool = True) -> JsonObject:
        """As for a bot; besides the message's `version`, and the reply keyboard as `reply_keyboard`."""
        shown = self._message(message, self.chat_for_person(message.chat), PAGE_KEY)
        shown["version"] = message.version
        if "reply_keyboard" in message.content:
            shown["reply_keyboard"] = message.content["reply_keyboard"]
        reply = self._answered(message) if with_reply else None
        if reply:
            shown["reply_to_message"] = self.for_person(reply, with_reply=False)
        return shown

    def content_for_person(self, content: JsonObject) -> JsonObject:
        """What a message would look like that nobody has sent yet."""
        kept = {name: value for name, value in content.items() if name not in INTERNAL}
        return dict(self._with_file_ids(kept, PAGE_KEY))

    def _answered(self, message: Message) -> Message | None:
        number = message.content.get("reply_to")
        return self._messages.get(message.chat, number) if number else None

    def _topic_of(self, message: Message) -> Message | None:
        """What answers nothing in a topic, answers the message that began the topic: so bots see it."""
        topic = message.content.get("topic")
        return self._messages.get(message.chat, topic) if topic else None

    def _message(self, message: Message, chat: JsonObject, key: str) -> JsonObject:
        shown: JsonObject = {"message_id": message.message_id, "date": message.date, "chat": chat}
        if message.chat.is_channel:
            shown["sender_chat"] = chat
        else:
            shown["from"] = self.user(message.sender)
        if message.edit_date is not None:
            shown["edit_date"] = message.edit_date
        shown |= self._thread(message)
        if "via" in message.content:
            shown["via_bot"] = self.user(message.content["via"])
        for name, value in message.content.items():
            if name not in INTERNAL:
                shown[name] = self._with_file_ids(value, key)
        return shown

    def _thread(self, message: Message) -> JsonObject:
        content = message.content
        topic = message.message_id if "forum_topic_created" in content else content.get("topic")
        if topic:
            return {"message_thread_id": topic, "is_topic_message": True}
        return {"message_thread_id": content["thread"]} if "thread" in content else {}

    def _with_file_ids(self, value: Any, key: str) -> Any:  # noqa: ANN401  any JSON value
        if isinstance(value, list):
            return [self._with_file_ids(item, key) for item in value]
        if not isinstance(value, dict):
            return value
        shown = {name: self._with_file_ids(item, key) for name, item in value.items() if name != "file"}
        number = value.get("file")
        file = self._files.get(number) if isinstance(number, int) else None
        if file:
            shown |= {"file_id": file_id(key, file), "file_unique_id": file_unique_id(file)}
        return shown

    def member(self, member: Member, chat: Chat) -> JsonObject:
        """The Bot API's `ChatMember`."""
        return member_object(member, chat.kind, self.user(member.user))
