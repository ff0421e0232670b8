"""Files that Telegram has given away by data centres which nobody needs to trust: https://core.telegram.org/cdn.

What they give is sealed and checked: the key to it, and the hashes, come from the data centre that sent us there.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha1
from typing import Any, Protocol

import warpcrypto
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pyrogram.crypto import rsa
from pyrogram.raw import functions, types
from pyrogram.raw.core.primitives import Bytes

from services.tasks import both
from services.telegram.mtproto.hashes import RANGE, BytesWrong, Hashes, Piece
from services.telegram.mtproto.refusals import AWAY_SECONDS
from services.telegram.port import TelegramAway, TelegramRefused

OUTDATED = ("FILE_TOKEN_INVALID", "REQUEST_TOKEN_INVALID")
_BLOCK_BYTES, _COUNTER_BYTES = 16, 4
_MOST_FAILURES = 4
"""In a row, of all files together."""
_SHUT_SECONDS = 600.0


class Outdated(Exception):
    """Where we were sent counts no more: who sent us is to be asked again."""


class Ask(Protocol):
    async def __call__(self, query: Any, *, dc: int | None = None) -> Any:  # noqa: ANN401 - pyrogram's types are not typed
        """What a data centre answers; None: the one that keeps the file. Raises Outdated besides what reading may."""


class Cdns:
    """Whether CDNs are of use. They are never needed: whoever sends us there gives the file itself, when we do not go."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._shut_until = 0.0
        self._failures = 0
        self._is_reached = False
        self._knocking = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        return self._clock() >= self._shut_until

    @contextmanager
    def tried(self) -> Iterator[None]:
        """A range is read from there. When it goes wrong again and again, nobody is sent there for a while."""
        try:
            yield
        except TelegramRefused as refused:
            self._fail()
            raise Outdated from refused
        except BytesWrong:
            self._fail()
            raise
        except TelegramAway as away:
            if not away.flood:
                self._fail(unreachable=away.unreachable)
            raise
        self._failures = 0

    def _fail(self, *, unreachable: bool = False) -> None:
        self._failures += 1
        if unreachable or self._failures >= _MOST_FAILURES:
            self._failures = 0
            self._is_reached = False
            self._shut_until = self._clock() + _SHUT_SECONDS

    async def reached(self, asking: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401
        """What `asking` gives. Until somebody was answered one goes first: that nobody is there may take long to show."""
        if self._is_reached:
            return await asking()
        async with self._knocking:
            if not self.is_open:
                raise Outdated
            answer = await asking()
            self._is_reached = True
            return answer


class Detour:
    """The way to one file at a CDN, as upload.fileCdnRedirect tells it."""

    def __init__(self, told: Any, size: int, ask: Ask, cdns: Cdns) -> None:  # noqa: ANN401
        self._told = told
        self._ask = ask
        self._cdns = cdns
        self._bringing = asyncio.Lock()
        self._brought: set[bytes] = set()
        self.hashes = Hashes(size, self._asked_hashes)
        self.hashes.learn(told.file_hashes)

    async def given(self, begin: int, end: int) -> tuple[bytes, Sequence[Piece]]:
        """A range, opened, and the hashes of all of it. Raises BytesWrong where there are none, Outdated."""
        sealed, pieces = await both(self._sealed(begin), self.hashes.of(begin, end))
        if not pieces or pieces[-1].end < end:
            raise BytesWrong
        return await asyncio.to_thread(self._opened, sealed, begin), pieces

    async def _sealed(self, begin: int) -> bytes:
        query = functions.upload.GetCdnFile(file_token=self._told.file_token, offset=begin, limit=RANGE)
        answer = await self._cdns.reached(lambda: self._ask(query, dc=self._told.dc_id))
        if isinstance(answer, types.upload.CdnFileReuploadNeeded):
            await self._bring(answer.request_token, begin)
            answer = await self._ask(query, dc=self._told.dc_id)
        if not isinstance(answer, types.upload.CdnFile):
            raise TelegramAway(AWAY_SECONDS)
        return bytes(answer.bytes)

    async def _bring(self, wish: bytes, begin: int) -> None:
        """Has the file brought there. Ranges that are told of the same wish together have it brought once."""
        async with self._bringing:
            if wish not in self._brought:
                token = self._told.file_token
                query = functions.upload.ReuploadCdnFile(file_token=token, request_token=wish)
                self.hashes.learn(await self._ask(query), begin)
                self._brought = {wish}

    async def _asked_hashes(self, at: int) -> Sequence[Any]:
        query = functions.upload.GetCdnFileHashes(file_token=self._told.file_token, offset=at)
        return list(await self._ask(query))

    def _opened(self, sealed: bytes, begin: int) -> bytes:
        count = (begin // _BLOCK_BYTES).to_bytes(_COUNTER_BYTES, "big")
        vector = bytearray(self._told.encryption_iv[:-_COUNTER_BYTES] + count)
        opened: bytes = warpcrypto.ctr256_decrypt(sealed, self._told.encryption_key, vector, bytearray(1))
        return opened


def is_one(config: Any, dc: int) -> bool:  # noqa: ANN401
    """Whether a data centre is a CDN, as help.getConfig says."""
    return any(each.id == dc and each.cdn for each in config.dc_options)


@contextmanager
def trusted(config: Any, dc: int) -> Iterator[None]:  # noqa: ANN401
    """For a handshake with a CDN, by its keys in help.getCdnConfig. Pyrogram has one list for all: they do not stay there.

    Raises TelegramAway where they cannot be read.
    """
    keys = dict(_key(each.public_key) for each in config.public_keys if each.dc_id == dc)
    new = keys.keys() - rsa.server_public_keys.keys()
    rsa.server_public_keys.update(keys)
    try:
        yield
    finally:
        for each in new:
            rsa.server_public_keys.pop(each, None)


def _key(pem: str) -> tuple[int, rsa.PublicKey]:
    """A key and its fingerprint: the lower 64 bits of the SHA-1 of the bare key, signed."""
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError as error:
        raise TelegramAway(AWAY_SECONDS, unreachable=True) from error
    if not isinstance(key, RSAPublicKey):
        raise TelegramAway(AWAY_SECONDS, unreachable=True)
    numbers = key.public_numbers()
    bare = b"".join(
        Bytes(each.to_bytes(-(-each.bit_length() // 8), "big")) for each in (numbers.n, numbers.e)
    )
    fingerprint = int.from_bytes(sha1(bare).digest()[-8:], "little", signed=True)  # noqa: S324 - as the protocol has it
    return fingerprint, rsa.PublicKey(numbers.n, numbers.e)
