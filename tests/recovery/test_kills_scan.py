"""Killed while posts are looked for that somebody deleted: each is replaced or told of, and nothing is posted for that."""

from pathlib import Path
from typing import Any

import pytest

from tests.house import House, until
from tests.recovery.journeys import LONG, house_with_noises, order
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import SCAN
from tests.recovery.test_kills_ledger import Database, database_of, ledger_of


@pytest.mark.timeout(1800)
@pytest.mark.xdist_group("recovery-scan")
async def test_killed_while_lost_posts_are_found(tmp_path: Path) -> None:
    async with (
        house_with_noises(tmp_path, VERIFY_PER_HOUR="3600") as (house, torrent),
        database_of(house) as db,
    ):
        ledger = await ledger_of(house)
        posts = 0

        async def journey(number: int) -> None:
            """A post is deleted, its work is ordered once more, and stands for both; a file of the ledger is deleted, too."""
            nonlocal posts
            # long enough ago, and never the same: one moment has one card
            await db["losses_told"].update_many({}, {"$set": {"until": number + 1}})
            said = await house.ada.say("/help")
            work = torrent(number)
            await order(house.ada, work)
            first = await newest(db, house)
            await house.ada.delete({"message_id": first["message_id"]}, house.channel)
            await look_again(db, first["_id"])
            await until(lambda: is_lost(db, first["_id"]), "it is not found to be lost", LONG)
            await house.ada.wait(
                contains="not in the archive any more", after=said["message_id"], seconds=LONG
            )
            await order(house.ada, work)
            await look_again(db, first["_id"])
            await until(lambda: is_replaced(db, first), "it is not replaced", LONG)
            await lose_one(db, house, ledger)
            posts += 1

        async def check() -> None:
            there = await house.ada.messages(house.channel)
            assert len(there) == posts, await house.ada.chat(house.channel)
            known = {message["message_id"] for message in there}
            async for copy in db["copies"].find({"channel_id": house.channel}):
                assert (copy["message_id"] in known, copy["lost_at"]) == (True, 0)

        await Killer(house, sides(*SCAN)).travel(journey, check)


async def newest(db: Database, house: House) -> dict[str, Any]:
    """The Copy of what was posted last."""
    posted = db["copies"].find({"channel_id": house.channel, "shared": False}).sort("message_id", -1)
    return (await posted.to_list(1))[0]


async def look_again(db: Database, copy: str) -> None:
    """As if a day had gone by."""
    await db["copies"].update_one({"_id": copy}, {"$set": {"looked_at": 0}})


async def is_lost(db: Database, copy: str) -> bool:
    found = await db["copies"].find_one({"_id": copy})
    return found is not None and found["lost_at"] > 0


async def is_replaced(db: Database, copy: dict[str, Any]) -> bool:
    found = await db["copies"].find_one({"_id": copy["_id"]})
    return found is not None and not found["lost_at"] and found["message_id"] != copy["message_id"]


async def lose_one(db: Database, house: House, ledger: int) -> None:
    """A file of the ledger, which is written down again."""
    file = (await db["copies"].find({"channel_id": ledger, "stored": True}).sort("_id", 1).to_list(1))[0]
    await house.ada.delete({"message_id": file["message_id"]}, ledger)
    await look_again(db, file["_id"])

    async def is_forgotten() -> bool:
        return await db["copies"].find_one({"_id": file["_id"]}) is None

    await until(is_forgotten, "it is not written down again", LONG)
