"""Brings what matches of a channel into a folder: each file whole, and once. Killed anywhere, it goes on from there.

A file grows in `.KEY.part`; complete, on the disk, it is `.KEY.whole`, which gets its tags; then it is in the ledger,
and last it has its name. Whatever a kill left of these steps is taken up by the next run.
"""

import asyncio
import errno
import os
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from services.errors import MagpieError
from services.grabbing.choosing import chosen, patiently
from services.grabbing.ledger import Entry, Ledger, opened_ledger
from services.grabbing.names import name_of, numbered
from services.grabbing.port import Channels, Post, PostKind
from services.grabbing.wish import Wish
from services.media.hashing import blake3_of
from services.media.tagging import TagRefusal, Tags
from services.media.tools import MediaTools
from services.names import safe_name
from services.syncing import sync
from services.tasks import finish, together
from services.telegram.port import (
    ChatClosed,
    FileDamaged,
    MessageGone,
    TelegramAway,
    TelegramRefused,
)

_PART, _WHOLE = ".part", ".whole"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
Told = Callable[[Post, MagpieError], None]


class FolderFull(MagpieError):
    """There is no room on the disk any more. What came is kept, and the next run goes on with it."""

    def __init__(self) -> None:
        super().__init__("disk-full")


@dataclass
class Tally:
    """How far it is: files that came, were there already, had twins, failed, and bytes that came in this run.

    `total`: what these bytes would be if nothing more were chosen than is by now.
    """

    came: int = 0
    there: int = 0
    twins: int = 0
    failed: int = 0
    bytes: int = 0
    total: int = 0
    resumes_at: float = 0.0
    """By `time.monotonic`: Telegram asked to wait until then."""

    @property
    def done(self) -> int:
        """Files that nothing more has to be done for."""
        return self.came + self.there + self.twins + self.failed

    async def wait(self, away: TelegramAway) -> None:
        """For as long as it takes, and so that it can be seen."""
        if away.flood:
            self.resumes_at = max(self.resumes_at, time.monotonic() + away.seconds)
        await asyncio.sleep(away.seconds)


def _unheard(*_: object) -> None:
    """Where nobody asks."""


class Grab:
    """One channel into one folder, `at_once` files at a time. `tally` tells how far it is, at any time; `told` hears of
    files that cannot be had.
    """

    def __init__(
        self, channels: Channels, chat: int | str, folder: Path, at_once: int, told: Told = _unheard
    ) -> None:
        self._channels = channels
        self._chat = chat
        self._folder = folder
        self._at_once = at_once
        self._told = told
        self._tools = MediaTools(folder)
        self._flights = asyncio.Semaphore(at_once)
        self._naming = asyncio.Lock()
        self._under_way: set[str] = set()
        self.tally = Tally()

    async def run(self, wish: Wish) -> None:
        """The newest first, until all that matches is there.

        Raises FolderBusy, FolderFull, OSError, ChatClosed, TelegramRefused, TelegramAway, AccountLost, and what
        `Wish.matches` raises. A file that cannot be had is counted, and the next one comes.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with opened_ledger(self._folder) as ledger:
            self._take_up(ledger)
            async with aclosing(chosen(self._channels, self._chat, wish, self.tally.wait)) as posts:
                turn = asyncio.Lock()
                # while the disk has as many files as the line, the line need not wait for the disk
                await together(*(self._bring(ledger, posts, turn) for _ in range(2 * self._at_once)))

    def _take_up(self, ledger: Ledger) -> None:
        """What was in the ledger when a run was killed, and had no name yet."""
        for whole in self._folder.glob(f".*{_WHOLE}"):
            entry = ledger.entry_of(whole.name[1 : -len(_WHOLE)])
            if entry is None:
                continue
            first = ledger.with_bytes(entry.blake3)
            if first is not None and first.unique_id != entry.unique_id:
                whole.unlink()
            else:
                whole.rename(self._folder / self._free(entry.name))

    async def _bring(self, ledger: Ledger, posts: AsyncGenerator[Post, None], turn: asyncio.Lock) -> None:
        """One file after the other, as long as there are any."""
        while True:
            async with turn:
                post = await anext(posts, None)
            if post is None:
                return
            key = _key(post)
            if key in ledger or key in self._under_way:
                self.tally.there += 1
                continue
            self._under_way.add(key)
            try:
                await self._have(ledger, post)
            finally:
                self._under_way.discard(key)

    async def _have(self, ledger: Ledger, post: Post) -> None:
        """A refusal that is about this file alone costs this file alone."""
        self.tally.total += self._missing(post)
        try:
            async with self._flights:
                await self._fetch_whole(post)
            await self._complete(post)
            cover = await patiently(lambda: self._cover(post), self.tally.wait)
            await self._tag(post, cover)
            await self._keep(ledger, post)
        except (MessageGone, FileDamaged) as error:
            self._fail(post, error)
        except TelegramRefused as error:
            if isinstance(error, ChatClosed):
                raise
            self._fail(post, error)
        except OSError as error:
            if error.errno in _FULL:
                raise FolderFull from error
            raise

    def _fail(self, post: Post, error: MagpieError) -> None:
        self.tally.failed += 1
        self.tally.total -= self._missing(post)
        self._told(post, error)

    async def _fetch_whole(self, post: Post) -> None:
        """However often the line breaks, as long as something comes between."""
        await patiently(lambda: self._trim(post), self.tally.wait)
        while True:
            before = self.tally.bytes
            try:
                return await patiently(lambda: self._fetch(post), self.tally.wait)
            except TelegramAway:
                if self.tally.bytes == before:
                    raise

    async def _trim(self, post: Post) -> None:
        """What another run left may not be as it came: after a power cut, say."""
        part = self._place(post, _PART)
        here = part.stat().st_size if part.exists() else 0
        if here and (post.size is None or here <= post.size):
            right = await self._channels.kept(self._chat, post.message_id, post.unique_id, part)
            os.truncate(part, right)
            self.tally.total += 0 if post.size is None else here - right

    async def _fetch(self, post: Post) -> None:
        """Its bytes, as Telegram has them; what is here already is not asked for again."""
        part = self._place(post, _PART)
        if self._place(post, _WHOLE).exists():
            return
        with part.open("ab") as file:
            if post.size is not None and file.tell() > post.size:
                file.truncate(0)
            start = file.seek(0, os.SEEK_END)
            if post.size is None or start < post.size:
                async with aclosing(self._channels.fetch(self._chat, post, start)) as chunks:
                    async for chunk in chunks:
                        await finish(asyncio.to_thread(_written, file, chunk))
                        self.tally.bytes += len(chunk)
                        self.tally.total += len(chunk) if post.size is None else 0
            if post.size not in (None, file.tell()):
                raise FileDamaged

    async def _complete(self, post: Post) -> None:
        """What is called whole is whole after a crash, too."""
        part, whole = self._place(post, _PART), self._place(post, _WHOLE)
        if not whole.exists():
            await finish(asyncio.to_thread(sync, part))
            part.rename(whole)

    async def _cover(self, post: Post) -> bytes:
        """None is worth a file."""
        if post.kind is not PostKind.AUDIO or not post.has_cover:
            return b""
        try:
            return await self._channels.cover(self._chat, post.message_id, post.unique_id)
        except (TelegramRefused, FileDamaged):
            return b""

    async def _tag(self, post: Post, cover: bytes) -> None:
        if post.kind is not PostKind.AUDIO:
            return
        tags = Tags(title=post.title, performer=post.performer, cover=cover or None)
        tagged = await self._tools.tag(self._place(post, _WHOLE).absolute(), tags)
        if tagged.refused is TagRefusal.NO_ROOM:
            raise FolderFull

    async def _keep(self, ledger: Ledger, post: Post) -> None:
        whole = self._place(post, _WHOLE)
        digest, size = await blake3_of(whole)
        entry = Entry(post.message_id, post.unique_id, "", size, digest)
        async with self._naming:
            await finish(asyncio.to_thread(self._named, ledger, post, entry))

    def _named(self, ledger: Ledger, post: Post, entry: Entry) -> None:
        """In the ledger first: a name that is in no ledger would come again."""
        twin = ledger.with_bytes(entry.blake3)
        name = twin.name if twin else self._free(name_of(post))
        sync(self._folder)
        ledger.add(replace(entry, name=name))
        if twin:
            self._place(post, _WHOLE).unlink()
            self.tally.twins += 1
        else:
            self._place(post, _WHOLE).rename(self._folder / name)
            self.tally.came += 1

    def _free(self, name: str) -> str:
        """What is in the folder already is somebody's."""
        return next(each for each in numbered(name) if not (self._folder / each).exists())

    def _missing(self, post: Post) -> int:
        """Bytes of it that are still to come, as far as Telegram says how many it has."""
        if post.size is None or self._place(post, _WHOLE).exists():
            return 0
        part = self._place(post, _PART)
        here = part.stat().st_size if part.exists() else 0
        return post.size - here if here <= post.size else post.size

    def _place(self, post: Post, ending: str) -> Path:
        return self._folder / f".{_key(post)}{ending}"


def _key(post: Post) -> str:
    """Fit for a file's name. Nobody knows a file without a number before it is here."""
    return safe_name(post.unique_id) or f"message-{post.message_id}"


def _written(file: BinaryIO, chunk: bytes) -> None:
    """Given to the system at once: what a kill leaves is as long as it says."""
    file.write(chunk)
    file.flush()
