"""The keys that clients have agreed on with the data centre, and who is signed in with each."""

from dataclasses import dataclass
from hashlib import sha1

from simulator.storage import Database


@dataclass(frozen=True, slots=True)
class Key:
    id: int
    secret: bytes
    salt: int


class AuthKeys:
    """On disk: who is signed in stays so when the simulator is started again."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def keep(self, secret: bytes, salt: bytes) -> None:
        number = int.from_bytes(sha1(secret).digest()[-8:], "little", signed=True)  # noqa: S324 - as the protocol has it
        sql = "INSERT OR REPLACE INTO auth_keys VALUES (?, ?, ?, 0)"
        self._db.run(sql, number, secret, int.from_bytes(salt, "little", signed=True))

    def get(self, number: int) -> Key | None:
        row = self._db.row("SELECT * FROM auth_keys WHERE id = ?", number)
        return Key(row["id"], row["secret"], row["salt"]) if row else None

    def bot_of(self, key: Key) -> int:
        """Who is signed in with it; 0: nobody."""
        return int(self._db.value("SELECT bot FROM auth_keys WHERE id = ?", key.id) or 0)

    def sign_in(self, key: Key, bot: int) -> None:
        self._db.run("UPDATE auth_keys SET bot = ? WHERE id = ?", bot, key.id)

    def remember(self, bot: int, random_id: int) -> None:
        self._db.run("INSERT INTO random_ids VALUES (?, ?)", bot, random_id)

    def was_sent(self, bot: int, random_id: int) -> bool:
        """Whether a message of this bot has the random id already."""
        sql = "SELECT 1 FROM random_ids WHERE bot = ? AND random_id = ?"
        return self._db.row(sql, bot, random_id) is not None
