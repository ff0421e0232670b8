"""Puts together what /health shows of the running Magpie."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bot.settings import Settings
from models.access import Member
from services.checks.findings import Finding, sound, unset, wrong
from services.checks.parts import (
    engine_parts,
    groups_part,
    indexer_parts,
    known,
    large_part,
    machine_parts,
    user_part,
)
from services.checks.probes import probe_channel, probe_database, probe_ledger
from services.checks.service import Checkup, Part
from services.downloads.engines import Engines
from services.downloads.telegram import TelegramDownloader
from services.ledger.keys import KeyDamaged, instance_key
from services.redaction import Redaction
from services.search.port import Indexer
from services.telegram.door import BotApiDoor
from services.telegram.large import SecondDoor
from services.telegram.user import UserDoor
from services.words import Words


def build_checkup(
    settings: Settings,
    data_dir: Path,
    door: BotApiDoor,
    engines: Engines,
    indexers: Sequence[Indexer],
    t: Words,
    large: SecondDoor | None,
    user: UserDoor | None,
) -> Checkup:
    """`t`: the words of the archive, in which the test speaks there."""
    parts = [
        known("telegram", sound("found-telegram", username=door.username)),
        groups_part(door),
        large_part(large),
        user_part(user),
        _archive(settings.archive_channel, door, t),
        _ledger(settings.ledger_channel, data_dir, door),
        # Telegram as one of them is as well as its doors, which are Parts themselves
        *engine_parts(engines.get(name) for name in engines.names if name != TelegramDownloader.name),
        *indexer_parts(indexers, own=bool(settings.torznab_urls)),
        _database(settings),
        *machine_parts(data_dir),
    ]
    return Checkup(parts, Redaction(settings.secrets))


def _archive(channel: int | None, door: BotApiDoor, t: Words) -> Part:
    if channel is None:
        return known("archive", unset("found-archive-unset"))
    return Part("archive", partial(probe_channel, door, channel, t("check-message")))


def _ledger(channel: int | None, data_dir: Path, door: BotApiDoor) -> Part:
    if channel is None:
        return known("ledger", unset("found-ledger-unset"))

    async def ask() -> Finding:
        try:
            key = await asyncio.to_thread(instance_key, data_dir)
        except (KeyDamaged, OSError):
            return wrong("found-ledger-key")
        return await probe_ledger(door, channel, key.public)

    return Part("ledger", ask)


def _database(settings: Settings) -> Part:
    if settings.mongodb_url is None:
        return known("database", sound("found-database-embedded"))
    return Part("database", _ask_database)


async def _ask_database() -> Finding:
    return await probe_database(Member.get_pymongo_collection().database.client)
