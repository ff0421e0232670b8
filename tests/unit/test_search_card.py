"""The Card of a search: its hits, its filters, its details, whatever strangers call things."""

import re
from typing import Any

import pytest

from bot.assembly import LOCALES
from handlers.buttons import TurnChoices, unpack
from handlers.cards.search import search_card
from models.clock import now
from models.ids import new_id
from models.search import Answer, Face, IndexerReport, Order, Query, Release, Search
from services.patterns import PatternTooSlow
from services.search.facets import Choice, choices, read_chosen
from services.search.fields import read_title
from services.search.marks import Mark
from services.search.shown import Hit, Shown
from services.telegram.port import Button
from services.words import Catalogue, Words
from tests.unit.test_cards import LANGUAGES, TITLES, presses, sound

HASH = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a"
DAY = 24 * 3_600_000
FULL = Release("", "magnet:?x", ("a",), 10**10, 99999, 7, HASH, "https://x.test/p?a=1&b=2", 1, 2040)
BARE = Release("", "https://x.test/a.torrent", ("a", "b"))


@pytest.fixture(scope="module", params=LANGUAGES)
def t(request: pytest.FixtureRequest) -> Words:
    return Catalogue(LOCALES).words(request.param)


@pytest.fixture(scope="module")
def en() -> Words:
    return Catalogue(LOCALES).words("en")


def search(title: str = "Bunny", **changes: Any) -> Search:
    values: dict[str, Any] = {
        "id": new_id(),
        "member_id": "1",
        "query": Query(text=title),
        "reports": [IndexerReport(indexer=f"{answer} {title[:30]}", answer=answer) for answer in Answer],
        "seconds": 1.84,
    }
    made: Search = Search.model_construct(**{**values, **changes})
    return made


def look_at(
    found: Search, *releases: Release, first: int = 1, listed: int | None = None, **values: Any
) -> Shown:
    hits = [Hit(number, release, values.get("mark")) for number, release in enumerate(releases, first)]
    values.pop("mark", None)
    count = len(releases) if listed is None else listed
    made = {"found": count, "listed": count, "page": (first - 1) // 5, "hits": hits, **values}
    return Shown(search=found, **made)


def keys(shown: Shown, t: Words) -> list[str]:
    return [key.text for row in search_card(shown, t).keyboard for key in row]


@pytest.mark.parametrize("seconds", [None, 0.0, 12.34])
def test_a_search_in_every_answer(seconds: float | None, t: Words) -> None:
    for title in TITLES.values():
        hits = [release._replace(title=read_title(title) or "?") for release in (FULL, BARE) * 2]
        look = search_card(look_at(search(title, seconds=seconds), *hits, listed=24, mark=Mark.ARCHIVED), t)
        text = sound(look)
        assert not look.final
        assert (text.count("⚠"), text.count("💤"), text.count("✅")) == (4, 1, 4)
        assert ("SearchAgain" in presses(look)) == (seconds is not None)
        assert presses(look)[:7] == ["Pick"] * 4 + ["TurnSearch"] * 3
        assert presses(look)[7:10] == ["SortHits", "ShowFilters", "ShowRelease"]


def test_the_card_as_it_is_drawn(en: Words) -> None:
    bunny = FULL._replace(title="Big Buck Bunny 1080p x264", size=1_503_238_553, seeders=120)
    other = FULL._replace(title="Big Buck Bunny 2160p", size=7_301_444_403, seeders=45)
    reports = [IndexerReport(indexer=name, answer=Answer.ANSWERED) for name in "ABCDE"]
    reports += [IndexerReport(indexer=name, answer=Answer.TIMED_OUT) for name in ("Prowlarr", "Other")]
    found = search("big buck bunny", reports=reports, seconds=1.8, order=Order.SEEDS)
    shown = Shown(found, 23, 23, 0, [Hit(1, bunny, Mark.ARCHIVED), Hit(2, other, Mark.UNDER_WAY)])

    assert sound(search_card(shown, en)).split("\n") == [
        "🔎 big buck bunny · 23 results · 5 of 7 sources · 1.8 s",
        "1. Big Buck Bunny 1080p x264 · 1.4 GB · ▲120 · ✅ in the archive",
        "2. Big Buck Bunny 2160p · 6.8 GB · ▲45 · ⏳ under way",
        "⚠ Prowlarr did not answer in time",
        "⚠ Other did not answer in time",
    ]
    rows = [[key.text for key in row] for row in search_card(shown, en).keyboard]
    assert rows == [
        ["1", "2"],
        ["◀", "1/5", "▶"],
        ["Sort: seeds", "Filter", "Details"],
        ["Retry slow sources"],
    ]


def test_hits_are_numbered_through_all_pages(en: Words) -> None:
    shown = look_at(search(), *[BARE._replace(title="Bunny")] * 5, first=6, listed=12)
    assert "\n6. Bunny\n7. Bunny\n" in search_card(shown, en).text
    assert keys(shown, en)[:8] == ["6", "7", "8", "9", "10", "◀", "2/3", "▶"]


def test_an_empty_search(t: Words) -> None:
    answered = [IndexerReport(indexer="a", answer=Answer.ANSWERED)]
    nothing = search_card(look_at(search(reports=answered)), t)
    assert t("search-nothing") in sound(nothing)
    assert nothing.keyboard == []
    waiting = search_card(look_at(search(reports=answered, seconds=None)), t)
    assert t("search-nothing") not in sound(waiting)
    failed = search_card(look_at(search(reports=[IndexerReport(indexer="a", answer=Answer.BUSY)])), t)
    assert t("search-nothing") not in sound(failed)


def test_a_filter_that_leaves_nothing_can_be_left(t: Words) -> None:
    filtered = search(filters=["kind:video"])
    shown = Shown(filtered, 3, 0, 0, [], chosen=choices([], [], read_chosen(filtered.filters)))
    text = sound(search_card(shown, t))
    assert t("search-nothing-left") in text
    assert t.label("kind-name", kind="video") in text
    assert presses(search_card(shown, t)) == ["SortHits", "ShowFilters", "SearchAgain"]


def test_the_sort_key_goes_round(en: Words) -> None:
    seen = []
    order = Order.RELEVANCE
    for _ in Order:
        (key,) = (
            key
            for row in search_card(look_at(search(order=order), FULL._replace(title="x")), en).keyboard
            for key in row
            if "Sort" in key.text
        )
        seen.append(key.text)
        order = Order((key.data or "").rpartition(":")[2])
    assert order is Order.RELEVANCE
    assert seen == ["Sort: relevance", "Sort: seeds", "Sort: size", "Sort: age"]


def test_who_rests_is_said_with_the_time_where_its_reader_lives(t: Words) -> None:
    until = 1_700_000_000_000  # 22:13 in UTC
    resting = IndexerReport(indexer="Slow", answer=Answer.RESTING, until=until)
    refusing = IndexerReport(indexer="Strict", answer=Answer.REJECTED, until=until)
    for offset, clock in ((0, "22:13"), (120, "00:13"), (-570, "12:43")):
        text = sound(search_card(look_at(search(reports=[resting, refusing]), utc_offset=offset), t))
        assert text.count(clock) == 2


def test_many_failures_do_not_flood_the_card(t: Words) -> None:
    for title in TITLES.values():
        reports = [IndexerReport(indexer=f"{n} {title}", answer=Answer.BUSY) for n in range(200)]
        text = sound(search_card(look_at(search(reports=reports)), t))
        assert "194" in text
        assert text.count("⚠") == 7


def filter_card(found: Search, releases: list[Release], **values: Any) -> Shown:
    names = [report.indexer for report in found.reports]
    all_choices = choices(releases, names, read_chosen(found.filters))
    chosen = [choice for choice in all_choices if choice.chosen]
    return look_at(found, *releases[:5], choices=all_choices, chosen=chosen, **values)


def test_filters_are_keys_with_counts(en: Words) -> None:
    titles = ("a 1080p", "b 1080p", "c 720p", "d flac", "e flac")
    releases = [FULL._replace(title=title, category=None) for title in titles]
    found = search(face=Face.FILTER, filters=["kind:video"], reports=[IndexerReport(indexer="a")])
    shown = filter_card(found, releases, listed=3)
    look = search_card(shown, en)
    rows = [[key.text for key in row] for row in look.keyboard]
    assert rows == [
        ["✓ Video · 3", "Sound · 2"],
        ["1080p · 2", "720p · 1", "lossless · 0"],
        ["List all", "Back"],
    ]
    assert "▽ Video · 3 of 3" in look.text
    assert "~1080p|2160p" in look.text
    assert str(unpack(look.keyboard[0][0].data or "")).endswith("facet='kind', number=0, chosen=0)")
    assert str(unpack(look.keyboard[0][1].data or "")).endswith("facet='kind', number=1, chosen=1)")


def test_filters_of_any_name(t: Words) -> None:
    for title in TITLES.values():
        indexers = tuple(f"{number} {title}"[:5000] for number in range(40))
        releases = [FULL._replace(title=title, indexers=indexers, size=size << 30) for size in (0, 2, 9, 99)]
        reports = [IndexerReport(indexer=name, answer=Answer.ANSWERED) for name in indexers]
        found = search(title, face=Face.FILTER, reports=reports, pattern="x" * 100)
        look = search_card(filter_card(found, releases), t)
        sound(look)
        assert presses(look).count("ChooseHits") == 4 + 12
        assert presses(look)[-5:] == ["TurnChoices"] * 3 + ["ClearHits", "ShowHits"]


def test_every_indexer_can_be_chosen(en: Words) -> None:
    indexers = tuple(f"Indexer {number}" for number in range(20))
    reports = [IndexerReport(indexer=name, answer=Answer.ANSWERED) for name in indexers]
    hits = [FULL._replace(title=name, indexers=(name,)) for name in indexers]
    pages = []
    for page in (0, 1, 2):
        found = search(face=Face.FILTER, reports=reports, choices_page=page)
        pages.append([text for text in keys(filter_card(found, hits), en) if text not in {"◀", "▶", "Back"}])
    assert pages[0] == [*(f"{name} · 1" for name in indexers[:12]), "1/2"]
    assert pages[1] == [*(f"{name} · 1" for name in indexers[12:]), "2/2"]
    assert pages[2] == pages[1], "there are fewer than when it was turned"


def test_the_pages_of_choices_are_turned_to_their_ends(en: Words) -> None:
    names = tuple(f"{number}" for number in range(25))
    reports = [IndexerReport(indexer=name, answer=Answer.ANSWERED) for name in names]
    for page, ways in ((0, [0, 0, 1]), (1, [0, 1, 2]), (2, [1, 2, 2])):
        found = search(face=Face.FILTER, reports=reports, choices_page=page)
        shown = filter_card(found, [FULL._replace(title="x", indexers=names)])
        pressed = [unpack(k.data or "") for row in search_card(shown, en).keyboard for k in row]
        assert [press.page for press in pressed if isinstance(press, TurnChoices)] == ways


def test_what_is_left_out_is_said(en: Words) -> None:
    shown = look_at(search("x", reports=[]), BARE._replace(title="b"), listed=5000, left_out=1200)
    assert "🔎 x · 5,000 of 6,200 results · " in sound(search_card(shown, en))
    spanish = sound(search_card(shown, Catalogue(LOCALES).words("es")))
    assert re.search(r"5.?000 de 6.?200 resultados", spanish)


def test_a_hit_that_somebody_opened_is_marked(en: Words) -> None:
    shown = look_at(search(reports=[]), BARE._replace(title="b"), mark=Mark.CHOOSING)
    assert sound(search_card(shown, en)).endswith("1. b · 📂 opened, not started")


def test_a_pattern_that_is_not_heeded_is_named(t: Words) -> None:
    for pattern in ("(a+)+$", "<b>&" * 25):
        shown = look_at(search(pattern=pattern, reports=[]), fault=PatternTooSlow(pattern))
        assert pattern in sound(search_card(shown, t))


def details(release: Release, t: Words, **values: Any) -> tuple[str, list[str], list[list[Button]]]:
    found = search(face=Face.DETAILS, looked_at=release.key)
    other = BARE._replace(title="other")
    look = search_card(look_at(found, other, release, **values), t)
    return sound(look), presses(look), [list(row) for row in look.keyboard]


def test_the_details_of_any_release(t: Words) -> None:
    for title in TITLES.values():
        for release in (FULL._replace(page=None), BARE._replace(link="https://x.test/b.torrent")):
            text, pressed, _ = details(
                release._replace(title=read_title(title) or "?"), t, mark=Mark.UNDER_WAY
            )
            assert "⏳" in text
            assert pressed == ["ShowRelease", "ShowRelease", "Pick", "ShowHits"]


def test_details_say_everything_that_is_known(en: Words) -> None:
    published = now() - 3 * DAY
    release = FULL._replace(
        title="Big Buck Bunny 1080p " + "x" * 200,
        indexers=("One", "Two & Co"),
        seeders=1,
        page=None,
        published=published,
    )
    text, _, rows = details(release, en)
    assert text.split("\n") == [
        f"📄 {release.title}",
        "9.3 GB · ▲ 1 seeder, ▼ 7 leechers · 3 days old",
        "Video · 1080p · Films",
        "Found at One, Two & Co",
        "Infohash c12fe1c0",
    ]
    assert [[key.text for key in row] for row in rows] == [["1", "· 2 ·"], ["Look inside", "Back"]]


@pytest.mark.parametrize(
    ("days", "words"),
    [(-5, "new today"), (0, "new today"), (1, "1 day old"), (59, "59 days old"), (60, "2 months old"),
     (700, "23 months old"), (735, "2 years old")],
)  # fmt: skip
def test_ages(days: int, words: str, en: Words) -> None:
    text, _, _ = details(FULL._replace(title="x", page=None, published=now() - days * DAY - 1000), en)
    assert text.split("\n")[1].endswith(f" · {words}")


def test_the_page_of_a_release_is_a_link(t: Words) -> None:
    found = search(face=Face.DETAILS, looked_at=FULL.key)
    text = search_card(look_at(found, FULL._replace(title="<i>")), t).text
    assert '<a href="https://x.test/p?a=1&amp;b=2">' in text
    assert "&lt;i&gt;" in text


@pytest.mark.parametrize("name", ["שלום", "مرحبا 2160p", "abc שלום"])
def test_what_is_written_from_right_to_left_turns_nothing_else(name: str, en: Words) -> None:
    found = search(name, reports=[IndexerReport(indexer=name, answer=Answer.BUSY)])
    shown = look_at(found, FULL._replace(title=name))
    isolated = f"\u2068{name}\u2069"
    text = sound(search_card(shown, en))
    assert text.split("\n") == [
        f"🔎 {isolated} · 1 result · 0 of 1 source · 1.8 s",
        f"1. {isolated} · 9.3 GB · ▲99999",
        f"⚠ {isolated} is out of reach or overloaded",
    ]
    assert "\u2068" not in search_card(look_at(search("latin"), FULL._replace(title="plain é")), en).text


def test_a_choice_of_an_indexer_keeps_its_number() -> None:
    """Its key names a place among all Indexers asked, which does not change while answers come in."""
    releases = [BARE._replace(indexers=("b",)), BARE._replace(indexers=("c",))]
    found = [c for c in choices(releases, ["a", "b", "c"], {}) if c.facet.value == "indexer"]
    assert [(choice.number, choice.value) for choice in found] == [(1, "b"), (2, "c")]
    assert isinstance(found[0], Choice)
