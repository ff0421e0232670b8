"""How the Cards of feeds look."""

from typing import Any

import pytest

from bot.assembly import LOCALES
from handlers.cards.feeds import DELETING, FILTERING, entry_card, feed_card, feeds_card
from models.clock import now
from models.feeds import EntryState, Feed, FeedEntry, FeedKind, FeedState
from models.ids import new_id
from services.feeds.service import MINUTES
from services.feeds.shown import Shown
from services.transfers.standing import Standing
from services.words import Catalogue, Words
from tests.unit.test_cards import LANGUAGES, TITLES, presses, sound

LATER = 10**15
COUNTS = dict.fromkeys(EntryState, 2)


@pytest.fixture(params=LANGUAGES)
def t(request: pytest.FixtureRequest) -> Words:
    return Catalogue(LOCALES).words(request.param)


def feed(name: str = "Works", **changes: Any) -> Feed:
    about = {
        "id": new_id(),
        "member_id": "1",
        "chat_id": 1,
        "kind": FeedKind.ADDRESS,
        "what": "https://x.test/",
    }
    made: Feed = Feed.model_construct(**{**about, "name": name, "begun": True, "due_at": LATER, **changes})
    return made


def entry(title: str, state: EntryState = EntryState.ASKING) -> FeedEntry:
    about = {
        "id": new_id(),
        "feed": "f",
        "member_id": "1",
        "names": [],
        "order": new_id(),
        "link": "",
        "at": 0,
    }
    made: FeedEntry = FeedEntry.model_construct(**about, title=title, state=state)
    return made


@pytest.mark.parametrize("view", ["", FILTERING, DELETING])
@pytest.mark.parametrize("state", FeedState)
def test_strangers_words_do_no_harm(state: FeedState, view: str, t: Words) -> None:
    for title in TITLES.values():
        changes = {
            "wish": title,
            "silent": [title],
            "error": "pattern-wrong",
            "error_values": {"pattern": title},
        }
        shown = Shown(feed(title, state=state, failures=1, unfit=1, **changes), COUNTS, Standing(3, 1, 1, 1))
        text = sound(feed_card(shown, t, view))
        assert len(text) < 4096
        sound(feeds_card([shown] * 20, t))
        for each in EntryState:
            sound(entry_card(entry(title, each), title, t))


def test_every_state_has_its_keys(t: Words) -> None:
    first = ["PauseFeed", "LookFeed", "AskFirst", "PaceFeed", "AskFeedFilter"]
    assert presses(feed_card(Shown(feed()), t)) == [*first, "AskDeleteFeed"]
    stood = Shown(feed(wish="x"), {EntryState.SEEN: 1})
    assert presses(feed_card(stood, t)) == [*first, "ClearFeedFilter", "FetchSeen", "AskDeleteFeed"]
    paused = Shown(feed(state=FeedState.PAUSED))
    assert presses(feed_card(paused, t))[:1] == ["ResumeFeed"]
    assert presses(feed_card(Shown(feed()), t, FILTERING)) == ["BackToFeed"]
    assert presses(feed_card(Shown(feed()), t, DELETING)) == ["DeleteFeed", "BackToFeed"]
    assert presses(feed_card(Shown(feed(state=FeedState.DELETED)), t)) == []
    assert presses(entry_card(entry("x"), "Works", t)) == ["FetchEntry", "SkipEntry"]


def test_it_is_open_only_while_something_is_waited_for(t: Words) -> None:
    assert feed_card(Shown(feed()), t).final
    assert not feed_card(Shown(feed(due_at=now() - 1)), t).final
    assert feed_card(Shown(feed(due_at=0, state=FeedState.PAUSED)), t).final
    assert not feed_card(Shown(feed()), t, FILTERING).final
    assert entry_card(entry("x", EntryState.SKIPPED), "Works", t).final
    assert not entry_card(entry("x"), "Works", t).final


def test_how_often_goes_round(t: Words) -> None:
    offered = []
    for minutes in MINUTES:
        look = feed_card(Shown(feed(minutes=minutes)), t)
        offered += [
            int(str(key.data).split(":")[-1])
            for row in look.keyboard
            for key in row
            if ":fe:" in str(key.data)
        ]
    assert offered == [*MINUTES[1:], MINUTES[0]]


def test_what_is_said_of_it() -> None:
    t = Catalogue(LOCALES).words("en")
    orders = Standing(count=5, archived=3, failed=1, under_way=1)
    entries = {EntryState.SEEN: 12, EntryState.PASSED_OVER: 40, EntryState.ASKING: 1}
    shown = Shown(feed(worked_at=14 * 3_600_000, due_at=10**13, wish="-cam"), entries, orders, 60)
    lines = sound(feed_card(shown, t)).splitlines()
    assert lines == [
        "📡 Works",
        "I look at it every 15 min, less often where it asks for that.",
        "Filter: -cam",
        "Last look that worked: 15:00",
        "Next look: 18:46",
        "12 things that I had not seen stood there before. I remember them and fetch only what is new from now on.",
        "5 orders: 3 archived, 1 under way",
        "1 failed: /status shows why",
        "1 waits for your answer",
        "40 left out by the filter",
    ]
    line = sound(feeds_card([shown], t)).splitlines()[1]
    assert line == "1. Works — every 15 min, 5 orders"
