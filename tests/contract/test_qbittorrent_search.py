"""qBittorrent's search plugins as an Indexer, against the real program and a plugin that is written here."""

import asyncio
import textwrap
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from models.search import Query, Release
from services.downloads.qbittorrent_api import QBittorrentApi
from services.search.port import IndexerBroken, IndexerBusy, IndexerRejected
from services.search.qbittorrent import QBittorrentIndexer
from tests.engines import QBittorrent
from tests.indexers import infohash
from tests.loopback import Answer, Request, serve
from tests.programs import need
from tests.swarm import wait_until

pytestmark = pytest.mark.xdist_group("qbittorrent-search")
PATIENCE = 120.0
PLUGIN = textwrap.dedent('''
    # VERSION: 1.00
    """Finds what its first word says: `many 250`, `slow`, `odd`; anything else is not found."""
    import hashlib
    import time
    from urllib.parse import unquote

    from novaprinter import prettyPrinter


    class made_up(object):
        url = "http://t.example.org"
        name = "Made up"
        supported_categories = {"all": "0"}

        def search(self, what, cat="all"):
            words = unquote(what).split()
            if words[:1] == ["many"]:
                for number in range(int(words[1])):
                    self._found("work %d" % number, number)
            elif words == ["slow"]:
                self._found("work 0", 0)
                time.sleep(600)
            elif words == ["odd"]:
                self._found("work 1", 1)
                self._found("work 1 again", 1)
                self._print("no magnet", "magnet:?xt=nonsense")
                self._print("no link", "javascript:alert(1)")
                self._print("negative " + "x" * 5000, self.url + "/1.torrent", size="-5", seeds="-1", leech="-1")
                self._print("\\u202egnp.exe\\u202c <b>", self.url + "/2.torrent", size="999999999999999999")

        def _found(self, title, number):
            key = hashlib.sha1(b"work %d" % number).hexdigest()
            self._print(title, "magnet:?xt=urn:btih:" + key, size=str(1000 + number), seeds=str(number), leech="2")

        def _print(self, title, link, size="1", seeds="1", leech="1"):
            prettyPrinter({
                "link": link, "name": title, "size": size, "seeds": seeds, "leech": leech,
                "engine_url": self.url, "desc_link": self.url + "/page",
            })
    ''')


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QBittorrent]:
    need("qbittorrent-nox")
    plugin: Path = tmp_path_factory.mktemp("plugin") / "made_up.py"
    plugin.write_text(PLUGIN)
    with QBittorrent() as engine:
        client = engine.client
        client.search_install_plugin(sources=str(plugin))
        wait_until(lambda: bool(client.search_plugins()), "the plugin was not installed")
        yield engine


@asynccontextmanager
async def opened(engine: QBittorrent, **changes: Any) -> AsyncIterator[QBittorrentIndexer]:
    values: dict[str, Any] = {"url": engine.url, "username": engine.username, "password": engine.password}
    api = QBittorrentApi(**{**values, "seconds": 15.0, **changes})
    try:
        yield QBittorrentIndexer(api)
    finally:
        api.close()


@pytest.fixture
async def indexer(engine: QBittorrent) -> AsyncIterator[QBittorrentIndexer]:
    async with opened(engine) as indexer:
        yield indexer


async def ask(indexer: QBittorrentIndexer, text: str, limit: int = 100) -> list[Release]:
    async with asyncio.timeout(PATIENCE):
        return [release async for release in indexer.search(Query(text=text, limit=limit))]


def searches(engine: QBittorrent) -> int:
    """How many it remembers."""
    return len(engine.client.search_status())


async def test_every_hit_comes_once_and_complete(indexer: QBittorrentIndexer, engine: QBittorrent) -> None:
    releases = await ask(indexer, "many 30")

    assert sorted(release.title for release in releases) == sorted(f"work {number}" for number in range(30))
    for release in releases:
        number = int(release.title.removeprefix("work "))
        assert release == Release(
            release.title,
            release.link,
            ("qBittorrent",),
            1000 + number,
            number,
            2,
            infohash(number),
            "http://t.example.org/page",
        )
        assert release.link.startswith(f"magnet:?xt=urn:btih:{infohash(number)}")
    assert searches(engine) == 0


@pytest.mark.parametrize("limit", [1, 7, 100])
async def test_no_more_than_the_limit(indexer: QBittorrentIndexer, limit: int, engine: QBittorrent) -> None:
    assert len(await ask(indexer, "many 250", limit)) == limit
    assert searches(engine) == 0


@pytest.mark.parametrize(
    "text", ["nothing", '"', "a & b <c> #", "ü 🐦 \ud800 \x00", "x" * 5000, "$(reboot) `id` ; ls", "-h"]
)
async def test_any_words_may_be_asked(indexer: QBittorrentIndexer, text: str) -> None:
    assert await ask(indexer, text) == []


async def test_odd_results_are_read_with_suspicion(indexer: QBittorrentIndexer) -> None:
    releases = {release.title[:8]: release for release in await ask(indexer, "odd")}

    assert sorted(releases) == ["gnp.exe ", "negative", "work 1"]
    assert len(releases["negative"].title) == 300
    assert (releases["negative"].size, releases["negative"].seeders) == (None, None)
    assert releases["gnp.exe "].size is None


async def test_hits_come_before_the_slowest_plugin_ends_and_going_ends_it(
    indexer: QBittorrentIndexer, engine: QBittorrent
) -> None:
    found: list[Release] = []
    gone = asyncio.timeout(None)

    async def follow() -> None:
        async with gone:
            async for release in indexer.search(Query(text="slow")):
                found.append(release)
                gone.reschedule(asyncio.get_running_loop().time() + 0.3)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(follow(), PATIENCE)
    assert [release.title for release in found] == ["work 0"]
    assert searches(engine) == 0


async def test_more_searches_than_it_allows_wait_for_their_turn(indexer: QBittorrentIndexer) -> None:
    found = await asyncio.gather(*(ask(indexer, f"many {number}") for number in range(1, 9)))

    assert [len(releases) for releases in found] == list(range(1, 9))


async def test_check_names_the_plugins(indexer: QBittorrentIndexer) -> None:
    assert await indexer.check() == "Made up"


async def test_without_an_enabled_plugin_nothing_is_found(
    indexer: QBittorrentIndexer, engine: QBittorrent
) -> None:
    client = engine.client
    client.search_enable_plugin(plugins="made_up", enable=False)
    try:
        wait_until(lambda: not client.search_plugins()[0]["enabled"], "the plugin was not disabled")
        assert await ask(indexer, "many 3") == []
        assert await indexer.check() == "qBittorrent"
    finally:
        client.search_enable_plugin(plugins="made_up", enable=True)
        wait_until(lambda: bool(client.search_plugins()[0]["enabled"]), "the plugin was not enabled")


async def test_a_wrong_password_is_a_rejection(engine: QBittorrent) -> None:
    async with opened(engine, password="wrong") as indexer:
        with pytest.raises(IndexerRejected):
            await ask(indexer, "many 1")


async def test_a_program_that_is_not_there_is_busy(engine: QBittorrent) -> None:
    async with opened(engine, url="http://127.0.0.1:1") as indexer:
        with pytest.raises(IndexerBusy):
            await ask(indexer, "many 1")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(b"<html>"), IndexerBroken),
        (Answer(b'[{"name": "x"}]'), IndexerBroken),
        (Answer(b"no such thing", status=404), IndexerBroken),
        (Answer(b"Python must be installed to use the Search Engine.", status=409), IndexerRejected),
        (Answer(b"Unable to create more than 5 concurrent searches.", status=409), IndexerBusy),
        (Answer(dropped=True), IndexerBusy),
        (Answer(status=500), IndexerBusy),
    ],
)
async def test_other_answers(answer: Answer, error: type[Exception], engine: QBittorrent) -> None:
    """What the real one never says here, but some do."""

    def respond(request: Request) -> Answer:
        return Answer(b"Ok.") if "auth" in request.path else answer

    async with serve(respond) as server, opened(engine, url=server.url, seconds=5.0) as indexer:
        with pytest.raises(error):
            await ask(indexer, "many 1")


async def test_a_plugin_list_that_is_none_is_broken(engine: QBittorrent) -> None:
    def answer(request: Request) -> Answer:
        if "auth" in request.path:
            return Answer(b"Ok.")
        return Answer(b"2.8.19" if "ersion" in request.path else b'[{"name": "x"}]')

    async with serve(answer) as server, opened(engine, url=server.url, seconds=5.0) as indexer:
        with pytest.raises(IndexerBroken):
            await ask(indexer, "many 1")
