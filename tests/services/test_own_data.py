"""What is kept of a member: they get all of it, and after a deletion nothing names them."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from models.access import Claim, Member, Role
from models.cards import Card, CardKind
from models.clock import now
from models.delivery import Delivery
from models.downloads import SourceKind, SourceRecord
from models.feeds import EntryState, Feed, FeedEntry, FeedKind
from models.grabs import Grab, GrabState
from models.ids import derived_id, new_id
from models.intake import Intake, IntakeState
from models.library import Alert, Collection, CollectionKind, Favourite, Item, LibrarySearch
from models.schema import DOCUMENTS
from models.search import Hits, Query, Release, Search, packed
from models.storage import Copy
from models.transfers import Post, Transfer, TransferState
from services.access.own_data import _SORTS, OwnData, OwnerStays, StillBusy, kept_of
from services.access.rights import NotAllowed
from services.documents import update_all
from services.transfers.forgotten import settle_forgotten
from services.transfers.service import Transfers
from tests.services.orders import order, reread

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
CHANNEL, GROUP, NUMBER = -1001, -77, 70051
ME = str(NUMBER)
KEY = "planted-key"


@pytest.fixture
def data() -> OwnData:
    return OwnData(Transfers(lambda: None))


async def nothing() -> None:
    """Nobody is told."""


async def somebody(role: Role = Role.MEMBER) -> Member:
    member = Member(id=ME, name="Zoe Planted", role=role)
    await member.insert()
    return member


async def a_work(item: str, channel: int | None, *, group: int | None = None, kept: bool = False) -> Item:
    copy = Copy(
        id=f"{item}:0:telegram{channel}",
        item=item,
        part="0",
        store=f"telegram{channel}",
        blake3="a",
        size=1,
        channel_id=channel,
        message_id=5,
        stored=True,
    )
    if channel is not None:
        await copy.insert()
    if kept:
        on_disk = {"id": f"{item}:1:disk", "store": "disk", "channel_id": None, "message_id": None}
        await copy.model_copy(update={**on_disk, "part": "1", "path": f"store/{item}/1-a"}).insert()
    posts = [] if channel is None else [Post(copy_id=copy.id)]
    work = Item(id=item, title="T", files=[], member_id=ME, posts=posts, channel_id=channel, group=group)
    await work.insert()
    return work


async def an_order(state: TransferState, **changes: Any) -> Transfer:
    return await order(state, **{"member_id": ME, "chat_id": NUMBER, **changes})


async def everything_else() -> None:
    """One of each other document that names them."""
    search = new_id()
    release = Release("Bunny", f"http://indexer/?apikey={KEY}", ("one",), page=f"http://indexer/{KEY}")
    await Search(id=search, member_id=ME, chat_id=NUMBER, query=Query(text="bunny")).insert()
    await Hits(id=search, text=packed([release])).insert()
    await LibrarySearch(id=new_id(), member_id=ME, chat_id=NUMBER, text="jazz").insert()
    await Favourite(id=derived_id("favourite", ME, "x"), member_id=ME, item="x").insert()
    feed = new_id()
    await Feed(
        id=feed, member_id=ME, chat_id=NUMBER, kind=FeedKind.SEARCH, what="planted words", name="Planted"
    ).insert()
    await FeedEntry(
        id=new_id(),
        feed=feed,
        member_id=ME,
        names=["n"],
        order=new_id(),
        title="Bunny",
        link=f"http://indexer/?apikey={KEY}",
        state=EntryState.SEEN,
        at=1,
    ).insert()
    await Intake(id=new_id(), member_id=ME, chat_id=NUMBER, channel="@some").insert()
    await Alert(id=new_id(), member_id=ME, text="jazz").insert()
    await Collection(
        id=new_id(), member_id=ME, collects=CollectionKind.PLAYLIST, title="Evening", items=["x"]
    ).insert()
    await Delivery(id=new_id(), member_id=ME).insert()
    await Grab(id=new_id(), member_id=ME, chat_id=NUMBER, channel="@some", state=GrabState.RUNNING).insert()
    await Claim(used_by=ME).insert()
    await Card(
        id=new_id(), chat_id=NUMBER, member_id=ME, language="en", kind=CardKind.HELP, subject=ME
    ).insert()


async def said_of_them() -> str:
    """Every document there is, as text."""
    found: list[Mapping[str, Any]] = []
    for kind in DOCUMENTS:
        found += await kind.get_pymongo_collection().find({}).to_list()
    return str(found)


async def tidied() -> None:
    await update_all(Transfer, {"tidied": False}, {"tidied": True})
    await settle_forgotten(CHANNEL)


async def test_nothing_names_them_afterwards_and_the_library_stays(data: OwnData) -> None:
    me = await somebody()
    message = SourceRecord(
        kind=SourceKind.MESSAGE, value=f"telegram:?chat={ME}&message_id=5", name="a", trusted=False
    )
    done = await an_order(TransferState.DONE, source=message, picked=["x"], search="y", grab="z")
    await a_work(done.id, CHANNEL)
    in_group = await an_order(TransferState.DONE, chat_id=GROUP)
    await a_work(in_group.id, CHANNEL, group=GROUP)
    running = [await an_order(state) for state in (TransferState.CHOOSING, TransferState.FETCHING)]
    failed = await an_order(TransferState.FAILED)
    handed_out = await an_order(TransferState.DONE, item="somebody-elses")
    await everything_else()
    others = await order(TransferState.DONE, member_id="other")
    kept = await kept_of(me)
    assert (kept.counts["orders"], kept.going_on, kept.counts["works"]) == (6, 2, 2)

    await data.delete(ME, nothing, by=me)
    assert [(await reread(each)).state for each in running] == [TransferState.CANCELLED] * 2
    assert "Planted" not in await said_of_them()
    await tidied()
    said = await said_of_them()
    assert ME not in said
    assert "Planted" not in said
    assert {each.id for each in await Transfer.find({}).to_list()} == {done.id, in_group.id, others.id}
    assert failed.id not in said
    assert handed_out.id not in said
    for item, group in ((done.id, None), (in_group.id, GROUP)):
        work = await Item.get(item)
        assert work is not None
        assert (work.member_id, work.group, work.channel_id, work.removed_at) == ("", group, CHANNEL, 0)
        assert len(work.posts) == 1
    assert (await reread(in_group)).chat_id == GROUP


async def test_what_stood_in_their_own_chat_only_is_nobodys(data: OwnData) -> None:
    me = await somebody()
    gone, kept = await an_order(TransferState.DONE), await an_order(TransferState.DONE)
    moment = now()
    await a_work(gone.id, NUMBER)
    await a_work(kept.id, NUMBER, kept=True)
    await data.delete(ME, nothing, by=me)
    await tidied()
    assert ME not in await said_of_them()
    one, other = await Item.get(gone.id), await Item.get(kept.id)
    assert one is not None
    assert other is not None
    assert one.removed_at >= moment, "there is nothing left of it"
    assert (other.removed_at, other.channel_id, other.posts) == (0, None, [])
    assert [copy.store for copy in await Copy.find({}).to_list()] == ["disk"]
    assert [each.id for each in await Transfer.find({}).to_list()] == [kept.id], "by it the rest goes up"


async def test_without_an_archive_channel_no_order_is_kept_for_what_lies_on_the_disk(data: OwnData) -> None:
    me = await somebody()
    kept = await an_order(TransferState.DONE)
    await a_work(kept.id, NUMBER, kept=True)
    await data.delete(ME, nothing, by=me)
    await update_all(Transfer, {"tidied": False}, {"tidied": True})
    await settle_forgotten(None)
    assert await Transfer.count() == 0


async def test_what_is_stored_again_goes_on(data: OwnData) -> None:
    me = await somebody()
    lifted = await an_order(TransferState.STORING)
    await update_all(Transfer, {"_id": lifted.id}, {"item": lifted.id})
    await a_work(lifted.id, CHANNEL, kept=True)
    await data.delete(ME, nothing, by=me)
    after = await reread(lifted)
    assert (after.state, after.fence, after.chat_id) == (TransferState.STORING, lifted.fence, 0)
    await settle_forgotten(CHANNEL)
    assert (await reread(lifted)).member_id == "forgotten", "not before it has ended"


async def test_an_order_is_there_until_it_holds_nothing_more(data: OwnData) -> None:
    me = await somebody()
    running = await an_order(TransferState.FETCHING, download="a" * 40)
    await data.delete(ME, nothing, by=me)
    await settle_forgotten(CHANNEL)
    assert (await reread(running)).tidied is False
    # what a stage that had begun before has written down meanwhile
    await a_work(running.id, None, kept=True)
    await tidied()
    work = await Item.get(running.id)
    assert work is not None
    assert work.member_id == ""


async def test_a_collection_that_all_see_stays_without_a_name(data: OwnData) -> None:
    me = await somebody()
    for key, opened in (("own", False), ("common", True)):
        await Collection(
            id=key, member_id=ME, collects=CollectionKind.ALBUM, title=key, items=["x"], opened=opened
        ).insert()
    await data.delete(ME, nothing, by=me)
    assert [(each.id, each.member_id) for each in await Collection.find_all().to_list()] == [("common", "")]


def test_no_sort_of_document_is_forgotten() -> None:
    """Whatever names a member is counted, given and deleted."""
    naming = {kind for kind in DOCUMENTS if "member_id" in kind.model_fields}
    assert naming == {FeedEntry, *_SORTS.values()}


async def test_they_are_told_before_the_last_of_it_goes(data: OwnData) -> None:
    me = await somebody()
    left: list[object] = []

    async def tell() -> None:
        left.append(await Member.get(ME))
        left.append(await Card.count())

    await everything_else()
    await data.delete(ME, tell, by=me)
    assert left == [me, 0]
    assert await Member.get(ME) is None
    await data.delete(ME, nothing, by=me)  # as after a kill


async def test_the_owner_stays(data: OwnData) -> None:
    me = await somebody(Role.OWNER)
    await everything_else()
    with pytest.raises(OwnerStays):
        await data.delete(ME, nothing, by=me)
    assert await Favourite.count() == 1


async def test_nobody_gets_or_deletes_what_is_anothers(data: OwnData) -> None:
    await somebody()
    eve = await Member(id="6", name="Eve", role=Role.OWNER).insert()
    with pytest.raises(NotAllowed):
        await data.all_of(ME, by=eve)
    with pytest.raises(NotAllowed):
        await data.delete(ME, nothing, by=eve)
    assert await Member.get(ME) is not None


async def test_while_a_channel_is_looked_through_they_wait(data: OwnData) -> None:
    """Else it would order more for somebody who is gone."""
    me = await somebody(Role.ADMIN)
    await everything_else()
    await update_all(Grab, {}, {"lease_until": now() + 60_000})
    with pytest.raises(StillBusy):
        await data.delete(ME, nothing, by=me)
    (grab,) = await Grab.find({}).to_list()
    assert grab.state is GrabState.STOPPED
    await update_all(Grab, {}, {"lease_until": 1})
    await update_all(Feed, {}, {"lease_until": now() + 60_000})
    with pytest.raises(StillBusy):
        await data.delete(ME, nothing, by=me)
    await update_all(Feed, {}, {"lease_until": 0})
    await data.delete(ME, nothing, by=me)
    assert await Grab.count() == 0


async def test_a_channel_that_was_taken_in_stays_open(data: OwnData) -> None:
    me = await somebody(Role.ADMIN)
    common = {"member_id": ME, "chat_id": NUMBER, "channel": "@some", "channel_id": CHANNEL}
    for number, state in enumerate((IntakeState.DONE, IntakeState.RUNNING)):
        await Intake(id=f"opened{number}", opened=True, state=state, **common).insert()
    await Intake(id="never", **common).insert()
    await data.delete(ME, nothing, by=me)
    left = await Intake.find({}).sort("_id").to_list()
    assert [(one.id, one.state, one.opened) for one in left] == [
        ("opened0", IntakeState.DONE, True),
        ("opened1", IntakeState.STOPPED, True),
    ]
    assert ME not in await said_of_them()


async def test_all_of_it_is_given_but_for_what_is_the_owners(data: OwnData) -> None:
    me = await somebody()
    link = SourceRecord(kind=SourceKind.LINK, value=f"http://indexer/?apikey={KEY}", name="a", trusted=True)
    await an_order(TransferState.DONE, source=link)
    mine = await an_order(TransferState.CHOOSING)
    await order(TransferState.DONE, member_id="other", title="Theirs")
    await a_work(mine.id, CHANNEL)
    await everything_else()
    with await data.all_of(ME, by=me) as file:
        text = file.read().decode()
    told = json.loads(text)
    assert KEY not in text
    assert "Theirs" not in text
    assert told["member"]["name"] == "Zoe Planted"
    counts = {name: len(told[name]) for name in told if name not in {"made_at", "member"}}
    assert counts == dict((await kept_of(me)).counts)
    assert counts["orders"] == 2
    assert min(counts.values()) == 1
    assert next(each for each in told["orders"] if each["id"] == mine.id)["source"]["value"]
    assert [entry["title"] for entry in told["feeds"][0]["entries"]] == ["Bunny"]
    (search,) = told["searches"]
    assert (search["query"]["text"], search["hits"][0]["title"]) == ("bunny", "Bunny")
