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
        changes = {"wish": title, "examples": [title], "matching": 1, "looked": 2, "size": 5, "known": 1}
        look = grab_card(grab(state, title, **changes), t)
        sound(look)
        assert presses(look) == KEYS[state]
        assert look.final is (state in {GrabState.DONE, GrabState.STOPPED})


def test_what_failed_can_be_tried_again(t: Words) -> None:
    look = grab_card(grab(GrabState.DONE, failed=2, archived=1), t)
    assert (presses(look), look.final) == (["RetryGrab"], False)


def test_nothing_that_matches_is_not_begun(t: Words) -> None:
    assert presses(grab_card(grab(GrabState.READY, looked_at_all=True), t)) == ["StopGrab"]
    assert presses(grab_card(grab(GrabState.READY, looked_at_all=False), t)) == ["StartGrab", "StopGrab"]


def test_why_it_waits_is_said(t: Words) -> None:
    look = grab_card(grab(GrabState.RUNNING, waiting="telegram-away"), t)
    assert t.label("telegram-away") in look.text
