"""The instance's key: who signs manifests, and the words from which it is made again."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from mnemonic import Mnemonic

from models.ids import new_id
from services.syncing import sync

KEY_FILE = "ledger.key"
_BYTES = 32
_NAME_DIGITS = 8


class PhraseWrong(Exception):
    """These are not the words of a key. The text is one line for a person."""


class KeyDamaged(Exception):
    """The file of the key holds none. The text is one line for a person."""


class InstanceKey:
    """An Ed25519 key made of 32 bytes. Nothing of the secret is shown by printing it."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._private = Ed25519PrivateKey.from_private_bytes(secret)

    @classmethod
    def from_phrase(cls, phrase: str) -> "InstanceKey":
        """From its recovery phrase, however it is spaced and whatever case it is in. Raises PhraseWrong."""
        words = phrase.lower().split()
        if len(words) != 24:  # noqa: PLR2004 - so many say 32 bytes
            raise PhraseWrong(f"a recovery phrase has 24 words, these are {len(words)}")
        try:
            return cls(bytes(Mnemonic("english").to_entropy(words)))
        except (ValueError, LookupError):
            raise PhraseWrong(
                "these 24 words are no recovery phrase: one is misspelt, or not where it was"
            ) from None

    @property
    def phrase(self) -> str:
        """The 24 words of BIP-39 that say the secret. For the owner's eyes alone."""
        return Mnemonic("english").to_mnemonic(self._secret)

    @property
    def public(self) -> str:
        """In hexadecimal. It gives nothing away."""
        return self._private.public_key().public_bytes_raw().hex()

    @property
    def name(self) -> str:
        """Short, for files and ids."""
        return self.public[:_NAME_DIGITS]

    def sign(self, data: bytes) -> str:
        """In hexadecimal."""
        return self._private.sign(data).hex()

    def keep(self, folder: Path) -> None:
        """As the key of a data folder. Another one that is there keeps its bytes under its own name. It may take long."""
        kept = key_in(folder)
        if kept is not None and kept.public == self.public:
            return
        if kept is not None:
            (folder / KEY_FILE).rename(folder / f"{KEY_FILE}.{kept.name}")
        self.keep_if_first(folder)

    def keep_if_first(self, folder: Path) -> None:
        """As the key of a data folder that has none; otherwise nothing changes. It may take long."""
        fresh = folder / f"{KEY_FILE}.{new_id()}"
        _write(fresh, self._secret)
        # whoever was faster has made the key: theirs is it
        with suppress(FileExistsError):
            os.link(fresh, folder / KEY_FILE)
        fresh.unlink()
        sync(folder)


def signed_by(public: str, signature: str, data: bytes) -> bool:
    """Whether a signature, as `InstanceKey.sign` gives it, is of this key and these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_in(folder: Path) -> InstanceKey | None:
    """The key of a data folder, if it has one. Raises KeyDamaged, OSError."""
    try:
        secret = bytes.fromhex((folder / KEY_FILE).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise KeyDamaged(_damaged(folder)) from error
    if len(secret) != _BYTES:
        raise KeyDamaged(_damaged(folder))
    return InstanceKey(secret)


def instance_key(folder: Path) -> InstanceKey:
    """The key of a data folder, made the first time. It may take long. Raises KeyDamaged, OSError."""
    if key_in(folder) is None:
        InstanceKey(secrets.token_bytes(_BYTES)).keep_if_first(folder)
    return key_in(folder) or instance_key(folder)


def _write(path: Path, secret: bytes) -> None:
    """For our own eyes, and on the disk afterwards."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret.hex())
        file.flush()
        os.fsync(descriptor)


def _damaged(folder: Path) -> str:
    return f"{folder / KEY_FILE} holds no key: put its file back, or move it away and use the recovery phrase"
