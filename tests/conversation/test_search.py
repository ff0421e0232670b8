"""Searching several indexers, the bad ones too: what was found stays, who failed is named."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from tests.chats import answer_to, becomes, newcomer
from tests.house import House, Message, Person, labels, open_house
from tests.indexers import CAPS, KEY, TorznabServer, Works, item, results
from tests.loopback import Answer, Request, serve

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("conversation-search"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
HTML = Answer(b"<!doctype html><html><title>Log in</title><form></form></html>")
BOMB = Answer(
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><rss><channel>&d;</channel></rss>'
)
LOOK = ["Sort: relevance", "Filter", "Details"]
EVIL = "</b><a href=x>Tom & Jerry</a> <script>"


@dataclass
class Market:
    """A house with two indexers: a good one, and one that is as bad as a test wants it."""

    house: House
    good: Works
    bad: Works


@once
async def market(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Market]:
    good, bad = Works(3), Works(12, page_size=5)
    async with serve(TorznabServer(good)) as first, serve(TorznabServer(bad)) as second:
        urls = f"Good={first.url}/1/api?apikey={KEY},Odd & Co={second.url}/1/api?apikey={KEY}"
        settings = {"TORZNAB_URLS": urls, "OPEN_ACCESS": "true", "SEARCH_SECONDS": "1.5"}
        async with open_house(tmp_path_factory.mktemp("house"), **settings) as house:
            await house.start_bot()
            yield Market(house, good, bad)


@pytest.fixture(autouse=True)
def recovered(market: Market) -> Iterator[None]:
    """Every test begins with two good indexers."""
    yield
    market.bad.wrong = market.good.wrong = None


async def test_hits_of_both_are_merged_and_shown_in_pages(market: Market) -> None:
    person = await newcomer(market.house)
    card = await search(person, "work")
    assert labels(card) == ["1", "2", "3", "4", "5", "◀", "1/3", "▶", *LOOK]
    head, *hits = card["text"].split("\n")
    assert head.startswith("🔎 work · 12 results · 2 of 2 sources · ")
    assert hits[0] == "1. work 9 · 1009 B · ▲9"
    await person.press(card, "▶")
    card = await becomes(person, card, button="2/3")
    assert labels(card)[:5] == ["6", "7", "8", "9", "10"]
    await person.press(card, "▶")
    card = await becomes(person, card, button="3/3")
    assert labels(card) == ["11", "12", "◀", "3/3", "▶", *LOOK]


async def test_the_card_is_edited_as_answers_arrive(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One answers at once, the other when it is let: what the first one found does not wait for it."""
    let, slow = asyncio.Event(), TorznabServer(Works(12))

    def hold(request: Request) -> Answer:
        return replace(slow(request), held=let)

    async with serve(TorznabServer(Works(3))) as first, serve(hold) as second:
        urls = f"Fast={first.url}/1/api?apikey={KEY},Slow={second.url}/1/api?apikey={KEY}"
        settings = {"TORZNAB_URLS": urls, "SEARCH_SECONDS": "120"}
        async with open_house(tmp_path_factory.mktemp("held"), **settings) as house:
            await house.start_bot()
            said = await house.ada.say("/search work")
            early = await house.ada.wait(contains="1 of 2 sources", after=said["message_id"])
            head, *hits = early["text"].split("\n")
            assert head == "🔎 work · 3 results · 1 of 2 sources …", "the other one is still asked"
            assert [hit[:9] for hit in hits] == ["1. work 2", "2. work 1", "3. work 0"]
            assert labels(early) == ["1", "2", "3", *LOOK], "they can be ordered already"

            let.set()
            late = await becomes(house.ada, early, "2 of 2 sources · ")
            head, *hits = late["text"].split("\n")
            assert head.startswith("🔎 work · 12 results · ")
            assert hits[0] == "1. work 9 · 1009 B · ▲9", "only the slow one has it"
            assert [m for m in await house.ada.messages() if m["message_id"] > said["message_id"]] == [late]


async def test_search_alone_says_what_it_needs(market: Market) -> None:
    assert (await answer_to(await newcomer(market.house), "/search"))["text"] == (
        "Tell me what to look for: /search big buck bunny"
    )
    blank = await answer_to(await newcomer(market.house, "es"), "/search    ")
    assert blank["text"] == "Dime qué busco: /search big buck bunny"


async def test_nothing_is_found(market: Market) -> None:
    card = await search(await newcomer(market.house, "es"), "zebra")
    head, tail = card["text"].split("\n")
    assert head.startswith("🔎 zebra · 0 resultados · 2 de 2 fuentes · ")
    assert tail == "No encontré nada. Prueba con menos palabras o con otras."
    assert labels(card) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        pytest.param(HTML, "⚠ Odd & Co answered something that is not a result", id="HTML"),
        pytest.param(BOMB, "⚠ Odd & Co answered something that is not a result", id="an entity bomb"),
        pytest.param(Answer(b""), "⚠ Odd & Co answered something that is not a result", id="nothing"),
        pytest.param(Answer(dropped=True), "⚠ Odd & Co is out of reach or overloaded", id="cut off"),
        pytest.param(Answer(status=503), "⚠ Odd & Co is out of reach or overloaded", id="overloaded"),
        pytest.param(Answer(silent=True), "⚠ Odd & Co did not answer in time", id="silence"),
        pytest.param(Answer(b"x" * 65_536, endless=True), "⚠ Odd & Co answered something", id="no end"),
        pytest.param(
            Answer(status=403), "⚠ Odd & Co refuses us; its key or limit needs a look", id="refusal"
        ),
    ],
)
async def test_an_indexer_that_fails_is_named_and_asked_again(
    market: Market, wrong: Answer, words: str
) -> None:
    """What the other one found stays, before and after."""
    person = await newcomer(market.house)
    market.bad.wrong = wrong
    card = await search(person, "work")
    head, *hits, warning = card["text"].split("\n")
    assert head.startswith("🔎 work · 3 results · 1 of 2 sources · ")
    assert [hit[:9] for hit in hits] == ["1. work 2", "2. work 1", "3. work 0"]
    assert warning.startswith(words)
    assert labels(card) == ["1", "2", "3", *LOOK, "Retry slow sources"]

    market.bad.wrong = None
    await person.press(card, "Retry slow sources")
    card = await becomes(person, card, "12 results · 2 of 2 sources")
    assert "⚠" not in card["text"]
    assert labels(card)[5:] == ["◀", "1/3", "▶", *LOOK]


async def test_when_all_fail_it_is_not_called_nothing_found(market: Market) -> None:
    market.good.wrong = market.bad.wrong = HTML
    card = await search(await newcomer(market.house, "es"), "work")
    head, *warnings = card["text"].split("\n")
    assert head.startswith("🔎 work · 0 resultados · 0 de 2 fuentes · ")
    assert warnings == [
        "⚠ Good respondió algo que no es un resultado",
        "⚠ Odd & Co respondió algo que no es un resultado",
    ]
    assert labels(card) == ["Reintentar las lentas"]


async def test_html_in_the_words_is_only_letters(market: Market) -> None:
    card = await search(await newcomer(market.house), "<b>bold</b> & </i>")
    assert card["text"].startswith("🔎 <b>bold</b> & </i> · ")
    assert [entity["type"] for entity in card["entities"]] == ["bold"]


async def test_html_in_a_hit_is_only_letters(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Also in the Card of the order that comes of it."""

    def answer(request: Request) -> Answer:
        if request.query["t"] == "caps":
            return Answer(CAPS.format(most=100).encode())
        return Answer(results([item(EVIL, f"magnet:?xt=urn:btih:{'ab' * 20}", size="1")]))

    async with serve(answer) as server:
        urls = f"<i>Odd</i>={server.url}/api"
        async with open_house(tmp_path_factory.mktemp("evil"), TORZNAB_URLS=urls) as house:
            await house.start_bot()
            card = await search(house.ada, "x")
            assert card["text"].split("\n")[1] == f"1. {EVIL} · 1 B"
            assert [entity["type"] for entity in card["entities"]] == ["bold"]
            await house.ada.press(card, "1")
            order = await house.ada.wait(contains="Reading the file list", after=card["message_id"])
            assert order["text"].startswith("📄 ")
            assert [entity["type"] for entity in order["entities"]] == ["bold"]


async def test_without_indexers(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with open_house(tmp_path_factory.mktemp("none"), TORZNAB_URLS="", OPEN_ACCESS="true") as house:
        await house.start_bot()
        card = await answer_to(house.ada, "/search bunny")
        assert card["text"] == "No indexer is set up yet. The owner can add some with TORZNAB_URLS."
        assert labels(card) == []


async def search(person: Person, words: str) -> Message:
    """The Card of a search when every indexer has answered, or failed to."""
    said = await person.say(f"/search {words}")
    return await person.wait(pattern=r"\d s(\n|$)", after=said["message_id"])
