"""What a stored message looks like to a bot (the Bot API's objects) and to a person (the chat page's)."""

from typing import Any

from simulator.accounts import ADMIN_RIGHTS, Accounts, Bot, Chat, Member, Person, user_object
from simulator.files import PAGE_KEY, FileStore, file_id, file_unique_id
from simulator.messages import Message, Messages

JsonObject = dict[str, Any]
INTERNAL = ("reply_to", "reply_keyboard")


class View:
    def __init__(self, accounts: Accounts, messages: Messages, files: FileStore) -> None:
        self._accounts = accounts
        self._messages = messages
        self._files = files

    def user(self, user_id: int) -> JsonObject:
        account = self._accounts.bot(user_id) or self._accounts.person(user_id)
        if account is None:
            raise LookupError(user_id)
        return user_object(account)

    def chat_for_bot(self, chat: Chat) -> JsonObject:
        if chat.is_channel:
            return self._channel(chat.channel)
        return self._private(self._accounts.person(chat.person), chat.person)

    def chat_for_person(self, chat: Chat) -> JsonObject:
        if chat.is_channel:
            return self._channel(chat.channel)
        return self._private(self._accounts.bot(chat.bot), chat.bot)

    def _private(self, other: Bot | Person | None, number: int) -> JsonObject:
        chat: JsonObject = {"id": number, "type": "private"}
        if other:
            chat["first_name"] = other.first_name
            if other.username:
                chat["username"] = other.username
        return chat

    def _channel(self, channel_id: int) -> JsonObject:
        channel = self._accounts.channel(channel_id)
        chat: JsonObject = {"id": channel_id, "type": "channel", "title": channel.title if channel else ""}
        if channel and channel.username:
            chat["username"] = channel.username
        return chat

    def for_bot(self, bot: Bot, message: Message, *, with_reply: bool = True) -> JsonObject:
        """The Bot API's `Message`."""
        shown = self._message(message, self.chat_for_bot(message.chat), bot.token)
        reply = self._answered(message) if with_reply else None
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

    def _answered(self, message: Message) -> Message | None:
        number = message.content.get("reply_to")
        return self._messages.get(message.chat, number) if number else None

    def _message(self, message: Message, chat: JsonObject, key: str) -> JsonObject:
        shown: JsonObject = {"message_id": message.message_id, "date": message.date, "chat": chat}
        if message.chat.is_channel:
            shown["sender_chat"] = chat
        else:
            shown["from"] = self.user(message.sender)
        if message.edit_date is not None:
            shown["edit_date"] = message.edit_date
        for name, value in message.content.items():
            if name not in INTERNAL:
                shown[name] = self._with_file_ids(value, key)
        return shown

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

    def member(self, member: Member) -> JsonObject:
        """The Bot API's `ChatMember`."""
        shown: JsonObject = {"status": member.status, "user": self.user(member.user)}
        if member.status == "creator":
            shown["is_anonymous"] = False
        elif member.status == "administrator":
            shown |= {"can_be_edited": False, "is_anonymous": False}
            shown |= {right: right in member.rights for right in ADMIN_RIGHTS}
        elif member.status == "kicked":
            shown["until_date"] = 0
        return shown
