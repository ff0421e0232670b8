"""How people sign in over MTProto: their phone numbers, passwords and the codes that were sent to them."""

import secrets
import sqlite3
from dataclasses import dataclass

from simulator.storage import Database

CODE_SECONDS = 300
CODE_DIGITS = 5
_COMPLETE = """INSERT OR IGNORE INTO logins (person, phone, file_key)
               SELECT id, '999662' || printf('%04d', id), lower(hex(randomblob(32))) FROM people"""


@dataclass(frozen=True, slots=True)
class Login:
    """`file_key` seals what the person is given. An empty password or address: none. `needs_email`: before they get a code;
    `banned`: by Telegram.
    """

    person: int
    phone: str
    file_key: str
    password: str
    hint: str
    email: str
    needs_email: bool
    premium: bool
    banned: bool


@dataclass(frozen=True, slots=True)
class Code:
    """Good until then, and until another one is sent to the same number."""

    hash: str
    phone: str
    code: str
    until: int


class Logins:
    """Everybody has a phone number, whether one was given them or not."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, person: int) -> Login:
        """Raises LookupError for whom there is not."""
        sql = "SELECT * FROM logins WHERE person = ?"
        row = self._db.row(sql, person)
        if row is None:
            self._db.run(_COMPLETE)
            row = self._db.row(sql, person)
        if row is None:
            raise LookupError(person)
        return _login(row)

    def with_phone(self, phone: str) -> Login | None:
        self._db.run(_COMPLETE)
        row = self._db.row("SELECT * FROM logins WHERE phone = ?", phone)
        return _login(row) if row else None

    def change(self, login: Login) -> None:
        self._db.run(
            """UPDATE logins SET phone = ?, password = ?, hint = ?, email = ?, needs_email = ?, premium = ?, banned = ?
               WHERE person = ?""",
            login.phone,
            login.password,
            login.hint,
            login.email,
            int(login.needs_email),
            int(login.premium),
            int(login.banned),
            login.person,
        )

    def send_code(self, phone: str, now: int) -> Code:
        """The code before it counts no more."""
        number = secrets.randbelow(10**CODE_DIGITS)
        made = Code(secrets.token_hex(9), phone, f"{number:0{CODE_DIGITS}}", now + CODE_SECONDS)
        with self._db.transaction():
            self.forget_code(phone)
            self._db.run("INSERT INTO codes VALUES (?, ?, ?, ?)", made.hash, phone, made.code, made.until)
        return made

    def code(self, phone: str, number: str) -> Code | None:
        """The code with this hash that was sent to the phone number."""
        row = self._db.row("SELECT * FROM codes WHERE hash = ? AND phone = ?", number, phone)
        return Code(*row) if row else None

    def codes(self) -> list[Code]:
        """The newest first."""
        return [Code(*row) for row in self._db.rows("SELECT * FROM codes ORDER BY until DESC, rowid DESC")]

    def forget_code(self, phone: str) -> None:
        self._db.run("DELETE FROM codes WHERE phone = ?", phone)


def _login(row: sqlite3.Row) -> Login:
    return Login(
        row["person"],
        row["phone"],
        row["file_key"],
        row["password"],
        row["hint"],
        row["email"],
        bool(row["needs_email"]),
        bool(row["premium"]),
        bool(row["banned"]),
    )
