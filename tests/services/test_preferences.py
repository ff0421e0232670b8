"""What members set for themselves, and nobody else for them."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from models.access import LanguageBy, Member, ResultsTo, Role
from services.access.preferences import UTC_OFFSETS, Preferences, UnknownChoice
from services.access.rights import NotAllowed
from services.access.service import AccessService, Person
from tests.services.orders import member

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
preferences = Preferences(("en", "es"))
Change = Callable[[str, Member], Awaitable[Member]]
CHANGES: dict[str, Change] = {
    "language": lambda whose, by: preferences.speak(whose, "es", by=by),
    "as Telegram": lambda whose, by: preferences.speak_as_telegram(whose, "es", by=by),
    "results": lambda whose, by: preferences.send_results(whose, ResultsTo.CHAT, by=by),
    "previews": lambda whose, by: preferences.bring_previews(whose, wanted=True, by=by),
    "silence": lambda whose, by: preferences.be_silent(whose, 22, 7, by=by),
    "sound": lambda whose, by: preferences.be_heard(whose, by=by),
    "zone": lambda whose, by: preferences.live_at(whose, 330, by=by),
    "look": lambda whose, by: preferences.own(whose, by=by),
}


async def stored(name: str = "ada") -> Member:
    found = await Member.get(name)
    assert found is not None
    return found


def moment(hour: int, minute: int = 0) -> int:
    return int(datetime(2026, 3, 1, hour, minute, tzinfo=UTC).timestamp() * 1000)


async def test_a_new_member_has_what_everybody_had_before() -> None:
    await member()
    ada = await stored()
    assert (ada.results_to, ada.with_previews, ada.language_by) == (
        ResultsTo.ARCHIVE,
        False,
        LanguageBy.TELEGRAM,
    )
    assert not any(ada.wants_silence(moment(hour)) for hour in range(24))


async def test_a_member_of_before_these_settings_is_read() -> None:
    old = {"_id": "ada", "name": "Ada", "role": "member", "language": "es", "joined_at": 1}
    await Member.get_pymongo_collection().insert_one(old)
    assert (await stored()).language == "es"
    ada = await preferences.be_silent("ada", 22, 7, by=await stored())
    assert (ada.silent_from, ada.silent_to, ada.language) == (22, 7, "es")


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("role", Role)
async def test_everybody_sets_their_own(change: str, role: Role) -> None:
    ada = await member("ada", role)
    changed = await CHANGES[change]("ada", ada)
    assert changed == await stored()
    assert (await CHANGES[change]("ada", changed)) == changed, "the same twice changes nothing"


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("role", Role)
async def test_nobody_sets_somebody_elses(change: str, role: Role) -> None:
    before, eve = await member("ada"), await member("eve", role)
    with pytest.raises(NotAllowed):
        await CHANGES[change]("ada", eve)
    assert await stored() == before


async def test_what_cannot_be_chosen_is_refused() -> None:
    ada = await member()
    for language in ("", "de", "telegram", "EN"):
        with pytest.raises(UnknownChoice):
            await preferences.speak("ada", language, by=ada)
    for start, end in ((24, 7), (-1, 7), (22, 24), (7, 7)):
        with pytest.raises(UnknownChoice):
            await preferences.be_silent("ada", start, end, by=ada)
    for offset in (1, 61, -721, 2**31):
        with pytest.raises(UnknownChoice):
            await preferences.live_at("ada", offset, by=ada)
    assert await stored() == ada


async def test_a_chosen_language_stays_and_one_that_was_not_follows_telegram() -> None:
    access = AccessService(owner_id=None, open_access=False, claim_secret="x")
    await member("1")
    assert (await access.admit(Person("1", "Ada", "es"))).language == "es"
    ada = await preferences.speak("1", "en", by=await stored("1"))
    assert (await access.admit(Person("1", "Ada", "es"))).language == "en"
    await preferences.speak_as_telegram("1", "es", by=ada)
    assert (await access.admit(Person("1", "Ada", "en"))).language == "en"
    assert (await stored("1")).language == "en"


async def test_results_that_were_done_before_the_choice_are_told_apart() -> None:
    ada = await preferences.send_results("ada", ResultsTo.CHAT, by=await member())
    assert ada.results_since > 0
    again = await preferences.send_results("ada", ResultsTo.CHAT, by=ada)
    assert again.results_since == ada.results_since


@pytest.mark.parametrize(
    ("start", "end", "silent", "heard"),
    [(22, 7, (22, 23, 0, 6), (7, 12, 21)), (1, 3, (1, 2), (0, 3, 23)), (0, 23, (0, 22), (23,))],
)
async def test_silent_hours_go_over_midnight(
    start: int, end: int, silent: tuple[int, ...], heard: tuple[int, ...]
) -> None:
    ada = await preferences.be_silent("ada", start, end, by=await member())
    assert all(ada.wants_silence(moment(hour, minute)) for hour in silent for minute in (0, 59))
    assert not any(ada.wants_silence(moment(hour, minute)) for hour in heard for minute in (0, 59))
    assert not (await preferences.be_heard("ada", by=ada)).wants_silence(moment(start))


@pytest.mark.parametrize("offset", UTC_OFFSETS)
async def test_silent_hours_are_those_of_the_members_clock(offset: int) -> None:
    ada = await preferences.be_silent("ada", 22, 7, by=await member())
    ada = await preferences.live_at("ada", offset, by=ada)
    local_ten_at_night = moment(22) - offset * 60_000
    assert ada.wants_silence(local_ten_at_night)
    assert not ada.wants_silence(local_ten_at_night - 1)
    assert ada.wants_silence(local_ten_at_night + 9 * 3_600_000 - 1)
    assert not ada.wants_silence(local_ten_at_night + 9 * 3_600_000)


async def test_a_group_does_not_sleep_when_one_of_it_does() -> None:
    ada = await preferences.be_silent("7", 22, 7, by=await member("7"))
    assert ada.is_silent_in(7, moment(23))
    assert not ada.is_silent_in(7, moment(12))
    assert not ada.is_silent_in(-7, moment(23))
