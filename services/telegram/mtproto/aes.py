"""The cipher of MTProto, AES-256-IGE, by the fastest library that is safe to use (measured in docs/benchmarks.md)."""

import warpcrypto
from pyrogram.crypto import aes


def quicken() -> None:
    """Has pyrogram encrypt with it from now on. It works outside of Python's lock, so connections do it side by side."""
    aes.ige256_encrypt = warpcrypto.ige256_encrypt
    aes.ige256_decrypt = warpcrypto.ige256_decrypt
