"""The messages of all chats, as they are kept: without file ids and names, which depend on who looks."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from simulator.chats import Chat, chat_of
from simulator.storage import Database, encode

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """`sender` is a bot's or a person's id. `version` grows with every change of any message in the world.

    `content` has the fields of the Bot API's `Message`, but files as `{"file": number}`, the message that it
    answers as `reply_to`, a reply keyboard as `reply_keyboard`, the topic of a forum as `topic`, else the beginning
    of its thread of replies as `thread`, the bot by which it was chosen as `via`, with `inline_id` where that bot
    may edit it.
    """

    chat: Chat
    message_id: int
    sender: int
    date: int
    edit_date: int | None
    version: int
    content: Content


class Messages:
    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, chat: Chat, sender: int, date: int, content: Content) -> Message:
        # Telegram numbers the messages of all private chats of one account together
        message_id = self._db.next(f"message:{chat.room or chat.bot}")
        message = Message(chat, message_id, sender, date, None, self._db.next("version"), content)
        self._write(message)
        return message

    def replace(self, message: Message, date: int, content: Content) -> Message:
        changed = Message(
            message.chat,
            message.message_id,
            message.sender,
            message.date,
            date,
            self._db.next("version"),
            content,
        )
        self._write(changed)
        return changed

    def _write(self, message: Message) -> None:
        self._db.run(
            "INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)",
            message.chat.box,
            message.message_id,
            message.sender,
            message.date,
            message.edit_date,
            message.version,
            encode(message.content),
        )

    def remove(self, message: Message) -> None:
        sql = "DELETE FROM messages WHERE box = ? AND message_id = ?"
        self._db.run(sql, message.chat.box, message.message_id)

    def get(self, chat: Chat, message_id: int) -> Message | None:
        sql = "SELECT * FROM messages WHERE box = ? AND message_id = ?"
        row = self._db.row(sql, chat.box, message_id)
        return _message(row) if row else None

    def hide(self, person: int, message: Message) -> None:
        """The person deletes the message on their side only."""
        sql = "INSERT OR IGNORE INTO hidden VALUES (?, ?, ?)"
        self._db.run(sql, person, message.chat.box, message.message_id)

    def seen_by(self, person: int, chat: Chat, after: int, limit: int) -> list[Message]:
        """The person's messages with an id above `after`, oldest first."""
        sql = """SELECT * FROM messages WHERE box = ? AND message_id > ? AND NOT EXISTS (SELECT 1 FROM hidden
                 WHERE person = ? AND box = messages.box AND message_id = messages.message_id)
                 ORDER BY message_id LIMIT ?"""
        return [_message(row) for row in self._db.rows(sql, chat.box, after, person, limit)]

    def last_seen_by(self, person: int, chat: Chat) -> Message | None:
        sql = """SELECT * FROM messages WHERE box = ? AND NOT EXISTS (SELECT 1 FROM hidden
                 WHERE person = ? AND box = messages.box AND message_id = messages.message_id)
                 ORDER BY message_id DESC LIMIT 1"""
        row = self._db.row(sql, chat.box, person)
        return _message(row) if row else None

    def last_sender(self, chat: Chat, among: list[int]) -> int | None:
        """Which of these wrote to the chat last; None when none of them has."""
        marks = ",".join("?" * len(among))
        sql = f"SELECT sender FROM messages WHERE box = ? AND sender IN ({marks}) ORDER BY message_id DESC LIMIT 1"  # noqa: S608  question marks
        sender: int | None = self._db.value(sql, chat.box, *among)
        return sender

    def is_hidden(self, person: int, message: Message) -> bool:
        sql = "SELECT 1 FROM hidden WHERE person = ? AND box = ? AND message_id = ?"
        return self._db.row(sql, person, message.chat.box, message.message_id) is not None

    def mark_read(self, person: int, chat: Chat, message_id: int) -> None:
        sql = """INSERT INTO seen VALUES (?, ?, ?)
                 ON CONFLICT (person, box) DO UPDATE SET message_id = max(message_id, excluded.message_id)"""
        self._db.run(sql, person, chat.box, message_id)

    def unread(self, person: int, chat: Chat) -> int:
        sql = "SELECT message_id FROM seen WHERE person = ? AND box = ?"
        read = self._db.value(sql, person, chat.box) or 0
        count = "SELECT count(*) FROM messages WHERE box = ? AND message_id > ? AND sender != ?"
        return int(self._db.value(count, chat.box, read, person))


def _message(row: sqlite3.Row) -> Message:
    return Message(
        chat_of(row["box"]),
        row["message_id"],
        row["sender"],
        row["date"],
        row["edit_date"],
        row["version"],
        json.loads(row["content"]),
    )
