"""How the Card of a Grab looks."""

from typing import Any

import pytest

from bot.assembly import LOCALES
from handlers.cards.grab import grab_card
from models.grabs import Grab, GrabState
from models.ids import new_id
from services.words import Catalogue, Words
from tests.unit.test_cards import LANGUAGES, TITLES, presses, sound


@pytest.fixture(params=LANGUAGES)
def t(request: pytest.FixtureRequest) -> Words:
    return Catalogue(LOCALES).words(request.param)


def grab(state: GrabState, title: str = "Songs", **changes: Any) -> Grab:
    about = {"id": new_id(), "member_id": "1", "chat_id": 1, "channel": "@songs", "title": title}
    made: Grab = Grab.model_construct(**{**about, "state": state, **changes})
    return made


KEYS = {
    GrabState.LOOKING: ["StopGrab"],
    GrabState.READY: ["StartGrab", "StopGrab"],
    GrabState.RUNNING: ["PauseGrab", "StopGrab"],
    GrabState.PAUSED: ["ResumeGrab", "StopGrab"],
    GrabState.DONE: [],
    GrabState.FAILED: ["RetryGrab"],
    GrabState.STOPPED: [],
}


@pytest.mark.parametrize("state", list(GrabState))
def test_every_state_has_its_keys_and_strangers_words_do_no_harm(state: GrabState, t: Words) -> None:
    for title in TITLES.values():
        changes = {"wish": title, "examples": [title], "matching": 1, "coming": 1, "looked": 2, "known": 1}
        look = grab_card(grab(state, title, **changes), t)
        sound(look)
        assert presses(look) == KEYS[state]
        assert look.final is (state in {GrabState.DONE, GrabState.STOPPED})


def test_what_failed_can_be_tried_again(t: Words) -> None:
    look = grab_card(grab(GrabState.DONE, failed=2, archived=1), t)
    assert (presses(look), look.final) == (["RetryGrab"], False)


def test_nothing_that_matches_is_not_begun(t: Words) -> None:
    assert presses(grab_card(grab(GrabState.READY, has_more=False), t)) == ["StopGrab"]
    assert presses(grab_card(grab(GrabState.READY, has_more=True), t)) == ["StartGrab", "StopGrab"]


def test_nothing_that_would_come_is_not_begun(t: Words) -> None:
    """It matches, but is there already."""
    look = grab_card(grab(GrabState.READY, matching=2, looked=2, has_more=False), t)
    assert presses(look) == ["StopGrab"]
    assert t("grab-left-out", known=2) in look.text


def test_what_is_said_of_what_would_come_is_true() -> None:
    """With a limit nobody knows how many of the newest match."""
    t = Catalogue(LOCALES).words("en")
    about: dict[str, Any] = {"matching": 10, "coming": 7, "looked": 100, "size": 7000, "examples": ["a.mp3"]}
    said: dict[str, dict[str, Any]] = {
        "10 of the newest 100 files match.": {"has_more": False},
        "10 of 100 files match.": {"has_more": False, "looked_at_all": True},
        "The newest 10 files that match are wanted.": {"has_more": False, "limited": True},
    }
    then = [
        "3 of them stay out: they are archived already, or posted twice.",
        "7 would come, 6.8 KB:",
        "· a.mp3",
    ]
    for found, how in said.items():
        lines = grab_card(grab(GrabState.READY, **about, **how), t).text.splitlines()
        assert lines[1:] == [found, *then]
    lines = grab_card(grab(GrabState.READY, **about, has_more=True), t).text.splitlines()
    assert lines[-1] == "Older ones that match come, too."


def test_why_it_waits_is_said(t: Words) -> None:
    look = grab_card(grab(GrabState.RUNNING, waiting="telegram-away"), t)
    assert t.label("telegram-away") in look.text
