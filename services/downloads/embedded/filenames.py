"""What a file from the web is called on our disk. Whatever the server says, it is one plain file name."""

import mimetypes
import re
from collections.abc import Iterator, Sequence
from email.message import Message
from pathlib import PurePosixPath
from typing import cast
from urllib.parse import unquote, urlsplit

from services.names import safe_name, shorten

_FALLBACK = "download"
_MOST_HEADER = 8 * 1024
_CHARSETS = frozenset({"utf-8", "iso-8859-1", "iso-8859-15", "us-ascii", "windows-1252"})


def link_name(disposition: str | None, url: str, content_type: str | None) -> str:
    """The name in a Content-Disposition header (RFC 6266), else the last part of the address, else a word."""
    for candidate in (*_disposition_names(disposition), unquote(urlsplit(url).path)):
        if name := safe_name(candidate):
            return name if PurePosixPath(name).suffix else _with_suffix(name, content_type)
    return _with_suffix(_FALLBACK, content_type)


def _with_suffix(name: str, content_type: str | None) -> str:
    """A name without an ending gets the usual one of its type, so that later stages know what it may be."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    return shorten(name + (mimetypes.guess_extension(kind, strict=True) or ""))


def _disposition_names(header: str | None) -> Iterator[str]:
    """`filename*` (RFC 5987) before `filename`; nothing of a header that makes no sense."""
    message = Message()
    message["content-disposition"] = re.sub(r"[\r\n]", " ", (header or "")[:_MOST_HEADER])
    try:
        named: Sequence[tuple[str, object]] = message.get_params(header="content-disposition") or []
    except ValueError:
        return
    values = [value for name, value in named[1:] if name.lower() == "filename"]
    # an extended value comes as a tuple: its encoding, its language, its text
    for value in sorted(values, key=lambda value: isinstance(value, str)):
        yield (
            value if isinstance(value, str) else _decoded(*cast("tuple[str | None, str | None, str]", value))
        )


def _decoded(charset: str | None, _language: str | None, text: str) -> str:
    """The server names the encoding, and Python has some that raise, or are none."""
    known = (charset or "").lower()
    raw = text.encode("raw-unicode-escape")
    return raw.decode(known if known in _CHARSETS else "utf-8", errors="replace")
