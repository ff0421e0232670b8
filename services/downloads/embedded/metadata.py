"""Between libtorrent's structures and the port's words: contents, what a job is added with, resume data."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import libtorrent as lt
import structlog

from models.downloads import FileEntry
from services.downloads.embedded.records import TorrentRecord
from services.downloads.port import DownloadKey, SourceRejected

_log = structlog.get_logger(__name__)
_STAMPS = b"magpie-stamps"
_WANTED = 4
_UNWANTED = 0


def file_entries(info: lt.torrent_info) -> list[FileEntry]:
    """The files a person may choose, at the paths libtorrent gives them; padding is left out."""
    layout = info.layout()
    return [
        FileEntry(index=index, path=layout.file_path(index), size=layout.file_size(index))
        for index in range(layout.num_files())
        if not layout.file_flags(index) & lt.file_storage.flag_pad_file
    ]


def parse_metainfo(metainfo: bytes) -> lt.add_torrent_params:
    try:
        return lt.load_torrent_buffer(metainfo)
    except RuntimeError as exc:
        raise SourceRejected("torrent-malformed") from exc


def parse_magnet(uri: str) -> lt.add_torrent_params:
    try:
        return lt.parse_magnet_uri(uri)
    except RuntimeError as exc:
        raise SourceRejected("magnet-malformed") from exc


def metainfo_of(handle: lt.torrent_handle) -> bytes:
    """A .torrent from the metadata that peers sent, with the trackers and web seeds the magnet named."""
    params = lt.add_torrent_params()
    params.ti = handle.torrent_file()
    params.trackers = [str(tracker["url"]) for tracker in handle.trackers()]
    params.url_seeds = handle.url_seeds()
    return lt.bencode(cast("dict[bytes, Any]", lt.write_torrent_file(params)))


def key_of(hashes: lt.info_hash_t) -> DownloadKey:
    """The download key of a torrent in the session."""
    return str(hashes.v1 if hashes.has_v1() else hashes.get_best())


def priorities(wanted: Iterable[int], count: int) -> list[int]:
    chosen = set(wanted)
    return [_WANTED if index in chosen else _UNWANTED for index in range(count)]


def add_params(
    record: TorrentRecord, metainfo: bytes | None, resume: bytes | None = None
) -> lt.add_torrent_params:
    """How to add a job to the session. Resume data that does not fit is dropped: its files are then checked anew."""
    fresh = parse_metainfo(metainfo) if metainfo else parse_magnet(record.magnet or "")
    params = (_resumed(record, resume) if metainfo and resume else None) or fresh
    params.ti = fresh.ti
    params.save_path = str(record.folder)
    count = fresh.ti.num_files() if fresh.ti else max(record.wanted) + 1
    params.file_priorities = priorities(record.wanted, count)
    if fresh.ti and not set(record.wanted) <= {entry.index for entry in file_entries(fresh.ti)}:
        raise SourceRejected("no-such-file")
    return params


def _resumed(record: TorrentRecord, resume: bytes) -> lt.add_torrent_params | None:
    """Nothing when a file changed since: what was verified then says nothing about it now."""
    try:
        known = lt.bdecode(resume)
        params = lt.read_resume_data(resume)
    except RuntimeError as exc:
        _log.warning("resume data unreadable", key=record.key, problem=str(exc))
        return None
    then = cast("dict[bytes, Any]", known).get(_STAMPS) if isinstance(known, dict) else None
    if not isinstance(then, dict) or then != stamps(record.folder, then):
        return None
    return params if key_of(params.info_hashes) == record.key else None


def stamped(resume: Mapping[bytes, Any], folder: Path, paths: Iterable[str]) -> bytes:
    """Resume data that also says what the files looked like when it was saved."""
    seen: dict[bytes, Any] = stamps(folder, [path.encode() for path in paths])
    return lt.bencode({**resume, _STAMPS: seen})


def stamps(folder: Path, paths: Iterable[bytes]) -> dict[bytes, Any]:
    """Size and modification time (nanoseconds) of each file, an empty list for one that is missing."""
    return {path: _stamp(folder / path.decode()) for path in paths}


def _stamp(path: Path) -> list[int]:
    try:
        seen = path.stat()
    except OSError:
        return []
    return [seen.st_size, seen.st_mtime_ns]
