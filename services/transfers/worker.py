"""One turn of work on one Transfer: the stage of its state, under a lease, with every outcome written down."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from pymongo.errors import PyMongoError

from models.clock import now
from models.downloads import Snapshot
from models.transfers import Failure, Transfer, TransferState
from services.downloads.port import DownloaderUnreachable, FilesGone
from services.downloads.service import DownloadBusy
from services.errors import Fault, MagpieError
from services.tasks import Bell, LostHold, while_held
from services.telegram.port import ChatClosed, FileChanged, MessageGone, TelegramAway, TelegramRefused
from services.transfers import records
from services.transfers.deadlines import Deadline
from services.transfers.queue import Queue
from services.transfers.records import Task
from services.transfers.stages.step import Changes, Postponed, Stage

LEASE_SECONDS = 60
_RENEW_SECONDS = 2.0
_REST_SECONDS = 0.25
"""At least between two renewals: the bell rings often."""
_AGAIN_SECONDS = 5.0
_LONGEST_AWAY_SECONDS = 300.0
_MOST_DOUBLINGS = 16
_MOST_WAITS_FOR_REFUSAL = 3
_log = structlog.get_logger(__name__)


class Overdue(Fault):
    """A stage took longer than it may."""

    def __init__(self, stage: TransferState) -> None:
        super().__init__(f"overdue-{stage.value}")


@dataclass(frozen=True)
class Duty:
    """The stage of one state, and how long it may take. `so_far` is what it has come to by then; None: it has failed."""

    stage: Stage
    deadline: Deadline
    so_far: Stage | None = None


class Worker:
    """Does the work of claimed Transfers. `owner` names this instance in leases; the bell tells that one may have been steered."""

    def __init__(self, duties: Mapping[TransferState, Duty], queue: Queue, owner: str, bell: Bell) -> None:
        self._duties = duties
        self._queue = queue
        self._owner = owner
        self._bell = bell

    async def claim(self, task: Task, *, share: int) -> Transfer | None:
        """The next Transfer that has such work, after the queue let in whom it can; `share`: at most so many of a member."""
        if task is Task.STAGE:
            await self._queue.arrange()
        return await records.claim(self._owner, LEASE_SECONDS, task, share=share)

    async def work(self, transfer: Transfer) -> float | None:
        """Runs the stage of the Transfer's state and writes down what came of it. Never raises for a Transfer's fault.

        In how many seconds it has to be done again; None: it has not.
        """
        structlog.contextvars.bind_contextvars(trace=transfer.trace, transfer=transfer.id)
        try:
            changes = await self._run(transfer)
            await records.advance(transfer, changes)
            _log.info("stage-done", stage=transfer.state.value)
        except records.Stale:
            _log.info("stage-overtaken", stage=transfer.state.value)
        except MagpieError as error:
            return await self._put_off_or_fail(transfer, error)
        except PyMongoError as error:
            # the lease runs out by itself, and the stage is done again
            _log.warning("database-away", stage=transfer.state.value, error=str(error))
        return None

    async def give_up(self, transfer: Transfer, code: str) -> None:
        """Fails a Transfer whose stage broke in a way nobody foresaw; `code` finds the trace in the log."""
        failure = Failure(key="unexpected", values={"code": code}, resume_to=transfer.state)
        try:
            await records.advance(transfer, {"state": TransferState.FAILED, "failure": failure})
        except (records.Stale, PyMongoError):
            _log.info("stage-overtaken", stage=transfer.state.value)

    async def _run(self, transfer: Transfer) -> Changes:
        """The stage with its deadline; the lease is renewed meanwhile, and losing it ends the stage."""
        duty = self._duties[transfer.state]
        try:
            async with asyncio.timeout(duty.deadline.seconds_for(transfer)) as deadline:
                return await while_held(duty.stage(transfer), self._keep_lease(transfer))
        except LostHold as lost:
            raise records.Stale from lost
        except TimeoutError as late:
            if not deadline.expired():
                raise
            if duty.so_far is None:
                raise Overdue(transfer.state) from late
            _log.warning("stage-overdue", stage=transfer.state.value)
            return await duty.so_far(transfer)

    async def _keep_lease(self, transfer: Transfer) -> None:
        """Ends when the lease is lost: paused, cancelled, or taken over. What another machine does is seen at the next renewal."""
        with self._bell.heard() as news:
            while await records.renew(transfer, LEASE_SECONDS):
                await asyncio.sleep(_REST_SECONDS)
                await news.wait(_RENEW_SECONDS)

    async def _put_off_or_fail(self, transfer: Transfer, error: MagpieError) -> float | None:
        try:
            seconds = _seconds_to_wait(transfer, error)
            if seconds is not None:
                _log.info("stage-waits", stage=transfer.state.value, reason=error.key, seconds=seconds)
                await records.wait(transfer, _reason(error), now() + int(seconds * 1000))
                return seconds
            code = secrets.token_hex(3)
            _log.warning(
                "stage-failed", stage=transfer.state.value, error=error.key, code=code, exc_info=error
            )
            await records.advance(transfer, _failed(transfer, error, code))
        except records.Stale:
            _log.info("stage-overtaken", stage=transfer.state.value)
        except PyMongoError as away:
            _log.warning("database-away", stage=transfer.state.value, error=str(away))
        return None


def _seconds_to_wait(transfer: Transfer, error: MagpieError) -> float | None:
    """How long to put a stage off for this error; None: it has failed."""
    if isinstance(error, TelegramAway) and not error.flood:
        return _seconds_away(transfer, error)
    if isinstance(error, Postponed | TelegramAway):
        return max(1.0, error.seconds)
    if isinstance(error, DownloaderUnreachable | DownloadBusy):
        return _AGAIN_SECONDS
    if isinstance(error, MessageGone) and _in_a_row(transfer, error) < _MOST_WAITS_FOR_REFUSAL:
        return 1.0
    return None


def _seconds_away(transfer: Transfer, away: TelegramAway) -> float:
    """Twice as long each time in a row: what Telegram never answers must not keep a place busy for ever."""
    doublings = min(_in_a_row(transfer, away), _MOST_DOUBLINGS)
    return float(min(_LONGEST_AWAY_SECONDS, max(1.0, away.seconds) * 2**doublings))


def _in_a_row(transfer: Transfer, error: MagpieError) -> int:
    """How often it has waited for the same reason before."""
    return transfer.attempts if transfer.waiting == _reason(error) else 0


def _reason(error: MagpieError) -> str:
    if isinstance(error, TelegramAway | TelegramRefused):
        return "waiting-telegram"
    return "waiting-engine" if isinstance(error, DownloaderUnreachable) else error.key


def _failed(transfer: Transfer, error: MagpieError, code: str) -> Changes:
    """`code` finds the trace in the log. What Telegram said is for the log alone: it is English, and names our insides."""
    key = "channel-closed" if isinstance(error, ChatClosed) else error.key
    told = {} if isinstance(error, TelegramRefused) else error.values
    failure = Failure(key=key, values={**told, "code": code}, resume_to=_retried_from(transfer, error))
    nothing_left = {"progress": Snapshot(), "facts": []} if isinstance(error, FilesGone) else {}
    return {"state": TransferState.FAILED, "failure": failure, **nothing_left}


def _retried_from(transfer: Transfer, error: MagpieError) -> TransferState:
    """The stage that failed; an earlier one where it would find the same again."""
    if isinstance(error, FilesGone):
        return TransferState.QUEUED
    return TransferState.INSPECTING if isinstance(error, FileChanged) else transfer.state
