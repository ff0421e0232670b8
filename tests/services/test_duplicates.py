"""Several encodings of one work: found, merged, separated, and nobody sees more by it than before."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from models.access import Member, Role
from models.clock import now
from models.ids import derived_id, new_id
from models.library import (
    Alert,
    Collection,
    CollectionKind,
    Encodings,
    EncodingsState,
    Favourite,
    Item,
    LibrarySearch,
    WorksNamed,
)
from models.media import Facts, Kind
from models.storage import Copy
from models.transfers import Post
from services.access.rights import NotAllowed
from services.documents import update_if
from services.library import encodings
from services.library.alerts import Alerts
from services.library.duplicates import Duplicates, EncodingsChanged, NoSuchEncodings
from services.library.encodings import SHOWN, EncodingsKeeper
from services.library.follower import Follower
from services.library.grouping import seen
from services.library.service import Library
from services.library.standing import standing
from services.library.works import VERSION
from services.tasks import Bell
from tests.services.orders import member

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
CHANNEL, GROUP = -1001, -1002
BUNNY = "film:big buck bunny"


def film(height: int = 1080, **changes: object) -> Facts:
    values: dict[str, Any] = {
        "path": "b",
        "name": f"b{height}.mkv",
        "size": height * 10**6,
        "blake3": f"{height}",
    }
    values |= {"kind": Kind.VIDEO, "title": "Big Buck Bunny (2008)", "year": 2008, "duration": 596.0}
    return Facts.model_validate({**values, "height": height, "video_codec": "h264", **changes})


async def archived(height: int = 1080, *, facts: Sequence[Facts] = (), **changes: object) -> Item:
    item_id = str(changes.pop("id", new_id()))
    copy = f"{item_id}:0:telegram{CHANNEL}"
    values = {"id": item_id, "title": "Big Buck Bunny", "files": facts or [film(height)], "member_id": "1001"}
    posts = [Post(copy_id=copy, link="https://t.me/c/1/2")]
    item: Item = Item.model_validate({**values, "channel_id": CHANNEL, "posts": posts, **changes})
    await item.insert()
    return item


@pytest.fixture
def changed() -> list[str]:
    return []


@pytest.fixture
def keeper(changed: list[str]) -> EncodingsKeeper:
    return EncodingsKeeper(Bell(), changed.append)


@pytest.fixture
def duplicates() -> Duplicates:
    return Duplicates(lambda: None)


@pytest.fixture
async def admin() -> Member:
    return await member("1", Role.ADMIN)


async def again(item: Item) -> Item:
    found = await Item.get(item.id)
    assert found is not None
    return found


async def groups() -> list[Encodings]:
    return await Encodings.find({}).sort("_id").to_list()


async def the_group() -> Encodings:
    (group,) = await groups()
    return group


async def merge(duplicates: Duplicates, keeper: EncodingsKeeper, best: Item, admin: Member) -> Encodings:
    group = await the_group()
    await duplicates.merge(group.id, best.id, seen(group), by=admin)
    await keeper.look()
    return await the_group()


async def test_what_is_the_same_work_is_shown_together(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member, changed: list[str]
) -> None:
    small, large = await archived(360), await archived(2160)
    await archived(facts=[film(title="Sintel (2010)", year=2010)])
    await keeper.look()
    assert (await again(small)).work == BUNNY
    group = await the_group()
    assert (group.state, set(group.items), group.best) == (
        EncodingsState.OPEN,
        {small.id, large.id},
        large.id,
    )
    assert changed == [SHOWN]
    listed = await duplicates.listed(0, decided=False, by=admin)
    assert [(one.id, title) for one, title in listed.groups] == [(group.id, "Big Buck Bunny")]
    looked = await duplicates.look(group.id, by=admin)
    assert (looked.better, looked.best, looked.joining) == (large.id, large.id, [small.id])
    before = await the_group()
    await keeper.look()
    assert await the_group() == before, "what is as it was is not written anew"


async def test_merged_one_stands_for_all(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member
) -> None:
    small = await archived(360, tags=["Night", "bunny"])
    large = await archived(2160, tags=["Bunny"])
    await Favourite(id=derived_id("favourite", "7", small.id), member_id="7", item=small.id).insert()
    for title, items in (("One", ["x", small.id, "y"]), ("Both", [small.id, large.id])):
        await Collection(
            id=title, member_id="7", collects=CollectionKind.PLAYLIST, title=title, items=items
        ).insert()
    await keeper.look()
    group = await merge(duplicates, keeper, large, admin)
    assert (group.state, group.best, group.joining) == (EncodingsState.MERGED, large.id, [])
    collections = {each.id: each.items for each in await Collection.find_all().to_list()}
    assert collections == {"One": ["x", large.id, "y"], "Both": [large.id]}
    merged = await again(small)
    assert (merged.merged_into, merged.posts, merged.removed_at) == (large.id, small.posts, 0)
    assert (await again(large)).tags == ["Bunny", "Night"]
    (favourite,) = await Favourite.find({}).to_list()
    assert (favourite.id, favourite.item) == (derived_id("favourite", "7", large.id), large.id)
    assert await standing([small.id, large.id, "none"]) == {
        small.id: large.id,
        large.id: large.id,
        "none": "none",
    }
    listed = await duplicates.listed(0, decided=True, by=admin)
    assert (listed.total, listed.others) == (1, 0)


async def test_separated_each_stands_for_itself(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member
) -> None:
    small, large = await archived(360, tags=["night"]), await archived(2160)
    await keeper.look()
    group = await merge(duplicates, keeper, large, admin)
    await duplicates.separate(group.id, seen(group), by=admin)
    await keeper.look()
    assert (await the_group()).state is EncodingsState.OPEN
    assert (await again(small)).merged_into == ""
    assert (await again(large)).tags == ["night"], "tags stay"


async def test_another_may_stand_for_them(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member
) -> None:
    small, middle, large = await archived(360), await archived(720), await archived(2160)
    await keeper.look()
    await merge(duplicates, keeper, large, admin)
    group = await merge(duplicates, keeper, small, admin)
    assert group.best == small.id
    assert [(await again(each)).merged_into for each in (small, middle, large)] == ["", small.id, small.id]


async def test_a_new_encoding_of_what_was_merged_is_shown_again(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member
) -> None:
    small, large = await archived(360), await archived(720)
    await keeper.look()
    await merge(duplicates, keeper, large, admin)
    larger = await archived(2160)
    await keeper.look()
    group = await the_group()
    assert (group.state, group.best, len(group.items)) == (EncodingsState.OPEN, larger.id, 3)
    await merge(duplicates, keeper, larger, admin)
    assert (await again(small)).merged_into == (await again(large)).merged_into == larger.id, "no chains"


async def test_what_is_not_the_same_stays_apart(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member
) -> None:
    small, large = await archived(360), await archived(2160)
    await keeper.look()
    group = await the_group()
    await duplicates.part(group.id, seen(group), by=admin)
    await update_if(Item, {"_id": small.id}, {"changed_at": now() + 1})
    await keeper.look()
    assert (await the_group()).state is EncodingsState.APART
    third = await archived(720)
    await keeper.look()
    group = await the_group()
    assert (group.state, len(group.items)) == (EncodingsState.OPEN, 3)
    assert (await duplicates.look(group.id, large.id, by=admin)).joining == [third.id]
    assert (await duplicates.look(group.id, third.id, by=admin)).joining == []
    with pytest.raises(EncodingsChanged):
        await duplicates.merge(group.id, third.id, seen(group), by=admin)


async def test_who_erred_joins_them_again(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member
) -> None:
    _, large = await archived(360), await archived(2160)
    await keeper.look()
    group = await the_group()
    await duplicates.part(group.id, seen(group), by=admin)
    await duplicates.rejoin(group.id, by=admin)
    assert (await merge(duplicates, keeper, large, admin)).state is EncodingsState.MERGED


async def test_what_others_may_see_is_not_merged(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member
) -> None:
    small, large = await archived(360), await archived(720)
    of_group = await archived(2160, group=GROUP)
    elsewhere = await archived(1080, channel_id=-1003)
    nowhere = await archived(1440, channel_id=None, posts=[])
    await keeper.look()
    group = await the_group()
    assert set(group.items) == {small.id, large.id}
    looked = await duplicates.look(group.id, by=admin)
    assert {each.id for each in looked.elsewhere} == {of_group.id, elsewhere.id, nowhere.id}
    with pytest.raises(EncodingsChanged):
        await duplicates.merge(group.id, of_group.id, seen(group), by=admin)
    await merge(duplicates, keeper, large, admin)
    assert [(await again(each)).merged_into for each in (of_group, elsewhere, nowhere)] == ["", "", ""]


async def test_what_moves_elsewhere_meanwhile_is_left_out(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member
) -> None:
    small, large = await archived(360), await archived(720)
    await keeper.look()
    group = await the_group()
    await duplicates.merge(group.id, large.id, seen(group), by=admin)
    await update_if(Item, {"_id": small.id}, {"channel_id": -1003, "changed_at": now()})
    await keeper.look()
    assert (await again(small)).merged_into == ""
    assert await groups() == [], "one alone is no group"


async def test_what_is_removed_meanwhile_is_left_out(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member
) -> None:
    small, large = await archived(360), await archived(720)
    await keeper.look()
    group = await the_group()
    await duplicates.merge(group.id, large.id, seen(group), by=admin)
    await update_if(Item, {"_id": large.id}, {"removed_at": now(), "changed_at": now()})
    await keeper.look()
    assert (await again(small)).merged_into == ""
    assert await groups() == []
    with pytest.raises(NoSuchEncodings):
        await duplicates.look(group.id, by=admin)


@pytest.mark.parametrize("change", [{"removed_at": 1}, {"channel_id": -1003}])
async def test_nothing_is_hidden_behind_what_is_gone(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member, change: dict[str, int]
) -> None:
    small, large = await archived(360), await archived(720)
    await keeper.look()
    await merge(duplicates, keeper, large, admin)
    await update_if(Item, {"_id": large.id}, {**change, "changed_at": now() + 1})
    assert (await standing([small.id]))[small.id] == (small.id if "removed_at" in change else large.id)
    await keeper.look()
    assert (await again(small)).merged_into == ""


async def test_at_a_start_nothing_is_hidden_behind_what_never_was(changed: list[str]) -> None:
    """An import may bring one without the other, or what was made to harm."""
    lost = await archived(360, merged_into="nothing")
    one = await archived(360, id="a", merged_into="b")
    await archived(720, id="b", merged_into="a")
    selfish = await archived(1080, id="c", merged_into="c")
    assert (await standing(["c"]))["c"] == "c"
    assert (await standing([lost.id]))[lost.id] == lost.id
    await EncodingsKeeper(Bell(), changed.append).look()
    assert [(await again(each)).merged_into for each in (lost, one, selfish)] == ["", "", ""]
    assert (await Item.get_pymongo_collection().find({"merged_into": {"$gt": ""}}).to_list()) == []


async def test_of_two_admins_at_once_one_decides(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member
) -> None:
    small, large = await archived(360), await archived(720)
    other = await member("2", Role.OWNER)
    await keeper.look()
    group = await the_group()
    decided = await asyncio.gather(
        duplicates.merge(group.id, small.id, seen(group), by=admin),
        duplicates.merge(group.id, large.id, seen(group), by=other),
        duplicates.part(group.id, seen(group), by=admin),
        return_exceptions=True,
    )
    assert [isinstance(each, EncodingsChanged) for each in decided].count(True) == 2
    await keeper.look()
    merged = [each for each in (small, large) if (await again(each)).merged_into]
    assert len(merged) == (0 if decided[2] is None else 1)


async def test_nobody_decides_about_what_they_were_not_shown(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member
) -> None:
    _, large = await archived(360), await archived(720)
    await keeper.look()
    looked_at = await the_group()
    await archived(480)
    await keeper.look()
    with pytest.raises(EncodingsChanged):
        await duplicates.merge(looked_at.id, large.id, seen(looked_at), by=admin)


async def test_only_admins_look_and_decide(keeper: EncodingsKeeper, duplicates: Duplicates) -> None:
    await archived(360)
    await archived(720)
    await keeper.look()
    group, reader = await the_group(), await member("8")
    with pytest.raises(NotAllowed):
        await duplicates.listed(0, decided=False, by=reader)
    with pytest.raises(NotAllowed):
        await duplicates.look(group.id, by=reader)
    with pytest.raises(NotAllowed):
        await duplicates.merge(group.id, group.best, seen(group), by=reader)


async def test_what_is_damaged_or_says_nothing_costs_itself(keeper: EncodingsKeeper, admin: Member) -> None:
    odd = {"_id": "odd", "title": 7, "files": [{}], "changed_at": now()}
    await Item.get_pymongo_collection().insert_one(odd)
    bare = {"_id": "bare", "title": "x", "files": [], "member_id": "1", "changed_at": now()}
    await Item.get_pymongo_collection().insert_one(bare)
    plain = {"duration": None, "height": None, "video_codec": None}
    await archived(facts=[film().model_copy(update=plain)])
    await archived(720)
    await keeper.look()
    looked = await Duplicates(lambda: None).look((await the_group()).id, by=admin)
    assert looked.best != ""


async def test_a_work_of_ten_thousand_files(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member
) -> None:
    def season(count: int, height: int) -> list[Facts]:
        named = {"series": "Sintel", "season": 1, "year": None, "size": 100}
        return [film(height, episode=number, **named) for number in range(count)]

    part, whole = await archived(facts=season(8000, 1080)), await archived(facts=season(9999, 720))
    await keeper.look()
    group = await the_group()
    assert (group.work, set(group.items)) == ("season:sintel:1", {part.id, whole.id})
    assert (await merge(duplicates, keeper, whole, admin)).state is EncodingsState.MERGED


async def test_what_was_there_before_is_looked_through_page_by_page(
    keeper: EncodingsKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many have the same moment, and each has one double behind all others."""
    monkeypatch.setattr(encodings, "_PAGE", 20)
    for half in range(2):
        for number in range(15):
            title = f"Film {number} (2008)"
            await archived(360 + half, facts=[film(360 + half, title=title)], changed_at=1000 + half)
    await keeper.look()
    assert len(await groups()) == 15
    reached = await WorksNamed.get("works")
    assert reached is not None
    assert reached.until > 1001


async def test_with_other_rules_all_is_looked_at_again(changed: list[str]) -> None:
    item = await archived(changed_at=1000, work="an old name")
    await WorksNamed(until=now(), version=VERSION).insert()
    await EncodingsKeeper(Bell(), changed.append).look()
    assert (await again(item)).work == "an old name"
    await update_if(WorksNamed, {"_id": "works"}, {"version": VERSION - 1})
    await EncodingsKeeper(Bell(), changed.append).look()
    assert (await again(item)).work == BUNNY


async def test_posts_that_are_gone_count(
    keeper: EncodingsKeeper, duplicates: Duplicates, admin: Member
) -> None:
    gone, there = await archived(720), await archived(720)
    values = {"item": gone.id, "part": "0", "store": f"telegram{CHANNEL}", "blake3": "b", "size": 1}
    await Copy(id=gone.posts[0].copy_id, **values, stored=True, lost_at=5).insert()
    await keeper.look()
    looked = await duplicates.look((await the_group()).id, by=admin)
    assert looked.better == there.id


async def nobody(_group: int, _person: int) -> bool:
    return False


async def everybody(_group: int, _person: int) -> bool:
    return True


async def nowhere_known(_name: str) -> None:
    return None


@pytest.fixture
async def follower(tmp_path: Path) -> Follower:
    follower = Follower(tmp_path / "index", Bell())
    await follower.look()
    return follower


def library_of(follower: Follower, is_member: Any = nobody) -> Library:
    return Library(lambda: follower.index, follower.damaged, CHANNEL, is_member, nowhere_known)


async def found(library: Library, by: Member, text: str = "bunny") -> list[str]:
    search = await library.begin(text, search_id=new_id(), chat_id=int(by.id), by=by)
    return [item.id for item in (await library.shown(search)).items]


async def looked_at(library: Library, by: Member, item: Item) -> str | None:
    search = await library.begin_at(item.id, search_id=new_id(), chat_id=int(by.id), by=by)
    details = (await library.shown(search)).details
    return None if details is None else details.item.id


async def merged(
    keeper: EncodingsKeeper, duplicates: Duplicates, follower: Follower, admin: Member, **place: Any
) -> tuple[Item, Item]:
    small = await archived(360, member_id="8", **place)
    large = await archived(2160, member_id="9", **place)
    await keeper.look()
    await merge(duplicates, keeper, large, admin)
    await follower.look()
    return small, large


async def test_the_library_lists_the_kept_one(
    keeper: EncodingsKeeper, duplicates: Duplicates, follower: Follower, admin: Member
) -> None:
    small, large = await merged(keeper, duplicates, follower, admin)
    reader, library = await member("7"), library_of(follower)
    for by in (reader, admin):
        assert await found(library, by) == [large.id]
        assert await looked_at(library, by, small) == large.id
    search = await library.begin_at(small.id, search_id="s", chat_id=7, by=reader)
    details = (await library.shown(search)).details
    assert details is not None
    assert [item.id for item in details.merged] == [small.id]
    await library.favour(small.id, wanted=True, by=reader)
    assert await found(library, reader, "in:favourites") == [large.id]
    assert [item.id for item in (await library.typed("bunny", 0, by=reader)).items] == [large.id]
    search = await library.begin_at(small.id, search_id="t", chat_id=1, by=admin)
    assert (await library.tag(search.id, ["kept"], [], by=admin)).id == large.id
    await follower.rebuild()
    assert await found(library, reader) == [large.id]


async def test_nobody_sees_more_than_before(
    keeper: EncodingsKeeper, duplicates: Duplicates, follower: Follower, admin: Member
) -> None:
    """Ordered in a group: for those who are in it, and for whom each was ordered by."""
    small, large = await merged(keeper, duplicates, follower, admin, group=GROUP)
    stranger, orderer, keeper_of = await member("7"), await member("8"), await member("9")
    library = library_of(follower)
    assert await found(library, stranger) == []
    assert await looked_at(library, stranger, small) is None
    assert await looked_at(library, stranger, large) is None
    # they left the group: theirs stands where the other stands
    assert await found(library, orderer) == [large.id]
    assert await looked_at(library, orderer, small) == large.id
    assert await found(library, keeper_of) == [large.id]
    assert await found(library_of(follower, everybody), stranger) == [large.id]


async def test_who_waits_is_told_of_no_merged_one(
    keeper: EncodingsKeeper, duplicates: Duplicates, follower: Follower, admin: Member
) -> None:
    reader, library, told = await member("7"), library_of(follower), list[str]()

    async def tell(search: LibrarySearch, _member: Member) -> None:
        told.append(search.one)

    await Alert(id="a", member_id="7", text="bunny", created_at=0, seen_until=0).insert()
    _, large = await merged(keeper, duplicates, follower, admin)
    await Alerts(library, follower, tell, Bell()).look()
    assert told == [large.id]
    assert reader.id == "7"
