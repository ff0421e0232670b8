"""Sources as documents keep them, and back."""

import hashlib

from models.downloads import SourceKind, SourceRecord, Torrent
from services.documents import insert_once
from services.downloads.port import (
    DownloadKey,
    Magnet,
    Source,
    SourceRejected,
    TorrentFile,
    WebLink,
    download_key,
)
from services.downloads.sources import read_link, read_magnet
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
    return _record(SourceKind.LINK, source.url, source)


async def recall(record: SourceRecord) -> Source:
    """The Source behind a record. Raises SourceRejected when its torrent is gone from the database."""
    if record.kind is SourceKind.TORRENT:
        torrent = await Torrent.get(record.value)
        if torrent is None:
            raise SourceRejected("torrent-malformed")
        return TorrentFile(torrent.metainfo, _infohash(torrent.id), record.name, record.trusted)
    if record.kind is SourceKind.MAGNET:
        # what it may not point at was taken out before it was saved
        return read_magnet(record.value, trusted=record.trusted, allow_private=True)
    link = read_link(record.value)
    return WebLink(link.url, record.name or link.name, record.trusted)


def key_of(record: SourceRecord) -> DownloadKey | None:
    """What a Download of it would be called; None for a magnet whose contents are not known yet."""
    if record.kind is SourceKind.TORRENT:
        return _infohash(record.value)
    if record.kind is SourceKind.LINK:
        return download_key(WebLink(record.value, record.name))
    return None


def _record(kind: SourceKind, value: str, source: Source) -> SourceRecord:
    return SourceRecord(kind=kind, value=value, name=source.name, trusted=source.trusted)


def _torrent_id(source: TorrentFile) -> str:
    """The same work may come with other trackers and web seeds, some of them only for whom they were meant."""
    variant = hashlib.blake2b(source.metainfo, digest_size=8).hexdigest()
    return f"{source.infohash}-{variant}"


def _infohash(torrent_id: str) -> str:
    return torrent_id.partition("-")[0]
