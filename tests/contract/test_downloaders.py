"""What every Downloader does, tried on the real programs with a real tracker, a real peer and a web seed."""

import asyncio
import contextlib
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import libtorrent as lt
import pytest

from services.downloads.aria2 import Aria2Downloader
from services.downloads.embedded import EmbeddedDownloader, TorrentOptions
from services.downloads.paths import PathMapping
from services.downloads.port import (
    Activity,
    Downloader,
    DownloaderUnreachable,
    Magnet,
    NotOurs,
    Progress,
    SourceUnavailable,
    TorrentFile,
    WebLink,
)
from services.downloads.qbittorrent import QBittorrentDownloader
from tests.engines import Aria2, CountingProxy, EngineProcess, QBittorrent, differences
from tests.swarm import (
    Made,
    Peer,
    Tracker,
    WebSeed,
    digests,
    make_magnet,
    make_payload,
    make_torrent,
)

FILES = {"a.bin": 300_000, "b.bin": 200_001, "sub/c.bin": 150_000}
ORDER = ["a.bin", "b.bin", "sub/c.bin"]
SLOW = 100_000
PIECE = 16 * 1024
PATIENCE = 90.0
LOOKING = 15.0
OPTIONS = TorrentOptions(listen="127.0.0.1:0", dht=False, metadata_timeout=LOOKING, stall_after=1.0)
FINISHED = {Activity.COMPLETE, Activity.FAILED}


class Rig:
    """One engine for a test: opens adapters on it, as often as Magpie is started, and kills what runs outside."""

    def __init__(self, name: str, folder: Path, process: EngineProcess | None) -> None:
        self.name = name
        self.folder = folder
        self.process = process
        self._open: list[Downloader] = []

    async def open(
        self, mapping: PathMapping | None = None, *, port: int | None = None, seed: bool = False
    ) -> Downloader:
        """`port`: of a proxy before the engine."""
        engine = self._new(mapping, port, seed=seed)
        if isinstance(engine, EmbeddedDownloader):
            await engine.start()
        self._open.append(engine)
        return engine

    async def shut(self, engine: Downloader) -> None:
        self._open.remove(engine)
        await engine.close()

    async def end(self) -> None:
        """Removes every job, so that the next test finds the engine empty."""
        for engine in list(self._open):
            with contextlib.suppress(DownloaderUnreachable):
                for key in await engine.progress():
                    await engine.remove(key, with_files=True)
            await self.shut(engine)

    def _new(self, mapping: PathMapping | None, port: int | None, *, seed: bool) -> Downloader:
        if isinstance(self.process, Aria2):
            return Aria2Downloader(
                self.process.url.replace(str(self.process.port), str(port or self.process.port)),
                self.process.secret,
                folder=self.folder,
                mapping=mapping,
                metadata_seconds=LOOKING,
                seed=seed,
            )
        if isinstance(self.process, QBittorrent):
            return QBittorrentDownloader(
                self.process.url.replace(str(self.process.port), str(port or self.process.port)),
                self.process.username,
                self.process.password,
                mapping=mapping,
                metadata_seconds=LOOKING,
            )
        return EmbeddedDownloader(self.folder / "state", torrents=replace(OPTIONS, seed=seed))


@dataclass(frozen=True)
class Work:
    """A payload with its torrent; `seed` is the folder that holds it."""

    made: Made
    seed: Path
    name: str
    magnet: str

    @property
    def key(self) -> str:
        return self.made.infohash

    @property
    def torrent(self) -> TorrentFile:
        return TorrentFile(self.made.metainfo, self.key, self.name, trusted=True)

    @property
    def link(self) -> Magnet:
        return Magnet(self.magnet, self.key, self.name, trusted=True)

    def peer(self, upload_limit: int | None = None) -> Peer:
        return Peer(self.made.metainfo, self.seed, upload_limit=upload_limit)

    def digest(self, index: int) -> str:
        return digests(self.seed / self.name)[ORDER[index]]


Make = Callable[..., Work]


@pytest.fixture(scope="session")
def aria2() -> Iterator[Aria2]:
    with Aria2() as process:
        yield process


@pytest.fixture(scope="session")
def qbittorrent() -> Iterator[QBittorrent]:
    with QBittorrent() as process:
        yield process


@pytest.fixture(scope="session")
def tracker() -> Iterator[Tracker]:
    with Tracker() as running:
        yield running


@pytest.fixture(
    params=[
        pytest.param(name, marks=pytest.mark.xdist_group(name))
        for name in ("embedded", "aria2", "qbittorrent")
    ]
)
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    name = request.param
    process = None if name == "embedded" else request.getfixturevalue(name)
    rig = Rig(name, tmp_path, process)
    yield rig
    await rig.end()


@pytest.fixture
async def engine(rig: Rig) -> Downloader:
    return await rig.open()


@pytest.fixture
def make(tmp_path: Path, tracker: Tracker) -> Make:
    def make(name: str = "work", *, tracked: bool = True, web_seed: str | None = None) -> Work:
        seed = tmp_path / "seed"
        content = make_payload(seed / name, FILES, seed=hash(str(tmp_path)) + len(name))
        url = tracker.url if tracked else None
        made = make_torrent(content, tracker=url, web_seed=web_seed)
        tracker.allow(made.infohash)
        return Work(made, seed, name, make_magnet(made, tracker=url))

    return make


async def until(
    engine: Downloader, key: str, reached: Callable[[Progress], bool], seconds: float = PATIENCE
) -> Progress:
    """Asks for progress until it is as wished; fails with the last answer."""
    last = None
    try:
        async with asyncio.timeout(seconds):
            while True:
                last = (await engine.progress()).get(key)
                if last is not None and reached(last):
                    return last
                await asyncio.sleep(0.1)
    except TimeoutError:
        pytest.fail(f"waited in vain; the last progress was {last}")


async def complete(engine: Downloader, key: str) -> Progress:
    progress = await until(engine, key, lambda now: now.activity in FINISHED)
    assert progress.activity is Activity.COMPLETE, progress
    return progress


def check_files(paths: Mapping[int, Path], work: Work, wanted: Sequence[int], folder: Path) -> None:
    """The files wanted lie where the engine says, in `folder`, and are what the peer has."""
    assert sorted(paths) == sorted(wanted)
    for index, path in paths.items():
        assert path == folder / work.name / ORDER[index]
        assert digests(path.parent)[path.name] == work.digest(index)


async def test_is_healthy_and_says_its_version(engine: Downloader, rig: Rig) -> None:
    health = await engine.health()
    assert health.ok, health.problem
    assert health.version
    assert engine.name == rig.name


async def test_links_of_members_go_to_the_embedded_engine_only(engine: Downloader, make: Make) -> None:
    assert engine.takes(WebLink("http://example.org/x", "x")) == (engine.name == "embedded")
    assert engine.takes(make().torrent)
    assert engine.takes(make().link)


async def test_lists_a_torrent(engine: Downloader, make: Make) -> None:
    work = make()
    contents = await engine.inspect(work.torrent)
    assert contents.name == work.name
    assert [(file.index, file.path, file.size) for file in contents.files] == [
        (index, f"work/{name}", FILES[name]) for index, name in enumerate(ORDER)
    ]


async def test_lists_a_magnet_and_fetches_nothing(engine: Downloader, make: Make, rig: Rig) -> None:
    work = make()
    before = set(rig.folder.rglob("*.bin"))
    with work.peer():
        contents = await engine.inspect(work.link)
        left = (await engine.progress()).get(work.key)
    assert [(file.index, file.path, file.size) for file in contents.files] == [
        (index, f"work/{name}", FILES[name]) for index, name in enumerate(ORDER)
    ]
    assert contents.metainfo is not None
    assert lt.torrent_info(contents.metainfo).info_hashes().v1 == lt.sha1_hash(bytes.fromhex(work.key))
    assert left is None or left.activity is Activity.METADATA
    assert set(rig.folder.rglob("*.bin")) == before


async def test_a_magnet_nobody_has_is_unavailable(engine: Downloader, make: Make) -> None:
    work = make()
    with pytest.raises(SourceUnavailable):
        await engine.inspect(work.link)
    await engine.remove(work.key, with_files=True)
    assert work.key not in await engine.progress()


async def test_fetches_the_files_wanted(engine: Downloader, make: Make, tmp_path: Path) -> None:
    work, folder = make(), tmp_path / "to"
    folder.mkdir()
    with work.peer():
        await engine.add(work.key, work.torrent, frozenset({1}), folder)
        progress = await complete(engine, work.key)
    assert progress.done == progress.total == FILES["b.bin"]
    check_files(await engine.files(work.key), work, [1], folder)
    assert digests(folder).get("work/sub/c.bin") != work.digest(2)


async def test_fetches_a_magnet(engine: Downloader, make: Make, tmp_path: Path) -> None:
    work, folder = make(), tmp_path / "to"
    folder.mkdir()
    with work.peer():
        await engine.add(work.key, work.link, frozenset({0, 2}), folder)
        await complete(engine, work.key)
    check_files(await engine.files(work.key), work, [0, 2], folder)


async def test_fetches_from_a_web_seed_alone(engine: Downloader, make: Make, tmp_path: Path) -> None:
    folder = tmp_path / "to"
    folder.mkdir()
    with WebSeed(tmp_path / "seed") as seed:
        work = make(tracked=False, web_seed=seed.url)
        await engine.add(work.key, work.torrent, frozenset({0, 1, 2}), folder)
        progress = await complete(engine, work.key)
    assert progress.total == sum(FILES.values())
    check_files(await engine.files(work.key), work, [0, 1, 2], folder)
    assert seed.log


async def test_indexes_are_the_torrents_own_with_padding(
    engine: Downloader, tmp_path: Path, tracker: Tracker
) -> None:
    content = make_payload(tmp_path / "seed" / "padded", FILES)
    creator = lt.create_torrent(
        lt.list_files(str(content)), 16_384, lt.create_torrent.v1_only | lt.create_torrent.canonical_files
    )
    creator.add_tracker(tracker.url)
    lt.set_piece_hashes(creator, str(content.parent))
    metainfo = lt.bencode(creator.generate())
    key = str(lt.torrent_info(metainfo).info_hashes().v1)
    tracker.allow(key)
    torrent = TorrentFile(metainfo, key, "padded", trusted=True)
    folder = tmp_path / "to"
    folder.mkdir()
    contents = await engine.inspect(torrent)
    index = next(file.index for file in contents.files if file.path == "padded/sub/c.bin")
    assert index > len(contents.files) - 1
    with Peer(metainfo, content.parent):
        await engine.add(key, torrent, frozenset({index}), folder)
        progress = await complete(engine, key)
    assert progress.total == FILES["sub/c.bin"]
    assert await engine.files(key) == {index: folder / "padded/sub/c.bin"}
    assert digests(folder)["padded/sub/c.bin"] == digests(content)["sub/c.bin"]


async def test_the_same_key_twice_is_one_job(engine: Downloader, make: Make, tmp_path: Path) -> None:
    work, folder = make(), tmp_path / "to"
    folder.mkdir()
    with work.peer() as peer:
        peer.set_upload_limit(SLOW)
        await engine.add(work.key, work.torrent, frozenset({1}), folder)
        await engine.add(work.key, work.torrent, frozenset({0, 1}), folder)
        running = (await engine.progress())[work.key]
        assert running.total == FILES["a.bin"] + FILES["b.bin"]
        assert running.activity is not Activity.COMPLETE
        peer.set_upload_limit(0)
        await complete(engine, work.key)
    check_files(await engine.files(work.key), work, [0, 1], folder)
    await engine.add(work.key, work.torrent, frozenset({0, 1, 2}), folder)
    wider = (await engine.progress())[work.key]
    assert wider.total == sum(FILES.values())
    assert wider.activity is not Activity.COMPLETE
    with work.peer():
        await complete(engine, work.key)
    check_files(await engine.files(work.key), work, [0, 1, 2], folder)
    assert list(await engine.progress()) == [work.key]


async def test_what_is_not_wanted_any_more_is_not_fetched(
    engine: Downloader, make: Make, tmp_path: Path
) -> None:
    work, folder = make(), tmp_path / "to"
    folder.mkdir()
    with work.peer(SLOW // 2) as peer:
        await engine.add(work.key, work.torrent, frozenset({0, 1, 2}), folder)
        await until(engine, work.key, lambda now: now.done > 0)
        await engine.add(work.key, work.torrent, frozenset({1}), folder)
        fewer = (await engine.progress())[work.key]
        assert fewer.total == FILES["b.bin"]
        assert fewer.activity is not Activity.COMPLETE
        peer.set_upload_limit(0)
        done = await complete(engine, work.key)
    assert done.done == FILES["b.bin"]
    check_files(await engine.files(work.key), work, [1], folder)
    # one of the others may be whole: what was asked for before comes
    there = digests(folder)
    assert {there.get("work/a.bin"), there.get("work/sub/c.bin")} != {work.digest(0), work.digest(2)}
    assert list(await engine.progress()) == [work.key]


async def test_it_is_complete_once_nothing_is_wanted_that_did_not_come(
    engine: Downloader, make: Make, tmp_path: Path
) -> None:
    work, folder = make(), tmp_path / "to"
    folder.mkdir()
    with work.peer():
        await engine.add(work.key, work.torrent, frozenset({0}), folder)
        await complete(engine, work.key)
    await engine.add(work.key, work.torrent, frozenset({0, 2}), folder)
    await until(engine, work.key, lambda now: now.total == FILES["a.bin"] + FILES["sub/c.bin"])
    await engine.add(work.key, work.torrent, frozenset({0}), folder)
    await complete(engine, work.key)
    check_files(await engine.files(work.key), work, [0], folder)


async def test_two_orders_at_once_are_one_job(engine: Downloader, make: Make, tmp_path: Path) -> None:
    work, folder = make(), tmp_path / "to"
    folder.mkdir()
    with work.peer():
        await asyncio.gather(
            *(engine.add(work.key, work.torrent, frozenset({0, 1}), folder) for _ in range(3))
        )
        await complete(engine, work.key)
    check_files(await engine.files(work.key), work, [0, 1], folder)


async def test_pauses_and_resumes(engine: Downloader, make: Make, tmp_path: Path) -> None:
    work, folder = make(), tmp_path / "to"
    folder.mkdir()
    with work.peer(SLOW):
        await engine.add(work.key, work.torrent, frozenset({0, 1, 2}), folder)
        await until(engine, work.key, lambda now: now.done > 0)
        await engine.pause(work.key)
        paused = await until(engine, work.key, lambda now: now.activity is Activity.PAUSED)
        await engine.pause(work.key)
        assert paused.total == sum(FILES.values())
    # another peer: libtorrent waits a minute before it dials one again that it hung up on
    with work.peer():
        assert (await engine.progress())[work.key].activity is Activity.PAUSED
        await engine.resume(work.key)
        await complete(engine, work.key)
        await engine.resume(work.key)
    check_files(await engine.files(work.key), work, [0, 1, 2], folder)


async def test_a_paused_one_that_is_added_goes_on(engine: Downloader, make: Make, tmp_path: Path) -> None:
    work, folder = make(), tmp_path / "to"
    folder.mkdir()
    await engine.add(work.key, work.torrent, frozenset({0}), folder)
    await engine.pause(work.key)
    await until(engine, work.key, lambda now: now.activity is Activity.PAUSED)
    with work.peer():
        await engine.add(work.key, work.torrent, frozenset({0}), folder)
        await complete(engine, work.key)
    check_files(await engine.files(work.key), work, [0], folder)


async def test_removes_a_job_with_its_files(engine: Downloader, make: Make, tmp_path: Path) -> None:
    work, folder = make(), tmp_path / "to"
    folder.mkdir()
    (folder / "somebody-elses.txt").write_text("stays")
    with work.peer(SLOW):
        await engine.add(work.key, work.torrent, frozenset({0, 2}), folder)
        await until(engine, work.key, lambda now: now.done > 0)
        await engine.remove(work.key, with_files=True)
    assert work.key not in await engine.progress()
    assert await engine.files(work.key) == {}
    assert [path.name for path in folder.rglob("*")] == ["somebody-elses.txt"]


async def test_removes_a_job_and_keeps_its_files(engine: Downloader, make: Make, tmp_path: Path) -> None:
    work, folder = make(), tmp_path / "to"
    folder.mkdir()
    with work.peer():
        await engine.add(work.key, work.torrent, frozenset({0}), folder)
        await complete(engine, work.key)
        paths = await engine.files(work.key)
        await engine.remove(work.key, with_files=False)
        assert work.key not in await engine.progress()
        check_files(paths, work, [0], folder)
        await engine.add(work.key, work.torrent, frozenset({0}), folder)
        await complete(engine, work.key)


async def test_what_is_complete_seeds_if_it_is_to(rig: Rig, make: Make, tmp_path: Path) -> None:
    work, folder = make(), tmp_path / "to"
    folder.mkdir()
    engine = await rig.open(seed=True)
    with work.peer():
        await engine.add(work.key, work.torrent, frozenset({0, 1, 2}), folder)
        await complete(engine, work.key)
    check_files(await engine.files(work.key), work, [0, 1, 2], folder)
    await rig.shut(engine)
    engine = await rig.open(seed=True)
    assert (await complete(engine, work.key)).uploaded == 0

    friend = EmbeddedDownloader(tmp_path / "friend", torrents=OPTIONS)
    await friend.start()
    try:
        await friend.add(work.key, work.torrent, frozenset({0, 1, 2}), tmp_path / "theirs")
        await complete(friend, work.key)
        given = await until(engine, work.key, lambda now: now.uploaded >= sum(FILES.values()))
    finally:
        await friend.close()
    assert given.activity is Activity.COMPLETE
    assert given.done == given.total == sum(FILES.values())
    await engine.remove(work.key, with_files=True)
    assert not (folder / work.name).exists()


async def test_an_unknown_job_is_no_error(engine: Downloader) -> None:
    key = "ab" * 20
    await engine.remove(key, with_files=True)
    await engine.pause(key)
    await engine.resume(key)
    assert await engine.files(key) == {}
    assert key not in await engine.progress()


async def test_without_peers_it_is_stalled(engine: Downloader, make: Make, tmp_path: Path) -> None:
    work = make()
    await engine.add(work.key, work.torrent, frozenset({0}), tmp_path)
    stalled = await until(engine, work.key, lambda now: now.activity is Activity.STALLED)
    assert (stalled.done, stalled.total, stalled.rate, stalled.peers) == (0, FILES["a.bin"], 0, 0)


async def test_files_that_lie_there_are_checked(engine: Downloader, make: Make, tmp_path: Path) -> None:
    work, folder = make(), tmp_path / "to"
    shutil.copytree(work.seed, folder)
    damaged = folder / work.name / "a.bin"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    await engine.add(work.key, work.torrent, frozenset({0, 1}), folder)
    total = FILES["a.bin"] + FILES["b.bin"]
    nearly = await until(engine, work.key, lambda now: total - 40_000 <= now.done < total)
    assert nearly.activity is not Activity.COMPLETE
    with work.peer():
        await engine.pause(work.key)
        await engine.resume(work.key)
        await complete(engine, work.key)
    check_files(await engine.files(work.key), work, [0, 1], folder)


async def test_jobs_go_on_after_our_restart(rig: Rig, make: Make, tmp_path: Path) -> None:
    work, folder = make(), tmp_path / "to"
    folder.mkdir()
    before = await rig.open()
    with work.peer(SLOW) as peer:
        await before.add(work.key, work.torrent, frozenset({0, 1}), folder)
        await until(before, work.key, lambda now: now.done > 0)
        await rig.shut(before)
        after = await rig.open()
        total = (await after.progress())[work.key].total
        assert total is not None
        # some engines count whole pieces of what they were not told by us
        assert 0 <= total - FILES["a.bin"] - FILES["b.bin"] < PIECE
        peer.set_upload_limit(0)
        await complete(after, work.key)
    check_files(await after.files(work.key), work, [0, 1], folder)


_CHILD = """
import asyncio, pathlib, sys
from services.downloads.embedded import EmbeddedDownloader, TorrentOptions
from services.downloads.port import TorrentFile

async def main(state, torrent, key, folder):
    options = TorrentOptions(listen="127.0.0.1:0", dht=False)
    engine = EmbeddedDownloader(pathlib.Path(state), torrents=options)
    await engine.start()
    source = TorrentFile(pathlib.Path(torrent).read_bytes(), key, "work", trusted=True)
    await engine.add(key, source, frozenset({0, 1}), pathlib.Path(folder))
    while not (await engine.progress())[key].done:
        await asyncio.sleep(0.05)
    print("under way", flush=True)
    await asyncio.sleep(60)

asyncio.run(main(*sys.argv[1:]))
"""


def fetch_and_die(rig: Rig, work: Work, folder: Path) -> None:
    """The embedded engine in a process of its own, killed in the middle of a torrent."""
    torrent = rig.folder / "work.torrent"
    torrent.write_bytes(work.made.metainfo)
    arguments = [str(rig.folder / "state"), str(torrent), work.key, str(folder)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, *arguments], stdout=subprocess.PIPE, cwd=root
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"under way\n"
        finally:
            child.kill()


async def test_jobs_are_adopted_after_the_engine_was_killed(rig: Rig, make: Make, tmp_path: Path) -> None:
    work, folder = make(), tmp_path / "to"
    folder.mkdir()
    with work.peer(SLOW):
        if rig.process is None:
            await asyncio.to_thread(fetch_and_die, rig, work, folder)
        else:
            engine = await rig.open()
            await engine.add(work.key, work.torrent, frozenset({0, 1}), folder)
            await until(engine, work.key, lambda now: now.done > 0)
            rig.process.kill()
            with pytest.raises(DownloaderUnreachable):
                await engine.progress()
            await asyncio.to_thread(rig.process.start)
    with work.peer():
        engine = await rig.open()
        # what the engine forgot is added again; what it knows stays one job
        await engine.add(work.key, work.torrent, frozenset({0, 1}), folder)
        await complete(engine, work.key)
    assert list(await engine.progress()) == [work.key]
    check_files(await engine.files(work.key), work, [0, 1], folder)


async def test_an_engine_that_is_gone_is_unreachable(rig: Rig, make: Make, tmp_path: Path) -> None:
    if rig.process is None:
        pytest.skip("it has no process of its own")
    work, engine = make(), await rig.open()
    await engine.add(work.key, work.torrent, frozenset({0}), tmp_path)
    rig.process.kill()
    calls: list[Awaitable[object]] = [
        engine.inspect(work.link),
        engine.add(work.key, work.torrent, frozenset({0}), tmp_path),
        engine.progress(),
        engine.files(work.key),
        engine.pause(work.key),
        engine.resume(work.key),
        engine.remove(work.key, with_files=True),
    ]
    async with asyncio.timeout(20):
        answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(answer) for answer in answers] == [DownloaderUnreachable] * len(calls)
    health = await engine.health()
    assert (health.ok, health.problem) == (False, "engine-unreachable")
    await asyncio.to_thread(rig.process.start)
    await engine.remove(work.key, with_files=True)


async def test_an_engine_may_see_other_paths(rig: Rig, make: Make, tmp_path: Path) -> None:
    if rig.process is None:
        pytest.skip("it lives in our process and sees what we see")
    work, ours, theirs = make(), tmp_path / "ours", tmp_path / "theirs"
    folder = ours / "deep" / "to"
    folder.mkdir(parents=True)
    theirs.symlink_to(ours, target_is_directory=True)
    rig.folder = ours
    engine = await rig.open(PathMapping(((str(theirs), ours),)))
    with work.peer():
        await engine.add(work.key, work.link, frozenset({0, 2}), folder)
        await complete(engine, work.key)
        check_files(await engine.files(work.key), work, [0, 2], folder)
        told = str(rig.process.state())
        assert str(theirs) in told
        assert str(ours) not in told
        await engine.remove(work.key, with_files=True)
    assert list(folder.iterdir()) == []


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("aria2", "qbittorrent")]
)
async def shared(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    """An engine that other people use, too; everything in it is removed at the end."""
    process: EngineProcess = request.getfixturevalue(request.param)
    rig = Rig(request.param, tmp_path, process)
    yield rig
    await rig.end()
    await asyncio.to_thread(process.clear)


async def test_what_is_somebody_elses_is_never_touched(shared: Rig, make: Make, tmp_path: Path) -> None:
    theirs, waiting, own = make("theirs"), make("waiting"), make("own-work")
    process = shared.process
    assert process is not None
    folder = tmp_path / "to"
    folder.mkdir()
    process.add_foreign(theirs.made.metainfo, tmp_path / "their-folder", paused=True)
    process.add_foreign(waiting.made.metainfo, tmp_path / "their-folder", paused=False)
    before = process.state()
    engine = await shared.open()
    for foreign in (theirs, waiting):
        with pytest.raises(NotOurs):
            await engine.add(foreign.key, foreign.torrent, frozenset({0}), folder)
        with pytest.raises(NotOurs):
            await engine.add(foreign.key, foreign.link, frozenset({0}), folder)
        assert [file.size for file in (await engine.inspect(foreign.link)).files] == list(FILES.values())
        await engine.pause(foreign.key)
        await engine.resume(foreign.key)
        await engine.remove(foreign.key, with_files=True)
        assert await engine.files(foreign.key) == {}
    assert await engine.progress() == {}
    with own.peer():
        await engine.add(own.key, own.link, frozenset({0}), folder)
        await complete(engine, own.key)
    assert list(await engine.progress()) == [own.key]
    await engine.remove(own.key, with_files=True)
    after = process.state()
    if isinstance(process, QBittorrent):
        # the category of ours is the one trace
        assert isinstance(after, tuple)
        assert isinstance(before, tuple)
        assert after[1].keys() - before[1].keys() <= {"magpie"}
        after, before = after[0], before[0]
    assert differences(before, after) == []


async def test_progress_of_a_hundred_is_one_request(shared: Rig, tmp_path: Path) -> None:
    works = [
        make_torrent(make_payload(tmp_path / "seed" / f"work-{number}", {"a.bin": 20_000}, seed=number))
        for number in range(100)
    ]
    assert shared.process is not None
    with CountingProxy(shared.process.port) as proxy:
        engine = await shared.open(port=proxy.port)

        async def add(made: Made) -> None:
            torrent = TorrentFile(made.metainfo, made.infohash, "work", trusted=True)
            await engine.add(made.infohash, torrent, frozenset({0}), tmp_path / "to")

        counts = []
        for batch in (works[:1], works[1:]):
            await asyncio.gather(*map(add, batch))
            before = len(proxy.requests)
            progress = await engine.progress()
            counts.append((len(progress), len(proxy.requests) - before))
    assert counts == [(1, 1), (100, 1)]
