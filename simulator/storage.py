"""The simulator's state on disk: one SQLite file that survives kill -9, and its tables.

Everything is called from the event loop's thread. Calls are short: the state of a test or of one person's trial.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS bots (
    id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, first_name TEXT NOT NULL, username TEXT NOT NULL,
    allowed_updates TEXT, file_key TEXT NOT NULL DEFAULT '', privacy INTEGER NOT NULL DEFAULT 1,
    inline INTEGER NOT NULL DEFAULT 1, feedback INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS people (
    id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, username TEXT, language_code TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dialogs (
    bot INTEGER NOT NULL, person INTEGER NOT NULL, blocked INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (bot, person));
CREATE TABLE IF NOT EXISTS rooms (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, username TEXT, is_forum INTEGER NOT NULL,
    permissions TEXT NOT NULL, migrated_to INTEGER, migrated_from INTEGER);
CREATE TABLE IF NOT EXISTS members (
    room INTEGER NOT NULL, user INTEGER NOT NULL, status TEXT NOT NULL, rights TEXT NOT NULL,
    PRIMARY KEY (room, user));
CREATE TABLE IF NOT EXISTS topics (
    room INTEGER NOT NULL, thread INTEGER NOT NULL, name TEXT NOT NULL, icon_color INTEGER NOT NULL,
    closed INTEGER NOT NULL, PRIMARY KEY (room, thread)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    box TEXT NOT NULL, message_id INTEGER NOT NULL, sender INTEGER NOT NULL, date INTEGER NOT NULL,
    edit_date INTEGER, version INTEGER NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (box, message_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hidden (
    person INTEGER NOT NULL, box TEXT NOT NULL, message_id INTEGER NOT NULL,
    PRIMARY KEY (person, box, message_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (
    person INTEGER NOT NULL, box TEXT NOT NULL, message_id INTEGER NOT NULL, PRIMARY KEY (person, box));
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
    name TEXT NOT NULL, mime_type TEXT NOT NULL, media TEXT, dc INTEGER NOT NULL DEFAULT 2);
CREATE TABLE IF NOT EXISTS updates (
    bot INTEGER NOT NULL, update_id INTEGER NOT NULL, date INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (bot, update_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS callbacks (
    id INTEGER PRIMARY KEY, bot INTEGER NOT NULL, person INTEGER NOT NULL, box TEXT NOT NULL,
    message_id INTEGER NOT NULL, data TEXT NOT NULL, at REAL NOT NULL, answer TEXT);
CREATE TABLE IF NOT EXISTS inline_queries (
    id INTEGER PRIMARY KEY, bot INTEGER NOT NULL, person INTEGER NOT NULL, box TEXT NOT NULL, query TEXT NOT NULL,
    offset TEXT NOT NULL, at REAL NOT NULL, answer TEXT);
CREATE TABLE IF NOT EXISTS inline_cache (
    bot INTEGER NOT NULL, person INTEGER NOT NULL, query TEXT NOT NULL, offset TEXT NOT NULL, until REAL NOT NULL,
    answer TEXT NOT NULL, PRIMARY KEY (bot, person, query, offset)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inline_messages (
    id TEXT PRIMARY KEY, bot INTEGER NOT NULL, box TEXT NOT NULL, message_id INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS commands (
    bot INTEGER NOT NULL, scope TEXT NOT NULL, language_code TEXT NOT NULL, commands TEXT NOT NULL,
    PRIMARY KEY (bot, scope, language_code));
CREATE TABLE IF NOT EXISTS record (
    seq INTEGER PRIMARY KEY, at REAL NOT NULL, bot INTEGER NOT NULL, method TEXT NOT NULL, chat INTEGER,
    message_id INTEGER, ok INTEGER NOT NULL, error TEXT, parameters TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS auth_keys (
    id INTEGER PRIMARY KEY, secret BLOB NOT NULL, salt INTEGER NOT NULL, bot INTEGER NOT NULL,
    dc INTEGER NOT NULL DEFAULT 2, waiting INTEGER NOT NULL DEFAULT 0, refusal TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS logins (
    person INTEGER PRIMARY KEY, phone TEXT NOT NULL UNIQUE, file_key TEXT NOT NULL,
    password TEXT NOT NULL DEFAULT '', hint TEXT NOT NULL DEFAULT '', premium INTEGER NOT NULL DEFAULT 0,
    banned INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS invites (hash TEXT PRIMARY KEY, room INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS codes (
    hash TEXT PRIMARY KEY, phone TEXT NOT NULL, code TEXT NOT NULL, until INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS random_ids (
    bot INTEGER NOT NULL, random_id INTEGER NOT NULL, box TEXT NOT NULL DEFAULT '',
    message_id INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (bot, random_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_chat ON record (chat);
"""

# from the worlds of 0.1.0, which had channels only
UPGRADE = """
BEGIN IMMEDIATE;
CREATE TABLE rooms (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, username TEXT, is_forum INTEGER NOT NULL,
    permissions TEXT NOT NULL, migrated_to INTEGER, migrated_from INTEGER);
INSERT INTO rooms SELECT id, 'channel', title, username, 0, '[]', NULL, NULL FROM channels;
DROP TABLE channels;
ALTER TABLE members RENAME COLUMN channel TO room;
ALTER TABLE bots ADD COLUMN file_key TEXT NOT NULL DEFAULT '';
ALTER TABLE bots ADD COLUMN privacy INTEGER NOT NULL DEFAULT 1;
ALTER TABLE bots ADD COLUMN inline INTEGER NOT NULL DEFAULT 1;
ALTER TABLE bots ADD COLUMN feedback INTEGER NOT NULL DEFAULT 1;
UPDATE bots SET file_key = token;
COMMIT;
"""


# columns that worlds did not have from their beginning
ADDED = (
    ("auth_keys", "dc", "INTEGER NOT NULL DEFAULT 2"),
    ("auth_keys", "waiting", "INTEGER NOT NULL DEFAULT 0"),
    ("auth_keys", "refusal", "TEXT NOT NULL DEFAULT ''"),
    ("logins", "email", "TEXT NOT NULL DEFAULT ''"),
    ("logins", "needs_email", "INTEGER NOT NULL DEFAULT 0"),
    ("files", "dc", "INTEGER NOT NULL DEFAULT 2"),
    ("random_ids", "box", "TEXT NOT NULL DEFAULT ''"),
    ("random_ids", "message_id", "INTEGER NOT NULL DEFAULT 0"),
)


def encode(value: object) -> str:
    """The one JSON form in which values are stored, so that equal values have equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Database:
    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.create_function("folded", 1, str.casefold, deterministic=True)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("PRAGMA cache_size=-2000")
        if self.row("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'channels'"):
            self._connection.executescript(UPGRADE)
        self._connection.executescript(SCHEMA)
        for table, column, kind in ADDED:
            if column not in [row["name"] for row in self.rows(f"PRAGMA table_info({table})")]:
                self.run(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def value(self, sql: str, *values: object) -> Any:  # noqa: ANN401  a column's value is of any type
        """The first column of the first row, None without a row."""
        row = self.row(sql, *values)
        return None if row is None else row[0]

    def run(self, sql: str, *values: object) -> int:
        """Executes one statement; the id of the row that it inserted."""
        return self._connection.execute(sql, values).lastrowid or 0

    def note(self, sql: str, *values: object) -> None:
        """As `run`, without waiting for the disk: outlives the end of the program, though not that of the machine."""
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(sql, values)
        self._connection.execute("PRAGMA synchronous=FULL")

    def next(self, counter: str, first: int = 1) -> int:
        """The next number of a counter, never given twice."""
        value: int = self.value(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            counter,
            first,
        )
        return value

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; on disk when it returns. Inside another one it is a part of that."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        with self._connection:
            yield

    def close(self) -> None:
        self._connection.close()
