"""The keys that clients have agreed on with the data centre, and who is signed in with each."""

import secrets
from dataclasses import dataclass
from hashlib import sha1

from simulator.messages import Message
from simulator.storage import Database

_PASS_BYTES = 128


@dataclass(frozen=True, slots=True)
class Key:
    id: int
    secret: bytes
    salt: int


class AuthKeys:
    """On disk: who is signed in stays so when the simulator is started again."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._exported: dict[bytes, tuple[int, int]] = {}

    def keep(self, dc: int, secret: bytes, salt: bytes) -> None:
        """A key is good in the data centre with which it was agreed on."""
        number = int.from_bytes(sha1(secret).digest()[-8:], "little", signed=True)  # noqa: S324 - as the protocol has it
        sql = "INSERT OR REPLACE INTO auth_keys (id, secret, salt, bot, dc) VALUES (?, ?, ?, 0, ?)"
        self._db.run(sql, number, secret, int.from_bytes(salt, "little", signed=True), dc)

    def get(self, dc: int, number: int) -> Key | None:
        row = self._db.row("SELECT * FROM auth_keys WHERE id = ? AND dc = ?", number, dc)
        return Key(row["id"], row["secret"], row["salt"]) if row else None

    def user_of(self, key: Key) -> int:
        """Who is signed in with it; 0: nobody."""
        return int(self._db.value("SELECT bot FROM auth_keys WHERE id = ?", key.id) or 0)

    def sign_in(self, key: Key, user: int) -> None:
        """0: nobody any more."""
        sql = "UPDATE auth_keys SET bot = ?, waiting = 0, refusal = '' WHERE id = ?"
        self._db.run(sql, user, key.id)

    def wait_for_password(self, key: Key, person: int) -> None:
        self._db.run("UPDATE auth_keys SET waiting = ? WHERE id = ?", person, key.id)

    def waiting(self, key: Key) -> int:
        """Whose password is waited for; 0: nobody's."""
        return int(self._db.value("SELECT waiting FROM auth_keys WHERE id = ?", key.id) or 0)

    def revoke(self, user: int, refusal: str) -> None:
        """Ends all sessions of the account; what is called with their keys is refused so."""
        self._db.run("UPDATE auth_keys SET bot = 0, refusal = ? WHERE bot = ?", refusal, user)

    def refusal(self, key: Key) -> str:
        """Why nobody is signed in with it."""
        return self._db.value("SELECT refusal FROM auth_keys WHERE id = ?", key.id) or "AUTH_KEY_UNREGISTERED"

    def count(self, user: int) -> int:
        """With how many keys the account is signed in."""
        return int(self._db.value("SELECT count(*) FROM auth_keys WHERE bot = ?", user))

    def export(self, user: int, dc: int) -> bytes:
        """What signs the user in at another data centre, once."""
        passage = secrets.token_bytes(_PASS_BYTES)
        self._exported[passage] = (user, dc)
        return passage

    def imports(self, user: int, dc: int, passage: bytes) -> bool:
        """Whether it is good. It is used up."""
        return self._exported.pop(passage, None) == (user, dc)

    def remember(self, user: int, random_id: int, said: Message) -> None:
        sql = "INSERT INTO random_ids (bot, random_id, box, message_id) VALUES (?, ?, ?, ?)"
        self._db.run(sql, user, random_id, said.chat.box, said.message_id)

    def sent(self, user: int, random_id: int) -> tuple[str, int] | None:
        """The box and the number of the message of this account that had the random id."""
        sql = "SELECT box, message_id FROM random_ids WHERE bot = ? AND random_id = ?"
        row = self._db.row(sql, user, random_id)
        return None if row is None else (row["box"], row["message_id"])
