"""What only qBittorrent does, and how it fails."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import libtorrent as lt
import pytest
import qbittorrentapi

from services.downloads.port import (
    Activity,
    DownloaderRefused,
    DownloaderUnreachable,
    Magnet,
    SourceRejected,
    TorrentFile,
)
from services.downloads.qbittorrent import QBittorrentDownloader
from tests.engines import CountingProxy, QBittorrent
from tests.swarm import HOST, Made, Peer, Tracker, digests, make_magnet, make_payload, make_torrent

pytestmark = pytest.mark.xdist_group("qbittorrent")


@pytest.fixture(scope="module")
def process() -> Iterator[QBittorrent]:
    with QBittorrent() as running:
        yield running


@pytest.fixture(scope="module")
def tracker() -> Iterator[Tracker]:
    with Tracker() as running:
        yield running


def open_engine(process: QBittorrent, port: int | None = None) -> QBittorrentDownloader:
    url = f"http://{HOST}:{port or process.port}"
    # a peer that a busy machine lets wait too long is dialled again a minute later
    return QBittorrentDownloader(url, process.username, process.password, metadata_seconds=200)


def torrent_file(made: Made) -> TorrentFile:
    return TorrentFile(made.metainfo, made.infohash, "work", trusted=True)


def log_ins(proxy: CountingProxy) -> int:
    return sum("auth/login" in request for request in proxy.requests)


async def test_a_wrong_password_is_tried_twice_at_most(process: QBittorrent) -> None:
    with CountingProxy(process.port) as proxy:
        engine = QBittorrentDownloader(f"http://{HOST}:{proxy.port}", "admin", "wrong")
        for _ in range(4):
            with pytest.raises(DownloaderRefused) as caught:
                await engine.progress()
            assert caught.value.key == "engine-wrong-password"
        health = await engine.health()
        assert (health.ok, health.problem) == (False, "engine-wrong-password")
        assert log_ins(proxy) == 2
        await engine.close()
    # a log-in that works makes qBittorrent forget the failures
    right = open_engine(process)
    assert (await right.health()).ok
    await right.close()


async def test_many_calls_at_once_try_a_wrong_password_twice_at_most(process: QBittorrent) -> None:
    with CountingProxy(process.port) as proxy:
        engine = QBittorrentDownloader(f"http://{HOST}:{proxy.port}", "admin", "wrong")
        calls = [engine.files(f"{number:040x}") for number in range(10)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(answer) for answer in answers} == {DownloaderRefused}
        assert log_ins(proxy) == 2
        await engine.close()
    right = open_engine(process)
    assert (await right.health()).ok
    await right.close()


async def test_a_ban_is_told_and_waited_out() -> None:
    with QBittorrent() as process:
        process.client.app_set_preferences({"web_ui_max_auth_fail_count": 1})
        with CountingProxy(process.port) as proxy:
            engine = QBittorrentDownloader(f"http://{HOST}:{proxy.port}", "admin", "wrong")
            keys = []
            for _ in range(4):
                with pytest.raises(DownloaderRefused) as caught:
                    await engine.progress()
                keys.append(caught.value.key)
            assert keys == ["engine-wrong-password", *["engine-banned"] * 3]
            assert log_ins(proxy) == 2
            await engine.close()


async def test_one_log_in_is_kept_until_the_engine_forgets_it() -> None:
    with QBittorrent() as process, CountingProxy(process.port) as proxy:
        engine = open_engine(process, proxy.port)
        for _ in range(3):
            assert await engine.progress() == {}
        assert log_ins(proxy) == 1
        process.kill()
        await asyncio.to_thread(process.start)
        assert await engine.progress() == {}
        assert log_ins(proxy) == 2
        await engine.close()


async def test_who_is_not_qbittorrent_is_refused(tracker: Tracker) -> None:
    engine = QBittorrentDownloader(f"http://{HOST}:{tracker.port}", "admin", "x")
    with pytest.raises(DownloaderRefused):
        await engine.progress()
    assert not (await engine.health()).ok
    await engine.close()


async def test_a_silent_engine_is_unreachable_in_time() -> None:
    with socket.create_server((HOST, 0)) as silent:
        url = f"http://{HOST}:{silent.getsockname()[1]}"
        engine = QBittorrentDownloader(url, "admin", "x", call_seconds=0.5)
        async with asyncio.timeout(5):
            with pytest.raises(DownloaderUnreachable):
                await engine.progress()
            assert not (await engine.health()).ok
        await engine.close()


async def test_a_hybrid_torrent_is_known_by_its_first_infohash(
    process: QBittorrent, tracker: Tracker, tmp_path: Path
) -> None:
    content = make_payload(tmp_path / "seed" / "work", {"a.bin": 50_000, "b.bin": 40_000, "c.bin": 30_000})
    creator = lt.create_torrent(lt.list_files(str(content)), 16_384)
    creator.add_tracker(tracker.url)
    lt.set_piece_hashes(creator, str(content.parent))
    metainfo = lt.bencode(creator.generate())
    made = Made(metainfo, str(lt.torrent_info(metainfo).info_hashes().v1))
    tracker.allow(made.infohash)
    tracker.allow(str(lt.torrent_info(metainfo).info_hashes().v2)[:40])
    engine, folder = open_engine(process), tmp_path / "to"
    magnet = Magnet(make_magnet(made, tracker=tracker.url), made.infohash, "work", trusted=True)
    with Peer(made.metainfo, tmp_path / "seed"):
        contents = await engine.inspect(magnet)
        wanted = next(file.index for file in contents.files if file.path == "work/b.bin")
        await engine.add(made.infohash, magnet, frozenset({wanted}), folder)
        async with asyncio.timeout(120):
            while True:
                if (await engine.progress())[made.infohash].activity is Activity.COMPLETE:
                    break
                await asyncio.sleep(0.1)
    assert await engine.files(made.infohash) == {wanted: folder / "work/b.bin"}
    assert digests(folder)["work/b.bin"] == digests(content)["b.bin"]
    await engine.remove(made.infohash, with_files=True)
    assert await engine.progress() == {}
    await engine.close()


async def test_a_magnet_that_is_never_listed_is_its_fault(process: QBittorrent) -> None:
    """A hanging qBittorrent says that it has taken everything."""
    engine = QBittorrentDownloader(
        f"http://{HOST}:{process.port}", process.username, process.password, metadata_seconds=1
    )
    with pytest.raises(DownloaderUnreachable):
        await engine.inspect(Magnet("magnet:?dn=nothing", "9" * 40, "work"))
    await engine.close()


async def test_nothing_of_ours_stays_after_removal(
    process: QBittorrent, tracker: Tracker, tmp_path: Path
) -> None:
    made = make_torrent(make_payload(tmp_path / "seed" / "work", {"a.bin": 20_000}), tracker=tracker.url)
    tracker.allow(made.infohash)
    engine = open_engine(process)
    magnet = Magnet(make_magnet(made, tracker=tracker.url), made.infohash, "work", trusted=True)
    with Peer(made.metainfo, tmp_path / "seed"):
        await engine.inspect(magnet)
        assert process.client.torrents_info() == []
        await engine.add(made.infohash, torrent_file(made), frozenset({0}), tmp_path / "to")
    assert made.infohash in map(str, process.client.torrents_tags())
    await engine.remove(made.infohash, with_files=True)
    assert process.client.torrents_info() == []
    assert made.infohash not in map(str, process.client.torrents_tags())
    await engine.close()


async def test_our_category_alone_does_not_make_it_ours(process: QBittorrent, tmp_path: Path) -> None:
    made = make_torrent(make_payload(tmp_path / "work", {"a.bin": 20_000}))
    process.add_foreign(made.metainfo, tmp_path / "to", paused=True)
    with contextlib.suppress(qbittorrentapi.Conflict409Error):
        process.client.torrents_create_category("magpie")
    process.client.torrents_set_category("magpie", made.infohash)
    engine = open_engine(process)
    await engine.remove(made.infohash, with_files=True)
    assert await engine.progress() == {}
    assert [torrent["hash"] for torrent in process.client.torrents_info()] == [made.infohash]
    await engine.close()
    process.clear()


async def test_a_file_that_is_not_there_is_refused(process: QBittorrent, tmp_path: Path) -> None:
    made = make_torrent(make_payload(tmp_path / "work", {"a.bin": 20_000, "b.bin": 20_000}))
    engine = open_engine(process)
    with pytest.raises(SourceRejected) as caught:
        await engine.add(made.infohash, torrent_file(made), frozenset({0, 7}), tmp_path / "to")
    assert caught.value.key == "no-such-file"
    assert process.client.torrents_info() == []
    await engine.close()
