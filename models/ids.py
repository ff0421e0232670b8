"""Identifiers we make ourselves: sortable by time, URL-safe, short enough for a button."""

import hashlib
import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 16
_RANDOM_BITS = 32


def new_id() -> str:
    """16 lower-case characters (Crockford's base 32): 48 bits of milliseconds, then 32 random bits."""
    number = (time.time_ns() // 1_000_000) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    return _encode(number)


def derived_id(*parts: object) -> str:
    """The same parts always give the same id, so that a repeated step finds what it made before."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return _encode(int.from_bytes(digest[: _LENGTH * 5 // 8], "big"))


def _encode(number: int) -> str:
    characters = (_ALPHABET[number >> shift & 31] for shift in range((_LENGTH - 1) * 5, -1, -5))
    return "".join(characters)
