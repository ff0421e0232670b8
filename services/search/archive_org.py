"""The Internet Archive: its public search, and the torrent that every item has."""

import re
from collections.abc import AsyncIterator

import httpx
from pydantic import BaseModel, JsonValue, ValidationError

from models.search import Query, Release
from services.downloads.magnets import read_infohash
from services.search import door
from services.search.fields import read_iso_date, read_query, read_size, read_title
from services.search.port import IndexerBroken, Refusal

BASE = "https://archive.org"
PAGE_SIZE = 100
MOST_PAGES = 50
_FIELDS = ("identifier", "title", "item_size", "btih", "publicdate", "mediatype")
_CATEGORIES = {"movies": 2000, "audio": 3000, "etree": 3000, "software": 4000, "texts": 7000}
"""The Archive's media types as Torznab's categories."""
_HAS_TORRENT = 'format:"Archive BitTorrent"'

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}", re.ASCII)
_LUCENE = re.compile(r'([+\-&|!(){}\[\]^"~*?:\\/<>=])')
_OPERATOR = re.compile(r"\b(AND|OR|NOT|TO)\b")


class _Found(BaseModel):
    numFound: int  # noqa: N815 - the Archive's name
    docs: list[dict[str, JsonValue]]


class _Answer(BaseModel):
    response: _Found


class InternetArchiveIndexer:
    """Searches archive.org (or another `base` that answers as it does).

    `http` is borrowed; `seconds` is the most one request may take.
    Seeders are not known there: every torrent has the Archive itself as web seed.
    """

    def __init__(self, http: httpx.AsyncClient, base: str = BASE, *, seconds: float = door.SECONDS) -> None:
        self._http = http
        self._seconds = seconds
        self._base = base.rstrip("/")

    @property
    def name(self) -> str:
        return "Internet Archive"

    async def search(self, query: Query) -> AsyncIterator[Release]:
        """Yields Releases page after page. See the port for limits and errors."""
        rows = min(PAGE_SIZE, query.limit)
        seen: set[str] = set()
        for page in range(1, MOST_PAGES + 1):
            found = await self._request(query.text, rows, page)
            releases = [release for entry in found.docs if (release := self._release(entry)) is not None]
            fresh = {release.link: release for release in releases if release.link not in seen}
            for release in list(fresh.values())[: query.limit - len(seen)]:
                seen.add(release.link)
                yield release
            if not fresh or page * rows >= found.numFound or len(seen) >= query.limit:
                return

    async def check(self) -> str:
        """Asks for a single hit."""
        await self._request("", 1, 1)
        return self.name

    async def _request(self, text: str, rows: int, page: int) -> _Found:
        """The only door. Raises the port's errors."""
        url = httpx.URL(f"{self._base}/advancedsearch.php").copy_merge_params(
            {
                "q": lucene_query(text),
                "fl[]": list(_FIELDS),
                "rows": str(rows),
                "page": str(page),
                "output": "json",
            }
        )
        reply = await door.get(self._http, url, self.name, self._seconds)
        if reply.status != httpx.codes.OK:
            raise IndexerBroken(self.name) from Refusal(f"HTTP {reply.status}")
        try:
            return _Answer.model_validate_json(reply.body).response
        except ValidationError as error:
            raise IndexerBroken(self.name) from error

    def _release(self, entry: dict[str, JsonValue]) -> Release | None:
        identifier = _text(entry.get("identifier"))
        if not _IDENTIFIER.fullmatch(identifier):
            return None
        return Release(
            title=read_title(_text(entry.get("title"))) or identifier,
            link=f"{self._base}/download/{identifier}/{identifier}_archive.torrent",
            indexers=(self.name,),
            size=read_size(_text(entry.get("item_size"))),
            infohash=read_infohash(_text(entry.get("btih"))),
            page=f"{self._base}/details/{identifier}",
            published=read_iso_date(_text(entry.get("publicdate"))),
            category=_CATEGORIES.get(_text(entry.get("mediatype"))),
        )


def lucene_query(text: str) -> str:
    """All the words, none of them an operator, among the items that have a torrent."""
    words = _OPERATOR.sub(lambda match: match[0].lower(), read_query(text))
    escaped = _LUCENE.sub(r"\\\1", words)
    return f"({escaped}) AND {_HAS_TORRENT}" if escaped else _HAS_TORRENT


def _text(value: JsonValue) -> str:
    """A field as text: the Archive gives a list where an item has several values."""
    if isinstance(value, list):
        value = value[0] if value else None
    return str(value) if isinstance(value, str | int) else ""
