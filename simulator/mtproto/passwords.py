"""Passwords that never go over the line: the server's side of core.telegram.org/api/srp."""

import secrets
from dataclasses import dataclass
from hashlib import pbkdf2_hmac, sha256
from typing import Any

from pyrogram.crypto.prime import CURRENT_DH_PRIME
from pyrogram.raw import types
from pyrogram.raw.core import TLObject

from simulator.logins import Login

_GENERATOR = 3
_BYTES = 256
_ROUNDS = 100_000


@dataclass(frozen=True, slots=True)
class _Question:
    """What one asks who says that they know a password."""

    login: Login
    secret: int
    verifier: int
    public: bytes


class Passwords:
    """The questions that were asked; each is answered once. Kept in memory only."""

    def __init__(self) -> None:
        self._questions: dict[int, _Question] = {}

    def ask(self, login: Login) -> TLObject:
        """account.password of a person. Blocks for a tenth of a second."""
        new = {
            "new_algo": _algorithm(login),
            "new_secure_algo": types.SecurePasswordKdfAlgoUnknown(),
            "secure_random": secrets.token_bytes(_BYTES),
        }
        if not login.password:
            return types.account.Password(**new)
        secret, verifier = secrets.randbits(_BYTES * 8), _verifier(login)
        multiplier = _number(_hashed(_prime(), _padded(_GENERATOR)))
        public = (multiplier * verifier + pow(_GENERATOR, secret, CURRENT_DH_PRIME)) % CURRENT_DH_PRIME
        number = secrets.randbits(62)
        self._questions[number] = _Question(login, secret, verifier, _padded(public))
        return types.account.Password(
            **new,
            has_password=True,
            current_algo=_algorithm(login),
            srp_B=_padded(public),
            srp_id=number,
            hint=login.hint or None,
        )

    def asked(self, number: int, person: int) -> bool:
        """Whether this was asked of the person."""
        question = self._questions.get(number)
        return question is not None and question.login.person == person

    def is_right(self, answer: Any) -> bool:  # noqa: ANN401 - pyrogram's types are not typed
        """Whether who answers knows the password. The question is used up."""
        question = self._questions.pop(answer.srp_id)
        theirs = _number(answer.A)
        if not 0 < theirs < CURRENT_DH_PRIME:
            return False
        mixed = _number(_hashed(_padded(theirs), question.public))
        shared = pow(
            theirs * pow(question.verifier, mixed, CURRENT_DH_PRIME), question.secret, CURRENT_DH_PRIME
        )
        first, second = _salts(question.login)
        group = bytes(
            one ^ other for one, other in zip(_hashed(_prime()), _hashed(_padded(_GENERATOR)), strict=True)
        )
        keys = _padded(theirs) + question.public + _hashed(_padded(shared))
        return secrets.compare_digest(bytes(answer.M1), _hashed(group, _hashed(first), _hashed(second), keys))


def _algorithm(login: Login) -> TLObject:
    first, second = _salts(login)
    made = types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow
    return made(salt1=first, salt2=second, g=_GENERATOR, p=_prime())


def _salts(login: Login) -> tuple[bytes, bytes]:
    digest = _hashed(login.file_key.encode())
    return digest[:8], digest[16:]


def _verifier(login: Login) -> int:
    first, second = _salts(login)
    inner = _hashed(second, _hashed(first, login.password.encode(), first), second)
    slow = pbkdf2_hmac("sha512", inner, first, _ROUNDS)
    return int(pow(_GENERATOR, _number(_hashed(second, slow, second)), CURRENT_DH_PRIME))


def _hashed(*parts: bytes) -> bytes:
    return sha256(b"".join(parts)).digest()


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _padded(number: int) -> bytes:
    return number.to_bytes(_BYTES, "big")


def _prime() -> bytes:
    return _padded(CURRENT_DH_PRIME)
