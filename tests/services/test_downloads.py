"""One Download for everybody who ordered the same: joined, followed, left; whatever engines do meanwhile."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from models.clock import now
from models.downloads import Download, DownloadState, Snapshot
from models.transfers import TransferState
from services.documents import update_if
from services.downloads.engines import Engines
from services.downloads.port import (
    Contents,
    Downloader,
    DownloaderUnreachable,
    DownloadKey,
    Progress,
    Selection,
    Source,
    SourceRejected,
    WebLink,
)
from services.downloads.service import DownloadBusy, Downloads
from services.downloads.vault import keep
from services.downloads.watch import Watch
from tests.fake_engine import FakeEngine
from tests.services.orders import INFOHASH, magnet, order, record

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
OTHER = "b" * 40
HOUR = 3_600_000


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def downloads(engine: FakeEngine, tmp_path: Path) -> Downloads:
    return Downloads(Engines({"fake": engine}, "fake"), tmp_path)


async def stored(key: str = INFOHASH) -> Download:
    found = await Download.get(key)
    assert found is not None
    return found


async def gone(key: str = INFOHASH) -> bool:
    return await Download.get(key) is None


async def test_a_link_that_failed_goes_on_where_it_broke_off(
    downloads: Downloads, engine: FakeEngine
) -> None:
    """And a torrent is begun afresh with the files that are there: its job may be of no use any more."""
    link = await keep(WebLink("https://x.test/a", "a"))
    for source, goes_on in ((link, True), (record(), False)):
        key = (await downloads.join("t", source, [0])).id
        job = engine.jobs[key]
        engine.fail(key, "engine-error")
        await downloads.poll()
        assert (await stored(key)).state is DownloadState.FAILED
        await downloads.join("t", source, [0])
        assert (engine.jobs[key] is job) is goes_on


async def test_joining_makes_the_engine_fetch(
    downloads: Downloads, engine: FakeEngine, tmp_path: Path
) -> None:
    joined = await downloads.join("t1", record(), [1, 0])
    assert (joined.id, joined.state, joined.engine) == (INFOHASH, DownloadState.ACTIVE, "fake")
    assert joined.transfers == ["t1"]
    job = engine.jobs[INFOHASH]
    assert job.files == {0, 1}
    assert job.folder == tmp_path / INFOHASH
    assert job.folder.is_dir()


async def test_two_members_share_one_download_and_the_last_one_removes_it(
    downloads: Downloads, engine: FakeEngine, tmp_path: Path
) -> None:
    await downloads.join("t1", record(), [0])
    joined = await downloads.join("t2", record(), [1])
    assert sorted(joined.transfers) == ["t1", "t2"]
    assert sorted(joined.wanted) == [0, 1]
    assert engine.jobs[INFOHASH].files == {0, 1}
    engine.finish(INFOHASH)

    await downloads.leave("t1", INFOHASH)
    assert (await stored()).transfers == ["t2"]
    assert INFOHASH in engine.jobs
    assert (tmp_path / INFOHASH / "Bunny/b.mkv").is_file()

    await downloads.leave("t2", INFOHASH)
    assert engine.jobs == {}
    assert await gone()
    assert list(tmp_path.iterdir()) == []


async def test_joining_and_leaving_may_be_repeated(downloads: Downloads, engine: FakeEngine) -> None:
    for _ in range(3):
        await downloads.join("t1", record(), [0])
    assert (await stored()).transfers == ["t1"]
    assert len(engine.jobs) == 1
    for _ in range(3):
        await downloads.leave("t1", INFOHASH)
        await downloads.leave("nobody", INFOHASH)
    assert await gone()


async def joined(downloads: Downloads, name: str, *wanted: int) -> None:
    """An order of these files that is being fetched."""
    await order(TransferState.FETCHING, id=name, wanted=wanted, download=INFOHASH)
    await downloads.join(name, record(), wanted)


async def wanted() -> list[int]:
    return sorted((await stored()).wanted)


async def test_what_only_one_who_left_wanted_is_not_fetched_any_more(
    downloads: Downloads, engine: FakeEngine
) -> None:
    for name, files in (("t1", (0, 1)), ("t2", (1,)), ("t3", (1, 2))):
        await joined(downloads, name, *files)
    await downloads.leave("t1", INFOHASH)
    assert engine.jobs[INFOHASH].files == {1, 2}
    assert (await wanted(), (await stored()).state) == ([1, 2], DownloadState.ACTIVE)
    await downloads.leave("t3", INFOHASH)
    assert engine.jobs[INFOHASH].files == {1}
    adds = engine.adds
    await downloads.leave("t3", INFOHASH)
    await downloads.leave("t1", INFOHASH)
    assert engine.adds == adds, "there is nothing to be told"
    await downloads.join("t4", record(), [0])
    assert engine.jobs[INFOHASH].files == {0, 1}


async def test_who_stays_gets_what_they_want_and_it_is_enough(
    downloads: Downloads, engine: FakeEngine
) -> None:
    await joined(downloads, "t1", 0)
    await joined(downloads, "t2", 1)
    engine.fetch(INFOHASH, 50)
    await downloads.poll()
    await downloads.leave("t1", INFOHASH)
    await downloads.poll()
    found = await stored()
    assert (found.state, found.progress.done, found.progress.total) == (DownloadState.ACTIVE, 0, 200)
    engine.finish(INFOHASH)
    await downloads.poll()
    assert (await stored()).state is DownloadState.COMPLETE
    assert set(await downloads.files(await stored())) == {1}


async def test_leaving_is_ended_whatever_it_was_cut_off_by(downloads: Downloads, engine: FakeEngine) -> None:
    await joined(downloads, "t1", 0)
    await joined(downloads, "t2", 1)
    await Download.get_pymongo_collection().update_one({"_id": INFOHASH}, {"$pull": {"transfers": "t1"}})
    engine.away = True
    with pytest.raises(DownloaderUnreachable):
        await downloads.leave("t1", INFOHASH)
    assert (await wanted(), (await stored()).state) == ([1], DownloadState.ADDING)
    await downloads.leave("t1", INFOHASH)
    engine.away = False
    assert engine.jobs[INFOHASH].files == {0, 1}
    await update_if(Download, {"_id": INFOHASH}, {"changed_at": 0})
    await downloads.poll()
    assert engine.jobs[INFOHASH].files == {1}
    assert (await stored()).state is DownloadState.ACTIVE


async def test_of_what_has_failed_only_what_is_wanted_is_tried_again(
    downloads: Downloads, engine: FakeEngine
) -> None:
    await joined(downloads, "t1", 0)
    await joined(downloads, "t2", 1)
    engine.fail(INFOHASH, "disk-full")
    await downloads.poll()
    adds = engine.adds
    await downloads.leave("t1", INFOHASH)
    assert (await wanted(), (await stored()).state) == ([1], DownloadState.FAILED)
    assert engine.adds == adds, "nobody has a turn for it"
    await downloads.join("t2", record(), [1])
    assert engine.jobs[INFOHASH].files == {1}


async def test_what_is_complete_lies_there_until_the_last_one_leaves(
    downloads: Downloads, engine: FakeEngine
) -> None:
    await joined(downloads, "t1", 0)
    await joined(downloads, "t2", 1)
    engine.finish(INFOHASH)
    await downloads.poll()
    await downloads.leave("t1", INFOHASH)
    assert (await stored()).state is DownloadState.COMPLETE
    assert engine.jobs[INFOHASH].files == {0, 1}


class Delayed(FakeEngine):
    """Does what it is told to do first at last."""

    def __init__(self) -> None:
        super().__init__()
        self.late: asyncio.Event | None = None
        self.begun = asyncio.Event()

    async def add(self, key: DownloadKey, source: Source, files: Selection, folder: Path) -> None:
        late, self.late = self.late, None
        if late is not None:
            self.begun.set()
            await late.wait()
        await super().add(key, source, files, folder)


@pytest.mark.parametrize("meanwhile", ["joins", "leaves"])
async def test_the_engine_knows_at_last_what_is_wanted_whoever_told_it_last(
    meanwhile: str, tmp_path: Path
) -> None:
    engine = Delayed()
    downloads = Downloads(Engines({"fake": engine}, "fake"), tmp_path)
    await joined(downloads, "t1", 0)
    engine.late = late = asyncio.Event()
    joining = asyncio.create_task(joined(downloads, "t2", 1))
    await engine.begun.wait()
    if meanwhile == "joins":
        await joined(downloads, "t3", 2)
    else:
        await downloads.leave("t1", INFOHASH)
    late.set()
    await joining
    assert engine.jobs[INFOHASH].files == ({0, 1, 2} if meanwhile == "joins" else {1})
    assert (await stored()).state is DownloadState.ACTIVE


async def test_a_stranger_leaving_ends_nothing(downloads: Downloads, engine: FakeEngine) -> None:
    await downloads.join("t1", record(), [0])
    await downloads.leave("t2", INFOHASH)
    assert (await stored()).transfers == ["t1"]
    assert INFOHASH in engine.jobs


async def test_many_join_at_once(downloads: Downloads, engine: FakeEngine) -> None:
    await asyncio.gather(*(downloads.join(f"t{n}", record(), [n % 3]) for n in range(12)))
    found = await stored()
    assert len(found.transfers) == 12
    assert sorted(found.wanted) == [0, 1, 2]
    assert found.state is DownloadState.ACTIVE
    assert set(engine.jobs) == {INFOHASH}
    await asyncio.gather(*(downloads.leave(f"t{n}", INFOHASH) for n in range(12)))
    assert await gone()
    assert engine.jobs == {}


async def test_progress_is_asked_once_for_all_and_saved(downloads: Downloads, engine: FakeEngine) -> None:
    for key in (INFOHASH, OTHER):
        await downloads.join(f"t-{key}", record(key), [0, 1])
    engine.fetch(INFOHASH, 150)
    engine.questions = 0
    assert await downloads.poll() == []
    assert engine.questions == 1
    assert (await stored()).progress == Snapshot(done=150, total=300, rate=1, peers=2, seeds=1)
    changed_at = (await stored()).changed_at
    await downloads.poll()
    assert (await stored()).changed_at == changed_at, "nothing new, nothing written"


async def test_the_end_is_noticed_and_a_finished_one_is_not_asked_for_again(
    downloads: Downloads, engine: FakeEngine
) -> None:
    joined = await downloads.join("t1", record(), [0])
    engine.finish(INFOHASH)
    await downloads.poll()
    found = await stored()
    assert (found.state, found.progress.done) == (DownloadState.COMPLETE, 100)
    files = await downloads.files(joined)
    assert {index: path.stat().st_size for index, path in files.items()} == {0: 100}
    engine.questions = 0
    await downloads.poll()
    assert engine.questions == 0


async def test_somebody_who_wants_more_of_a_finished_one_makes_it_go_on(
    downloads: Downloads, engine: FakeEngine
) -> None:
    await downloads.join("t1", record(), [0])
    engine.finish(INFOHASH)
    await downloads.poll()
    joined = await downloads.join("t2", record(), [1])
    assert joined.state is DownloadState.ACTIVE
    await downloads.poll()
    assert (await stored()).state is DownloadState.ACTIVE
    engine.finish(INFOHASH)
    await downloads.poll()
    assert (await stored()).state is DownloadState.COMPLETE


async def test_a_job_the_engine_lost_is_added_again(downloads: Downloads, engine: FakeEngine) -> None:
    await downloads.join("t1", record(), [0])
    engine.lose(INFOHASH)
    await downloads.poll()
    assert engine.jobs[INFOHASH].files == {0}
    assert (await stored()).state is DownloadState.ACTIVE
    engine.finish(INFOHASH)
    await downloads.poll()
    assert (await stored()).state is DownloadState.COMPLETE


async def test_a_lost_job_that_is_somebody_elses_by_now_fails(
    downloads: Downloads, engine: FakeEngine
) -> None:
    await downloads.join("t1", record(), [0])
    engine.lose(INFOHASH)
    engine.foreign.add(INFOHASH)
    await downloads.poll()
    found = await stored()
    assert (found.state, found.error) == (DownloadState.FAILED, "engine-has-foreign")
    await downloads.poll()
    assert engine.jobs == {}


class Choosy(FakeEngine):
    """Does not take back what it lost."""

    async def add(self, key: DownloadKey, *arguments: object, **named: object) -> None:
        if self.adds:
            raise SourceRejected("torrent-malformed")
        await super().add(key, *arguments, **named)  # type: ignore[arg-type]


async def test_one_that_cannot_be_added_again_does_not_stop_the_others(tmp_path: Path) -> None:
    choosy, sound = Choosy("choosy"), FakeEngine("sound", links=False)
    engines = {"choosy": choosy, "sound": sound}
    await Downloads(Engines(engines, "choosy"), tmp_path).join("t1", record(), [0])
    downloads = Downloads(Engines(engines, "sound"), tmp_path)
    await downloads.join("t2", record(OTHER), [0])
    choosy.lose(INFOHASH)
    sound.finish(OTHER)
    assert await downloads.poll() == []
    assert ((await stored()).state, (await stored()).error) == (DownloadState.FAILED, "torrent-malformed")
    assert (await stored(OTHER)).state is DownloadState.COMPLETE


async def test_an_engine_that_is_away_is_named_and_nothing_is_lost(
    downloads: Downloads, engine: FakeEngine
) -> None:
    await downloads.join("t1", record(), [0])
    engine.fetch(INFOHASH, 50)
    await downloads.poll()
    engine.away = True
    assert await downloads.poll() == ["fake"]
    assert (await stored()).progress.done == 50
    engine.away = False
    engine.fetch(INFOHASH, 60)
    assert await downloads.poll() == []
    assert (await stored()).progress.done == 60


async def test_joining_while_the_engine_is_away_waits_and_is_repeated(
    downloads: Downloads, engine: FakeEngine
) -> None:
    engine.away = True
    with pytest.raises(DownloaderUnreachable):
        await downloads.join("t1", record(), [0])
    engine.away = False
    assert (await downloads.join("t1", record(), [0])).state is DownloadState.ACTIVE


async def test_an_engine_that_goes_between_choosing_and_adding(tmp_path: Path) -> None:
    class GoesAway(FakeEngine):
        async def add(self, key: DownloadKey, *arguments: object, **named: object) -> None:
            self.away = not self.away
            await super().add(key, *arguments, **named)  # type: ignore[arg-type]

    engine = GoesAway()
    downloads = Downloads(Engines({"fake": engine}, "fake"), tmp_path)
    with pytest.raises(DownloaderUnreachable):
        await downloads.join("t1", record(), [0])
    assert (await stored()).state is DownloadState.ADDING
    engine.away = False
    engine.adds = 0
    await downloads.poll()
    assert (await stored()).state is DownloadState.ADDING, "not added yet is not lost"


@pytest.mark.parametrize("error", ["disk-full", "engine-has-foreign", "interface-gone"])
async def test_a_failure_is_kept_and_joining_again_begins_afresh(
    error: str, downloads: Downloads, engine: FakeEngine
) -> None:
    await downloads.join("t1", record(), [0])
    engine.finish(INFOHASH)
    engine.fail(INFOHASH, error)
    await downloads.poll()
    assert ((await stored()).state, (await stored()).error) == (DownloadState.FAILED, error)
    kept = engine.jobs[INFOHASH].folder / "Bunny/a.mkv"
    again = await downloads.join("t1", record(), [0])
    assert (again.state, again.error) == (DownloadState.ACTIVE, None)
    assert kept.is_file(), "what is there is kept"
    assert engine.jobs[INFOHASH].error is None


async def test_somebody_elses_torrent_is_never_touched_and_another_engine_takes_it(tmp_path: Path) -> None:
    shared, own = FakeEngine("qbittorrent"), FakeEngine("embedded")
    shared.foreign.add(INFOHASH)
    downloads = Downloads(Engines({"qbittorrent": shared, "embedded": own}), tmp_path)
    joined = await downloads.join("t1", record(), [0])
    assert (joined.engine, joined.state) == ("embedded", DownloadState.ACTIVE)
    assert shared.jobs == {}
    assert INFOHASH in own.jobs
    again = await downloads.join("t2", record(), [1])
    assert again.engine == "embedded"
    assert own.jobs[INFOHASH].files == {0, 1}
    for transfer in ("t1", "t2"):
        await downloads.leave(transfer, INFOHASH)
    assert own.jobs == {}


async def test_a_removal_that_cannot_be_done_now_is_done_later(
    downloads: Downloads, engine: FakeEngine, tmp_path: Path
) -> None:
    await downloads.join("t1", record(), [0])
    engine.finish(INFOHASH)
    engine.away = True
    with pytest.raises(DownloaderUnreachable):
        await downloads.leave("t1", INFOHASH)
    assert (await stored()).state is DownloadState.REMOVING
    engine.away = False
    with pytest.raises(DownloadBusy):
        await downloads.join("t2", record(), [0])
    await downloads.tidy()
    await downloads.tidy()
    assert await gone()
    assert engine.jobs == {}
    assert list(tmp_path.iterdir()) == []
    assert (await downloads.join("t2", record(), [0])).transfers == ["t2"]


async def test_an_engine_that_is_away_does_not_keep_the_removals_of_others_waiting(tmp_path: Path) -> None:
    away, here = FakeEngine("aria2"), FakeEngine("embedded")
    engines = Engines({"aria2": away, "embedded": here})
    downloads = Downloads(engines, tmp_path)
    await downloads.join("t1", record(), [0])
    away.away = True
    moved = Downloads(Engines({"aria2": away, "embedded": here}), tmp_path)
    await moved.join("t2", record(OTHER), [0])
    await update_if(Download, {"_id": INFOHASH}, {"state": DownloadState.REMOVING, "transfers": []})
    await update_if(Download, {"_id": OTHER}, {"state": DownloadState.REMOVING, "transfers": []})
    await moved.tidy()
    assert await gone(OTHER)
    assert (await stored()).state is DownloadState.REMOVING


async def test_the_folder_goes_even_when_the_engine_has_forgotten_the_job(
    downloads: Downloads, engine: FakeEngine, tmp_path: Path
) -> None:
    await downloads.join("t1", record(), [0])
    engine.finish(INFOHASH)
    engine.lose(INFOHASH)
    await downloads.leave("t1", INFOHASH)
    assert list(tmp_path.iterdir()) == []


async def test_holding_pauses_in_the_engine(downloads: Downloads, engine: FakeEngine) -> None:
    await downloads.join("t1", record(), [0])
    await downloads.hold(INFOHASH, paused=True)
    await downloads.poll()
    assert engine.jobs[INFOHASH].paused
    assert (await stored()).progress.paused
    await downloads.hold(INFOHASH, paused=False)
    await downloads.poll()
    assert not (await stored()).progress.paused
    await downloads.hold("unknown", paused=True)


async def test_inspecting_asks_the_engine_that_would_fetch(downloads: Downloads, engine: FakeEngine) -> None:
    contents: Contents = await downloads.inspect(magnet())
    assert [file.path for file in contents.files] == ["Bunny/a.mkv", "Bunny/b.mkv", "Bunny/c.txt"]
    assert engine.inspected == {INFOHASH}
    await downloads.forget("t1", record())
    assert engine.inspected == set()


async def test_forgetting_lets_a_download_be_that_serves_others(
    downloads: Downloads, engine: FakeEngine
) -> None:
    await downloads.join("t1", record(), [0])
    await downloads.forget("t2", record())
    assert (await stored()).transfers == ["t1"]
    assert INFOHASH in engine.jobs


async def test_forgetting_ends_a_download_that_was_joined_and_never_noted(
    downloads: Downloads, engine: FakeEngine
) -> None:
    """Cancelled, or the process killed, between joining and writing it into the Transfer."""
    await downloads.join("t1", record(), [0])
    await downloads.forget("t1", record())
    assert await gone()
    assert engine.jobs == {}


async def test_only_while_its_engine_is_watched_can_it_die(engine: FakeEngine, tmp_path: Path) -> None:
    """Magpie, the engine or the whole machine may have been off for longer than anything may stand still."""
    before = Downloads(Engines({"fake": engine}, "fake"), tmp_path)
    await before.join("t1", record(), [0, 1])
    engine.fetch(INFOHASH, 50)
    await before.poll()
    await update_if(Download, {"_id": INFOHASH}, {"moved_at": now() - 7 * HOUR})
    again = Downloads(Engines({"fake": engine}, "fake"), tmp_path, dead_after=0.5)
    await again.poll()
    assert (await stored()).state is DownloadState.ACTIVE
    async with asyncio.timeout(60):
        while (await stored()).state is DownloadState.ACTIVE:
            await again.poll()
    assert ((await stored()).state, (await stored()).error) == (DownloadState.FAILED, "dead-stalled")


def test_an_engine_is_watched_for_as_long_as_it_answers_without_a_break() -> None:
    watch = Watch()
    assert [watch.since("a", moment) for moment in (1000, 2000, 62_000)] == [1000, 1000, 1000]
    assert watch.since("b", 62_000) == 62_000
    assert [watch.since("a", moment) for moment in (122_001, 123_000)] == [122_001, 122_001]
    assert watch.since("a", 5) == 5, "a clock that was set back says nothing about what was before"


class TestChoosing:
    """Which engine takes an order."""

    @staticmethod
    def engines(choice: str = "auto") -> tuple[Engines, Mapping[str, FakeEngine]]:
        fakes = {
            name: FakeEngine(name, links=name == "embedded") for name in ("embedded", "aria2", "qbittorrent")
        }
        return Engines(dict[str, Downloader](fakes), choice), fakes

    async def test_the_first_healthy_one_of_those_that_are_there(self) -> None:
        engines, fakes = self.engines()
        assert (await engines.choose(magnet())).name == "qbittorrent"
        assert (await engines.choose(magnet(), without=frozenset({"qbittorrent"}))).name == "aria2"
        engines, fakes = self.engines()
        fakes["qbittorrent"].away = True
        assert (await engines.choose(magnet())).name == "aria2"

    async def test_links_go_to_the_one_that_takes_them(self) -> None:
        engines, _ = self.engines()
        assert (await engines.choose(WebLink("https://x.test/a", "a"))).name == "embedded"
        named, _ = self.engines("aria2")
        assert (await named.choose(WebLink("https://x.test/a", "a"))).name == "embedded"

    async def test_a_named_one_that_is_away_is_waited_for(self) -> None:
        engines, fakes = self.engines("aria2")
        fakes["aria2"].away = True
        with pytest.raises(DownloaderUnreachable):
            await engines.choose(magnet())
        fakes["aria2"].away = False
        assert (await engines.choose(magnet())).name == "aria2"

    async def test_what_a_named_one_may_not_have_goes_to_the_embedded_one(self) -> None:
        engines, _ = self.engines("qbittorrent")
        assert (await engines.choose(magnet(), without=frozenset({"qbittorrent"}))).name == "embedded"

    async def test_one_that_is_not_configured_any_more(self) -> None:
        engines, _ = self.engines()
        with pytest.raises(DownloaderUnreachable):
            engines.get("transmission")

    async def test_the_health_of_all(self) -> None:
        engines, fakes = self.engines()
        fakes["aria2"].away = True
        assert {name: health.ok for name, health in (await engines.health()).items()} == {
            "embedded": True,
            "aria2": False,
            "qbittorrent": True,
        }


async def test_a_join_that_was_broken_off_holds_up_nobody(downloads: Downloads, engine: FakeEngine) -> None:
    """Somebody else's cancel in the middle of adding: the poll takes it up for those who stay."""
    await downloads.join("t1", record(), [0])
    engine.finish(INFOHASH)
    await update_if(Download, {"_id": INFOHASH}, {"state": DownloadState.ADDING})
    await downloads.poll()
    assert (await stored()).state is DownloadState.ADDING, "somebody may be adding it right now"
    await update_if(Download, {"_id": INFOHASH}, {"changed_at": 0})
    await downloads.poll()
    await downloads.poll()
    assert (await stored()).state is DownloadState.COMPLETE


async def test_the_poll_brings_nothing_back_that_was_removed_meanwhile(
    downloads: Downloads, engine: FakeEngine, tmp_path: Path
) -> None:
    await downloads.join("t1", record(), [0])

    class Slow(FakeEngine):
        """Answers when the Download was removed already."""

        async def progress(self) -> Mapping[DownloadKey, Progress]:
            await downloads.leave("t1", INFOHASH)
            return await engine.progress()

    late = Downloads(Engines({"fake": Slow()}, "fake"), tmp_path)
    await late.poll()
    assert await gone()
    assert not engine.jobs
    assert not (tmp_path / INFOHASH).exists()


async def test_given_up_in_the_middle_of_adding_nothing_stays_in_the_engine(tmp_path: Path) -> None:
    """An engine may take long to add, and cannot be interrupted."""

    class Slow(FakeEngine):
        def __init__(self) -> None:
            super().__init__()
            self.begun, self.go_on = asyncio.Event(), asyncio.Event()

        async def add(self, key: DownloadKey, source: Source, files: Selection, folder: Path) -> None:
            self.begun.set()
            await self.go_on.wait()
            await super().add(key, source, files, folder)

    engine = Slow()
    downloads = Downloads(Engines({"fake": engine}, "fake"), tmp_path)
    joining = asyncio.create_task(downloads.join("t1", record(), [0]))
    await engine.begun.wait()
    joining.cancel()
    await downloads.leave("t1", INFOHASH)
    engine.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await joining
    assert await gone()
    assert engine.jobs == {}
