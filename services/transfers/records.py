"""The one writer of Transfers. Every change is one conditional update on the expected state."""

from collections.abc import Mapping, Sequence

from models.clock import Millis, now
from models.transfers import Transfer, TransferState
from services.documents import Where, update_all, update_if
from services.errors import MagpieError
from services.failpoints import failpoint

STAGES = (
    TransferState.INSPECTING,
    TransferState.PREVIEWING,
    TransferState.STORING,
)
"""The states in which there is work for the supervisor; so there is in `choosing` until the file list is known, and in
`queued` once the queue let it in."""
_FREE: Mapping[str, object] = {
    "lease_owner": None,
    "lease_until": 0,
    "waiting": None,
    "waiting_values": {},
    "admitted": False,
    "attempts": 0,
}


class Stale(MagpieError):
    """The Transfer is not any more as it was read: somebody else changed it first."""

    def __init__(self) -> None:
        super().__init__("button-stale")


async def move(
    transfer_id: str,
    expected: Sequence[TransferState],
    changes: Mapping[str, object],
    *,
    where: Where | None = None,
) -> Transfer:
    """A member's change: also takes the Transfer out of the hands of whoever works on it. Raises Stale."""
    filters = {"_id": transfer_id, "state": {"$in": list(expected)}, **(where or {})}
    with failpoint("transfers.move"):
        moved = await update_if(
            Transfer, filters, {**_FREE, "changed_at": now(), **changes}, increase={"fence": 1}
        )
    if moved is None:
        raise Stale
    return moved


async def choose(transfer: Transfer, changes: Mapping[str, object]) -> Transfer:
    """A change of what is wanted, while choosing. Raises Stale when it was started or changed meanwhile."""
    filters = {"_id": transfer.id, "state": TransferState.CHOOSING, "changed_at": transfer.changed_at}
    with failpoint("transfers.choose"):
        chosen = await update_if(
            Transfer, filters, {**changes, "changed_at": max(now(), transfer.changed_at + 1)}
        )
    if chosen is None:
        raise Stale
    return chosen


async def claim(owner: str, seconds: int) -> Transfer | None:
    """Takes the lease of the oldest Transfer that has work and no living owner; None when there is none."""
    moment = now()
    has_work = [
        {"state": {"$in": list(STAGES)}},
        {"state": TransferState.CHOOSING, "listed": False},
        {"state": TransferState.QUEUED, "admitted": True},
    ]
    with failpoint("transfers.claim"):
        return await update_if(
            Transfer,
            {"lease_until": {"$lt": moment}, "$or": has_work},
            {"lease_owner": owner, "lease_until": moment + seconds * 1000},
            increase={"fence": 1},
            sort=[("created_at", 1)],
        )


async def renew(transfer: Transfer, seconds: int) -> bool:
    """Keeps the lease for longer; False when it is ours no more."""
    with failpoint("transfers.renew"):
        renewed = await update_if(Transfer, _held(transfer), {"lease_until": now() + seconds * 1000})
    return renewed is not None


async def advance(transfer: Transfer, changes: Mapping[str, object]) -> Transfer:
    """The owner of the lease writes what a stage brought, and gives the lease back. Raises Stale."""
    with failpoint("transfers.advance"):
        advanced = await update_if(Transfer, _held(transfer), {**_FREE, "changed_at": now(), **changes})
    if advanced is None:
        raise Stale
    return advanced


async def wait(transfer: Transfer, reason: str, until: Millis) -> None:
    """The stage cannot go on now: the lease runs on without an owner until then."""
    changes: dict[str, object] = {"lease_owner": None, "lease_until": until, "waiting": reason}
    if reason != transfer.waiting:
        changes |= {"waiting_values": {}, "changed_at": now()}
    with failpoint("transfers.wait"):
        await update_if(Transfer, _held(transfer), changes, increase={"attempts": 1})


async def release_all(owner: str) -> int:
    """Frees every lease of an owner that is known to be dead: our own former life."""
    with failpoint("transfers.release"):
        return await update_all(Transfer, {"lease_owner": owner}, {"lease_owner": None, "lease_until": 0})


def _held(transfer: Transfer) -> Where:
    return {"_id": transfer.id, "state": transfer.state, "fence": transfer.fence}
