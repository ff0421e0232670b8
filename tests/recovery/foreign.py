"""What somebody else has in a qBittorrent that Magpie shares with them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.downloads.qbittorrent_api import CATEGORY
from tests.engines import QBittorrent
from tests.swarm import digests, make_payload, make_torrent, wait_until


def settings_for(engine: QBittorrent) -> Mapping[str, str]:
    """What makes it known to a bot. A house that wants it, or another one, for its orders names it in DOWNLOADER."""
    return {
        "QBITTORRENT_URL": engine.url,
        "QBITTORRENT_USERNAME": engine.username,
        "QBITTORRENT_PASSWORD": engine.password,
        "DOWNLOADER": "embedded",
    }


def let_everybody_in(engine: QBittorrent, *, without_password: bool = True) -> None:
    """From this machine: a log-in costs the engine as much as half the start of a bot, and every bot of every house does it."""
    engine.client.app_set_preferences({"bypass_local_auth": without_password})


@contextmanager
def asking_for_passwords(engine: QBittorrent) -> Iterator[None]:
    let_everybody_in(engine, without_password=False)
    try:
        yield
    finally:
        let_everybody_in(engine)


def add_foreign(engine: QBittorrent, folder: Path) -> None:
    """Two torrents of somebody else: one complete and stopped, one that looks for peers in vain."""
    whole = make_payload(folder / "whole", {"work/a.bin": 100_000, "work/b.bin": 50_000}, seed=1)
    lacking = make_payload(folder / "lacking", {"rest.bin": 70_000}, seed=2)
    made = make_torrent(whole / "work")
    engine.add_foreign(made.metainfo, whole, paused=True)
    client = engine.client
    client.torrents_recheck(made.infohash)
    wait_until(lambda: _state(engine, made.infohash) in {"pausedUP", "stoppedUP"}, "not checked")
    metainfo = make_torrent(lacking / "rest.bin").metainfo
    (lacking / "rest.bin").unlink()
    engine.add_foreign(metainfo, lacking, paused=False)


def everything_foreign(engine: QBittorrent, folder: Path) -> object:
    """All that the engine says of what is not Magpie's, its preferences, and the files; less what runs by itself."""
    client = engine.client
    state: Any = engine.state()
    torrents, categories = state
    theirs = [told for told in torrents if told[0]["category"] != CATEGORY]
    return {
        "torrents": theirs,
        "pieces": {told[0]["hash"]: client.torrents_piece_states(told[0]["hash"]) for told in theirs},
        "web seeds": {told[0]["hash"]: client.torrents_webseeds(told[0]["hash"]) for told in theirs},
        "categories": {name: facts for name, facts in categories.items() if name != CATEGORY},
        "preferences": client.app_preferences(),
        "files": digests(folder),
    }


def _state(engine: QBittorrent, infohash: str) -> str:
    return str(engine.client.torrents_info(torrent_hashes=infohash)[0]["state"])
