"""One post for the same bytes: an Item that finds them posted takes that message for its own, too.

The message is that of one Copy, its owner; those of the others are `shared`. When the owner goes, another is left the
message: so nobody has to wait until the owner's Item is archived, or may be given up.
"""

from collections.abc import Mapping, Sequence

import structlog

from models.clock import now
from models.library import Item
from models.storage import Copy, Link
from models.transfers import Transfer, TransferState
from services.documents import insert_once, update_all, update_if
from services.failpoints import failpoint
from services.storage.port import BeingPosted, CopyKey

_log = structlog.get_logger(__name__)


async def archived(copies: Sequence[Copy]) -> list[Copy]:
    """Those of Items that were archived whole."""
    items = {item.id async for item in Item.find({"_id": {"$in": [copy.item for copy in copies]}})}
    return [copy for copy in copies if copy.item in items]


async def whole_owners(blake3: str, store: str) -> list[Copy]:
    """Those that own posts of these bytes, or are to: neither pieces nor previews."""
    if not blake3:
        return []
    found = await _owners({"store": store, "blake3": blake3})
    return [copy for copy in found if not copy.is_preview and copy.whole is None]


async def piece_owners(blake3: str, store: str) -> list[Copy]:
    """Those that own posts that are pieces of a file of these bytes, or are to."""
    return await _owners({"store": store, "whole.blake3": blake3})


async def take_share(twin: Copy, key: CopyKey) -> Copy | None:
    """Takes the message of another Copy for this one, too; None when it went meanwhile.

    In two steps, as its owner may be taking it back just now: who looks for heirs after the first step finds this one, and
    who looked before it has said so by the second.
    """
    own = {"id": key.in_store(twin.store), "item": key.item, "part": key.part, "created_at": now()}
    unfinished = {"shared": True, "stored": False, "generation": None, "head": ""}
    with failpoint("storage.share"):
        copy = await insert_once(twin.model_copy(update={**own, **unfinished}))
    owner = next((each for each in await _owners(_message_of(copy)) if each.stored), None)
    if owner is None:
        await drop_share(copy.id, unfinished=True)
        return await Copy.get(copy.id)
    with failpoint("storage.shared"):
        return await update_if(Copy, {"_id": copy.id}, {"stored": True, "links": owner.links})


async def drop_share(copy_id: str, *, unfinished: bool = False) -> None:
    """Forgets a Copy if the message is another's, or only if the second step was not made. Who is the heir by now stays."""
    where = {"_id": copy_id, "shared": True, **({"stored": False} if unfinished else {})}
    with failpoint("storage.unshare"):
        await Copy.get_pymongo_collection().delete_one(where)


async def heir_of(owner: Copy) -> Copy | None:
    """Who is left the message of a Copy that goes, or owns it already. From now on nobody new shares it."""
    with failpoint("storage.going"):
        await update_if(Copy, {"_id": owner.id}, {"going": True})
    same = {**_message_of(owner), "_id": {"$ne": owner.id}}
    others = [other for other in await Copy.find(same).sort("created_at").to_list() if not other.going]
    return next((other for other in others if not other.shared), others[0] if others else None)


async def inherit(heir: Copy, owner: Copy, links: Sequence[Link]) -> None:
    """Makes it the owner, if it is still there; `links` are those under the post of all of them now."""
    with failpoint("storage.links"):
        await update_all(Copy, {**_message_of(owner), "shared": True}, {"links": links})
    estate = {"generation": owner.generation, "head": owner.head}
    with failpoint("storage.inherit"):
        await update_if(Copy, {"_id": heir.id, "shared": True}, {"shared": False, "stored": True, **estate})


async def touch(item: str) -> None:
    """Has an Item written down anew, as what is known of its posts has changed."""
    with failpoint("storage.touch"):
        await update_if(Item, {"_id": item}, {"changed_at": now()})


async def make_way(copies: Sequence[Copy], item: str) -> None:
    """Raises BeingPosted when one of these is being posted by another order: its post will do for both.

    Only when that announced it in this very turn of work. So nobody waits for one who waits, and of two that a kill stopped
    the first to announce anew goes on.
    """
    others = {(copy.item, copy.turn) for copy in copies if copy.item != item}
    if not others:
        return
    at_work: Mapping[str, object] = {
        "state": TransferState.STORING.value,
        "lease_owner": {"$ne": None},
        "lease_until": {"$gte": now()},
        "$or": [{"_id": other, "fence": turn} for other, turn in sorted(others)],
    }
    if await Transfer.find(at_work).count():
        raise BeingPosted


async def turn_of(item: str) -> int:
    """The turn of work on its order; 0: there is none."""
    order = await Transfer.get_pymongo_collection().find_one({"_id": item}, {"fence": 1})
    return 0 if order is None else int(order.get("fence", 0))


async def lose(copy: Copy) -> None:
    """Notes that its message is gone, so that nobody counts on it. What was lost before is not lost anew."""
    if not copy.lost_at:
        _log.warning("post-lost", copy=copy.id, message=copy.message_id)
    with failpoint("storage.gone"):
        await update_if(Copy, as_it_was(copy), {"looked_at": now(), "lost_at": copy.lost_at or now()})
    if not copy.lost_at:
        await touch(copy.item)


def as_it_was(copy: Copy) -> Mapping[str, object]:
    """What finds a Copy that stands as it stood when it was read."""
    return {"_id": copy.id, "stored": True, "message_id": copy.message_id}


def _message_of(copy: Copy) -> Mapping[str, object]:
    return {"channel_id": copy.channel_id, "message_id": copy.message_id, "store": copy.store}


async def _owners(where: Mapping[str, object]) -> list[Copy]:
    found = await Copy.find({**where, "shared": False}).to_list()
    return [copy for copy in found if not copy.lost_at and not copy.going]
