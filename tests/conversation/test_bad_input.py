"""What strangers send on purpose or by mistake: a clear card in their language each, and nothing is left behind."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from tests.chats import (
    answer_to,
    becomes,
    choose,
    leaves_nothing,
    newcomer,
    send_torrent,
    start,
    without_free,
)
from tests.house import ROOT, House, Message, Person, labels, open_house
from tests.indexers import CAPS, item, results
from tests.loopback import Answer, Request, Server, serve
from tests.swarm import Made, WebSeed, make_payload, make_torrent
from tests.torrents import file, several, single, torrent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("conversation-bad-input"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
each = pytest_asyncio.fixture(loop_scope="module")

DAMAGED_MAGNET = {
    "en": "This magnet link is damaged: there is no valid infohash in it.",
    "es": "Este enlace magnet está dañado: no contiene un infohash válido.",
}
DAMAGED = "This .torrent file is damaged or incomplete."
UNSAFE = {
    "en": "This .torrent has file names that are not safe, so I do not touch it.",
    "es": "Este .torrent tiene nombres de archivo peligrosos, así que no lo toco.",
}
PRIVATE = {
    "en": "This link points into a private network, and I do not go there.",
    "es": "Este enlace apunta a una red privada, y ahí no entro.",
}
STALE = "This button is too old. Please use the newest message."
LOOKS_PUBLIC = "files.example.org"
"""A name that DNS gives a private address."""
INFOHASH = "0123456789abcdef0123456789abcdef01234567"
HTML_NAME = '<b>Tom & Jerry<i> &amp; "co" <a href=x>.bin'


class Inside(NamedTuple):
    """A server in the private network whose files torrents name; nobody may be made to ask it."""

    seed: WebSeed
    torrent: Made
    other: Made


@once
async def inside(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Inside]:
    folder = tmp_path_factory.mktemp("inside")
    make_payload(folder, {"secret.png": 50_000, "other.png": 50_000})
    with WebSeed(folder) as seed:
        made = [
            make_torrent(folder / name, tracker=f"{seed.url}announce", web_seed=seed.url)
            for name in ("secret.png", "other.png")
        ]
        yield Inside(seed, made[0], made[1])


@once
async def indexer(inside: Inside) -> AsyncIterator[Server]:
    """The owner's own indexer, which passes on what strangers wrote."""

    def answer(request: Request) -> Answer:
        host = request.headers["host"]
        if request.path == "/there":
            return Answer(status=302, headers={"Location": f"{inside.seed.url}secret.png"})
        if request.path == "/private.torrent":
            return Answer(inside.other.metainfo, headers={"Content-Type": "application/x-bittorrent"})
        if request.query.get("t") == "caps":
            return Answer(CAPS.format(most=100).encode())
        links = {"redirect": "there", "torrent": "private.torrent"}
        return Answer(results([item("A hit", f"http://{host}/{links[request.query['q']]}")]))

    async with serve(answer) as server:
        yield server


@once
async def house(tmp_path_factory: pytest.TempPathFactory, indexer: Server) -> AsyncIterator[House]:
    """Private addresses are refused here, as they are for everybody who did not allow them."""
    folder = tmp_path_factory.mktemp("house")
    settings = {
        "OPEN_ACCESS": "true",
        "TORZNAB_URLS": f"Mine={indexer.url}/api?k=1",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests/hosts'}",
        "TEST_HOSTS": f"{LOOKS_PUBLIC}=127.0.0.1",
    }
    async with open_house(folder, **settings) as opened:
        await opened.start_bot()
        yield opened


@pytest.fixture(autouse=True)
def nobody_asks_inside(inside: Inside) -> Iterator[None]:
    """No test here makes the bot, or an engine of it, ask a server in the private network."""
    yield
    assert inside.seed.log == []


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("magnet", ["magnet:?xt=urn:btih:123", "magnet:?dn=Nothing", f"magnet:{INFOHASH}"])
async def test_a_damaged_magnet(house: House, language: str, magnet: str) -> None:
    person = await newcomer(house, language)
    async with leaves_nothing(house):
        card = await answer_to(person, magnet)
    assert card["text"] == DAMAGED_MAGNET[language]
    assert labels(card) == []


async def test_who_speaks_another_language_is_answered_in_english(house: House) -> None:
    card = await answer_to(await newcomer(house, "fr"), "magnet:?xt=urn:btih:123")
    assert card["text"] == DAMAGED_MAGNET["en"]


async def test_a_magnet_of_the_second_version_only(house: House) -> None:
    card = await answer_to(await newcomer(house, "es"), f"magnet:?xt=urn:btmh:1220{'ab' * 32}&dn=Algo")
    assert card["text"] == "Este enlace magnet es solo de la versión 2, que aún no traigo."


@pytest.mark.parametrize("cut", [lambda whole: whole[:-1], lambda whole: whole[: len(whole) // 2]])
async def test_a_truncated_torrent(house: House, cut: Callable[[bytes], bytes]) -> None:
    person = await newcomer(house)
    async with leaves_nothing(house):
        assert (await send_torrent(person, cut(torrent(single()))))["text"] == DAMAGED


async def test_a_page_that_calls_itself_a_torrent(house: House) -> None:
    card = await send_torrent(await newcomer(house), b"<html><h1>Log in to download</h1></html>")
    assert card["text"] == DAMAGED


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "info",
    [
        pytest.param(several(file(b"..", b"x.mkv")), id="one up"),
        pytest.param(several(file(b"x.mkv"), name=b".."), id="the whole one up"),
        pytest.param(several(file(b"/etc/cron.d/x")), id="absolute"),
        pytest.param(single(b"/etc/cron.d/x"), id="absolute alone"),
        pytest.param(several(file(b"C:\\x.mkv")), id="absolute elsewhere"),
        pytest.param(several(file(b"")), id="empty"),
        pytest.param(single(b""), id="empty alone"),
        pytest.param(single(b"n" * 300), id="over-long"),
        pytest.param(several(file(*[b"n" * 200] * 20)), id="over-long in all"),
        pytest.param(single(b"\xff\xfe.mkv"), id="not UTF-8"),
        pytest.param(single(b"a\x00b.mkv"), id="with a NUL"),
    ],
)
async def test_a_hostile_torrent(house: House, info: dict[bytes, object], language: str) -> None:
    person = await newcomer(house, language)
    async with leaves_nothing(house):
        card = await send_torrent(person, torrent(info))  # type: ignore[arg-type]
    assert card["text"] == UNSAFE[language]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "router.localhost", "2130706433", "127.1", "[::1]"]
)
async def test_a_link_to_a_private_address(house: House, inside: Inside, host: str, language: str) -> None:
    person = await newcomer(house, language)
    async with leaves_nothing(house):
        card = await answer_to(person, f"{inside.seed.url.replace('127.0.0.1', host)}secret.png")
    assert card["text"] == PRIVATE[language]


@pytest.mark.parametrize("language", ["en", "es"])
async def test_a_link_whose_name_leads_to_a_private_address(
    house: House, inside: Inside, language: str
) -> None:
    person = await newcomer(house, language)
    async with leaves_nothing(house):
        card = await answer_to(person, f"{inside.seed.url.replace('127.0.0.1', LOOKS_PUBLIC)}secret.png")
        await becomes(person, card, PRIVATE[language])


async def test_a_hit_that_redirects_to_a_private_address(house: House) -> None:
    """The owner's indexer may stand in a private network; where it sends us may not."""
    person = await newcomer(house, "es")
    async with leaves_nothing(house):
        card = await _hit(person, "redirect")
        failed = await becomes(person, card, PRIVATE["es"])
    assert "no salió bien" in failed["text"]
    assert labels(failed) == ["Reintentar", "Otra fuente", "Descartar", "Detalles"]


async def test_private_trackers_web_seeds_and_peers_are_not_asked(house: House, inside: Inside) -> None:
    """Whoever wrote them down: a member's .torrent, an indexer's, a magnet. The Card says that nobody has it."""
    people = [await newcomer(house) for _ in range(3)]
    async with leaves_nothing(house):
        cards = await asyncio.gather(
            start(people[0], inside.torrent.metainfo),
            _start_hit(people[1], "torrent"),
            answer_to(people[2], _magnet_with_everything(inside.seed.url)),
        )
        orders = list(zip(people, cards, strict=True))
        for person, card in orders[:2]:
            await becomes(person, card, "nobody who has it is there right now")
        await becomes(*orders[2], "Reading the file list")
        await asyncio.gather(*(_give_up(*order) for order in orders))


async def test_html_in_a_title_is_only_letters(house: House, tmp_path: Path) -> None:
    (tmp_path / HTML_NAME).write_bytes(b"plain")
    person = await newcomer(house)
    card = await choose(person, make_torrent(tmp_path / HTML_NAME).metainfo)
    assert HTML_NAME in card["text"]
    assert [entity["type"] for entity in card["entities"]] == ["bold"]
    assert any(HTML_NAME[:20] in label for label in labels(card))
    await person.press(card, "Cancel")
    cancelled = await becomes(person, card, "was cancelled")
    assert HTML_NAME in cancelled["text"]


@pytest.mark.parametrize(
    "data",
    [
        *("", "?", "hello", "0:go:abc", "2:go:abc", "1:zz:abc", "1:go", "1:go:a:b", "1:go:../x", "1:go:ñ"),
        *("1:wa:abc:0:1", "1:wa:abc:-1:x", "1:go:abc", "1:pk:abc:0", "1:st:abc:1", "1:sa:abc", "1:ge:abc"),
    ],
)
async def test_forged_or_stale_buttons_change_nothing(house: House, data: str) -> None:
    person = await newcomer(house)
    card = await answer_to(person, "/help")
    before = await person.messages()
    toast = await person.press(card, data=data)
    expected = "This is not in the archive." if data == "1:ge:abc" else STALE
    assert (toast["text"], toast["show_alert"]) == (expected, True)
    assert await person.messages() == before


async def test_a_button_of_somebody_else_changes_nothing(house: House) -> None:
    cleo, dora = await newcomer(house), await newcomer(house, "es", "Dora")
    info = several(*(file(b"%d.mkv" % number) for number in range(10)))
    card = await choose(cleo, torrent(info))
    hers = await answer_to(dora, "/help")
    before = await standing(dora), await standing(cleo)
    for row in card["reply_markup"]["inline_keyboard"]:
        for button in row:
            toast = await dora.press(hers, data=button["callback_data"])
            assert (toast["text"], toast["show_alert"]) == ("Este botón no es tuyo.", True)
    assert (await standing(dora), await standing(cleo)) == before


async def standing(person: Person) -> list[tuple[int, str, list[str]]]:
    """What stands in a chat, but for how much is free on the disk: others use that, too."""
    found = await person.messages()
    return [(one["message_id"], without_free({"text": "", **one}), labels(one)) for one in found]


async def test_hits_of_somebody_elses_search_are_not_given_away(house: House) -> None:
    cleo, dora = await newcomer(house), await newcomer(house, name="Dora")
    await cleo.say("/search redirect")
    found = await cleo.wait(pattern=r"sources? · \d", button="1")
    data = found["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    toast = await dora.press(await answer_to(dora, "/help"), data=data)
    assert toast["text"] == "This is not yours to press."


async def _hit(person: Person, words: str) -> Message:
    await person.say(f"/search {words}")
    found = await person.wait(pattern=r"sources? · \d|fuentes? · \d", button="1")
    await person.press(found, "1")
    return await person.wait(after=found["message_id"])


async def _start_hit(person: Person, words: str) -> Message:
    card = await _hit(person, words)
    await person.press(await becomes(person, card, button="Start"), "Start")
    return card


def _magnet_with_everything(url: str) -> str:
    return f"magnet:?xt=urn:btih:{INFOHASH}&tr={url}announce&ws={url}&as={url}b&xs={url}a.torrent&x.pe=127.0.0.1:6881"


async def _give_up(person: Person, card: Message) -> None:
    await person.press(card, "Cancel")
    card = await becomes(person, card, pattern="cancelled|Really")
    if labels(card):
        await person.press(card, "Yes, give it up")
    await becomes(person, card, "was cancelled")
