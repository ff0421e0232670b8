"""Killed while the archive is written down in Telegram: each manifest stands there once, in one chain, and none is missing."""

from pathlib import Path

import pytest

from services.ledger.keys import key_in
from services.ledger.manifests import Chain, ItemRecord
from tests.house import House, until
from tests.recovery.journeys import LONG, house_with_noises, order
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import LEDGER


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


async def titles(house: House, channel: int) -> list[str]:
    """Of the Items in the chain. Raises Refused where it is broken."""
    key = key_in(house.folder / "data")
    if key is None:
        return []
    chain = Chain(key.public)
    manifests = [chain.read(line) for line in await lines(house, channel)]
    assert chain.missing == []
    return [manifest.record.title for manifest in manifests if isinstance(manifest.record, ItemRecord)]


async def lines(house: House, channel: int) -> list[bytes]:
    found: list[bytes] = []
    for message in await house.ada.messages(channel):
        if "document" in message:
            answer = await house.http.get(f"/api/files/{message['document']['file_id']}")
            found += answer.raise_for_status().content.splitlines()
    return found
