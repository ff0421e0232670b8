"""Looking through what was found, as a person does: sorted, filtered, in detail, again; and what strangers send."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from tests.chats import answer_to, becomes, newcomer
from tests.engines import QBittorrent
from tests.house import House, Message, Person, labels, open_house
from tests.indexers import CAPS, KEY, item, results
from tests.loopback import Answer, Request, serve
from tests.programs import need
from tests.swarm import wait_until

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("conversation-search-looking"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
GIB = 1 << 30
HASHES = [f"{number:040x}" for number in range(100)]


def magnet(number: int) -> str:
    return f"magnet:?xt=urn:btih:{HASHES[number]}"


def film(number: int, title: str, **values: Any) -> str:
    return item(title, magnet(number), **{name: str(value) for name, value in values.items()})


FILMS = [
    film(1, "Big Buck Bunny 2160p x265", size=7 * GIB, seeders=45, peers=50, category=2045),
    film(2, "Big Buck Bunny 1080p x264", size=2 * GIB, seeders=120, peers=130, category=2040),
    film(3, "Big Buck Bunny 720p x264", size=GIB // 2, seeders=9, peers=9, category=2040),
    film(4, "Big Buck Bunny score FLAC", size=GIB // 4, seeders=2, category=3040),
    film(5, "Big Buck Bunny making of epub", size=1000, seeders=1, category=7020),
    film(6, "Bunny garden", size=500),
]


@dataclass
class Shelf:
    """What the first of the house's two Indexers answers: what stands on the shelf, or something wrong."""

    house: House = field(init=False)
    items: list[str] = field(default_factory=lambda: list(FILMS))
    wrong: Answer | None = None

    def answer(self, request: Request) -> Answer:
        if self.wrong is not None:
            return self.wrong
        if request.query["t"] == "caps":
            return Answer(CAPS.format(most=100).encode())
        return Answer(results(self.items))


def steady(request: Request) -> Answer:
    """The other one: always there, and has one film that the first one has, too."""
    if request.query["t"] == "caps":
        return Answer(CAPS.format(most=100).encode())
    return Answer(results([film(2, "Big Buck Bunny 1080p x264", size=2 * GIB, seeders=118)]))


@once
async def shelf(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shelf]:
    shelf = Shelf()
    async with serve(shelf.answer) as first, serve(steady) as second:
        urls = f"Films={first.url}/api?apikey={KEY},Steady={second.url}/api?apikey={KEY}"
        settings = {"TORZNAB_URLS": urls, "OPEN_ACCESS": "true", "SEARCH_SECONDS": "60"}
        async with open_house(tmp_path_factory.mktemp("house"), **settings) as house:
            shelf.house = house
            await house.start_bot()
            yield shelf


@pytest.fixture(autouse=True)
def restocked(shelf: Shelf) -> Iterator[None]:
    yield
    shelf.items, shelf.wrong = list(FILMS), None


async def search(person: Person, words: str = "big buck bunny") -> Message:
    """The Card of a search when every indexer has answered, or failed to."""
    said = await person.say(f"/search {words}")
    return await person.wait(pattern=r"\d s(\n|$)", after=said["message_id"])


def titles(card: Message) -> list[str]:
    """What stands behind the numbers, without what else is said of it."""
    lines = card["text"].split("\n")
    return [line.split(". ", 1)[1].split(" · ")[0] for line in lines if line[:1].isdigit()]


async def test_the_best_fitting_hit_comes_first(shelf: Shelf) -> None:
    card = await search(await newcomer(shelf.house))
    assert card["text"].split("\n")[0].startswith("🔎 big buck bunny · 6 results · 2 of 2 sources · ")
    assert titles(card)[0] == "Big Buck Bunny 1080p x264"
    assert titles(card)[:3] != []
    assert "· 2 GB · ▲120" in card["text"]


async def test_sorting_goes_round_and_begins_with_the_first_page(shelf: Shelf) -> None:
    person = await newcomer(shelf.house)
    card = await search(person)
    await person.press(card, "▶")
    card = await becomes(person, card, button="2/2")
    assert titles(card) == ["Bunny garden"]
    await person.press(card, "Sort: relevance")
    card = await becomes(person, card, button="Sort: seeds")
    assert "1/2" in labels(card)
    assert titles(card)[:3] == [f"Big Buck Bunny {x}" for x in ("1080p x264", "2160p x265", "720p x264")]
    await person.press(card, "Sort: seeds")
    card = await becomes(person, card, button="Sort: size")
    assert titles(card)[0] == "Big Buck Bunny 2160p x265"
    await person.press(card, "Sort: size")
    card = await becomes(person, card, button="Sort: age")
    await person.press(card, "Sort: age")
    await becomes(person, card, button="Sort: relevance")


async def test_filters_are_pressed_counted_and_cleared(shelf: Shelf) -> None:
    person = await newcomer(shelf.house)
    card = await search(person)
    await person.press(card, "Filter")
    card = await becomes(person, card, button="Back")
    assert labels(card) == [
        *("Video · 3", "Sound · 1", "Text · 1"),
        *("2160p · 1", "1080p · 1", "720p · 1", "lossless · 1"),
        *("under 1 GB · 4", "1 GB to 4 GB · 1", "4 GB to 16 GB · 1"),
        *("Films · 6", "Steady · 1"),
        "Back",
    ]
    await person.press(card, "Video · 3")
    card = await becomes(person, card, button="✓ Video · 3")
    assert "▽ Video · 3 of 6" in card["text"]
    assert "under 1 GB · 1" in labels(card)
    await person.press(card, "720p · 1")
    card = await becomes(person, card, button="✓ 720p · 1")
    await person.press(card, "Back")
    card = await becomes(person, card, button="▽ Filter")
    assert titles(card) == ["Big Buck Bunny 720p x264"]
    assert labels(card) == ["1", "Sort: relevance", "▽ Filter", "Details"]
    await person.press(card, "▽ Filter")
    card = await becomes(person, card, button="List all")
    await person.press(card, "List all")
    card = await becomes(person, card, button="Video · 3")
    assert "▽" not in card["text"]


async def test_every_one_of_many_indexers_can_be_chosen(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with serve(steady) as server:
        urls = ",".join(f"Nr{number}={server.url}/api?apikey={KEY}" for number in range(20))
        async with open_house(tmp_path_factory.mktemp("many"), TORZNAB_URLS=urls) as house:
            await house.start_bot()
            card = await search(house.ada)
            await house.ada.press(card, "Filter")
            card = await becomes(house.ada, card, button="1/2")
            await house.ada.press(card, "▶")
            card = await becomes(house.ada, card, button="2/2")
            await house.ada.press(card, "Nr19 · 1")
            card = await becomes(house.ada, card, button="✓ Nr19 · 1")
            assert "▽ Nr19 · 1 of 1" in card["text"]
            assert "2/2" in labels(card)


async def test_a_typed_pattern_narrows_the_last_search_in_place(shelf: Shelf) -> None:
    person = await newcomer(shelf.house)
    card = await search(person)
    await person.say("~(1080|720)p")
    card = await becomes(person, card, "▽ ~(1080|720)p · 2 of 6")
    assert sorted(titles(card)) == ["Big Buck Bunny 1080p x264", "Big Buck Bunny 720p x264"]
    await person.say("~")
    await becomes(person, card, pattern=r"^(?!.*▽)")
    notes = [message for message in await person.messages() if message["message_id"] > card["message_id"]]
    assert [note["text"] for note in notes] == ["~(1080|720)p", "~"]


async def test_a_pattern_in_answer_to_a_card_narrows_that_one(shelf: Shelf) -> None:
    person = await newcomer(shelf.house)
    first = await search(person, "first")
    second = await search(person, "second")
    await person.say("~flac", reply_to=first)
    await becomes(person, first, "▽ ~flac · 1 of 6")
    newest = next(m for m in await person.messages() if m["message_id"] == second["message_id"])
    assert newest["text"] == second["text"]
    usage = await person.say("~flac", reply_to=await person.say("hello"))
    await person.wait(after=usage["message_id"])
    assert "▽" not in newest["text"]


async def test_a_pattern_may_stand_behind_the_words(shelf: Shelf) -> None:
    card = await search(await newcomer(shelf.house), "big buck bunny ~flac")
    assert card["text"].startswith("🔎 big buck bunny · 6 results")
    assert "▽ ~flac · 1 of 6" in card["text"]
    assert titles(card) == ["Big Buck Bunny score FLAC"]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(unfinished", "“(unfinished” is not a pattern that I can read."),
        ("<b>[", "“<b>[” is not a pattern that I can read."),
        ("(?:(?:(?:a?){99}){99}){99}b", "takes too long. Try a simpler pattern."),
    ],
)
async def test_a_wrong_pattern_is_said_in_one_line(shelf: Shelf, pattern: str, words: str) -> None:
    person = await newcomer(shelf.house)
    card = await search(person)
    for text in (f"~{pattern}", f"/search bunny ~{pattern}"):
        assert words in (await answer_to(person, text))["text"]
    newest = next(m for m in await person.messages() if m["message_id"] == card["message_id"])
    assert newest["text"] == card["text"]


async def test_a_catastrophic_pattern_is_refused_and_nobody_waits(shelf: Shelf) -> None:
    shelf.items = [film(number, "a" * 250 + f" {number}") for number in range(100)]
    person, other = await newcomer(shelf.house, "es"), await newcomer(shelf.house)
    card = await search(person, "a")
    said = await answer_to(person, "~(a|aa)+$")
    assert said["text"] == "Buscar «(a|aa)+$» lleva demasiado tiempo. Prueba con un patrón más sencillo."
    # behind words nothing is known yet: the card says it, and lists everything
    card = await search(other, "a ~(a|aa)+$")
    assert "⚠ Looking for “(a|aa)+$” takes too long. Try a simpler pattern. All are listed." in card["text"]
    assert len(titles(card)) == 5


async def test_a_pattern_without_a_search_says_how_to_search(shelf: Shelf) -> None:
    assert (await answer_to(await newcomer(shelf.house), "~1080p"))["text"].startswith(
        "Tell me what to look for"
    )


async def test_details_and_back_and_an_order_from_there(shelf: Shelf) -> None:
    person = await newcomer(shelf.house)
    shelf.items = [
        item(
            "Big Buck Bunny 1080p x264 " + "with a very long name " * 6,
            magnet(2),
            size=str(2 * GIB),
            seeders="120",
            peers="130",
            category="2040",
        ).replace("</title>", "</title><comments>https://films.example.org/2?a=1&amp;b=2</comments>"),
        FILMS[2],
    ]
    card = await search(person)
    await person.press(card, "Details")
    card = await becomes(person, card, button="Look inside")
    assert card["text"].split("\n") == [
        "📄 Big Buck Bunny 1080p x264 " + " ".join(["with a very long name"] * 6),
        "2 GB · ▲ 120 seeders, ▼ 10 leechers",
        "Video · 1080p · Films",
        "Found at Films, Steady",
        "Infohash 00000000",
        "Its page",
    ]
    (link,) = (entity for entity in card["entities"] if entity["type"] == "text_link")
    assert link["url"] == "https://films.example.org/2?a=1&b=2"
    assert labels(card) == ["· 1 ·", "2", "Look inside", "Back"]
    await person.press(card, "2")
    card = await becomes(person, card, button="· 2 ·")
    assert card["text"].startswith("📄 Big Buck Bunny 720p x264\n")
    await person.press(card, "Back")
    card = await becomes(person, card, button="Sort: relevance")
    await person.press(card, "Details")
    card = await becomes(person, card, button="Look inside")
    await person.press(card, "Look inside")
    order = await person.wait(contains="Big Buck Bunny 1080p", after=card["message_id"])
    assert order["message_id"] != card["message_id"]


async def test_the_last_search_comes_back(shelf: Shelf) -> None:
    person = await newcomer(shelf.house)
    await search(person, "first words")
    card = await search(person, "second words")
    await person.say("~1080p")
    await becomes(person, card, "▽ ~1080p")
    again = await answer_to(person, "/search")
    assert again["text"].startswith("🔎 second words · 6 results")
    assert "▽ ~1080p · 1 of 6" in again["text"]
    await person.press(again, "Sort: relevance")
    # both cards show one search
    await becomes(person, again, button="Sort: seeds")
    await becomes(person, card, button="Sort: seeds")
    assert (await answer_to(await newcomer(shelf.house), "/search"))["text"].startswith("Tell me what")


async def test_forged_presses_change_nothing(shelf: Shelf) -> None:
    person = await newcomer(shelf.house)
    card = await search(person)
    rows = card["reply_markup"]["inline_keyboard"]
    sort = next(button for row in rows for button in row if "Sort" in button["text"])["callback_data"]
    search_id = sort.split(":")[2]
    for data in (
        sort.replace("seeds", "nonsense"),
        f"1:ch:{search_id}:nonsense:0:1",
        f"1:ch:{search_id}:kind:99:1",
        f"1:ch:{search_id}:indexer:2:1",
        "1:so:nosuchsearch:seeds",
        f"1:lo:{search_id}",
    ):
        toast = await person.press(card, data=data)
        assert "too old" in toast["text"], data
    newest = next(m for m in await person.messages() if m["message_id"] == card["message_id"])
    assert newest["text"] == card["text"]


async def test_hits_that_are_ordered_are_marked(tmp_path_factory: pytest.TempPathFactory) -> None:
    """By their infohash, whoever ordered them, also in Cards that stand: here the sample works, which can be fetched."""
    async with open_house(
        tmp_path_factory.mktemp("marks"), OPEN_ACCESS="true", SEARCH_SECONDS="100"
    ) as house:
        await house.start_bot()
        card = await search(house.ada, "gliders")
        await house.ada.press(card, "1")
        picker = await house.ada.wait(button="Start", after=card["message_id"])
        await becomes(house.ada, card, "· 📂 opened, not started")
        other = await newcomer(house)
        found = await search(other, "gliders")
        assert found["text"].endswith("· 📂 opened, not started")
        await house.ada.press(picker, "Start")
        await house.ada.wait(contains="is in the archive", after=picker["message_id"] - 1)
        await becomes(house.ada, card, "· ✅ in the archive")
        found = await search(other, "gliders")
        assert found["text"].endswith("· ✅ in the archive")


# The breaker


async def test_one_that_fails_again_and_again_rests_and_the_card_says_so(
    shelf: Shelf, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shelf.wrong = Answer(status=503)
    async with serve(shelf.answer) as server, serve(steady) as second:
        urls = f"Films={server.url}/api?apikey={KEY},Steady={second.url}/api?apikey={KEY}"
        async with open_house(tmp_path_factory.mktemp("breaker"), TORZNAB_URLS=urls) as house:
            bot = await house.start_bot()
            for _ in range(2):
                card = await search(house.ada)
                assert card["text"].endswith("\n⚠ Films is out of reach or overloaded")
            card = await search(house.ada)
            assert "⚠ Films is out of reach or overloaded. It rests until " in card["text"]
            await bot.stop()
            await house.start_bot()
            asked = len(server.requests)
            card = await search(house.ada)
            rests = card["text"].split("\n")[-1]
            assert rests.startswith("💤 Films failed again and again: it rests until ")
            assert rests[-5:-3].isdigit()
            assert len(server.requests) == asked
            shelf.wrong = None
            await house.ada.press(card, "Retry slow sources")
            card = await becomes(house.ada, card, "6 results · 2 of 2 sources")
            assert "💤" not in card["text"]
            assert "💤" not in (await search(house.ada))["text"]


# What strangers send


async def test_hits_of_any_name_and_size_stay_in_their_lines(shelf: Shelf) -> None:
    shelf.items = [
        item("שלום עולם 1080p", magnet(11), size="-5", seeders="-1"),
        item("\u202egnp.exe\u202c <b>bold</b> &amp;", magnet(12), size="9" * 18, seeders="9" * 18),
        item("x" * 5000, magnet(13), size="0"),
        item("Z" + "\u0335" * 400 + "algo", magnet(14)),
    ]
    card = await search(await newcomer(shelf.house), "שלום")
    head, *lines = card["text"].split("\n")
    assert head.startswith("🔎 \u2068שלום\u2069 · 5 results · ")
    # one of them may have been ordered by another test
    opened = " · 📂 opened, not started"
    assert {line.split(". ", 1)[1].removesuffix(opened) for line in lines} == {
        "\u2068שלום עולם 1080p\u2069",
        "gnp.exe <b>bold</b> &amp;",
        "x" * 89 + "…",
        "Z\u0335\u0335algo",
        "Big Buck Bunny 1080p x264 · 2 GB · ▲118",
    }
    assert [entity["type"] for entity in card["entities"]] == ["bold"]


async def test_an_indexer_with_ten_thousand_results_is_bounded(shelf: Shelf) -> None:
    shelf.items = [film(7, "Flood")] + [
        item(f"Flood {n}", f"http://t.example.org/{n}") for n in range(10_000)
    ]
    person = await newcomer(shelf.house)
    card = await search(person, "flood")
    # a hundred of the one, and the only one of the other
    assert card["text"].startswith("🔎 flood · 101 results · 2 of 2 sources")
    await person.press(card, "◀")
    assert "1/21" in labels(card)


# qBittorrent's plugins

PLUGIN = """
# VERSION: 1.00
from novaprinter import prettyPrinter
class made_up(object):
    url = "http://t.example.org"
    name = "Made up"
    supported_categories = {"all": "0"}
    def search(self, what, cat="all"):
        prettyPrinter({"link": "magnet:?xt=urn:btih:" + "ab" * 20, "name": what + " from a plugin", "size": "7",
                       "seeds": "3", "leech": "1", "engine_url": self.url, "desc_link": self.url})
"""


async def test_qbittorrents_plugins_are_one_more_source(tmp_path_factory: pytest.TempPathFactory) -> None:
    need("qbittorrent-nox")
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "made_up.py").write_text(PLUGIN)
    with QBittorrent() as engine:
        client = engine.client
        await asyncio.to_thread(client.search_install_plugin, sources=str(folder / "made_up.py"))
        await asyncio.to_thread(wait_until, lambda: bool(client.search_plugins()), "no plugin")
        settings = {
            "QBITTORRENT_URL": engine.url,
            "QBITTORRENT_USERNAME": engine.username,
            "QBITTORRENT_PASSWORD": engine.password,
            "SEARCH_SECONDS": "100",
        }
        async with open_house(folder, **settings) as house:
            await house.start_bot()
            card = await search(house.ada, "zebra")
            assert card["text"].split(" · ")[:3] == ["🔎 zebra", "1 result", "2 of 2 sources"]
            assert "1. zebra from a plugin · 7 B · ▲3" in card["text"]
