"""What only aria2 does, and how it fails."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import libtorrent as lt
import pytest

from services.downloads.aria2 import Aria2Downloader, gid_of
from services.downloads.paths import PathMapping
from services.downloads.port import (
    Activity,
    DownloaderRefused,
    DownloaderUnreachable,
    Magnet,
    SourceRejected,
    TorrentFile,
    WrongEngine,
)
from tests.engines import Aria2
from tests.swarm import (
    HOST,
    Made,
    Peer,
    Tracker,
    make_magnet,
    make_payload,
    make_torrent,
)

pytestmark = pytest.mark.xdist_group("aria2")


@pytest.fixture(scope="module")
def process() -> Iterator[Aria2]:
    with Aria2() as running:
        yield running


@pytest.fixture(scope="module")
def tracker() -> Iterator[Tracker]:
    with Tracker() as running:
        yield running


def open_engine(process: Aria2, folder: Path, mapping: PathMapping | None = None) -> Aria2Downloader:
    return Aria2Downloader(process.url, process.secret, folder=folder, mapping=mapping)


def torrent_file(made: Made) -> TorrentFile:
    return TorrentFile(made.metainfo, made.infohash, "work", trusted=True)


def make_hybrid(content: Path, tracker: Tracker) -> Made:
    creator = lt.create_torrent(lt.list_files(str(content)), 16_384)
    creator.add_tracker(tracker.url)
    lt.set_piece_hashes(creator, str(content.parent))
    metainfo = lt.bencode(creator.generate())
    made = Made(metainfo, str(lt.torrent_info(metainfo).info_hashes().v1))
    tracker.allow(made.infohash)
    return made


async def test_a_hybrid_torrent_is_for_another_engine(
    process: Aria2, tracker: Tracker, tmp_path: Path
) -> None:
    content = make_payload(tmp_path / "seed" / "work", {"a.bin": 50_000, "b.bin": 40_000})
    made = make_hybrid(content, tracker)
    engine = open_engine(process, tmp_path)
    assert not engine.takes(torrent_file(made))
    magnet = Magnet(make_magnet(made, tracker=tracker.url), made.infohash, "work", trusted=True)
    with Peer(made.metainfo, tmp_path / "seed"), pytest.raises(WrongEngine):
        await engine.add(made.infohash, magnet, frozenset({0}), tmp_path / "to")
    assert await engine.progress() == {}
    await engine.close()


def test_aria2_counts_the_infohash_of_a_hybrid_torrent_wrong(
    process: Aria2, tracker: Tracker, tmp_path: Path
) -> None:
    """The reason for `takes`: when this fails, aria2 has learned it and may have these torrents."""
    made = make_hybrid(make_payload(tmp_path / "work", {"a.bin": 50_000, "b.bin": 40_000}), tracker)
    process.add_foreign(made.metainfo, tmp_path / "to", paused=True)
    assert [job["infoHash"] for job in process.client.tell_waiting(0, 9)] != [made.infohash]
    process.clear()


async def test_a_torrent_larger_than_its_requests_is_for_another_engine(
    process: Aria2, tmp_path: Path
) -> None:
    engine = open_engine(process, tmp_path)
    assert not engine.takes(TorrentFile(b"x" * 1_600_000, "ab" * 20, "large"))
    await engine.close()


async def test_its_jobs_carry_the_gid_of_their_key(process: Aria2, tmp_path: Path) -> None:
    made = make_torrent(make_payload(tmp_path / "work", {"a.bin": 20_000}))
    engine = open_engine(process, tmp_path)
    await engine.add(made.infohash, torrent_file(made), frozenset({0}), tmp_path / "to")
    assert [job["gid"] for job in process.client.tell_active()] == [gid_of(made.infohash)]
    await engine.remove(made.infohash, with_files=True)
    assert process.client.tell_active() == process.client.tell_stopped(0, 9) == []
    await engine.close()


async def test_a_wrong_secret_is_refused(process: Aria2, tmp_path: Path) -> None:
    engine = Aria2Downloader(process.url, "wrong", folder=tmp_path)
    for call in (engine.progress(), engine.files("ab" * 20), engine.remove("ab" * 20, with_files=True)):
        with pytest.raises(DownloaderRefused) as caught:
            await call
        assert caught.value.key == "engine-wrong-secret"
    health = await engine.health()
    assert (health.ok, health.problem) == (False, "engine-wrong-secret")
    await engine.close()


async def test_who_is_not_aria2_is_refused(tracker: Tracker, tmp_path: Path) -> None:
    engine = Aria2Downloader(f"http://{HOST}:{tracker.port}/jsonrpc", "", folder=tmp_path)
    with pytest.raises(DownloaderRefused) as caught:
        await engine.progress()
    assert caught.value.key == "engine-answers-nonsense"
    await engine.close()


async def test_a_silent_engine_is_unreachable_in_time(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as silent:
        url = f"http://{HOST}:{silent.getsockname()[1]}/jsonrpc"
        engine = Aria2Downloader(url, "", folder=tmp_path, call_seconds=0.5)
        async with asyncio.timeout(5):
            with pytest.raises(DownloaderUnreachable):
                await engine.progress()
            assert not (await engine.health()).ok
        await engine.close()


async def test_a_folder_it_cannot_write_fails_the_job(process: Aria2, tmp_path: Path) -> None:
    made = make_torrent(make_payload(tmp_path / "work", {"a.bin": 20_000}))
    (tmp_path / "to").write_text("a file where the folder should be")
    engine = open_engine(process, tmp_path)
    await engine.add(made.infohash, torrent_file(made), frozenset({0}), tmp_path / "to")
    async with asyncio.timeout(10):
        while True:
            progress = (await engine.progress())[made.infohash]
            if progress.activity is Activity.FAILED:
                break
            await asyncio.sleep(0.1)
    assert progress.error == "disk-unwritable"
    assert str(tmp_path / "to") in progress.said, "in the log stands what aria2 says itself"
    (tmp_path / "to").unlink()
    await engine.add(made.infohash, torrent_file(made), frozenset({0}), tmp_path / "to")
    assert (await engine.progress())[made.infohash].activity is not Activity.FAILED
    await engine.remove(made.infohash, with_files=True)
    await engine.close()


async def test_a_file_that_is_not_there_is_refused(process: Aria2, tmp_path: Path) -> None:
    made = make_torrent(make_payload(tmp_path / "work", {"a.bin": 20_000, "b.bin": 20_000}))
    engine = open_engine(process, tmp_path)
    for files in (frozenset({2}), frozenset({0, 7})):
        with pytest.raises(SourceRejected) as caught:
            await engine.add(made.infohash, torrent_file(made), files, tmp_path / "to")
        assert caught.value.key == "no-such-file"
    assert await engine.progress() == {}
    await engine.close()


async def test_a_mapping_that_is_not_true_is_the_owners_to_mend(
    process: Aria2, tracker: Tracker, tmp_path: Path
) -> None:
    made = make_torrent(make_payload(tmp_path / "seed" / "work", {"a.bin": 20_000}), tracker=tracker.url)
    tracker.allow(made.infohash)
    magnet = Magnet(make_magnet(made, tracker=tracker.url), made.infohash, "work", trusted=True)
    engine = open_engine(process, tmp_path, PathMapping(((str(tmp_path / "elsewhere"), tmp_path),)))
    with Peer(made.metainfo, tmp_path / "seed"), pytest.raises(DownloaderRefused) as caught:
        await engine.inspect(magnet)
    assert caught.value.key == "engine-paths-differ"
    assert await engine.progress() == {}
    await engine.close()


async def test_looking_into_a_magnet_that_is_fetched_already_asks_nobody(
    process: Aria2, tmp_path: Path
) -> None:
    made = make_torrent(make_payload(tmp_path / "work", {"a.bin": 20_000, "sub/b.bin": 10_000}))
    engine = open_engine(process, tmp_path)
    await engine.add(made.infohash, torrent_file(made), frozenset({1}), tmp_path / "to")
    contents = await engine.inspect(Magnet(make_magnet(made), made.infohash, "work", trusted=True))
    assert [(file.index, file.path, file.size) for file in contents.files] == [
        (0, "work/a.bin", 20_000),
        (1, "work/sub/b.bin", 10_000),
    ]
    await engine.remove(made.infohash, with_files=True)
    await engine.close()
