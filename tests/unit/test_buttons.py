"""Buttons: typed values, at most 64 bytes, and nothing that is pressed is trusted."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.buttons import MOST_BYTES, VERSION, Press, StaleButton, Want, pack, unpack
from handlers.presses import PRESSES
from models.ids import new_id

KINDS = sorted(Press.__subclasses__(), key=lambda kind: kind.__name__)
LARGEST = 2**31 - 1


def press(kind: type[Press], number: int) -> Press:
    return kind(*(number if field.type is int else new_id() for field in fields(kind)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [0, 1, 99, LARGEST])
def test_every_button_comes_back_as_it_was(kind: type[Press], number: int) -> None:
    button = press(kind, number)
    data = pack(button)
    assert unpack(data) == button
    assert len(data.encode()) <= MOST_BYTES


@pytest.mark.parametrize("kind", KINDS)
def test_every_button_does_something(kind: type[Press]) -> None:
    assert kind in PRESSES


def test_tags_are_pinned() -> None:
    """Buttons stay in chats for years: a tag never gets another meaning."""
    assert pack(Want("a1", 2, 1)) == "1:wa:a1:2:1"
    assert {pack(press(kind, 0)).split(":")[1] for kind in KINDS} == {
        "gl",
        "ln",
        "le",
        "lg",
        "lp",
        "lm",
        "ly",
        "lq",
        "ld",
        "st",
        "pk",
        "sa",
        "so",
        "hi",
        "fi",
        "lo",
        "ch",
        "tc",
        "cl",
        "wa",
        "wo",
        "tf",
        "of",
        "wf",
        "ap",
        "up",
        "os",
        "fr",
        "go",
        "pa",
        "re",
        "rt",
        "ac",
        "ca",
        "de",
        "bk",
        "sh",
        "sp",
        "ge",
        "se",
        "sl",
        "sr",
        "bp",
        "sq",
        "sx",
        "sz",
        "md",
        "mt",
        "mx",
        "gs",
        "gp",
        "gr",
        "gx",
        "gt",
        "fo",
        "fp",
        "fc",
        "fa",
        "fe",
        "fl",
        "ft",
        "ff",
        "fx",
        "fq",
        "fd",
        "fb",
        "fy",
        "fn",
        "is",
        "ip",
        "ir",
        "ix",
        "it",
        "ic",
        "lt",
        "ls",
        "lc",
        "ll",
        "lf",
        "lw",
        "li",
        "lr",
        "lv",
        "lx",
        "ct",
        "ck",
        "ta",
        "el",
        "eo",
        "ek",
        "em",
        "ey",
        "ep",
        "er",
        "ea",
        "es",
    }


def test_data_that_is_too_long_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        pack(Want("x" * 70, 1, 1))


@pytest.mark.parametrize(
    "data",
    [
        "",
        "1",
        "1:",
        "1:wa",
        "0:go:abc",
        "2:go:abc",
        "01:go:abc",
        "1:zz:abc",
        "1:go",
        "1:go:",
        "1:go:a:b",
        "1:go:a.b",
        "1:go:{$ne}",
        "1:go:ábc",
        "1:wa:abc:1:",
        "1:wa:abc:01:1",
        "1:wa:abc:+1:1",
        "1:wa:abc: 1:1",
        "1:wa:abc:1_0:1",
        "1:wa:abc:٣:1",
        "1:wa:abc:1.0:1",
        "1:wa:abc:-1:1",
        f"1:wa:abc:{2**63}:1",
        f"1:tf:abc:{LARGEST + 1}",
        "\ud800",
        "1:go:\ud800",
    ],
)
def test_what_we_did_not_write_is_stale(data: str) -> None:
    with pytest.raises(StaleButton):
        unpack(data)


@given(st.text(st.characters()))
def test_arbitrary_text_is_stale_or_ours(data: str) -> None:
    try:
        button = unpack(data)
    except StaleButton:
        return
    assert pack(button) == data


@given(
    st.sampled_from(KINDS),
    st.lists(st.one_of(st.text(st.characters(), max_size=12), st.integers().map(str)), max_size=4),
)
def test_forged_values_are_stale_or_small(kind: type[Press], values: list[str]) -> None:
    """What is let through can be put into the database and into a query as it is."""
    tag = pack(press(kind, 0)).split(":")[1]
    try:
        button = unpack(":".join([VERSION, tag, *values]))
    except StaleButton:
        return
    for field in fields(button):
        value = getattr(button, field.name)
        if field.type is int:
            assert 0 <= value <= LARGEST
        else:
            assert value.isascii()
            assert value.isalnum()
