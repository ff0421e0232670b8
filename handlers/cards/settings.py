"""The Card of /settings: what a member has chosen, and the keys to choose otherwise."""

from collections.abc import Mapping, Sequence

from handlers.buttons import (
    BeHeard,
    BeSilent,
    BringPreviews,
    ChooseLanguage,
    ChooseZone,
    Press,
    SendResults,
    TurnSettings,
    pack,
)
from handlers.cards.look import Look, in_rows, key
from models.access import LanguageBy, Member, ResultsTo
from services.access.preferences import HOURS, UTC_OFFSETS
from services.telegram.port import Button
from services.words import Words

MAIN, LANGUAGE, SILENT, UNTIL, ZONE = "main", "language", "silent", "until", "zone"
AS_TELEGRAM = "telegram"
WEST = 720
"""Minutes: numbers in buttons are not negative, so offsets are counted from UTC−12."""
_HOURS_IN_ROW, _ZONES_IN_ROW = 6, 5


def settings_card(member: Member, t: Words, languages: Mapping[str, str], view: str = MAIN) -> Look:
    """`languages`: what each language calls itself. A view `until` with an hour asks when silence ends."""
    back = [key(t, "button-back", TurnSettings(member.id, MAIN))]
    if view == LANGUAGE:
        return Look(t("settings-ask-language"), [*_languages(member, t, languages), back])
    if view == SILENT:
        always = [key(t, "button-always-sound", BeHeard(member.id))]
        return Look(t("settings-ask-silent-from"), [*_from_hours(member), always, back])
    if view.startswith(UNTIL) and view.removeprefix(UNTIL).isdigit():
        start = int(view.removeprefix(UNTIL))
        question = t("settings-ask-silent-to", start=hour_words(start))
        return Look(question, [*_to_hours(member, start), back])
    if view == ZONE:
        return Look(t("settings-ask-zone"), [*_zones(member), back])
    return Look(_overview(member, t, languages), _main_keys(member, t))


def _overview(member: Member, t: Words, languages: Mapping[str, str]) -> str:
    by = (
        "settings-language-chosen"
        if member.language_by is LanguageBy.MEMBER
        else "settings-language-telegram"
    )
    lines = [
        t("settings-headline"),
        t(by, language=languages.get(member.language, languages[t.language])),
        t(f"settings-results-{member.results_to.value}"),
        t("settings-previews-on" if member.with_previews else "settings-previews-off"),
        _silence(member, t),
        t("settings-zone", zone=zone_words(member.utc_offset)),
    ]
    return "\n".join(lines)


def _silence(member: Member, t: Words) -> str:
    if member.silent_from is None or member.silent_to is None:
        return t("settings-silent-off")
    return t("settings-silent", start=hour_words(member.silent_from), end=hour_words(member.silent_to))


def _main_keys(member: Member, t: Words) -> Sequence[Sequence[Button]]:
    to_chat = member.results_to is ResultsTo.CHAT
    other = ResultsTo.ARCHIVE if to_chat else ResultsTo.CHAT
    return [
        [key(t, "button-language", TurnSettings(member.id, LANGUAGE))],
        [
            key(
                t,
                "button-results-archive" if to_chat else "button-results-chat",
                SendResults(member.id, other.value),
            )
        ],
        [
            key(
                t,
                "button-previews-off" if member.with_previews else "button-previews-on",
                BringPreviews(member.id, int(not member.with_previews)),
            )
        ],
        [
            key(t, "button-silent", TurnSettings(member.id, SILENT)),
            key(t, "button-zone", TurnSettings(member.id, ZONE)),
        ],
    ]


def _languages(member: Member, t: Words, languages: Mapping[str, str]) -> list[list[Button]]:
    by_telegram = member.language_by is LanguageBy.TELEGRAM
    named = [
        _choice(name, ChooseLanguage(member.id, code), chosen=not by_telegram and code == member.language)
        for code, name in languages.items()
    ]
    follow = _choice(
        t.label("button-as-telegram"), ChooseLanguage(member.id, AS_TELEGRAM), chosen=by_telegram
    )
    return [named, [follow]]


def _from_hours(member: Member) -> list[list[Button]]:
    return in_rows(
        [
            _choice(
                hour_words(hour), TurnSettings(member.id, f"{UNTIL}{hour}"), chosen=hour == member.silent_from
            )
            for hour in HOURS
        ],
        _HOURS_IN_ROW,
    )


def _to_hours(member: Member, start: int) -> list[list[Button]]:
    return in_rows(
        [
            _choice(hour_words(hour), BeSilent(member.id, start, hour), chosen=hour == member.silent_to)
            for hour in HOURS
            if hour != start
        ],
        _HOURS_IN_ROW,
    )


def _zones(member: Member) -> list[list[Button]]:
    return in_rows(
        [
            _choice(
                zone_words(offset), ChooseZone(member.id, offset + WEST), chosen=offset == member.utc_offset
            )
            for offset in UTC_OFFSETS
        ],
        _ZONES_IN_ROW,
    )


def _choice(text: str, press: Press, *, chosen: bool) -> Button:
    return Button(f"● {text}" if chosen else text, data=pack(press))


def hour_words(hour: int) -> str:
    """An hour of the day as clocks show it."""
    return f"{hour:02}:00"


def zone_words(offset: int) -> str:
    """An offset in minutes as people write it: `UTC+5:30`."""
    hours, minutes = divmod(abs(offset), 60)
    sign = "−" if offset < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")
