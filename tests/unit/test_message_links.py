"""Links to messages of Telegram's, and how documents keep messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.downloads.amid_text import links_in
from services.downloads.messages import read_address, read_message_link
from services.downloads.port import SourceRejected, TelegramMessage, download_key, names_its_content
from services.downloads.sources import read_source


@pytest.mark.parametrize(
    ("text", "chat", "number"),
    [
        ("https://t.me/magpies/123", "@magpies", 123),
        ("http://www.t.me/Magpies/123/", "@magpies", 123),
        ("t.me/magpies/123?single", "@magpies", 123),
        ("https://telegram.me/s/magpies/5", "@magpies", 5),
        ("https://t.me/magpies/77/123", "@magpies", 123),
        ("https://t.me/c/1234567/89", -1_000_001_234_567, 89),
        ("https://t.me/c/1234567/4/89?thread=4", -1_000_001_234_567, 89),
    ],
)
def test_a_link_names_a_message(text: str, chat: int | str, number: int) -> None:
    found = read_message_link(text)
    assert found is not None
    assert (found.chat, found.message_id) == (chat, number)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "https://t.me/magpies",
            "https://t.me/+abcdef",
            "https://t.me/joinchat/abc",
            "https://t.me/magpies/0",
        ),
        *("https://example.org/magpies/123", "https://t.me.example.org/magpies/1", "t.me/magpies/x", ""),
        *("https://t.me/c/abc/1", "https://t.me/1magpies/2", "https://t.me/magpies/123/4/5/6"),
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert read_message_link(text) is None


async def test_it_is_found_amid_a_text() -> None:
    (link,) = links_in("look at t.me/magpies/123, it is good")
    assert link == "t.me/magpies/123"
    assert isinstance(await read_source(link), TelegramMessage)
    assert not links_in("not.t.me/magpies/123 nor a@t.me/x/1")


@given(
    st.builds(
        TelegramMessage,
        chat=st.integers(-(10**15), -1) | st.from_regex(r"@[a-z][a-z0-9_]{3,31}", fullmatch=True),
        message_id=st.integers(1, 2**31),
        name=st.text(max_size=50),
        unique_id=st.text(max_size=20),
        file_id=st.text(max_size=80),
        size=st.none() | st.integers(1, 2**40),
    )
)
def test_an_address_leads_back(message: TelegramMessage) -> None:
    assert read_address(message.address) == message


@pytest.mark.parametrize(
    "address", ["", "telegram:?", "telegram:?chat=x&message_id=1", "telegram:?chat=@a&message_id=b"]
)
def test_a_damaged_address_is_refused(address: str) -> None:
    with pytest.raises(SourceRejected):
        read_address(address)


def test_one_file_in_two_messages_is_one_thing() -> None:
    here, there = TelegramMessage(7, 1, "a", unique_id="u"), TelegramMessage("@films", 9, "b", unique_id="u")
    assert download_key(here) == download_key(there)
    assert names_its_content(here)
    unknown = TelegramMessage("@films", 9, "b")
    assert not names_its_content(unknown)
    assert download_key(unknown) != download_key(there)
