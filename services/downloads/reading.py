"""Reads Sources with what the owner allows: the one place that decides which may point into private networks.

Members, Indexers and torrents are strangers, all of them: a tracker's user may write any address into a torrent that the
owner's own Indexer passes on. Only links to the owner's Indexers may lead into private networks, and the torrents of the
simulator's samples.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar, cast
from urllib.parse import parse_qsl, urlsplit

from services.downloads.addresses import PrivateAddress, looks_private
from services.downloads.bencode import Value, decode_fields
from services.downloads.port import Magnet, Source, TorrentFile, WebLink
from services.downloads.sources import (
    read_link,
    read_magnet,
    read_source,
    read_torrent,
    without_private_hosts,
)

_ADDRESSES = (b"announce", b"announce-list", b"url-list", b"httpseeds", b"nodes")
_NO_ADDRESSES = {"xt", "dn", "xl"}
S = TypeVar("S", Magnet, TorrentFile)


class SourceReader:
    """`owner_addresses` are those of the owner's Indexers, `samples` those of the simulator's sample Indexer: torrents that
    name nobody else are its own. With `allow_private` everything may be private.
    """

    def __init__(
        self, owner_addresses: Iterable[str], *, samples: Iterable[str] = (), allow_private: bool
    ) -> None:
        self._owners = frozenset(filter(None, map(_origin, owner_addresses)))
        self._samples = frozenset(filter(None, map(_origin, samples)))
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
        if not link.startswith("magnet:"):
            return self.link(link, title)
        magnet = await self.magnet(link)
        # where it says nothing of itself, the Indexer did
        return replace(magnet, name=title) if magnet.name == magnet.infohash else magnet

    def link(self, url: str, title: str) -> WebLink:
        """A link that an Indexer gave; trusted when it leads to one of the owner's. Raises SourceRejected."""
        found = read_link(url)
        return WebLink(found.url, title, trusted=_origin(found.url) in self._owners)

    def strangers_link(self, url: str, title: str) -> WebLink:
        """A link in what a member named: it leads nowhere that a link of theirs may not. Raises SourceRejected."""
        found = read_link(url)
        host = urlsplit(found.url).hostname or ""
        if not self._allow_private and looks_private(host):
            raise PrivateAddress(host)
        return WebLink(found.url, title)

    async def _admitted(self, source: S) -> S:
        if self._allow_private:
            return source
        if self._is_sample(source):
            return replace(source, trusted=True)
        return cast("S", await without_private_hosts(source))

    def _is_sample(self, source: Magnet | TorrentFile) -> bool:
        addresses = {_origin(address) for address in _addresses(source)} if self._samples else set()
        return bool(addresses) and addresses <= self._samples


def _addresses(source: Magnet | TorrentFile) -> Iterator[str]:
    """Everything in it that an engine may talk to: URLs, and peers and nodes, which are none."""
    if isinstance(source, Magnet):
        parameters = parse_qsl(source.uri.partition("?")[2])
        yield from (value for name, value in parameters if name not in _NO_ADDRESSES)
        return
    fields = decode_fields(source.metainfo)
    for name in _ADDRESSES:
        if name in fields:
            yield from _texts(fields[name].value)


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    else:
        yield value.decode(errors="replace") if isinstance(value, bytes) else repr(value)


def _origin(url: str) -> str | None:
    """Scheme, host and port of a web address; None for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None
    return f"{parts.scheme}://{parts.hostname}:{port}"
