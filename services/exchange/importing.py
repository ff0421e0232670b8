"""Takes an exported archive in: what is not here yet is added, and nothing that is here is changed."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bson
from beanie import Document
from pymongo.errors import BulkWriteError

from models.access import Member, Role
from models.clock import now
from models.library import Alert, Collection, Favourite, Item
from models.storage import Copy
from services.exchange.lines import (
    AlertLine,
    CollectionLine,
    Content,
    CopyLine,
    FavouriteLine,
    ItemLine,
    MemberLine,
)
from services.exchange.reading import Reader, Wrong
from services.failpoints import failpoint
from services.intake.channels import opened_by_nobody

_BATCH = 500
_BATCH_BYTES = 4 * 1024 * 1024
_MOST_DOCUMENT_BYTES = 16 * 1024 * 1024 - 64 * 1024
_DUPLICATE = 11000
Tell = Callable[[Wrong], object]


@dataclass(frozen=True)
class _Fresh:
    """A document as the database keeps it, and about how many bytes it has there."""

    kind: str
    documents: type[Document]
    values: Mapping[str, Any]
    size: int


@dataclass
class Imported:
    """What came in, and what was here already, by kind; how many lines were wrong; what is wrong with the whole."""

    added: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    damage: str | None = None

    @property
    def is_sound(self) -> bool:
        return not self.wrong and self.damage is None


def look_through(path: Path, tell: Tell) -> Imported:
    """Only reads it, and takes nothing in. Raises NotAnExport, OSError."""
    found = Imported()
    for _ in _documents(Reader(path), found, tell):
        pass
    return found


async def take_in(path: Path, tell: Tell) -> Imported:
    """Adds what is not here yet, and tells of each line that cannot be added. Repeatable, wherever it was ended.

    Raises NotAnExport, OSError.
    """
    found = Imported()
    for batch in _batches(_documents(Reader(path), found, tell)):
        await _add(batch, found)
    return found


def _documents(reader: Reader, found: Imported, tell: Tell) -> Iterator[_Fresh]:
    for number, line in enumerate(reader.lines(), 2):
        fresh = line if isinstance(line, Wrong) else _document(line)
        if isinstance(fresh, _Fresh) and fresh.size > _MOST_DOCUMENT_BYTES:
            fresh = Wrong(number, "it is larger than a database takes")
        if isinstance(fresh, Wrong):
            found.wrong += 1
            tell(fresh)
        else:
            yield fresh
    found.damage = reader.damage


def _batches(documents: Iterator[_Fresh]) -> Iterator[Sequence[_Fresh]]:
    """Some of one kind at a time, never more than a little memory holds."""
    batch, size = list[_Fresh](), 0
    for fresh in documents:
        is_full = len(batch) == _BATCH or size + fresh.size > _BATCH_BYTES
        if batch and (is_full or fresh.kind != batch[0].kind):
            yield batch
            batch, size = [], 0
        batch.append(fresh)
        size += fresh.size
    if batch:
        yield batch


def _document(line: Content) -> _Fresh:
    said = line.model_dump(exclude={"kind"})
    document: Document
    if isinstance(line, MemberLine):
        document = Member(**said)
    elif isinstance(line, ItemLine):
        files = [{**file, "path": ""} for file in said["files"]]
        # the index takes what has changed
        document = Item(**{**said, "files": files, "changed_at": now()})
    elif isinstance(line, CopyLine):
        document = Copy(**said, stored=True)
    elif isinstance(line, FavouriteLine):
        document = Favourite(**said)
    elif isinstance(line, AlertLine):
        document = Alert(**said)
    elif isinstance(line, CollectionLine):
        document = Collection(**said)
    else:
        document = opened_by_nobody(said.pop("id"), said.pop("channel_id"), **said)
    values = {
        "_id": line.id,
        **document.model_dump(mode="json", exclude={"id", "revision_id"}),
    }
    return _Fresh(line.kind, type(document), values, len(bson.encode(values)))


async def _add(batch: Sequence[_Fresh], found: Imported) -> None:
    """All in one call, each by itself: where one is there already, it stays."""
    kind, documents = batch[0].kind, [fresh.values for fresh in batch]
    if kind == "member":
        documents = [await _rightful(values) for values in documents]
    known = 0
    with failpoint("exchange.insert"):
        try:
            await batch[0].documents.get_pymongo_collection().insert_many(documents, ordered=False)
        except BulkWriteError as error:
            known = _already_there(error)
    found.known[kind] += known
    found.added[kind] += len(batch) - known


def _already_there(error: BulkWriteError) -> int:
    """How many. Raises the error when anything else was the matter with one of them."""
    errors = error.details["writeErrors"]
    if error.details.get("writeConcernErrors") or any(each["code"] != _DUPLICATE for each in errors):
        raise error
    return len(errors)


async def _rightful(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A Magpie has one owner: who was it elsewhere is a member here, unless there is none yet."""
    if values["role"] != Role.OWNER or await Member.find_one({"role": Role.OWNER.value}) is None:
        return values
    return {**values, "role": Role.MEMBER.value}
