"""One look each at what Magpie stands on. Every probe says what is wrong instead of raising what it may foresee."""

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from models.ledger import Ledger
from services.checks.findings import NO_ANSWER, Finding, Verdict, hint, sound, wrong
from services.downloads.port import Downloader
from services.errors import MagpieError
from services.failpoints import failpoint
from services.ledger.writer import LEDGER
from services.media.errors import FfmpegMissing
from services.media.workshop import find_ffmpeg
from services.search.port import Indexer
from services.telegram.door import BotApiDoor
from services.telegram.port import IN_USE, AccountLost, Me, TelegramAway, TelegramRefused

SECONDS = 15.0
_LOW_DISK = 2 * 1024**3
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
_log = structlog.get_logger(__name__)


def probe_disk(folder: Path) -> Finding:
    """Room where downloads go."""
    free = shutil.disk_usage(folder).free
    if free <= _LOW_DISK:
        return Finding(Verdict.WRONG, "found-disk-low", sizes={"free": free})
    return Finding(Verdict.SOUND, "found-disk", sizes={"free": free})


def probe_ffmpeg() -> Finding:
    try:
        find_ffmpeg()
    except FfmpegMissing as error:
        return wrong(error.key, **error.values)
    return sound("found-ffmpeg")


def found_groups(*, hears_all: bool) -> Finding:
    """Whether privacy mode is off. Every new bot has it on, and who uses no groups may leave it so."""
    return sound("found-groups") if hears_all else hint("found-groups-private")


async def probe_groups(door: BotApiDoor) -> Finding:
    """Asks Telegram what we hear in groups now."""
    try:
        return found_groups(hears_all=await door.hears_groups_now())
    except (TelegramAway, TelegramRefused):
        return NO_ANSWER


async def probe_large(greet: Callable[[], Awaitable[str]]) -> Finding:
    """Whether Telegram lets us in through the door for large files."""
    try:
        return sound("found-large", username=await greet())
    except AccountLost as lost:
        return wrong("found-large-refused", reason=lost.reason)
    except (TelegramAway, TelegramRefused):
        return NO_ANSWER


async def probe_user(ask: Callable[[], Awaitable[Me]], limited: str | None = None) -> Finding:
    """Whether Telegram lets us in as the owner, with Premium or not, and send; `limited`: why it does not."""
    try:
        me = await ask()
    except AccountLost as lost:
        if lost.reason == IN_USE:
            return wrong("found-user-in-use")
        return wrong("found-user-lost", reason=lost.reason)
    except (TelegramAway, TelegramRefused):
        return NO_ANSWER
    if limited is not None:
        return wrong("found-user-limited", name=me.name, reason=limited)
    return sound("found-user-premium" if me.is_premium else "found-user", name=me.name)


async def probe_database(client: AsyncMongoClient[dict[str, Any]]) -> Finding:
    """Asks a real MongoDB for its version."""
    try:
        facts = await client.server_info()
    except PyMongoError as error:
        _log.warning("check-failed", part="database", error=type(error).__name__)
        return wrong("found-database-away")
    return sound("found-database", version=str(facts.get("version", "?")))


async def probe_engine(engine: Downloader) -> Finding:
    """Asks an engine for its version."""
    health = await engine.health()
    if health.ok:
        return sound("found-engine", version=health.version)
    if _KEY.fullmatch(health.problem):
        return wrong(health.problem, engine=engine.name)
    _log.warning("check-failed", part=engine.name, problem=health.problem)
    return wrong("found-engine-trouble")


async def probe_indexer(indexer: Indexer) -> Finding:
    """Asks an Indexer what it can do, the cheapest call there is."""
    try:
        async with asyncio.timeout(SECONDS):
            return sound("found-indexer", title=await indexer.check())
    except MagpieError as error:
        return wrong(error.key, **error.values)
    except TimeoutError:
        return NO_ANSWER


async def probe_channel(door: BotApiDoor, channel: int, text: str) -> Finding:
    """Posts a silent message into the archive channel and deletes it. A crash in between leaves that message there."""
    try:
        lack = await door.lacks(channel)
        if lack is not None:
            return wrong(lack)
        with failpoint("checks.post"):
            sent = await door.send_text(channel, text, silent=True)
        return await _deleted(door, channel, sent.message_id)
    except MagpieError as error:
        _log.warning("check-failed", part="archive", error=str(error))
        return wrong(error.key, **error.values)


async def probe_ledger(door: BotApiDoor, channel: int, key: str) -> Finding:
    """Whether we may post in the ledger channel, and what is written there. Nothing is posted for that.

    `key`: the public one of this instance.
    """
    try:
        lack = await door.lacks(channel)
    except MagpieError as error:
        _log.warning("check-failed", part="ledger", error=str(error))
        return wrong(error.key, **error.values)
    if lack is not None:
        return wrong("found-ledger-closed")
    try:
        ledger = await Ledger.get(LEDGER)
    except PyMongoError:
        return wrong("found-database-away")
    if ledger is not None and ledger.rebuilding:
        return wrong("found-ledger-rebuilding")
    if ledger is not None and ledger.key != key:
        return wrong("found-ledger-other-key")
    return sound("found-ledger", number=0 if ledger is None else ledger.number)


async def _deleted(door: BotApiDoor, channel: int, message_id: int) -> Finding:
    try:
        with failpoint("checks.delete"):
            await door.delete(channel, message_id)
    except TelegramRefused as refusal:
        _log.warning("check-failed", part="channel", reason=refusal.reason)
        return wrong("found-archive-stays")
    return sound("found-archive")
