"""The cipher of MTProto by each library that has it: `python -m benchmarks.encryption`.

One mebibyte at a time, as parts of files come; alone, and in two threads at once, as connections do it.
"""

import argparse
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

import cryptg
import tgcrypto
import warpcrypto

from benchmarks.report import load, machine, table

_MIB = 1 << 20
Cipher = Callable[[bytes, bytes, bytes], bytes]


@dataclass(frozen=True)
class Library:
    encrypt: Cipher
    decrypt: Cipher


LIBRARIES: Mapping[str, Library] = {
    "tgcrypto (pyrofork)": Library(tgcrypto.ige256_encrypt, tgcrypto.ige256_decrypt),
    "cryptg": Library(cryptg.encrypt_ige, cryptg.decrypt_ige),
    "WarpCrypto": Library(warpcrypto.ige256_encrypt, warpcrypto.ige256_decrypt),
}


def agree() -> None:
    """Raises ValueError unless all make the same of the same."""
    key, vector, data = os.urandom(32), os.urandom(32), os.urandom(4096)
    made = {bytes(library.encrypt(data, key, vector)) for library in LIBRARIES.values()}
    back = {bytes(library.decrypt(each, key, vector)) for each in made for library in LIBRARIES.values()}
    if len(made) != 1 or back != {data}:
        raise ValueError("the libraries do not agree")


def speed(cipher: Cipher, mebibytes: int, threads: int = 1) -> float:
    """Mebibytes a second, of all threads together."""
    key, vector, data = os.urandom(32), os.urandom(32), os.urandom(_MIB)

    def work() -> None:
        for _ in range(mebibytes):
            cipher(data, key, vector)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    begun = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return threads * mebibytes / (time.perf_counter() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=128)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    load_before = load()
    agree()
    rows = [(name, *_speeds(library, options.mib, options.runs)) for name, library in LIBRARIES.items()]
    print(f"{machine(load_before)}; MiB/s\n")
    print(table(("", "encrypt", "decrypt", "encrypt, two threads"), rows))


def _speeds(library: Library, mebibytes: int, runs: int) -> tuple[str, ...]:
    ways = ((library.encrypt, 1), (library.decrypt, 1), (library.encrypt, 2))
    return tuple(
        f"{median(speed(cipher, mebibytes, threads) for _ in range(runs)):.0f}" for cipher, threads in ways
    )


if __name__ == "__main__":
    main()
