"""The Cards of /settings and /help in both languages, on every side and for every role."""

import re

import pytest

from bot.assembly import LOCALES
from handlers.buttons import BeSilent, ChooseLanguage, ChooseZone, SendResults, TurnSettings, unpack
from handlers.cards.help import NEEDED, help_card
from handlers.cards.look import Look
from handlers.cards.settings import LANGUAGE, MAIN, SILENT, UNTIL, WEST, ZONE, settings_card, zone_words
from handlers.register import COMMANDS, command_menu
from models.access import LanguageBy, Member, ResultsTo, Role
from services.access.preferences import UTC_OFFSETS
from services.words import Catalogue, Words
from tests.unit.test_cards import LANGUAGES, presses, sound

NAMES = {"en": "English", "es": "Español"}
VIEWS = ("", MAIN, LANGUAGE, SILENT, ZONE, f"{UNTIL}0", f"{UNTIL}23", UNTIL, "of a later version")


@pytest.fixture(params=LANGUAGES)
def t(request: pytest.FixtureRequest) -> Words:
    return Catalogue(LOCALES).words(request.param)


def person(**changes: object) -> Member:
    values: dict[str, object] = {"id": "9" * 15, "name": "Ada", "role": Role.MEMBER, "language": "en"}
    made: Member = Member.model_construct(**{**values, **changes})
    return made


MEMBERS = {
    "new": person(),
    "set": person(
        language_by=LanguageBy.MEMBER,
        results_to=ResultsTo.CHAT,
        with_previews=True,
        silent_from=22,
        silent_to=7,
        utc_offset=345,
    ),
    "of a language we do not speak": person(language="tlh"),
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", MEMBERS)
def test_every_side(name: str, view: str, t: Words) -> None:
    look = settings_card(MEMBERS[name], t, NAMES, view)
    assert sound(look)
    assert not look.final, "it follows when its member chooses another language"
    assert all(
        getattr(unpack(key.data or ""), "member", "") == "9" * 15 for row in look.keyboard for key in row
    )


def test_the_overview_says_what_is_set() -> None:
    t = Catalogue(LOCALES).words("en")
    assert sound(settings_card(MEMBERS["set"], t, NAMES)).split("\n")[1:] == [
        "🗣 Language: English",
        "📬 Results: kept in the archive, and sent to this chat when they are done",
        "🖼 Previews: come along with what I deliver",
        "🔕 Silent hours: from 22:00 to 07:00; what I send then makes no sound",
        "🌍 Time zone: UTC+5:45",
    ]


def buttons(look: Look, kind: type) -> list[object]:
    found = [unpack(key.data or "") for row in look.keyboard for key in row]
    return [press for press in found if type(press) is kind]


def test_a_toggle_says_what_it_wants_so_pressing_twice_is_harmless(t: Words) -> None:
    member = MEMBERS["new"]
    assert buttons(settings_card(member, t, NAMES), SendResults) == [SendResults(member.id, "chat")]
    assert buttons(settings_card(MEMBERS["set"], t, NAMES), SendResults) == [
        SendResults(member.id, "archive")
    ]


def test_every_hour_and_every_offset_can_be_chosen(t: Words) -> None:
    member = MEMBERS["set"]
    starts = buttons(settings_card(member, t, NAMES, SILENT), TurnSettings)
    assert len(starts) == 25
    ends = buttons(settings_card(member, t, NAMES, f"{UNTIL}22"), BeSilent)
    assert ends == [BeSilent(member.id, 22, hour) for hour in range(24) if hour != 22]
    zones = buttons(settings_card(member, t, NAMES, ZONE), ChooseZone)
    assert zones == [ChooseZone(member.id, offset + WEST) for offset in UTC_OFFSETS]
    languages = buttons(settings_card(member, t, NAMES, LANGUAGE), ChooseLanguage)
    assert languages == [ChooseLanguage(member.id, code) for code in ("en", "es", "telegram")]


@pytest.mark.parametrize(
    ("offset", "words"), [(0, "UTC+0"), (-210, "UTC−3:30"), (765, "UTC+12:45"), (-60, "UTC−1")]
)
def test_offsets_in_words(offset: int, words: str) -> None:
    assert zone_words(offset) == words


def test_every_command_says_which_right_it_needs() -> None:
    assert set(NEEDED) >= set(COMMANDS)


@pytest.mark.parametrize("role", Role)
def test_help_names_what_the_menu_shows_and_nothing_else(role: Role, t: Words) -> None:
    text = sound(help_card(role, t))
    shown = {command.command for command in command_menu(role, t)} - {"start", "help"}
    assert set(re.findall(r"^/(\w+)", text, re.MULTILINE)) == shown
    assert presses(help_card(role, t)) == []


def test_help_differs_by_role(t: Words) -> None:
    assert len({help_card(role, t).text for role in Role}) == len(Role)
