"""How the orders stand that one document has made: those of a Grab, of a Feed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.transfers import ENDED, Transfer, TransferState
from services.transfers.queue import BEHIND, DISK


@dataclass(frozen=True)
class Standing:
    """How many orders there are, and what has become of them."""

    count: int = 0
    archived: int = 0
    failed: int = 0
    under_way: int = 0
    for_disk: int = 0
    """Of these: how many wait for room on the disk."""

    @property
    def is_stuck(self) -> bool:
        """Whether nothing goes on before there is room on the disk."""
        return 0 < self.under_way == self.for_disk


async def standing_of(maker: str, maker_id: str) -> Standing:
    """`maker`: the field of a Transfer that names who made it."""
    pipeline: Sequence[Mapping[str, object]] = [
        {"$match": {maker: maker_id}},
        {"$group": {"_id": "$state", "value": {"$sum": 1}}},
    ]
    found = await Transfer.get_pymongo_collection().aggregate(pipeline)
    states = {TransferState(row["_id"]): row["value"] async for row in found}
    queued = {maker: maker_id, "state": TransferState.QUEUED}
    return Standing(
        count=sum(states.values()),
        archived=states.get(TransferState.DONE, 0),
        failed=states.get(TransferState.FAILED, 0),
        under_way=sum(number for state, number in states.items() if state not in ENDED),
        for_disk=await Transfer.find(queued, {"waiting": {"$in": [DISK, BEHIND]}}).count(),
    )
