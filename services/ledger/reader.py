"""Reads a ledger channel from its first message on: what counts, what is refused and why, and what is missing."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial

from services.grabbing.choosing import patiently
from services.grabbing.port import Numbered, Post
from services.ledger.manifests import MOST_BYTES, Chain, Fault, Manifest, Refused
from services.telegram.port import FileDamaged, MessageGone

_PAGE = 100
_EMPTY_PAGES = 50
"""So many without a message end the channel: five thousand numbers that somebody deleted in a row."""
_MOST_BYTES = MOST_BYTES + 1024 * 1024


@dataclass(frozen=True)
class Refusal:
    """What does not count. `number` as it says itself; None when it does not say one."""

    number: int | None
    message_id: int
    fault: Fault


@dataclass(frozen=True)
class LedgerFile:
    """A file of the ledger in the message that it is in: the manifests in it that count, and its bytes."""

    message_id: int
    manifests: list[Manifest]
    data: bytes


@dataclass
class Reading:
    """Goes through the channel once. What it found out grows meanwhile."""

    source: Numbered
    channel: int
    chain: Chain
    refused: list[Refusal] = field(default_factory=list)
    others: int = 0
    """Files that are none of the ledger's."""

    async def files(self) -> AsyncGenerator[LedgerFile, None]:
        """Those in which something counts, the oldest first. Raises what `Numbered` raises."""
        first, empty = 1, 0
        while empty < _EMPTY_PAGES:
            stretch = await patiently(partial(self.source.stretch, self.channel, first))
            for post in stretch.posts:
                file = await self._read(post)
                if file is not None and file.manifests:
                    yield file
            empty = empty + 1 if stretch.is_empty else 0
            first += _PAGE

    async def _read(self, post: Post) -> LedgerFile | None:
        if not _is_ledgers(post):
            self.others += 1
            return None
        if post.size is None or post.size > _MOST_BYTES:
            self.refused.append(Refusal(None, post.message_id, Fault.UNREADABLE))
            return None
        try:
            data = await patiently(partial(self._fetched, post))
        except (FileDamaged, MessageGone):
            self.refused.append(Refusal(None, post.message_id, Fault.UNREADABLE))
            return None
        return LedgerFile(post.message_id, list(filter(None, self._manifests(post, data))), data)

    def _manifests(self, post: Post, data: bytes) -> list[Manifest | None]:
        return [self._manifest(post, line) for line in data.split(b"\n") if line]

    def _manifest(self, post: Post, line: bytes) -> Manifest | None:
        try:
            return self.chain.read(line)
        except Refused as refused:
            self.refused.append(Refusal(refused.number, post.message_id, refused.fault))
            return None

    async def _fetched(self, post: Post) -> bytes:
        async with aclosing(self.source.fetch(self.channel, post, 0)) as chunks:
            return b"".join([chunk async for chunk in chunks])


def _is_ledgers(post: Post) -> bool:
    return post.name.startswith("manifest") and post.name.endswith((".json", ".jsonl"))
