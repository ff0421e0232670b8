"""Conditional updates: the one way in which documents change after they were inserted."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar, cast

import structlog
from beanie import Document
from pydantic import BaseModel
from pymongo import InsertOne, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

from services.tasks import heed_cancellation

_AWAY_SECONDS = 2.0
_DUPLICATE = 11_000
"""MongoDB's code for an id that is there already."""
_log = structlog.get_logger(__name__)
D = TypeVar("D", bound=Document)
Result = TypeVar("Result")
Where = Mapping[str, Any]


def plain(value: object) -> Any:  # noqa: ANN401 - what BSON can hold has no narrower type
    """A value as the database keeps it: models as documents, enums as text."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return value


def load(kind: type[D], stored: Mapping[str, Any]) -> D:
    """The document that was read as a plain mapping."""
    return cast("D", kind.model_validate({**stored, "id": stored["_id"]}))


async def insist(ask: Callable[[], Awaitable[Result]]) -> Result:
    """What `ask` brings, however long the database is away: for what has to be known before anything can begin."""
    while True:
        heed_cancellation()
        try:
            return await ask()
        except PyMongoError as error:
            _log.warning("database-away", error=str(error))
            await asyncio.sleep(_AWAY_SECONDS)


async def insert_once(document: D) -> D:
    """Inserts it, or gives back the one that is there under the same id: so a repeated step makes nothing twice."""
    try:
        await document.insert()
        heed_cancellation()
    except DuplicateKeyError:
        found = await type(document).get(document.id)
        if found is None:
            raise
        return found
    return document


async def insert_new(documents: Sequence[Document]) -> None:
    """Inserts at least one document, all in one call; those that are there already under their ids stay as they are."""
    operations = [InsertOne(_stored(document)) for document in documents]
    try:
        await type(documents[0]).get_pymongo_collection().bulk_write(operations, ordered=False)
    except BulkWriteError as error:
        if any(each["code"] != _DUPLICATE for each in error.details["writeErrors"]):
            raise
    heed_cancellation()


def _stored(document: Document) -> dict[str, Any]:
    fields = document.model_dump(exclude={"id"})
    return {"_id": document.id, **{name: plain(value) for name, value in fields.items()}}


async def update_if(
    kind: type[D],
    where: Where,
    changes: Mapping[str, object],
    *,
    increase: Mapping[str, int] | None = None,
    sort: list[tuple[str, int]] | None = None,
) -> D | None:
    """One atomic conditional update: the new document, or None when none was as `where` expects."""
    update: dict[str, Any] = {"$set": {name: plain(value) for name, value in changes.items()}}
    if increase:
        update["$inc"] = dict(increase)
    stored = await kind.get_pymongo_collection().find_one_and_update(
        plain(where), update, sort=sort, return_document=ReturnDocument.AFTER
    )
    heed_cancellation()
    return None if stored is None else load(kind, stored)


async def update_each(kind: type[Document], updates: Sequence[tuple[Where, Mapping[str, object]]]) -> None:
    """At least one conditional update, all in one call, each by itself: where a document is not as expected, it stays."""
    operations = [UpdateOne(plain(where), {"$set": plain(changes)}) for where, changes in updates]
    await kind.get_pymongo_collection().bulk_write(operations, ordered=False)
    heed_cancellation()


async def put_each(documents: Sequence[Document]) -> None:
    """Puts documents of one kind there, each by itself: as they are, whatever stood under their ids before. Repeatable."""
    if not documents:
        return
    operations = []
    for document in documents:
        stored = _stored(document)
        stored.pop("revision_id", None)
        operations.append(UpdateOne({"_id": stored.pop("_id")}, {"$set": stored}, upsert=True))
    await type(documents[0]).get_pymongo_collection().bulk_write(operations)
    heed_cancellation()


async def update_all(kind: type[D], where: Where, changes: Mapping[str, object]) -> int:
    """Changes every document that is as `where` expects; how many there were."""
    update = {"$set": {name: plain(value) for name, value in changes.items()}}
    result = await kind.get_pymongo_collection().update_many(plain(where), update)
    heed_cancellation()
    return int(result.modified_count)
