"""Storing: every file goes where it belongs, and the order is done."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from models.media import Facts
from models.transfers import Sending, Transfer, TransferState
from services.downloads.service import Downloads
from services.storage.archive import Archive
from services.storage.port import BeingPosted
from services.transfers import records
from services.transfers.stages.step import Changes, Postponed

_LOOK_AGAIN_SECONDS = 2.0
_MOST_DOUBLINGS = 4
_NOTE_SECONDS = 2.0


def _same_first(transfer: Transfer) -> Postponed:
    """Looking is begun with the first file: the longer it waits, the more seldom."""
    key = BeingPosted().key
    looks = min(transfer.attempts, _MOST_DOUBLINGS) if transfer.waiting == key else 0
    return Postponed(key, _LOOK_AGAIN_SECONDS * 2**looks)


class _Report:
    """Writes down for the Card how far a large file is, not more often than somebody looks."""

    def __init__(self, transfer: Transfer, clock: Callable[[], float] = time.monotonic) -> None:
        self._transfer = transfer
        self._clock = clock
        self._last: tuple[str, int, float] | None = None

    async def __call__(self, facts: Facts, done: int) -> None:
        at = self._clock()
        name, before, then = self._last or ("", 0, 0.0)
        if name == facts.path and at - then < _NOTE_SECONDS:
            return
        rate = max(0, round((done - before) / (at - then))) if name == facts.path else 0
        self._last = facts.path, done, at
        sending = Sending(name=facts.name, done=done, total=facts.size, rate=rate)
        await records.note(self._transfer, {"sending": sending})


@dataclass(frozen=True)
class Store:
    downloads: Downloads
    archive: Archive

    async def __call__(self, transfer: Transfer) -> Changes:
        """Of those that share a Download, or bytes, one goes first; the others find its posts, and post nothing again."""
        key = transfer.download
        if key is not None and not await self.downloads.may_store(key, transfer.id):
            raise _same_first(transfer)
        try:
            archived = await self.archive.store(transfer, _Report(transfer))
        except BeingPosted as same:
            raise _same_first(transfer) from same
        return {
            "state": TransferState.DONE,
            "item": transfer.id,
            "posts": list(archived.posts),
            "sending": None,
            "kept_on_disk": list(archived.kept_on_disk),
            "missed_previews": list(dict.fromkeys([*transfer.missed_previews, *archived.missed_previews])),
        }
