"""Builds the Indexers that the settings name."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

import httpx

from bot.settings import Settings
from services.downloads.engines import Engines
from services.search.archive_org import InternetArchiveIndexer
from services.search.port import Indexer
from services.search.torznab import TorznabIndexer
from services.trusted import authorities

_SECONDS = 20.0


def torznab_addresses(settings: Settings) -> Sequence[tuple[str, str]]:
    """Name and address of each Torznab Indexer."""
    entries = (entry.partition("=") for entry in settings.torznab_urls)
    return [(name.strip(), url) for name, _, url in entries]


def sample_indexers(settings: Settings) -> Sequence[str]:
    """The addresses of the simulator's own: those at the very server that plays Telegram."""
    return [url for _, url in torznab_addresses(settings) if url.startswith(f"{settings.telegram_api_url}/")]


def open_indexers(settings: Settings, stack: AsyncExitStack) -> Sequence[Indexer]:
    """Those over HTTP. Each has a client of its own: in a shared one every request looks at all others' connections."""

    def client() -> httpx.AsyncClient:
        opened = _client()
        stack.push_async_callback(opened.aclose)
        return opened

    indexers: list[Indexer] = []
    indexers += [TorznabIndexer(name, url, client()) for name, url in torznab_addresses(settings)]
    if settings.internet_archive:
        indexers.append(InternetArchiveIndexer(client()))
    return indexers


def plugin_indexers(settings: Settings, engines: Engines) -> Sequence[Indexer]:
    """The search plugins of qBittorrent, asked through the engine's own door."""
    if settings.qbittorrent_url is None or not settings.qbittorrent_search:
        return ()
    from services.downloads.qbittorrent import QBittorrentDownloader
    from services.search.qbittorrent import QBittorrentIndexer

    engines_there = (engines.get(name) for name in engines.names)
    return [
        QBittorrentIndexer(engine.api)
        for engine in engines_there
        if isinstance(engine, QBittorrentDownloader)
    ]


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=authorities(), timeout=_SECONDS)
