"""The cipher of MTProto, AES-256-IGE, by the fastest library there is: one process speaks with many clients."""

import warpcrypto
from mtproto.crypto import aes


def quicken() -> None:
    """Has the library `mtproto` encrypt with it from now on; it offers no other way to choose."""
    aes._ige256_encrypt = warpcrypto.ige256_encrypt  # noqa: SLF001
    aes._ige256_decrypt = warpcrypto.ige256_decrypt  # noqa: SLF001
