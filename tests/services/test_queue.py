"""The queue: whose turn it is, room on the disk, and what those who wait are told."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from models.access import Member, Role
from models.clock import now
from models.downloads import FileEntry, Snapshot
from models.files import Chosen
from models.transfers import Failure, Transfer, TransferState
from services.access.rights import NotAllowed
from services.documents import update_if
from services.storage.taking import Taking
from services.transfers import records
from services.transfers.filetree import chosen_of, tree_of
from services.transfers.queue import (
    PATIENCE_MILLIS,
    Queue,
    coarse_minutes,
    expected_starts,
    in_turn,
    share_of,
)
from services.transfers.records import Task
from services.transfers.room import RESERVE, Promised
from services.transfers.service import Transfers
from tests.services.orders import member, order, record, reread

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
S = TransferState
TERA = 1024**4
MIB = 1024 * 1024
OWNER = Member.model_construct(id="owner", name="Owner", role=Role.OWNER, language="en")
ADA = Member.model_construct(id="ada", name="Ada", role=Role.MEMBER, language="en")


KEY = "c" * 40


def sized(size: int | None, full: str = "0") -> dict[str, Any]:
    return {"chosen": Chosen(full=full, count=1, size=size)}


async def queued(name: str, **changes: Any) -> Transfer:
    transfer: Transfer = await order(S.QUEUED, id=name, source=record(name[-1] * 40), **changes)
    return transfer


async def reread_id(name: str) -> Transfer:
    found = await Transfer.get(name)
    assert found is not None
    return found


async def admitted() -> set[str]:
    return {transfer.id for transfer in await Transfer.find({"admitted": True}).to_list()}


@pytest.fixture(autouse=True)
async def people(database: str) -> str:
    """Who is alone has all turns."""
    await member("ada")
    await member("blas")
    return database


async def test_who_is_alone_has_all_turns(tmp_path: Path) -> None:
    await Member.find_all().delete()
    await member("ada")
    for number in range(3):
        await queued(f"t{number}", created_at=number)
    await Queue(tmp_path, 2).arrange()
    assert await admitted() == {"t0", "t1"}


async def test_only_as_many_as_there_are_turns_are_let_in(tmp_path: Path) -> None:
    await order(S.FETCHING)
    await order(S.STORING)
    for number in range(4):
        await queued(f"t{number}", member_id=f"member {number}", created_at=number)
    await Queue(tmp_path, 3).arrange()
    assert await admitted() == {"t0", "t1"}
    await Queue(tmp_path, 3).arrange()
    assert await admitted() == {"t0", "t1"}, "those that were let in have turns, too"


@pytest.mark.parametrize("queues", [2, 5])
async def test_several_that_arrange_at_once_let_in_no_more_than_one_would(
    queues: int, tmp_path: Path
) -> None:
    """As supervisors of several machines do: each has read the queue before the others wrote to it."""
    for number in range(8):
        await queued(f"t{number}", member_id=f"member {number}", created_at=number)
    await asyncio.gather(*(Queue(tmp_path, 3).arrange() for _ in range(queues)))
    assert await admitted() == {"t0", "t1", "t2"}


async def test_several_that_arrange_at_once_promise_the_disk_once(tmp_path: Path) -> None:
    size = int(shutil.disk_usage(tmp_path).free / 1.2 * 0.4)
    for number in range(6):
        await queued(f"t{number}", member_id=f"member {number}", created_at=number, **sized(size))
    await asyncio.gather(*(Queue(tmp_path, 9).arrange() for _ in range(3)))
    assert await admitted() == {"t0", "t1"}


async def test_a_turn_that_its_order_does_not_want_any_more_is_the_next_ones_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await queued(f"t{number}", member_id=f"member {number}", created_at=number)
    counted = Member.count

    async def count() -> int:
        """Between reading and writing, its member pauses the first one."""
        first = await reread_id("t0")
        if first.state is S.QUEUED:
            await records.move("t0", [S.QUEUED], {"state": S.PAUSED, "resume_to": S.QUEUED})
        return await counted()

    monkeypatch.setattr(Member, "count", count)
    await Queue(tmp_path, 1).arrange()
    assert await admitted() == {"t1"}
    assert (await reread_id("t2")).waiting == "waiting-turn"


async def test_what_was_not_let_in_is_not_claimed(tmp_path: Path) -> None:
    await queued("t0", created_at=0)
    await queued("t1", created_at=1)
    assert await records.claim("us", 60, Task.STAGE, share=9) is None
    await Queue(tmp_path, 1).arrange()
    claimed = await records.claim("us", 60, Task.STAGE, share=9)
    assert claimed is not None
    assert claimed.id == "t0"
    assert await records.claim("us", 60, Task.STAGE, share=9) is None


async def test_a_turn_is_given_back_however_the_transfer_leaves(tmp_path: Path) -> None:
    first = await queued("t0", created_at=0)
    await queued("t1", created_at=1)
    queue = Queue(tmp_path, 1)
    await queue.arrange()
    await Transfers(lambda: None).pause(first.id, by=ADA)
    await queue.arrange()
    assert await admitted() == {"t1"}
    resumed = await Transfers(lambda: None).resume(first.id, by=ADA)
    assert (resumed.state, resumed.admitted) == (S.QUEUED, False)
    await queue.arrange()
    assert await admitted() == {"t1"}


async def test_a_member_with_fifty_orders_does_not_delay_one_with_one(tmp_path: Path) -> None:
    for number in range(50):
        await queued(f"a{number:02}", member_id="ada", created_at=number)
    await queued("b", member_id="blas", created_at=1000)
    queue = Queue(tmp_path, 2)
    await queue.arrange()
    assert await admitted() == {"a00", "b"}
    assert [(await reread_id(f"a{n:02}")).waiting_values["position"] for n in (1, 2, 43)] == [1, 2, 50]


async def test_a_latecomer_does_not_wait_for_what_somebody_else_has_begun(tmp_path: Path) -> None:
    """What was begun may stall for hours, and is never broken off for others."""
    for number in range(9):
        await queued(f"a{number}", member_id="ada", created_at=number)
    queue = Queue(tmp_path, 5)
    for _ in range(2):
        await queue.arrange()
        assert await admitted() == {"a0", "a1", "a2", "a3"}
    told = await reread_id("a4")
    assert (told.waiting, told.waiting_values["position"]) == ("waiting-turn", 1)
    for number in range(2):
        await queued(f"b{number}", member_id="blas", created_at=100 + number)
    await queue.arrange()
    assert await admitted() == {"a0", "a1", "a2", "a3", "b0"}


async def test_the_share_of_a_member_counts_what_is_fetched_and_nothing_later(tmp_path: Path) -> None:
    for state in (S.FETCHING, S.FETCHING, S.STORING, S.PAUSED):
        await order(state)
    for number in range(3):
        await queued(f"t{number}", created_at=number)
    await Queue(tmp_path, 4).arrange()
    assert await admitted() == {"t0"}


async def test_what_is_put_to_the_front_is_not_held_to_a_share(tmp_path: Path) -> None:
    for _ in range(4):
        await order(S.FETCHING)
    for number in range(2):
        await queued(f"t{number}", created_at=number)
    await Transfers(lambda: None).to_front("t1", by=OWNER)
    await Queue(tmp_path, 5).arrange()
    assert await admitted() == {"t1"}


async def test_nobody_stays_behind_one_that_has_its_share_already(tmp_path: Path) -> None:
    """It waits for its own orders, not for the disk: no room is kept for it."""
    free = shutil.disk_usage(tmp_path).free
    await order(S.FETCHING, **sized(free // 2))
    await queued("big", created_at=0, disk_since=long_ago(), **sized(free // 2))
    await queued("small", member_id="blas", created_at=1, **sized(1))
    await Queue(tmp_path, 2).arrange()
    assert await admitted() == {"small"}
    assert (await reread_id("big")).waiting == "waiting-turn"


def test_a_quarter_of_the_turns_is_kept_for_others_where_there_is_more_than_one() -> None:
    shares = {at_once: share_of(at_once) for at_once in (1, 2, 3, 4, 5, 8, 100)}
    assert shares == {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 8: 6, 100: 75}


async def test_who_has_some_under_way_lets_others_go_first() -> None:
    busy = [await order(S.FETCHING, member_id="ada")]
    mine = [await queued(f"a{n}", member_id="ada", created_at=n) for n in range(2)]
    theirs = [await queued(f"b{n}", member_id="blas", created_at=10 + n) for n in range(3)]
    assert [each.id for each in in_turn([*theirs, *mine], busy)] == ["b0", "a0", "b1", "a1", "b2"]


async def test_who_is_let_in_changes_nothing_in_the_order_of_the_others() -> None:
    """Else two that arrange at once would let in different ones."""
    line = [await queued(f"a{n}", member_id="ada", created_at=n) for n in range(3)]
    line += [await queued(f"b{n}", member_id="blas", created_at=10 + n) for n in range(2)]
    line.append(await queued("a3", member_id="ada", created_at=3, fronted_at=1))
    line.append(await queued("b2", member_id="blas", created_at=12, disk_since=1))
    turns = in_turn(line, [])
    assert [each.id for each in turns] == ["a3", "b2", "a0", "b0", "a1", "b1", "a2"]
    for let_in in range(len(turns)):
        assert in_turn(turns[let_in:], turns[:let_in]) == turns[let_in:]


async def test_the_owner_puts_one_to_the_front_and_nobody_else_can(tmp_path: Path) -> None:
    for number in range(3):
        await queued(f"t{number}", created_at=number)
    transfers = Transfers(lambda: None)
    with pytest.raises(NotAllowed):
        await transfers.to_front("t2", by=ADA)
    await transfers.to_front("t2", by=OWNER)
    await transfers.to_front("t1", by=OWNER)
    await Queue(tmp_path, 1).arrange()
    assert await admitted() == {"t2"}
    assert (await reread_id("t1")).waiting_values["position"] == 1
    assert (await transfers.to_front("t2", by=OWNER)).admitted, "it has its turn already"


async def test_what_does_not_fit_now_waits_and_says_what_it_needs(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    await order(S.FETCHING, **sized(free))
    big = await queued("big", created_at=0, **sized(100 * MIB))
    await Queue(tmp_path, 5).arrange()
    waiting = await reread(big)
    assert (waiting.admitted, waiting.waiting) == (False, "waiting-disk")
    assert waiting.waiting_values == {"needed": 120 * MIB, "free": 0}


async def test_what_fits_passes_what_does_not(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    await order(S.FETCHING, **sized(free // 2))
    await queued("big", created_at=0, **sized(free // 2))
    await queued("small", created_at=1, **sized(1))
    await Queue(tmp_path, 5).arrange()
    assert await admitted() == {"small"}


def long_ago() -> int:
    return now() - PATIENCE_MILLIS - 1


@pytest.mark.parametrize("reason", ["patience", "front"])
async def test_what_has_waited_for_long_or_was_put_to_the_front_is_passed_by_nobody(
    reason: str, tmp_path: Path
) -> None:
    free = shutil.disk_usage(tmp_path).free
    await order(S.FETCHING, **sized(free // 2))
    told = {"disk_since": long_ago()} if reason == "patience" else {"fronted_at": 1}
    await order(S.STORING)
    big = await queued("big", created_at=1, **told, **sized(free // 2))
    small = await queued("small", member_id="blas", created_at=0, **sized(1))
    await Queue(tmp_path, 5).arrange()
    assert await admitted() == set()
    assert (await reread(big)).waiting == "waiting-disk"
    behind = await reread(small)
    assert (behind.waiting, behind.waiting_values) == ("waiting-behind", {"position": 2})


async def test_how_long_one_waits_for_the_disk_is_counted_from_when_it_was_told(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    await order(S.FETCHING, **sized(free // 2))
    big = await queued("big", created_at=0, **sized(free // 2))
    before = now()
    for _ in range(2):
        await Queue(tmp_path, 5).arrange()
        told = await reread(big)
        assert before <= told.disk_since <= now()
    await Queue(tmp_path, 5).arrange()
    assert (await reread(big)).disk_since == told.disk_since
    await Transfers(lambda: None).pause(big.id, by=ADA)
    assert (await reread(big)).disk_since == 0


async def test_nobody_waits_for_one_to_whom_no_waiting_would_bring_room(tmp_path: Path) -> None:
    """All else on the disk may belong to other programs: that never becomes free."""
    disk = shutil.disk_usage(tmp_path)
    beyond = int((disk.free + (disk.total - disk.free) // 2) / 1.2)
    await queued("big", created_at=0, disk_since=long_ago(), **sized(beyond))
    await queued("small", created_at=1, **sized(1))
    await Queue(tmp_path, 5).arrange()
    assert await admitted() == {"small"}
    assert (await reread_id("big")).waiting == "waiting-disk"


@pytest.mark.parametrize("has_failed", [False, True])
@pytest.mark.parametrize("state", [S.INSPECTING, S.PREVIEWING, S.STORING])
async def test_what_rests_with_its_files_keeps_its_room_and_gives_its_turn(
    state: TransferState, tmp_path: Path, *, has_failed: bool
) -> None:
    """It goes on without asking: others must not have been given its room."""
    free = shutil.disk_usage(tmp_path).free
    resting = await order(state, **sized(free // 2), progress={"done": 0})
    if has_failed:
        failure = Failure(key="x", resume_to=state)
        await update_if(Transfer, {"_id": resting.id}, {"state": S.FAILED, "failure": failure})
    else:
        await Transfers(lambda: None).pause(resting.id, by=ADA)
    await queued("big", created_at=0, **sized(free // 2))
    await queued("small", created_at=1, **sized(1))
    await Queue(tmp_path, 1).arrange()
    assert await admitted() == {"small"}


async def test_two_orders_of_one_download_hold_its_bytes_once(tmp_path: Path) -> None:
    size = int(shutil.disk_usage(tmp_path).free * 0.5)
    await order(S.FETCHING, key=KEY, **sized(size, "0-3"))
    for name, wanted in (("same", "0-3"), ("part", "1,3"), ("more", "2-4")):
        await queued(name, member_id=name, key=KEY, **sized(size if name != "part" else size // 2, wanted))
    await queued("other", member_id="other", key="d" * 40, **sized(size, "0-3"))
    await Queue(tmp_path, 9).arrange()
    assert await admitted() == {"same", "part"}


async def test_of_several_orders_of_one_download_the_largest_counts_whole() -> None:
    def held(size: int, full: str, **more: Any) -> Transfer:
        made: Transfer = Transfer.model_construct(
            **sized(size, full), **{"key": KEY, "progress": Snapshot(), "unpack": False, **more}
        )
        return made

    both = [held(100, "0"), held(1000, "0-1")]
    assert Promised(both).total == Promised(both[::-1]).total == 1200 + 20
    assert Promised([*both, held(10, "0", unpack=True)]).total == 1220 + 20
    assert Promised([held(100, "0"), held(100, "1")]).total == 240
    # what has come of both is taken off once, wherever it counts
    half_done = Snapshot(done=90)
    assert Promised([held(100, "0", progress=half_done), held(100, "1", progress=half_done)]).total == 150
    assert Promised([held(100, "0", key=None), held(100, "0", key=None)]).total == 240
    assert Promised([held(100, "0", progress=Snapshot(done=110)), held(100, "0")]).total == 10 + 20


async def test_of_those_who_wait_only_what_is_needed_is_read(tmp_path: Path) -> None:
    """An order may be long, and the queue looks at all of them each time there is work to claim."""
    await order(S.FETCHING)
    waiting = [await queued(f"t{number}", member_id="blas", created_at=number) for number in range(2)]
    await Transfer.get_pymongo_collection().update_many({}, {"$set": {"facts": "too long to be read"}})
    await Queue(tmp_path, 2).arrange()
    stored = Transfer.get_pymongo_collection().find({"_id": {"$in": [each.id for each in waiting]}})
    assert {each["_id"]: each["waiting"] async for each in stored} == {"t0": None, "t1": "waiting-turn"}


async def test_what_is_let_in_together_is_counted_together(tmp_path: Path) -> None:
    size = int(shutil.disk_usage(tmp_path).free / 1.2 * 0.6)
    await queued("t0", created_at=0, **sized(size))
    await queued("t1", created_at=1, **sized(size))
    await Queue(tmp_path, 5).arrange()
    assert await admitted() == {"t0"}


async def test_what_is_fetched_already_is_not_reserved_again(tmp_path: Path) -> None:
    size = shutil.disk_usage(tmp_path).free
    await order(S.STORING, **sized(size), progress={"done": int(size * 1.3), "total": size})
    await queued("t0", **sized(1))
    await Queue(tmp_path, 5).arrange()
    assert await admitted() == {"t0"}


async def test_parts_of_films_are_promised_room_before_anything_is_fetched(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free - RESERVE
    film = [FileEntry(index=0, path="film.mkv", size=free // 2)]
    tree = tree_of(film)
    for name, taking in {"t0": Taking(10 * MIB, splits=True), "t1": Taking(10 * MIB)}.items():
        await queued(name, files=film, chosen=chosen_of(tree, {0}, taking.beside))
        await Queue(tmp_path, 5).arrange()
    assert await admitted() == {"t1"}, "the other one's parts would not fit beside the film"
    assert (await reread_id("t0")).waiting == "waiting-disk"


async def test_what_says_its_size_only_while_it_comes_holds_its_room_then(tmp_path: Path) -> None:
    size = shutil.disk_usage(tmp_path).free
    await order(S.FETCHING, **sized(None), progress={"done": 0, "total": size})
    await queued("t0", **sized(MIB))
    await Queue(tmp_path, 5).arrange()
    assert await admitted() == set()


async def test_what_never_fits_is_let_in_to_be_refused(tmp_path: Path) -> None:
    await order(S.FETCHING)
    await queued("t0", **sized(10_000 * TERA))
    await Queue(tmp_path, 5).arrange()
    assert await admitted() == {"t0"}


async def test_nothing_is_written_when_nothing_changed(tmp_path: Path) -> None:
    await order(S.FETCHING)
    waiting = await queued("t0")
    await Queue(tmp_path, 1).arrange()
    told = await reread(waiting)
    assert (told.waiting, told.waiting_values) == ("waiting-turn", {"position": 1, "minutes": 0})
    await Queue(tmp_path, 1).arrange()
    assert (await reread(waiting)).changed_at == told.changed_at


async def test_the_start_is_expected_when_a_turn_is_likely_to_be_free() -> None:
    def fetching(size: int, done: int, rate: int) -> Transfer:
        progress = Snapshot(done=done, total=size, rate=rate)
        moving: Transfer = Transfer.model_construct(**sized(size), progress=progress, state=S.FETCHING)
        return moving

    busy = [fetching(1000, 200, 10), fetching(1000, 1000, 10)]
    line = [Transfer.model_construct(**sized(100), progress=Snapshot()) for _ in range(3)]
    assert expected_starts(line, busy) == [20.0, 32.0, 44.0]
    assert expected_starts(line, []) == [None] * 3


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(None, 0), (0.0, 1), (61, 1), (9.4 * 60, 9), (33 * 60, 35), (100 * 60, 90), (86_400, 1440)],
)
def test_minutes_are_the_coarser_the_more_there_are(seconds: float | None, minutes: int) -> None:
    assert coarse_minutes(seconds) == minutes
