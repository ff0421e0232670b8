"""The messages of all chats, as they are kept: without file ids and names, which depend on who looks."""

import json
import sqlite3
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages of a chat, and of those the page that begins below a number or a date, so many further on.

    0 and nothing: no bound. `since` and `until` are left out themselves. `kinds`: they carry one of these.
    """

    above: int = 0
    below: int = 0
    since: int = 0
    until: int = 0
    words: str = ""
    kinds: tuple[str, ...] = ()
    from_id: int = 0
    from_date: int = 0
    further: int = 0
    limit: int = 0


_SEEN = """FROM messages WHERE box = ?1 AND NOT EXISTS (SELECT 1 FROM hidden
           WHERE person = ?2 AND box = messages.box AND message_id = messages.message_id)"""
_WANTED = """ AND message_id > ?3 AND message_id < ?4 AND (?5 <= 0 OR date > ?5)
              AND (?6 <= 0 OR date < ?6) AND (?7 = '' OR instr(folded(coalesce(
              json_extract(content, '$.text'), json_extract(content, '$.caption'), '')), folded(?7)))"""
_NEWER = " AND ((?8 > 0 AND message_id >= ?8) OR (?9 > 0 AND date >= ?9))"
_NO_BOUND = (1 << 63) - 1


class Messages:
    def __init__(self, database: Database) -> None:
        self._db = database
        # until a message changes: whoever goes through a channel is told with every page how many there are
        self._counts: dict[tuple[int, str, Wanted], int] = {}

    def add(self, chat: Chat, sender: int, date: int, content: Content) -> Message:
        message_id = self._next_id(chat)
        message = Message(chat, message_id, sender, date, None, self._db.next("version"), content)
        self._write(message)
        return message

    def _next_id(self, chat: Chat) -> int:
        """Telegram numbers the messages of all private chats and basic groups of one account together.

        Here those of a basic group have one number for all its bots, which is new to each.
        """
        counter = f"message:{chat.room or chat.bot}"
        if chat.kind != "group":
            return self._db.next(counter)
        sql = "SELECT bots.id FROM bots JOIN members ON members.user = bots.id WHERE room = ?"
        counters = [counter, *(f"message:{row[0]}" for row in self._db.rows(sql, chat.room))]
        number = max(self._db.next(each) for each in counters)
        for each in counters:
            self._db.run("INSERT OR REPLACE INTO counters VALUES (?, ?)", each, number)
        return number

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
        self._counts.clear()
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
        self._counts.clear()
        sql = "DELETE FROM messages WHERE box = ? AND message_id = ?"
        self._db.run(sql, message.chat.box, message.message_id)

    def get(self, chat: Chat, message_id: int) -> Message | None:
        sql = "SELECT * FROM messages WHERE box = ? AND message_id = ?"
        row = self._db.row(sql, chat.box, message_id)
        return _message(row) if row else None

    def private(self, bot: int, message_id: int) -> Message | None:
        """The message with this number of the bot's private chats."""
        sql = "SELECT * FROM messages WHERE box >= ? AND box < ? AND message_id = ?"
        row = self._db.row(sql, f"{bot}:", f"{bot};", message_id)
        return _message(row) if row else None

    def hide(self, person: int, message: Message) -> None:
        """The person deletes the message on their side only."""
        self._counts.clear()
        sql = "INSERT OR IGNORE INTO hidden VALUES (?, ?, ?)"
        self._db.run(sql, person, message.chat.box, message.message_id)

    def seen_by(self, person: int, chat: Chat, after: int, limit: int) -> list[Message]:
        """The person's messages with an id above `after`, oldest first."""
        sql = """SELECT * FROM messages WHERE box = ? AND message_id > ? AND NOT EXISTS (SELECT 1 FROM hidden
                 WHERE person = ? AND box = messages.box AND message_id = messages.message_id)
                 ORDER BY message_id LIMIT ?"""
        return [_message(row) for row in self._db.rows(sql, chat.box, after, person, limit)]

    def page(self, person: int, chat: Chat, wanted: Wanted) -> tuple[list[Message], int]:
        """The page that is wanted, the newest first, and how many there are of that kind in all."""
        some = _SEEN + _WANTED + _carrying(wanted.kinds)
        values = (chat.box, person, *_bounds(wanted))
        first = wanted.further
        if first < 0 or wanted.from_date:
            newer = f"SELECT count(*) {some}{_NEWER}"
            first += self._db.value(newer, *values, wanted.from_id, wanted.from_date)
        elif wanted.from_id > 0:
            # what is newer need not be gone through
            values = (chat.box, person, *_bounds(wanted, wanted.from_id))
        begin = max(first, 0)
        rows = self._db.rows(
            f"SELECT * {some} ORDER BY message_id DESC LIMIT ?8 OFFSET ?9",
            *values,
            max(first + wanted.limit - begin, 0),
            begin,
        )
        return [_message(row) for row in rows], self._count(person, chat, wanted)

    def _count(self, person: int, chat: Chat, wanted: Wanted) -> int:
        every = replace(wanted, from_id=0, from_date=0, further=0, limit=0)
        key = (person, chat.box, every)
        if key not in self._counts:
            sql = f"SELECT count(*) {_SEEN}{_WANTED}{_carrying(wanted.kinds)}"
            self._counts[key] = self._db.value(sql, chat.box, person, *_bounds(every))
        return self._counts[key]

    def last_seen_by(self, person: int, chat: Chat) -> Message | None:
        sql = """SELECT * FROM messages WHERE box = ? AND NOT EXISTS (SELECT 1 FROM hidden
                 WHERE person = ? AND box = messages.box AND message_id = messages.message_id)
                 ORDER BY message_id DESC LIMIT 1"""
        row = self._db.row(sql, chat.box, person)
        return _message(row) if row else None

    def last_in_topic(self, chat: Chat, topic: int) -> int:
        """The number of the newest message there, else that of the one that began the topic."""
        sql = "SELECT max(message_id) FROM messages WHERE box = ? AND json_extract(content, '$.topic') = ?"
        return int(self._db.value(sql, chat.box, topic) or topic)

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


def _bounds(wanted: Wanted, below: int = _NO_BOUND) -> tuple[int | str, ...]:
    if wanted.below > 0:
        below = min(below, wanted.below)
    return wanted.above, below, wanted.since, wanted.until, wanted.words


def _carrying(kinds: tuple[str, ...]) -> str:
    """An animation is in `document`, too, but no document."""
    fits = [f"json_type(content, '$.{kind}') IS NOT NULL" for kind in kinds]
    if "document" in kinds:
        fits[kinds.index("document")] += " AND json_type(content, '$.animation') IS NULL"
    return f" AND ({' OR '.join(fits)})" if kinds else ""


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
