"""The one place where secrets are taken out of texts."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

_MARK = "[secret]"
_PATTERNS = (
    re.compile(r"(?P<keep>/(?:file/)?bot)\d{3,}:[A-Za-z0-9_-]{20,}"),
    re.compile(r"(?P<keep>\b)\d{6,}:[A-Za-z0-9_-]{30,}"),
    re.compile(
        r"(?P<keep>[?&;](?:apikey|api_key|passkey|password|token|secret)=)[^&\s\"'<>]+", re.IGNORECASE
    ),
    re.compile(r"(?P<keep>[a-z][a-z0-9+.-]*://)[^/\s:@]+:[^/\s@]+(?=@)", re.IGNORECASE),
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
