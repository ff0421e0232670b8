"""Killed while it is found out what are encodings of one work, and while they are merged and separated."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from models.clock import now
from models.ids import derived_id, new_id
from tests.databases import Stored, own_database
from tests.house import House, Message, open_house, until
from tests.recovery.journeys import LONG, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import ENCODINGS, WORKS

pytestmark = [pytest.mark.timeout(1200), pytest.mark.xdist_group("recovery-library")]


def film(title: str, height: int, channel: int, **more: Any) -> dict[str, Any]:
    """As the database has it."""
    file = {"path": "", "name": "f.mkv", "size": height, "blake3": "", "kind": "video", "title": title}
    facts = {**file, "year": 2008, "duration": 60.0, "height": height}
    common = {"_id": new_id(), "title": title, "files": [facts], "member_id": "1", "channel_id": channel}
    moments = {"archived_at": now(), "changed_at": now(), "removed_at": 0}
    return {**common, **moments, "group": None, "work": "", "merged_into": "", "tags": [], **more}


async def change(database: Stored, item: Mapping[str, Any], **changes: Any) -> None:
    await database["items"].update_one({"_id": item["_id"]}, {"$set": {**changes, "changed_at": now()}})


async def test_killed_while_works_are_named(tmp_path: Path, database_url: str) -> None:
    """What is one work is shown together, and what is gone hides nothing, whatever was repeated."""
    async with (
        own_database(database_url, "works") as (url, database),
        open_house(tmp_path, MONGODB_URL=url) as house,
    ):

        async def groups(number: int) -> list[Any]:
            return await database["encodings"].find({"work": f"film:film {number}"}).to_list()

        async def journey(number: int) -> None:
            one, two = (film(f"Film {number}", height, house.channel) for height in (360, 720))
            gone = film("Gone", 360, house.channel, removed_at=1)
            hidden = film("Hidden", 360, house.channel, merged_into=gone["_id"])
            await database["items"].insert_many([one, gone, hidden, two])

            async def is_shown() -> bool:
                shown = await groups(number)
                return [group["items"] for group in shown] == [sorted((one["_id"], two["_id"]))]

            async def is_seen() -> bool:
                found = await database["items"].find_one({"_id": hidden["_id"]})
                return found is not None and found["merged_into"] == ""

            await until(is_shown, "they are not shown together", LONG)
            await until(is_seen, "it stays hidden", LONG)
            three = film(f"Film {number}", 1080, house.channel)
            await database["items"].insert_one(three)

            async def is_best() -> bool:
                return [group["best"] for group in await groups(number)] == [three["_id"]]

            await until(is_best, "what is new is not looked at", LONG)
            for item in (one, two):
                await change(database, item, removed_at=now())

            async def is_gone() -> bool:
                return await groups(number) == []

            await until(is_gone, "one alone is shown", LONG)

        async def check() -> None:
            assert await database["items"].find({"merged_into": {"$gt": ""}}).to_list() == []

        await Killer(house, sides(*WORKS)).travel(journey, check)


async def test_killed_while_encodings_are_merged_and_separated(tmp_path: Path, database_url: str) -> None:
    """Each decision is carried out wholly, and what the database says of each work is what was decided last."""
    async with (
        own_database(database_url, "encodings") as (url, database),
        open_house(tmp_path, MONGODB_URL=url) as house,
    ):
        done: list[list[str]] = []

        async def journey(number: int) -> None:
            old, small, large = [each["_id"] for each in await put(database, house, number)]
            asked = await house.ada.say("/duplicates")
            await turn(house, asked, "1", "Merge into ★ 3")
            await turn(house, asked, "Merge into ★ 3", "Yes, merge them")
            await turn(house, asked, "Yes, merge them", "★ 2")
            await stands(database, {old: large, small: large, large: ""})
            # another stands for them: the choice is asked for again
            await turn(house, asked, "★ 2", "Merge into ★ 2")
            await turn(house, asked, "Merge into ★ 2", "Yes, merge them")
            await turn(house, asked, "Yes, merge them", "★ 3")
            await stands(database, {old: small, small: "", large: small})
            await turn(house, asked, "Separate", "Yes, separate them")
            await turn(house, asked, "Yes, separate them", "Not the same")
            await stands(database, {old: "", small: "", large: ""})
            await turn(house, asked, "Not the same", "They are the same")
            done.append([old, small, large])

        async def check() -> None:
            for old, small, large in done:
                items = {item["_id"]: item async for item in database["items"].find({})}
                assert [items[each]["merged_into"] for each in (old, small, large)] == ["", "", ""]
                assert sorted(items[small]["tags"]) == ["day", "night"]
                favourites = await database["favourites"].find({"member_id": small}).to_list()
                assert [each["item"] for each in favourites] == [small]
            collections = await database["collections"].find({}).to_list()
            assert sorted(each["items"] for each in collections) == sorted([small] for _, small, _ in done)

        await Killer(house, sides(*ENCODINGS)).travel(journey, check)


async def put(database: Stored, house: House, number: int) -> list[dict[str, Any]]:
    """Three films; the first was merged into the second before, which is somebody's favourite."""
    title, work = f"Film {number}", f"film:film {number}"
    # the Card numbers them by their ids
    ids = sorted(new_id() for _ in range(3))
    old = film(title, 240, house.channel, work=work, _id=ids[0], merged_into=ids[1])
    small = film(title, 360, house.channel, work=work, _id=ids[1], tags=["night"])
    large = film(title, 720, house.channel, work=work, _id=ids[2], tags=["day"])
    favourite = {"_id": derived_id("favourite", small["_id"], small["_id"]), "member_id": small["_id"]}
    await database["favourites"].insert_one({**favourite, "item": small["_id"], "created_at": now()})
    collection = {"_id": f"c{number}", "member_id": "1", "collects": "playlist", "title": title}
    await database["collections"].insert_one({**collection, "items": ids, "changed_at": now()})
    group: dict[str, Any] = {
        "_id": derived_id("encodings", work, house.channel, None),
        "work": work,
        "group": None,
    }
    group |= {"channel_id": house.channel, "items": ids, "state": "open"}
    group |= {"best": large["_id"], "joining": [], "apart": [], "changed_at": now()}
    await database["items"].insert_many([small, old, large])
    await database["encodings"].insert_one(group)
    return [old, small, large]


async def turn(house: House, asked: Message, label: str, then: str) -> None:
    """Presses a key of the Card once it is there, and waits for the next one."""
    card = await house.ada.wait(button=label, after=asked["message_id"], seconds=LONG)
    await press(house.ada, card, label)
    await house.ada.wait(button=then, after=asked["message_id"], seconds=LONG)


async def stands(database: Stored, wanted: Mapping[str, str]) -> None:
    async def is_so() -> bool:
        found = database["items"].find({"_id": {"$in": sorted(wanted)}})
        return {item["_id"]: item["merged_into"] async for item in found} == wanted

    await until(is_so, f"they do not stand so: {wanted}", LONG)
