"""The whole way with each of the three engines: a real torrent, from a real peer, found through a real tracker."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import media_kit
from tests.chats import archived, becomes, last_post, new_posts, newcomer, without_free
from tests.engines import Aria2, EngineProcess, QBittorrent
from tests.house import House, labels, open_house, until
from tests.programs import need
from tests.swarm import Made, Peer, Tracker, free_port, make_magnet, make_payload, make_torrent

pytestmark = [pytest.mark.xdist_group("conversation-engines"), pytest.mark.timeout(600)]
ENGINES = {"aria2": Aria2, "qbittorrent": QBittorrent}


class Swarm(NamedTuple):
    """A film with a text beside it, and a box of two files; each has one peer, and one tracker knows of both."""

    film: Made
    box: Made
    tracker: str


@pytest.fixture(scope="module")
def swarm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swarm]:
    need("ffmpeg", "opentracker")
    folder = tmp_path_factory.mktemp("seed")
    film, box = folder / "Shiny Film (2019)", folder / "Caja"
    film.mkdir()
    media_kit.video(film / "Shiny.Film.2019.mp4", seconds=4, size="320x180")
    (film / "read me.txt").write_text("Made for trying.")
    make_payload(box, {"one.bin": 40_000, "two.bin": 50_000})
    with Tracker() as tracker, ExitStack() as peers:
        made = [make_torrent(content, tracker=tracker.url) for content in (film, box)]
        for torrent in made:
            tracker.allow(torrent.infohash)
            peers.enter_context(Peer(torrent.metainfo, folder))
        yield Swarm(made[0], made[1], tracker.url)


@contextmanager
def running(name: str) -> Iterator[EngineProcess | None]:
    """The program behind an engine, if it is one of its own."""
    if name == "embedded":
        yield None
        return
    with ENGINES[name]() as engine:
        yield engine


@asynccontextmanager
async def house_with(
    folder: Path, name: str, engine: EngineProcess | None, **more: str
) -> AsyncIterator[House]:
    settings = more | {
        "DOWNLOADER": name,
        "ALLOW_PRIVATE_ADDRESSES": "true",
        "TORZNAB_URLS": "",
        "OPEN_ACCESS": "true",
    }
    if isinstance(engine, Aria2):
        settings |= {"ARIA2_URL": engine.url, "ARIA2_SECRET": engine.secret}
    if isinstance(engine, QBittorrent):
        settings |= {"QBITTORRENT_URL": engine.url, "QBITTORRENT_PASSWORD": engine.password}
    async with open_house(folder, **settings) as house:
        await house.start_bot()
        yield house


@pytest.mark.parametrize("name", ["embedded", "aria2", "qbittorrent"])
async def test_the_whole_way(tmp_path: Path, swarm: Swarm, name: str) -> None:
    with running(name) as engine:
        async with house_with(tmp_path, name, engine) as house:
            await _order_the_film(house, swarm.film.metainfo)
            await _order_one_file_by_magnet(house, make_magnet(swarm.box, tracker=swarm.tracker))
            assert f"choice={name}" in house.bots[0].text()
            await until(lambda: _is_tidy(house, engine), "something of ours was left behind")


async def test_an_engine_that_is_down_is_passed_over(tmp_path: Path, swarm: Swarm) -> None:
    settings = {"ARIA2_URL": f"http://127.0.0.1:{free_port()}/jsonrpc"}
    async with house_with(tmp_path, "auto", None, **settings) as house:
        bot = house.bots[0]
        await _order_the_film(house, swarm.film.metainfo)
        said = bot.text()
        assert "configured=['aria2', 'embedded', 'telegram']" in said
        assert "engine=aria2" in said


async def test_a_named_engine_that_is_down_is_waited_for(tmp_path: Path, swarm: Swarm) -> None:
    """The owner wants this one: the Card says what it waits for, and goes on when the engine is back."""
    with Aria2() as engine:
        engine.kill()
        async with house_with(tmp_path, "aria2", engine) as house:
            blas = await newcomer(house, "es", "Blas")
            sent = await blas.send("film.torrent", swarm.film.metainfo)
            waiting = "El motor de descargas no responde. Seguiré en cuanto vuelva."
            card = await blas.wait(contains=waiting, after=sent["message_id"])
            assert labels(card) == ["Cancelar"]
            engine.start()
            await blas.press(await becomes(blas, card, button="Empezar"), "Empezar")
            await becomes(blas, card, "está en el archivo")


async def _order_the_film(house: House, metainfo: bytes) -> None:
    person = await newcomer(house)
    done = await archived(person, metainfo)
    assert done["text"] == "✅ Shiny Film (2019) is in the archive."
    assert labels(done) == ["Open the post", "Get it here"]
    film, *previews, text = await house.ada.messages(house.channel)
    assert (film["video"]["duration"], film["video"]["width"]) == (4, 320)
    assert film["caption"].startswith("Shiny Film")
    assert "#video" in film["caption"]
    assert text["document"]["file_name"] == "read me.txt"
    assert {kind for preview in previews for kind in ("photo", "video") if kind in preview} == {
        "photo",
        "video",
    }
    assert all(post["reply_to_message"]["message_id"] == film["message_id"] for post in (text, *previews))


async def _order_one_file_by_magnet(house: House, magnet: str) -> None:
    """A magnet is asked for its files before anything is fetched; only what is chosen comes."""
    blas = await newcomer(house, "es", "Blas")
    before = await last_post(house)
    said = await blas.say(magnet)
    card = await blas.wait(button="Empezar", after=said["message_id"])
    assert without_free(card) == "📄 Caja · 2 de 2 archivos · 87,9 KB · hay sitio en el disco · 2 partes"
    await blas.press(card, "☑ one.bin · 39,1 KB")
    await blas.press(await becomes(blas, card, "1 de 2 archivos"), "Empezar")
    await becomes(blas, card, "✅ two está en el archivo.")
    (post,) = await new_posts(house, before)
    assert (post["document"]["file_name"], post["document"]["file_size"]) == ("two.bin", 50_000)


async def _is_tidy(house: House, engine: EngineProcess | None) -> bool:
    """What was fetched goes when it is archived, from the disk and from the engine."""
    if any(path.is_file() for path in (house.folder / "data" / "downloads").rglob("*")):
        return False
    if isinstance(engine, QBittorrent):
        return not engine.client.torrents_info()
    return engine is None or engine.state() == []
