"""Everything that bots, and clients of the data centre, ever asked for and what they were told: for tests that count posts."""

import json
import sqlite3
from typing import Any

from simulator.storage import Database, encode

LONGEST_VALUE = 200
_ADD = """INSERT INTO record (at, bot, method, chat, message_id, ok, error, parameters)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""


class Record:
    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, at: float, bot: int, call: dict[str, Any]) -> None:
        """`call` has method, chat, message_id, ok, error, parameters, as in `GET /api/record`."""
        self._db.run(_ADD, at, bot, *_values(call))

    def note(self, at: float, bot: int, call: dict[str, Any]) -> None:
        """As `add`, for calls of which there are thousands, such as the parts of a file."""
        self._db.note(_ADD, at, bot, *_values(call))

    def calls(self, chat: int | None = None, after: int = 0) -> list[dict[str, Any]]:
        """Oldest first; `chat` is the chat's id as bots name it."""
        sql = "SELECT * FROM record WHERE seq > ? AND (? IS NULL OR chat = ?) ORDER BY seq"
        return [_call(row) for row in self._db.rows(sql, after, chat, chat)]


def _values(call: dict[str, Any]) -> tuple[object, ...]:
    outcome = (call["chat"], call["message_id"], int(call["ok"]), call["error"])
    return (call["method"], *outcome, encode(call["parameters"]))


def _call(row: sqlite3.Row) -> dict[str, Any]:
    call = dict(row) | {"ok": bool(row["ok"]), "parameters": json.loads(row["parameters"])}
    if call["error"] is None:
        del call["error"]
    return call


def summary(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters with long texts cut."""
    return {name: _short(value) for name, value in parameters.items()}


def _short(value: object) -> object:
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return f"{value[:LONGEST_VALUE]}…"
    if isinstance(value, dict):
        return summary(value)
    if isinstance(value, list):
        return [_short(item) for item in value]
    return value
