"""What a file from the web is called on our disk. Whatever the server says, it is one plain file name."""

import mimetypes
import re
import unicodedata
from collections.abc import Iterator, Sequence
from email.message import Message
from email.utils import collapse_rfc2231_value
from pathlib import PurePosixPath
from typing import cast
from urllib.parse import unquote, urlsplit

MOST_BYTES = 200
_MOST_SUFFIX_BYTES = 20
_FALLBACK = "download"
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
    """`filename*` (RFC 5987) before `filename`."""
    if not header:
        return
    message = Message()
    message["content-disposition"] = re.sub(r"[\r\n]", " ", header)
    named: Sequence[tuple[str, object]] = message.get_params(header="content-disposition") or []
    values = [value for name, value in named[1:] if name.lower() == "filename"]
    # an extended value comes as a tuple: its encoding, its language, its text
    for value in sorted(values, key=lambda value: isinstance(value, str)):
        yield collapse_rfc2231_value(cast("tuple[str | None, str | None, str]", value))
