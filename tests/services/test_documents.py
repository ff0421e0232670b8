"""Conditional updates, and the part of MongoDB that the models rely on: the embedded server and the real one alike."""

import asyncio
import json

import pytest
from pymongo.errors import DuplicateKeyError

from models.access import Member, Role
from models.cards import Card, CardKind
from models.downloads import Download, Snapshot, SourceKind, SourceRecord, Torrent
from models.ids import new_id
from models.inbox import InboxPoll, KeptUpdate
from models.search import Hits, Release, packed
from models.transfers import Failure, Transfer, TransferState
from services.documents import insert_new, insert_once, load, plain, update_all, update_each, update_if
from tests.services.orders import member, order, reread

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]


def download(key: str = "k", **changes: object) -> Download:
    source = SourceRecord(kind=SourceKind.LINK, value="https://x.test/a", name="a")
    values: dict[str, object] = {
        "id": key,
        "source": source,
        "engine": "embedded",
        "wanted": [0],
        "transfers": ["t"],
    }
    made: Download = Download.model_validate({**values, **changes})
    return made


def poll(number: int, payload: str = "{}") -> InboxPoll:
    update = KeptUpdate(update_id=number, lane="x", payload=payload)
    return InboxPoll(id=str(number), bot_id=1, first=number, last=number, updates=[update])


async def test_inserting_twice_gives_what_was_there_first() -> None:
    first = await insert_once(Member(id="1", name="Ada", role=Role.OWNER))
    second = await insert_once(Member(id="1", name="Eve", role=Role.GUEST))
    assert (first.name, second.name, second.role) == ("Ada", "Ada", Role.OWNER)
    assert await Member.count() == 1


async def test_twenty_inserts_at_once_are_one() -> None:
    made = await asyncio.gather(
        *(insert_once(Member(id="1", name=str(n), role=Role.GUEST)) for n in range(20))
    )
    assert len({found.name for found in made}) == 1
    assert await Member.count() == 1


async def test_many_are_inserted_in_one_call_and_what_is_there_stays() -> None:
    there = await insert_once(Member(id="1", name="Ada", role=Role.OWNER))
    for _ in range(2):
        await insert_new([Member(id=str(n), name="Eve", role=Role.GUEST) for n in range(1, 6)])
    assert await Member.get("1") == there
    found = await Member.get("5")
    assert found is not None
    assert (found.name, found.role, await Member.count()) == ("Eve", Role.GUEST, 5)


async def test_an_update_is_made_only_where_everything_is_as_expected() -> None:
    transfer = await order()
    where = {"_id": transfer.id, "state": TransferState.CHOOSING}
    changed = await update_if(Transfer, where, {"state": TransferState.QUEUED}, increase={"fence": 1})
    assert changed is not None
    assert (changed.state, changed.fence, changed.id) == (TransferState.QUEUED, 1, transfer.id)
    assert await update_if(Transfer, where, {"state": TransferState.DONE}) is None
    assert (await reread(transfer)).state is TransferState.QUEUED


async def test_of_twenty_who_expect_the_same_one_wins() -> None:
    transfer = await order()
    where = {"_id": transfer.id, "fence": 0}
    made = await asyncio.gather(
        *(update_if(Transfer, where, {"lease_owner": str(n)}, increase={"fence": 1}) for n in range(20))
    )
    winners = [found for found in made if found is not None]
    assert len(winners) == 1
    assert (await reread(transfer)).lease_owner == winners[0].lease_owner


async def test_counting_up_loses_nothing() -> None:
    transfer = await order()
    await asyncio.gather(
        *(
            update_if(Transfer, {"_id": transfer.id}, {"waiting": "x"}, increase={"fence": 1})
            for _ in range(25)
        )
    )
    assert (await reread(transfer)).fence == 25


async def test_the_first_by_the_order_asked_for_is_changed() -> None:
    for created in (30, 10, 20):
        await order(created_at=created)
    first = await update_if(Transfer, {"fence": 0}, {}, increase={"fence": 1}, sort=[("created_at", 1)])
    assert first is not None
    assert first.created_at == 10


async def test_update_all_counts_what_it_changed() -> None:
    for state in (TransferState.DONE, TransferState.DONE, TransferState.FAILED):
        await order(state)
    assert await update_all(Transfer, {"state": TransferState.DONE}, {"tidied": True}) == 2
    assert await Transfer.find({"tidied": True}).count() == 2


async def test_models_come_back_as_they_were_set() -> None:
    transfer = await order()
    changes = {
        "progress": Snapshot(done=2**40, total=None, stalled=True),
        "failure": Failure(key="x", values={"n": 5, "t": "ñ"}, resume_to=TransferState.QUEUED),
        "previews": {"0": []},
        "missed_previews": ("b", "a"),
        "kept_on_disk": ["ä", "a.b", "$x"],
    }
    changed = await update_if(Transfer, {"_id": transfer.id}, changes)
    assert changed == await reread(transfer)
    assert changed is not None
    assert changed.progress == changes["progress"]
    assert changed.failure == changes["failure"]
    assert changed.missed_previews == ["b", "a"]
    assert changed.kept_on_disk == ["ä", "a.b", "$x"]


async def test_releases_come_back_as_they_were_packed() -> None:
    """Also those of a thousand, whole."""
    plain_one = Release(title="t", link="magnet:?", indexers=("a",))
    full = Release(
        'ñ"\u0001\n', "https://x.test", ("a", "b"), 1, 2, 3, "ab" * 20, "https://x.test/p", 4, 5000
    )
    for releases in ([], [full, plain_one], [full] * 1000):
        hits = await Hits(id=new_id(), text=packed(releases)).insert()
        read = await Hits.get(hits.id)
        assert read is not None
        assert read.releases == releases


def test_plain_values() -> None:
    assert plain({"a": TransferState.DONE, "b": (1, [Role.OWNER]), "c": {"d": Snapshot(done=1)}})["b"] == [
        1,
        ["owner"],
    ]
    assert plain({TransferState.DONE: 1}) == {"done": 1}
    assert load(Member, {"_id": "1", "name": "a", "role": "guest"}).id == "1"


class TestWhatTheModelsRelyOn:
    """DESIGN keeps to what both servers do right. Each of these is used by a service."""

    async def test_an_id_is_unique(self) -> None:
        await member("x")
        with pytest.raises(DuplicateKeyError):
            await member("x")

    async def test_a_field_that_is_null_is_found_by_null_outside_of_or(self) -> None:
        """Placing a post expects `message_id: None`. Inside `$or` the embedded server finds nothing, so it is not used."""
        card = await _card("a").insert()
        assert await update_if(Card, {"_id": card.id, "message_id": None}, {"message_id": 5}) is not None
        assert await update_if(Card, {"_id": card.id, "message_id": None}, {"message_id": 6}) is None

    async def test_not_null_finds_what_is_set(self) -> None:
        await _card("a").insert()
        await _card("b", message_id=3).insert()
        assert [card.id for card in await Card.find({"message_id": {"$ne": None}}).to_list()] == ["b"]

    async def test_or_of_values_beside_a_comparison(self) -> None:
        """The claim of a Transfer."""
        queued, choosing = await order(TransferState.QUEUED), await order(listed=False)
        await order(TransferState.QUEUED, lease_until=10**15)
        await order(TransferState.DONE)
        await order()
        has_work = [{"state": {"$in": ["queued"]}}, {"state": "choosing", "listed": False}]
        found = await Transfer.find({"lease_until": {"$lt": 10**14}, "$or": has_work}).to_list()
        assert {transfer.id for transfer in found} == {queued.id, choosing.id}

    async def test_an_empty_list_of_alternatives_matches_nothing(self) -> None:
        await order()
        assert await Transfer.find({"state": {"$in": []}}).count() == 0

    async def test_a_list_is_empty_by_its_size(self) -> None:
        """The last one to leave a Download. Comparing with `[]` is an error on the embedded server, so it is not used."""
        await download(transfers=[]).insert()
        await download("other").insert()
        assert [found.id for found in await Download.find({"transfers": {"$size": 0}}).to_list()] == ["k"]

    async def test_add_to_set_of_each_and_pull_of_a_scalar(self) -> None:
        await download().insert()
        collection = Download.get_pymongo_collection()
        for _ in range(2):
            await collection.update_one(
                {"_id": "k"},
                {"$addToSet": {"transfers": "u", "wanted": {"$each": [0, 3, 4]}}, "$set": {"error": None}},
            )
        found = await Download.get("k")
        assert found is not None
        assert (found.transfers, sorted(found.wanted)) == (["t", "u"], [0, 3, 4])
        await collection.update_one({"_id": "k"}, {"$pull": {"transfers": "t"}})
        await collection.update_one({"_id": "k"}, {"$pull": {"transfers": "nobody"}})
        found = await Download.get("k")
        assert found is not None
        assert found.transfers == ["u"]

    async def test_add_to_set_at_once_loses_nobody(self) -> None:
        await download(transfers=[]).insert()
        collection = Download.get_pymongo_collection()
        names = [str(n) for n in range(20)]
        await asyncio.gather(
            *(collection.update_one({"_id": "k"}, {"$addToSet": {"transfers": name}}) for name in names)
        )
        found = await Download.get("k")
        assert found is not None
        assert sorted(found.transfers) == sorted(names)

    async def test_a_field_of_an_inner_document_can_be_asked_for(self) -> None:
        await download(progress=Snapshot(paused=True)).insert()
        await download("other").insert()
        assert [found.id for found in await Download.find({"progress.paused": True}).to_list()] == ["k"]

    async def test_a_whole_inner_document_can_be_set(self) -> None:
        await download().insert()
        changed = await update_if(Download, {"_id": "k"}, {"progress": Snapshot(done=1, paused=True)})
        assert changed is not None
        assert changed.progress == Snapshot(done=1, paused=True)

    async def test_times_are_numbers_because_a_date_may_come_back_as_text(self) -> None:
        """`$set` of a datetime is stored as text by the embedded server: Millis are used instead."""
        transfer = await order()
        changed = await update_if(Transfer, {"_id": transfer.id}, {"lease_until": 1_700_000_000_123})
        assert changed is not None
        assert changed.lease_until == 1_700_000_000_123
        assert (
            await Transfer.find(
                {"lease_until": {"$gte": 1_700_000_000_123, "$lt": 1_700_000_000_124}}
            ).count()
            == 1
        )

    async def test_large_whole_numbers_stay_whole(self) -> None:
        transfer = await order(progress=Snapshot(done=2**53 + 1))
        assert (await reread(transfer)).progress.done == 2**53 + 1

    async def test_sort_skip_and_limit(self) -> None:
        for number in (3, 1, 2):
            await poll(number).insert()
        found = await InboxPoll.find({"bot_id": 1, "done": False}).sort("-first").skip(1).limit(1).to_list()
        assert [each.first for each in found] == [2]

    async def test_payloads_of_telegram_are_kept_as_they_are(self) -> None:
        payload = json.dumps({"update_id": 2**40, "message": {"text": "a.b $c {} \0 \ud800", "x": None}})
        await poll(1, payload).insert()
        found = await InboxPoll.get("1")
        assert found is not None
        assert found.updates[0].payload == payload

    async def test_bytes_are_kept(self) -> None:
        await Torrent(id="h", metainfo=bytes(range(256)) * 2000).insert()
        found = await Torrent.get("h")
        assert found is not None
        assert found.metainfo == bytes(range(256)) * 2000

    async def test_deleting_what_is_gone_is_no_error(self) -> None:
        await download().insert()
        collection = Download.get_pymongo_collection()
        assert (await collection.delete_one({"_id": "k", "state": "removing"})).deleted_count == 0
        assert (await collection.delete_one({"_id": "k"})).deleted_count == 1
        assert (await collection.delete_one({"_id": "k"})).deleted_count == 0


def _card(card_id: str, **changes: object) -> Card:
    values: dict[str, object] = {
        "id": card_id, "chat_id": 1, "member_id": "1", "language": "en", "kind": CardKind.NOTICE, "subject": "help",
    }  # fmt: skip
    made: Card = Card.model_validate({**values, **changes})
    return made


async def test_many_updates_in_one_call_each_by_itself() -> None:
    first, second, third = [await order() for _ in range(3)]
    await update_each(
        Transfer,
        [
            (
                {"_id": first.id, "state": TransferState.CHOOSING},
                {"state": TransferState.QUEUED, "title": "a"},
            ),
            ({"_id": second.id, "state": TransferState.DONE}, {"title": "b"}),
            ({"_id": third.id, "fence": 0}, {"progress": Snapshot(done=7)}),
        ],
    )
    changed = await reread(first)
    assert (changed.state, changed.title) == (TransferState.QUEUED, "a")
    assert await reread(second) == second
    assert (await reread(third)).progress == Snapshot(done=7)
