"""`magpie check`: what is configured, reachable and missing, in plain words."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
from pymongo.errors import PyMongoError
from rich.console import Console

from bot.assembly import LOCALES
from bot.database import connect
from bot.engines import remote_engines
from bot.settings import Settings
from services.errors import MagpieError
from services.media.errors import FfmpegMissing
from services.media.workshop import find_ffmpeg
from services.redaction import Redaction
from services.search.port import Indexer
from services.search.torznab import TorznabIndexer
from services.words import Catalogue
from services.words.catalogue import MissingWords

_SECONDS = 15.0
_LOW_DISK = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    """One line: `sound` is None for something that is merely not set."""

    subject: str
    sound: bool | None
    words: str


async def check_everything(settings: Settings) -> bool:
    """Prints what is found, as it is found; whether nothing is wrong."""
    console, redaction = Console(highlight=False), Redaction(settings.secrets)
    wrong = 0
    async for finding in _findings(settings):
        mark = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[dim]–[/]"}[finding.sound]
        console.print(mark, end=" ")
        console.print(redaction.text(f"{finding.subject}: {finding.words}"), markup=False)
        wrong += finding.sound is False
    return wrong == 0


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    yield await _telegram(settings)
    yield _owner(settings)
    yield await _database(settings)
    yield _disk(settings)
    yield _ffmpeg()
    async for finding in _engines(settings):
        yield finding
    if not settings.torznab_urls:
        yield Finding("indexers", None, "TORZNAB_URLS is not set: only the Internet Archive is searched")
    async for finding in _indexers(settings):
        yield finding


async def _engines(settings: Settings) -> AsyncIterator[Finding]:
    """The embedded engine is not started here: one that runs already has its jobs."""
    yield Finding(
        "downloader embedded", True, f"always there; the choice is DOWNLOADER={settings.downloader}"
    )
    for name, engine in remote_engines(settings, settings.data_dir.resolve()).items():
        health = await engine.health()
        await engine.close()
        words = health.version if health.ok else _plain(health.problem, engine=name)
        yield Finding(f"downloader {name}", health.ok, words)


async def _telegram(settings: Settings) -> Finding:
    if settings.bot_token is None:
        return Finding("Telegram", None, "BOT_TOKEN is not set: the bot would run in the simulator")
    token = settings.bot_token.get_secret_value()
    proxy = None if settings.telegram_proxy is None else settings.telegram_proxy.get_secret_value()
    try:
        async with httpx.AsyncClient(timeout=_SECONDS, proxy=proxy) as http:
            answer = (await http.get(f"{settings.telegram_api_url}/bot{token}/getMe")).json()
    except (httpx.HTTPError, ValueError) as error:
        return Finding(
            "Telegram", False, f"{settings.telegram_api_url} does not answer ({type(error).__name__})"
        )
    if not answer.get("ok"):
        return Finding(
            "Telegram", False, f"the token is refused: {answer.get('description', 'no reason given')}"
        )
    return Finding("Telegram", True, f"@{answer['result'].get('username', '?')}")


def _owner(settings: Settings) -> Finding:
    if settings.owner_id is None:
        return Finding("owner", None, "OWNER_ID is not set: a claim code is printed at start")
    return Finding("owner", True, str(settings.owner_id))


async def _database(settings: Settings) -> Finding:
    if settings.mongodb_url is None:
        return Finding("database", True, f"embedded, under {settings.data_dir / 'db'}")
    client = connect(settings.mongodb_url.get_secret_value())
    try:
        facts = await client.server_info()
        return Finding("database", True, f"MongoDB {facts.get('version', '?')}")
    except PyMongoError as error:
        return Finding("database", False, f"does not answer ({type(error).__name__})")
    finally:
        await client.close()


def _disk(settings: Settings) -> Finding:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free
    return Finding("disk", free > _LOW_DISK, f"{free / 1024**3:.1f} GB free in {settings.data_dir}")


def _ffmpeg() -> Finding:
    try:
        return Finding("ffmpeg", True, find_ffmpeg())
    except FfmpegMissing as error:
        return Finding("ffmpeg", False, _plain(error.key))


async def _indexers(settings: Settings) -> AsyncIterator[Finding]:
    async with httpx.AsyncClient(timeout=_SECONDS) as http:
        for entry in settings.torznab_urls:
            name, _, url = entry.partition("=")
            yield await _indexer(TorznabIndexer(name.strip(), url, http))


async def _indexer(indexer: Indexer) -> Finding:
    try:
        async with asyncio.timeout(_SECONDS):
            return Finding(f"indexer {indexer.name}", True, await indexer.check())
    except MagpieError as error:
        return Finding(f"indexer {indexer.name}", False, _plain(error.key, **error.values))
    except TimeoutError:
        return Finding(f"indexer {indexer.name}", False, "no answer in time")


def _plain(problem: str, **values: str | int) -> str:
    """The words of a locale key; what is none is said as it is."""
    try:
        return Catalogue(LOCALES).words("en").label(problem, **values)
    except MissingWords:
        return problem
