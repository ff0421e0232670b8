"""Reads Sources with what the owner allows: the one place that decides which may point into private networks.

Members, Indexers and torrents are strangers, all of them: a tracker's user may write any address into a torrent that the
owner's own Indexer passes on. Only addresses at the owner's Indexers themselves may be private.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar, cast
from urllib.parse import parse_qsl, urlsplit

from services.downloads import magnets, metainfo
from services.downloads.addresses import looks_private
from services.downloads.bencode import Value, decode_fields
from services.downloads.port import Magnet, Source, TorrentFile, WebLink
from services.downloads.sources import (
    read_link,
    read_magnet,
    read_source,
    read_torrent,
    without_private_hosts,
)

_NOT_ADDRESSES = b"info"
S = TypeVar("S", Magnet, TorrentFile)


class SourceReader:
    """`owner_addresses` are those of the owner's Indexers; with `allow_private` everything may be private."""

    def __init__(self, owner_addresses: Iterable[str], *, allow_private: bool) -> None:
        self._owners = frozenset(_origin(address) for address in owner_addresses)
        self._allow_private = allow_private

    async def text(self, text: str) -> Source | None:
        """The Source that a member's text is; None when it is none. Raises SourceRejected."""
        return await read_source(text, allow_private=self._allow_private)

    async def torrent(self, data: bytes) -> TorrentFile:
        """A .torrent, from whomever. Raises SourceRejected."""
        torrent = await asyncio.to_thread(read_torrent, data, allow_private=True)
        return await self._admitted(torrent)

    async def magnet(self, uri: str) -> Magnet:
        """A magnet, from whomever. Raises SourceRejected."""
        return await self._admitted(read_magnet(uri, allow_private=True))

    async def hit(self, link: str, title: str) -> Source:
        """What a search hit links to; a link at the owner's own Indexer may be private. Raises SourceRejected."""
        return await self.magnet(link) if link.startswith("magnet:") else self.link(link, title)

    def link(self, url: str, title: str) -> WebLink:
        """A link that an Indexer gave; trusted when it leads to one of the owner's. Raises SourceRejected."""
        found = read_link(url)
        return WebLink(found.url, title, trusted=_origin(found.url) in self._owners)

    async def _admitted(self, source: S) -> S:
        if self._allow_private:
            return source
        if self._is_at_owners(source):
            return replace(source, trusted=True)
        return cast("S", await without_private_hosts(source))

    def _is_at_owners(self, source: Magnet | TorrentFile) -> bool:
        """Whether there are private addresses in it, each of them at one of the owner's Indexers."""
        hosts = magnets.hosts_in(source) if isinstance(source, Magnet) else metainfo.hosts_in(source)
        private = {host for host in hosts if looks_private(host)}
        known = {urlsplit(origin).hostname for origin in self._owners}
        strange = [url for url in _urls(source) if _is_private(url) and _origin(url) not in self._owners]
        return bool(private) and private <= known and not strange


def _urls(source: Magnet | TorrentFile) -> Iterator[str]:
    if isinstance(source, Magnet):
        yield from (value for _, value in parse_qsl(source.uri.partition("?")[2]) if "://" in value)
        return
    for name, field in decode_fields(source.metainfo).items():
        if name != _NOT_ADDRESSES:
            yield from _texts(field.value)


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, bytes):
        text = value.decode(errors="replace")
        if "://" in text:
            yield text
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _is_private(url: str) -> bool:
    host = urlsplit(url).hostname
    return host is None or looks_private(host)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or default}"
