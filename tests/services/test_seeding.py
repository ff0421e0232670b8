"""What is complete is given to others for a while, if the owner wishes, and then goes."""

from pathlib import Path

import pytest

from models.clock import now
from models.downloads import Download, DownloadState
from models.transfers import TransferState
from services.documents import update_if
from services.downloads.engines import Engines
from services.downloads.seeding import Seeding
from services.downloads.service import Downloads
from tests.fake_engine import FakeEngine
from tests.services.orders import INFOHASH, order, record

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
HOUR = 3_600_000


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


def seeding(engine: FakeEngine, folder: Path, *, ratio: float = 0.0, hours: float = 0.0) -> Downloads:
    return Downloads(Engines({"fake": engine}, "fake"), folder, seeding=Seeding(ratio, hours))


async def complete(downloads: Downloads, engine: FakeEngine, transfer: str = "t1") -> None:
    await downloads.join(transfer, record(), [0, 1])
    engine.finish(INFOHASH)
    await downloads.poll()


async def state() -> DownloadState | None:
    found = await Download.get(INFOHASH)
    return found and found.state


async def look(downloads: Downloads) -> None:
    """What the schedule does."""
    await downloads.poll()
    await downloads.tidy()


async def test_until_it_gave_what_it_took(engine: FakeEngine, tmp_path: Path) -> None:
    downloads = seeding(engine, tmp_path, ratio=1.5)
    await complete(downloads, engine)
    for _ in range(2):
        await downloads.leave("t1", INFOHASH, seed=True)
    await look(downloads)
    assert await state() is DownloadState.SEEDING
    engine.give(INFOHASH, 449)
    await look(downloads)
    assert await state() is DownloadState.SEEDING
    assert (tmp_path / INFOHASH / "Bunny/a.mkv").is_file()
    engine.give(INFOHASH, 450)
    await look(downloads)
    assert await state() is None
    assert engine.jobs == {}
    assert list(tmp_path.iterdir()) == []


async def test_until_its_time_is_over(engine: FakeEngine, tmp_path: Path) -> None:
    downloads = seeding(engine, tmp_path, ratio=5, hours=2)
    await complete(downloads, engine)
    await downloads.leave("t1", INFOHASH, seed=True)
    for hours, expected in ((1.9, DownloadState.SEEDING), (2, None)):
        await update_if(Download, {"_id": INFOHASH}, {"seeding_since": now() - int(hours * HOUR)})
        await look(downloads)
        assert await state() is expected


@pytest.mark.parametrize("seed", [False, True])
async def test_not_without_the_owners_wish(engine: FakeEngine, tmp_path: Path, seed: bool) -> None:
    """And never for an order that was cancelled."""
    downloads = seeding(engine, tmp_path, ratio=0.0 if seed else 1.0)
    await complete(downloads, engine)
    await downloads.leave("t1", INFOHASH, seed=seed)
    assert await state() is None
    assert engine.jobs == {}


async def test_what_was_not_wholly_fetched_does_not_seed(engine: FakeEngine, tmp_path: Path) -> None:
    downloads = seeding(engine, tmp_path, hours=1)
    await downloads.join("t1", record(), [0])
    await downloads.leave("t1", INFOHASH, seed=True)
    assert await state() is None


async def test_a_new_order_takes_it_over_and_it_seeds_again_afterwards(
    engine: FakeEngine, tmp_path: Path
) -> None:
    downloads = seeding(engine, tmp_path, hours=1)
    await complete(downloads, engine)
    await downloads.leave("t1", INFOHASH, seed=True)
    joined = await downloads.join("t2", record(), [2])
    assert (joined.state, joined.transfers) == (DownloadState.ACTIVE, ["t2"])
    assert sorted(joined.wanted) == [0, 1, 2]
    engine.finish(INFOHASH)
    await downloads.poll()
    await downloads.leave("t2", INFOHASH, seed=True)
    assert await state() is DownloadState.SEEDING
    assert len(engine.jobs) == 1


async def test_who_still_needs_it_keeps_it(engine: FakeEngine, tmp_path: Path) -> None:
    downloads = seeding(engine, tmp_path, hours=1)
    await complete(downloads, engine, "t1")
    await downloads.join("t2", record(), [0])
    await downloads.poll()
    await downloads.leave("t1", INFOHASH, seed=True)
    assert await state() is DownloadState.COMPLETE


async def test_an_engine_that_forgot_it_seeds_it_again(engine: FakeEngine, tmp_path: Path) -> None:
    downloads = seeding(engine, tmp_path, hours=1)
    await complete(downloads, engine)
    await downloads.leave("t1", INFOHASH, seed=True)
    engine.lose(INFOHASH)
    await look(downloads)
    assert await state() is DownloadState.SEEDING
    assert engine.jobs[INFOHASH].files == {0, 1}


async def test_what_the_engine_refuses_or_breaks_goes(engine: FakeEngine, tmp_path: Path) -> None:
    for harm in ("foreign", "failed"):
        downloads = seeding(engine, tmp_path, hours=1)
        await complete(downloads, engine)
        await downloads.leave("t1", INFOHASH, seed=True)
        if harm == "foreign":
            engine.lose(INFOHASH)
            engine.foreign.add(INFOHASH)
        else:
            engine.fail(INFOHASH, "files-gone")
        await look(downloads)
        assert await state() is None, harm
        engine.foreign.clear()


async def test_an_order_that_needs_the_room_goes_before(engine: FakeEngine, tmp_path: Path) -> None:
    downloads = seeding(engine, tmp_path, hours=1)
    await complete(downloads, engine)
    await downloads.leave("t1", INFOHASH, seed=True)
    await order(TransferState.QUEUED, waiting="waiting-disk")
    await look(downloads)
    assert await state() is None
    assert list(tmp_path.iterdir()) == []


async def test_an_engine_that_is_away_is_waited_for(engine: FakeEngine, tmp_path: Path) -> None:
    downloads = seeding(engine, tmp_path, ratio=1)
    await complete(downloads, engine)
    await downloads.leave("t1", INFOHASH, seed=True)
    engine.give(INFOHASH, 300)
    engine.away = True
    await look(downloads)
    assert await state() is DownloadState.SEEDING
    engine.away = False
    await look(downloads)
    assert await state() is None
