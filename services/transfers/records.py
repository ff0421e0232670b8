"""The one writer of Transfers. Every change is one conditional update on the expected state."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from models.clock import Millis, now
from models.transfers import Transfer, TransferState
from services.documents import Where, plain, update_all, update_if
from services.errors import MagpieError
from services.failpoints import failpoint


class Task(StrEnum):
    """What there is to do for Transfers. Looking waits for others most of the time; stages need this machine.

    Storing waits for Telegram, and may take hours: what others fetched is not to lie there unseen meanwhile.
    """

    LOOK = "look"
    STAGE = "stage"
    STORE = "store"


_HAS_WORK: Mapping[Task, Sequence[Where]] = {
    Task.LOOK: [{"state": TransferState.CHOOSING, "listed": False}],
    Task.STAGE: [
        {"state": {"$in": [TransferState.INSPECTING, TransferState.PREVIEWING]}},
        {"state": TransferState.QUEUED, "admitted": True},
    ],
    Task.STORE: [{"state": TransferState.STORING}],
}
_FREE: Mapping[str, object] = {
    "lease_owner": None,
    "lease_until": 0,
    "waiting": None,
    "waiting_values": {},
    "admitted": False,
    "disk_since": 0,
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


async def claim(owner: str, seconds: int, task: Task, *, share: int) -> Transfer | None:
    """Takes the lease of a Transfer that has such work and no living owner; None when there is none.

    Members by turns: who has the fewest under way is next, with their oldest one, and nobody has more than `share`.
    """
    moment = now()
    has_work = {"$or": _HAS_WORK[task]}
    waiting = {"lease_until": {"$lt": moment}, **has_work}
    for member_id in await _in_turn(waiting, {"lease_until": {"$gte": moment}, **has_work}, share):
        with failpoint("transfers.claim"):
            claimed = await update_if(
                Transfer,
                {"member_id": member_id, **waiting},
                {"lease_owner": owner, "lease_until": moment + seconds * 1000},
                increase={"fence": 1},
                sort=[("created_at", 1)],
            )
        if claimed is not None:
            return claimed
    return None


async def _in_turn(waiting: Where, under_way: Where, share: int) -> Sequence[str]:
    """The members for whom something may be begun, the next one first."""
    oldest = await _by_member(waiting, {"$min": "$created_at"})
    if not oldest:
        return ()
    busy = await _by_member({"lease_owner": {"$ne": None}, **under_way}, {"$sum": 1})
    free = [member_id for member_id in oldest if busy.get(member_id, 0) < share]
    return sorted(free, key=lambda member_id: (busy.get(member_id, 0), oldest[member_id]))


async def _by_member(where: Where, value: Mapping[str, object]) -> Mapping[str, Any]:
    pipeline = [{"$match": plain(where)}, {"$group": {"_id": "$member_id", "value": dict(value)}}]
    found = await Transfer.get_pymongo_collection().aggregate(pipeline)
    return {row["_id"]: row["value"] async for row in found}


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


async def note(transfer: Transfer, changes: Mapping[str, object]) -> None:
    """How far a stage is, for its Card. Whoever has lost the lease writes nothing."""
    with failpoint("transfers.note"):
        await update_if(Transfer, _held(transfer), {**changes, "changed_at": now()})


async def wait(transfer: Transfer, reason: str, until: Millis) -> None:
    """The stage cannot go on now: the lease runs on without an owner until then. `attempts` are those for this reason in a row."""
    changes: dict[str, object] = {"lease_owner": None, "lease_until": until, "waiting": reason}
    again = reason == transfer.waiting
    if not again:
        changes |= {"waiting_values": {}, "changed_at": now()}
    with failpoint("transfers.wait"):
        await update_if(
            Transfer, _held(transfer), {**changes, "attempts": transfer.attempts + 1 if again else 1}
        )


async def release_all(owner: str) -> int:
    """Frees every lease of an owner that is known to be dead: our own former life."""
    with failpoint("transfers.release"):
        return await update_all(Transfer, {"lease_owner": owner}, {"lease_owner": None, "lease_until": 0})


def _held(transfer: Transfer) -> Where:
    return {"_id": transfer.id, "state": transfer.state, "fence": transfer.fence}
