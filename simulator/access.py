"""What a bot may read, write, edit and delete, and where; with the refusals of Telegram's own server."""

from collections.abc import Callable
from typing import Any

from simulator.accounts import Account, Accounts, Bot
from simulator.chats import Chat, private_chat
from simulator.errors import ApiError, bad_request, forbidden
from simulator.messages import Content, Message, Messages
from simulator.rooms import Member, Room, Rooms

DELETABLE_SECONDS = 48 * 3600
# what carries a message → the permission that it needs, and tdlib's words for it
SENDING = {
    "animation": ("can_send_other_messages", "animations"),
    "photo": ("can_send_photos", "photos"),
    "video": ("can_send_videos", "videos"),
    "audio": ("can_send_audios", "music"),
    "document": ("can_send_documents", "documents"),
}
TEXT = ("can_send_messages", "text messages")


class Access:
    def __init__(self, accounts: Accounts, rooms: Rooms, messages: Messages, now: Callable[[], int]) -> None:
        self._accounts = accounts
        self._rooms = rooms
        self._messages = messages
        self._now = now

    def find_chat(self, bot: Bot, chat_id: int | str) -> Chat:
        """The chat with this id or @username. Raises "chat not found"."""
        if isinstance(chat_id, str):
            room = self._rooms.named(chat_id[1:]) if chat_id.startswith("@") else None
        else:
            room = self._rooms.get(chat_id)
        if room:
            return room.chat
        if isinstance(chat_id, int) and self._accounts.person(chat_id):
            return private_chat(bot.id, chat_id)
        raise bad_request("chat not found")

    def to_read(self, bot: Bot, chat_id: int | str) -> Chat:
        """A chat whose name and messages the bot may see."""
        chat = self.find_chat(bot, chat_id)
        if chat.is_private:
            if not self._accounts.has_started(bot.id, chat.person):
                raise bad_request("chat not found")
            return chat
        room = self._rooms.of(chat)
        # a basic group stays readable for whom it threw out, a public room is readable for all
        if chat.kind != "group":
            self._check_presence(bot, room, is_open=room.username is not None)
        return chat

    def to_read_members(self, bot: Bot, chat_id: int | str) -> Chat:
        chat = self.to_read(bot, chat_id)
        if chat.kind == "group":
            self._check_group(bot, self._rooms.of(chat))
        return chat

    def to_edit(self, bot: Bot, chat_id: int | str) -> Chat:
        """A chat that the bot is in."""
        chat = self.to_read(bot, chat_id)
        if not chat.is_private:
            self._check_group(bot, self._rooms.of(chat))
        return chat

    def to_write(self, bot: Bot, chat_id: int | str) -> Chat:
        """A chat that the bot may post to; whether this message, says `check_content`."""
        chat = self.find_chat(bot, chat_id)
        if chat.is_private:
            self._check_dialog(chat)
            return chat
        self._check_group(bot, self._rooms.of(chat))
        if chat.is_channel and not self.member(bot, chat).may("can_post_messages"):
            raise bad_request("need administrator rights in the channel chat")
        return chat

    def member(self, who: Account, chat: Chat) -> Member:
        return self._rooms.member(chat.room, who.id)

    def _check_group(self, bot: Bot, room: Room) -> None:
        if room.migrated_to is not None:
            raise _migrated(room.migrated_to)
        self._check_presence(bot, room, is_open=False)

    def _check_presence(self, bot: Bot, room: Room, *, is_open: bool) -> None:
        member = self._rooms.member(room.id, bot.id)
        if member.status == "kicked":
            raise forbidden(f"bot was kicked from the {room.kind} chat")
        if not member.present and not is_open:
            raise forbidden(f"bot is not a member of the {room.kind} chat")

    def _check_dialog(self, chat: Chat) -> None:
        if not self._accounts.has_started(chat.bot, chat.person):
            raise forbidden("bot can't initiate conversation with a user")
        if self._accounts.has_blocked(chat.bot, chat.person):
            raise forbidden("bot was blocked by the user")

    def check_content(self, who: Account, chat: Chat, content: Content) -> None:
        """Whether they may send what the content is to this group."""
        if not chat.is_group:
            return
        permission, words = next((need for kind, need in SENDING.items() if kind in content), TEXT)
        if not self.member(who, chat).may_as_member(permission, self._rooms.of(chat)):
            raise bad_request(f"not enough rights to send {words} to the chat")

    # --- messages

    def message(self, chat: Chat, message_id: int, purpose: str) -> Message:
        """The message, or a refusal such as "message to edit not found" (`purpose`: "message to edit")."""
        message = self._messages.get(chat, message_id)
        if message is None:
            raise bad_request(f"{purpose} not found")
        return message

    def message_to_edit(self, bot: Bot, chat_id: int | str, message_id: int) -> Message:
        chat = self.to_edit(bot, chat_id)
        message = self.message(chat, message_id, "message to edit")
        if chat.is_private:
            self._check_dialog(chat)
        if not self._may_edit(bot, message):
            raise bad_request("message can't be edited")
        return message

    def _may_edit(self, bot: Bot, message: Message) -> bool:
        own = message.sender == bot.id
        if not message.chat.is_channel:
            return own
        member = self.member(bot, message.chat)
        return (own and member.may("can_post_messages")) or member.may("can_edit_messages")

    def check_deletable(self, bot: Bot, message: Message) -> None:
        if message.chat.is_private:
            self._check_age(message)
            return
        member = self.member(bot, message.chat)
        # administrators of a basic group may delete whatever there is
        if member.may("can_delete_messages") or (message.chat.kind == "group" and member.in_charge):
            return
        if message.sender != bot.id or (message.chat.is_channel and not member.may("can_post_messages")):
            raise bad_request("message can't be deleted")
        if message.chat.is_group:
            self._check_age(message)

    def _check_age(self, message: Message) -> None:
        if message.date < self._now() - DELETABLE_SECONDS:
            raise bad_request("message can't be deleted for everyone")

    # --- where a new message stands

    def placed(self, who: Account, chat: Chat, thread: int | None, replied: Message | None) -> Content:
        """The topic or the thread of replies that a new message belongs to.

        `thread` is its `message_thread_id`. Outside of forums that changes nothing, as since Bot API 10.0.
        """
        if thread is not None and chat.is_private:
            raise bad_request("message thread not found")
        if not chat.is_group or not self._rooms.of(chat).is_forum:
            return thread_of_replies(chat, replied)
        if thread is None:
            thread = replied.content.get("topic") if replied else None
        elif self._rooms.topic(chat.room, thread) is None:
            raise bad_request("message thread not found")
        topic = self._rooms.topic(chat.room, thread) if thread is not None else None
        if topic and topic.closed and not self.member(who, chat).may("can_manage_topics"):
            raise bad_request("TOPIC_CLOSED")
        return {"topic": topic.thread} if topic else {}


def thread_of_replies(chat: Chat, replied: Message | None) -> Content:
    """In supergroups replies to one message, and replies to those, make a thread."""
    if replied is None or chat.kind != "supergroup":
        return {}
    return {"thread": replied.content.get("thread", replied.message_id)}


def _migrated(supergroup: int) -> ApiError:
    parameters: dict[str, Any] = {"migrate_to_chat_id": supergroup}
    return ApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", parameters)
