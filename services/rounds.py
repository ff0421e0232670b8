"""What takes up documents of one kind under leases, and works on each in a task of its own."""

import asyncio
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

import structlog
from beanie import Document
from pymongo.errors import PyMongoError

from services.documents import insist
from services.tasks import News, heed_cancellation

_IDLE_SECONDS = 5.0
"""Only what another machine has left has to be looked for: of everything else it is told."""
_log = structlog.get_logger(__name__)
D = TypeVar("D", bound=Document)


class Rounds(ABC, Generic[D]):
    """There is one of an owner and a kind at a time, so leases under its name are those of its former life."""

    def __init__(self) -> None:
        self._asked = News()

    def wake(self) -> None:
        """There is something to be taken up."""
        self._asked.tell()

    async def run(self) -> None:
        """Takes up what there is until cancelled; what a crash interrupted is taken up again."""
        await insist(self._release)
        async with asyncio.TaskGroup() as group:
            while True:
                heed_cancellation()
                claimed = await self._claimed()
                if claimed is None:
                    await self._asked.wait(_IDLE_SECONDS)
                else:
                    group.create_task(self._outlive(claimed))

    @abstractmethod
    async def _release(self) -> None:
        """Frees the leases under our own name."""

    @abstractmethod
    async def _claim(self) -> D | None:
        """Takes a lease; None when there is nothing to be done."""

    @abstractmethod
    async def _work(self, claimed: D) -> None:
        """What is done under it. When the database does not answer, the lease runs out by itself, and it is done again."""

    async def _claimed(self) -> D | None:
        try:
            return await self._claim()
        except PyMongoError as error:
            _log.warning("database-away", error=str(error))
            return None

    async def _outlive(self, claimed: D) -> None:
        try:
            await self._work(claimed)
        except PyMongoError as error:
            _log.warning("database-away", error=str(error))
        except Exception:  # noqa: BLE001 - one document's fault must not end the others; it is tried again later
            _log.exception("round-broke", kind=type(claimed).__name__, id=claimed.id)
