"""The same words asked of the embedded database alone: by `$text`, and by a regular expression that may fit anywhere."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from benchmarks.library_queries import TWO, WORD
from bot.database import NAME
from models.library import Item
from services.library.reach import Reach
from services.library.shown import PAGE

_PATIENCE_MILLIS = 3_600_000
"""The bot would give up after 20 s."""
EXPRESSION, TEXT = "regular expression", "$text"
Where = dict[str, Any]


@dataclass
class Plain:
    """Milliseconds by the way and the sort of query: of the first page, and of the number of all that fit."""

    pages: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    counts: dict[tuple[str, str], float] = field(default_factory=dict)
    refused: str = ""
    """What the database says, if it knows no `$text`."""


class Asked:
    """Asks with the filter for what a member may see."""

    def __init__(self, client: AsyncMongoClient[dict[str, Any]], reach: Reach, most: int) -> None:
        self._items = client[NAME][Item.get_collection_name()]
        self._visible = visible(reach)
        self._most = most
        self.plain = Plain()

    async def by_expression(self, texts: Mapping[str, Sequence[str]]) -> None:
        for name in (WORD, TWO):
            await self._ask(EXPRESSION, name, [{"title": _expression(text)} for text in texts[name]])

    async def by_text(self, texts: Mapping[str, Sequence[str]]) -> None:
        """Only of titles: that is what the index of the database knows."""
        try:
            await self._items.create_index([("title", "text")])
            words = [{"$text": {"$search": f'"{text}"'}} for text in texts[WORD]]
            await self._ask(TEXT, WORD, words)
        except PyMongoError as error:
            self.plain.refused = str(error)

    async def _ask(self, way: str, name: str, words: Sequence[Where]) -> None:
        pages = self.plain.pages.setdefault((way, name), [])
        for each in words[: self._most]:
            begun = time.perf_counter()
            await self._items.find({**each, **self._visible}, {"_id": 1}).limit(PAGE).to_list()
            pages.append(1000 * (time.perf_counter() - begun))
        begun = time.perf_counter()
        await self._items.count_documents({**words[0], **self._visible})
        self.plain.counts[way, name] = 1000 * (time.perf_counter() - begun)


async def asked_plainly(url: str, texts: Mapping[str, Sequence[str]], reach: Reach, most: int) -> Plain:
    """The first of the texts of each sort."""
    client = AsyncMongoClient[dict[str, Any]](
        url,
        socketTimeoutMS=_PATIENCE_MILLIS,
        connectTimeoutMS=_PATIENCE_MILLIS,
        serverSelectionTimeoutMS=_PATIENCE_MILLIS,
    )
    async with client:
        asked = Asked(client, reach, most)
        await asked.by_expression(texts)
        await asked.by_text(texts)
        return asked.plain


def _expression(text: str) -> Mapping[str, str]:
    return {"$regex": ".*".join(map(re.escape, text.split())), "$options": "i"}


def visible(reach: Reach) -> Where:
    """What a member may see, but for groups: an embedded server that has an index of a field finds no null in it."""
    return {"removed_at": 0, "$or": [{"channel_id": reach.channel}, {"member_id": reach.member_id}]}
