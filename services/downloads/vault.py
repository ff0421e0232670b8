"""Sources as documents keep them, and back."""

import hashlib

from models.downloads import SourceKind, SourceRecord, Torrent
from services.documents import insert_once
from services.downloads.magnets import addresses_in
from services.downloads.messages import read_address
from services.downloads.metainfo import readdressed
from services.downloads.port import (
    DownloadKey,
    Magnet,
    Source,
    SourceRejected,
    TelegramMessage,
    TorrentFile,
    WebLink,
)
from services.downloads.sources import read_link, read_magnet, read_torrent
from services.failpoints import failpoint


async def keep(source: Source) -> SourceRecord:
    """Saves what the Source carries; the record that finds it again."""
    if isinstance(source, TorrentFile):
        torrent = Torrent(id=_torrent_id(source), metainfo=source.metainfo)
        with failpoint("downloads.keep-torrent"):
            await insert_once(torrent)
        return _record(SourceKind.TORRENT, torrent.id, source)
    if isinstance(source, Magnet):
        return _record(SourceKind.MAGNET, source.uri, source)
    if isinstance(source, TelegramMessage):
        return _record(SourceKind.MESSAGE, source.address, source)
    return _record(SourceKind.LINK, source.url, source)


async def recall(record: SourceRecord) -> Source:
    """The Source behind a record. Raises SourceRejected when its torrent is gone from the database."""
    if record.kind is SourceKind.TORRENT:
        torrent = await Torrent.get(record.value)
        if torrent is None:
            raise SourceRejected("torrent-malformed")
        return TorrentFile(torrent.metainfo, torrent.infohash, record.name, record.trusted)
    if record.kind is SourceKind.MAGNET:
        # what it may not point at was taken out before it was saved
        return read_magnet(record.value, trusted=record.trusted, allow_private=True)
    if record.kind is SourceKind.MESSAGE:
        return read_address(record.value)
    link = read_link(record.value)
    return WebLink(link.url, record.name or link.name, record.trusted)


async def known(source: Source) -> Source:
    """A magnet becomes the torrent that anybody brought already, with the addresses of the magnet; else as it is."""
    if not isinstance(source, Magnet):
        return source
    found = await Torrent.find(_variants_of(source.infohash)).sort("_id").limit(1).to_list()
    if not found:
        return source
    torrent = read_torrent(found[0].metainfo, trusted=source.trusted, allow_private=True)
    return readdressed(torrent, trackers=addresses_in(source, "tr"), web_seeds=addresses_in(source, "ws"))


def _record(kind: SourceKind, value: str, source: Source) -> SourceRecord:
    return SourceRecord(kind=kind, value=value, name=source.name, trusted=source.trusted)


def _variants_of(infohash: DownloadKey) -> dict[str, dict[str, str]]:
    """What finds all that is saved of one torrent: a full stop comes right after the hyphen."""
    return {"_id": {"$gt": f"{infohash}-", "$lt": f"{infohash}."}}


def _torrent_id(source: TorrentFile) -> str:
    """The same work may come with other trackers and web seeds, some of them only for whom they were meant."""
    variant = hashlib.blake2b(source.metainfo, digest_size=8).hexdigest()
    return f"{source.infohash}-{variant}"
