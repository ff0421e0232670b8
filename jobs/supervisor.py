"""Runs the stages of Transfers: claims what has work, a few at a time, until told to stop."""

import asyncio
import secrets

import structlog
from pymongo.errors import PyMongoError

from models.transfers import Transfer
from services.tasks import heed_cancellation
from services.transfers.worker import Worker

_IDLE_SECONDS = 1.0
_DATABASE_AWAY_SECONDS = 2.0
_log = structlog.get_logger(__name__)


class Supervisor:
    """Several may run against one database: the lease on a Transfer says whose it is."""

    def __init__(self, worker: Worker, *, at_once: int) -> None:
        self._worker = worker
        self._free = asyncio.Semaphore(at_once)
        self._work_waits = asyncio.Event()

    def wake(self) -> None:
        """There may be work: look at once instead of in a second."""
        self._work_waits.set()

    async def run(self) -> None:
        """Runs until cancelled; stages under way are cancelled with it and done again later."""
        async with asyncio.TaskGroup() as stages:
            while True:
                heed_cancellation()
                await self._free.acquire()
                transfer = await self._claim()
                if transfer is None:
                    self._free.release()
                    await self._idle()
                else:
                    stages.create_task(self._attend(transfer))

    async def _claim(self) -> Transfer | None:
        try:
            return await self._worker.claim()
        except PyMongoError as error:
            _log.warning("database-away", error=str(error))
            await asyncio.sleep(_DATABASE_AWAY_SECONDS)
            return None

    async def _idle(self) -> None:
        self._work_waits.clear()
        try:
            async with asyncio.timeout(_IDLE_SECONDS):
                await self._work_waits.wait()
        except TimeoutError:
            return

    async def _attend(self, transfer: Transfer) -> None:
        """The outermost loop of a stage: whatever goes wrong in it costs this Transfer, not the others."""
        structlog.contextvars.clear_contextvars()
        try:
            await self._worker.work(transfer)
        except Exception:  # noqa: BLE001 - one Transfer's fault must not end the others
            code = secrets.token_hex(3)
            _log.exception("stage-broke", stage=transfer.state.value, code=code)
            await self._worker.give_up(transfer, code)
        finally:
            self._free.release()
            self.wake()
