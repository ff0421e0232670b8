"""What Indexers say of a Release, read with suspicion: a wrong value is as good as none."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from models.clock import Millis
from services.downloads.names import one_line

MOST_TITLE_CHARACTERS = 300
MOST_LINK_BYTES = 8 * 1024
_MOST_PAGE_BYTES = 1024
_MOST_SIZE = 1 << 50
_MOST_PEOPLE = 10_000_000
_MOST_DIGITS = 18
_MOST_MILLIS = 1 << 42
_WEB = re.compile(r"https?://[^\s\\<>\"]+", re.IGNORECASE)
_CATEGORIES = range(1000, 9000)
# Letters that take room and show nothing, or turn what stands around them.
_HOLLOW = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u2060-\u2064\u206a-\u206f\u3164\uffa0\U000e0000-\U000e007f]"
)
# Marks heaped on one letter flood the lines above it; the languages that have such marks need two.
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_HEAPED = re.compile(f"({_MARK}{_MARK}){_MARK}+")


def read_title(text: str) -> str:
    """One line of what can be seen."""
    if not text.isascii():
        text = _HEAPED.sub(r"\1", _HOLLOW.sub("", text))
    return one_line(text, MOST_TITLE_CHARACTERS)


def read_query(text: str) -> str:
    """What a person asks, in one line that every server takes."""
    return one_line(text, MOST_TITLE_CHARACTERS)


def read_count(text: str | None) -> int | None:
    """A number of things, zero and up."""
    digits = text.strip() if text else ""
    plain = digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS
    return int(digits) if plain else None


def read_size(text: str | None) -> int | None:
    """A size in bytes, up to a pebibyte. Zero is how servers say that they do not know."""
    size = read_count(text)
    return size if size and size <= _MOST_SIZE else None


def read_people(text: str | None) -> int | None:
    """How many seed or fetch, up to ten millions."""
    count = read_count(text)
    return count if count is not None and count <= _MOST_PEOPLE else None


def read_category(text: str | None) -> int | None:
    """A category as Torznab numbers them; those that a server made up for itself are none."""
    category = read_count(text)
    return category if category is not None and category in _CATEGORIES else None


def read_web_address(text: str | None) -> str | None:
    """An http(s) address as it stands."""
    return _address(text, MOST_LINK_BYTES)


def read_page_address(text: str | None) -> str | None:
    """An http(s) address that is short enough to be kept only for being shown."""
    return _address(text, _MOST_PAGE_BYTES)


def read_mail_date(text: str | None) -> Millis | None:
    """A date as mail headers and RSS have it."""
    if not text:
        return None
    try:
        return _millis(parsedate_to_datetime(text.strip()))
    except (ValueError, OverflowError):
        return None


def read_iso_date(text: str | None) -> Millis | None:
    """A date of ISO 8601; without a zone it is taken for UTC."""
    try:
        return _millis(datetime.fromisoformat((text or "").strip()))
    except (ValueError, OverflowError):
        return None


def _address(text: str | None, most: int) -> str | None:
    if not text:
        return None
    address = text.strip()
    if len(address) > most or not _WEB.fullmatch(address):
        return None
    return address if address.isascii() or _fits(address, most) else None


def _fits(text: str, most: int) -> bool:
    try:
        return len(text.encode()) <= most
    except UnicodeEncodeError:
        # half a pair of surrogates, as JSON can spell it
        return False


def _millis(moment: datetime) -> Millis | None:
    """None for a date that is no torrent's: before 1970, or in the next century."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    millis = int(aware.timestamp() * 1000)
    return millis if 0 < millis < _MOST_MILLIS else None
