"""The simulator's database: all or nothing, and numbers that are never given twice."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.storage import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "test.db")
    yield database
    database.close()


def fail_in_the_middle(database: Database) -> None:
    with database.transaction():
        database.run("INSERT INTO topics VALUES (-1, 1, 'x', 0, 0)")
        with database.transaction():
            database.run("INSERT INTO topics VALUES (-1, 2, 'y', 0, 0)")
        raise RuntimeError


def test_a_change_that_fails_changes_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        fail_in_the_middle(database)
    assert database.rows("SELECT * FROM topics") == []


def test_a_change_is_there_for_the_next_who_opens(tmp_path: Path, database: Database) -> None:
    with database.transaction():
        database.run("INSERT INTO topics VALUES (-1, 1, 'x', 0, 0)")
    other = Database(tmp_path / "test.db")
    assert other.value("SELECT name FROM topics") == "x"
    other.close()


def test_it_writes_through_to_the_disk(database: Database) -> None:
    assert database.value("PRAGMA journal_mode") == "wal"
    assert database.value("PRAGMA synchronous") == 2, "FULL"


def test_a_note_waits_for_no_disk_and_the_next_change_does(tmp_path: Path, database: Database) -> None:
    database.note("INSERT INTO topics VALUES (-1, 1, 'x', 0, 0)")
    assert database.value("PRAGMA synchronous") == 2, "FULL"
    other = Database(tmp_path / "test.db")
    assert other.value("SELECT name FROM topics") == "x"
    other.close()


def test_an_older_world_gets_the_columns_that_it_has_not(tmp_path: Path) -> None:
    file = tmp_path / "older.db"
    older = sqlite3.connect(file)
    older.execute("CREATE TABLE auth_keys (id INTEGER PRIMARY KEY, secret BLOB, salt INTEGER, bot INTEGER)")
    older.execute("INSERT INTO auth_keys VALUES (1, x'00', 0, 7)")
    older.commit()
    older.close()
    database = Database(file)
    row = database.row("SELECT * FROM auth_keys")
    assert row
    assert (row["bot"], row["dc"], row["waiting"], row["refusal"]) == (7, 2, 0, "")
    database.close()


def test_a_counter_goes_on_after_a_restart(tmp_path: Path, database: Database) -> None:
    assert [database.next("x", 5), database.next("x", 5)] == [5, 6]
    other = Database(tmp_path / "test.db")
    assert other.next("x", 5) == 7
    other.close()
