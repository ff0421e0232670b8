"""Migrations: each once, in order, again after a crash, and never backwards."""

import json

import pytest

from models.access import Member, Role
from models.files import FileList
from models.inbox import InboxPoll
from models.library import Item
from models.schema import SchemaVersion
from models.search import Hits, Release, Search
from models.storage import Copy
from models.transfers import Transfer
from services.downloads.port import WebLink, download_key
from services.migrations import (
    SchemaTooNew,
    files_stand_apart,
    hits_stand_apart,
    items_say_whether_they_were_unpacked,
    migrate,
    orders_name_their_key,
    updates_are_kept_as_they_came,
    updates_stand_together,
    what_stayed_is_tried_again,
)
from tests.services.orders import INFOHASH, member, record

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]


class Steps:
    """Three steps that note when they ran; one may break in the middle of its work."""

    def __init__(self) -> None:
        self.ran: list[int] = []
        self.broken: int | None = None

    async def _step(self, number: int) -> None:
        await Member.find({}).update({"$set": {"name": f"step {number}"}})
        if self.broken == number:
            raise ConnectionError("killed in the middle")
        self.ran.append(number)

    async def first(self) -> None:
        await self._step(1)

    async def second(self) -> None:
        await self._step(2)

    async def third(self) -> None:
        await self._step(3)


@pytest.fixture
async def old_database(database: str) -> None:
    """One that was written before there were any migrations."""
    await SchemaVersion.get_pymongo_collection().delete_many({})
    assert database
    await member(role=Role.OWNER)


@pytest.fixture
def steps() -> Steps:
    return Steps()


async def version() -> int:
    found = await SchemaVersion.get("schema")
    assert found is not None
    return found.version


async def test_a_fresh_database_needs_none(steps: Steps) -> None:
    await SchemaVersion.get_pymongo_collection().delete_many({})
    assert await migrate([steps.first, steps.second]) == 2
    assert steps.ran == []
    assert await version() == 2


@pytest.mark.usefixtures("old_database")
async def test_an_old_one_gets_every_step_once_and_in_order(steps: Steps) -> None:
    assert await migrate([steps.first, steps.second]) == 2
    assert await migrate([steps.first, steps.second]) == 2
    assert steps.ran == [1, 2]
    assert await migrate([steps.first, steps.second, steps.third]) == 3
    assert steps.ran == [1, 2, 3]
    assert await version() == 3


@pytest.mark.usefixtures("old_database")
async def test_a_crash_in_the_middle_is_resumed_at_the_step_it_was_in(steps: Steps) -> None:
    steps.broken = 2
    with pytest.raises(ConnectionError):
        await migrate([steps.first, steps.second, steps.third])
    assert steps.ran == [1]
    assert await version() == 1
    steps.broken = None
    await migrate([steps.first, steps.second, steps.third])
    assert steps.ran == [1, 2, 3]


async def test_a_newer_database_is_not_touched(steps: Steps) -> None:
    await SchemaVersion.get_pymongo_collection().update_one({"_id": "schema"}, {"$set": {"version": 5}})
    with pytest.raises(SchemaTooNew) as error:
        await migrate([steps.first])
    assert error.value.values == {"found": 5, "known": 1}
    assert await version() == 5
    assert steps.ran == []


@pytest.mark.usefixtures("old_database")
async def test_the_real_ones_run_on_an_old_database() -> None:
    await migrate()
    assert await Member.count() == 1


@pytest.mark.usefixtures("old_database")
async def test_the_hits_of_old_searches_get_a_document_of_their_own() -> None:
    old = {
        "title": "t",
        "link": "magnet:?",
        "indexers": ["a", "b"],
        "size": 5,
        "seeders": None,
        "infohash": None,
    }
    old |= {"page": "https://x.test", "published": "2024-02-29T12:30:15Z"}
    searches = Search.get_pymongo_collection()
    for number, releases in enumerate(([old, {**old, "published": None}], [])):
        search = {
            "_id": f"s{number}",
            "member_id": "1",
            "query": {"text": "x", "limit": 100},
            "changed_at": 7,
        }
        await searches.insert_one({**search, "created_at": 6, "releases": releases})
    for _ in range(2):
        await hits_stand_apart()
    (first, second) = await Hits.find_all().sort("_id").to_list()
    assert (first.id, first.changed_at, second.id, second.releases) == ("s0", 7, "s1", [])
    known = Release("t", "magnet:?", ("a", "b"), 5, page="https://x.test", published=1_709_209_815_000)
    assert first.releases == [known, known._replace(published=None)]
    assert [("releases" in stored) async for stored in searches.find({})] == [False, False]
    assert await Search.get("s0") is not None


@pytest.mark.usefixtures("old_database")
async def test_the_files_of_old_orders_get_a_document_of_their_own() -> None:
    transfers = Transfer.get_pymongo_collection()
    old = {
        "member_id": "1",
        "chat_id": 1,
        "title": "t",
        "source": record().model_dump(mode="json"),
        "trace": "1",
    }
    files = [{"index": n, "path": f"a/{n}", "size": 5 * n} for n in range(3)]
    await transfers.insert_one(
        {**old, "_id": "t0", "files": files, "listed": True, "wanted": [0, 2], "page": 7}
    )
    await transfers.insert_one({**old, "_id": "t1", "files": [], "listed": False, "wanted": [], "page": 0})
    for _ in range(2):
        await files_stand_apart()
    (listed, reading) = await Transfer.find_all().sort("_id").to_list()
    assert (listed.wanted, listed.worth_fetching, listed.chosen_size, listed.left_out) == (
        [0, 2],
        [2],
        10,
        ["0"],
    )
    assert (reading.contents, reading.wanted, listed.page) == (None, [], 0)
    (kept,) = await FileList.find_all().to_list()
    assert kept.id == listed.contents
    assert kept.tree.names == ["0", "1", "2"]
    assert [("files" in stored, "wanted" in stored) async for stored in transfers.find({})] == [
        (False, False)
    ] * 2


@pytest.mark.usefixtures("old_database")
async def test_orders_that_go_on_learn_what_they_fetch() -> None:
    transfers = Transfer.get_pymongo_collection()
    link = {"kind": "link", "value": "https://t.test/1", "name": "x"}
    gone = {"kind": "torrent", "value": f"{INFOHASH}-gone", "name": "x"}
    for number, (state, source, listed) in enumerate([
        ("queued", record().model_dump(mode="json"), True),
        ("choosing", link, False),
        ("paused", link, True),
        ("done", link, True),
        ("failed", gone, True),
        ("fetching", gone, True),
    ]):  # fmt: skip
        old = {"member_id": "1", "chat_id": 1, "title": "t", "trace": "1", "state": state}
        await transfers.insert_one({**old, "_id": f"t{number}", "source": source, "listed": listed})
    for _ in range(2):
        await orders_name_their_key()
    of_link = download_key(WebLink("https://t.test/1", "x"))
    found = await Transfer.find_all().sort("_id").to_list()
    assert [transfer.key for transfer in found] == [INFOHASH, None, of_link, None, None, None]


@pytest.mark.usefixtures("old_database")
async def test_items_learn_from_their_orders_whether_they_were_unpacked() -> None:
    transfers, items = Transfer.get_pymongo_collection(), Item.get_pymongo_collection()
    for name, unpack, item in (("a", True, "a"), ("b", False, "b"), ("c", True, "b"), ("d", True, None)):
        await transfers.insert_one({"_id": name, "unpack": unpack, "item": item})
    for name in ("a", "b"):
        old = {"title": "t", "files": [], "member_id": "1", "source": INFOHASH, "archived_at": 1}
        await items.insert_one({**old, "_id": name})
    for _ in range(2):
        await items_say_whether_they_were_unpacked()
    found = await Item.find_all().sort("_id").to_list()
    assert [item.unpacked for item in found] == [True, False]


async def test_updates_that_stood_alone_are_polls_of_one() -> None:
    payload = {"update_id": 5, "message": {"text": "a"}}
    for number, done in ((5, False), (6, True)):
        old = {
            "bot_id": 42,
            "update_id": number,
            "lane": "7",
            "payload": payload,
            "received_at": 1,
            "done": done,
        }
        await InboxPoll.get_pymongo_collection().insert_one({"_id": f"42-{number}", **old})
    for _ in range(2):
        await updates_stand_together()
        await updates_are_kept_as_they_came()
    first, second = await InboxPoll.find({}).sort("first").to_list()
    assert (first.id, first.first, first.last, first.done, first.handled) == ("42-5", 5, 5, False, [])
    assert (first.updates[0].lane, json.loads(first.updates[0].payload)) == ("7", payload)
    assert (second.done, second.handled) == (True, [6])


async def test_what_stayed_on_the_disk_is_tried_again() -> None:
    """Before files were split, what was over the limit of the largest door was not tried again."""
    kept = {"item": "i", "blake3": "0", "size": 9, "stored": True}
    await Copy(id="i:0:disk", part="0", store="disk", beyond=5, **kept).insert()
    await Copy(id="i:1:telegram1", part="1", store="telegram1", message_id=1, **kept).insert()
    for _ in range(2):
        await what_stayed_is_tried_again()
    copies = {copy.id: copy for copy in await Copy.find_all().to_list()}
    assert (copies["i:0:disk"].beyond, copies["i:0:disk"].stored) == (0, True)
    assert copies["i:1:telegram1"].message_id == 1
