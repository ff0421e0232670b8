"""The data centre's RSA key, by which a client knows that it talks to this one."""

from hashlib import sha1
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from pyrogram.raw.core.primitives import Bytes

_BITS = 2048
_EXPONENT = 65537
_SEALED_BYTES = 255


class ServerKey:
    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        numbers = key.private_numbers()
        self.modulus = numbers.public_numbers.n
        self.exponent = numbers.public_numbers.e
        self._secret = numbers.d

    @classmethod
    def of(cls, path: Path) -> Self:
        """The key in the file, which is made when there is none."""
        if not path.exists():
            made = rsa.generate_private_key(public_exponent=_EXPONENT, key_size=_BITS)
            new = path.with_suffix(".new")
            new.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            new.replace(path)
        key = load_pem_private_key(path.read_bytes(), password=None)
        assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101
        return cls(key)

    @property
    def fingerprint(self) -> int:
        """The lower 64 bits of the SHA-1 of the bare public key, signed."""
        numbers = (self.modulus, self.exponent)
        bare = b"".join(Bytes(number.to_bytes((number.bit_length() + 7) // 8, "big")) for number in numbers)
        return int.from_bytes(sha1(bare).digest()[-8:], "little", signed=True)  # noqa: S324 - as the protocol has it

    @property
    def pem(self) -> str:
        """The public key."""
        public = rsa.RSAPublicNumbers(self.exponent, self.modulus).public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()

    def decrypt(self, sealed: bytes) -> bytes:
        """Hash, data and padding of the first version of the protocol's RSA, which pyrogram speaks."""
        opened = pow(int.from_bytes(sealed, "big"), self._secret, self.modulus)
        return opened.to_bytes(_SEALED_BYTES + 1, "big")[1:]
