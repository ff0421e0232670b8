"""What is archived already is not fetched again: it is handed out at once."""

from models.access import Member, Right
from models.downloads import SourceKind
from models.library import Item
from models.transfers import Transfer, TransferState
from services.access.rights import require
from services.storage.archive import Archive, NothingToDeliver, NotOfGroup
from services.transfers import records
from services.transfers.service import Transfers
from services.transfers.stages.step import Changes


class Instant:
    """Looks in the archive before anything is queued."""

    def __init__(self, transfers: Transfers, archive: Archive) -> None:
        self._transfers = transfers
        self._archive = archive

    @require(Right.ORDER)
    async def serve(self, transfer_id: str, *, thread_id: int | None = None, by: Member) -> Transfer | None:
        """The order, done and handed out, when the same files of the same Source are archived; else None.

        Handed out first and written down then: a crash in between hands out twice rather than not at all.
        """
        transfer = await self._transfers.find(transfer_id, by=by)
        if transfer.state is not TransferState.CHOOSING:
            return None
        done = await handed_out(self._archive, transfer, thread_id=thread_id, by=by)
        return None if done is None else await records.move(transfer.id, [TransferState.CHOOSING], done)


async def handed_out(
    archive: Archive, transfer: Transfer, *, thread_id: int | None, by: Member
) -> Changes | None:
    """Copies what is archived already into the chat of the order; what is then to be written down of it, else None."""
    item = await _archived(transfer)
    if item is None:
        return None
    try:
        missing = await archive.deliver(item.id, transfer.chat_id, thread_id=thread_id, by=by)
    except (NothingToDeliver, NotOfGroup):
        return None
    if missing:
        return None
    return {"state": TransferState.DONE, "item": item.id, "posts": item.posts, "title": item.title}


async def _archived(transfer: Transfer) -> Item | None:
    """The Item with just these files, all of which can be handed out.

    An infohash says what is in the files; what stands behind an address may be another thing today.
    """
    if transfer.source.kind is SourceKind.LINK or transfer.key is None or not transfer.chosen.full:
        return None
    same = Item.find({"source": transfer.key, "wanted": transfer.chosen.full}).sort("-archived_at")
    return next((item for item in await same.to_list() if _is_whole(item, transfer)), None)


def _is_whole(item: Item, transfer: Transfer) -> bool:
    return len(item.posts) == len(item.files) and item.unpacked == transfer.unpack
