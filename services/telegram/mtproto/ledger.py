"""Which parts of a file Telegram has, written down so that nobody sends them twice."""

from models.clock import now
from models.uploads import SentParts
from services.documents import insert_once, update_if
from services.failpoints import failpoint

_KEPT_MILLIS = 6 * 3_600_000
"""Telegram forgets parts that nobody made a message of, and does not say when."""


async def recorded(name: str) -> SentParts:
    """What is known of a file. What was sent long ago is not believed any more."""
    known = await _known(name)
    if known.changed_at > now() - _KEPT_MILLIS:
        return known
    await forget(name)
    return await _known(name)


async def _known(name: str) -> SentParts:
    with failpoint("telegram.parts-begin"):
        return await insert_once(SentParts(id=name))


async def record(parts: SentParts, have: int) -> None:
    """Writes down which parts are there: a bitmap. If it was forgotten meanwhile, nothing."""
    where = {"_id": parts.id, "number": parts.number}
    with failpoint("telegram.parts-record"):
        await update_if(SentParts, where, {"have": f"{have:x}", "changed_at": now()})


async def forget(name: str) -> None:
    """It stands where it should, or everything is to begin anew, under another number."""
    with failpoint("telegram.parts-forget"):
        await SentParts.get_pymongo_collection().delete_one({"_id": name})
