"""Torrents, links and files that are strange in themselves: a clear card each, or handled, and nothing is left behind."""

import random
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import libtorrent as lt
import pytest
import pytest_asyncio

from tests import media_kit
from tests.chats import (
    answer_to,
    archived,
    becomes,
    choose,
    house_for_all,
    last_post,
    leaves_nothing,
    new_posts,
    newcomer,
    send_torrent,
)
from tests.house import House, Message, Person
from tests.loopback import Answer, Request, Server, serve
from tests.swarm import WebSeed, make_payload, make_torrent
from tests.torrents import file, several, torrent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("conversation-bad-files"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
each = pytest_asyncio.fixture(loop_scope="module")

TOO_MANY = {
    "en": "There are more than 20,000 files in this torrent, and that is more than I can handle.",
    "es": "Este torrent tiene más de 20.000 archivos, y son más de los que puedo manejar.",
}
SAME = {
    "en": "Two files in this .torrent have the same name, or differ only in upper and lower case.",
    "es": "Dos archivos de este .torrent se llaman igual o solo se distinguen en mayúsculas y minúsculas.",
}
ENDLESS = {
    "en": "The server did not say how much it would send, and did not stop when I had no more room for it.",
    "es": "El servidor no dijo cuánto iba a enviar, y no paró cuando ya no me quedaba sitio para ello.",
}
START = {"en": "Start", "es": "Empezar"}
DISCARD = {"en": ("Discard", "Yes, give it up"), "es": ("Descartar", "Sí, dejarlo")}
EMPTY_LINK = {
    "en": "There is nothing behind this link: the file is empty.",
    "es": "No hay nada tras este enlace: el archivo está vacío.",
}
languages = pytest.mark.parametrize("language", ["en", "es"])


@once
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Links may have 4 MB."""
    async with house_for_all(tmp_path_factory.mktemp("house"), LINK_LIMIT_MB="4") as opened:
        yield opened


class Site:
    """A web server for links; a test says what it answers."""

    def __init__(self) -> None:
        self.answer: Callable[[Request], Answer] = lambda _: Answer(status=404)
        self.server = Server("", 0)

    def __call__(self, request: Request) -> Answer:
        return self.answer(request)

    def says(self, answer: Answer) -> str:
        self.answer = lambda _: answer
        return f"{self.server.url}/thing.bin"


@each
async def site() -> AsyncIterator[Site]:
    site = Site()
    async with serve(site) as server:
        site.server = server
        yield site


# Torrents


@languages
async def test_a_torrent_of_a_hundred_thousand_files(house: House, language: str) -> None:
    info = several(*(file(b"%d" % number, length=1) for number in range(100_000)))
    person = await newcomer(house, language)
    async with leaves_nothing(house):
        card = await send_torrent(person, torrent(info))
    assert card["text"] == TOO_MANY[language]


@languages
@pytest.mark.parametrize(
    "info",
    [
        pytest.param(several(file(b"a.txt"), file(b"a.txt")), id="the same"),
        pytest.param(several(file(b"A.txt"), file(b"a.txt")), id="but for the case"),
        pytest.param(several(file(b"a"), file(b"A", b"b")), id="a file that is a folder"),
    ],
)
async def test_a_torrent_whose_names_meet(house: House, info: dict[bytes, object], language: str) -> None:
    person = await newcomer(house, language)
    async with leaves_nothing(house):
        card = await send_torrent(person, torrent(info))  # type: ignore[arg-type]
    assert card["text"].startswith(SAME[language])


async def test_a_torrent_nested_without_end(house: House) -> None:
    async with leaves_nothing(house):
        card = await send_torrent(await newcomer(house), b"d4:info" + b"d1:a" * 100_000)
    assert card["text"] == "This .torrent file is damaged or incomplete."


async def test_a_torrent_that_contains_itself(house: House, seed: WebSeed) -> None:
    """A folder in a folder of the same name, and in it the very .torrent that is sent."""
    box = make_payload(seed.folder / "Box", {"Box/Box": 20_000, "Box.torrent": 300})
    person, before = await newcomer(house), await last_post(house)
    done = await archived(person, make_torrent(box, web_seed=seed.url).metainfo)
    assert done["text"] == "✅ Box is in the archive."
    assert {name(post) for post in await new_posts(house, before)} == {"Box", "Box.torrent"}


async def test_names_that_are_devices_elsewhere(house: House, seed: WebSeed) -> None:
    names = {"CON", "NUL", "aux.txt", "COM1"}
    box = make_payload(seed.folder / "Odd", dict.fromkeys(names, 5000))
    person, before = await newcomer(house), await last_post(house)
    await archived(person, make_torrent(box, web_seed=seed.url).metainfo)
    assert {name(post) for post in await new_posts(house, before)} == names


async def test_a_hybrid_torrent(house: House, seed: WebSeed) -> None:
    """Its two versions name the same files, and it is one torrent."""
    box = make_payload(seed.folder / "Both", {"a.bin": 40_000, "b.bin": 20_000})
    person, before = await newcomer(house), await last_post(house)
    await archived(person, both_versions(box, seed.url))
    posts = await new_posts(house, before)
    assert {(name(post), post["document"]["file_size"]) for post in posts} == {
        ("a.bin", 40_000),
        ("b.bin", 20_000),
    }


def both_versions(content: Path, web_seed: str) -> bytes:
    creator = lt.create_torrent(lt.list_files(str(content)), 16 * 1024)
    creator.add_url_seed(web_seed)
    lt.set_piece_hashes(creator, str(content.parent))
    return bytes(lt.bencode(creator.generate()))


# Links


@languages
async def test_a_link_without_length_or_end(house: House, site: Site, language: str) -> None:
    link = site.says(Answer(b"x" * 65_536, endless=True))
    person = await newcomer(house, language)
    async with leaves_nothing(house):
        card = await becomes(person, await answer_to(person, link), button=START[language])
        await person.press(card, START[language])
        await becomes(person, card, ENDLESS[language])
        assert parts(house) == []
        await discard(person, card, *DISCARD[language])


@languages
async def test_a_link_to_nothing(house: House, site: Site, language: str) -> None:
    link = site.says(Answer(b""))
    person = await newcomer(house, language)
    async with leaves_nothing(house):
        await becomes(person, await answer_to(person, link), EMPTY_LINK[language])


async def test_a_link_whose_file_is_emptied_before_it_is_fetched(house: House, site: Site) -> None:
    link = site.says(Answer(b"x" * 65_536, endless=True))
    person = await newcomer(house)
    async with leaves_nothing(house):
        card = await becomes(person, await answer_to(person, link), button="Start")
        site.says(Answer(b""))
        await person.press(card, "Start")
        failed = await becomes(person, card, EMPTY_LINK["en"])
        assert "Nothing was fetched yet." in failed["text"]
        assert parts(house) == []
        await discard(person, card, *DISCARD["en"])


async def test_a_server_that_names_a_place_instead_of_a_file(
    house: House, site: Site, tmp_path: Path
) -> None:
    picture = media_kit.image(tmp_path / "p.png", size=(320, 200)).read_bytes()
    hostile = "attachment; filename=\"../../../etc/cron.d/x\"; filename*=idna''..%2F..%2FShiny%20Stone.png"
    link = site.says(Answer(picture, headers={"Content-Disposition": hostile, "Content-Type": "image/png"}))
    person, before = await newcomer(house), await last_post(house)
    card = await becomes(person, await answer_to(person, link), button="Start")
    assert card["text"].startswith("📄 Shiny Stone.png")
    await person.press(card, "Start")
    await becomes(person, card, "✅ Shiny Stone is in the archive.")
    post, shown = await new_posts(house, before)
    assert post["document"]["file_name"].endswith("Shiny Stone.png")
    assert "photo" in shown


async def test_a_file_that_changes_while_it_is_fetched(house: House, site: Site) -> None:
    """The server breaks off, and goes on with another version: what arrives is one of them, never half and half."""
    old, new = (random.Random(seed).randbytes(300_000) for seed in (1, 2))
    asked: list[str] = []

    def answer(request: Request) -> Answer:
        wanted = request.headers.get("range", "")
        asked.append(wanted)
        if wanted == "bytes=0-0" or not any(re.fullmatch(r"bytes=[1-9]\d*-", one) for one in asked):
            return Answer(old[:100_000], headers={"ETag": '"old"', "Content-Length": "300000"})
        if match := re.fullmatch(r"bytes=([1-9]\d*)-", wanted):
            part = f"bytes {match[1]}-299999/300000"
            return Answer(new[int(match[1]) :], 206, {"ETag": '"new"', "Content-Range": part})
        return Answer(new, headers={"ETag": '"new"'})

    site.answer = answer
    person, before = await newcomer(house), await last_post(house)
    card = await becomes(person, await answer_to(person, f"{site.server.url}/noise.bin"), button="Start")
    await person.press(card, "Start")
    await becomes(person, card, "✅ noise is in the archive.")
    (post,) = await new_posts(house, before)
    assert await content_of(house, post) == new


# Empty files


async def test_an_empty_file_is_left_out(house: House, seed: WebSeed) -> None:
    """It was not chosen by itself; whoever chooses it all the same is told, and it is not kept as too large."""
    box = make_payload(seed.folder / "Box2", {"nothing.txt": 0, "some.bin": 30_000})
    person, before = await newcomer(house, "es"), await last_post(house)
    sent = await person.send("some.torrent", make_torrent(box, web_seed=seed.url).metainfo)
    card = await person.wait(button="Empezar", after=sent["message_id"])
    assert "1 de 2" in card["text"]
    await person.press(card, "Todo")
    card = await becomes(person, card, "2 de 2")
    async with leaves_nothing(house, posts=1):
        await person.press(card, "Empezar")
        done = await becomes(person, card, "está en el archivo")
    assert "∅ nothing.txt está vacío, así que no había nada que archivar." in done["text"]
    assert "💾" not in done["text"]
    assert [name(post) for post in await new_posts(house, before)] == ["some.bin"]


async def test_nothing_but_an_empty_file_is_chosen(house: House, seed: WebSeed) -> None:
    box = make_payload(seed.folder / "Box3", {"nothing.txt": 0, "some.bin": 30_000})
    person = await newcomer(house)
    async with leaves_nothing(house):
        card = await choose(person, make_torrent(box, web_seed=seed.url).metainfo)
        await person.press(card, "None")
        await becomes(person, card, "0 of 2")
        await person.press(card, "☐ nothing.txt · 0 B")
        card = await becomes(person, card, "1 of 2")
        await person.press(card, "Start")
        await becomes(person, card, "The chosen files are empty, so there is nothing to archive.")


def parts(house: House) -> list[Path]:
    """What lies on the bot's disk of links that were not fetched to their end."""
    return list((house.folder / "data" / "downloads").rglob("*.part"))


async def discard(person: Person, card: Message, label: str, sure: str) -> None:
    await person.press(card, label)
    await person.press(await becomes(person, card, button=sure), sure)


def name(post: Message) -> str:
    return str(post["document"]["file_name"])


async def content_of(house: House, post: Message) -> bytes:
    """The bytes of a post, as whoever sees it gets them."""
    found = await house.http.get(f"/api/files/{post['document']['file_id']}")
    return found.raise_for_status().content
