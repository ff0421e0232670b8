"""What stands behind a link: a torrent, a magnet, a message of Telegram's, or simply a file."""

import asyncio
from dataclasses import replace
from urllib.parse import urljoin

import httpx

from services.downloads.metainfo import MOST_BYTES
from services.downloads.port import (
    Magnet,
    Source,
    SourceRejected,
    SourceUnavailable,
    TelegramMessage,
    TorrentFile,
    WebLink,
)
from services.downloads.reading import SourceReader
from services.downloads.telegram import as_source, place_of
from services.failpoints import failpoint
from services.telegram.messages import Messages

_MOST_REDIRECTS = 5
_MOST_EXACT_SOURCES = 2
_SECONDS = 20.0
_TORRENT_TYPES = ("application/x-bittorrent", "application/octet-stream", "application/force-download")


class Resolver:
    """Looks behind links. `guarded` refuses private addresses; `open` serves links of the owner's own Indexers."""

    def __init__(
        self,
        reader: SourceReader,
        messages: Messages,
        *,
        guarded: httpx.AsyncClient,
        unguarded: httpx.AsyncClient,
    ) -> None:
        self._reader = reader
        self._messages = messages
        self._guarded = guarded
        self._unguarded = unguarded

    async def resolve(self, source: Source) -> Source:
        """A link becomes a TorrentFile or a Magnet where it leads to one; a magnet that names its .torrent becomes that.

        Raises SourceRejected, SourceUnavailable.
        """
        if isinstance(source, WebLink):
            return await self._behind(source)
        if isinstance(source, TelegramMessage):
            return source if source.unique_id else await self._looked_at(source)
        return await self._exact(source) if isinstance(source, Magnet) else source

    async def _looked_at(self, message: TelegramMessage) -> Source:
        """Which file it is: only then it is known whether somebody has ordered that."""
        with failpoint("downloads.look"), as_source():
            file = await self._messages.look(place_of(message))
        return replace(message, unique_id=file.unique_id, size=file.size)

    async def _exact(self, magnet: Magnet) -> Source:
        """The .torrent that a magnet names as its exact source (BEP 9): saves asking strangers. Else the magnet itself."""
        for url in httpx.URL(magnet.uri).params.get_list("xs")[:_MOST_EXACT_SOURCES]:
            try:
                found = await self._behind(self._link(url, magnet.name, trusted=magnet.trusted))
            except (SourceRejected, SourceUnavailable):
                continue
            if isinstance(found, TorrentFile) and found.infohash == magnet.infohash:
                return found
        return magnet

    async def _behind(self, link: WebLink) -> Source:
        try:
            async with asyncio.timeout(_SECONDS):
                with failpoint("downloads.resolve"):
                    return await self._follow(link)
        except httpx.InvalidURL as error:  # which a redirect leads to
            raise SourceRejected("link-malformed") from error
        except (TimeoutError, httpx.HTTPError) as error:
            raise SourceUnavailable("link-unreachable") from error

    async def _follow(self, link: WebLink) -> Source:
        """A trusted link is trusted only as long as it stays at the owner's Indexers: each step is judged anew."""
        step = link
        for _ in range(_MOST_REDIRECTS + 1):
            client = self._unguarded if step.trusted else self._guarded
            async with client.stream(
                "GET", step.url, headers={"Accept-Encoding": "identity"}, follow_redirects=False
            ) as response:
                if not response.has_redirect_location:
                    return await self._read(step if link.trusted else link, response)
                target = urljoin(step.url, response.headers["location"])
            if target.startswith("magnet:"):
                return await self._reader.magnet(target)
            step = self._link(target, link.name, trusted=step.trusted)
        raise SourceRejected("link-redirects")

    def _link(self, url: str, name: str, *, trusted: bool) -> WebLink:
        link = self._reader.link(url, name)
        return replace(link, trusted=trusted and link.trusted)

    async def _read(self, link: WebLink, response: httpx.Response) -> Source:
        if response.is_error:
            raise SourceUnavailable("link-status", status=response.status_code)
        if not _may_be_torrent(response):
            return link
        data = bytearray()
        # as it was sent: what a stranger has packed may unfold without end
        async for chunk in response.aiter_raw():
            data += chunk
            if not data.startswith(b"d") or len(data) > MOST_BYTES:
                return link
        return await self._reader.torrent(bytes(data))


def _may_be_torrent(response: httpx.Response) -> bool:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in _TORRENT_TYPES or response.url.path.endswith(".torrent")
