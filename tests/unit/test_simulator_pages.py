"""The simulator's pages of messages, beside the plainest way to make them: all of them, counted through."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from simulator.chats import room_chat
from simulator.messages import Content, Message, Messages, Wanted
from simulator.storage import Database

CHAT = room_chat("channel", -1001)
ADA, CLEO = 1001, 1003
BOUNDS = (0, 3, 7, 100)


@pytest.fixture
def messages(tmp_path: Path) -> Iterator[Messages]:
    """Of the messages 1 to 12, the fourth is gone and the eighth hidden; two have the same date."""
    database = Database(tmp_path / "test.db")
    messages = Messages(database)
    for number in range(1, 13):
        kind: Content = {"audio": {}} if number % 3 == 0 else {}
        messages.add(CHAT, CLEO, 100 + number // 2, {"text": f"number {number}", **kind})
    messages.remove(known(messages, 4))
    messages.hide(ADA, known(messages, 8))
    yield messages
    database.close()


def known(messages: Messages, number: int) -> Message:
    found = messages.get(CHAT, number)
    assert found
    return found


def plainly(messages: Messages, wanted: Wanted) -> tuple[list[Message], int]:
    every = [
        each
        for each in reversed(messages.seen_by(ADA, CHAT, 0, -1))
        if each.message_id > wanted.above
        and (not wanted.below or each.message_id < wanted.below)
        and wanted.words in each.content["text"]
        and (not wanted.kinds or any(kind in each.content for kind in wanted.kinds))
    ]
    newer = [
        each for each in every if 0 < wanted.from_id <= each.message_id or 0 < wanted.from_date <= each.date
    ]
    first = len(newer) + wanted.further
    return every[max(first, 0) : max(first + wanted.limit, 0)], len(every)


@pytest.mark.parametrize(("words", "kinds"), [("", ()), ("1", ()), ("", ("audio",))])
def test_pages_are_as_if_all_were_counted_through(
    messages: Messages, words: str, kinds: tuple[str, ...]
) -> None:
    bounds = product(BOUNDS, BOUNDS, BOUNDS, (0, 103), (-9, -2, 0, 2), (0, 3, 100))
    for above, below, from_id, from_date, further, limit in bounds:
        wanted = Wanted(
            above,
            below,
            0,
            0,
            words,
            kinds,
            from_id=from_id,
            from_date=from_date,
            further=further,
            limit=limit,
        )
        assert messages.page(ADA, CHAT, wanted) == plainly(messages, wanted), wanted


def test_what_changes_is_counted_anew(messages: Messages) -> None:
    def count(person: int = ADA) -> int:
        return messages.page(person, CHAT, Wanted(limit=1))[1]

    assert (count(), count(CLEO)) == (10, 11)
    said = messages.add(CHAT, CLEO, 200, {"text": "one more"})
    assert (count(), count(CLEO)) == (11, 12)
    messages.hide(ADA, said)
    assert (count(), count(CLEO)) == (10, 12)
    messages.remove(said)
    assert (count(), count(CLEO)) == (10, 11)
