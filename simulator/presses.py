"""Presses of buttons, and the answers of bots to them."""

import json
from typing import Any

from simulator.accounts import Bot
from simulator.chats import Chat, chat_of
from simulator.errors import bad_request
from simulator.storage import encode
from simulator.world import World

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


class Presses:
    def __init__(self, world: World) -> None:
        self._world = world

    def press(self, bot: Bot, person: int, chat: Chat, message_id: int, data: str) -> int:
        """A person presses a button: a callback query for the bot. The query's number."""
        sql = "INSERT INTO callbacks (bot, person, box, message_id, data, at) VALUES (?, ?, ?, ?, ?, ?)"
        now = self._world.clock()
        number = self._world.db.run(sql, bot.id, person, chat.box, message_id, data, now)
        body = {
            "id": str(number),
            "from": self._world.view.user(person),
            "chat_instance": str(abs(int.from_bytes(chat.box.encode()[-7:], "big"))),
            "data": data,
        }
        self._world.queue_update(bot, "callback_query", body | self._pressed(bot, chat, message_id))
        return number

    def _pressed(self, bot: Bot, chat: Chat, message_id: int) -> dict[str, Any]:
        message = self._world.messages.get(chat, message_id)
        if message and "inline_id" in message.content:
            return {"inline_message_id": message.content["inline_id"]}
        if message:
            return {"message": self._world.view.for_bot(bot, message)}
        gone = {"chat": self._world.view.chat_for_bot(chat), "message_id": message_id, "date": 0}
        return {"message": gone}

    def answer(self, bot: Bot, query_id: str, answer: dict[str, Any]) -> None:
        """Once, and in time."""
        number = int(query_id) if query_id.isdigit() else 0
        row = self._world.db.row("SELECT * FROM callbacks WHERE id = ? AND bot = ?", number, bot.id)
        too_old = self._world.clock() - self._world.settings.callback_seconds
        if row is None or row["answer"] is not None or row["at"] < too_old:
            raise bad_request(TOO_OLD)
        self._world.db.run("UPDATE callbacks SET answer = ? WHERE id = ?", encode(answer), number)
        if answer.get("text"):
            chat = chat_of(row["box"]).id_for_person
            self._world.tell(row["person"], {"kind": "toast", "chat": chat, **answer})

    def answer_to(self, number: int) -> dict[str, Any] | None:
        """How the bot answered the press, None while it has not."""
        answer = self._world.db.value("SELECT answer FROM callbacks WHERE id = ?", number)
        return None if answer is None else dict(json.loads(answer))
