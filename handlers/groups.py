"""Where a message stands and whom it is for: groups, their topics, albums."""

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import Document, Message, MessageEntity, Update

TORRENT = "application/x-bittorrent"


@dataclass(frozen=True)
class Place:
    """Where an answer goes: the chat, in a group the message it answers, in a forum the topic."""

    chat_id: int
    reply_to: int | None = None
    thread_id: int | None = None


def place_of(update: Update) -> Place | None:
    """Where the answer to an update goes. The answer to a press answers the message with the button."""
    chat, message = update.effective_chat, update.effective_message
    if chat is None:
        return None
    if chat.type == chat.PRIVATE or not isinstance(message, Message):
        return Place(chat.id)
    # outside of forums a thread is only a chain of replies, which Telegram refuses to be named
    topic = message.message_thread_id if message.is_topic_message else None
    return Place(chat.id, message.message_id, topic)


def origin_of(update: Update) -> str:
    """What is equal for a repeated update, and for the messages of one album."""
    message = update.message
    if message is None or message.media_group_id is None:
        return str(update.update_id)
    return f"{message.chat.id}:{message.media_group_id}"


def in_group(update: Update) -> bool:
    chat = update.effective_chat
    return chat is not None and chat.type in {chat.GROUP, chat.SUPERGROUP}


def is_for_us(message: Message, album: Sequence[Message] = ()) -> bool:
    """Whether a message in a group is our business: a command, an answer to us, a mention, a .torrent file.

    What one message of an `album` says to us or to another bot, all of it says. A .torrent speaks for itself only.
    """
    together = album or (message,)
    commands = [each for each in together if (each.text or each.caption or "").startswith("/")]
    if commands:
        return any(_commands_us(each) for each in commands)
    return has_torrent(message) or any(_answers_us(each) or _mentions_us(each) for each in together)


def has_torrent(message: Message) -> bool:
    return message.document is not None and is_torrent(message.document)


def is_torrent(document: Document) -> bool:
    """Whether a file calls itself a .torrent, or whoever sent it does: some apps give it no name, or another one."""
    return (document.file_name or "").lower().endswith(".torrent") or document.mime_type == TORRENT


def answered(message: Message) -> Message | None:
    """The message that this one answers. In a topic, what answers nothing seems to answer what began the topic."""
    found = message.reply_to_message
    return None if found is None or found.forum_topic_created is not None else found


def _commands_us(message: Message) -> bool:
    _, at, name = (message.text or message.caption or "").split(maxsplit=1)[0].partition("@")
    return not at or name.lower() == message.get_bot().username.lower()


def _answers_us(message: Message) -> bool:
    found = answered(message)
    return found is not None and found.from_user is not None and found.from_user.id == message.get_bot().id


def _mentions_us(message: Message) -> bool:
    ours = f"@{message.get_bot().username}".lower()
    kinds: list[str | None] = [MessageEntity.MENTION]
    found = {**message.parse_entities(kinds), **message.parse_caption_entities(kinds)}
    return any(mention.lower() == ours for mention in found.values())
