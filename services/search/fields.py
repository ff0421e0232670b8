"""What Indexers say of a Release, read with suspicion: a wrong value is as good as none."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from services.downloads.names import one_line

MOST_TITLE_CHARACTERS = 300
MOST_LINK_CHARACTERS = 8 * 1024
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_WEB = re.compile(r"https?://[^\s\\<>\"]+", re.IGNORECASE)


def read_title(text: str) -> str:
    return one_line(text, MOST_TITLE_CHARACTERS)


def read_query(text: str) -> str:
    """What a person asks, in one line that every server takes."""
    return one_line(text, MOST_TITLE_CHARACTERS)


def read_count(text: str | None) -> int | None:
    """A number of things, zero and up."""
    match = _NUMBER.fullmatch((text or "").strip())
    return int(match[0]) if match else None


def read_size(text: str | None) -> int | None:
    """A size in bytes. Zero is how servers say that they do not know."""
    return read_count(text) or None


def read_web_address(text: str | None) -> str | None:
    """An http(s) address as it stands."""
    address = (text or "").strip()
    return address if len(address) <= MOST_LINK_CHARACTERS and _WEB.fullmatch(address) else None


def read_mail_date(text: str | None) -> datetime | None:
    """A date as mail headers and RSS have it, in UTC."""
    try:
        return _in_utc(parsedate_to_datetime((text or "").strip()))
    except (ValueError, OverflowError):
        return None


def read_iso_date(text: str | None) -> datetime | None:
    """A date of ISO 8601, in UTC."""
    try:
        return _in_utc(datetime.fromisoformat((text or "").strip()))
    except (ValueError, OverflowError):
        return None


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
