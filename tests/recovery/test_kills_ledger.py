"""Killed while the archive is written down in Telegram: each manifest stands there once, in one chain, and none is missing."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from bot.database import NAME, connect
from models.clock import now
from services.ledger.keys import key_in
from services.ledger.manifests import (
    Chain,
    ChannelRecord,
    CollectionRecord,
    GoneRecord,
    ItemRecord,
    MemberRecord,
    Record,
)
from tests.house import BLAS, House, until
from tests.recovery.journeys import LONG, house_with_noises, order, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import LEDGER, REBUILD
from tests.terminal import called, said

Database = AsyncDatabase[dict[str, Any]]


@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("recovery-ledger")
async def test_killed_while_the_archive_is_written_down(tmp_path: Path) -> None:
    async with house_with_noises(tmp_path) as (house, torrent):
        channel = await ledger_of(house)
        works = 0

        async def journey(number: int) -> None:
            nonlocal works
            await order(house.ada, torrent(number))
            works = number + 1
            await until(written_down, "it is not written down", LONG)

        async def written_down() -> bool:
            return len(set(await titles(house, channel))) == works

        async def check() -> None:
            """What the channel itself holds, read as a rebuild would."""
            assert len(await titles(house, channel)) == works
            assert all("document" in message for message in await house.ada.messages(channel))

        await Killer(house, sides(*LEDGER)).travel(journey, check)


async def ledger_of(house: House) -> int:
    """Makes the channel, where the bot may post and delete."""
    channel = await house.ada.new_channel("Ledger")
    await house.ada.promote(house.bot_id, channel, "can_post_messages", "can_delete_messages")
    house.settings = {**house.settings, "LEDGER_CHANNEL": str(channel)}
    return channel


@asynccontextmanager
async def database_of(house: House) -> AsyncIterator[Database]:
    client = connect(house.environment["MONGODB_URL"])
    try:
        yield client[client.get_default_database(NAME).name]
    finally:
        await client.close()


async def titles(house: House, channel: int) -> list[str]:
    """Of the Items in the chain. Raises Refused where it is broken."""
    records = await told_in(house, channel)
    return [record.title for record in records if isinstance(record, ItemRecord)]


async def written_of(house: House, channel: int) -> tuple[int, int]:
    """How many Items and Members the chain tells of."""
    records = await told_in(house, channel)
    items = {record.id for record in records if isinstance(record, ItemRecord)}
    return len(items), len({record.id for record in records if isinstance(record, MemberRecord)})


async def told_in(house: House, channel: int) -> list[Record]:
    key = key_in(house.folder / "data")
    if key is None:
        return []
    chain = Chain(key.public)
    manifests = [chain.read(line) for line in await lines(house, channel)]
    assert chain.missing == []
    return [manifest.record for manifest in manifests]


async def lines(house: House, channel: int) -> list[bytes]:
    found: list[bytes] = []
    for message in await house.ada.messages(channel):
        if "document" in message:
            answer = await house.http.get(f"/api/files/{message['document']['file_id']}")
            found += answer.raise_for_status().content.splitlines()
    return found


@pytest.mark.timeout(600)
@pytest.mark.xdist_group("recovery-ledger")
async def test_killed_while_the_database_is_made_again(tmp_path: Path) -> None:
    async with house_with_noises(tmp_path) as (house, torrent):
        house.settings = {**house.settings, **house.second_door, "OPEN_ACCESS": "true"}
        channel = await ledger_of(house)
        bot = await house.start_bot()
        await order(house.ada, torrent(0))

        await house.blas.say("/start")

        async def is_written() -> bool:
            return await written_of(house, channel) == (1, 2)

        async def is_gone() -> bool:
            kinds = {type(record) for record in await told_in(house, channel)}
            return {GoneRecord, CollectionRecord, ChannelRecord} <= kinds

        await until(is_written, "it is not written down", LONG)
        await house.ada.say("/library")
        card = await house.ada.wait(button="Details", seconds=LONG)
        await press(house.ada, card, "Details")
        await house.ada.wait(contains="BLAKE3", seconds=LONG)
        await house.ada.say("/collect Evening")
        await house.ada.wait(contains="See it with /collections", seconds=LONG)
        async with database_of(house) as db:
            await db["members"].delete_one({"_id": str(BLAS)})
            await db["intakes"].insert_one(opened_channel())
        await until(is_gone, "it is not written down that he is gone", LONG)
        await bot.stop()
        key = key_in(tmp_path / "data")
        assert key is not None
        words = tmp_path / "words"
        words.write_text(key.phrase)
        for mark in sides(*REBUILD):
            folder = tmp_path / mark.replace(":", "-")
            folder.mkdir()
            env = {**house.environment, "DATA_DIR": str(folder / "data"), "MONGODB_URL": ""}
            command = ("rebuild", "--phrase-file", str(words))
            killed = await called(folder, {**env, "MAGPIE_FAILPOINT": mark}, *command)
            assert await killed.ended(LONG) == -signal.SIGKILL, killed.text()
            status, told = await said(folder, env, *command)
            done = (
                "the database has works in it"
                if mark == "ledger.rebuilt:after"
                else "Restored: 1 work with 1 copy, 1 member and 1 collection"
            )
            assert done in told, f"{mark}: {status} {told}"


def opened_channel() -> dict[str, object]:
    """As the database has it."""
    wish = {"_id": "wish", "member_id": "1", "chat_id": 1, "channel": "-1007", "channel_id": -1007}
    return {**wish, "state": "done", "opened": True, "changed_at": now()}
