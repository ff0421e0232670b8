"""Bencode: everything that is written can be read, and nothing else can."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.downloads.bencode import (
    MAX_DEPTH,
    MAX_VALUES,
    BencodeError,
    Value,
    decode,
    decode_fields,
    encode,
)

values: st.SearchStrategy[Value] = st.recursive(
    st.integers(-(10**18), 10**18) | st.binary(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.binary(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_is_written_is_read(value: Value) -> None:
    assert decode(encode(value)) == value


@given(st.dictionaries(st.binary(max_size=8), values, max_size=5))
def test_fields_keep_their_bytes(value: dict[bytes, Value]) -> None:
    fields = decode_fields(encode(value))

    assert {key: field.value for key, field in fields.items()} == value
    assert all(decode(field.raw) == field.value for field in fields.values())


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.text("0123456789ilde:-", max_size=30).map(str.encode))
def test_any_bytes_are_a_value_or_an_error(data: bytes) -> None:
    try:
        value = decode(data)
    except BencodeError:
        return
    # the spelling may differ in the order of keys only
    assert len(encode(value)) == len(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"i",
        b"ie",
        b"i-e",
        b"i-0e",
        b"i01e",
        b"i+1e",
        b"i 1e",
        b"i1",
        b"i1_0e",
        b"i12345678901234567890123e",
        b"3:ab",
        b"03:abc",
        b"-1:a",
        b"999999999:a",
        b"99999999999999:a",
        b"l",
        b"li1e",
        b"d",
        b"di1ei2ee",
        b"d1:ae",
        b"d1:ai1e1:ai2ee",
        b"i1ei2e",
        b"i1e\n",
        b"x",
    ],
)
def test_not_bencode(data: bytes) -> None:
    with pytest.raises(BencodeError):
        decode(data)


def test_keys_out_of_order_are_read_and_kept() -> None:
    data = b"d4:infod1:bi1e1:ai2eee"

    assert decode_fields(data)[b"info"].raw == b"d1:bi1e1:ai2ee"


def test_depth_and_number_are_bounded() -> None:
    assert decode(b"l" * MAX_DEPTH + b"e" * MAX_DEPTH) is not None
    for data in (
        b"l" * 100_000,
        b"l" * 100 + b"e" * 100,
        b"l" + b"i0e" * MAX_VALUES + b"e",
        b"d1:a" * 100_000,
    ):
        with pytest.raises(BencodeError):
            decode(data)
