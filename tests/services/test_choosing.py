"""Choosing files: what a member wants of a Source, on a database, in each state of an order."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.assembly import LOCALES
from jobs.chores import Chores
from models.access import Member, Role
from models.clock import now
from models.downloads import FileEntry
from models.files import FileList
from models.transfers import Transfer, TransferState
from services.access.rights import NotAllowed
from services.documents import update_if
from services.downloads.engines import Engines
from services.downloads.service import Downloads
from services.storage.archive import Archive
from services.storage.taking import Taking
from services.tasks import Bell
from services.transfers.choosing import (
    PAGE,
    Choosing,
    FileRow,
    FolderRow,
    NothingMatches,
    NothingToChoose,
    Picker,
    Which,
    keep_files,
)
from services.transfers.filetree import tree_of
from services.transfers.globs import GlobTooLong
from services.transfers.records import Stale
from services.transfers.room import RESERVE
from services.transfers.service import Transfers, UnknownTransfer
from services.transfers.upkeep import Upkeep
from services.words import Catalogue
from tests.fake_door import FakeDoor
from tests.fake_engine import FakeEngine
from tests.services.orders import order, reread

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
S = TransferState
ADA = Member.model_construct(id="ada", name="Ada", role=Role.MEMBER, language="en")
EVE = Member.model_construct(id="eve", name="Eve", role=Role.MEMBER, language="en")
ADMIN = Member.model_construct(id="root", name="Root", role=Role.ADMIN, language="en")
LIMIT = 100
SHOW = [
    FileEntry(index=index, path=f"Show/{path}", size=size)
    for index, (path, size) in enumerate(
        [
            ("Season 2/S02E01.mkv", 250),
            ("Season 10/S10E01.MKV", 100),
            ("Season 10/Extras/cut.mp4", 40),
            ("Season 10/Extras/empty.txt", 0),
            ("readme.txt", 1),
        ]
    )
]
Move = Callable[[Choosing, str, Member], Awaitable[Transfer]]
MOVES: dict[str, Move] = {
    "want": lambda choosing, key, by: choosing.want(key, 1, wanted=False, by=by),
    "want folder": lambda choosing, key, by: choosing.want_folder(key, 0, wanted=False, by=by),
    "want only": lambda choosing, key, by: choosing.want_only(key, Which.NONE, by=by),
    "want matching": lambda choosing, key, by: choosing.want_matching(key, "*.mkv", update_id=7, by=by),
    "open": lambda choosing, key, by: choosing.open(key, 1, by=by),
    "turn": lambda choosing, key, by: choosing.turn(key, 2, by=by),
}


@pytest.fixture
def choosing(tmp_path: Path) -> Choosing:
    return Choosing(Transfers(lambda: None), tmp_path, lambda: Taking(LIMIT))


async def picked(choosing: Choosing, transfer: Transfer) -> Picker:
    picker = await choosing.picker(await reread(transfer))
    assert picker is not None
    return picker


@pytest.mark.parametrize("move", MOVES)
async def test_choosing_ends_with_start(move: str, choosing: Choosing) -> None:
    for state in TransferState:
        before = await order(state)
        if state is S.CHOOSING:
            assert (await MOVES[move](choosing, before.id, ADA)).state is S.CHOOSING
            continue
        with pytest.raises(Stale):
            await MOVES[move](choosing, before.id, ADA)
        assert await reread(before) == before, state


@pytest.mark.parametrize("move", MOVES)
async def test_every_choice_twice_is_the_choice_once(move: str, choosing: Choosing) -> None:
    before = await order(files=SHOW, wanted=[1, 4])
    once = await MOVES[move](choosing, before.id, ADA)
    twice = await MOVES[move](choosing, before.id, ADA)
    assert (twice.chosen, twice.folder, twice.page) == (once.chosen, once.folder, once.page)
    assert twice.changed_at > once.changed_at


@pytest.mark.parametrize("move", MOVES)
async def test_nobody_chooses_for_others(move: str, choosing: Choosing) -> None:
    before = await order()
    with pytest.raises(NotAllowed):
        await MOVES[move](choosing, before.id, EVE)
    assert await reread(before) == before
    with pytest.raises(UnknownTransfer):
        await MOVES[move](choosing, "nothing", EVE)
    assert (await MOVES[move](choosing, before.id, ADMIN)).state is S.CHOOSING


async def test_wanting_is_said_and_not_toggled(choosing: Choosing) -> None:
    before = await order(wanted=[0, 1])
    assert (await choosing.want(before.id, 2, wanted=True, by=ADA)).wanted == [0, 1, 2]
    assert (await choosing.want(before.id, 2, wanted=True, by=ADA)).wanted == [0, 1, 2]
    assert (await choosing.want(before.id, 0, wanted=False, by=ADA)).wanted == [1, 2]
    after = await choosing.want(before.id, 0, wanted=False, by=ADA)
    assert (after.wanted, after.worth_fetching, after.chosen_size, after.chosen.count) == (
        [1, 2],
        [1, 2],
        50,
        2,
    )
    with pytest.raises(Stale):
        await choosing.want(before.id, 77, wanted=True, by=ADA)


async def test_a_folder_is_wanted_with_all_that_is_below_it(choosing: Choosing) -> None:
    before = await order(files=SHOW, wanted=[4])
    (ten,) = [row for row in (await picked(choosing, before)).rows if row.name == "Season 10"]
    assert isinstance(ten, FolderRow)
    after = await choosing.want_folder(before.id, ten.number, wanted=True, by=ADA)
    assert (after.wanted, after.worth_fetching, after.left_out) == ([1, 2, 3, 4], [1, 2, 4], ["empty.txt"])
    assert (after.chosen_size, after.left_out_count) == (141, 1)
    again = await choosing.want_folder(before.id, ten.number, wanted=False, by=ADA)
    assert again.wanted == [4]
    with pytest.raises(Stale):
        await choosing.want_folder(before.id, 77, wanted=True, by=ADA)


async def test_wanting_a_sort_of_files(choosing: Choosing) -> None:
    paths = ["a.MKV", "b.txt", "c/d.mp4", "mkv", "e.mkv/f"]
    files = [FileEntry(index=n, path=path, size=1) for n, path in enumerate(paths)]
    before = await order(files=files, wanted=[1])
    assert (await choosing.want_only(before.id, Which.VIDEO, by=ADA)).wanted == [0, 2]
    assert (await choosing.want_only(before.id, Which.ALL, by=ADA)).wanted == [0, 1, 2, 3, 4]
    assert (await choosing.want_only(before.id, Which.NONE, by=ADA)).wanted == []


async def test_wanting_what_matches_a_pattern(choosing: Choosing) -> None:
    before = await order(files=SHOW, wanted=[4], page=3)
    after = await choosing.want_matching(before.id, "*.mkv", update_id=7, by=ADA)
    assert (after.wanted, after.page, after.pattern_from) == ([0, 1], 0, 7)
    with pytest.raises(NothingMatches) as nothing:
        await choosing.want_matching(before.id, "*.iso", update_id=8, by=ADA)
    assert nothing.value.values == {"pattern": "*.iso"}
    with pytest.raises(GlobTooLong):
        await choosing.want_matching(before.id, "x" * 1000, update_id=9, by=ADA)
    assert (await reread(before)) == after
    assert await choosing.matched(7, by=ADA) == after
    assert await choosing.matched(7, by=EVE) is None
    assert await choosing.matched(8, by=ADA) is None


async def test_the_size_is_known_when_every_size_is(choosing: Choosing) -> None:
    files = [FileEntry(index=0, path="a", size=None), FileEntry(index=1, path="b", size=3)]
    before = await order(files=files, wanted=[1])
    assert before.chosen_size == 3
    after = await choosing.want(before.id, 0, wanted=True, by=ADA)
    assert (after.chosen_size, after.worth_fetching) == (None, [0, 1])


async def test_the_picker_shows_folders_first_and_in_natural_order(choosing: Choosing) -> None:
    transfer = await order(files=SHOW, wanted=[0, 1, 3])
    top = await picked(choosing, transfer)
    assert top.rows == (
        FolderRow(1, "Season 2", 1, 1, 250),
        FolderRow(2, "Season 10", 2, 3, 140),
        FileRow(4, "readme.txt", 1, wanted=False),
    )
    assert (top.total, top.way, top.parent, top.page, top.pages) == (5, (), -1, 0, 1)
    assert (top.parts, top.oversized, top.limit) == (1, 1, LIMIT), (
        "100 bytes are one part, 250 stay on the disk"
    )
    await choosing.open(transfer.id, 3, by=ADA)
    extras = await picked(choosing, transfer)
    assert (extras.way, extras.parent) == (("Season 10", "Extras"), 2)
    assert extras.here == FolderRow(3, "Extras", 1, 2, 40)
    assert extras.rows == (FileRow(2, "cut.mp4", 40, wanted=False), FileRow(3, "empty.txt", 0, wanted=True))


async def test_pages_of_a_folder(choosing: Choosing) -> None:
    folders = [FileEntry(index=n, path=f"f{n}/x", size=1) for n in range(PAGE + 2)]
    files = [FileEntry(index=100 + n, path=f"{n}", size=1) for n in range(PAGE * 2)]
    transfer = await order(files=[*files, *folders], wanted=[])
    seen: list[str] = []
    for page in range(4):
        await choosing.turn(transfer.id, page, by=ADA)
        picker = await picked(choosing, transfer)
        assert (picker.page, picker.pages) == (page, 4)
        seen += [row.name for row in picker.rows]
    assert seen == [*(f"f{n}" for n in range(PAGE + 2)), *(str(n) for n in range(PAGE * 2))]
    await choosing.turn(transfer.id, 10**6, by=ADA)
    assert (await picked(choosing, transfer)).page == 3
    await choosing.open(transfer.id, 10**6, by=ADA)
    assert (await picked(choosing, transfer)).way == (), "what is not there is the top"


async def test_the_picker_says_how_much_room_is_missing(choosing: Choosing) -> None:
    small = await picked(choosing, await order(files=[FileEntry(index=0, path="a", size=1)], wanted=[0]))
    huge = [FileEntry(index=0, path="a", size=10**16)]
    assert (await picked(choosing, await order(files=huge, wanted=[0]))).missing > 10**15
    assert small.missing <= RESERVE + 2
    assert (await picked(choosing, await order(files=huge, wanted=[]))).missing == max(0, small.missing - 1)


async def test_the_picker_counts_what_others_are_promised_of_the_disk(
    choosing: Choosing, tmp_path: Path
) -> None:
    free = shutil.disk_usage(tmp_path).free
    files = [FileEntry(index=0, path="a", size=int(free * 0.6))]
    mine = await order(files=files, wanted=[0], key="c" * 40)
    assert (await picked(choosing, mine)).missing == 0
    others = await order(S.FETCHING, member_id="eve", files=files, wanted=[0], key="d" * 40)
    beside = await picked(choosing, mine)
    assert beside.free < free // 2
    assert beside.missing > free // 4
    await update_if(Transfer, {"_id": others.id}, {"key": mine.key})
    assert (await picked(choosing, mine)).missing == 0, "it is being fetched already"


async def test_what_is_still_being_read_cannot_be_chosen(choosing: Choosing) -> None:
    reading = await order(contents=None, listed=False)
    assert await choosing.picker(reading) is None
    for move in ("want", "want folder", "want only", "want matching"):
        with pytest.raises(Stale):
            await MOVES[move](choosing, reading.id, ADA)


async def test_the_newest_order_of_ones_own_here_that_can_be_chosen(choosing: Choosing) -> None:
    with pytest.raises(NothingToChoose):
        await choosing.newest(7, by=ADA)
    older = await order(created_at=1)
    newer = await order(created_at=2)
    await order(created_at=3, listed=False)
    await order(created_at=3, state=S.QUEUED)
    await order(created_at=3, chat_id=8)
    await order(created_at=3, member_id="eve")
    assert await choosing.newest(7, by=ADA) == newer
    await update_if(Transfer, {"_id": newer.id}, {"state": S.CANCELLED})
    assert await choosing.newest(7, by=ADA) == older


async def test_equal_lists_are_kept_once_and_remembered_longer() -> None:
    kept = await keep_files(tree_of(SHOW))
    await update_if(FileList, {"_id": kept}, {"saved_at": 5})
    before = now()
    assert await keep_files(tree_of(SHOW[::-1])) == kept
    assert await FileList.count() == 1
    found = await FileList.get(kept)
    assert found is not None
    assert found.tree == tree_of(SHOW)
    assert found.saved_at >= before


async def test_what_comes_in_pieces_does_not_stay_on_the_disk(tmp_path: Path) -> None:
    transfer = await order(files=SHOW, wanted=[0, 1, 3])
    splitting = Choosing(Transfers(lambda: None), tmp_path, lambda: Taking(LIMIT, splits=True))
    assert ((await picked(splitting, transfer)).parts, (await picked(splitting, transfer)).oversized) == (
        4,
        0,
    )


@pytest.mark.parametrize(
    ("path", "size", "parts"),
    [("a.mkv", 100, 1), ("a.mkv", 190, 3), ("A.MP3", 190, 3), ("a.iso", 190, 2), ("a.iso", None, 1)],
)
async def test_films_and_music_make_as_many_parts_as_they_are_cut_into(
    path: str, size: int | None, parts: int, tmp_path: Path
) -> None:
    transfer = await order(files=[FileEntry(index=0, path=path, size=size)], wanted=[0])
    splitting = Choosing(Transfers(lambda: None), tmp_path, lambda: Taking(LIMIT, splits=True))
    assert (await picked(splitting, transfer)).parts == parts


async def test_lists_that_nobody_needs_are_forgotten(tmp_path: Path) -> None:
    def files(name: str) -> list[FileEntry]:
        return [FileEntry(index=0, path=name, size=1)]

    going_on, ended = await order(files=files("a")), await order(S.DONE, files=files("b"))
    await order(contents=None, listed=False)
    unused, fresh = await keep_files(tree_of(files("c"))), await keep_files(tree_of(files("d")))
    for old in (going_on.contents, ended.contents, unused):
        await update_if(FileList, {"_id": old}, {"saved_at": 5})
    downloads = Downloads(Engines({"fake": FakeEngine()}, "fake"), tmp_path)
    archive = Archive(FakeDoor(), Catalogue(LOCALES).words("en"), tmp_path, None)
    await Chores(downloads, Upkeep(downloads, archive, [tmp_path]), Bell()).prune()
    assert {kept.id for kept in await FileList.find_all().to_list()} >= {going_on.contents, fresh}
    assert await FileList.count() == 3, "the list that the order without contents was made with is fresh, too"


async def test_the_transfer_stays_small_however_many_files_there_are(choosing: Choosing) -> None:
    files = [FileEntry(index=n, path=f"Show/Season {n // 100}/{n:05}.mkv", size=1000) for n in range(10_000)]
    transfer = await order(files=files, wanted=range(10_000))
    assert transfer.chosen_size == 10_000_000
    assert len(transfer.model_dump_json()) < 2000
    picker = await picked(choosing, transfer)
    assert (picker.total, picker.parts, picker.oversized, len(picker.rows)) == (10_000, 0, 10_000, PAGE)
    matched = await choosing.want_matching(transfer.id, "*7.mkv", update_id=1, by=ADA)
    assert matched.wanted == list(range(7, 10_000, 10))
    assert len(matched.model_dump_json()) < 10_000
