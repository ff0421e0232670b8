"""The library: what is archived is found, by whom it may be, whatever happens to the index."""

import asyncio
import shutil
from pathlib import Path

import pytest
import tantivy

from models.access import Member, Role
from models.clock import now
from models.ids import new_id
from models.library import Alert, Item, LibrarySearch
from models.media import Facts, Kind
from services.access.rights import NotAllowed
from services.documents import update_all, update_if
from services.library.alerts import Alerts
from services.library.asking import Care
from services.library.follower import Follower
from services.library.generations import Generations
from services.library.index import PIECES, Facet, Index, IndexDamaged, Wanted
from services.library.query import QueryWrong, read_asked
from services.library.reach import Reach
from services.library.service import MOST_ALERTS, Library, NotInLibrary, TooManyAlerts
from services.tasks import Bell
from services.telegram.port import Room
from tests.services.orders import member

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
CHANNEL, GROUP = -1001, -1002
ALL = Reach(CHANNEL, everything=True)


def facts(name: str, **changes: object) -> Facts:
    values = {"path": name, "name": name, "size": 1000, "blake3": name, "kind": Kind.VIDEO, "title": name}
    return Facts.model_validate({**values, **changes})


async def archived(title: str, *files: Facts, **changes: object) -> Item:
    values = {"id": new_id(), "title": title, "files": files or [facts(f"{title}.mkv")], "member_id": "1001"}
    item: Item = Item.model_validate({**values, "channel_id": CHANNEL, **changes})
    await item.insert()
    return item


@pytest.fixture
async def follower(tmp_path: Path) -> Follower:
    follower = Follower(tmp_path / "index", Bell())
    await follower.look()
    return follower


def found(follower: Follower, text: str, reach: Reach = ALL) -> list[str]:
    assert follower.index is not None
    return list(follower.index.search(Wanted(read_asked(text), reach)).ids)


async def test_what_is_archived_is_found_after_the_next_look(follower: Follower) -> None:
    item = await archived("Big Buck Bunny (2008)")
    assert found(follower, "bunny") == []
    await follower.look()
    assert found(follower, "bunny") == [item.id]
    assert found(follower, "big bucj buny") == [item.id]
    assert found(follower, "elephants") == []


async def test_each_sees_what_is_for_them(follower: Follower) -> None:
    common = await archived("Sonata", member_id="1")
    in_group = await archived("Sonata", member_id="1", group=GROUP)
    in_group_only = await archived("Sonata", member_id="1", group=GROUP, channel_id=GROUP)
    own = await archived("Sonata", member_id="2", channel_id=2)
    elsewhere = await archived("Sonata", member_id="3", channel_id=3)
    await follower.look()

    def seen(reach: Reach) -> set[str]:
        return set(found(follower, "sonata", reach))

    assert seen(Reach(CHANNEL, "9")) == {common.id}
    assert seen(Reach(CHANNEL, "9", [GROUP])) == {common.id, in_group.id, in_group_only.id}
    assert seen(Reach(CHANNEL, "2")) == {common.id, own.id}
    assert seen(Reach(CHANNEL, groups=[GROUP])) == {common.id, in_group.id, in_group_only.id}
    assert seen(Reach(None, "3")) == {elsewhere.id}
    assert seen(Reach(None)) == set()
    assert len(seen(ALL)) == len((common, in_group, in_group_only, own, elsewhere))


async def test_counts_tell_nothing_of_what_is_hidden(follower: Follower) -> None:
    await archived("Sonata", facts("a.mkv"))
    await archived("Sonata", facts("b.mp3", kind=Kind.AUDIO), member_id="3", channel_id=3)
    await follower.look()
    assert follower.index is not None
    wanted = Wanted(read_asked("sonata"), Reach(CHANNEL, "9"))
    assert follower.index.search(wanted).total == 1
    assert follower.index.counts(wanted, Care.EXACT)[Facet.KIND] == {"video": 1}


async def test_what_changes_is_found_as_it_is_now(follower: Follower) -> None:
    item = await archived("Sonata")
    await follower.look()
    await update_if(Item, {"_id": item.id}, {"title": "Nocturne", "changed_at": now()})
    await follower.look()
    assert found(follower, "title:sonata") == []
    assert found(follower, "nocturne") == [item.id]


async def test_what_is_removed_is_not_found(follower: Follower) -> None:
    item = await archived("Sonata")
    await follower.look()
    await update_if(Item, {"_id": item.id}, {"removed_at": now(), "changed_at": now()})
    await follower.look()
    assert found(follower, "sonata") == []
    await follower.rebuild()
    assert found(follower, "sonata") == []


async def test_an_index_of_many_is_made_in_pieces_and_is_one_in_the_end(
    follower: Follower, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, commits = Index.commit, list[Index]()

    def counted(index: Index) -> None:
        commits.append(index)
        commit(index)

    monkeypatch.setattr(Index, "commit", counted)
    monkeypatch.setattr("services.library.follower._IN_ONE_PIECE", 0)
    monkeypatch.setattr("services.library.follower._BATCH", 2)
    items = [await archived(f"Sonata {number}") for number in range(2 * PIECES)]
    await follower.rebuild()
    current = Generations(tmp_path / "index").current()
    assert current is not None
    assert len(commits) > PIECES
    assert tantivy.Index.open(str(current.folder)).searcher().num_segments == 1
    assert follower.size == len(items)
    assert found(follower, items[3].title) == [items[3].id]


async def again(follower: Follower, root: Path) -> Follower:
    """As after a restart."""
    follower.close()
    fresh = Follower(root, Bell())
    await fresh.look()
    return fresh


async def test_what_a_crash_left_of_a_commit_is_not_in_the_way(follower: Follower, tmp_path: Path) -> None:
    """Killed between two files of a commit, the next start would write the first of them again under its name."""
    item = await archived("Sonata")
    await archived("Nocturne", changed_at=now() - 600_000)
    await follower.rebuild()
    follower.close()
    root = tmp_path / "index"
    shutil.copytree(root, tmp_path / "copy")
    await update_if(Item, {"_id": item.id}, {"title": "Partita", "changed_at": now()})
    await (elsewhere := Follower(tmp_path / "copy", Bell())).look()
    elsewhere.close()
    left = [path.relative_to(tmp_path / "copy") for path in (tmp_path / "copy").rglob("*.del")]
    assert left
    for path in left:
        assert not (root / path).exists()
        shutil.copy(tmp_path / "copy" / path, root / path)
    fresh = Follower(root, Bell())
    with pytest.raises(IndexDamaged):
        await fresh.look()
    fresh.damaged()
    await fresh.look()
    assert found(fresh, "partita") == [item.id]
    fresh.close()


def files_of(root: Path) -> list[Path]:
    return [path for path in (root / (root / "current").read_text()).iterdir() if path.suffix == ".term"]


async def test_a_restart_goes_on_with_the_index(follower: Follower, tmp_path: Path) -> None:
    item = await archived("Sonata")
    await follower.look()
    before = (tmp_path / "index" / "current").read_text()
    follower = await again(follower, tmp_path / "index")
    assert found(follower, "sonata") == [item.id]
    assert (tmp_path / "index" / "current").read_text() == before


@pytest.mark.parametrize("damage", ["a bit", "cut", "gone", "no folder", "another version", "nonsense"])
async def test_an_index_that_is_damaged_is_made_anew(follower: Follower, tmp_path: Path, damage: str) -> None:
    item = await archived("Sonata")
    await follower.look()
    root = tmp_path / "index"
    (path,) = files_of(root)
    content = bytearray(path.read_bytes())
    if damage == "a bit":
        content[len(content) // 3] ^= 1
        path.write_bytes(content)
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "gone":
        path.unlink()
    elif damage == "no folder":
        shutil.rmtree(path.parent)
    elif damage == "another version":
        (root / f"{path.parent.name}.json").write_text('{"version": 0, "until": 9}')
    else:
        (root / "current").write_text("../../etc\0")
    follower = await again(follower, root)
    assert found(follower, "sonata") == [item.id]
    assert follower.size == 1
    assert len([each for each in root.iterdir() if each.is_dir()]) == 1, "what is damaged does not stay"


async def test_what_a_crash_left_of_a_new_one_goes(follower: Follower, tmp_path: Path) -> None:
    root = tmp_path / "index"
    left = Generations(root).begin()
    Index(left).close()
    follower = await again(follower, root)
    assert not left.exists()


async def test_a_new_one_is_made_when_somebody_wishes_it(follower: Follower, tmp_path: Path) -> None:
    item = await archived("Sonata")
    before = (tmp_path / "index" / "current").read_text()
    follower = await again(follower, tmp_path / "index")
    follower.damaged()
    await follower.look()
    assert (tmp_path / "index" / "current").read_text() != before
    assert found(follower, "sonata") == [item.id]
    follower.damaged()
    assert not Generations(tmp_path / "index").is_wished, "what is new is not made anew at once"


async def test_what_was_archived_while_it_is_made_is_in_it(follower: Follower) -> None:
    await archived("Sonata")
    making = asyncio.ensure_future(follower.rebuild())
    await asyncio.sleep(0)
    late = await archived("Nocturne")
    await making
    await follower.look()
    assert found(follower, "nocturne") == [late.id]
    assert follower.size == len(("Sonata", "Nocturne"))


async def test_who_asks_while_it_is_made_is_told_and_answered_then(tmp_path: Path) -> None:
    """The Card is edited by itself: it counts as changed once there is an index."""
    by = await member("7")
    follower = Follower(tmp_path / "index", Bell())
    library = Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, nowhere)
    search = await library.begin("sonata", search_id="s", chat_id=7, by=by)
    assert not (await library.shown(search)).ready
    await archived("Sonata")
    await follower.look()
    later = await LibrarySearch.get("s")
    assert later is not None
    assert later.changed_at > search.changed_at
    assert [item.title for item in (await library.shown(later)).items] == ["Sonata"]


async def nobody(_group: int, _person: int) -> bool:
    return False


async def nowhere(_name: str) -> None:
    return None


async def test_a_channel_is_known_by_its_name(follower: Follower) -> None:
    await archived("Sonata")
    await archived("Sonata", channel_id=-1005)
    await follower.look()
    by = await member("7", Role.ADMIN)

    async def room_of(name: str) -> Room | None:
        return (
            Room(-1005, "Films", "films", is_channel=True, is_protected=False) if name == "@films" else None
        )

    library = Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, room_of)
    search = await library.begin("sonata channel:@films", search_id="s", chat_id=7, by=by)
    assert (await library.shown(search)).total == 1
    for wrong in ("@music", "music", "a b"):
        with pytest.raises(QueryWrong):
            await library.begin(f'sonata channel:"{wrong}"', search_id="t", chat_id=7, by=by)


async def test_members_of_a_group_find_what_was_ordered_there(follower: Follower) -> None:
    await archived("Sonata", group=GROUP)
    await follower.look()
    by = await member("7")
    asked: list[int] = []

    async def is_member(group: int, _person: int) -> bool:
        asked.append(group)
        return True

    library = Library(lambda: follower.index, follower.damaged, CHANNEL, is_member, nowhere)
    for number in ("1", "2"):
        search = await library.begin("sonata", search_id=number, chat_id=7, by=by)
        assert (await library.shown(search)).total == 1
    assert asked == [GROUP], "Telegram is not asked each time"
    outside = Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, nowhere)
    assert (await outside.shown(search)).total == 0


async def test_only_its_owner_turns_a_card(follower: Follower) -> None:
    one, other = await member("7"), await member("8")
    library = Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, nowhere)
    await library.begin("sonata", search_id="s", chat_id=7, by=one)
    with pytest.raises(NotAllowed):
        await library.turn("s", 1, by=other)
    with pytest.raises(NotInLibrary):
        await library.turn("t", 1, by=one)
    with pytest.raises(QueryWrong):
        await library.begin("size<soon", search_id="u", chat_id=7, by=one)


async def test_a_page_that_is_not_there_any_more_is_the_last_one(follower: Follower) -> None:
    for number in range(7):
        await archived(f"Sonata {number}")
    await follower.look()
    by = await member("7")
    library = Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, nowhere)
    await library.begin("sonata", search_id="s", chat_id=7, by=by)
    shown = await library.shown(await library.turn("s", 40, by=by))
    assert (shown.page, shown.pages, len(shown.items)) == (1, 2, 2)


def alerts_of(library: Library, follower: Follower, told: list[str]) -> Alerts:
    async def tell(search: LibrarySearch, _member: Member) -> None:
        told.append(search.one)

    return Alerts(library, follower, tell, Bell())


async def test_who_waits_for_something_is_told_when_it_arrives(follower: Follower) -> None:
    by, told = await member("7"), list[str]()
    library = Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, nowhere)
    alerts = alerts_of(library, follower, told)
    await archived("Sonata in A")
    await follower.look()
    await library.begin("sonata kind:video", search_id="s", chat_id=7, by=by)
    await library.watch("s", wanted=True, by=by)
    assert (await library.shown(await library.find("s", by=by))).watched
    item = await archived("Sonata in B")
    await archived("Sonata", member_id="3", channel_id=3)
    await archived("Nocturne")
    await follower.look()
    await alerts.look()
    assert told == [item.id], "neither what was there before, nor what they may not see"


async def test_nothing_is_told_twice_whatever_is_repeated(follower: Follower) -> None:
    by, told = await member("7"), list[str]()
    library = Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, nowhere)
    await library.begin("sonata", search_id="s", chat_id=7, by=by)
    await library.watch("s", wanted=True, by=by)
    await archived("Sonata")
    await follower.look()
    await alerts_of(library, follower, told).look()
    await update_all(Alert, {}, {"seen_until": 0})
    await alerts_of(library, follower, told).look()
    assert len(told) == len(("once", "again"))
    assert await LibrarySearch.find({"because": "sonata"}).count() == 1, "shown by the same Card"


async def test_who_waits_no_more_is_told_nothing(follower: Follower) -> None:
    by, told = await member("7"), list[str]()
    library = Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, nowhere)
    await library.begin("Sonata", search_id="s", chat_id=7, by=by)
    await library.watch("s", wanted=True, by=by)
    await library.begin(" sonata ", search_id="t", chat_id=7, by=by)
    await library.watch("t", wanted=False, by=by)
    await archived("Sonata")
    await follower.look()
    await alerts_of(library, follower, told).look()
    assert told == []


async def test_nobody_waits_for_endlessly_much(follower: Follower) -> None:
    by = await member("7")
    library = Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, nowhere)
    for number in range(MOST_ALERTS + 1):
        await library.begin(f"sonata {number}", search_id=str(number), chat_id=7, by=by)
    for number in range(MOST_ALERTS):
        await library.watch(str(number), wanted=True, by=by)
    with pytest.raises(TooManyAlerts):
        await library.watch(str(MOST_ALERTS), wanted=True, by=by)


async def test_a_damaged_item_costs_itself(follower: Follower) -> None:
    await Item.get_pymongo_collection().insert_one(
        {"_id": "odd", "title": 7, "files": [{}], "changed_at": now()}
    )
    item = await archived("Sonata")
    await follower.look()
    assert found(follower, "sonata") == [item.id]
    await follower.rebuild()
    assert found(follower, "sonata") == [item.id]


async def test_no_page_is_too_far(follower: Follower) -> None:
    """Whoever forges a key, or an offset, is shown the last page; nothing is taken from the machine for it."""
    await archived("Sonata")
    await follower.look()
    by = await member("7")
    library = Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, nowhere)
    await library.begin("", search_id="s", chat_id=7, by=by)
    search = await library.turn("s", 2**31 - 1, by=by)
    assert search.page < 2**31 - 1
    await LibrarySearch.get_pymongo_collection().update_one({"_id": "s"}, {"$set": {"page": 2**31 - 1}})
    shown = await library.shown(await library.find("s", by=by))
    assert (shown.page, len(shown.items)) == (0, 1)
    assert (await library.typed("", 10**15, by=by)).items == []


@pytest.mark.parametrize("value", ["9" * 20, "-1", "x", "", "٣"])
async def test_no_season_is_too_strange(follower: Follower, value: str) -> None:
    await archived("Sonata")
    await follower.look()
    by = await member("7")
    library = Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, nowhere)
    await library.begin("", search_id="s", chat_id=7, by=by)
    search = await library.choose("s", Facet.SEASON, value, chosen=True, by=by)
    assert (await library.shown(search)).total == 0


async def test_filters_are_so_many(follower: Follower) -> None:
    by = await member("7")
    library = Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, nowhere)
    await library.begin("", search_id="s", chat_id=7, by=by)
    for number in range(50):
        await library.choose("s", Facet.TAG, f"t{number}", chosen=True, by=by)
    with pytest.raises(NotInLibrary):
        await library.choose("s", Facet.TAG, "one more", chosen=True, by=by)


async def test_what_is_hidden_is_like_nothing(follower: Follower) -> None:
    hidden = await archived("Secret wedding", channel_id=-1009, tags=["jazz"])
    await archived("Sonata", tags=["jazz"])
    await follower.look()
    by = await member("7")
    library = Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, nowhere)
    await library.begin("zebra", search_id="s", chat_id=7, by=by)
    shown = await library.shown(await library.like("s", hidden.id, by=by))
    assert (shown.like, shown.total) == (None, 0)


async def test_nothing_is_not_waited_for(follower: Follower) -> None:
    by = await member("7")
    library = Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, nowhere)
    await library.begin_at("one", search_id="s", chat_id=7, by=by)
    with pytest.raises(NotInLibrary):
        await library.watch("s", wanted=True, by=by)
