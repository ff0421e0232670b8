"""Killed with SIGKILL while somebody has everything deleted that is kept of them: in the end nothing names them."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.databases import own_database
from tests.house import House, Message, until
from tests.programs import need
from tests.recovery.journeys import LONG, ask_for, house_with_tones, order, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import FORGET

pytestmark = [pytest.mark.timeout(1200), pytest.mark.xdist_group("recovery-mydata")]


async def test_killed_while_everything_of_somebody_is_deleted(tmp_path: Path, database_url: str) -> None:
    """Their works stay in the library, and what was under way leaves nothing."""
    need("ffmpeg")
    works = 0
    async with (
        own_database(database_url, "mydata") as (url, database),
        house_with_tones(tmp_path, MONGODB_URL=url, OPEN_ACCESS="true") as (house, tone),
    ):

        async def named() -> Mapping[str, int]:
            """How many documents of each sort are theirs, or nobody's as long as they hold something."""
            theirs = {"member_id": {"$in": [str(house.cleo.id), "forgotten"]}}
            found = {
                name: await database[name].count_documents(
                    {"_id": str(house.cleo.id)} if name == "members" else theirs
                )
                for name in await database.list_collection_names()
            }
            return {name: count for name, count in found.items() if count}

        async def journey(number: int) -> None:
            nonlocal works
            torrent = await asyncio.to_thread(tone, number)
            await order(house.cleo, torrent)
            works += 1
            # one more, which brings nothing
            await ask_for(house.cleo, torrent)
            await house.cleo.say("/search tones")
            asked = await house.cleo.say("/mydata")
            await _take(house, asked)
            await _delete(house, asked)

        async def check() -> None:
            async def is_forgotten() -> bool:
                return not await named()

            await until(is_forgotten, f"something is left: {await named()}", LONG)
            assert await database["items"].count_documents({"member_id": ""}) == works

        await Killer(house, sides(*FORGET)).travel(journey, check)


async def _card(house: House, asked: Message, label: str) -> Message:
    return await house.cleo.wait(button=label, after=asked["message_id"], seconds=LONG)


async def _take(house: House, asked: Message) -> None:
    await press(house.cleo, await _card(house, asked, "Give me all of it"), "Give me all of it")
    await house.cleo.wait(contains="All that I keep of you", after=asked["message_id"], seconds=LONG)


async def _delete(house: House, asked: Message) -> None:
    await press(house.cleo, await _card(house, asked, "Delete it"), "Delete it")
    await press(house.cleo, await _card(house, asked, "Yes, delete"), "Yes, delete all of it")
    await house.cleo.wait(contains="kept of you is deleted", after=asked["message_id"], seconds=LONG)
