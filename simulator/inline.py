"""Inline mode: people ask a bot from any chat, choose one of its results, and the bot may edit what came of it."""

import json
import sqlite3
import uuid
from typing import Any

from simulator.accounts import Bot
from simulator.chats import Chat, chat_of
from simulator.errors import bad_request
from simulator.messages import Content, Message
from simulator.presses import TOO_OLD
from simulator.storage import encode
from simulator.world import World

JsonObject = dict[str, Any]
# whose answers in the cache are for everybody
EVERYBODY = 0


class Inline:
    def __init__(self, world: World) -> None:
        self._world = world

    def ask(self, bot: Bot, person: int, chat: Chat, query: str, offset: str) -> int:
        """A person's query: an update for the bot, unless an answer is in the cache. The query's number."""
        cached = self._cached(bot, person, query, offset)
        sql = "INSERT INTO inline_queries (bot, person, box, query, offset, at, answer) VALUES (?, ?, ?, ?, ?, ?, ?)"
        number = self._world.db.run(sql, bot.id, person, chat.box, query, offset, self._world.clock(), cached)
        if cached is None:
            body = {
                "id": str(number),
                "from": self._world.view.user(person),
                "query": query,
                "offset": offset,
                "chat_type": "sender" if chat.bot == bot.id else chat.kind,
            }
            self._world.queue_update(bot, "inline_query", body)
        return number

    def _cached(self, bot: Bot, person: int, query: str, offset: str) -> str | None:
        sql = """SELECT answer FROM inline_cache WHERE bot = ? AND person IN (?, ?) AND query = ? AND offset = ?
                 AND until > ? ORDER BY person DESC"""
        found: str | None = self._world.db.value(
            sql, bot.id, person, EVERYBODY, query, offset, self._world.clock()
        )
        return found

    def waiting(self, bot: Bot, query_id: str) -> int:
        """The number of a query that the bot may still answer: once, and in time."""
        number = int(query_id) if query_id.isdigit() else 0
        row = self._world.db.row("SELECT * FROM inline_queries WHERE id = ? AND bot = ?", number, bot.id)
        too_old = self._world.clock() - self._world.settings.callback_seconds
        if row is None or row["answer"] is not None or row["at"] < too_old:
            raise bad_request(TOO_OLD)
        return number

    def answer(self, number: int, answer: JsonObject, cache_seconds: int, *, personal: bool) -> None:
        """Gives a waiting query its answer, and the cache, for the same query of the same or of all people."""
        row = self._query(number)
        body = encode(answer)
        self._world.db.run("UPDATE inline_queries SET answer = ? WHERE id = ?", body, number)
        if row is None or cache_seconds <= 0:
            return
        whose = row["person"] if personal else EVERYBODY
        until = self._world.clock() + cache_seconds
        sql = "INSERT OR REPLACE INTO inline_cache VALUES (?, ?, ?, ?, ?, ?)"
        self._world.db.run(sql, row["bot"], whose, row["query"], row["offset"], until, body)

    def _query(self, number: int) -> sqlite3.Row | None:
        return self._world.db.row("SELECT * FROM inline_queries WHERE id = ?", number)

    def answer_to(self, number: int) -> JsonObject | None:
        """What the bot answered, None while it has not."""
        row = self._query(number)
        return None if row is None or row["answer"] is None else dict(json.loads(row["answer"]))

    def chosen(self, person: int, chat: Chat, number: int, result_id: str) -> Content | None:
        """The content of the message that a result becomes; None when the person was shown no such result."""
        row = self._query(number)
        if row is None or row["person"] != person or row["box"] != chat.box:
            return None
        results = (self.answer_to(number) or {}).get("results", [])
        content: Content | None = next((r["content"] for r in results if r["id"] == result_id), None)
        if content is None:
            return None
        return (
            content
            | {"via": row["bot"]}
            | ({"inline_id": uuid.uuid4().hex} if "reply_markup" in content else {})
        )

    def report(self, message: Message, number: int, result_id: str) -> None:
        """The result stands in the chat: a bot that wants to know learns of it, and may edit one with buttons."""
        row = self._query(number)
        bot = self._world.accounts.bot(row["bot"]) if row else None
        if row is None or bot is None:
            return
        inline_id = message.content.get("inline_id")
        body = {"result_id": result_id, "from": self._world.view.user(message.sender), "query": row["query"]}
        if inline_id:
            sql = "INSERT INTO inline_messages VALUES (?, ?, ?, ?)"
            self._world.db.run(sql, inline_id, bot.id, message.chat.box, message.message_id)
            body["inline_message_id"] = inline_id
        if bot.feedback:
            self._world.queue_update(bot, "chosen_inline_result", body)

    def message(self, bot: Bot, inline_id: str) -> Message:
        """The message that was sent via the bot and has this `inline_message_id`."""
        row = self._world.db.row("SELECT * FROM inline_messages WHERE id = ? AND bot = ?", inline_id, bot.id)
        if row is None:
            raise bad_request("invalid inline message identifier specified")
        message = self._world.messages.get(chat_of(row["box"]), row["message_id"])
        if message is None:
            raise bad_request("MESSAGE_ID_INVALID")
        return message
