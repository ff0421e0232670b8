"""The Card of what is set up: every finding in both languages, pages, and keys that test."""

import pytest

from bot.assembly import LOCALES
from handlers.buttons import CheckAll, CheckPart, TurnSetup, unpack
from handlers.cards.look import Look
from handlers.cards.setup import finding_words, setup_card
from models.ids import derived_id
from services.checks.findings import NO_ANSWER, RUNNING, UNTESTED, Finding, Verdict, hint, sound, unset, wrong
from services.checks.service import Checked
from services.words import Catalogue, Words
from tests.unit.test_cards import LANGUAGES, TITLES, presses
from tests.unit.test_cards import sound as valid
from tests.unit.test_words import messages, variables

FOUND = sorted(key for key in messages("en") if key.startswith("found-"))


@pytest.fixture(params=LANGUAGES)
def t(request: pytest.FixtureRequest) -> Words:
    return Catalogue(LOCALES).words(request.param)


def checked(finding: Finding, name: str = "Some", *, testable: bool = True) -> Checked:
    return Checked(derived_id(name), "indexer", name, finding, testable)


@pytest.mark.parametrize("key", FOUND)
@pytest.mark.parametrize("verdict", Verdict)
def test_every_finding(key: str, verdict: Verdict, t: Words) -> None:
    for title in TITLES.values():
        values = {name: title for name in variables("en", key) if name != "free"}
        look = setup_card([checked(Finding(verdict, key, values, {"free": 10**10}), title)], t)
        assert valid(look)
        assert look.final == (verdict is not Verdict.RUNNING)


def test_a_problem_without_words_is_said_in_others(t: Words) -> None:
    assert finding_words(wrong("no-such-words"), t) == t.label("found-engine-trouble")
    assert finding_words(wrong("indexer-busy", indexer="<Some>"), t).startswith("<Some> ")


def test_only_what_can_be_tested_has_a_key(t: Words) -> None:
    look = setup_card([checked(UNTESTED), checked(unset("found-archive-unset"), "x", testable=False)], t)
    assert presses(look) == ["CheckPart", "CheckAll"]


def test_how_to_set_it_is_said_where_something_is_missing(t: Words) -> None:
    fine = [sound("found-ffmpeg"), hint("found-groups-private"), RUNNING]
    assert t("setup-how") not in setup_card([checked(finding) for finding in fine], t).text
    for finding in (unset("found-archive-unset"), NO_ANSWER):
        assert t("setup-how") in setup_card([checked(finding)], t).text


def pressed(look: Look, kind: type) -> list[object]:
    found = [unpack(key.data or "") for row in look.keyboard for key in row]
    return [press for press in found if type(press) is kind]


@pytest.mark.parametrize("count", [0, 1, 14, 15, 60])
def test_pages(count: int, t: Words) -> None:
    """Whoever has sixty indexers sees them fourteen at a time, and a test comes back to the same page."""
    parts = [checked(UNTESTED, f"{number} " + "x" * 500) for number in range(count)]
    seen = []
    for page in range(max(1, -(-count // 14))):
        look = setup_card(parts, t, page)
        valid(look)
        seen += pressed(look, CheckPart)
        assert pressed(look, CheckAll) == [CheckAll(page)]
        assert len(pressed(look, TurnSetup)) == (page > 0) + ((page + 1) * 14 < count)
    assert len(set(seen)) == count
    assert setup_card(parts, t, 10**6).text == setup_card(parts, t, max(0, (count - 1) // 14)).text
