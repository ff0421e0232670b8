"""Torrents, magnets and links: what is in them is shown, chosen, fetched, and archived as what it is."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

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
    start,
    without_free,
)
from tests.house import House, Message, Person, labels, until
from tests.loopback import Answer, Server, serve
from tests.programs import need
from tests.swarm import Peer, Tracker, WebSeed, make_magnet, make_payload, make_torrent
from tests.torrents import file, several, torrent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("conversation-sources"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
each = pytest_asyncio.fixture(loop_scope="module")
MIB = 1024 * 1024


@once
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house_for_all(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@dataclass
class Site:
    """A web server for links: what it says at each path, which a test may change."""

    server: Server
    answers: dict[str, Answer]

    def link(self, name: str, answer: Answer) -> str:
        self.answers[f"/{name}"] = answer
        return f"{self.server.url}/{name}"


@each
async def site() -> AsyncIterator[Site]:
    answers: dict[str, Answer] = {}
    async with serve(lambda request: answers.get(request.path, Answer(status=404))) as server:
        yield Site(server, answers)


# What is sent without a command, with one, and with one alone


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Send me a magnet, an http(s) link, a link to a message or a file: /add magnet:?xt=…"),
        (
            "es",
            "Envíame un magnet, un enlace http(s), un enlace a un mensaje o un archivo: /add magnet:?xt=…",
        ),
    ],
)
async def test_add_alone_says_what_it_needs(house: House, language: str, words: str) -> None:
    assert (await answer_to(await newcomer(house, language), "/add"))["text"] == words


@pytest.mark.parametrize("text", ["hello there", "/add big buck bunny"])
async def test_words_that_are_no_source(house: House, text: str) -> None:
    card = await answer_to(await newcomer(house), text)
    assert card["text"].startswith("I do not know what to do with this.")


async def test_a_file_that_is_no_torrent(house: House) -> None:
    person = await newcomer(house, "es")
    sent = await person.send("notes.txt", b"some notes")
    card = await person.wait(button="Empezar", after=sent["message_id"])
    assert card["text"].startswith("📄 notes.txt")


@pytest.mark.parametrize(("prefix", "height"), [("", 200), ("/add ", 240)])
async def test_a_link_is_fetched_and_archived(
    house: House, site: Site, tmp_path: Path, prefix: str, height: int
) -> None:
    picture = media_kit.image(tmp_path / "p.png", size=(320, height)).read_bytes()
    link = site.link("Shiny%20Stone.png", Answer(picture, headers={"Content-Type": "image/png"}))
    person, before = await newcomer(house), await last_post(house)
    card = await answer_to(person, f"{prefix}{link}")
    card = await becomes(person, card, button="Start")
    assert card["text"].startswith("📄 Shiny Stone.png · 1 of 1 file · ")
    await person.press(card, "Start")
    await becomes(person, card, "✅ Shiny Stone is in the archive.")
    post, shown = await new_posts(house, before)
    kept = await house.http.get(f"/api/files/{post['document']['file_id']}")
    assert kept.content == picture
    assert (shown["photo"][-1]["width"], shown["photo"][-1]["height"]) == (320, height)
    assert shown["reply_to_message"]["message_id"] == post["message_id"]


async def test_a_link_to_a_torrent_shows_its_files(house: House, site: Site) -> None:
    info = several(file(b"one.mkv"), file(b"two.mkv"))
    link = site.link("get", Answer(torrent(info), headers={"Content-Type": "application/x-bittorrent"}))
    person = await newcomer(house)
    card = await becomes(person, await answer_to(person, link), button="Start")
    assert card["text"].startswith("📄 films · 2 of 2 files")
    await person.press(card, "Cancel")
    await becomes(person, card, "was cancelled")


# Links that lie


@pytest.mark.parametrize("more", [Answer(b"x" * 1000), Answer(b"x" * 65_536, endless=True)])
async def test_a_link_that_sends_more_than_it_said(house: House, site: Site, more: Answer) -> None:
    """At first the server speaks of ten bytes; when it is asked for them it comes with more, or does not end."""
    link = site.link("small.bin", Answer(b"x" * 10))
    person = await newcomer(house, "es")
    async with leaves_nothing(house):
        card = await becomes(person, await answer_to(person, link), button="Empezar")
        assert "10 B" in card["text"]
        site.link("small.bin", more)
        await person.press(card, "Empezar")
        failed = await becomes(person, card, "no salió bien")
        assert "El servidor envió algo distinto de lo anunciado, así que paré." in failed["text"]
        await _discard(person, card, "Descartar", "Sí, dejarlo")


async def test_a_link_that_answers_an_error_page(house: House, site: Site) -> None:
    async def try_it(status: int) -> None:
        page = Answer(b"<html><h1>Sorry</h1></html>", status, {"Content-Type": "text/html"})
        person = await newcomer(house)
        card = await answer_to(person, site.link(f"film{status}.mkv", page))
        failed = await becomes(person, card, "did not work out")
        assert "The server behind this link answers with an error instead of the file." in failed["text"]
        assert "Nothing was fetched yet." in failed["text"]
        assert labels(failed) == ["Retry", "Discard", "Details"]
        await _discard(person, card, "Discard", "Yes, give it up")

    async with leaves_nothing(house):
        await asyncio.gather(*(try_it(status) for status in (401, 403, 404, 410, 500, 503)))


async def test_a_link_that_answers_an_error_page_only_when_it_is_fetched(house: House, site: Site) -> None:
    """Retry fetches it, once the server has come to its senses."""
    whole = Answer(b"some words, no more", headers={"Content-Type": "application/octet-stream"})
    link = site.link("words.bin", whole)
    person = await newcomer(house)
    card = await becomes(person, await answer_to(person, link), button="Start")
    site.link("words.bin", Answer(b"<html>gone</html>", 410))
    await person.press(card, "Start")
    await becomes(person, card, "The server behind this link answers with an error instead of the file.")
    site.link("words.bin", whole)
    await person.press(card, "Retry")
    await becomes(person, card, "✅ words is in the archive.")


async def test_a_link_in_circles(house: House, site: Site) -> None:
    link = site.link("round", Answer(status=302, headers={"Location": "/round"}))
    person = await newcomer(house, "es")
    card = await becomes(person, await answer_to(person, link), "Este enlace da vueltas en círculo.")
    assert labels(card) == ["Reintentar", "Descartar", "Detalles"]


async def test_a_server_that_does_not_answer(house: House, site: Site) -> None:
    person = await newcomer(house)
    card = await answer_to(person, site.link("dropped", Answer(dropped=True)))
    await becomes(person, card, "The server behind this link does not answer.")


# Media that are not what their names say


async def test_a_text_that_calls_itself_a_film_is_archived_as_a_document(house: House, seed: WebSeed) -> None:
    (seed.folder / "film.mkv").write_bytes(b"#!/bin/sh\necho no film at all\n" * 50)
    post = await _only_post(house, seed, "film.mkv")
    assert post["document"]["file_name"] == "film.mkv"
    assert "#document" in post["caption"]


@pytest.mark.parametrize(
    ("language", "start", "told"),
    [
        ("en", "Start", "is in the archive.\n⚠ {} is not what its name says: it is kept as a document."),
        ("es", "Empezar", "está en el archivo.\n⚠ {} no es lo que dice su nombre: se guarda como documento."),
    ],
)
async def test_who_ordered_a_link_is_told_that_it_is_not_what_its_name_says(
    house: House, site: Site, language: str, start: str, told: str
) -> None:
    name = f"pic-{language}.jpg"
    link = site.link(name, Answer(b"rubbish in " + language.encode(), headers={"Content-Type": "image/jpeg"}))
    person = await newcomer(house, language)
    card = await becomes(person, await answer_to(person, link), button=start)
    await person.press(card, start)
    await becomes(person, card, told.format(name))


async def test_a_picture_that_calls_itself_music_is_archived_as_a_picture(
    house: House, seed: WebSeed
) -> None:
    media_kit.image(seed.folder / "x.png", size=(360, 200)).rename(seed.folder / "song.mp3")
    post, shown = await _posts(house, seed, "song.mp3")
    assert post["document"]["file_name"] == "song.mp3"
    assert "#image" in post["caption"]
    assert "photo" in shown


async def test_pictures_that_telegram_takes_for_no_photos_are_archived_as_they_are(
    house: House, seed: WebSeed
) -> None:
    """A panorama is too long for a photo, and a GIF would become an animation."""
    media_kit.image(seed.folder / "panorama.jpg", size=(10_500, 120))
    media_kit.animated_gif(seed.folder / "moving.gif")
    for name in ("panorama.jpg", "moving.gif"):
        post, shown = await _posts(house, seed, name)
        assert "animation" not in post
        kept = await house.http.get(f"/api/files/{post['document']['file_id']}")
        assert kept.content == (seed.folder / name).read_bytes()
        assert "photo" in shown


async def test_a_preview_that_telegram_refuses_costs_the_preview_only(house: House, seed: WebSeed) -> None:
    media_kit.image(seed.folder / "view.png", size=(340, 200))
    person, before = await newcomer(house), await last_post(house)
    await house.fault(method="editMessageMedia", action="delay", seconds=0)
    await house.fault(
        method="editMessageMedia", action="error", description="Bad Request: IMAGE_PROCESS_FAILED"
    )
    done = await archived(person, make_torrent(seed.folder / "view.png", web_seed=seed.url).metainfo)
    assert done["text"] == "✅ view is in the archive.\nNot every preview of one file could be made."
    (post,) = await new_posts(house, before)
    assert post["document"]["file_name"] == "view.png"


async def test_a_file_that_telegram_finds_too_large_is_kept_on_the_disk(house: House, seed: WebSeed) -> None:
    """Its server may have a limit of its own. What is too large for it is not sent again and again."""
    (seed.folder / "large.bin").write_bytes(b"rather large")
    person, before = await newcomer(house), await last_post(house)
    await house.fault(
        method="editMessageMedia", action="error", error_code=413, description="Request Entity Too Large"
    )
    done = await archived(person, make_torrent(seed.folder / "large.bin", web_seed=seed.url).metainfo)
    assert "large.bin is too large for this way into Telegram. It is kept safe on the disk." in done["text"]
    assert await new_posts(house, before) == []
    (kept,) = (house.folder / "data" / "store").rglob("*-large.bin")
    assert kept.read_bytes() == b"rather large"


async def test_a_film_that_breaks_off_costs_a_preview_only(house: House, seed: WebSeed) -> None:
    """Its first pictures can be shown, a clip cannot be cut out of the rest."""
    need("ffmpeg")
    film = media_kit.video(seed.folder / "Broken.mp4", seconds=4, size="320x180", sound=False)
    _garble(film, kept=0.1)
    person, before = await newcomer(house), await last_post(house)
    done = await archived(person, make_torrent(film, web_seed=seed.url).metainfo)
    assert done["text"] == "✅ Broken is in the archive.\nNot every preview of one file could be made."
    post, sheet = await new_posts(house, before)
    assert "#video" in post["caption"]
    assert (sheet["caption"], "photo" in sheet) == ("Broken · at a glance", True)


async def test_html_in_names_is_only_letters_in_the_post(house: House, seed: WebSeed) -> None:
    name = "<b>Tom & Jerry<i> &amp; co.bin"
    (seed.folder / name).write_bytes(b"plain")
    post = await _only_post(house, seed, name)
    assert post["caption"].startswith("<b>Tom & Jerry<i> &amp; co\n")
    assert {entity["type"] for entity in post["caption_entities"]} == {"bold", "hashtag"}


# The file list


async def test_the_chosen_file_alone_is_archived(house: House, seed: WebSeed) -> None:
    make_payload(seed.folder / "Box", {"first.bin": 20_000, "film.mkv": 30_000, "third.bin": 40_000})
    made = make_torrent(seed.folder / "Box", web_seed=seed.url)
    person, before = await newcomer(house), await last_post(house)
    card = await choose(person, made.metainfo)
    assert without_free(card) == "📄 Box · 3 of 3 files · 87.9 KB · disk OK · 3 parts"
    assert labels(card) == [
        *("☑ film.mkv · 29.3 KB", "☑ first.bin · 19.5 KB", "☑ third.bin · 39.1 KB"),
        *("All", "None", "Video only", "Pattern …", "Start", "Cancel"),
    ]
    await person.press(card, "None")
    card = await becomes(person, card, "0 of 3 files · 0 B")
    toast = await person.press(card, "Start")
    assert (toast["text"], toast["show_alert"]) == ("Choose at least one file.", True)
    await person.press(card, "Video only")
    card = await becomes(person, card, "1 of 3 files · 29.3 KB")
    await person.press(card, "☐ third.bin · 39.1 KB")
    card = await becomes(person, card, "2 of 3 files")
    await person.press(card, "☑ film.mkv · 29.3 KB")
    card = await becomes(person, card, "1 of 3 files · 39.1 KB")
    await person.press(card, "Start")
    await becomes(person, card, "✅ third is in the archive.")
    (post,) = await new_posts(house, before)
    assert (post["document"]["file_name"], post["document"]["file_size"]) == ("third.bin", 40_000)
    assert not any("film" in asked.path for asked in seed.log)


async def test_a_long_list_is_shown_in_pages(house: House) -> None:
    person = await newcomer(house, "es")
    info = several(*(file(b"part %02d.bin" % number) for number in range(1, 19)), name=b"Caja")
    card = await choose_in_spanish(person, torrent(info))
    assert without_free(card) == "📄 Caja · 18 de 18 archivos · 17,6 KB · hay sitio en el disco · 18 partes"
    assert labels(card)[:8] == [f"☑ part {number:02}.bin · 1000 B" for number in range(1, 9)]
    assert labels(card)[8:] == [
        "◀",
        "1/3",
        "▶",
        "Todo",
        "Nada",
        "Solo vídeo",
        "Patrón …",
        "Empezar",
        "Cancelar",
    ]
    await person.press(card, "▶")
    card = await becomes(person, card, button="2/3")
    await person.press(card, "☑ part 10.bin · 1000 B")
    card = await becomes(person, card, "17 de 18 archivos")
    await person.press(card, "▶")
    card = await becomes(person, card, button="3/3")
    assert labels(card)[:2] == ["☑ part 17.bin · 1000 B", "☑ part 18.bin · 1000 B"]
    await person.press(card, "Cancelar")
    await becomes(person, card, "Caja se canceló")


async def test_what_is_too_large_for_telegram_stays_on_the_disk(house: House, seed: WebSeed) -> None:
    with (seed.folder / "huge.bin").open("wb") as huge:
        huge.truncate(51 * MIB)
    made = make_torrent(seed.folder / "huge.bin", web_seed=seed.url, piece_size=MIB)
    person, before = await newcomer(house), await last_post(house)
    done = await archived(person, made.metainfo)
    assert done["text"] == (
        "✅ huge is in the archive.\n"
        "💾 huge.bin is too large for this way into Telegram. It is kept safe on the disk."
    )
    assert labels(done) == []
    assert await new_posts(house, before) == []
    (kept,) = (house.folder / "data" / "store").rglob("*huge.bin")
    assert kept.stat().st_size == 51 * MIB

    async def is_gone() -> bool:
        return not any((house.folder / "data" / "downloads").rglob("huge.bin"))

    await until(is_gone, "the fetched file is kept twice")
    assert kept.stat().st_nlink == 1


# One thing, ordered more than once


async def test_start_pressed_twice_is_one_download_and_one_post(house: House, seed: WebSeed) -> None:
    make_payload(seed.folder, {"twice.bin": 100_000})
    made = make_torrent(seed.folder / "twice.bin", web_seed=seed.url)
    person, before = await newcomer(house), await last_post(house)
    card = await choose(person, made.metainfo)
    data = next(
        button["callback_data"]
        for row in card["reply_markup"]["inline_keyboard"]
        for button in row
        if button["text"] == "Start"
    )
    toasts = await asyncio.gather(*(person.press(card, data=data) for _ in range(3)))
    assert all(toast["answered"] for toast in toasts)
    await becomes(person, card, "is in the archive")
    late = await person.press(card, data=data)
    assert late["text"] == "This button is too old. Please use the newest message."
    (post,) = await new_posts(house, before)
    calls = [call for call in await house.record(house.channel) if call["message_id"] == post["message_id"]]
    assert [call["method"] for call in calls] == ["sendMessage", "editMessageMedia"]


async def test_two_members_share_one_download(house: House, seed: WebSeed) -> None:
    """One gives up, the other gets it all the same; and nobody is asked for it twice."""
    make_payload(seed.folder, {"shared.bin": 400_000})
    made = make_torrent(seed.folder / "shared.bin", web_seed=seed.url)
    seed.rate = 40_000
    cleo, blas = await newcomer(house), await newcomer(house, "es", "Blas")
    async with leaves_nothing(house, posts=1):
        hers = await start(cleo, made.metainfo)
        await becomes(cleo, hers, "%")
        his = await choose_in_spanish(blas, made.metainfo)
        await blas.press(his, "Empezar")
        await becomes(blas, his, "%")
        jobs = [path.parent.name for path in (house.folder / "data" / "downloads").rglob("shared.bin")]
        assert jobs == [made.infohash]
        await cleo.press(hers, "Cancel")
        await cleo.press(await becomes(cleo, hers, button="Yes"), "Yes, give it up")
        await becomes(cleo, hers, "was cancelled")
        seed.rate = None
        await becomes(blas, his, "✅ shared está en el archivo.")


async def test_the_same_torrent_again_may_come_from_elsewhere(house: House, tmp_path: Path) -> None:
    """The web seed of the first .torrent is gone; the second one names another."""
    work = make_payload(tmp_path / "web", {"moved.bin": 100_000}) / "moved.bin"
    person = await newcomer(house)
    async with leaves_nothing(house):
        with WebSeed(work.parent) as gone:
            card = await choose(person, make_torrent(work, web_seed=gone.url).metainfo)
        await person.press(card, "Cancel")
        await becomes(person, card, "was cancelled")
    with WebSeed(work.parent) as seed:
        await archived(person, make_torrent(work, web_seed=seed.url).metainfo)


# Magnets


async def test_a_magnet_finds_its_files_through_a_tracker(house: House, tmp_path: Path) -> None:
    need("opentracker")
    content = make_payload(tmp_path / "seed" / "Magnetic", {"a.bin": 50_000, "b.bin": 60_000})
    with Tracker() as tracker:
        made = make_torrent(content, tracker=tracker.url)
        tracker.allow(made.infohash)
        with Peer(made.metainfo, content.parent):
            person, before = await newcomer(house), await last_post(house)
            card = await answer_to(person, make_magnet(made, tracker=tracker.url))
            card = await becomes(person, card, button="Start")
            assert without_free(card) == "📄 Magnetic · 2 of 2 files · 107 KB · disk OK · 2 parts"
            await person.press(card, "Start")
            await becomes(person, card, "✅ Magnetic is in the archive.")
    assert [post["document"]["file_size"] for post in await new_posts(house, before)] == [60_000, 50_000]


async def test_a_magnet_that_nobody_has_can_be_given_up_while_it_is_read(house: House) -> None:
    person = await newcomer(house)
    async with leaves_nothing(house):
        card = await answer_to(person, f"magnet:?xt=urn:btih:{'ab' * 20}&dn=Lost+and+gone")
        assert card["text"] == "📄 Lost and gone\nReading the file list …"
        await person.press(card, "Cancel")
        cancelled = await becomes(person, card, "was cancelled")
        assert cancelled["text"] == "✖ Lost and gone was cancelled. Nothing was kept."
        assert labels(cancelled) == []


async def choose_in_spanish(person: Person, metainfo: bytes) -> Message:
    sent = await person.send("algo.torrent", metainfo)
    return await person.wait(button="Empezar", after=sent["message_id"])


async def _only_post(house: House, seed: WebSeed, name: str) -> Message:
    (post,) = await _posts(house, seed, name)
    return post


async def _posts(house: House, seed: WebSeed, name: str) -> list[Message]:
    """What the only file of a torrent comes to."""
    person, before = await newcomer(house), await last_post(house)
    made = make_torrent(seed.folder / name, web_seed=seed.url)
    await archived(person, made.metainfo)
    return await new_posts(house, before)


async def _discard(person: Person, card: Message, key: str, yes: str) -> None:
    await person.press(await becomes(person, card, button=key), key)
    await person.press(await becomes(person, card, button=yes), yes)
    await becomes(person, card, "cancel")


def _garble(film: Path, kept: float) -> None:
    """Overwrites what is shown in an MP4 behind this share of it, not what describes it."""
    data = bytearray(film.read_bytes())
    start = data.index(b"mdat") + 4
    end = start - 8 + int.from_bytes(data[start - 8 : start - 4], "big")
    start += int((end - start) * kept)
    data[start:end] = random.Random(1).randbytes(end - start)
    film.write_bytes(data)
