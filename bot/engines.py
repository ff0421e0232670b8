"""Builds the download engines that the settings name."""

from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.settings import Settings
from services.downloads.embedded import EmbeddedDownloader
from services.downloads.embedded.options import LinkOptions, TorrentOptions
from services.downloads.engines import Engines
from services.downloads.paths import PathMapping
from services.downloads.port import Downloader
from services.downloads.seeding import Seeding
from services.downloads.telegram import TelegramDownloader
from services.media.tools import MediaTools
from services.telegram.messages import Messages

DOWNLOADS = "downloads"
_MEBIBYTE = 1024 * 1024


async def open_engines(
    settings: Settings, data_dir: Path, messages: Messages, media: MediaTools, stack: AsyncExitStack
) -> tuple[Engines, Sequence[Coroutine[Any, Any, None]]]:
    """All configured engines, and what those that live in this process have to run."""
    embedded, telegram = _embedded(settings, data_dir), _telegram(settings, data_dir, messages, media)
    ours: dict[str, Downloader] = {embedded.name: embedded, telegram.name: telegram}
    engines = {**remote_engines(settings, data_dir), **ours}
    for engine in engines.values():
        stack.push_async_callback(engine.close)
    await embedded.start()
    telegram.start()
    return Engines(engines, settings.downloader), [embedded.run(), telegram.run()]


def remote_engines(settings: Settings, data_dir: Path) -> dict[str, Downloader]:
    """The configured engines that are programs of their own, by name. The caller closes them."""
    engines: dict[str, Downloader] = {}
    if settings.qbittorrent_url is not None:
        engines["qbittorrent"] = _qbittorrent(settings, settings.qbittorrent_url)
    if settings.aria2_url is not None:
        engines["aria2"] = _aria2(settings, settings.aria2_url, data_dir)
    return engines


def seeding_of(settings: Settings) -> Seeding:
    return Seeding(settings.seed_ratio, settings.seed_hours)


def _embedded(settings: Settings, data_dir: Path) -> EmbeddedDownloader:
    options = TorrentOptions(seed=seeding_of(settings).wanted)
    if settings.torrent_listen is not None:
        options = replace(options, listen=settings.torrent_listen, dht=False)
    return EmbeddedDownloader(
        data_dir / "engine",
        allow_private=settings.allow_private_addresses,
        interface=settings.torrent_interface,
        torrents=options,
        links=_links(settings),
    )


def _telegram(
    settings: Settings, data_dir: Path, messages: Messages, media: MediaTools
) -> TelegramDownloader:
    return TelegramDownloader(data_dir / "engine" / "telegram", messages, _links(settings), media.tag)


def _links(settings: Settings) -> LinkOptions:
    return LinkOptions(
        max_link_size=settings.link_limit_mb * _MEBIBYTE,
        # whose turn it is was decided when the order was let in
        at_once=settings.downloads_at_once,
    )


def _aria2(settings: Settings, url: str, data_dir: Path) -> Downloader:
    from services.downloads.aria2 import Aria2Downloader

    return Aria2Downloader(
        url,
        settings.aria2_secret.get_secret_value(),
        folder=data_dir / DOWNLOADS,
        mapping=PathMapping.parse(settings.aria2_paths),
        seed=seeding_of(settings).wanted,
    )


def _qbittorrent(settings: Settings, url: str) -> Downloader:
    from services.downloads.qbittorrent import QBittorrentDownloader

    return QBittorrentDownloader(
        url,
        settings.qbittorrent_username,
        settings.qbittorrent_password.get_secret_value(),
        mapping=PathMapping.parse(settings.qbittorrent_paths),
    )
