"""Runs the stages of Transfers: claims what has work, a few at a time, until told to stop."""

import asyncio
import secrets
from collections.abc import Mapping

import structlog
from pymongo.errors import PyMongoError

from models.transfers import Transfer
from services.tasks import Bell, News, heed_cancellation
from services.transfers.records import Task
from services.transfers.worker import Worker

_IDLE_SECONDS = 5.0
"""Only what another machine has left has to be looked for: of everything else we are told."""
_SPARE_SECONDS = 0.05
"""What is put off may be claimed after its moment, not at it."""
_DATABASE_AWAY_SECONDS = 2.0
_log = structlog.get_logger(__name__)


class Supervisor:
    """Several may run against one database: the lease on a Transfer says whose it is.

    `at_once` of each Task are under way side by side. The bell wakes it when there may be work, and is rung when a stage ends.
    """

    def __init__(self, worker: Worker, bell: Bell, *, at_once: Mapping[Task, int]) -> None:
        self._crews = [_Crew(worker, task, places, bell) for task, places in at_once.items()]

    async def run(self) -> None:
        """Runs until cancelled; stages under way are cancelled with it and done again later."""
        async with asyncio.TaskGroup() as crews:
            for crew in self._crews:
                crews.create_task(crew.run())


class _Crew:
    """Works on one Task. A quarter of its places is kept for others than the busiest member."""

    def __init__(self, worker: Worker, task: Task, places: int, bell: Bell) -> None:
        self._worker = worker
        self._task = task
        self._share = max(1, places * 3 // 4)
        self._free = asyncio.Semaphore(places)
        self._news = News()
        self._bell = bell
        bell.listen(self._news.tell)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as stages:
            while True:
                heed_cancellation()
                await self._free.acquire()
                transfer = await self._claim()
                if transfer is None:
                    self._free.release()
                    await self._news.wait(_IDLE_SECONDS)
                else:
                    stages.create_task(self._attend(transfer))

    async def _claim(self) -> Transfer | None:
        try:
            return await self._worker.claim(self._task, share=self._share)
        except PyMongoError as error:
            _log.warning("database-away", error=str(error))
            await asyncio.sleep(_DATABASE_AWAY_SECONDS)
            self._news.tell()
            return None

    async def _attend(self, transfer: Transfer) -> None:
        """The outermost loop of a stage: whatever goes wrong in it costs this Transfer, not the others."""
        structlog.contextvars.clear_contextvars()
        try:
            seconds = await self._worker.work(transfer)
            if seconds is not None:
                asyncio.get_running_loop().call_later(seconds + _SPARE_SECONDS, self._news.tell)
        except Exception:  # noqa: BLE001 - one Transfer's fault must not end the others
            code = secrets.token_hex(3)
            _log.exception("stage-broke", stage=transfer.state.value, code=code)
            await self._worker.give_up(transfer, code)
        finally:
            self._free.release()
            self._bell.ring()
