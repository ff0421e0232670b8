"""How the Card of an Intake looks."""

from typing import Any

import pytest

from bot.assembly import LOCALES
from handlers.cards.intake import intake_card
from models.ids import new_id
from models.intake import Intake, IntakeState
from services.words import Catalogue, Words
from tests.unit.test_cards import LANGUAGES, TITLES, presses, sound


@pytest.fixture(params=LANGUAGES)
def t(request: pytest.FixtureRequest) -> Words:
    return Catalogue(LOCALES).words(request.param)


def intake(state: IntakeState, title: str = "Songs", **changes: Any) -> Intake:
    about = {"id": new_id(), "member_id": "1", "chat_id": 1, "channel": "@songs", "title": title}
    made: Intake = Intake.model_construct(**{**about, "state": state, **changes})
    return made


KEYS = {
    IntakeState.LOOKING: ["StopIntake"],
    IntakeState.READY: ["StartIntake", "StopIntake"],
    IntakeState.RUNNING: ["PauseIntake", "StopIntake"],
    IntakeState.PAUSED: ["ResumeIntake", "StopIntake"],
    IntakeState.DONE: ["StopIntake"],
    IntakeState.FAILED: ["RetryIntake", "StopIntake"],
    IntakeState.STOPPED: ["CloseIntake"],
}


@pytest.mark.parametrize("state", list(IntakeState))
def test_every_state_has_its_keys_and_strangers_words_do_no_harm(state: IntakeState, t: Words) -> None:
    for title in TITLES.values():
        counts = {
            "looked": 5,
            "taken": 2,
            "known": 1,
            "skipped": 1,
            "untagged": 1,
            "waiting": "telegram-away",
        }
        look = intake_card(intake(state, title, has_history=True, delivers=True, opened=True, **counts), t)
        sound(look)
        assert presses(look) == KEYS[state]
        assert not look.final


def test_who_is_no_admin_is_told_before_it_starts(t: Words) -> None:
    look = intake_card(intake(IntakeState.READY, has_history=True, delivers=False), t)
    assert t("intake-no-admin") in look.text
    assert t("intake-opens") in look.text
    assert presses(look) == ["StartIntake", "RetryIntake", "StopIntake"]
    protected = intake_card(intake(IntakeState.READY, has_history=True, delivers=True, is_protected=True), t)
    assert t("intake-protected") in protected.text
    known = intake_card(intake(IntakeState.READY, has_history=True, delivers=True), t)
    assert t("intake-no-admin") not in known.text


def test_nothing_changes_any_more_once_nobody_sees_it(t: Words) -> None:
    given_up = intake_card(intake(IntakeState.STOPPED), t)
    closed = intake_card(intake(IntakeState.STOPPED, closed=True), t)
    assert [(look.final, presses(look)) for look in (given_up, closed)] == [(True, []), (True, [])]
    assert t("intake-closed") in closed.text


def test_what_went_wrong_is_said(t: Words) -> None:
    look = intake_card(intake(IntakeState.FAILED, error="intake-nobody"), t)
    assert t("intake-nobody") in look.text
