"""Who there is: bots, people, channels and their members, and who may write to whom."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from simulator.storage import Database, encode

FIRST_BOT_TOKEN = "7000000001:AAE_simulator_token_for_local_use_00"  # noqa: S105  opens nothing but this simulator
FIRST_CHANNEL = -1001000000001
FIRST_OWN_PERSON = 1003
ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_post_messages",
    "can_edit_messages",
)
POSTING_RIGHTS = ("can_manage_chat", "can_post_messages", "can_edit_messages", "can_delete_messages")
PRESENT = ("creator", "administrator", "member")


@dataclass(frozen=True, slots=True)
class Bot:
    id: int
    token: str
    first_name: str
    username: str


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    first_name: str
    username: str | None
    language_code: str


@dataclass(frozen=True, slots=True)
class Channel:
    id: int
    title: str
    username: str | None


@dataclass(frozen=True, slots=True)
class Member:
    """A user's place in a channel; `rights` are the names of the rights that an administrator has."""

    user: int
    status: str
    rights: frozenset[str]

    @property
    def present(self) -> bool:
        return self.status in PRESENT

    def may(self, right: str) -> bool:
        return self.status == "creator" or (self.status == "administrator" and right in self.rights)


@dataclass(frozen=True, slots=True)
class Chat:
    """Where messages are: a bot's private chat with a person, or a channel (then both are 0).

    `box` names it in the tables. A private chat has no id of its own: each side names it by the other's id.
    """

    box: str
    bot: int
    person: int
    channel: int

    @property
    def is_channel(self) -> bool:
        return self.channel != 0

    @property
    def id_for_bot(self) -> int:
        return self.channel or self.person

    @property
    def id_for_person(self) -> int:
        return self.channel or self.bot


def private_chat(bot: int, person: int) -> Chat:
    return Chat(f"{bot}:{person}", bot, person, 0)


def channel_chat(channel: int) -> Chat:
    return Chat(str(channel), 0, 0, channel)


def chat_of(box: str) -> Chat:
    bot, colon, person = box.partition(":")
    return private_chat(int(bot), int(person)) if colon else channel_chat(int(box))


class Accounts:
    def __init__(self, database: Database) -> None:
        self._db = database

    def create_first(self) -> None:
        """What an empty world starts with: a bot, two people and a channel that they all are in."""
        if self._db.row("SELECT 1 FROM bots"):
            return
        with self._db.transaction():
            bot = self.add_bot(FIRST_BOT_TOKEN, "Magpie", "magpie_sim_bot")
            ada = self._insert_person(Person(1001, "Ada", "ada", "en"))
            blas = self._insert_person(Person(1002, "Blas", "blas", "es"))
            self._db.run("INSERT INTO channels VALUES (?, ?, NULL)", FIRST_CHANNEL, "Shiny Things")
            self.set_member(FIRST_CHANNEL, Member(ada.id, "creator", frozenset()))
            self.set_member(FIRST_CHANNEL, Member(blas.id, "member", frozenset()))
            self.set_member(FIRST_CHANNEL, Member(bot.id, "administrator", frozenset(POSTING_RIGHTS)))

    def add_bot(self, token: str, first_name: str, username: str) -> Bot:
        """The bot's id is the number before the colon of its token."""
        bot = Bot(int(token.partition(":")[0]), token, first_name, username)
        self._db.run(
            "INSERT INTO bots VALUES (?, ?, ?, ?, NULL)", bot.id, bot.token, bot.first_name, bot.username
        )
        return bot

    def bots(self) -> list[Bot]:
        return [_bot(row) for row in self._db.rows("SELECT * FROM bots ORDER BY id")]

    def bot(self, bot_id: int) -> Bot | None:
        row = self._db.row("SELECT * FROM bots WHERE id = ?", bot_id)
        return _bot(row) if row else None

    def bot_with_token(self, token: str) -> Bot | None:
        row = self._db.row("SELECT * FROM bots WHERE token = ?", token)
        return _bot(row) if row else None

    def add_person(self, first_name: str, username: str | None, language_code: str) -> Person:
        number = self._db.next("person", FIRST_OWN_PERSON)
        return self._insert_person(Person(number, first_name, username, language_code))

    def _insert_person(self, person: Person) -> Person:
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

    def add_channel(self, title: str, username: str | None, owner: int) -> Channel:
        number = self._db.next("channel", -FIRST_CHANNEL + 1)
        self._db.run("INSERT INTO channels VALUES (?, ?, ?)", -number, title, username)
        self.set_member(-number, Member(owner, "creator", frozenset()))
        return Channel(-number, title, username)

    def channels(self) -> list[Channel]:
        return [Channel(*row) for row in self._db.rows("SELECT * FROM channels ORDER BY id DESC")]

    def channel(self, channel_id: int) -> Channel | None:
        row = self._db.row("SELECT * FROM channels WHERE id = ?", channel_id)
        return Channel(*row) if row else None

    def channel_named(self, username: str) -> Channel | None:
        row = self._db.row("SELECT * FROM channels WHERE lower(username) = ?", username.lower())
        return Channel(*row) if row else None

    def member(self, channel: int, user: int) -> Member:
        row = self._db.row("SELECT * FROM members WHERE channel = ? AND user = ?", channel, user)
        return _member(row) if row else Member(user, "left", frozenset())

    def members(self, channel: int) -> list[Member]:
        rows = self._db.rows("SELECT * FROM members WHERE channel = ? ORDER BY user", channel)
        return [member for member in map(_member, rows) if member.present]

    def set_member(self, channel: int, member: Member) -> None:
        self._db.run(
            "INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?)",
            channel,
            member.user,
            member.status,
            encode(sorted(member.rights)),
        )

    def channels_of(self, user: int) -> list[Channel]:
        rows = self._db.rows("SELECT channel FROM members WHERE user = ? ORDER BY channel DESC", user)
        present = [row["channel"] for row in rows if self.member(row["channel"], user).present]
        return [channel for channel in map(self.channel, present) if channel]

    def bots_in(self, channel: int) -> list[Bot]:
        return [bot for member in self.members(channel) if (bot := self.bot(member.user))]

    def people_in(self, channel: int) -> list[int]:
        return [member.user for member in self.members(channel) if self.person(member.user)]

    def has_started(self, bot: int, person: int) -> bool:
        return self._db.row("SELECT 1 FROM dialogs WHERE bot = ? AND person = ?", bot, person) is not None

    def has_blocked(self, bot: int, person: int) -> bool:
        query = "SELECT blocked FROM dialogs WHERE bot = ? AND person = ?"
        return bool(self._db.value(query, bot, person))

    def set_dialog(self, bot: int, person: int, *, blocked: bool) -> None:
        """From now on the person has a chat with the bot, and has blocked it or not."""
        self._db.run("INSERT OR REPLACE INTO dialogs VALUES (?, ?, ?)", bot, person, int(blocked))


def _bot(row: sqlite3.Row) -> Bot:
    return Bot(row["id"], row["token"], row["first_name"], row["username"])


def _member(row: sqlite3.Row) -> Member:
    return Member(row["user"], row["status"], frozenset(json.loads(row["rights"])))


def user_object(account: Bot | Person) -> dict[str, Any]:
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
