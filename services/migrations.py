"""Brings stored documents to the present shape, one numbered step after the other, each repeatable."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog

from models.cards import Card
from models.downloads import FileEntry, SourceKind, SourceRecord
from models.inbox import InboxPoll
from models.library import Item
from models.schema import DOCUMENTS, SchemaVersion
from models.search import Hits, Release, Search, packed
from models.storage import Copy
from models.transfers import ENDED, Transfer
from services.documents import insert_once, plain, update_all, update_if
from services.downloads.port import SourceRejected, download_key
from services.downloads.vault import recall
from services.errors import MagpieError
from services.search.fields import read_iso_date
from services.storage.disk import DiskStore
from services.transfers.choosing import keep_files
from services.transfers.filetree import chosen_of, tree_of

Migration = Callable[[], Awaitable[None]]


async def cards_name_their_bot() -> None:
    """Cards are found by their bot, too. Whose the older ones are is not known: they count as ours."""
    await update_all(Card, {"bot_id": {"$exists": False}}, {"bot_id": 0})


async def hits_stand_apart() -> None:
    """What a search has found was in the search itself."""
    async for stored in Search.get_pymongo_collection().find({"releases": {"$exists": True}}):
        releases = [_release(old) for old in stored["releases"]]
        await insert_once(Hits(id=stored["_id"], text=packed(releases), changed_at=stored["changed_at"]))
        await Search.get_pymongo_collection().update_one({"_id": stored["_id"]}, {"$unset": {"releases": ""}})


def _release(old: Mapping[str, Any]) -> Release:
    published = None if old.get("published") is None else read_iso_date(str(old["published"]))
    known = {
        name: old[name] for name in ("title", "link", "size", "seeders", "infohash", "page") if name in old
    }
    return Release(**known, indexers=tuple(old["indexers"]), published=published)


async def files_stand_apart() -> None:
    """The file list of an order was in the order itself, and every file wanted was named."""
    transfers = Transfer.get_pymongo_collection()
    async for old in transfers.find({"files": {"$exists": True}}):
        tree = tree_of(FileEntry(**file) for file in old["files"])
        chosen = chosen_of(tree, frozenset(old["wanted"]), lambda _name, _size: 0)
        contents = await keep_files(tree) if old["listed"] else None
        changes = {"contents": contents, "chosen": plain(chosen), "page": 0}
        await transfers.update_one(
            {"_id": old["_id"]}, {"$set": changes, "$unset": {"files": "", "wanted": ""}}
        )


async def updates_stand_together() -> None:
    """Every update was a document of its own."""
    inbox = InboxPoll.get_pymongo_collection()
    async for old in inbox.find({"payload": {"$exists": True}}):
        number = old["update_id"]
        poll = {
            **{name: old[name] for name in ("_id", "bot_id", "done", "received_at")},
            "first": number,
            "last": number,
            "updates": [{"update_id": number, "lane": old["lane"], "payload": old["payload"]}],
            "handled": [number] if old["done"] else [],
        }
        await inbox.replace_one({"_id": old["_id"]}, poll)


async def orders_name_their_key() -> None:
    """What an order fetches was known only once a Download of it had begun. Of ended ones nobody asks it."""
    transfers = Transfer.get_pymongo_collection()
    going_on = {"key": {"$exists": False}, "state": {"$nin": [state.value for state in ENDED]}}
    async for old in transfers.find(going_on, {"source": 1, "listed": 1}):
        key = await _key(SourceRecord.model_validate(old["source"]), listed=old.get("listed", False))
        await transfers.update_one({"_id": old["_id"]}, {"$set": {"key": key}})


async def _key(record: SourceRecord, *, listed: bool) -> str | None:
    if record.kind is SourceKind.LINK and not listed:
        return None
    try:
        return download_key(await recall(record))
    except SourceRejected:
        # its torrent is gone: the order will say so
        return None


async def items_say_whether_they_were_unpacked() -> None:
    """Only the order that brought an Item knew it."""
    async for order in Transfer.get_pymongo_collection().find(
        {"unpack": True, "item": {"$ne": None}}, {"item": 1}
    ):
        if order["item"] == order["_id"]:
            await update_all(Item, {"_id": order["_id"]}, {"unpacked": True})


async def updates_are_kept_as_they_came() -> None:
    """An update was a document in the document of its poll."""
    inbox = InboxPoll.get_pymongo_collection()
    async for old in inbox.find({}, {"updates": 1}):
        updates = [{**update, "payload": _as_text(update["payload"])} for update in old["updates"]]
        await inbox.update_one({"_id": old["_id"]}, {"$set": {"updates": updates}})


def _as_text(payload: Mapping[str, Any] | str) -> str:
    return payload if isinstance(payload, str) else json.dumps(payload)


async def what_stayed_is_tried_again() -> None:
    """No file was posted in pieces, whatever the door took."""
    await update_all(Copy, {"store": DiskStore.name, "beyond": {"$gt": 0}}, {"beyond": 0})


async def items_say_where_they_stand() -> None:
    """Who may see an Item was known only by its Copies and by the order that brought it."""
    items = Item.get_pymongo_collection()
    async for old in items.find({"changed_at": {"$exists": False}}, {"posts": 1, "archived_at": 1}):
        main = await Copy.get(old["posts"][0]["copy_id"]) if old.get("posts") else None
        order = await Transfer.get(old["_id"])
        standing = {
            "channel_id": None if main is None else main.channel_id,
            "group": order.chat_id if order is not None and order.chat_id < 0 else None,
            "changed_at": old["archived_at"],
        }
        await items.update_one({"_id": old["_id"]}, {"$set": standing})


MIGRATIONS: Sequence[Migration] = (
    cards_name_their_bot,
    hits_stand_apart,
    files_stand_apart,
    updates_stand_together,
    orders_name_their_key,
    items_say_whether_they_were_unpacked,
    updates_are_kept_as_they_came,
    what_stayed_is_tried_again,
    items_say_where_they_stand,
)
"""The step at place n makes version n + 1 of version n. Never edited once released, only added to."""
_log = structlog.get_logger(__name__)


class SchemaTooNew(MagpieError):
    """The database was written by a newer Magpie."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__("schema-too-new", found=found, known=known)


async def migrate(migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """Runs the steps that have not run, in order; the version reached.

    A crash in a step runs that step again. Raises SchemaTooNew rather than touch what it does not know.
    """
    newest = len(migrations)
    version = (await insert_once(SchemaVersion(version=newest if await _is_fresh() else 0))).version
    if version > newest:
        raise SchemaTooNew(version, newest)
    for number in range(version, newest):
        _log.info("migrating", to=number + 1)
        await migrations[number]()
        await update_if(SchemaVersion, {"_id": "schema", "version": number}, {"version": number + 1})
    return newest


async def _is_fresh() -> bool:
    return await SchemaVersion.get("schema") is None and not await _has_documents()


async def _has_documents() -> bool:
    for kind in DOCUMENTS:
        if await kind.get_pymongo_collection().find_one({}, {"_id": 1}) is not None:
            return True
    return False
