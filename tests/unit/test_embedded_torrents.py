"""The torrent half of the embedded engine, in a real swarm on loopback."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from services.checks.findings import wrong
from services.checks.probes import probe_engine
from services.downloads.embedded import EmbeddedDownloader, TorrentOptions
from services.downloads.port import (
    Activity,
    DownloaderRefused,
    Magnet,
    Progress,
    SourceRejected,
    SourceUnavailable,
    TorrentFile,
)
from tests.swarm import Made, Peer, Tracker, WebSeed, make_magnet, make_payload, make_torrent, wait_until

OPTIONS = TorrentOptions(listen="127.0.0.1:0", dht=False, utp=False, metadata_timeout=60.0, stall_after=1.0)
FILES = {"a.bin": 700_000, "b.bin": 500_000, "sub/c.bin": 300_000, "sub/empty": 0}
"""In a torrent they stand in this order."""


@dataclass(frozen=True)
class Swarm:
    payload: Path
    torrent: Made
    tracker: Tracker

    @property
    def source(self) -> TorrentFile:
        return TorrentFile(self.torrent.metainfo, self.torrent.infohash, "work", trusted=True)

    @property
    def magnet(self) -> Magnet:
        uri = make_magnet(self.torrent, tracker=self.tracker.url)
        return Magnet(uri, self.torrent.infohash, "work", trusted=True)

    def seed(self, *, upload_limit: int | None = None) -> Peer:
        return Peer(self.torrent.metainfo, self.payload.parent, upload_limit=upload_limit)

    def same(self, folder: Path, name: str) -> bool:
        return (folder / "work" / name).read_bytes() == (self.payload / name).read_bytes()


@pytest.fixture
def swarm(tmp_path: Path) -> Iterator[Swarm]:
    payload = make_payload(tmp_path / "seed" / "work", FILES)
    with Tracker() as tracker:
        torrent = make_torrent(payload, tracker=tracker.url)
        tracker.allow(torrent.infohash)
        yield Swarm(payload, torrent, tracker)


@asynccontextmanager
async def running(folder: Path, options: TorrentOptions = OPTIONS) -> AsyncIterator[EmbeddedDownloader]:
    engine = EmbeddedDownloader(folder, torrents=options)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.close()


async def until(
    engine: EmbeddedDownloader, key: str, condition: Callable[[Progress], bool], seconds: float = 20.0
) -> Progress:
    async with asyncio.timeout(seconds):
        while True:
            progress = (await engine.progress())[key]
            if condition(progress):
                return progress
            await asyncio.sleep(0.05)


def complete(progress: Progress) -> bool:
    return progress.activity is Activity.COMPLETE


async def test_a_torrent_file_is_read_without_network(tmp_path: Path) -> None:
    torrent = make_torrent(make_payload(tmp_path / "work", FILES))
    async with running(tmp_path / "state") as engine:
        contents = await engine.inspect(TorrentFile(torrent.metainfo, torrent.infohash, "work"))
        assert {entry.path: entry.size for entry in contents.files} == {
            f"work/{name}": size for name, size in FILES.items()
        }
        assert await engine.progress() == {}


async def test_only_the_files_wanted_are_fetched(swarm: Swarm, tmp_path: Path) -> None:
    key, out = swarm.torrent.infohash, tmp_path / "out"
    with swarm.seed():
        async with running(tmp_path / "state") as engine:
            await engine.add(key, swarm.source, frozenset({1, 3}), out)
            done = await until(engine, key, complete)
            assert (done.done, done.total) == (500_000, 500_000)
            assert await engine.files(key) == {1: out / "work/b.bin", 3: out / "work/sub/empty"}
            found = {path.relative_to(out).as_posix() for path in (out / "work").rglob("*") if path.is_file()}
    assert found == {"work/b.bin", "work/sub/empty"}
    assert swarm.same(out, "b.bin")


async def test_the_same_key_again_widens_one_job(swarm: Swarm, tmp_path: Path) -> None:
    key, out = swarm.torrent.infohash, tmp_path / "out"
    with swarm.seed():
        async with running(tmp_path / "state") as engine:
            await engine.add(key, swarm.source, frozenset({1}), out)
            await until(engine, key, complete)
            await engine.add(key, swarm.source, frozenset({0, 1, 2}), out)
            assert not complete((await engine.progress())[key])
            done = await until(engine, key, complete)
            assert list(await engine.progress()) == [key]
    assert done.total == 1_500_000
    assert all(swarm.same(out, name) for name in ("a.bin", "b.bin", "sub/c.bin"))


async def test_a_magnet_is_read_from_its_swarm_and_leaves_no_job(swarm: Swarm, tmp_path: Path) -> None:
    key, out = swarm.torrent.infohash, tmp_path / "out"
    with swarm.seed():
        async with running(tmp_path / "state") as engine:
            one, two = await asyncio.gather(engine.inspect(swarm.magnet), engine.inspect(swarm.magnet))
            assert one == two
            assert [entry.path for entry in one.files] == [f"work/{name}" for name in FILES]
            assert await engine.progress() == {}
            assert one.metainfo is not None
            source = TorrentFile(one.metainfo, key, one.name, trusted=True)
            await engine.add(key, source, frozenset({2}), out)
            await until(engine, key, complete)
    assert swarm.same(out, "sub/c.bin")


async def test_a_magnet_can_be_added_unread(swarm: Swarm, tmp_path: Path) -> None:
    key, out = swarm.torrent.infohash, tmp_path / "out"
    async with running(tmp_path / "state") as engine:
        await engine.add(key, swarm.magnet, frozenset({1}), out)
        first = (await engine.progress())[key]
        assert (first.activity, first.total) == (Activity.METADATA, None)
    with swarm.seed():
        async with running(tmp_path / "state") as engine:
            await until(engine, key, complete)
    assert swarm.same(out, "b.bin")
    assert not (out / "work" / "a.bin").exists()


async def test_a_magnet_nobody_has_is_unavailable(swarm: Swarm, tmp_path: Path) -> None:
    options = TorrentOptions(listen="127.0.0.1:0", dht=False, utp=False, metadata_timeout=0.5)
    async with running(tmp_path / "state", options) as engine:
        with pytest.raises(SourceUnavailable) as caught:
            await engine.inspect(swarm.magnet)
        assert caught.value.key == "no-metadata"
        assert await engine.progress() == {}
        assert engine._torrents._magnets._looks == {}


async def test_removing_ends_no_look_that_somebody_waits_for(swarm: Swarm, tmp_path: Path) -> None:
    """Of two who look at the same magnet one gives up before anybody came who has it."""
    patient = replace(OPTIONS, metadata_timeout=90.0)
    async with running(tmp_path / "state", patient) as engine, asyncio.TaskGroup() as group:
        looking = group.create_task(engine.inspect(swarm.magnet))
        async with asyncio.timeout(60):
            while not engine._torrents._magnets._looks:  # noqa: ASYNC110 - libtorrent sets no event
                await asyncio.sleep(0.01)
        await engine.remove(swarm.torrent.infohash, with_files=True)
        with swarm.seed():
            assert (await looking).metainfo is not None


async def test_without_peers_a_job_is_stalled(swarm: Swarm, tmp_path: Path) -> None:
    key = swarm.torrent.infohash
    async with running(tmp_path / "state") as engine:
        await engine.add(key, swarm.source, frozenset({0}), tmp_path / "out")
        stalled = await until(engine, key, lambda progress: progress.activity is Activity.STALLED)
        assert (stalled.done, stalled.total, stalled.error) == (0, 700_000, None)


async def test_pause_survives_a_restart_and_resume_finishes(swarm: Swarm, tmp_path: Path) -> None:
    key, out = swarm.torrent.infohash, tmp_path / "out"
    with swarm.seed(upload_limit=300_000) as peer:
        async with running(tmp_path / "state") as engine:
            await engine.add(key, swarm.source, frozenset({0, 2}), out)
            await until(engine, key, lambda progress: progress.done > 0)
            await engine.pause(key)
            paused = (await engine.progress())[key]
            assert paused.activity is Activity.PAUSED
        peer.set_upload_limit(0)
        async with running(tmp_path / "state") as engine:
            assert (await engine.progress())[key].activity is Activity.PAUSED
            await engine.resume(key)
            done = await until(engine, key, complete)
            assert done.total == 1_000_000
    assert swarm.same(out, "a.bin")
    assert not (out / "work" / "b.bin").exists()


async def test_a_finished_job_is_still_finished_after_a_restart(swarm: Swarm, tmp_path: Path) -> None:
    key, out = swarm.torrent.infohash, tmp_path / "out"
    with swarm.seed():
        async with running(tmp_path / "state") as engine:
            await engine.add(key, swarm.source, frozenset({0}), out)
            await until(engine, key, complete)
    async with running(tmp_path / "state") as engine:
        assert complete((await engine.progress())[key])
    spoiled = out / "work" / "a.bin"
    spoiled.write_bytes(bytes(700_000))
    async with running(tmp_path / "state") as engine:
        changed = await until(engine, key, lambda progress: progress.activity is Activity.STALLED)
        assert changed.done < 700_000


async def test_damaged_resume_data_only_costs_a_check(swarm: Swarm, tmp_path: Path) -> None:
    key, out = swarm.torrent.infohash, tmp_path / "out"
    with swarm.seed():
        async with running(tmp_path / "state") as engine:
            await engine.add(key, swarm.source, frozenset({0}), out)
            await until(engine, key, complete)
    for resume in (tmp_path / "state").rglob("*.resume"):
        resume.write_bytes(resume.read_bytes()[:-40])
    async with running(tmp_path / "state") as engine:
        await until(engine, key, complete)
    assert swarm.same(out, "a.bin")


async def test_wrong_bytes_never_become_complete(tmp_path: Path) -> None:
    payload = make_payload(tmp_path / "seed" / "work", {"a.bin": 400_000})
    false = make_payload(tmp_path / "false" / "work", {"a.bin": 400_000}, seed=1)
    out = tmp_path / "out"
    with WebSeed(false.parent) as seed:
        torrent = make_torrent(payload, web_seed=seed.url)
        source = TorrentFile(torrent.metainfo, torrent.infohash, "work", trusted=True)
        async with running(tmp_path / "state") as engine:
            await engine.add(torrent.infohash, source, frozenset({0}), out)
            await asyncio.to_thread(wait_until, lambda: bool(seed.log), "nobody asks the web seed")
            stalled = await until(
                engine, torrent.infohash, lambda progress: progress.activity is Activity.STALLED
            )
            assert stalled.done == 0


async def test_what_cannot_be_written_fails_and_resumes(swarm: Swarm, tmp_path: Path) -> None:
    key, out = swarm.torrent.infohash, tmp_path / "out"
    (out / "work" / "a.bin").mkdir(parents=True)
    with swarm.seed():
        async with running(tmp_path / "state") as engine:
            await engine.add(key, swarm.source, frozenset({0}), out)
            failed = await until(engine, key, lambda progress: progress.activity is Activity.FAILED)
            assert failed.error == "disk-error"
            (out / "work" / "a.bin").rmdir()
            await engine.resume(key)
            await until(engine, key, complete)
    assert swarm.same(out, "a.bin")


async def test_private_addresses_are_not_for_members(swarm: Swarm, tmp_path: Path) -> None:
    """A torrent that points at loopback, with everything it needs there, gets nothing unless it is trusted."""
    key = swarm.torrent.infohash
    with WebSeed(swarm.payload.parent) as seed, swarm.seed():
        torrent = make_torrent(swarm.payload, tracker=swarm.tracker.url, web_seed=seed.url)
        source = TorrentFile(torrent.metainfo, key, "work")
        async with running(tmp_path / "state") as engine, running(tmp_path / "other") as other:
            await engine.add(key, source, frozenset({0}), tmp_path / "out")
            await until(engine, key, lambda progress: progress.activity is Activity.STALLED)
            assert seed.log == []
            # the time in which a trusted one is through
            await other.add(key, replace(source, trusted=True), frozenset({0}), tmp_path / "theirs")
            await until(other, key, complete)
            progress = (await engine.progress())[key]
            assert (progress.done, progress.peers) == (0, 0)


async def test_remove_takes_only_what_belongs_to_the_job(swarm: Swarm, tmp_path: Path) -> None:
    key, out = swarm.torrent.infohash, tmp_path / "out"
    outside = make_payload(tmp_path / "outside", {"c.bin": 10})
    with swarm.seed():
        async with running(tmp_path / "state") as engine:
            await engine.add(key, swarm.source, frozenset({0, 1}), out)
            await until(engine, key, complete)
            (out / "work" / "mine.txt").write_text("not the torrent's")
            (out / "work" / "sub").symlink_to(outside, target_is_directory=True)
            await engine.remove(key, with_files=True)
            await engine.remove(key, with_files=True)
            assert await engine.progress() == {}
            assert await engine.files(key) == {}
    assert sorted(path.name for path in (out / "work").iterdir()) == ["mine.txt", "sub"]
    assert (outside / "c.bin").exists()
    assert [path for path in (tmp_path / "state").rglob("*") if path.is_file()] == []


async def test_remove_can_leave_the_files(swarm: Swarm, tmp_path: Path) -> None:
    key, out = swarm.torrent.infohash, tmp_path / "out"
    with swarm.seed():
        async with running(tmp_path / "state") as engine:
            await engine.add(key, swarm.source, frozenset({0}), out)
            await until(engine, key, complete)
            await engine.remove(key, with_files=False)
    assert swarm.same(out, "a.bin")
    async with running(tmp_path / "state") as engine:
        assert await engine.progress() == {}


async def test_a_magnet_that_never_came_can_be_removed(swarm: Swarm, tmp_path: Path) -> None:
    async with running(tmp_path / "state") as engine:
        await engine.add(swarm.torrent.infohash, swarm.magnet, frozenset({1}), tmp_path / "out")
        async with asyncio.timeout(5):
            await engine.remove(swarm.torrent.infohash, with_files=True)
        assert await engine.progress() == {}


async def test_what_lies_there_already_is_checked_cut_and_completed(swarm: Swarm, tmp_path: Path) -> None:
    key, out = swarm.torrent.infohash, tmp_path / "out"
    make_payload(out / "work", FILES)
    with (out / "work" / "a.bin").open("ab") as longer:
        longer.write(b"and more")
    async with running(tmp_path / "state") as engine:
        await engine.add(key, swarm.source, frozenset({0, 1}), out)
        await until(engine, key, complete)
    assert swarm.same(out, "a.bin")


async def test_a_file_the_torrent_does_not_have_is_refused(swarm: Swarm, tmp_path: Path) -> None:
    async with running(tmp_path / "state") as engine:
        with pytest.raises(SourceRejected) as caught:
            await engine.add(swarm.torrent.infohash, swarm.source, frozenset({9}), tmp_path / "out")
        assert caught.value.key == "no-such-file"
        assert await engine.progress() == {}


async def test_an_interface_that_is_gone_stops_torrents(swarm: Swarm, tmp_path: Path) -> None:
    engine = EmbeddedDownloader(tmp_path / "state", interface="tun-gone0", torrents=OPTIONS)
    await engine.start()
    try:
        with pytest.raises(DownloaderRefused) as caught:
            await engine.add(swarm.torrent.infohash, swarm.source, frozenset({0}), tmp_path / "out")
        assert caught.value.key == "interface-gone"
        assert not (await engine.health()).ok
        assert await probe_engine(engine) == wrong("interface-gone", engine="embedded")
    finally:
        await engine.close()


@pytest.mark.parametrize("interface", ["lo", "127.0.0.1"])
async def test_an_interface_that_is_there_is_used(swarm: Swarm, tmp_path: Path, interface: str) -> None:
    key, out = swarm.torrent.infohash, tmp_path / "out"
    engine = EmbeddedDownloader(tmp_path / "state", interface=interface, torrents=OPTIONS)
    await engine.start()
    try:
        with swarm.seed():
            await engine.add(key, swarm.source, frozenset({0}), out)
            await until(engine, key, complete)
    finally:
        await engine.close()
    assert swarm.same(out, "a.bin")


async def test_health_names_the_library(tmp_path: Path) -> None:
    engine = EmbeddedDownloader(tmp_path / "state", torrents=OPTIONS)
    assert not (await engine.health()).ok
    await engine.start()
    try:
        health = await engine.health()
        assert health.ok
        assert health.version.startswith("libtorrent 2.")
    finally:
        await engine.close()


KILLED = """
import asyncio, sys
from pathlib import Path
from services.downloads.embedded import EmbeddedDownloader, TorrentOptions
from services.downloads.port import TorrentFile

async def main(state, metainfo, infohash, out, least):
    engine = EmbeddedDownloader(Path(state), torrents=TorrentOptions(listen="127.0.0.1:0", dht=False, utp=False, save_every=0.3))
    await engine.start()
    async with asyncio.TaskGroup() as group:
        group.create_task(engine.run())
        source = TorrentFile(Path(metainfo).read_bytes(), infohash, "work", trusted=True)
        await engine.add(infohash, source, frozenset({0, 1}), Path(out))
        while (await engine.progress())[infohash].done < int(least):
            await asyncio.sleep(0.02)
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("least", [0, 400_000])
async def test_kill_in_the_middle_then_adopt_and_finish(swarm: Swarm, tmp_path: Path, least: int) -> None:
    key, out, state = swarm.torrent.infohash, tmp_path / "out", tmp_path / "state"
    metainfo = tmp_path / "work.torrent"
    metainfo.write_bytes(swarm.torrent.metainfo)
    with swarm.seed(upload_limit=500_000) as peer:
        arguments = [str(state), str(metainfo), key, str(out), str(least)]
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, *arguments],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        ) as child:
            try:
                assert child.stdout is not None
                async with asyncio.timeout(30):
                    assert await asyncio.to_thread(child.stdout.readline) == b"ready\n"
            finally:
                child.send_signal(signal.SIGKILL)
        peer.set_upload_limit(0)
        async with running(state) as engine:
            assert list(await engine.progress()) == [key]
            await until(engine, key, complete)
            paths = await engine.files(key)
    assert paths[0].read_bytes() == (swarm.payload / "a.bin").read_bytes()
    assert swarm.same(out, "b.bin")
