"""What is archived already is not fetched again: it is handed out at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field

from models.access import Member, Right
from models.downloads import SourceKind
from models.library import Item
from models.ranges import from_ranges
from models.storage import Copy
from models.transfers import Post, Transfer, TransferState
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
        """The order, done and handed out, when its files of the same Source are archived together; else None.

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
    """Copies what is archived already into the chat of the order; what is then to be written down of it, else None.

    Of a whole channel nobody wants each file in their own chat.
    """
    found = await _archived(transfer)
    if found is None:
        return None
    if transfer.grab is None and not await _delivered(archive, found, transfer, thread_id, by):
        return None
    return {"state": TransferState.DONE, "item": found.item, "posts": found.posts, "title": found.title}


async def _delivered(
    archive: Archive, found: "_Found", transfer: Transfer, thread_id: int | None, by: Member
) -> bool:
    """Whether all of it could be."""
    try:
        missing = await archive.deliver(
            found.item, transfer.chat_id, only=found.posts, thread_id=thread_id, by=by
        )
    except (NothingToDeliver, NotOfGroup):
        return False
    return not missing


@dataclass(frozen=True)
class _Found:
    """What of an Item was wanted."""

    item: str
    title: str
    posts: Sequence[Post]


class _Known(BaseModel):
    """As much of an Item as says whether it has what is wanted: a whole one may be large."""

    id: str = Field(alias="_id")
    wanted: str


async def _archived(transfer: Transfer) -> _Found | None:
    """The newest Item with all of the files, all of which can be handed out.

    An infohash says what is in the files; what stands behind an address may be another thing today.
    """
    if transfer.source.kind is SourceKind.LINK or transfer.key is None or not transfer.chosen.full:
        return None
    same = Item.find({"source": transfer.key, "unpacked": transfer.unpack}).sort("-archived_at")
    for known in await same.project(_Known).to_list():
        found = await _wanted_of(known, transfer)
        if found is not None:
            return found
    return None


async def _wanted_of(known: _Known, transfer: Transfer) -> _Found | None:
    item = await Item.get(known.id) if _has(known, transfer) else None
    if item is None:
        return None
    if item.wanted == transfer.chosen.full:
        return _Found(item.id, item.title, item.posts) if len(item.posts) == len(item.files) else None
    place_of = {index: place for place, index in enumerate(from_ranges(item.wanted))}
    places = {place_of[index] for index in from_ranges(transfer.chosen.full)}
    ids = [post.copy_id for post in item.posts]
    wanted = {
        copy.id: copy for copy in await Copy.find({"_id": {"$in": ids}}).to_list() if copy.index in places
    }
    posts = [post for post in item.posts if post.copy_id in wanted]
    if len(posts) < len(places):
        return None
    return _Found(item.id, _title(item, transfer, wanted.values()), posts)


def _has(known: _Known, transfer: Transfer) -> bool:
    """Of what was unpacked nobody knows which file of the Source it was in."""
    if known.wanted == transfer.chosen.full:
        return True
    return not transfer.unpack and set(from_ranges(transfer.chosen.full)) <= set(from_ranges(known.wanted))


def _title(item: Item, transfer: Transfer, wanted: Collection[Copy]) -> str:
    """One work is called what its file says, several what their Source says."""
    if len(wanted) != 1:
        return transfer.title
    hashes = {copy.blake3 if copy.whole is None else copy.whole.blake3 for copy in wanted} - {""}
    return next((file.title for file in item.files if file.blake3 in hashes), transfer.title)
