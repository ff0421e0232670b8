"""Bencode (BEP 3), read strictly and within bounds: what reaches this comes from strangers."""

import re
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = int | bytes | list["Value"] | dict[bytes, "Value"]

MAX_DEPTH = 64
MAX_VALUES = 500_000
"""A torrent of 20,000 files has about 200,000 values; reading the most that is allowed takes about a second."""

_INTEGER = re.compile(rb"i(0|-?[1-9][0-9]{0,18})e")
_LENGTH = re.compile(rb"(0|[1-9][0-9]{0,8}):")
_END, _LIST, _DICT = b"e", b"l", b"d"


class BencodeError(ValueError):
    """Not bencode, or more of it than is read here."""


class TooMuch(BencodeError):
    """More values than are read here."""


@dataclass(frozen=True)
class Field:
    """A value of a dictionary, and the very bytes it was read from."""

    value: Value
    raw: bytes


def decode(data: bytes) -> Value:
    """Reads one value that fills `data` to its last byte. Raises BencodeError."""
    reader = _Reader(data)
    value = reader.value(0)
    reader.end()
    return value


def decode_fields(data: bytes) -> dict[bytes, Field]:
    """Reads one dictionary that fills `data`, each value with its bytes. Raises BencodeError."""
    reader = _Reader(data)
    fields = reader.fields()
    reader.end()
    return fields


def encode(value: Value) -> bytes:
    """The one canonical spelling: a dictionary's keys are sorted."""
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l%se" % b"".join(map(encode, value))
    return encode_fields({key: encode(inner) for key, inner in value.items()})


def encode_fields(fields: dict[bytes, bytes]) -> bytes:
    """A dictionary whose values are encoded already."""
    return b"d%se" % b"".join(encode(key) + raw for key, raw in sorted(fields.items()))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._values = 0

    def end(self) -> None:
        if self._at != len(self._data):
            raise BencodeError("something follows the value")

    def value(self, depth: int) -> Value:
        self._count(depth)
        kind = self._data[self._at : self._at + 1]
        if kind == b"i":
            return self._integer()
        if kind == _LIST:
            return self._list(depth)
        if kind == _DICT:
            return self._dict(depth)
        return self._string()

    def fields(self) -> dict[bytes, Field]:
        self._expect_dict()
        fields: dict[bytes, Field] = {}
        while not self._ended():
            key = self._key(fields)
            start = self._at
            value = self.value(1)
            fields[key] = Field(value, self._data[start : self._at])
        return fields

    def _count(self, depth: int) -> None:
        self._values += 1
        if depth > MAX_DEPTH:
            raise BencodeError("too deep")
        if self._values > MAX_VALUES:
            raise TooMuch("too many values")

    def _ended(self) -> bool:
        if self._data[self._at : self._at + 1] != _END:
            return False
        self._at += 1
        return True

    def _integer(self) -> int:
        match = _INTEGER.match(self._data, self._at)
        if match is None:
            raise BencodeError("malformed integer")
        self._at = match.end()
        return int(match[1])

    def _string(self) -> bytes:
        match = _LENGTH.match(self._data, self._at)
        if match is None:
            raise BencodeError("malformed value")
        start, length = match.end(), int(match[1])
        if start + length > len(self._data):
            raise BencodeError("truncated string")
        self._at = start + length
        return self._data[start : self._at]

    def _list(self, depth: int) -> list[Value]:
        self._at += 1
        values: list[Value] = []
        while not self._ended():
            values.append(self.value(depth + 1))
        return values

    def _dict(self, depth: int) -> dict[bytes, Value]:
        self._expect_dict()
        values: dict[bytes, Value] = {}
        while not self._ended():
            key = self._key(values)
            values[key] = self.value(depth + 1)
        return values

    def _expect_dict(self) -> None:
        if self._data[self._at : self._at + 1] != _DICT:
            raise BencodeError("not a dictionary")
        self._at += 1

    def _key(self, known: dict[bytes, Value] | dict[bytes, Field]) -> bytes:
        # Keys out of order exist in the wild and mean one thing; a key twice means two.
        key = self._string()
        if key in known:
            raise BencodeError("a key twice")
        return key
