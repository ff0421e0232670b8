"""One post for the same bytes: an Item that finds them posted takes that message for its own, too.

The message is that of one Copy, its owner; those of the others are `shared`. When the owner goes, another is left the
message: so nobody has to wait until the owner's Item is archived, or may be given up.
"""

from collections.abc import Mapping, Sequence

from models.clock import now
from models.library import Item
from models.storage import Copy, Link
from models.transfers import Transfer, TransferState
from services.documents import insert_once, update_if
from services.failpoints import failpoint
from services.storage.port import BeingPosted, CopyKey


async def archived(copies: Sequence[Copy]) -> list[Copy]:
    """Those of Items that were archived whole."""
    items = {item.id async for item in Item.find({"_id": {"$in": [copy.item for copy in copies]}})}
    return [copy for copy in copies if copy.item in items]


async def posted_whole(blake3: str, store: str) -> list[Copy]:
    """The owners of posts of these bytes that are neither pieces nor previews, as far as is known."""
    if not blake3:
        return []
    found = await _owners({"store": store, "blake3": blake3})
    return [copy for copy in found if not copy.is_preview and copy.whole is None]


async def posted_in_pieces(blake3: str, store: str) -> list[Copy]:
    """The owners of posts that are pieces of a file of these bytes."""
    return await _owners({"store": store, "whole.blake3": blake3})


async def take_share(twin: Copy, key: CopyKey) -> Copy | None:
    """Takes the message of another Copy for this one, too; None when it went meanwhile.

    In two steps, as its owner may be taking it back just now: who looks for heirs after the first step finds this one, and
    who looked before it has said so by the second.
    """
    own = {
        "id": key.in_store(twin.store),
        "item": key.item,
        "part": key.part,
        "shared": True,
        "stored": False,
    }
    with failpoint("storage.share"):
        copy = await insert_once(twin.model_copy(update={**own, "created_at": now()}))
    if not await _owners({"store": copy.store, "message_id": copy.message_id}):
        await drop_share(copy.id, unfinished=True)
        return await Copy.get(copy.id)
    with failpoint("storage.shared"):
        return await update_if(Copy, {"_id": copy.id}, {"stored": True})


async def drop_share(copy_id: str, *, unfinished: bool = False) -> None:
    """Forgets a Copy if the message is another's, or only if the second step was not made. Who is the heir by now stays."""
    where = {"_id": copy_id, "shared": True, **({"stored": False} if unfinished else {})}
    with failpoint("storage.unshare"):
        await Copy.get_pymongo_collection().delete_one(where)


async def heir_of(owner: Copy) -> Copy | None:
    """Who is left the message of a Copy that goes, or owns it already. From now on nobody new shares it."""
    with failpoint("storage.going"):
        await update_if(Copy, {"_id": owner.id, "lost_at": 0}, {"lost_at": now()})
    same = {"store": owner.store, "message_id": owner.message_id, "_id": {"$ne": owner.id}}
    others = await Copy.find(same).sort("created_at").to_list()
    return next((other for other in others if not other.shared), others[0] if others else None)


async def inherit(heir: Copy, links: Sequence[Link]) -> bool:
    """Makes it the owner; `links` are those under its post now. False when it went meanwhile."""
    with failpoint("storage.inherit"):
        made = await update_if(
            Copy,
            {"_id": heir.id, "shared": True},
            {"shared": False, "stored": True, "lost_at": 0, "links": links},
        )
    return made is not None


async def give_way(begun: Sequence[Copy], key: CopyKey) -> None:
    """Raises BeingPosted when one of these Copies is of another order that is being stored: its post will do for both.

    Who waits for others itself is not waited for.
    """
    others = sorted({copy.item for copy in begun} - {key.item})
    if not others:
        return
    at_work: Mapping[str, object] = {
        "state": TransferState.STORING.value,
        "lease_until": {"$gte": now()},
        "waiting": {"$ne": BeingPosted().key},
    }
    if await Transfer.find({"_id": {"$in": others}, **at_work}).count():
        raise BeingPosted


async def begun_whole(blake3: str, store: str) -> list[Copy]:
    """Those that are to become posts of these bytes, and are not yet."""
    where = {"store": store, "blake3": blake3, "stored": False, "shared": False}
    return [copy for copy in await Copy.find(where).to_list() if not copy.is_preview]


async def _owners(where: Mapping[str, object]) -> list[Copy]:
    found = await Copy.find({**where, "stored": True, "shared": False}).to_list()
    return [copy for copy in found if not copy.lost_at]
