"""What happens to Transfers without a press: Downloads are followed, paused, and given back."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.assembly import LOCALES
from jobs.chores import Chores
from models.access import Member, Role
from models.downloads import Download, DownloadState, SourceKind, SourceRecord, Torrent
from models.library import Item
from models.storage import Copy
from models.transfers import Failure, Transfer, TransferState
from services.downloads.engines import Engines
from services.downloads.service import Downloads
from services.storage.archive import Archive
from services.tasks import Bell
from services.telegram.port import TelegramAway, TelegramRefused
from services.transfers.service import Transfers
from services.transfers.upkeep import Upkeep
from services.words import Catalogue
from tests.fake_door import FakeDoor
from tests.fake_engine import FakeEngine
from tests.services.orders import INFOHASH, age, magnet, order, record, reread

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
S = TransferState
ADA = Member.model_construct(id="ada", name="Ada", role=Role.MEMBER, language="en")
CHANNEL = -1001
HOUR = 3_600_000


class House:
    """An Upkeep with everything it looks after."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.engine = FakeEngine()
        self.door = FakeDoor()
        engines = Engines({"fake": self.engine}, "fake")
        self.downloads = Downloads(engines, folder / "downloads", **settings)
        archive = Archive(self.door, Catalogue(LOCALES).words("en"), folder, CHANNEL)
        self.upkeep = Upkeep(self.downloads, archive, [folder / "previews", folder / "unpacked"])

    async def fetching(self, *wanted: int, **changes: Any) -> Transfer:
        transfer = await order(S.FETCHING, download=INFOHASH, wanted=list(wanted), **changes)
        await self.downloads.join(transfer.id, record(), wanted)
        return transfer

    async def round(self) -> bool:
        """One poll, as the schedule does it."""
        moved = await self.upkeep.follow(await self.downloads.poll())
        await self.upkeep.settle()
        return moved

    async def tidy(self, *ended: Transfer) -> None:
        for transfer in ended:
            await age(transfer, 6000)
        await self.upkeep.tidy()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def set_state(transfer: Transfer, state: TransferState, **changes: object) -> Transfer:
    await Transfer.get_pymongo_collection().update_one(
        {"_id": transfer.id}, {"$set": {"state": state.value, **changes}}
    )
    return await reread(transfer)


async def test_progress_comes_to_everybody_it_serves(house: House) -> None:
    ada, blas = await house.fetching(0, 1), await house.fetching(0)
    house.engine.fetch(INFOHASH, 150)
    assert not await house.round()
    for transfer in (ada, blas):
        followed = await reread(transfer)
        assert (followed.state, followed.progress.done) == (S.FETCHING, 150)
    changed_at = (await reread(ada)).changed_at
    await house.round()
    assert (await reread(ada)).changed_at == changed_at


async def test_what_is_complete_goes_on_to_inspection(house: House) -> None:
    transfer = await house.fetching(0)
    house.engine.finish(INFOHASH)
    assert await house.round()
    assert (await reread(transfer)).state is S.INSPECTING
    assert not await house.round()


async def test_an_engine_that_is_away_is_waited_for(house: House) -> None:
    transfer = await house.fetching(0)
    house.engine.away = True
    assert not await house.round()
    assert ((await reread(transfer)).state, (await reread(transfer)).waiting) == (
        S.FETCHING,
        "waiting-engine",
    )
    house.engine.away = False
    await house.round()
    assert (await reread(transfer)).waiting is None


async def test_a_failed_download_fails_its_transfers_with_words_that_can_be_said(house: House) -> None:
    """And with a code each: it finds a line in the log that leads to what the engine said."""
    both = [await house.fetching(0, trace=trace) for trace in ("1", "2")]
    house.engine.fail(INFOHASH, "engine-has-foreign")
    with capture_logs() as lines:
        await house.round()
    codes = {line["trace"]: line["code"] for line in lines if line["event"] == "download-failed"}
    assert {line["key"] for line in lines} == {INFOHASH}
    (broke,) = [line for line in lines if line["event"] == "download-broke"]
    assert (broke["error"], broke["said"]) == ("engine-has-foreign", "as a test says")
    for transfer in both:
        failed = await reread(transfer)
        values: dict[str, str | int] = {"engine": "fake", "code": codes.pop(transfer.trace)}
        assert failed.failure == Failure(key="engine-has-foreign", values=values, resume_to=S.QUEUED)
        assert Catalogue(LOCALES).words("es")(failed.failure.key, **failed.failure.values)
    assert codes == {}


async def test_a_download_that_is_gone_is_said_so(house: House) -> None:
    transfer = await house.fetching(0)
    await Download.get_pymongo_collection().delete_one({"_id": INFOHASH})
    await house.round()
    failed = await reread(transfer)
    assert failed.failure is not None
    assert (failed.state, failed.failure.key) == (S.FAILED, "files-gone")
    assert len(str(failed.failure.values["code"])) == 6


async def test_what_only_paused_ones_want_is_paused(house: House) -> None:
    ada, blas = await house.fetching(0), await house.fetching(1)
    await set_state(ada, S.PAUSED, resume_to="fetching")
    await house.round()
    assert not house.engine.jobs[INFOHASH].paused, "somebody still wants it"
    await set_state(blas, S.PAUSED, resume_to="fetching")
    await house.round()
    assert house.engine.jobs[INFOHASH].paused
    await house.round()
    await set_state(blas, S.FETCHING)
    await house.round()
    await house.round()
    assert not house.engine.jobs[INFOHASH].paused


async def dead(house: House, transfer: Transfer) -> Transfer:
    """The same Transfer once nobody gave anything for too long."""
    async with asyncio.timeout(60):
        while (await reread(transfer)).state is S.FETCHING:
            await house.round()
    return await reread(transfer)


async def test_what_is_dead_fetches_nothing_until_it_is_its_turn_again(tmp_path: Path) -> None:
    house = House(tmp_path, dead_after=0.0)
    transfer = await house.fetching(0, 1)
    house.engine.fetch(INFOHASH, 50)
    failed = await dead(house, transfer)
    assert failed.failure is not None
    code = failed.failure.values["code"]
    values = {"engine": "fake", "code": code}
    assert failed.failure == Failure(key="dead-stalled", values=values, resume_to=S.QUEUED)
    job = house.engine.jobs[INFOHASH]
    assert job.paused
    await Transfers(lambda: None).retry(transfer.id, by=ADA)
    await house.round()
    assert job.paused, "it has no turn yet"
    joined = await house.downloads.join(transfer.id, record(), [0, 1])
    assert (joined.state, joined.progress.paused) == (DownloadState.ACTIVE, False)
    assert house.engine.jobs[INFOHASH] is job, "what came of it is kept"
    assert (job.paused, job.done) == (False, 50)


async def test_what_has_failed_is_paused_however_often_that_is_cut_off(tmp_path: Path) -> None:
    house = House(tmp_path)
    transfer = await house.fetching(0)
    house.engine.fail(INFOHASH, "disk-full")
    await house.upkeep.follow(await house.downloads.poll())
    house.engine.away = True
    await house.upkeep.settle()
    house.engine.away = False
    assert not house.engine.jobs[INFOHASH].paused
    again = House(tmp_path)
    again.engine.jobs = house.engine.jobs
    for _ in range(2):
        await again.round()
        assert again.engine.jobs[INFOHASH].paused
        assert ((await reread(transfer)).state, again.engine.pauses) == (S.FAILED, 1)


async def test_who_goes_on_and_waits_for_a_turn_has_nothing_fetched(house: House) -> None:
    transfer = await house.fetching(0)
    job = house.engine.jobs[INFOHASH]
    await set_state(transfer, S.PAUSED, resume_to="fetching")
    await house.round()
    await house.round()
    await set_state(transfer, S.QUEUED, admitted=False)
    await house.round()
    assert job.paused
    await set_state(transfer, S.QUEUED, admitted=True)
    await house.round()
    assert not job.paused


async def test_who_pauses_and_goes_on_at_once_gives_up_the_turn(house: House) -> None:
    """Before the engine was told anything."""
    transfer = await house.fetching(0)
    await set_state(transfer, S.QUEUED, admitted=False)
    await house.round()
    assert house.engine.jobs[INFOHASH].paused


async def test_an_engine_that_is_away_cannot_pause_and_nothing_breaks(house: House) -> None:
    transfer = await house.fetching(0)
    await set_state(transfer, S.PAUSED, resume_to="fetching")
    house.engine.away = True
    await house.round()
    house.engine.away = False
    await house.round()
    assert house.engine.jobs[INFOHASH].paused


async def test_one_that_is_done_gives_its_download_back(house: House) -> None:
    ada, blas = await house.fetching(0), await house.fetching(0)
    house.engine.finish(INFOHASH)
    await house.round()
    done = await set_state(ada, S.DONE)
    await house.tidy(done)
    await house.tidy(done)
    assert (await reread(ada)).tidied
    assert INFOHASH in house.engine.jobs
    await house.tidy(await set_state(blas, S.CANCELLED))
    assert house.engine.jobs == {}
    assert await Download.count() == 0
    assert list((house.folder / "downloads").iterdir()) == []


async def test_previews_go_with_the_transfer(house: House) -> None:
    done = await order(S.DONE)
    work = house.folder / "previews" / done.id / "0"
    work.mkdir(parents=True)
    (work / "clip.mp4").write_bytes(b"x")
    await house.tidy(done)
    assert not work.parent.exists()


async def test_cancelling_while_choosing_forgets_what_looking_into_it_left(house: House) -> None:
    choosing = await order(S.CHOOSING)
    await house.downloads.inspect(magnet())
    assert house.engine.inspected == {INFOHASH}
    await house.tidy(await set_state(choosing, S.CANCELLED))
    assert house.engine.inspected == set()
    assert (await reread(choosing)).tidied


async def test_cancelling_leaves_alone_what_somebody_else_still_reads(house: House) -> None:
    mine, theirs = [await order(key=INFOHASH, contents=None, listed=False) for _ in range(2)]
    await house.downloads.inspect(magnet())
    await house.tidy(await set_state(mine, S.CANCELLED))
    assert house.engine.inspected == {INFOHASH}
    assert (await reread(mine)).tidied
    await house.tidy(await set_state(theirs, S.CANCELLED))
    assert house.engine.inspected == set()


async def test_cancelling_between_joining_and_noting_it_leaves_no_download(house: House) -> None:
    queued = await order(S.QUEUED, wanted=[0])
    await house.downloads.join(queued.id, queued.source, queued.wanted)
    await house.tidy(await set_state(queued, S.CANCELLED))
    assert house.engine.jobs == {}
    assert await Download.count() == 0


async def test_a_worker_that_has_not_noticed_yet_is_let_go_first(house: House) -> None:
    cancelled = await order(S.CANCELLED)
    await house.upkeep.tidy()
    assert not (await reread(cancelled)).tidied
    await house.tidy(cancelled)
    assert (await reread(cancelled)).tidied


async def test_cancelling_takes_back_what_was_posted_so_far(house: House) -> None:
    storing = await order(S.STORING)
    sent = await house.door.send_text(CHANNEL, "post")
    await Copy(
        id=f"{storing.id}:0:telegram", item=storing.id, part="0", store="telegram", blake3="", size=1,
        channel_id=CHANNEL, message_id=sent.message_id,
    ).insert()  # fmt: skip
    kept = house.folder / "store" / storing.id / "1-a"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"x")
    await Copy(
        id=f"{storing.id}:1:disk", item=storing.id, part="1", store="disk", blake3="", size=1,
        path=f"store/{storing.id}/1-a", stored=True,
    ).insert()  # fmt: skip
    house.door.errors = [TelegramAway(1)]
    cancelled = await set_state(storing, S.CANCELLED)
    await house.tidy(cancelled)
    assert not (await reread(storing)).tidied, "Telegram is away: it is tried again"
    await house.tidy(cancelled)
    assert house.door.texts(CHANNEL) == []
    assert await Copy.count() == 0
    assert not kept.parent.exists()
    assert (await reread(storing)).tidied


async def test_a_post_that_telegram_does_not_let_us_delete_keeps_nobody(house: House) -> None:
    storing = await order(S.STORING)
    await Copy(
        id="x", item=storing.id, part="0", store="t", blake3="", size=1, channel_id=CHANNEL, message_id=5
    ).insert()
    house.door.errors = [TelegramRefused("message can't be deleted")]
    await house.tidy(await set_state(storing, S.CANCELLED))
    assert (await reread(storing)).tidied


async def test_what_was_done_is_never_taken_back(house: House) -> None:
    done = await order(S.DONE, item="i")
    sent = await house.door.send_text(CHANNEL, "post")
    await Copy(
        id="x",
        item=done.id,
        part="0",
        store="t",
        blake3="",
        size=1,
        channel_id=CHANNEL,
        message_id=sent.message_id,
    ).insert()
    await house.tidy(done)
    assert house.door.texts(CHANNEL) == ["post"]


async def test_an_engine_that_is_away_is_tidied_later_and_the_others_now(house: House) -> None:
    fetching = await house.fetching(0)
    house.engine.away = True
    cancelled, done = await set_state(fetching, S.CANCELLED), await order(S.DONE)
    await house.tidy(cancelled, done)
    assert not (await reread(cancelled)).tidied
    assert (await reread(done)).tidied
    house.engine.away = False
    await house.tidy(cancelled)
    assert (await reread(cancelled)).tidied
    assert await Download.count() == 0


async def test_what_nobody_started_or_retried_ends_after_a_day(house: House) -> None:
    young = [await order(S.CHOOSING), await order(S.FAILED)]
    old = [await order(S.CHOOSING), await order(S.FAILED), await order(S.PAUSED)]
    for transfer in young:
        await age(transfer, 23 * HOUR)
    for transfer in old:
        await age(transfer, 25 * HOUR)
    await house.upkeep.tidy()
    assert [(await reread(transfer)).state for transfer in young] == [S.CHOOSING, S.FAILED]
    ended = [await reread(transfer) for transfer in old]
    assert [transfer.state for transfer in ended] == [S.CANCELLED, S.CANCELLED, S.PAUSED]
    assert [transfer.expired for transfer in ended] == ["expired-choosing", "expired-failed", None]


async def test_what_somebody_cancelled_has_not_expired(house: House) -> None:
    """Nor does it later."""
    both = [await order(S.CHOOSING), await order(S.FAILED)]
    for transfer in both:
        await Transfers(lambda: None).cancel(transfer.id, by=ADA)
        await age(transfer, 25 * HOUR)
    await house.upkeep.tidy()
    assert [(await reread(transfer)).expired for transfer in both] == [None, None]


async def test_where_nothing_goes_on_the_engines_are_left_alone_until_there_is_news(
    house: House,
) -> None:
    rung, bell = list[bool](), Bell()
    chores = Chores(house.downloads, house.upkeep, bell, clock=lambda: 100.0)
    bell.listen(lambda: rung.append(True))
    await chores.poll()
    transfer = await house.fetching(0)
    house.engine.finish(INFOHASH)
    await chores.poll()
    assert (await reread(transfer)).state is S.FETCHING
    bell.ring()
    await chores.poll()
    assert (await reread(transfer)).state is S.INSPECTING
    assert rung == [True, True], "the supervisor is told, too"


async def test_what_there_is_much_of_is_looked_at_less_often(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither news nor time has it looked at more often than it may cost."""
    monkeypatch.setattr("jobs.chores._FOLLOWED_A_SECOND", 1 / 4)
    bell, seconds = Bell(), 100.0
    chores = Chores(house.downloads, house.upkeep, bell, clock=lambda: seconds)
    transfer = await house.fetching(0)
    await chores.poll()
    house.engine.finish(INFOHASH)
    bell.ring()
    seconds += 3
    await chores.poll()
    assert (await reread(transfer)).state is S.FETCHING
    seconds += 1
    await chores.poll()
    assert (await reread(transfer)).state is S.INSPECTING


async def test_torrents_are_kept_that_somebody_needs_or_a_magnet_may_name(house: House) -> None:
    needed = {"going on", "fetched", "archived"}
    for number, name in enumerate([*sorted(needed), "ended", "archived from another variant"]):
        infohash = f"{number}" * 40
        torrent = await Torrent(id=f"{infohash}-{number}", metainfo=name.encode(), saved_at=5).insert()
        source = SourceRecord(kind=SourceKind.TORRENT, value=torrent.id, name=name)
        if name == "fetched":
            await Download(id=infohash, source=source, engine="fake", wanted=[0], transfers=["t"]).insert()
            continue
        ended = await order(S.QUEUED if name == "going on" else S.DONE, source=source)
        if name.startswith("archived"):
            item = ended.id if name == "archived" else "another"
            await Item(id=item, title=name, files=[], member_id="ada", source=infohash).insert()
    await Torrent(id="f" * 40 + "-0", metainfo=b"of nobody, and young").insert()
    await Chores(house.downloads, house.upkeep, Bell()).prune()
    left = {torrent.metainfo.decode() for torrent in await Torrent.find_all().to_list()}
    assert left == needed | {"of nobody, and young"}
