"""File names that strangers chose, made fit for a disk of ours."""

import re
import unicodedata
from pathlib import PurePosixPath

MOST_BYTES = 200
_MOST_SUFFIX_BYTES = 20
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def safe_name(text: str) -> str:
    """One path component of at most 200 bytes, without control and direction characters; empty when nothing is left."""
    name = re.split(r"[/\\]", text)[-1]
    name = "".join(char for char in name if unicodedata.category(char) not in _UNSAFE)
    name = " ".join(unicodedata.normalize("NFC", name).split()).strip(". ")
    return shorten(name)


def shorten(name: str) -> str:
    """At most 200 bytes of it, with its ending unless that is no honest one."""
    if len(name.encode()) <= MOST_BYTES:
        return name
    suffix = PurePosixPath(name).suffix
    if len(suffix.encode()) > _MOST_SUFFIX_BYTES:
        suffix = ""
    stem = name.removesuffix(suffix).encode()[: MOST_BYTES - len(suffix.encode())]
    return stem.decode(errors="ignore").rstrip(". ") + suffix
