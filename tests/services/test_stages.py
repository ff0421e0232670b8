"""The stages of a Transfer one by one, and the worker that runs them under a lease."""

import asyncio
import shutil
import zipfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from pymongo.errors import AutoReconnect
from structlog.testing import capture_logs

from bot.assembly import LOCALES
from handlers.cards.transfer import DETAILS, transfer_card
from jobs.supervisor import Supervisor
from models.clock import now
from models.downloads import FileEntry
from models.media import Facts, Kind, Preview, PreviewKind, Previews
from models.transfers import Failure, LeftPacked, Transfer, TransferState
from services.documents import update_if
from services.downloads.engines import Engines
from services.downloads.port import (
    DownloaderRefused,
    DownloaderUnreachable,
    FilesGone,
    SourceRejected,
    SourceUnavailable,
)
from services.downloads.service import DownloadBusy, Downloads
from services.errors import MagpieError
from services.extraction.extractor import Extractor
from services.media.errors import FfmpegMissing, MediaUnreadable, PreviewFailed
from services.media.tools import MediaTools
from services.storage.archive import Archive
from services.tasks import Bell
from services.telegram.port import ChatClosed, FileChanged, Limits, MessageGone, TelegramAway, TelegramRefused
from services.transfers import records
from services.transfers import worker as transfers_worker
from services.transfers.deadlines import DEADLINES, Deadline
from services.transfers.queue import Queue
from services.transfers.records import Task
from services.transfers.room import room_for
from services.transfers.service import Transfers
from services.transfers.stages.fetching import DiskTooSmall, Fetch
from services.transfers.stages.inspecting import Inspect
from services.transfers.stages.previewing import MakePreviews, remove_work
from services.transfers.stages.step import Changes, Postponed
from services.transfers.worker import Duty, Worker
from services.words import Catalogue
from tests.fake_door import FakeDoor
from tests.fake_engine import FakeEngine
from tests.services.orders import INFOHASH, order, record, reread
from tests.services.test_queue import ADA

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
S = TransferState
TERA = 1024**4


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def downloads(engine: FakeEngine, tmp_path: Path) -> Downloads:
    return Downloads(Engines({"fake": engine}, "fake"), tmp_path)


def sized(size: int | None) -> dict[str, Any]:
    return {"files": [FileEntry(index=0, path="a", size=size)], "wanted": [0]}


def empty_archive(folder: Path) -> Archive:
    return Archive(FakeDoor(), Catalogue(LOCALES).words("en"), folder, -1001234)


def inspecting(downloads: Downloads, folder: Path) -> Inspect:
    room = partial(room_for, folder=folder)
    archive = empty_archive(folder)
    return Inspect(downloads, MediaTools(folder), archive, Extractor(), folder / "unpacked", room)


class TestFetching:
    """What the queue let in joins a Download."""

    async def test_when_there_is_room_it_joins(
        self, downloads: Downloads, engine: FakeEngine, tmp_path: Path
    ) -> None:
        transfer = await order(S.QUEUED)
        changes = await Fetch(downloads, empty_archive(tmp_path), tmp_path)(transfer)
        assert changes["state"] is S.FETCHING
        assert changes["download"] == INFOHASH
        assert engine.jobs[INFOHASH].files == {0, 1, 2}

    async def test_what_never_fits_is_refused(self, downloads: Downloads, tmp_path: Path) -> None:
        with pytest.raises(DiskTooSmall) as error:
            await Fetch(downloads, empty_archive(tmp_path), tmp_path)(
                await order(S.QUEUED, **sized(10_000 * TERA))
            )
        assert error.value.key == "disk-too-small"

    async def test_empty_files_are_not_fetched(
        self, downloads: Downloads, engine: FakeEngine, tmp_path: Path
    ) -> None:
        files = [FileEntry(index=n, path=f"d/{n}", size=n % 2) for n in range(4)]
        transfer = await order(S.QUEUED, files=files, wanted=[0, 1, 2])
        await Fetch(downloads, empty_archive(tmp_path), tmp_path)(transfer)
        assert engine.jobs[INFOHASH].files == {1}
        assert transfer.left_out == ["0", "2"]

    async def test_nothing_but_empty_files_is_refused(
        self, downloads: Downloads, engine: FakeEngine, tmp_path: Path
    ) -> None:
        with pytest.raises(SourceRejected) as error:
            await Fetch(downloads, empty_archive(tmp_path), tmp_path)(await order(S.QUEUED, **sized(0)))
        assert error.value.key == "files-empty"
        assert engine.jobs == {}

    async def test_an_unknown_size_reserves_nothing(self, downloads: Downloads, tmp_path: Path) -> None:
        transfer = await order(S.QUEUED, **sized(None))
        assert (await Fetch(downloads, empty_archive(tmp_path), tmp_path)(transfer))["state"] is S.FETCHING


class TestInspecting:
    """What was fetched is looked at by its content."""

    async def test_the_files_wanted_are_inspected(
        self, downloads: Downloads, engine: FakeEngine, tmp_path: Path
    ) -> None:
        await downloads.join("t", record(), [0, 1])
        engine.finish(INFOHASH)
        transfer = await order(S.INSPECTING, download=INFOHASH, wanted=[1])
        changes = await inspecting(downloads, tmp_path)(transfer)
        (facts,) = changes["facts"]  # type: ignore[misc]
        assert (facts.name, facts.size, facts.kind) == ("b.mkv", 200, Kind.DOCUMENT)  # type: ignore[has-type]
        assert changes["state"] is S.PREVIEWING

    async def test_a_file_that_turned_out_empty_is_left_out_later(
        self, downloads: Downloads, engine: FakeEngine, tmp_path: Path
    ) -> None:
        await downloads.join("t", record(), [0, 1])
        engine.finish(INFOHASH)
        (tmp_path / INFOHASH / "Bunny/a.mkv").write_bytes(b"")
        inspect = inspecting(downloads, tmp_path)
        transfer = await order(S.INSPECTING, download=INFOHASH, wanted=[0, 1])
        changes = await inspect(transfer)
        assert [fact.size for fact in changes["facts"]] == [0, 200]  # type: ignore[attr-defined]
        assert transfer.model_copy(update={"facts": changes["facts"]}).left_out == ["a.mkv"]
        with pytest.raises(SourceRejected) as error:
            await inspect(await order(S.INSPECTING, download=INFOHASH, wanted=[0]))
        assert error.value.key == "files-empty"

    async def test_room_is_kept_for_what_will_lie_beside_the_files(
        self, downloads: Downloads, engine: FakeEngine, tmp_path: Path
    ) -> None:
        await downloads.join("t", record(), [0, 1])
        engine.finish(INFOHASH)
        transfer = await order(S.INSPECTING, download=INFOHASH, wanted=[1])
        inspect = inspecting(downloads, tmp_path)
        assert (await inspect(transfer))["chosen"] == transfer.chosen
        door = FakeDoor(limits=Limits(upload=100))
        copying = Archive(door, Catalogue(LOCALES).words("en"), tmp_path, -1001234, copies=True)
        changes = await replace(inspect, archive=copying)(transfer)
        assert changes["chosen"] == transfer.chosen.model_copy(update={"beside": 200})

    async def test_files_that_are_gone(
        self, downloads: Downloads, engine: FakeEngine, tmp_path: Path
    ) -> None:
        inspect = inspecting(downloads, tmp_path)
        for transfer in (await order(S.INSPECTING), await order(S.INSPECTING, download="nothing")):
            with pytest.raises(SourceUnavailable) as error:
                await inspect(transfer)
            assert error.value.key == "files-gone"
        await downloads.join("t", record(), [0])
        engine.finish(INFOHASH)
        (tmp_path / INFOHASH / "Bunny/a.mkv").unlink()
        await downloads.poll()
        broken = engine.jobs[INFOHASH]
        with pytest.raises(SourceUnavailable):
            await inspect(await order(S.INSPECTING, download=INFOHASH, wanted=[0]))
        await downloads.join("t", record(), [0])
        assert engine.jobs[INFOHASH] is not broken, "it is begun afresh"


def facts(name: str) -> Facts:
    return Facts(path=name, name=name, size=1, blake3="0", kind=Kind.VIDEO, title=name)


class Studio(MediaTools):
    """Makes what the test says, by file name; of what it does not name it never comes to an end."""

    def __init__(self, made: Mapping[str, Previews | Exception]) -> None:
        self.made = made
        self.asked: list[str] = []

    async def previews(self, facts: Facts, folder: Path) -> Previews:
        self.asked.append(facts.name)
        if facts.name not in self.made:
            await asyncio.Event().wait()
        made = self.made[facts.name]
        if isinstance(made, Exception):
            raise made
        folder.mkdir(parents=True, exist_ok=True)
        for preview in made.made:
            (folder / preview.path).touch()
        return made


class OneFile(FakeEngine):
    """Has fetched one file, which the test wrote."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    async def files(self, _key: str) -> Mapping[int, Path]:
        return {0: self.path}


class TestUnpacking:
    """Archives are opened on wish; what cannot be opened stays the file that was fetched."""

    @staticmethod
    async def inspected(path: Path) -> Changes:
        downloads = Downloads(Engines({"fake": OneFile(path)}, "fake"), path.parent)
        await downloads.join("t", record(), [0])
        transfer = await order(S.INSPECTING, download=INFOHASH, wanted=[0], unpack=True)
        return await inspecting(downloads, path.parent)(transfer)

    async def test_what_is_in_it_is_what_was_ordered(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("one.txt", "one")
            archive.writestr("below/two.txt", "two")
        changes = await self.inspected(tmp_path / "a.zip")
        names = [facts.name for facts in cast("list[Facts]", changes["facts"])]
        assert sorted(names) == ["one.txt", "two.txt"]
        assert changes["left_packed"] == []

    async def test_what_others_are_promised_of_the_disk_is_left_to_them(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("one.txt", "one")
        await order(S.FETCHING, member_id="eve", key="d" * 40, **sized(shutil.disk_usage(tmp_path).free))
        changes = await self.inspected(tmp_path / "a.zip")
        assert [facts.name for facts in cast("list[Facts]", changes["facts"])] == ["a.zip"]
        assert changes["left_packed"] == [LeftPacked(name="a.zip", reason="archive-no-room")]

    async def test_what_is_no_archive_stays_as_it_is(self, tmp_path: Path) -> None:
        (tmp_path / "a.zip").write_text("no archive")
        changes = await self.inspected(tmp_path / "a.zip")
        assert [facts.name for facts in cast("list[Facts]", changes["facts"])] == ["a.zip"]
        assert changes["left_packed"] == [LeftPacked(name="a.zip", reason="archive-unknown")]
        assert not any(path.is_file() for path in (tmp_path / "unpacked").rglob("*"))


class TestPreviewing:
    """A preview that cannot be made costs the preview."""

    async def test_every_sort_of_failure_costs_only_the_preview(self, tmp_path: Path) -> None:
        clip = Preview(kind=PreviewKind.CLIP, path="c", media=Kind.VIDEO)
        studio = Studio({
            "whole": Previews(made=(clip,)),
            "part": Previews(made=(clip,), failed=(PreviewKind.SHEET,)),
            "none": Previews(),
            "failed": PreviewFailed("preview-failed", name="x"),
            "unreadable": MediaUnreadable("media-unreadable", name="x"),
            "no ffmpeg": FfmpegMissing("ffmpeg-missing"),
        })  # fmt: skip
        transfer = await order(S.PREVIEWING, facts=[facts(name) for name in studio.made])
        changes = await MakePreviews(studio, tmp_path)(transfer)
        assert changes["state"] is S.STORING
        assert changes["previews"] == {"0": [clip], "1": [clip]}
        assert changes["missed_previews"] == ["part", "failed", "unreadable", "no ffmpeg"]

    async def test_begun_again_it_goes_on_where_it_was(self, tmp_path: Path) -> None:
        clip = Preview(kind=PreviewKind.CLIP, path="c", media=Kind.VIDEO)
        studio = Studio({
            "a": Previews(made=(clip,), failed=(PreviewKind.SHEET,)),
            "b": Previews(made=(clip,)),
            "c": Previews(made=(clip,)),
            "d": PreviewFailed("preview-failed", name="d"),
        })  # fmt: skip
        transfer = await order(S.PREVIEWING, facts=[facts(name) for name in studio.made])
        make = MakePreviews(studio, tmp_path)
        first = await make(transfer)
        assert (first["missed_previews"], studio.asked) == (["a", "d"], ["a", "b", "c", "d"])
        studio.asked.clear()
        (tmp_path / transfer.id / "1" / "c").unlink()
        changed = transfer.facts[2].model_copy(update={"blake3": "1"})
        again = transfer.model_copy(update={"facts": [*transfer.facts[:2], changed, transfer.facts[3]]})
        assert await make(again) == first
        assert studio.asked == ["b", "c", "d"], (
            "one is gone, one is of a file that changed, one could not be made"
        )

    async def test_a_disk_that_is_full_costs_the_note_only(self, tmp_path: Path) -> None:
        clip = Preview(kind=PreviewKind.CLIP, path="c", media=Kind.VIDEO)
        transfer = await order(S.PREVIEWING, facts=[facts("a")])
        (tmp_path / transfer.id / "0" / "0.partial").mkdir(parents=True)
        changes = await MakePreviews(Studio({"a": Previews(made=(clip,))}), tmp_path)(transfer)
        assert changes["previews"] == {"0": [clip]}

    async def test_when_its_time_is_over_it_costs_the_previews_that_are_missing(self, tmp_path: Path) -> None:
        clip = Preview(kind=PreviewKind.CLIP, path="c", media=Kind.VIDEO)
        make = MakePreviews(Studio({"quick": Previews(made=(clip,))}), tmp_path)
        letter = facts("letter").model_copy(update={"kind": Kind.DOCUMENT})
        duty = Duty(make, Deadline(0.5), make.so_far)
        after = await worked(duty, S.PREVIEWING, facts=[facts("quick"), facts("hangs"), letter])
        assert (after.state, after.failure) == (S.STORING, None)
        assert (after.previews, after.missed_previews) == ({"0": [clip]}, ["hangs"])

    def test_removing_previews_twice_is_no_error(self, tmp_path: Path) -> None:
        (tmp_path / "t" / "0").mkdir(parents=True)
        remove_work(tmp_path, "t")
        remove_work(tmp_path, "t")
        assert not (tmp_path / "t").exists()


Work = Callable[[Transfer], Awaitable[Changes]]


def worker(work: Work | Duty, seconds: float = 30.0, bell: Bell | None = None) -> Worker:
    """Does the same in every state."""

    async def stage(transfer: Transfer) -> Changes:
        assert not isinstance(work, Duty)
        return await work(transfer)

    duty = work if isinstance(work, Duty) else Duty(stage, Deadline(seconds))
    return Worker(dict.fromkeys(TransferState, duty), Queue(Path("/"), 100), "us", bell or Bell())


async def worked(
    work: Work | Duty, state: TransferState = S.INSPECTING, seconds: float = 30.0, **changes: Any
) -> Transfer:
    """A Transfer after one turn of work."""
    transfer = await order(state, **changes)
    one = worker(work, seconds)
    claimed = await one.claim(Task.STORE if state is S.STORING else Task.STAGE, share=9)
    assert claimed is not None
    await one.work(claimed)
    return await reread(transfer)


def raising(error: Exception) -> Work:
    async def work(_transfer: Transfer) -> Changes:
        raise error

    return work


class TestWorker:
    """Every outcome of a stage is written down."""

    async def test_what_a_stage_brought_is_saved_and_the_lease_given_back(self) -> None:
        async def work(transfer: Transfer) -> Changes:
            return {"state": S.PREVIEWING, "title": transfer.title + "!"}

        after = await worked(work, waiting="waiting-engine", attempts=3)
        assert (after.state, after.title, after.waiting, after.attempts) == (S.PREVIEWING, "Bunny!", None, 0)
        assert (after.lease_owner, after.lease_until) == (None, 0)

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (Postponed("waiting-same", 5), "waiting-same"),
            (TelegramAway(7), "waiting-telegram"),
            (DownloaderUnreachable("aria2"), "waiting-engine"),
            (DownloadBusy(), "waiting-removal"),
            (MessageGone("message to edit not found"), "waiting-telegram"),
        ],
    )
    async def test_what_is_merely_away_is_waited_for_and_said(self, error: MagpieError, reason: str) -> None:
        after = await worked(raising(error))
        assert (after.state, after.waiting, after.attempts) == (S.INSPECTING, reason, 1)
        assert 500 < after.lease_until - now() <= 7000
        for language in ("en", "es"):
            assert Catalogue(LOCALES).words(language)(reason)

    @pytest.mark.parametrize(
        ("error", "failure"),
        [
            (
                SourceRejected("link-status", status=404),
                Failure(key="link-status", values={"status": 404}, resume_to=S.STORING),
            ),
            (SourceUnavailable("no-metadata"), Failure(key="no-metadata", resume_to=S.STORING)),
            (
                DownloaderRefused("aria2"),
                Failure(key="engine-refused", values={"engine": "aria2"}, resume_to=S.STORING),
            ),
            (FilesGone(), Failure(key="files-gone", resume_to=S.QUEUED)),
            (
                FileChanged("a.mkv"),
                Failure(key="file-changed", values={"name": "a.mkv"}, resume_to=S.INSPECTING),
            ),
            (
                TelegramRefused("too big"),
                Failure(key="telegram-refused", resume_to=S.STORING),
            ),
        ],
    )
    async def test_what_is_final_fails_with_words_and_the_code_of_its_trace(
        self, error: MagpieError, failure: Failure
    ) -> None:
        with capture_logs() as lines:
            after = await worked(raising(error), S.STORING)
        (code,) = [line["code"] for line in lines if line["event"] == "stage-failed" and line["exc_info"]]
        assert len(code) == 6
        with_code = failure.model_copy(update={"values": {**failure.values, "code": code}})
        assert (after.state, after.failure, after.lease_owner) == (S.FAILED, with_code, None)
        for language in ("en", "es"):
            for view in ("", DETAILS):
                told = transfer_card(after, Catalogue(LOCALES).words(language), view).text
                assert code in told.splitlines()[-1]
                assert "too big" not in told, "what Telegram says is for the log"

    @pytest.mark.parametrize(
        ("error", "last"),
        [
            (FilesGone(), "Retry fetches them again."),
            (DownloaderRefused("aria2"), "Retry goes on from there."),
        ],
    )
    async def test_the_card_says_once_what_becomes_of_what_was_fetched(
        self, error: MagpieError, last: str
    ) -> None:
        after = await worked(raising(error), progress={"done": 60, "total": 60}, facts=[facts("a.mkv")])
        text = transfer_card(after, Catalogue(LOCALES).words("en")).text
        assert text.splitlines()[-2].endswith(last), "below it there is the code only"
        assert text.count("Retry") == 1

    async def test_telegram_that_stays_away_is_asked_less_and_less_often(self) -> None:
        waits = []
        for attempts in (0, 1, 4, 99):
            waited = await worked(raising(TelegramAway(2)), waiting="waiting-telegram", attempts=attempts)
            waits.append(round((waited.lease_until - now()) / 1000))
            await waited.delete()
        for error, waiting in ((TelegramAway(2), "waiting-same"), (TelegramAway(2, flood=True), None)):
            waited = await worked(raising(error), waiting=waiting, attempts=9)
            waits.append(round((waited.lease_until - now()) / 1000))
            await waited.delete()
        assert waits == [2, 4, 32, 300, 2, 2]

    async def test_a_closed_channel_is_named(self) -> None:
        after = await worked(raising(ChatClosed("not enough rights")), S.STORING)
        assert after.failure is not None
        assert after.failure.key == "channel-closed"

    async def test_a_message_that_is_gone_again_and_again_fails(self) -> None:
        after = await worked(
            raising(MessageGone("not found")), S.STORING, waiting="waiting-telegram", attempts=3
        )
        assert after.state is S.FAILED

    @pytest.mark.parametrize("state", [S.QUEUED, S.INSPECTING, S.STORING])
    async def test_a_stage_that_takes_too_long_says_so(self, state: TransferState) -> None:
        async def work(_transfer: Transfer) -> Changes:
            await asyncio.Event().wait()
            return {}

        after = await worked(work, state, seconds=0.05)
        assert after.failure is not None
        assert (after.failure.key, after.failure.resume_to) == (f"overdue-{state.value}", state)

    async def test_what_is_large_may_take_longer(self) -> None:
        large = await order(S.STORING, facts=[facts("a.mkv").model_copy(update={"size": 5000})], wanted=[0])
        assert Deadline(10, slowest=100).seconds_for(large) == 60
        assert Deadline(10, a_file=7).seconds_for(large) == 17
        assert Deadline(10).seconds_for(large) == 10

    async def test_before_the_files_are_looked_at_those_that_were_chosen_count(self) -> None:
        chosen = await order(S.INSPECTING)
        assert Deadline(10, a_file=7, slowest=10).seconds_for(chosen) == 10 + 3 * 7 + 60 / 10
        unpacked = await order(S.STORING, facts=[facts(f"{number}") for number in range(9)])
        assert Deadline(10, a_file=7).seconds_for(unpacked) == 10 + 9 * 7

    @pytest.mark.parametrize(
        ("state", "seconds"),
        [
            (S.QUEUED, 10_000 * 3),
            (S.INSPECTING, 10_000),
            (S.PREVIEWING, 10_000 * 1.6),
            (S.STORING, 10_000 * 18),
        ],
    )
    async def test_ten_thousand_tracks_come_through_every_stage(
        self, state: TransferState, seconds: float
    ) -> None:
        """One after the other, at what a track was seen to take."""
        few = await order(state, facts=[facts("a.mp3")])
        tracks = few.model_copy(update={"facts": 10_000 * few.facts})
        assert DEADLINES[state].seconds_for(tracks) >= seconds
        assert DEADLINES[state].seconds_for(few) <= 13 * 3600, "what hangs ends"

    async def test_a_timeout_of_the_stages_own_is_not_taken_for_the_deadline(self) -> None:
        transfer = await order(S.INSPECTING)
        one = worker(raising(TimeoutError("somebody's own")))
        claimed = await one.claim(Task.STAGE, share=9)
        assert claimed is not None
        with pytest.raises(TimeoutError, match="somebody's own"):
            await one.work(claimed)
        assert (await reread(transfer)).state is S.INSPECTING

    async def test_a_database_that_is_away_fails_nothing(self) -> None:
        after = await worked(raising(AutoReconnect("away")))
        assert (after.state, after.failure) == (S.INSPECTING, None)

    async def test_what_is_given_up_here_ends_before_the_next_renewal(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(transfers_worker, "_RENEW_SECONDS", 3600.0)
        began, bell = asyncio.Event(), Bell()

        async def work(_: Transfer) -> Changes:
            began.set()
            return await asyncio.Future()

        transfer, one = await order(S.INSPECTING), worker(work, bell=bell)
        claimed = await one.claim(Task.STAGE, share=9)
        assert claimed is not None
        working = asyncio.ensure_future(one.work(claimed))
        await began.wait()
        await Transfers(bell.ring).cancel(transfer.id, by=ADA)
        async with asyncio.timeout(60):
            await working
        assert (await reread(transfer)).state is S.CANCELLED

    @pytest.mark.parametrize("move", ["cancelled", "taken over"])
    async def test_work_ends_when_the_transfer_is_taken_away(self, move: str) -> None:
        ended: list[str] = []

        async def work(transfer: Transfer) -> Changes:
            try:
                if move == "cancelled":
                    await records.move(transfer.id, [S.INSPECTING], {"state": S.CANCELLED})
                else:
                    # as by another machine, after the lease had run out
                    await update_if(
                        Transfer, {"_id": transfer.id}, {"lease_owner": "them"}, increase={"fence": 1}
                    )
                await asyncio.Event().wait()
            finally:
                ended.append(transfer.id)
            return {"state": S.PREVIEWING}

        after = await worked(work)
        assert ended == [after.id]
        assert after.state is (S.CANCELLED if move == "cancelled" else S.INSPECTING)
        assert after.failure is None

    async def test_a_stage_that_comes_too_late_changes_nothing(self) -> None:
        async def work(transfer: Transfer) -> Changes:
            await records.move(transfer.id, [S.INSPECTING], {"state": S.PAUSED, "resume_to": "inspecting"})
            return {"state": S.PREVIEWING}

        assert (await worked(work)).state is S.PAUSED


class TestSupervisor:
    """Takes up what has work, a few at a time, and outlives every one of them."""

    async def run(
        self, work: Work, *, at_once: int, until: Callable[[], Awaitable[bool]], bell: Bell | None = None
    ) -> None:
        supervisor = Supervisor(
            worker(work), bell or Bell(), at_once={Task.STAGE: at_once, Task.STORE: at_once}
        )
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            task = group.create_task(supervisor.run())
            while not await until():  # noqa: ASYNC110 - the database sets no event
                await asyncio.sleep(0.02)
            task.cancel()

    async def test_every_stage_after_the_other_a_few_at_a_time(self) -> None:
        follows = {
            S.QUEUED: S.INSPECTING,
            S.INSPECTING: S.PREVIEWING,
            S.PREVIEWING: S.STORING,
            S.STORING: S.DONE,
        }
        running, most, three = 0, 0, asyncio.Event()

        async def work(transfer: Transfer) -> Changes:
            nonlocal running, most
            running += 1
            most = max(most, running)
            if running == 3:
                three.set()
            await three.wait()
            running -= 1
            return {"state": follows[transfer.state]}

        for _ in range(6):
            await order(S.QUEUED)

        async def all_done() -> bool:
            return await Transfer.find({"state": "done"}).count() == 6

        await self.run(work, at_once=4, until=all_done)
        assert most == 3, "the last place is kept for somebody else"

    async def test_who_has_much_that_hangs_delays_nobody(self) -> None:
        """A quarter of the places is never taken by one member alone."""
        for _ in range(9):
            await order(S.INSPECTING, member_id="ada")

        async def work(transfer: Transfer) -> Changes:
            if transfer.member_id == "ada":
                await asyncio.Event().wait()
            return {"state": S.DONE}

        theirs = list[Transfer]()

        async def is_done() -> bool:
            if await Transfer.find({"lease_owner": "us"}).count() == 3 and not theirs:
                theirs.append(await order(S.INSPECTING, member_id="blas"))
            return bool(theirs) and (await reread(theirs[0])).state is S.DONE

        await self.run(work, at_once=4, until=is_done)

    async def test_it_begins_when_the_bell_rings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("jobs.supervisor._IDLE_SECONDS", 3600)
        ordered, bell = list[Transfer](), Bell()

        async def work(_: Transfer) -> Changes:
            return {"state": S.DONE}

        async def is_done() -> bool:
            if not ordered:
                await asyncio.sleep(0.2)  # it has found nothing to do, and waits
                ordered.append(await order(S.INSPECTING))
                bell.ring()
            return (await reread(ordered[0])).state is S.DONE

        await self.run(work, at_once=4, until=is_done, bell=bell)

    async def test_what_was_put_off_goes_on_at_its_moment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("jobs.supervisor._IDLE_SECONDS", 3600)
        waiting = await order(S.INSPECTING)

        async def work(transfer: Transfer) -> Changes:
            if not transfer.attempts:
                raise Postponed("waiting-turn", 1.0)
            return {"state": S.DONE}

        async def is_done() -> bool:
            return (await reread(waiting)).state is S.DONE

        await self.run(work, at_once=4, until=is_done)

    async def test_a_database_that_was_away_is_asked_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, seconds in (("_IDLE_SECONDS", 3600), ("_DATABASE_AWAY_SECONDS", 0)):
            monkeypatch.setattr(f"jobs.supervisor.{name}", seconds)
        claim, failures = Worker.claim, [AutoReconnect("away")]

        async def claims(worker: Worker, task: Task, *, share: int) -> Transfer | None:
            if failures:
                raise failures.pop()
            return await claim(worker, task, share=share)

        monkeypatch.setattr(Worker, "claim", claims)
        transfer = await order(S.INSPECTING)

        async def work(_: Transfer) -> Changes:
            return {"state": S.DONE}

        async def is_done() -> bool:
            return (await reread(transfer)).state is S.DONE

        await self.run(work, at_once=4, until=is_done)

    async def test_a_stage_that_breaks_costs_only_its_transfer(self) -> None:
        broken = await order(S.INSPECTING, created_at=1)
        sound = await order(S.STORING)

        async def work(transfer: Transfer) -> Changes:
            if transfer.id == broken.id:
                raise ZeroDivisionError
            return {"state": S.DONE}

        async def both_ended() -> bool:
            return (await reread(sound)).state is S.DONE and (await reread(broken)).state is S.FAILED

        await self.run(work, at_once=1, until=both_ended)
        failure = (await reread(broken)).failure
        assert failure is not None
        assert (failure.key, failure.resume_to) == ("unexpected", S.INSPECTING)
        assert len(str(failure.values["code"])) == 6
