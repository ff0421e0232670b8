"""What the data centre gives out and takes back: hashes and references that nobody else can make up."""

import hashlib
import hmac
from typing import Protocol

REFERENCE_SECONDS = 3600


class Holder(Protocol):
    """An account that holds what it was given."""

    @property
    def file_key(self) -> str: ...


def access_hash(holder: Holder, number: int) -> int:
    """What shows that its holder has met something: nobody else can make it up."""
    digest = hmac.digest(holder.file_key.encode(), str(number).encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "little", signed=True)


def file_reference(holder: Holder, file: int, until: int) -> bytes:
    """Good for a while only, and for this account."""
    body = until.to_bytes(8, "big")
    return body + hmac.digest(holder.file_key.encode(), f"{file} {until}".encode(), hashlib.sha256)[:8]


def is_good_reference(holder: Holder, file: int, reference: bytes, now: int) -> bool | None:
    """None when it is none of ours, False when its time is over."""
    until = int.from_bytes(reference[:8], "big")
    if not hmac.compare_digest(reference, file_reference(holder, file, until)):
        return None
    return now <= until
