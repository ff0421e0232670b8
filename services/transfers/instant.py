"""What is archived already is not fetched again: it is handed out at once."""

from models.access import Member, Right
from models.library import Item
from models.transfers import Transfer, TransferState
from services.access.rights import require
from services.downloads.vault import key_of
from services.storage.archive import Archive, NothingToDeliver, NotOfGroup
from services.transfers import records
from services.transfers.service import Transfers


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
        item = await _archived(transfer)
        if item is None:
            return None
        try:
            missing = await self._archive.deliver(item.id, transfer.chat_id, thread_id=thread_id, by=by)
        except (NothingToDeliver, NotOfGroup):
            return None
        if missing:
            return None
        done = {"state": TransferState.DONE, "item": item.id, "posts": item.posts, "title": item.title}
        return await records.move(transfer.id, [TransferState.CHOOSING], done)


async def _archived(transfer: Transfer) -> Item | None:
    """The Item with just these files, all of which can be handed out."""
    key = key_of(transfer.source)
    if transfer.state is not TransferState.CHOOSING or key is None or not transfer.chosen.full:
        return None
    same = Item.find({"source": key, "wanted": transfer.chosen.full}).sort("-archived_at")
    return next((item for item in await same.to_list() if len(item.posts) == len(item.files)), None)
