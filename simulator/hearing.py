"""Which bots hear of a message: all of a channel's, and in groups those that privacy mode lets."""

from typing import Any

from simulator.accounts import Accounts, Bot
from simulator.chats import Chat
from simulator.messages import Content, Message, Messages
from simulator.rooms import Rooms

SERVICE = (
    "new_chat_members",
    "left_chat_member",
    "group_chat_created",
    "supergroup_chat_created",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "forum_topic_created",
    "forum_topic_closed",
    "forum_topic_reopened",
)


def is_service(content: Content) -> bool:
    """Whether the message tells of something that happened, and carries nothing that somebody wrote."""
    return any(name in content for name in SERVICE)


class Hearing:
    def __init__(self, accounts: Accounts, rooms: Rooms, messages: Messages) -> None:
        self._accounts = accounts
        self._rooms = rooms
        self._messages = messages

    def bots_in(self, room: int) -> list[Bot]:
        members = self._rooms.members(room)
        return [bot for member in members if (bot := self._accounts.bot(member.user))]

    def people_in(self, room: int) -> list[int]:
        return [member.user for member in self._rooms.members(room) if self._accounts.person(member.user)]

    def audience(self, chat: Chat) -> list[int]:
        """The people who see the chat."""
        return [chat.person] if chat.is_private else self.people_in(chat.room)

    def hearers(self, message: Message) -> list[Bot]:
        """The bots that are told of the message. Never its sender, and in groups no other bot's messages."""
        chat = message.chat
        if chat.is_private:
            bot = self._accounts.bot(chat.bot)
            return [bot] if bot and bot.id != message.sender else []
        bots = [bot for bot in self.bots_in(chat.room) if bot.id != message.sender]
        if chat.is_channel or is_service(message.content):
            return bots
        if self._accounts.bot(message.sender):
            return []
        return [bot for bot in bots if self._hears_all(bot, chat) or self._is_meant(bot, message)]

    def _hears_all(self, bot: Bot, chat: Chat) -> bool:
        return not bot.privacy or self._rooms.member(chat.room, bot.id).in_charge

    def _is_meant(self, bot: Bot, message: Message) -> bool:
        """Telegram's rules for a bot in privacy mode: one message is for one such bot, a reply goes first."""
        answered = self._answered_bot(message)
        if answered:
            return answered == bot.id
        via = message.content.get("via")
        if via:
            return bool(via == bot.id)
        words = _words(message.content)
        mine = f"@{bot.username}".lower()
        if any(kind == "mention" and word == mine for kind, word in words):
            return True
        commands = [word for kind, word in words if kind == "bot_command"]
        if any(command.endswith(mine) for command in commands):
            return True
        return any("@" not in command for command in commands) and self._spoke_last(bot, message.chat)

    def _answered_bot(self, message: Message) -> int | None:
        number = message.content.get("reply_to")
        answered = self._messages.get(message.chat, number) if number else None
        return answered.sender if answered and self._accounts.bot(answered.sender) else None

    def _spoke_last(self, bot: Bot, chat: Chat) -> bool:
        """A command for nobody in particular is for the bot that wrote last; before the first, for all."""
        last = self._messages.last_sender(chat, [other.id for other in self.bots_in(chat.room)])
        return last in (None, bot.id)


def _words(content: Content) -> list[tuple[str, str]]:
    """The kinds and words, in lower case, of the entities."""
    text = content.get("text") or content.get("caption") or ""
    entities: list[dict[str, Any]] = content.get("entities") or content.get("caption_entities") or []
    raw = text.encode("utf-16-le")
    return [
        (
            entity["type"],
            raw[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le").lower(),
        )
        for entity in entities
    ]
