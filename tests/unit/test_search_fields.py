"""Sizes, counts, dates, durations and addresses as strangers write them."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search import door
from services.search.fields import (
    read_category,
    read_count,
    read_iso_date,
    read_mail_date,
    read_page_address,
    read_people,
    read_query,
    read_size,
    read_title,
    read_web_address,
)

texts = st.text(st.characters(), max_size=60) | st.integers(-(10**20), 10**20).map(str)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - a bound


@given(texts)
def test_any_text_is_a_size_or_none(text: str) -> None:
    size, count, people, category = read_size(text), read_count(text), read_people(text), read_category(text)
    assert size is None or 0 < size <= 2**50
    assert count is None or 0 <= count < 10**18
    assert people is None or 0 <= people <= 10**7
    assert category is None or 1000 <= category < 9000
    assert (count is None) == (
        not text.strip().isascii() or not text.strip().isdigit() or len(text.strip()) > 18
    )


@given(st.integers(1, 2**50), st.sampled_from(["{}", " {} ", "\t{}\n", "00{}"]))
def test_any_honest_size_is_read(size: int, spelling: str) -> None:
    assert read_size(spelling.format(size)) == size


@pytest.mark.parametrize(
    "text", [None, "", "-1", "1.5", "1e9", "0x10", "1 GB", "٣", "9" * 19, str(2**50 + 1), "0"]
)
def test_absurd_sizes_are_none(text: str | None) -> None:
    assert read_size(text) is None


@given(texts)
def test_any_text_is_a_date_or_none(text: str) -> None:
    for read in (read_mail_date, read_iso_date):
        millis = read(text)
        assert millis is None or 0 < millis < 2**42


@given(moments)
def test_any_honest_date_is_read(moment: datetime) -> None:
    second = moment.replace(microsecond=0)
    assert read_mail_date(f"{second:%a, %d %b %Y %H:%M:%S +0000}") == int(second.timestamp() * 1000)
    assert read_iso_date(second.isoformat()) == int(second.timestamp() * 1000)


@given(texts | moments.map(format_datetime))
def test_whatever_is_said_an_indexer_rests_for_a_day_at_most(text: str) -> None:
    """As `Retry-After` has it: seconds, or a date."""
    said = httpx.Response(429, headers=[(b"Retry-After", text.encode(errors="surrogatepass"))])
    before = datetime.now(UTC)
    until = door._rest_until(said)
    assert before <= until <= datetime.now(UTC) + timedelta(days=1)


@given(st.integers(0, 86_400))
def test_any_honest_duration_is_read(seconds: int) -> None:
    now = datetime.now(UTC)
    assert door._rest(str(seconds), now) == timedelta(seconds=seconds)


@given(texts | st.builds("http://{}/{}".format, texts, texts))
def test_any_address_is_one_or_none(text: str) -> None:
    for read, most in ((read_web_address, 8192), (read_page_address, 1024)):
        address = read(text)
        assert address is None or (address.lower().startswith("http") and len(address.encode()) <= most)
        assert address is None or not set(address) & set(' <>"\\\n')


@pytest.mark.parametrize("address", ["http://x/" + "ü" * 5000, "http://x/" + "a" * 9000, "http://x/\ud800"])
def test_an_address_is_measured_in_bytes_and_is_text(address: str) -> None:
    assert read_web_address(address) is None


@given(st.text(st.characters()))
def test_any_title_is_one_line_that_turns_nothing(text: str) -> None:
    for read in (read_title, read_query):
        title = read(text)
        assert len(title) <= 300
        assert title == " ".join(title.split())
        title.encode()
    assert not set(read_title(text)) & set(
        "\u200e\u200f\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u061c"
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Z\u0335\u0321\u0322\u031b\u0347o", "Z\u0335\u0321o"),
        ("Việt Nam", "Việt Nam"),
        ("hi\u3164\u3164dden", "hidden"),
        ("soft\u00adhy\u2062phen", "softhyphen"),
        ("שלום\u061c", "שלום"),
        ("tag\U000e0041", "tag"),
        ("😀👨\u200d👩", "😀👨\u200d👩"),
    ],
)
def test_what_floods_or_hides_is_taken_out_of_titles(text: str, title: str) -> None:
    assert read_title(text) == title
