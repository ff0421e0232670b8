"""Torznab, as Prowlarr and Jackett speak it."""

import asyncio
from collections.abc import AsyncIterator
from xml.etree.ElementTree import Element

import httpx

from models.search import Query, Release
from services.search import door
from services.search.fields import read_query
from services.search.port import IndexerBroken, IndexerBusy, IndexerError, IndexerRejected, Refusal
from services.search.torznab_documents import (
    Capabilities,
    NotTorznab,
    Page,
    error_code,
    parse,
    read_capabilities,
    read_page,
)

MOST_PAGES = 50
_LONG = 512 * 1024

_ACCOUNT_ERRORS = range(100, 200)
_DISABLED = frozenset({410, 910})
_LIMITS = frozenset({429, 500, 501})
_UNKNOWN_ERROR = 900


class TorznabIndexer:
    """One Torznab address, such as `http://host/1/api?apikey=KEY`; what stands in its query goes with every request.

    `http` is borrowed; `seconds` is the most one request may take. Raises ValueError for an address that is none, without repeating it: it may hold a key.
    """

    def __init__(
        self, name: str, url: str, http: httpx.AsyncClient, *, seconds: float = door.SECONDS
    ) -> None:
        self._name = name
        self._seconds = seconds
        self._url = _address(name, url)
        self._http = http
        self._known: Capabilities | None = None

    @property
    def name(self) -> str:
        return self._name

    async def search(self, query: Query) -> AsyncIterator[Release]:
        """Yields Releases page after page, each link once. See the port for limits and errors."""
        page_size = (await self._capabilities()).page_size
        seen: set[str] = set()
        offset = 0
        for _ in range(MOST_PAGES):
            wanted = min(page_size, query.limit - len(seen))
            root = await self._request(
                t="search", q=read_query(query.text), limit=str(wanted), offset=str(offset)
            )
            page = self._read_page(root, query.limit - len(seen))
            fresh = {release.link: release for release in page.releases if release.link not in seen}
            for release in list(fresh.values())[: query.limit - len(seen)]:
                seen.add(release.link)
                yield release
            offset += page.items
            # Servers that ignore `offset` send the first page again: nothing fresh is an end, too.
            last = page.items < wanted if page.total is None else offset >= page.total
            if last or not fresh or len(seen) >= query.limit:
                return

    async def check(self) -> str:
        """Asks for the capabilities, and returns the server's title."""
        self._known = None
        return (await self._capabilities()).title or self._name

    async def _capabilities(self) -> Capabilities:
        if self._known is None:
            root = await self._request(t="caps")
            try:
                self._known = read_capabilities(root)
            except NotTorznab as error:
                raise IndexerBroken(self._name) from error
        return self._known

    def _read_page(self, root: Element, most: int) -> Page:
        try:
            return read_page(root, self._name, most)
        except NotTorznab as error:
            raise IndexerBroken(self._name) from error

    async def _request(self, **parameters: str) -> Element:
        """The only door. Raises the port's errors, for error documents too."""
        reply = await door.get(self._http, self._url.copy_merge_params(parameters), self._name, self._seconds)
        root = await self._parsed(reply.body)
        code = error_code(root)
        if code is not None:
            raise self._refusal(code, reply) from Refusal(f"error {code}")
        if reply.status != httpx.codes.OK:
            raise IndexerBroken(self._name) from Refusal(f"HTTP {reply.status}")
        return root

    async def _parsed(self, body: bytes) -> Element:
        """A long answer is parsed in a thread: nobody else is to wait for it."""
        try:
            return parse(body) if len(body) <= _LONG else await asyncio.to_thread(parse, body)
        except NotTorznab as error:
            raise IndexerBroken(self._name) from error

    def _refusal(self, code: int, reply: door.Reply) -> IndexerError:
        """What an error document's code asks of the caller."""
        if code in _LIMITS:
            return IndexerRejected(self._name, reply.rest_until)
        if code in _ACCOUNT_ERRORS or code in _DISABLED:
            return IndexerRejected(self._name)
        if code == _UNKNOWN_ERROR:
            return IndexerBusy(self._name)
        return IndexerBroken(self._name)


def _address(name: str, url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
        usable = address.scheme in {"http", "https"} and bool(address.host)
    except (httpx.InvalidURL, ValueError):
        usable = False
    if not usable:
        raise ValueError(f"the address of the indexer {name} is not an http(s) address")
    return address.copy_with(fragment=None)
