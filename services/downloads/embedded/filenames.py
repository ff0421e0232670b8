"""What a file from the web is called on our disk. Whatever the server says, it is one plain file name."""

import mimetypes
import re
import unicodedata
from collections.abc import Iterator, Sequence
from email.message import Message
from pathlib import PurePosixPath
from typing import cast
from urllib.parse import unquote, urlsplit

MOST_BYTES = 200
_MOST_SUFFIX_BYTES = 20
_FALLBACK = "download"
_MOST_HEADER = 8 * 1024
_CHARSETS = frozenset({"utf-8", "iso-8859-1", "iso-8859-15", "us-ascii", "windows-1252"})
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def link_name(disposition: str | None, url: str, content_type: str | None) -> str:
    """The name in a Content-Disposition header (RFC 6266), else the last part of the address, else a word."""
    for candidate in (*_disposition_names(disposition), unquote(urlsplit(url).path)):
        if name := safe_name(candidate):
            return name if PurePosixPath(name).suffix else _with_suffix(name, content_type)
    return _with_suffix(_FALLBACK, content_type)


def safe_name(text: str) -> str:
    """One path component of at most 200 bytes, without control and direction characters; empty when nothing is left."""
    name = re.split(r"[/\\]", text)[-1]
    name = "".join(char for char in name if unicodedata.category(char) not in _UNSAFE)
    name = " ".join(unicodedata.normalize("NFC", name).split()).strip(". ")
    return _shorten(name)


def _shorten(name: str) -> str:
    if len(name.encode()) <= MOST_BYTES:
        return name
    suffix = PurePosixPath(name).suffix
    if len(suffix.encode()) > _MOST_SUFFIX_BYTES:
        suffix = ""
    stem = name.removesuffix(suffix).encode()[: MOST_BYTES - len(suffix.encode())]
    return stem.decode(errors="ignore").rstrip(". ") + suffix


def _with_suffix(name: str, content_type: str | None) -> str:
    """A name without an ending gets the usual one of its type, so that later stages know what it may be."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    return _shorten(name + (mimetypes.guess_extension(kind, strict=True) or ""))


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
