"""Which files the CDN gives, and how they are sealed for that. Kept in memory only."""

import secrets
from dataclasses import dataclass

_KEY_BYTES, _IV_BYTES, _TOKEN_BYTES = 32, 16, 32


@dataclass(frozen=True, slots=True)
class Redirect:
    """`request` is by what the CDN asks for the file, when it has not come yet."""

    file: int
    token: bytes
    key: bytes
    iv: bytes
    request: bytes


class Redirects:
    def __init__(self) -> None:
        self._of: dict[int, Redirect] = {}
        self._come: set[bytes] = set()

    def of(self, file: int) -> Redirect:
        """The file's one redirect."""
        sizes = (_TOKEN_BYTES, _KEY_BYTES, _IV_BYTES, _TOKEN_BYTES)
        return self._of.setdefault(file, Redirect(file, *map(secrets.token_bytes, sizes)))

    def get(self, token: bytes) -> Redirect | None:
        return next((each for each in self._of.values() if each.token == token), None)

    def come(self, redirect: Redirect) -> None:
        """The CDN has the file now."""
        self._come.add(redirect.token)

    def has_come(self, redirect: Redirect) -> bool:
        return redirect.token in self._come
