"""Manifests: one spelling, one signature, one chain; and what is refused of what was made of them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.library import Item
from services.ledger.keys import InstanceKey
from services.ledger.manifests import (
    VERSION,
    Chain,
    Fault,
    ItemRecord,
    Manifest,
    MemberRecord,
    Refused,
    Subject,
    canonical,
    hash_of,
    written,
)

KEY, OTHER = InstanceKey(bytes(range(32))), InstanceKey(bytes(32))


def work(number: int, **more: Any) -> Subject:
    said = {
        "id": f"i{number}",
        "title": f"Work {number}",
        "files": [{"name": "a.mkv", "size": 3, "blake3": "ab", "kind": "video", "title": "A"}],
        "member_id": "7",
        "archived_at": 5,
        "copies": [{"part": "0", "store": "telegram-1", "blake3": "ab", "size": 3, "message_id": number}],
    }
    return Subject(f"item:i{number}", {**said, **more})


def chain(count: int, key: InstanceKey = KEY, first: int = 1, previous: str = "") -> list[bytes]:
    lines: list[bytes] = []
    for number in range(first, first + count):
        lines.append(written(key, work(number), number, previous, 1000 + number))
        previous = hash_of(lines[-1])
    return lines


def read(lines: list[bytes]) -> tuple[list[int], list[tuple[int | None, Fault]], list[int]]:
    """Numbers that count, what is refused, and what is missing."""
    reading = Chain(KEY.public)
    counted, refused = [], []
    for line in lines:
        try:
            counted.append(reading.read(line).number)
        except Refused as refusal:
            refused.append((refusal.number, refusal.fault))
    return counted, refused, reading.missing


def read_one(subject: Subject) -> Manifest:
    return Chain(KEY.public).read(written(KEY, subject, 1, "", 5))


def test_how_one_is_written() -> None:
    """Of version 1: what stands in Telegram is read for ever."""
    line = written(KEY, Subject("member:7", {"id": "7", "name": "Ádá", "role": "owner"}), 1, "", 1234)
    assert line.decode() == (
        '{"key":"03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8","made_at":1234,'
        '"member":{"id":"7","name":"Ádá","role":"owner"},"number":1,"previous":"","schema":"magpie-manifest",'
        f'"signature":"{json.loads(line)["signature"]}","version":1}}'
    )
    body = json.loads(line)
    signature = body.pop("signature")
    assert signature == KEY.sign(b"magpie-manifest\0" + canonical(body))


def test_what_was_written_is_read() -> None:
    manifest = read_one(work(4))
    assert isinstance(manifest.record, ItemRecord)
    assert manifest.record.title == "Work 4"
    assert manifest.record.copies[0].message_id == 4
    member = read_one(Subject("member:7", {"id": "7", "name": "Ada", "role": "owner"})).record
    assert isinstance(member, MemberRecord)
    assert member.role == "owner"


def test_a_whole_chain_counts() -> None:
    assert read(chain(5)) == ([1, 2, 3, 4, 5], [], [])


def test_what_is_missing_is_said_and_the_rest_counts() -> None:
    lines = chain(6)
    assert read([lines[1], lines[4], lines[5]]) == ([2, 5, 6], [], [1, 3, 4])


def test_one_that_stands_there_twice_counts_once() -> None:
    lines = chain(3)
    assert read([*lines[:2], lines[1], lines[0], lines[2]]) == (
        [1, 2, 3],
        [(2, Fault.DUPLICATE), (1, Fault.DUPLICATE)],
        [],
    )


def test_one_that_comes_too_late_is_refused() -> None:
    lines = chain(4)
    assert read([lines[0], lines[2], lines[1], lines[3]]) == ([1, 3, 4], [(2, Fault.ORDER)], [])


def test_one_of_another_chain_is_refused_and_the_rest_counts() -> None:
    """As after an old copy of the database was put back, and written on from there."""
    lines, fork = chain(3), chain(1, first=2, previous="another")
    assert read([lines[0], fork[0], lines[1], lines[2]]) == ([1, 2, 3], [(2, Fault.FORKED)], [])


def test_one_of_another_key_is_refused() -> None:
    lines = chain(3)
    foreign = chain(1, key=OTHER, first=2, previous=hash_of(lines[0]))
    assert read([lines[0], foreign[0], lines[2]]) == ([1, 3], [(2, Fault.FOREIGN)], [])


def altered(line: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    body = json.loads(line)
    change(body)
    return canonical(body)


ALTERED: dict[str, Callable[[dict[str, Any]], None]] = {
    "title": lambda body: body["item"].update(title="Another"),
    "role": lambda body: body.update(member=body.pop("item")),
    "more": lambda body: body.update(more=1),
    "made_at": lambda body: body.update(made_at=1),
    "previous": lambda body: body.update(previous=""),
    "signature": lambda body: body.update(signature="00" * 64),
    "no signature": lambda body: body.update(signature=""),
    "number": lambda body: body.update(number=3),
}


@pytest.mark.parametrize("name", ALTERED)
def test_what_was_altered_is_refused_with_its_number(name: str) -> None:
    lines = chain(3)
    counted, refused, _ = read([lines[0], altered(lines[1], ALTERED[name]), lines[2]])
    number = 3 if name == "number" else 2
    assert (counted, refused) == ([1, 3], [(number, Fault.ALTERED)])


@pytest.mark.parametrize(
    "respelt",
    [
        lambda line: line.replace(b":", b": ", 1),
        lambda line: line.replace(b'"number":2', b'"number":9,"number":2'),
        lambda line: line.replace(b"Work", b"W\\u006frk"),
        lambda line: line.replace(b"Work", b"\\ud800"),
        lambda line: line.replace(b'"made_at":1002', b'"made_at":1002.0'),
        lambda line: line + b" ",
    ],
)
def test_there_is_one_spelling(respelt: Callable[[bytes], bytes]) -> None:
    lines = chain(3)
    other = respelt(lines[1])
    assert other != lines[1]
    counted, refused, missing = read([lines[0], other, lines[2]])
    assert counted == [1, 3]
    assert [number for number, _ in refused] == [2]
    assert missing == []


def test_one_of_a_future_version_is_refused_with_its_number() -> None:
    lines = chain(3)
    future = altered(lines[1], lambda body: body.update(version=VERSION + 1, works=body.pop("item")))
    assert read([lines[0], future, lines[2]]) == ([1, 3], [(2, Fault.FUTURE)], [])


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{",
        b"[" * 100_000,
        b'{"schema":"another","version":1,"number":1}',
        b'{"schema":"magpie-manifest","version":1,"number":true}',
        b'{"schema":"magpie-manifest","version":1,"number":0}',
        b'{"schema":"magpie-manifest","version":1,"number":1e999}',
        b'{"schema":"magpie-manifest","number":-5,"version":1}',
        b'{"schema":"magpie-manifest","version":1,"number":' + b"9" * 5000 + b"}",
        b'{"schema":"magpie-manifest","version":99,"number":1000000000000000000000}',
    ],
)
def test_what_is_none_at_all(line: bytes) -> None:
    assert read([line, *chain(1)]) == ([1], [(None, Fault.UNREADABLE)], [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"files": 5},
        {"title": None},
        {"copies": [{"part": "../x", "store": "disk", "blake3": "", "size": 1}]},
        {"copies": [{"part": "0", "store": "disk", "blake3": "", "size": 1, "path": "../../etc/passwd"}]},
        {"copies": [{"part": "0", "store": "disk", "blake3": "", "size": 1, "path": "/etc/passwd"}]},
        {"copies": [{"part": "0", "store": "disk", "blake3": "", "size": -1}]},
        {"copies": 2 * [{"part": "0", "store": "disk", "blake3": "", "size": 1}]},
        {"id": 7},
        {"id": ""},
    ],
)
def test_what_is_signed_and_makes_no_sense_is_refused_and_holds_its_place(wrong: dict[str, Any]) -> None:
    first = written(KEY, work(1, **wrong), 1, "", 5)
    assert read([first, *chain(1, first=2, previous=hash_of(first))]) == ([2], [(1, Fault.UNREADABLE)], [])


@given(st.binary(max_size=200))
def test_nothing_read_breaks_it(line: bytes) -> None:
    assert read([line])[0] == []


@given(st.data())
def test_no_byte_of_it_can_be_changed(data: st.DataObject) -> None:
    line = chain(1)[0]
    place = data.draw(st.integers(0, len(line) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != line[place]))
    assert read([line[:place] + bytes([byte]) + line[place + 1 :]])[0] == []


def test_no_field_of_an_item_is_forgotten() -> None:
    """One that is new is written down, too, or stands here with why it need not be."""
    of_a_moment = {"handed_out", "changed_at", "revision_id"}
    derived = {"work"}
    assert set(Item.model_fields) == set(ItemRecord.model_fields) - {"copies"} | of_a_moment | derived
