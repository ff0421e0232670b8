"""Sends one file in parts: several at once, over several connections, each once, going on where it was stopped."""

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pyrogram.raw import functions

from models.uploads import SentParts
from services.failpoints import failpoint
from services.tasks import finish, together
from services.telegram.mtproto import ledger
from services.telegram.mtproto.account import Account
from services.telegram.mtproto.refusals import AWAY_SECONDS, RpcRefused, ours
from services.telegram.pace import MOST, Pace
from services.telegram.port import PART, FileChanged, Media, TelegramAway, Told

_PART_SECONDS = 120.0
_MOST_FAILURES = 2 * MOST
"""In a row, of all that are on their way."""
_NOTE_SECONDS = 1.0
_SPOILED = ("MD5_CHECKSUM_INVALID", "FILE_ID_INVALID", "FILE_EMTPY")
"""Besides FILE_PARTS_INVALID, FILE_PART_LENGTH_INVALID and the like; the last is Telegram's own spelling."""


@dataclass(frozen=True)
class OpenFile:
    """A file, or a stretch of one, as it was when it was opened: `size` bytes from offset `start` on; how many the whole file
    has, and nanoseconds of its last change.
    """

    descriptor: int
    name: str
    start: int
    size: int
    whole: int
    modified: int

    @property
    def parts(self) -> int:
        return -(-self.size // PART)

    def part(self, number: int) -> bytes:
        """Blocks. Raises FileChanged."""
        wanted = min(PART, self.size - number * PART)
        data = os.pread(self.descriptor, wanted, self.start + number * PART)
        if len(data) != wanted:
            raise FileChanged(self.name)
        return data

    def check(self) -> None:
        """Raises FileChanged when it was written to meanwhile."""
        told = os.fstat(self.descriptor)
        if (told.st_size, told.st_mtime_ns) != (self.whole, self.modified):
            raise FileChanged(self.name)


@contextmanager
def opened(media: Media) -> Iterator[OpenFile]:
    """What is to be sent. Raises FileChanged when it is not there, or not the file that was looked at."""
    try:
        descriptor = os.open(media.path, os.O_RDONLY)
    except FileNotFoundError as error:
        raise FileChanged(media.name) from error
    try:
        told = os.fstat(descriptor)
        media.check(told)
        size = told.st_size - media.start if media.size is None else media.size
        yield OpenFile(descriptor, media.name, media.start, size, told.st_size, told.st_mtime_ns)
    finally:
        os.close(descriptor)


class Upload:
    """The parts of one file, under one number of Telegram's."""

    def __init__(
        self,
        account: Account,
        pace: Pace,
        file: OpenFile,
        sent: SentParts,
        told: Told,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._account = account
        self._pace = pace
        self.file = file
        self._sent = sent
        self._told = told
        self._clock = clock
        self._have = int(sent.have, 16)
        self._from_before = self._have
        """Parts of which only a former run of ours says that they are there."""
        self._wanted = deque(number for number in range(file.parts) if not self._have >> number & 1)
        self._failures = 0
        self._noted_at = clock()

    @property
    def number(self) -> int:
        """What the file is called at Telegram."""
        return self._sent.number

    @property
    def name(self) -> str:
        """What it is called in the ledger."""
        return self._sent.id

    async def send(self) -> None:
        """Sends what is not there yet. Raises TelegramAway, TelegramRefused, FileChanged, AccountLost."""
        try:
            await together(*(self._work() for _ in range(min(MOST, len(self._wanted)))))
        finally:
            await finish(self._note())

    def miss(self, number: int) -> None:
        """Telegram says that it has not got a part: then nothing is believed of what was sent before this run."""
        missing = self._from_before | 1 << number
        self._have &= ~missing
        self._from_before = 0
        self._wanted.extend(each for each in range(self.file.parts) if missing >> each & 1)

    async def _work(self) -> None:
        while self._wanted:
            async with self._pace.slot():
                if self._wanted:
                    await self._try(self._wanted.popleft())
            if self._clock() - self._noted_at >= _NOTE_SECONDS:
                await self._note()

    async def _try(self, number: int) -> None:
        data = await asyncio.to_thread(self.file.part, number)
        try:
            await self._send(number, data)
        except TelegramAway as away:
            self._wanted.append(number)
            self._bear(away)
            return
        self._failures = 0
        self._have |= 1 << number
        self._pace.arrived(len(data))

    async def _send(self, number: int, data: bytes) -> None:
        query = functions.upload.SaveBigFilePart(
            file_id=self.number, file_part=number, file_total_parts=self.file.parts, bytes=data
        )
        with ours(), failpoint("telegram.part"):
            if not await self._account.carry(query, _PART_SECONDS, self._pace.allowed):
                raise TelegramAway(AWAY_SECONDS)

    def _bear(self, away: TelegramAway) -> None:
        """A part that did not get through is sent again. Raises what cannot be waited for here."""
        self._failures += 1
        self._pace.bear(away)
        if self._failures > _MOST_FAILURES:
            raise away

    async def _note(self) -> None:
        self._noted_at = self._clock()
        await ledger.record(self._sent, self._have)
        await self._told(min(self._have.bit_count() * PART, self.file.size))


def is_spoiled(reason: str) -> bool:
    """Whether Telegram says that what it has under the file's number is no file, nor will be: another number is needed."""
    return reason.startswith("FILE_PART") or reason in _SPOILED


def missing_part(refused: RpcRefused) -> int | None:
    """Which part Telegram says that it has not got."""
    return refused.number if refused.is_like("FILE_PART_X_MISSING") else None
