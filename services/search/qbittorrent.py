"""qBittorrent's search plugins, as one more Indexer: qBittorrent runs them, its Web API tells what they find."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import ParamSpec, TypeVar

import qbittorrentapi
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.search import Query, Release
from services.downloads.magnets import read_magnet
from services.downloads.port import DownloaderRefused, DownloaderUnreachable, SourceRejected
from services.downloads.qbittorrent_api import QBittorrentApi
from services.search.fields import (
    read_page_address,
    read_people,
    read_query,
    read_size,
    read_title,
    read_web_address,
)
from services.search.port import IndexerBroken, IndexerBusy, IndexerError, IndexerRejected

P = ParamSpec("P")
T = TypeVar("T")
_AT_ONCE = 5
"""qBittorrent refuses more searches of one session."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0
_FAREWELL_SECONDS = 3.0
_NEEDS_PYTHON = "Python"


class _Plugin(BaseModel):
    name: str = Field(alias="fullName")
    enabled: bool


class _Begun(BaseModel):
    id: int


class _Found(BaseModel):
    """One result as qBittorrent tells it; numbers that are not known are negative."""

    model_config = ConfigDict(populate_by_name=True)

    name: str = Field(alias="fileName")
    link: str = Field(alias="fileUrl")
    size: int = Field(-1, alias="fileSize")
    seeders: int = Field(-1, alias="nbSeeders")
    leechers: int = Field(-1, alias="nbLeechers")
    page: str = Field("", alias="descrLink")
    seconds: int = Field(-1, alias="pubDate")


class _Results(BaseModel):
    results: list[_Found]
    status: str


class QBittorrentIndexer:
    """Searches with the plugins that are enabled in qBittorrent; without any, nothing is found."""

    def __init__(self, api: QBittorrentApi) -> None:
        self._api = api
        self._turn = asyncio.Semaphore(_AT_ONCE)

    @property
    def name(self) -> str:
        return "qBittorrent"

    async def search(self, query: Query) -> AsyncIterator[Release]:
        """Yields Releases as plugins find them, each link once. See the port for limits and errors."""
        if not await self._plugins():
            return
        async with self._turn:
            search = await self._begin(read_query(query.text))
            try:
                async for release in self._follow(search, query.limit):
                    yield release
            finally:
                await self._end(search)

    async def check(self) -> str:
        """Asks which plugins there are; their names."""
        return read_title(", ".join(await self._plugins())) or self.name

    async def _plugins(self) -> Sequence[str]:
        """The names of those that are enabled."""
        answer = await self._ask(self._api.client.search_plugins)
        plugins = [_read(self.name, _Plugin, plugin) for plugin in answer]
        return [plugin.name for plugin in plugins if plugin.enabled]

    async def _begin(self, text: str) -> int:
        start = self._api.client.search_start
        answer = await self._ask(start, pattern=text, plugins="enabled", category="all")
        return _read(self.name, _Begun, answer).id

    async def _follow(self, search: int, limit: int) -> AsyncIterator[Release]:
        seen: set[str] = set()
        offset, pause = 0, _FIRST_PAUSE
        while True:
            found = await self._results(search, offset, limit)
            offset += len(found.results)
            for release in filter(None, map(self._release, found.results)):
                if release.link not in seen and len(seen) < limit:
                    seen.add(release.link)
                    yield release
            if len(seen) >= limit or (found.status != "Running" and not found.results):
                return
            if not found.results:
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def _results(self, search: int, offset: int, limit: int) -> _Results:
        results = self._api.client.search_results
        answer = await self._ask(results, search_id=search, limit=limit, offset=offset)
        return _read(self.name, _Results, answer)

    async def _end(self, search: int) -> None:
        """Has qBittorrent forget a search; it takes room there until it does."""
        with suppress(IndexerError, TimeoutError):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await self._ask(self._api.client.search_delete, search_id=search)

    async def _ask(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The only door. Raises the port's errors."""
        try:
            return await self._api.attempt(function, *args, **kwargs)
        except DownloaderUnreachable as error:
            raise IndexerBusy(self.name) from error
        except DownloaderRefused as error:
            broken = error.key == "engine-answers-nonsense"
            raise (IndexerBroken if broken else IndexerRejected)(self.name) from error
        except qbittorrentapi.Conflict409Error as error:
            # either it has no Python to run plugins with, or too many searches are going on
            refused = _NEEDS_PYTHON in str(error)
            raise (IndexerRejected if refused else IndexerBusy)(self.name) from error
        except (qbittorrentapi.HTTP4XXError, ValueError) as error:
            # ValueError: the client cannot even read its version
            raise IndexerBroken(self.name) from error

    def _release(self, found: _Found) -> Release | None:
        title = read_title(found.name)
        link, infohash = _link(found.link)
        if not title or link is None:
            return None
        return Release(
            title=title,
            link=link,
            indexers=(self.name,),
            size=read_size(str(found.size)),
            seeders=read_people(str(found.seeders)),
            leechers=read_people(str(found.leechers)),
            infohash=infohash,
            page=read_page_address(found.page),
            published=found.seconds * 1000 if 0 < found.seconds < 1 << 32 else None,
        )


M = TypeVar("M", bound=BaseModel)


def _read(indexer: str, kind: type[M], answer: object) -> M:
    try:
        return kind.model_validate(answer)
    except ValidationError as error:
        raise IndexerBroken(indexer) from error


def _link(text: str) -> tuple[str | None, str | None]:
    """A magnet with its infohash, or a web address."""
    if not text.lower().startswith("magnet:"):
        return read_web_address(text), None
    try:
        magnet = read_magnet(text, trusted=True)
    except SourceRejected:
        return None, None
    return magnet.uri, magnet.infohash
