"""How the Card of /duplicates looks, and what of a merged work the library's says."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assembly import LOCALES
from handlers.buttons import (
    AskMergeEncodings,
    AskSeparateEncodings,
    Get,
    MergeEncodings,
    PartEncodings,
    Press,
    unpack,
)
from handlers.cards.also import also_here, also_keys
from handlers.cards.duplicates import (
    View,
    asking_to_merge,
    asking_to_separate,
    duplicates_card,
    encodings_card,
    encodings_gone_card,
    listing,
    looking,
    reason_words,
)
from handlers.cards.look import Look
from models.ids import new_id
from models.library import Encodings, EncodingsState, Item
from models.media import Facts, Kind
from services.library.duplicates import PAGE, Listed, Looked
from services.library.grouping import MOST_SHOWN
from services.library.quality import Encoding, Measure, Reason, scores
from services.words import Catalogue, Words
from tests.unit.test_cards import LANGUAGES, TITLES, sound

EN = Catalogue(LOCALES).words("en")


@pytest.fixture(params=LANGUAGES)
def t(request: pytest.FixtureRequest) -> Words:
    return Catalogue(LOCALES).words(request.param)


def encoding(height: int, title: str = "Bunny", **changes: Any) -> Encoding:
    plain = Encoding(
        id=new_id(), title=title, work="film:bunny", channel_id=-1, seconds=596, size=height * 10**6, posts=1
    )
    return replace(plain, **{"lines": height, "codec": "h264", "rate": height * 5000.0, **changes})


def looked(
    encodings: Sequence[Encoding],
    state: EncodingsState = EncodingsState.OPEN,
    best: str = "",
    elsewhere: Sequence[Encoding] = (),
) -> Looked:
    ids = [each.id for each in encodings]
    group = Encodings.model_construct(
        id=new_id(),
        work="film:bunny",
        channel_id=-1,
        items=ids,
        best=ids[0],
        state=state,
        apart=[],
        joining=[],
    )
    best = best or ids[0]
    joining = [each for each in ids if each != best]
    return Looked(group, encodings, scores(encodings), best, joining, elsewhere)


def presses(look: Look) -> list[Press]:
    return [unpack(button.data) for row in look.keyboard for button in row if button.data]


def several(title: str = "Bunny", **changes: Any) -> list[Encoding]:
    best = encoding(2160, title, rate=12e6, subtitles=frozenset({"en", "es"}))
    return [best, encoding(1080, title, rate=4e6, **changes)]


@pytest.mark.parametrize("state", EncodingsState)
@pytest.mark.parametrize("asks", ["", "m", "s"])
def test_strangers_words_do_no_harm(state: EncodingsState, asks: str, t: Words) -> None:
    for title in TITLES.values():
        some = several(title, lost=1, codec=title[:10])
        some[1] = replace(some[1], merged_into=some[0].id if state is EncodingsState.MERGED else "")
        shown = looked(some, state, elsewhere=some)
        look = encodings_card(shown, t, View(encodings="e", best=shown.best, asks=asks))
        sound(look)
        listed = Listed([(shown.group, title)] * PAGE, False, 0, 2, 12, 3)
        sound(duplicates_card(listed, t))
        sound(duplicates_card(replace(listed, decided=True), t))


def test_the_better_copy_is_marked_with_its_reasons() -> None:
    shown = looked(several())
    text = encodings_card(shown, EN, View(encodings="e")).text.split("\n")
    assert text[0] == "🧬 <b>Bunny</b> · 2 encodings"
    assert text[1].startswith("★ 1. 2160p · h264 · 10 min · 2 GB · <b>100</b>/100")
    reasons = "2160p instead of 1080p · 12 Mbit/s, others 4 Mbit/s · subtitles: English, Spanish"
    assert text[2] == f"<i>{reasons}</i>"
    assert "no subtitles" in text[4]


def test_who_chose_another_one_is_told_so() -> None:
    some = several()
    shown = looked(some, best=some[1].id)
    look = encodings_card(shown, EN, View(encodings="e", best=some[1].id))
    assert "you chose this one" in look.text
    assert AskMergeEncodings(shown.group.id, some[1].id) in presses(look)
    assert "★ 1. 2160p" in look.text, "the better one stays marked"


def test_each_is_one_press_away_and_deciding_is_asked_once() -> None:
    some = several()
    shown = looked(some)
    look = encodings_card(shown, EN, View(encodings="e"))
    pressed = presses(look)
    assert {Get(each.id) for each in some} <= set(pressed)
    assert PartEncodings(shown.group.id, shown.seen) in pressed
    assert not any(isinstance(press, MergeEncodings) for press in pressed)
    asked = encodings_card(shown, EN, View(encodings="e", best=shown.best, asks="m"))
    assert MergeEncodings(shown.group.id, shown.best, shown.seen) in presses(asked)
    assert "Nothing is deleted" in asked.text


def test_what_was_merged_can_be_separated() -> None:
    some = several()
    some[1] = replace(some[1], merged_into=some[0].id)
    shown = looked(some, EncodingsState.MERGED)
    look = encodings_card(shown, EN, View(encodings="e"))
    assert AskSeparateEncodings(shown.group.id) in presses(look)
    assert not any(isinstance(press, AskMergeEncodings) for press in presses(look))
    assert "found as number 1" in look.text
    assert (
        "Tags, favourites and places in collections"
        in encodings_card(shown, EN, View(encodings="e", asks="s")).text
    )


@pytest.mark.parametrize("state", [EncodingsState.MERGING, EncodingsState.SEPARATING])
def test_while_it_is_carried_out_the_card_waits(state: EncodingsState) -> None:
    look = encodings_card(looked(several(), state), EN, View(encodings="e"))
    assert not look.final
    assert "⏳" in look.text


def test_a_card_of_many_fits_into_a_message(t: Words) -> None:
    languages = frozenset({"en", "es", "de", "fr", "it", "pt", "ja"})
    titles = max(TITLES.values(), key=len)
    many = [
        encoding(100 + n, titles, subtitles=languages if n % 2 else frozenset(), posts=9, lost=n)
        for n in range(MOST_SHOWN)
    ]
    look = encodings_card(looked(many, elsewhere=many), t, View(encodings="e"))
    sound(look)
    assert len(look.text) < 4096
    assert sum(map(len, look.keyboard)) < 100


def test_nothing_to_show(t: Words) -> None:
    sound(duplicates_card(Listed([], False, 0, 1, 0, 0), t))
    sound(duplicates_card(Listed([], True, 0, 1, 0, 4), t))
    sound(encodings_gone_card(t))


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason(Measure.EPISODES, 10, total=10), "10 of 10 episodes"),
        (Reason(Measure.TRACKS, 9, total=12), "9 of 12 tracks"),
        (Reason(Measure.LENGTH, 300, total=600), "only 5 min of 10 min"),
        (Reason(Measure.RATE, 320_000, 128_000, codec="mp3"), "320 kbit/s, others 128 kbit/s"),
        (Reason(Measure.RATE, 9e5, 3.2e5, codec="flac"), "lossless, others 320 kbit/s (this 900 kbit/s)"),
        (Reason(Measure.SUBTITLES, 0), "no subtitles"),
        (Reason(Measure.POSTS, 2, total=10), "2 of 10 posts gone"),
    ],
)
def test_reasons_in_words(reason: Reason, words: str, t: Words) -> None:
    assert reason_words(reason, EN) == words
    assert reason_words(reason, t)


@given(st.text(max_size=40))
def test_any_view_is_read(view: str) -> None:
    read = View.read(view)
    assert View.read(read.spelled) == read


def test_views_are_read_as_they_were_spelled() -> None:
    one, two = new_id(), new_id()
    assert View.read(looking(one)) == View(encodings=one)
    assert View.read(looking(one, two)) == View(encodings=one, best=two)
    assert View.read(asking_to_merge(one, two)) == View(encodings=one, best=two, asks="m")
    assert View.read(asking_to_separate(one)) == View(encodings=one, asks="s")
    assert View.read(listing(3, decided=True)) == View(page=3, decided=True)
    assert View.read("") == View()


def test_the_kept_one_names_the_others(t: Words) -> None:
    facts = Facts(
        path="", name="b.mkv", size=700 * 1024**2, blake3="", kind=Kind.VIDEO, title="B", height=720
    )
    item = Item.model_construct(id=new_id(), title="B", files=[facts], member_id="1")
    assert "720p · 700 MB" in also_here([item], t)[0]
    assert also_keys([item], t)[0][0].text.endswith("720p · 700 MB")
    assert (also_here([], t), also_keys([], t)) == ([], [])
