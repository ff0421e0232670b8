"""The built-in engine: torrents through libtorrent, links over HTTP, both in this process.

engine = EmbeddedDownloader(data / "embedded")
await engine.start()          # adopts what was under way; libtorrent is imported here, not before
async with asyncio.TaskGroup() as group:
group.create_task(engine.run())   # links advance and resume data is saved while this runs
...
await engine.close()
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from services.downloads.embedded.errors import our_disk
from services.downloads.embedded.links import Links
from services.downloads.embedded.options import LinkOptions, TorrentOptions
from services.downloads.embedded.web import Web
from services.downloads.port import (
    Contents,
    DownloaderUnreachable,
    DownloadKey,
    EngineHealth,
    Magnet,
    Progress,
    Selection,
    Source,
    TelegramMessage,
    TorrentFile,
    WebLink,
    WrongEngine,
    download_key,
)

if TYPE_CHECKING:
    from services.downloads.embedded.torrents import Torrents

__all__ = ["EmbeddedDownloader", "LinkOptions", "TorrentOptions"]


class EmbeddedDownloader:
    """Takes torrents and links. `folder` keeps its state, never payload.

    Untrusted torrents and links reach no private address unless `allow_private`. `interface` holds torrents only.
    """

    name = "embedded"

    def __init__(
        self,
        folder: Path,
        *,
        allow_private: bool = False,
        interface: str | None = None,
        torrents: TorrentOptions | None = None,
        links: LinkOptions | None = None,
    ) -> None:
        self._folder = folder
        self._allow_private = allow_private
        self._interface = interface
        self._torrent_options = torrents or TorrentOptions()
        link_options = links or LinkOptions()
        self._links = Links(folder, Web(link_options, allow_private=allow_private), link_options)
        self._opened: Torrents | None = None

    async def start(self) -> None:
        """Opens the torrent session and adopts every job on disk. Call once, before anything else."""
        from services.downloads.embedded.torrents import Torrents

        torrents = Torrents(
            self.name,
            self._folder,
            self._torrent_options,
            allow_private=self._allow_private,
            interface=self._interface,
        )
        torrents.start()
        self._links.start()
        self._opened = torrents

    async def run(self) -> None:
        """Fetches links and saves resume data, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._torrents.run())
            group.create_task(self._links.run())

    def takes(self, source: Source) -> bool:
        return not isinstance(source, TelegramMessage)

    async def inspect(self, source: Source) -> Contents:
        """Leaves no job behind. Raises SourceRejected, SourceUnavailable, and DownloaderRefused without its interface."""
        if isinstance(source, WebLink):
            return await self._links.inspect(download_key(source), source.url, trusted=source.trusted)
        return await self._torrents.inspect(self._torrent(source))

    async def add(self, key: DownloadKey, source: Source, files: Selection, folder: Path) -> None:
        """Saved before it returns. The same key again: one job, in its first folder, with these files, no longer paused."""
        with our_disk(self.name):
            if isinstance(source, WebLink):
                await self._links.add(key, source.url, folder, trusted=source.trusted)
            else:
                await self._torrents.add(key, self._torrent(source), files, folder)

    async def progress(self) -> Mapping[DownloadKey, Progress]:
        with our_disk(self.name):
            return {**await self._torrents.progress(), **self._links.progress()}

    async def files(self, key: DownloadKey) -> Mapping[int, Path]:
        return self._links.files(key) or self._torrents.files(key)

    async def pause(self, key: DownloadKey) -> None:
        with our_disk(self.name):
            await self._torrents.pause(key)
            await self._links.pause(key)

    async def resume(self, key: DownloadKey) -> None:
        """Also tries a failed job again."""
        with our_disk(self.name):
            await self._torrents.resume(key)
            await self._links.resume(key)

    async def remove(self, key: DownloadKey, *, with_files: bool) -> None:
        """Deletes the job's own files at most, and folders that become empty by that, but not its `folder`."""
        with our_disk(self.name):
            await self._torrents.remove(key, with_files=with_files)
            await self._links.remove(key, with_files=with_files)

    async def health(self) -> EngineHealth:
        if self._opened is None:
            return EngineHealth(ok=False, problem="not started")
        problem = self._opened.problem()
        return EngineHealth(ok=not problem, version=self._opened.version, problem=problem)

    async def close(self) -> None:
        """Takes about three seconds at most."""
        await self._links.close()
        if self._opened is not None:
            await self._opened.close()
            self._opened = None

    def _torrent(self, source: Source) -> Magnet | TorrentFile:
        if not isinstance(source, Magnet | TorrentFile):
            raise WrongEngine(self.name)
        return source

    @property
    def _torrents(self) -> "Torrents":
        if self._opened is None:
            raise DownloaderUnreachable(self.name)
        return self._opened
