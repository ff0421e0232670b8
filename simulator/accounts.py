"""Who there is: bots and people, and who may write to whom."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from simulator.storage import Database

FIRST_BOT_TOKEN = "7000000001:AAE_simulator_token_for_local_use_00"  # noqa: S105  opens nothing but this simulator
FIRST_OWN_PERSON = 1004


@dataclass(frozen=True, slots=True)
class Bot:
    """`file_key` seals its file ids: they stay good when the token changes.

    `privacy`: in groups it hears only what is meant for it. `inline`: people may ask it from any chat; with
    `feedback` it learns which result they chose.
    """

    id: int
    token: str
    first_name: str
    username: str
    file_key: str
    privacy: bool = True
    inline: bool = True
    feedback: bool = True


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    first_name: str
    username: str | None
    language_code: str


Account = Bot | Person


class Accounts:
    def __init__(self, database: Database) -> None:
        self._db = database

    def add_bot(self, token: str, first_name: str, username: str) -> Bot:
        """The bot's id is the number before the colon of its token."""
        bot = Bot(int(token.partition(":")[0]), token, first_name, username, token)
        self._db.run(
            "INSERT INTO bots (id, token, first_name, username, file_key) VALUES (?, ?, ?, ?, ?)",
            bot.id,
            bot.token,
            bot.first_name,
            bot.username,
            bot.file_key,
        )
        return bot

    def change_bot(self, bot: Bot) -> None:
        """Gives the bot a new token or other settings."""
        self._db.run(
            "UPDATE bots SET token = ?, privacy = ?, inline = ?, feedback = ? WHERE id = ?",
            bot.token,
            int(bot.privacy),
            int(bot.inline),
            int(bot.feedback),
            bot.id,
        )

    def bots(self) -> list[Bot]:
        return [_bot(row) for row in self._db.rows("SELECT * FROM bots ORDER BY id")]

    def bot(self, bot_id: int) -> Bot | None:
        row = self._db.row("SELECT * FROM bots WHERE id = ?", bot_id)
        return _bot(row) if row else None

    def bot_named(self, username: str) -> Bot | None:
        row = self._db.row("SELECT * FROM bots WHERE lower(username) = ?", username.lower())
        return _bot(row) if row else None

    def named(self, username: str) -> Account | None:
        """The account with this username."""
        row = self._db.row("SELECT id FROM people WHERE lower(username) = ?", username.lower())
        return self.person(row["id"]) if row else self.bot_named(username)

    def bot_with_token(self, token: str) -> Bot | None:
        row = self._db.row("SELECT * FROM bots WHERE token = ?", token)
        return _bot(row) if row else None

    def add_person(self, first_name: str, username: str | None, language_code: str) -> Person:
        number = self._db.next("person", FIRST_OWN_PERSON)
        return self.keep_person(Person(number, first_name, username, language_code))

    def keep_person(self, person: Person) -> Person:
        self._db.run(
            "INSERT INTO people VALUES (?, ?, ?, ?)",
            person.id,
            person.first_name,
            person.username,
            person.language_code,
        )
        return person

    def people(self) -> list[Person]:
        return [Person(*row) for row in self._db.rows("SELECT * FROM people ORDER BY id")]

    def person(self, person_id: int) -> Person | None:
        row = self._db.row("SELECT * FROM people WHERE id = ?", person_id)
        return Person(*row) if row else None

    def has_started(self, bot: int, person: int) -> bool:
        return self._db.row("SELECT 1 FROM dialogs WHERE bot = ? AND person = ?", bot, person) is not None

    def has_blocked(self, bot: int, person: int) -> bool:
        query = "SELECT blocked FROM dialogs WHERE bot = ? AND person = ?"
        return bool(self._db.value(query, bot, person))

    def set_dialog(self, bot: int, person: int, *, blocked: bool) -> None:
        """From now on the person has a chat with the bot, and has blocked it or not."""
        self._db.run("INSERT OR REPLACE INTO dialogs VALUES (?, ?, ?)", bot, person, int(blocked))


def _bot(row: sqlite3.Row) -> Bot:
    return Bot(
        row["id"],
        row["token"],
        row["first_name"],
        row["username"],
        row["file_key"],
        bool(row["privacy"]),
        bool(row["inline"]),
        bool(row["feedback"]),
    )


def user_object(account: Account) -> dict[str, Any]:
    """The Bot API's `User`."""
    user: dict[str, Any] = {
        "id": account.id,
        "is_bot": isinstance(account, Bot),
        "first_name": account.first_name,
    }
    if account.username:
        user["username"] = account.username
    if isinstance(account, Person):
        user["language_code"] = account.language_code
    return user
