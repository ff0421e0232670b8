"""The qBittorrent downloader.

A job is a torrent in the category `magpie` that has its key as a tag; whatever else is in a shared qBittorrent is read
and never changed. A torrent is added stopped, its files are chosen, then it is started, so that no file is begun that
nobody wants.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import qbittorrentapi

from services.downloads.blocking import KeyLocks, patience
from services.downloads.paths import PathMapping
from services.downloads.port import (
    Activity,
    Contents,
    DownloaderRefused,
    DownloaderUnreachable,
    DownloadKey,
    EngineHealth,
    Magnet,
    NotOurs,
    Progress,
    Selection,
    Source,
    SourceRejected,
    SourceUnavailable,
    TorrentFile,
    WrongEngine,
)
from services.downloads.qbittorrent_api import CATEGORY, LOOKING, NAME, Entry, File, QBittorrentApi
from services.downloads.sources import contents_of, read_torrent

_OLDEST_API = (2, 8, 15)
"""qBittorrent 4.5: it can stop a magnet as soon as its metadata is there, and export it."""
_POLL_SECONDS = 0.2
_NO_LIMIT = -1
_COMPLETE = {"uploading", "forcedUP", "stalledUP", "queuedUP", "pausedUP", "stoppedUP"}
_PAUSED = {"pausedDL", "stoppedDL"}
_FAILED = {"error": "engine-error", "missingFiles": "files-gone"}


class QBittorrentDownloader:
    """qBittorrent's Web API at `url`.

    `call_seconds` bounds every request, `metadata_seconds` the search for a magnet's metadata.
    """

    name = NAME

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        *,
        mapping: PathMapping | None = None,
        call_seconds: float = 15.0,
        metadata_seconds: float = 60.0,
    ) -> None:
        self._api = QBittorrentApi(url, username, password, seconds=call_seconds)
        self._mapping = mapping or PathMapping()
        self._metadata_seconds = metadata_seconds
        self._locks = KeyLocks()
        self._totals: dict[DownloadKey, int] = {}
        self._complete: set[DownloadKey] = set()

    @property
    def api(self) -> QBittorrentApi:
        """Its door, for whoever else has something to ask: log-ins are counted there."""
        return self._api

    def takes(self, source: Source) -> bool:
        return isinstance(source, Magnet | TorrentFile)

    async def inspect(self, source: Source) -> Contents:
        if isinstance(source, TorrentFile):
            return contents_of(source)
        magnet = _magnet(source)
        async with self._locks[magnet.infohash]:
            torrent = await self._metadata(magnet)
        return replace(contents_of(torrent), metainfo=torrent.metainfo)

    async def add(self, key: DownloadKey, source: Source, files: Selection, folder: Path) -> None:
        async with self._locks[key]:
            entry = await self._api.find(key)
            if entry is not None and not entry.ours and not entry.looked_into:
                raise NotOurs(NAME)
            if entry is None or entry.looked_into:
                torrent = source if isinstance(source, TorrentFile) else await self._metadata(_magnet(source))
                _check(files, await asyncio.to_thread(_indexes, torrent.metainfo))
                entry = await self._add_stopped(key, torrent, folder)
            await self._choose(entry, files)
            await self._api.call(self._api.client.torrents_start, entry.hash)
            await self._until_told(entry)

    async def progress(self) -> Mapping[DownloadKey, Progress]:
        entries = await self._api.entries()
        ours = {entry.key: await self._told(entry) for entry in entries if entry.ours}
        looked_into = {e.key: Progress(Activity.METADATA, 0, None) for e in entries if e.looked_into}
        return ours | looked_into

    async def files(self, key: DownloadKey) -> Mapping[int, Path]:
        entry = await self._api.find(key)
        if entry is None or not entry.ours:
            return {}
        files = await self._files(entry, await self._order(entry))
        return {index: self._path(entry, file) for index, file in files.items() if file.priority}

    async def pause(self, key: DownloadKey) -> None:
        async with self._locks[key]:
            entry = await self._api.find(key)
            if entry is not None and entry.ours:
                await self._api.call(self._api.client.torrents_stop, entry.hash)

    async def resume(self, key: DownloadKey) -> None:
        async with self._locks[key]:
            entry = await self._api.find(key)
            if entry is not None and entry.ours:
                await self._api.call(self._api.client.torrents_start, entry.hash)

    async def remove(self, key: DownloadKey, *, with_files: bool) -> None:
        async with self._locks[key]:
            entry = await self._api.find(key)
            if entry is None or not (entry.ours or entry.looked_into):
                return
            paths = [self._path(entry, file) for file in await self._api.files(entry.hash)]
            await self._delete(entry, with_files=with_files)
            if with_files:
                await _until_gone(paths)

    async def health(self) -> EngineHealth:
        client = self._api.client
        try:
            version = await self._api.call(client.app_version)
            api = await self._api.call(client.app_web_api_version)
        except (DownloaderUnreachable, DownloaderRefused) as error:
            return EngineHealth(ok=False, problem=error.key)
        if not _new_enough(api):
            return EngineHealth(ok=False, version=version, problem="engine-too-old")
        return EngineHealth(ok=True, version=version)

    async def close(self) -> None:
        self._api.close()

    # -- jobs --------------------------------------------------------------------------------------------------

    async def _add_stopped(self, key: DownloadKey, torrent: TorrentFile, folder: Path) -> Entry:
        try:
            await self._api.attempt(
                self._api.client.torrents_add,
                torrent_files=torrent.metainfo,
                save_path=self._mapping.theirs(folder),
                use_download_path=False,
                use_auto_torrent_management=False,
                content_layout="Original",
                category=CATEGORY,
                tags=key,
                # how long it seeds is decided above this engine
                ratio_limit=_NO_LIMIT,
                seeding_time_limit=_NO_LIMIT,
                is_stopped=True,
            )
        except qbittorrentapi.UnsupportedMediaType415Error as error:
            raise SourceRejected("torrent-malformed") from error
        except qbittorrentapi.Conflict409Error as error:
            raise NotOurs(NAME) from error
        entry = await self._appeared(key)
        if not entry.ours:
            raise NotOurs(NAME)
        return entry

    async def _appeared(self, key: DownloadKey) -> Entry:
        async with patience(NAME):
            while True:
                entry = await self._api.find(key, max_age=_POLL_SECONDS)
                if entry is not None:
                    return entry
                await asyncio.sleep(_POLL_SECONDS)

    async def _choose(self, entry: Entry, wanted: Selection) -> None:
        order = await self._order(entry)
        _check(wanted, order)
        files = await self._files(entry, order)
        self._complete.discard(entry.key)
        self._totals[entry.key] = sum(file.size for index, file in files.items() if index in wanted)
        on = [file.index for index, file in files.items() if index in wanted and not file.priority]
        off = [file.index for index, file in files.items() if index not in wanted and file.priority]
        for indexes, priority in ((on, 1), (off, 0)):
            if indexes:
                await self._api.call(self._api.client.torrents_file_priority, entry.hash, indexes, priority)

    async def _until_told(self, entry: Entry) -> None:
        """Waits until `sync/maindata` tells that the torrent was started: it lags by a second or two."""
        async with patience(NAME):
            while True:
                told = await self._api.find(entry.key, max_age=_POLL_SECONDS)
                if told is None or told.state not in _PAUSED:
                    return
                await asyncio.sleep(_POLL_SECONDS)

    async def _really_complete(self, entry: Entry) -> bool:
        """Asks for the files once when a torrent first passes for complete: right after a file more was chosen it still
        does, because `sync/maindata` lags.
        """
        if entry.key not in self._complete:
            files = [file for file in await self._api.files(entry.hash) if file.priority]
            if not files or any(file.progress < 1 for file in files):
                return False
            self._complete.add(entry.key)
            self._totals[entry.key] = sum(file.size for file in files)
        return True

    async def _told(self, entry: Entry) -> Progress:
        activity = _activity(entry)
        if activity is Activity.COMPLETE and not await self._really_complete(entry):
            activity = Activity.FETCHING
        # qBittorrent counts whole pieces
        total = self._totals.get(entry.key, entry.size)
        done = total if activity is Activity.COMPLETE else min(entry.completed, total)
        peers = entry.num_seeds + entry.num_leechs
        return Progress(
            activity,
            done,
            total,
            entry.dlspeed,
            peers,
            entry.num_seeds,
            entry.uploaded,
            error=_FAILED.get(entry.state),
            said=entry.state,
        )

    async def _order(self, entry: Entry) -> Sequence[int]:
        """Our indexes in the order of qBittorrent's, which does not count padding files."""
        metainfo = await self._api.metainfo(entry.hash)
        return await asyncio.to_thread(_indexes, metainfo) if metainfo else ()

    async def _files(self, entry: Entry, order: Sequence[int]) -> Mapping[int, File]:
        """The files by our index; none when the torrent is gone."""
        files = await self._api.files(entry.hash)
        if files and len(files) != len(order):
            raise DownloaderRefused(NAME, "engine-answers-nonsense")
        return {order[file.index]: file for file in files}

    def _path(self, entry: Entry, file: File) -> Path:
        return self._mapping.ours(entry.save_path) / file.name

    async def _delete(self, entry: Entry, *, with_files: bool) -> None:
        client = self._api.client
        await self._api.call(client.torrents_delete, with_files, entry.hash)
        async with patience(NAME):
            while True:
                if await self._api.find(entry.key, max_age=_POLL_SECONDS) is None:
                    break
                await asyncio.sleep(_POLL_SECONDS)
        self._complete.discard(entry.key)
        self._totals.pop(entry.key, None)
        if entry.ours:
            await self._api.call(client.torrents_delete_tags, entry.key)

    # -- metadata of magnets -----------------------------------------------------------------------------------

    async def _metadata(self, magnet: Magnet) -> TorrentFile:
        """From a torrent that is there already, whoever's it is, or from the swarm."""
        entry = await self._api.find(magnet.infohash)
        if entry is not None and not entry.looked_into:
            metainfo = await self._api.metainfo(entry.hash)
            if metainfo is None:
                raise SourceUnavailable("no-metadata")
            return _torrent(metainfo, magnet)
        try:
            await self._look(magnet)
            return _torrent(await self._until_fetched(magnet.infohash), magnet)
        finally:
            with contextlib.suppress(DownloaderUnreachable, DownloaderRefused):
                await self._look_away(magnet.infohash)

    async def _look(self, magnet: Magnet) -> None:
        await self._api.call(
            self._api.client.torrents_add,
            urls=magnet.uri,
            use_auto_torrent_management=False,
            category=CATEGORY,
            tags=LOOKING,
            stop_condition="MetadataReceived",
            is_stopped=False,
        )

    async def _until_fetched(self, key: DownloadKey) -> bytes:
        """Raises DownloaderUnreachable if it never lists what it said it had taken: 4.5 may answer on while its session hangs."""
        entry = None
        try:
            async with asyncio.timeout(self._metadata_seconds):
                while True:
                    entry = await self._api.find(key, max_age=_POLL_SECONDS)
                    metainfo = await self._api.metainfo(entry.hash) if entry else None
                    if metainfo is not None:
                        return metainfo
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError as error:
            raise (
                DownloaderUnreachable(NAME) if entry is None else SourceUnavailable("no-metadata")
            ) from error

    async def _look_away(self, key: DownloadKey) -> None:
        entry = await self._api.find(key)
        if entry is not None and entry.looked_into:
            await self._delete(entry, with_files=True)


def _activity(entry: Entry) -> Activity:
    if entry.state in _FAILED:
        return Activity.FAILED
    if entry.state in _COMPLETE and entry.completed >= entry.size:
        return Activity.COMPLETE
    if entry.state in _PAUSED:
        return Activity.PAUSED
    # a torrent that is checked, moved, or waits for its turn in qBittorrent's queue does not lack peers
    return Activity.STALLED if entry.state == "stalledDL" else Activity.FETCHING


def _magnet(source: Source) -> Magnet:
    if not isinstance(source, Magnet):
        raise WrongEngine(NAME)
    return source


def _torrent(metainfo: bytes, magnet: Magnet) -> TorrentFile:
    """What qBittorrent exports. Its trackers are the magnet's, which were looked at before."""
    torrent = read_torrent(metainfo, allow_private=True)
    if torrent.infohash != magnet.infohash:
        raise SourceRejected("torrent-malformed")
    return replace(torrent, trusted=magnet.trusted)


def _check(wanted: Selection, indexes: Sequence[int]) -> None:
    if not wanted <= set(indexes):
        raise SourceRejected("no-such-file")


def _indexes(metainfo: bytes) -> Sequence[int]:
    torrent = read_torrent(metainfo, allow_private=True)
    return [file.index for file in contents_of(torrent).files]


def _new_enough(api: str) -> bool:
    numbers = tuple(int(part) for part in api.split(".") if part.isdigit())
    return numbers >= _OLDEST_API


async def _until_gone(paths: Sequence[Path]) -> None:
    """Deletion goes on in qBittorrent for a while after it says so; what it may not delete stays."""
    with contextlib.suppress(DownloaderUnreachable):
        async with patience(NAME):
            while True:
                if not await asyncio.to_thread(_any_exists, paths):
                    return
                await asyncio.sleep(_POLL_SECONDS)


def _any_exists(paths: Sequence[Path]) -> bool:
    return any(path.exists() for path in paths)
