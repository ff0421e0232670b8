"""What a member may do with Transfers."""

from collections.abc import Callable, Sequence

import structlog

from models.access import Member, Right
from models.clock import now
from models.transfers import ENDED, Transfer, TransferState
from services.access.rights import NotAllowed, require
from services.documents import insert_once, update_if
from services.downloads.port import Source, TelegramMessage, download_key, names_its_content
from services.downloads.vault import keep
from services.errors import MagpieError
from services.failpoints import failpoint
from services.transfers import records

_log = structlog.get_logger(__name__)
_MOMENT_MILLIS = 5000
PAUSABLE = (
    TransferState.QUEUED,
    TransferState.FETCHING,
    TransferState.INSPECTING,
    TransferState.PREVIEWING,
    TransferState.STORING,
)


class NothingChosen(MagpieError):
    """No file is chosen."""

    def __init__(self) -> None:
        super().__init__("nothing-chosen")


class UnknownTransfer(MagpieError):
    """There is no such Transfer."""

    def __init__(self) -> None:
        super().__init__("button-stale")


class Transfers:
    """Use cases of one's own Transfers. `wake` tells the supervisor that there may be work."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    @require(Right.ORDER)
    async def request(
        self,
        source: Source,
        *,
        transfer_id: str,
        chat_id: int,
        trace: str,
        search: str | None = None,
        picked: Sequence[str] = (),
        feed: str | None = None,
        by: Member,
    ) -> Transfer:
        """Saves an order in `choosing`; its file list is looked up next. The same id twice is the same order.

        `picked`: the names of the Release of `search` that it is an order of. `feed`: the Feed that orders it; then all its
        files are wanted, and it is queued once they are known. Chats that have a number only are not open to
        everybody: messages of another one than that of the order are for those who manage. Raises NotAllowed.
        """
        if _is_from_elsewhere(source, chat_id) and not by.may(Right.MANAGE):
            raise NotAllowed
        record = await keep(source)
        order = Transfer(
            id=transfer_id,
            member_id=by.id,
            chat_id=chat_id,
            title=record.name,
            source=record,
            search=search,
            picked=list(picked),
            feed=feed,
            # a link may lead to a torrent: that is known once its files are listed
            key=download_key(source) if names_its_content(source) else None,
            trace=trace,
        )
        with failpoint("transfers.insert"):
            saved = await insert_once(order)
        _log.info("ordered", transfer=saved.id, kind=record.kind.value)
        self._wake()
        return saved

    @require(Right.ORDER)
    async def find(self, transfer_id: str, *, by: Member) -> Transfer:
        """One's own Transfer. Raises UnknownTransfer, NotAllowed."""
        transfer = await Transfer.get(transfer_id)
        if transfer is None:
            raise UnknownTransfer
        if transfer.member_id != by.id and not by.may(Right.OVERSEE):
            raise NotAllowed
        return transfer

    @require(Right.ORDER)
    async def has_just_begun(self, transfer_id: str, *, by: Member) -> bool:
        """Whether it was ordered a moment ago, so that whoever orders the same again pressed twice."""
        own = {"_id": transfer_id, "member_id": by.id, "state": TransferState.CHOOSING}
        return await Transfer.find_one({**own, "created_at": {"$gt": now() - _MOMENT_MILLIS}}) is not None

    @require(Right.ORDER)
    async def start(self, transfer_id: str, *, by: Member) -> Transfer:
        """Queues it. Started already: nothing changes. Raises NothingChosen."""
        transfer = await self.find(transfer_id, by=by)
        if transfer.state in PAUSABLE:
            return transfer
        if not transfer.chosen.count:
            raise NothingChosen
        started = await records.move(transfer.id, [TransferState.CHOOSING], {"state": TransferState.QUEUED})
        self._wake()
        return started

    @require(Right.OVERSEE)
    async def to_front(self, transfer_id: str, *, by: Member) -> Transfer:
        """Has a queued one be the next. Not queued any more: nothing changes."""
        transfer = await self.find(transfer_id, by=by)
        where = {"_id": transfer.id, "state": TransferState.QUEUED, "admitted": False}
        with failpoint("queue.front"):
            fronted = await update_if(Transfer, where, {"fronted_at": now(), "changed_at": now()})
        self._wake()
        return fronted or transfer

    @require(Right.ORDER)
    async def pause(self, transfer_id: str, *, by: Member) -> Transfer:
        """Stops working on it until resumed, at whatever stage it has come to. Paused already: nothing changes."""
        transfer = await self.find(transfer_id, by=by)
        while transfer.state in PAUSABLE:
            changes = {"state": TransferState.PAUSED, "resume_to": transfer.state}
            try:
                return await records.move(transfer.id, [transfer.state], changes)
            except records.Stale:  # its next stage began between reading and writing
                transfer = await self.find(transfer_id, by=by)
        if transfer.state is not TransferState.PAUSED:
            raise records.Stale
        return transfer

    @require(Right.ORDER)
    async def resume(self, transfer_id: str, *, by: Member) -> Transfer:
        """Goes on where it was paused. Not paused: nothing changes."""
        transfer = await self.find(transfer_id, by=by)
        if transfer.state in PAUSABLE:
            return transfer
        # what was fetching asks for its turn and its room on disk anew: others may have them by now
        state = TransferState.QUEUED if transfer.resume_to is TransferState.FETCHING else transfer.resume_to
        resumed = await records.move(transfer.id, [TransferState.PAUSED], {"state": state, "resume_to": None})
        self._wake()
        return resumed

    @require(Right.ORDER)
    async def cancel(self, transfer_id: str, *, by: Member) -> Transfer:
        """Ends it and gives back what it held. Cancelled already: nothing changes."""
        transfer = await self.find(transfer_id, by=by)
        if transfer.state is TransferState.CANCELLED:
            return transfer
        alive = [state for state in TransferState if state not in ENDED] + [TransferState.FAILED]
        cancelled = await records.move(
            transfer.id, alive, {"state": TransferState.CANCELLED, "tidied": False}
        )
        self._wake()
        return cancelled

    @require(Right.ORDER)
    async def retry(self, transfer_id: str, *, by: Member) -> Transfer:
        """Takes a failed one up again at the stage that failed, with what was kept. Not failed: nothing changes."""
        transfer = await self.find(transfer_id, by=by)
        if transfer.state is not TransferState.FAILED or transfer.failure is None:
            return transfer
        retried = await records.move(
            transfer.id,
            [TransferState.FAILED],
            {"state": transfer.failure.resume_to, "failure": None, "tidied": False},
        )
        self._wake()
        return retried

    @require(Right.ORDER)
    async def mine(self, *, by: Member, limit: int = 10) -> Sequence[Transfer]:
        """One's own Transfers, those still going on first, then the newest; at most `limit`."""
        own = Transfer.find({"member_id": by.id})
        going_on = own.find({"state": {"$nin": [state.value for state in ENDED]}})
        alive = await going_on.sort("-created_at").limit(limit).to_list()
        if len(alive) == limit:
            return alive
        ended = Transfer.find({"member_id": by.id, "state": {"$in": [state.value for state in ENDED]}})
        return alive + await ended.sort("-changed_at").limit(limit - len(alive)).to_list()


def _is_from_elsewhere(source: Source, chat_id: int) -> bool:
    return isinstance(source, TelegramMessage) and isinstance(source.chat, int) and source.chat != chat_id
