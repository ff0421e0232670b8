"""Collections: what files name gathers by itself, what members put together is theirs, and nobody sees more by it."""

from pathlib import Path

import pytest

from models.access import Member, Role
from models.library import Collection, CollectionKind, Item
from models.media import Kind
from models.search import Face
from services.access.rights import NotAllowed
from services.documents import update_if
from services.library import collections, groups
from services.library.collections import Collections, CollectionWrong, Named, collection_id, read_named
from services.library.follower import Follower
from services.library.index import Facet
from services.library.query import SortBy
from services.library.service import Library, NotInLibrary
from services.library.shown import PAGE, Shown
from services.tasks import Bell, both
from tests.services.orders import member
from tests.services.test_library import CHANNEL, archived, facts, nobody, nowhere

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
OTHER = -1009
"""A channel that members do not see into."""


@pytest.fixture
async def follower(tmp_path: Path) -> Follower:
    return Follower(tmp_path / "index", Bell())


@pytest.fixture
def library(follower: Follower) -> Library:
    return Library(lambda: follower.index, follower.damaged, CHANNEL, nobody, nowhere)


@pytest.fixture
def made(library: Library) -> Collections:
    return Collections(library)


async def track(number: int, title: str, **changes: object) -> Item:
    file = facts(
        f"{title}.mp3",
        kind=Kind.AUDIO,
        title=title,
        album="Kind of Blue",
        performer="Miles Davis",
        track=number,
    )
    return await archived(title, file, **changes)


async def episode(season: int, number: int, **changes: object) -> Item:
    name = f"Night Sky {season}x{number}"
    return await archived(
        name, facts(f"{name}.mkv", series="Night Sky", season=season, episode=number), **changes
    )


async def looked(library: Library, by: Member, item: Item, key: str = "s") -> str:
    """A search that looks closely at an Item."""
    search = await library.begin_at(item.id, search_id=key, chat_id=int(by.id), by=by)
    return search.id


async def seen(library: Library, search_id: str, by: Member) -> Shown:
    return await library.shown(await library.find(search_id, by=by))


async def among(
    library: Library, by: Member, text: str = "", key: str = "g", chat_id: int = 0
) -> dict[str, int]:
    """What the finds are parts of, and of how many."""
    await library.begin(text, search_id=key, chat_id=chat_id or int(by.id), by=by)
    await library.face(key, Face.COLLECTIONS, by=by)
    groups = (await seen(library, key, by)).groups
    assert groups is not None
    return {group.title: group.count for group in groups.shown}


async def test_an_album_is_there_in_its_order(library: Library, follower: Follower) -> None:
    by = await member("7")
    for number, title in ((3, "Blue in Green"), (1, "So What"), (2, "Freddie Freeloader")):
        await track(number, title)
    await archived("Something else")
    await follower.look()
    assert await among(library, by) == {"Kind of Blue": 3}
    shown = await seen(library, "g", by)
    assert shown.groups is not None
    (album,) = shown.groups.shown
    assert (album.kind, album.performer) == (CollectionKind.ALBUM, "Miles Davis")
    await library.enter("g", album.id, by=by)
    shown = await seen(library, "g", by)
    assert [item.title for item in shown.items] == ["So What", "Freddie Freeloader", "Blue in Green"]
    assert shown.sort is SortBy.ORDER
    assert shown.within is not None
    assert shown.within.title == "Kind of Blue"


async def test_a_series_has_seasons(library: Library, follower: Follower) -> None:
    by = await member("7")
    for season, number in ((2, 1), (1, 2), (1, 1), (1, 10)):
        await episode(season, number)
    await follower.look()
    (_,) = await among(library, by, "night")
    groups = (await seen(library, "g", by)).groups
    assert groups is not None
    await library.enter("g", groups.shown[0].id, by=by)
    shown = await seen(library, "g", by)
    assert [item.title for item in shown.items] == [
        f"Night Sky {each}" for each in ("1x1", "1x2", "1x10", "2x1")
    ]
    assert [(choice.value, choice.count) for choice in shown.choices] == [("1", 3), ("2", 1)]
    await library.choose("g", Facet.SEASON, "2", chosen=True, by=by)
    shown = await seen(library, "g", by)
    assert [item.title for item in shown.items] == ["Night Sky 2x1"]
    assert [choice.value for choice in shown.choices if choice.chosen] == ["2"]


async def test_only_what_may_be_seen_gathers(library: Library, follower: Follower) -> None:
    by = await member("7")
    await track(1, "So What")
    await track(2, "Freddie Freeloader", channel_id=OTHER)
    await episode(1, 1, channel_id=OTHER)
    await follower.look()
    assert await among(library, by) == {"Kind of Blue": 1}
    admin = await member("8", Role.OWNER)
    assert await among(library, admin, key="h") == {"Kind of Blue": 2, "Night Sky": 1}
    hidden = (await seen(library, "h", admin)).groups
    assert hidden is not None
    sky = next(group.id for group in hidden.shown if group.title == "Night Sky")
    await library.enter("g", sky, by=by)
    shown = await seen(library, "g", by)
    assert (shown.within, shown.total) == (None, 0), "its name is not told either"


async def test_what_somebody_put_together_comes_in_that_order(
    library: Library, follower: Follower, made: Collections
) -> None:
    by = await member("7")
    items = [await archived(f"Work {number}") for number in range(PAGE + 2)]
    await follower.look()
    for number in (3, 1, 2, 0, 6, 5, 4):
        await made.name(await looked(library, by, items[number], f"s{number}"), Named(None, "Evening"), by=by)
    assert await among(library, by) == {"Evening": PAGE + 2}
    key = collection_id(by.id, "evening")
    await library.enter("g", key, by=by)
    assert [item.title for item in (await seen(library, "g", by)).items] == [
        f"Work {number}" for number in (3, 1, 2, 0, 6)
    ]
    await library.turn("g", 1, by=by)
    assert [item.title for item in (await seen(library, "g", by)).items] == ["Work 5", "Work 4"]
    await library.face("g", Face.DETAILS, looked_at=items[5].id, by=by)
    for earlier in (True, True, False):
        details = (await seen(library, "g", by)).details
        assert details is not None, "it is shown wherever it stands"
        place = details.moves[earlier]
        await made.move("g", place, by=by)
        await made.move("g", place, by=by)  # as after a crash
    kept = await Collection.get(key)
    assert kept is not None
    assert kept.items == [items[number].id for number in (3, 1, 2, 0, 5, 6, 4)]


async def test_it_moves_past_what_is_not_seen(
    library: Library, follower: Follower, made: Collections
) -> None:
    by = await member("7")
    first, gone, last = [await archived(title) for title in ("First", "Gone", "Last")]
    for item in (first, gone, last):
        await made.name(await looked(library, by, item, item.title), Named(None, "Two"), by=by)
    await update_if(Item, {"_id": gone.id}, {"removed_at": 5})
    await follower.look()
    key = collection_id(by.id, "Two")
    for item, ways in ((first, {False: 2}), (last, {True: 0})):
        await library.enter(item.title, key, by=by)
        await library.face(item.title, Face.DETAILS, looked_at=item.id, by=by)
        details = (await seen(library, item.title, by)).details
        assert details is not None
        assert details.moves == ways
    assert (await made.move("First", 2, by=by)).items == [gone.id, last.id, first.id]


async def test_the_same_name_is_the_same_collection(library: Library, made: Collections) -> None:
    by = await member("7")
    search = await looked(library, by, await archived("Work"))
    await made.name(search, Named(None, "Évening"), by=by)
    collection = await made.name(search, Named(CollectionKind.ALBUM, "  evening "), by=by)
    assert (collection.title, collection.collects) == ("Évening", CollectionKind.PLAYLIST)
    assert len(collection.items) == 1
    assert (await made.name(search, Named(None, "EVENING", wanted=False), by=by)).items == []
    with pytest.raises(CollectionWrong, match="unknown"):
        await made.name(search, Named(None, "Morning", wanted=False), by=by)


async def test_it_is_its_makers_until_they_open_it(
    library: Library, follower: Follower, made: Collections
) -> None:
    ada, bob = await member("7"), await member("8")
    item, hidden = await archived("Work"), await archived("Hidden", member_id="7", channel_id=OTHER)
    await follower.look()
    for each in (item, hidden):
        await made.name(await looked(library, ada, each, each.title), Named(None, "Evening"), by=ada)
    key = collection_id(ada.id, "Evening")
    assert await among(library, bob) == {}
    await library.enter("g", key, by=bob)
    assert ((await seen(library, "g", bob)).within, (await seen(library, "g", bob)).total) == (None, 0)
    with pytest.raises(NotAllowed):
        await made.put(await looked(library, bob, item, "b"), key, wanted=False, by=bob)
    await library.enter("Work", key, by=ada)
    await made.open("Work", opened=True, by=ada)
    assert await among(library, bob, key="h") == {"Evening": 1}, "what is hidden from him is not counted"
    with pytest.raises(NotAllowed):
        await made.open("g", opened=False, by=bob)
    with pytest.raises(NotAllowed):
        await made.drop("g", by=bob)
    admin = await member("9", Role.ADMIN)
    await library.begin("", search_id="a", chat_id=9, by=admin)
    await library.enter("a", key, by=admin)
    await made.open("a", opened=False, by=admin)
    with pytest.raises(NotAllowed):
        await made.open("a", opened=True, by=admin)


async def test_in_a_group_only_what_is_for_all_is_shown(
    library: Library, follower: Follower, made: Collections
) -> None:
    by = await member("7")
    await made.name(await looked(library, by, await archived("Work")), Named(None, "Evening"), by=by)
    await follower.look()
    assert await among(library, by, chat_id=-77) == {}
    await library.enter("g", collection_id(by.id, "Evening"), by=by)
    assert (await seen(library, "g", by)).within is None


async def test_it_goes_and_its_works_stay(library: Library, follower: Follower, made: Collections) -> None:
    by = await member("7")
    search = await looked(library, by, await archived("Work"))
    await follower.look()
    key = (await made.name(search, Named(None, "Evening"), by=by)).id
    await library.enter(search, key, by=by)
    await made.drop(search, by=by)
    assert await Collection.count() == 0
    assert (await library.find(search, by=by)).within == ""
    assert (await seen(library, search, by)).total == 1
    with pytest.raises(NotInLibrary):
        await made.drop(search, by=by)


async def test_a_work_that_is_gone_leaves_a_gap_that_nobody_sees(
    library: Library, follower: Follower, made: Collections
) -> None:
    by = await member("7")
    items = [await archived(f"Work {number}") for number in range(3)]
    for number, item in enumerate(items):
        await made.name(await looked(library, by, item, f"s{number}"), Named(None, "Evening"), by=by)
    await update_if(Item, {"_id": items[1].id}, {"removed_at": 5})
    await follower.look()
    await library.enter("s0", collection_id(by.id, "Evening"), by=by)
    assert [item.title for item in (await seen(library, "s0", by)).items] == ["Work 0", "Work 2"]


async def test_there_is_only_so_much_room(
    library: Library, made: Collections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collections, "MOST_COLLECTIONS", 2)
    monkeypatch.setattr(collections, "MOST_WORKS", 1)
    by = await member("7")
    search = await looked(library, by, await archived("Work"))
    for title in ("One", "Two"):
        await made.name(search, Named(None, title), by=by)
    with pytest.raises(CollectionWrong, match="too-many"):
        await made.name(search, Named(None, "Three"), by=by)
    another = await looked(library, by, await archived("Another"), "t")
    with pytest.raises(CollectionWrong, match="full"):
        await made.name(another, Named(None, "One"), by=by)


async def test_two_who_change_it_at_the_same_time_both_count(library: Library, made: Collections) -> None:
    by = await member("7")
    one = await looked(library, by, await archived("One"), "one")
    two = await looked(library, by, await archived("Two"), "two")
    await made.name(one, Named(None, "Evening"), by=by)
    await made.name(one, Named(None, "Evening", wanted=False), by=by)
    await both(made.name(one, Named(None, "Evening"), by=by), made.name(two, Named(None, "Evening"), by=by))
    kept = await Collection.get(collection_id(by.id, "Evening"))
    assert kept is not None
    assert len(kept.items) == 2


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("Evening", Named(None, "Evening")),
        (" - Evening ", Named(None, "Evening", wanted=False)),
        ("album: Kind of Blue", Named(CollectionKind.ALBUM, "Kind of Blue")),
        ("Álbum:Kind of Blue", Named(CollectionKind.ALBUM, "Kind of Blue")),
        ("-serie: Cielo", Named(CollectionKind.SERIES, "Cielo", wanted=False)),
        ("Star Wars: A New Hope", Named(None, "Star Wars: A New Hope")),
        ("x" * 500, Named(None, "x" * 80)),
        ("a\u202eb\x00c\nd", Named(None, "ab c d")),
    ],
)
def test_how_it_is_named(typed: str, named: Named) -> None:
    assert read_named(typed) == named


@pytest.mark.parametrize("typed", ["", "  ", "-", "!!!", "album:", "-series: "])
def test_a_name_is_needed(typed: str) -> None:
    with pytest.raises(CollectionWrong, match="usage"):
        read_named(typed)


async def test_what_is_not_seen_is_not_put_anywhere(library: Library, made: Collections) -> None:
    by = await member("7")
    hidden = await archived("Hidden", channel_id=OTHER)
    gone = await archived("Gone", removed_at=5)
    for item in (hidden, gone, gone.model_copy(update={"id": "none"})):
        with pytest.raises(NotInLibrary):
            await made.name(await looked(library, by, item, f"s{item.id}"), Named(None, "Evening"), by=by)
    assert await Collection.count() == 0


async def test_works_that_are_gone_give_up_their_room(
    library: Library, made: Collections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collections, "MOST_WORKS", 2)
    by = await member("7")
    items = [await archived(f"Work {number}") for number in range(3)]
    for item in items[:2]:
        await made.name(await looked(library, by, item, item.title), Named(None, "Evening"), by=by)
    await update_if(Item, {"_id": items[0].id}, {"removed_at": 5})
    changed = await made.name(await looked(library, by, items[2], "s"), Named(None, "Evening"), by=by)
    assert changed.items == [items[1].id, items[2].id]


async def test_what_was_merged_is_there_as_what_it_was_merged_into(
    library: Library, follower: Follower, made: Collections
) -> None:
    by = await member("7")
    old, kept = await archived("Old"), await archived("Kept")
    await made.name(await looked(library, by, old), Named(None, "Evening"), by=by)
    await update_if(Item, {"_id": old.id}, {"merged_into": kept.id})
    await follower.look()
    await library.enter("s", collection_id(by.id, "Evening"), by=by)
    assert [item.id for item in (await seen(library, "s", by)).items] == [kept.id]


async def test_ones_own_is_not_pushed_out_by_what_others_show(
    library: Library, follower: Follower, made: Collections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "_MOST_MADE", 2)
    by, item = await member("7"), await archived("Work")
    await follower.look()
    search = await looked(library, by, item)
    await made.name(search, Named(None, "Mine"), by=by)
    for number in range(3):
        await Collection(
            id=f"o{number}", member_id="8", collects="playlist", title=f"Theirs {number}", items=[item.id],
            opened=True,
        ).insert()  # fmt: skip
    assert len(await among(library, by)) == 1 + 2
    assert next(iter(await among(library, by, key="h"))) == "Mine"
    await library.face(search, Face.COLLECT, looked_at=item.id, by=by)
    details = (await seen(library, search, by)).details
    assert details is not None
    assert [(group.title, group.has) for group in details.mine] == [("Mine", True)]


async def test_who_comes_back_may_use_the_name_of_what_they_left(library: Library, made: Collections) -> None:
    by = await member("7")
    search = await looked(library, by, await archived("Work"))
    left = collection_id(by.id, "Evening")
    await Collection(id=left, member_id="", collects="playlist", title="Evening", opened=True).insert()
    collection = await made.name(search, Named(None, "Evening"), by=by)
    assert (collection.id == left, collection.member_id) == (False, by.id)
    admin = await member("9", Role.ADMIN)
    await library.begin("", search_id="a", chat_id=9, by=admin)
    await library.enter("a", left, by=admin)
    with pytest.raises(NotAllowed):
        await made.open("a", opened=False, by=admin)
    await made.drop("a", by=admin)
    assert await Collection.get(left) is None


async def test_favourites_are_counted_among_what_is_asked_for(
    library: Library, follower: Follower, made: Collections
) -> None:
    by = await member("7")
    items = [await archived(f"Work {number}") for number in range(2)]
    for item in items:
        await made.name(await looked(library, by, item, item.title), Named(None, "Evening"), by=by)
    await library.favour(items[0].id, wanted=True, by=by)
    await follower.look()
    assert await among(library, by, "in:favourites") == {"Evening": 1}
