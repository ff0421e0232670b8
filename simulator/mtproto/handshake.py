"""How a client and the data centre agree on a key: the server's side of core.telegram.org/mtproto/auth_key."""

import secrets
import time
from hashlib import sha1
from io import BytesIO
from typing import Any

from pyrogram.crypto import aes
from pyrogram.crypto.prime import CURRENT_DH_PRIME
from pyrogram.raw import functions, types
from pyrogram.raw.core import TLObject

from simulator.mtproto.keys import ServerKey

_KEY_BYTES = 256
_GENERATOR = 3
_HASH_BYTES = 20
_NONCE_BYTES = 16
_NEW_NONCE_BYTES = 32
_BLOCK_BYTES = 16
_FACTOR_BITS = 30


class HandshakeFailed(Exception):
    """The client said what no honest client says: the connection is closed."""


class Handshake:
    """Of one connection. `auth_key` and `salt` are there once it is through."""

    def __init__(self, key: ServerKey) -> None:
        self._key = key
        self._nonce = 0
        self._server_nonce = 0
        self._new_nonce = b""
        self._factors = (0, 0)
        self._secret = 0
        self.auth_key = b""
        self.salt = b""

    def answer(self, query: Any) -> TLObject:  # noqa: ANN401 - pyrogram's types are not typed
        """The answer to one step. Raises HandshakeFailed."""
        if isinstance(query, functions.ReqPqMulti):
            return self._offer_factors(query)
        if isinstance(query, functions.ReqDHParams):
            return self._offer_parameters(query)
        if isinstance(query, functions.SetClientDHParams):
            return self._agree(query)
        raise HandshakeFailed(f"no step of a handshake: {type(query).__name__}")

    def _offer_factors(self, query: Any) -> TLObject:  # noqa: ANN401
        self._nonce, self._secret = query.nonce, 0
        self._server_nonce = int.from_bytes(secrets.token_bytes(_NONCE_BYTES), "little", signed=True)
        first, second = sorted((_prime(), _prime()))
        self._factors = (first, second)
        return types.ResPQ(
            nonce=self._nonce,
            server_nonce=self._server_nonce,
            pq=(first * second).to_bytes(8, "big"),
            server_public_key_fingerprints=[self._key.fingerprint],
        )

    def _offer_parameters(self, query: Any) -> TLObject:  # noqa: ANN401
        self._check_nonces(query)
        self._secret = 0
        factors = (int.from_bytes(query.p, "big"), int.from_bytes(query.q, "big"))
        if (
            not all(factors)
            or factors != self._factors
            or query.public_key_fingerprint != self._key.fingerprint
        ):
            raise HandshakeFailed("wrong factors or key")
        inner = _opened(self._key.decrypt(query.encrypted_data), types.PQInnerData)
        self._check_nonces(inner)
        self._new_nonce = inner.new_nonce.to_bytes(_NEW_NONCE_BYTES, "little", signed=True)
        self._secret = secrets.randbits(_KEY_BYTES * 8)
        offered = types.ServerDHInnerData(
            nonce=self._nonce,
            server_nonce=self._server_nonce,
            g=_GENERATOR,
            dh_prime=CURRENT_DH_PRIME.to_bytes(_KEY_BYTES, "big"),
            g_a=pow(_GENERATOR, self._secret, CURRENT_DH_PRIME).to_bytes(_KEY_BYTES, "big"),
            server_time=int(time.time()),
        ).write()
        sealed = sha1(offered).digest() + offered  # noqa: S324 - as the protocol has it
        sealed += secrets.token_bytes(-len(sealed) % _BLOCK_BYTES)
        return types.ServerDHParamsOk(
            nonce=self._nonce,
            server_nonce=self._server_nonce,
            encrypted_answer=aes.ige256_encrypt(sealed, *self._passing_key()),
        )

    def _agree(self, query: Any) -> TLObject:  # noqa: ANN401
        self._check_nonces(query)
        if not self._secret:
            raise HandshakeFailed("no parameters were offered")
        opened = aes.ige256_decrypt(query.encrypted_data, *self._passing_key())
        inner = _opened(opened, types.ClientDHInnerData)
        self._check_nonces(inner)
        power = int.from_bytes(inner.g_b, "big")
        if not 1 < power < CURRENT_DH_PRIME - 1:
            raise HandshakeFailed("g_b is out of bounds")
        self.auth_key = pow(power, self._secret, CURRENT_DH_PRIME).to_bytes(_KEY_BYTES, "big")
        self.salt = aes.xor(self._new_nonce[:8], self._server_nonce_bytes()[:8])
        proof = self._new_nonce + b"\x01" + sha1(self.auth_key).digest()[:8]  # noqa: S324
        return types.DhGenOk(
            nonce=self._nonce,
            server_nonce=self._server_nonce,
            new_nonce_hash1=int.from_bytes(sha1(proof).digest()[-16:], "little", signed=True),  # noqa: S324
        )

    def _passing_key(self) -> tuple[bytes, bytes]:
        """The AES key and initialization vector that hide the exchange itself."""
        new, server = self._new_nonce, self._server_nonce_bytes()
        there, back, doubled = (sha1(each).digest() for each in (new + server, server + new, new + new))  # noqa: S324
        return there + back[:12], back[12:] + doubled + new[:4]

    def _server_nonce_bytes(self) -> bytes:
        return self._server_nonce.to_bytes(_NONCE_BYTES, "little", signed=True)

    def _check_nonces(self, query: Any) -> None:  # noqa: ANN401
        if (query.nonce, query.server_nonce) != (self._nonce, self._server_nonce):
            raise HandshakeFailed("nonces of another handshake")


def _opened(sealed: bytes, kind: type[TLObject]) -> Any:  # noqa: ANN401
    """What stands behind its own hash."""
    try:
        inner = TLObject.read(BytesIO(sealed[_HASH_BYTES:]))
    except (KeyError, ValueError, EOFError) as error:
        raise HandshakeFailed("not readable") from error
    if not isinstance(inner, kind) or sha1(inner.write()).digest() != sealed[:_HASH_BYTES]:  # noqa: S324
        raise HandshakeFailed("wrong hash")
    return inner


def _prime() -> int:
    """Small enough for the client to find it: that it can factor shows only that it is willing to work a little."""
    while True:
        number = secrets.randbits(_FACTOR_BITS) | (1 << _FACTOR_BITS) | 1
        if all(number % divisor for divisor in range(3, int(number**0.5) + 1, 2)):
            return number
