"""Links amid a text: found, each once, without the sentence around them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.downloads.amid_text import links_in

HASH = "0123456789abcdef0123456789abcdef01234567"
MAGNET = f"magnet:?xt=urn:btih:{HASH}&dn=A+film&tr=http%3A%2F%2Ft.example%2Fannounce"


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("", []),
        ("nothing here, not even example.com or ftp://a.example/", []),
        (MAGNET, [MAGNET]),
        (f"look at {MAGNET}, please", [MAGNET]),
        (f"{MAGNET}\n{MAGNET}\nhttps://a.example/x", [MAGNET, "https://a.example/x"]),
        ("(see https://a.example/x.)", ["https://a.example/x"]),
        ("https://a.example/x_(1).mkv!", ["https://a.example/x_(1).mkv"]),
        ("[x](https://a.example/x)", ["https://a.example/x"]),
        ("```\nHTTPS://A.example/x\n```", ["HTTPS://A.example/x"]),
        ('<a href="https://a.example/x">', ["https://a.example/x"]),
        ("“https://a.example/x”", ["https://a.example/x"]),
        ("magnet:?tr=http://t.example/announce", ["magnet:?tr=http://t.example/announce"]),
        (f"magnet:?dn=A film of old&xt=urn:btih:{HASH}", [f"magnet:?dn=A film of old&xt=urn:btih:{HASH}"]),
        (f"magnet:?xt=urn:btih:{HASH} thanks", [f"magnet:?xt=urn:btih:{HASH}"]),
        (f" {HASH.upper()} ", [HASH.upper()]),
        (f"commit {HASH}", []),
        ("a magnet:123", ["magnet:123"]),
        ("git+https://a.example/x", []),
    ],
)
def test_links_in_a_text(text: str, links: list[str]) -> None:
    assert list(links_in(text)) == links


def test_addresses_behind_words_come_last_and_once() -> None:
    behind = ["https://a.example/1", "tg://user?id=1", "https://a.example/2", MAGNET]
    assert list(links_in("https://a.example/2 and here", behind)) == [
        *("https://a.example/2", "https://a.example/1", MAGNET)
    ]


@given(st.text(max_size=300), st.lists(st.text(max_size=50), max_size=3))
def test_whatever_is_found_begins_like_a_link(text: str, addresses: list[str]) -> None:
    for link in links_in(text, addresses):
        assert link.lower().startswith(("magnet:", "http://", "https://")) or link == text.strip()


@pytest.mark.parametrize("piece", ["magnet:? ", "http://", "magnet:?& ", ")", "https://a(" + ")" * 10, " &"])
def test_a_long_text_takes_no_time(piece: str) -> None:
    """As long as Telegram's longest, by the time of this process."""
    began = time.process_time()
    links_in((piece * 4096)[:4096])
    links_in("https://a.example/" + (piece.strip() * 4096)[:4000])
    assert time.process_time() - began < 5
