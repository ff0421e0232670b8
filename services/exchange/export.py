"""Writes down what the library is made of, line by line, without holding more than a little of it."""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from beanie import Document
from pydantic import ValidationError

from models.access import Member
from models.clock import now
from models.intake import Intake
from models.library import Alert, Collection, Favourite, Item
from models.storage import Copy
from services.documents import Where
from services.exchange.lines import (
    MOST_BYTES,
    SCHEMA,
    VERSION,
    AlertLine,
    ChannelLine,
    CollectionLine,
    Content,
    CopyLine,
    FavouriteLine,
    FileLine,
    FooterLine,
    HeaderLine,
    ItemLine,
    MemberLine,
    as_bytes,
)

_BATCH = 1000
_log = structlog.get_logger(__name__)
Write = Callable[[bytes], object]


@dataclass(frozen=True)
class _Sort:
    kind: str
    documents: type[Document]
    line: type[Content]
    where: Where


_SORTS: Sequence[_Sort] = (
    _Sort("member", Member, MemberLine, {}),
    _Sort("item", Item, ItemLine, {}),
    # what is still on its way belongs to an order, and orders stay where they are
    _Sort("copy", Copy, CopyLine, {"stored": True}),
    _Sort("favourite", Favourite, FavouriteLine, {}),
    _Sort("collection", Collection, CollectionLine, {}),
    _Sort("alert", Alert, AlertLine, {}),
    _Sort("channel", Intake, ChannelLine, {"opened": True}),
)
"""In this order; of each the lowest id first, so that two exports of the same are the same."""


@dataclass
class Exported:
    """What was written, and the ids of what could not be: no importer would take it."""

    count: int
    left_out: Sequence[str]


class _Paper:
    """Counts and sums up what is written."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._sum = hashlib.sha256()
        self.lines = 0

    def line(self, line: bytes) -> None:
        self._sum.update(line)
        self._write(line)
        self.lines += 1

    def footer(self) -> FooterLine:
        return FooterLine(kind="footer", count=self.lines - 1, sha256=self._sum.hexdigest())


async def export(write: Write) -> Exported:
    """Has every line written, the header first and the footer last."""
    paper, left_out = _Paper(write), list[str]()
    paper.line(as_bytes(HeaderLine(kind="header", format=SCHEMA, version=VERSION, made_at=now())))
    for sort in _SORTS:
        async for stored in _stored(sort):
            line = _line(sort, stored)
            if line is None:
                left_out.append(str(stored["_id"]))
            else:
                paper.line(line)
    count = paper.lines - 1
    paper.line(as_bytes(paper.footer()))
    return Exported(count, left_out)


async def _stored(sort: _Sort) -> AsyncIterator[Mapping[str, Any]]:
    fields = {name: 1 for name in sort.line.model_fields if name not in {"kind", "id"}}
    found = sort.documents.get_pymongo_collection().find(dict(sort.where), fields, batch_size=_BATCH)
    async for stored in found.sort("_id", 1):
        yield stored


def _line(sort: _Sort, stored: Mapping[str, Any]) -> bytes | None:
    """None: it is not as documents are, and nobody could take it in again."""
    known = {name: value for name, value in stored.items() if name != "_id"}
    values = {"kind": sort.kind, "id": stored["_id"], **known}
    if isinstance(files := values.get("files"), list):
        values["files"] = [_file(file) if isinstance(file, Mapping) else file for file in files]
    try:
        line = as_bytes(sort.line.model_validate(values))
    except ValidationError as error:
        _log.warning("not-exported", id=stored["_id"], error=str(error.errors(include_input=False)))
        return None
    return line if len(line) <= MOST_BYTES else None


def _file(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where it lay on a disk while it was worked on concerns nobody."""
    return {name: stored[name] for name in FileLine.model_fields if name in stored}
