"""The one place where secrets are taken out of texts."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

_MARK = "[secret]"
_NAMES = r"(?<![\w-])[\w-]*?(?:api_?key|passkey|authkey|rsskey|torrent_pass|passwd|password|token|secret|signature)"
"""What comes before a secret in an address or a form, as in `jackett_apikey=` and `X-Amz-Signature=`."""
_PATTERNS = (
    re.compile(r"(?P<keep>/(?:file/)?bot)\d{3,}:[A-Za-z0-9_-]{20,}"),
    re.compile(r"(?P<keep>\b)\d{6,}:[A-Za-z0-9_-]{30,}"),
    re.compile(rf"(?P<keep>{_NAMES}=)[^&\s\"'<>]+", re.IGNORECASE),
    # an address within an address, such as a tracker in a magnet
    re.compile(rf"(?P<keep>{_NAMES}%3D)(?:(?!%26)[^&\s\"'<>])+", re.IGNORECASE),
    # who signs in: user and password, either alone; a password may have an @, too
    re.compile(r"(?P<keep>://)[^/?#\s\"'<>]+(?=@)"),
    re.compile(r"(?P<keep>%3A%2F%2F)(?:(?!%2F|%3F)[^/?#&\s\"'<>])+(?=%40|@)", re.IGNORECASE),
    # private trackers know who asks by a part of the path
    re.compile(r"(?P<keep>/|%2F)[0-9a-z]{20,}(?=(?:/|%2F)(?:announce|scrape)\b)", re.IGNORECASE),
    re.compile(r"(?P<keep>\b(?:announce|scrape)(?:/|%2F))[0-9a-z]{20,}", re.IGNORECASE),
    # a header as it is sent, to the end of its line, or as programs print it, to the end of the quotes
    re.compile(
        r"(?P<keep>\b(?:authorization|cookie)(?:\s*[:=]|\\?[\"']\s*[:,])\s*(?:b?(?P<quote>\\?[\"']))?)"
        r"(?(quote)[^\"'\\\r\n]+|[^\r\n]+)",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<keep>\bbearer\s+)[\w.~+/=-]{16,}", re.IGNORECASE),
)
_SHORTEST = 4


class Redaction:
    """Knows this instance's secrets, and what secrets in addresses look like."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        spelled = {
            spelling for secret in secrets if len(secret) >= _SHORTEST for spelling in _spellings(secret)
        }
        known = sorted(spelled, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def text(self, value: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            value = self._known.sub(_MARK, value)
        for pattern in _PATTERNS:
            value = pattern.sub(rf"\g<keep>{_MARK}", value)
        return value

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - whatever is logged
        """The same for anything that is logged: texts, collections of them, and objects by their text."""
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return {name: self.clean(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.clean(inner) for inner in value]
        return value if callable(value) else self.text(str(value))


def _spellings(secret: str) -> Iterator[str]:
    """As it is, and as tracebacks, JSON and addresses write it."""
    yield secret
    yield repr(secret)[1:-1]
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
