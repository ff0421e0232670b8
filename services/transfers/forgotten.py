"""Orders of members who had everything deleted that was kept of them.

Such an order may still hold something: a Download, work files. So it is nobody's at once, and goes when it is tidied up. One
that brought what stays in the library is kept without its orderer: by it large files go up that are still on the disk.
"""

from models.clock import now
from models.downloads import SourceKind
from models.library import Item
from models.transfers import ENDED, Transfer
from services.documents import Where, update_if
from services.failpoints import failpoint

FORGOTTEN = "forgotten"
"""Whose order it is until it is tidied up. No Telegram id is like that."""
NOBODY = ""


async def forget_orderer(transfer: Transfer) -> None:
    """Takes whoever ordered it out of an order: their name, their chat, how they came to it."""
    changes: dict[str, object] = {
        "member_id": FORGOTTEN,
        "search": None,
        "picked": [],
        "grab": None,
        "feed": None,
        "changed_at": now(),
    }
    if str(transfer.chat_id) == transfer.member_id:
        changes["chat_id"] = 0
    with failpoint("forgotten.orderer"):
        await update_if(Transfer, {"_id": transfer.id, "member_id": transfer.member_id}, changes)


async def settle_forgotten(channel: int | None) -> None:
    """Of those that hold nothing any more, all go but those that the library needs. Repeatable."""
    over = {"$in": [state.value for state in ENDED]}
    settled = {"member_id": FORGOTTEN, "tidied": True, "state": over}
    for transfer in await Transfer.find(settled).to_list():
        # a stage may have written it down after its order was given up
        with failpoint("forgotten.item"):
            theirs = {"_id": transfer.id, "member_id": {"$ne": NOBODY}}
            await update_if(Item, theirs, {"member_id": NOBODY, "changed_at": now()})
        await _settle(transfer, channel)


async def _settle(transfer: Transfer, channel: int | None) -> None:
    same: Where = {"_id": transfer.id, "member_id": FORGOTTEN}
    if not await _is_needed(transfer, channel):
        with failpoint("forgotten.order"):
            await Transfer.get_pymongo_collection().delete_one(dict(same))
        return
    source = transfer.source
    if source.kind in {SourceKind.MESSAGE, SourceKind.LINK}:
        # it may be a message of theirs, or have a password of theirs in it
        source = source.model_copy(update={"value": ""})
    with failpoint("forgotten.kept"):
        await update_if(Transfer, same, {"member_id": NOBODY, "source": source})


async def _is_needed(transfer: Transfer, channel: int | None) -> bool:
    """Whether it brought something that is in the library, and there is a place for more of it."""
    item = await Item.get(transfer.id)
    return item is not None and not item.removed_at and (transfer.chat_id != 0 or channel is not None)
