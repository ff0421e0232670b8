"""/settings, /help and the menu: each member's own, in their language."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import pytest_asyncio

from bot.database import connect
from handlers.buttons import ChooseLanguage, SendResults, TurnSettings, pack
from models.ids import new_id
from tests.chats import answer_to, becomes, choose, newcomer
from tests.house import House, Message, Person, labels, open_house, until
from tests.torrents import single, torrent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("conversation-settings"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")


@once
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    async with open_house(folder, OPEN_ACCESS="true", TORZNAB_URLS="") as opened:
        await opened.start_bot()
        yield opened


async def settings(person: Person) -> Message:
    return await answer_to(person, "/settings")


async def sent(house: House, person: Person, method: str = "sendMessage") -> list[dict[str, Any]]:
    """What the bot sent to a person, as Telegram recorded it."""
    return [call for call in await house.record(person.id) if call["method"] == method]


async def menu(house: House, person: Person) -> dict[str, str]:
    answer = await house.http.get(f"/api/people/{person.id}/chats")
    chat = next(chat for chat in answer.json() if chat["id"] == house.bot_id)
    return {command["command"]: command["description"] for command in chat["commands"]}


async def test_the_card_says_what_holds_and_is_edited(house: House) -> None:
    person = await newcomer(house)
    card = await settings(person)
    assert card["text"].split("\n") == [
        "⚙️ Your settings",
        "🗣 Language: English, following your Telegram",
        "📬 Results: kept in the archive; the card brings a link and [Get it here]",
        "🖼 Previews: stay in the archive",
        "🔔 Silent hours: none",
        "🌍 Time zone: UTC+0",
    ]
    await person.press(card, "Send results to this chat")
    card = await becomes(person, card, "sent to this chat when they are done")
    await person.press(card, "Bring previews along")
    card = await becomes(person, card, "come along with what I deliver")
    await person.press(card, "Keep results in the archive only")
    card = await becomes(person, card, "[Get it here]")
    assert "come along" in card["text"]
    assert len(await person.messages()) == 2, "one card, edited"


async def test_another_language_changes_every_open_card_and_the_menu(house: House) -> None:
    person = await newcomer(house)
    picker = await choose(person, torrent(single(b"film.mkv")))
    first = await settings(person)
    card = await settings(person)
    await person.press(card, "Language")
    card = await becomes(person, card, "Which language")
    assert labels(card) == ["English", "Español", "● As in Telegram", "Back"]
    await person.press(card, "Español")
    card = await becomes(person, card, "🗣 Idioma: Español\n")
    await becomes(person, first, "🗣 Idioma: Español\n")
    assert "Empezar" in labels(await becomes(person, picker, "1 de 1 archivo"))
    assert (await answer_to(person, "/help"))["text"].startswith("Qué sé hacer")
    assert (await menu(house, person))["status"] == "Qué está en marcha"

    await person.press(card, "Idioma")
    card = await becomes(person, card, "En qué idioma")
    assert "● Español" in labels(card)
    await person.press(card, "Como en Telegram")
    await becomes(person, card, "Language: English, following")
    assert (await menu(house, person))["status"] == "What is going on"


async def test_silent_hours_make_no_sound_and_the_others_do(house: House) -> None:
    person = await newcomer(house, "es")
    card = await settings(person)
    await person.press(card, "Horas de silencio")
    card = await becomes(person, card, "Desde qué hora")
    now = datetime.now(UTC)
    # from the hour before this one to the one before that: silent whenever the test runs, but for one hour a day
    start, end = (now.hour - 1) % 24, (now.hour - 2) % 24
    await person.press(card, f"{start:02}:00")
    card = await becomes(person, card, f"En silencio desde las {start:02}:00")
    await person.press(card, f"{end:02}:00")
    card = await becomes(person, card, f"Horas de silencio: de {start:02}:00 a {end:02}:00")

    await answer_to(person, "/help")
    await person.press(card, "Horas de silencio")
    card = await becomes(person, card, "Desde qué hora")
    await person.press(card, "Sin horas de silencio")
    card = await becomes(person, card, "Horas de silencio: ninguna")
    await answer_to(person, "/help")
    silent = [call["parameters"].get("disable_notification", False) for call in await sent(house, person)]
    assert silent == [False, True, False]


async def test_the_time_zone_is_chosen_by_its_offset(house: House) -> None:
    person = await newcomer(house, "es")
    card = await settings(person)
    await person.press(card, "Zona horaria")
    card = await becomes(person, card, "diferencia con UTC")
    assert "● UTC+0" in labels(card)
    assert len(labels(card)) == 39
    await person.press(card, "UTC−3:30")
    await becomes(person, card, "Zona horaria: UTC−3:30")


async def test_a_press_by_somebody_else_changes_nothing(house: House) -> None:
    person, other = await newcomer(house), await newcomer(house, "es", "Eve")
    card, theirs = await settings(person), await settings(other)
    for press in (
        ChooseLanguage(str(person.id), "es"),
        SendResults(str(person.id), "chat"),
        TurnSettings(str(person.id), "zone"),
    ):
        toast = await other.press(theirs, data=pack(press))
        assert (toast["text"], toast["show_alert"]) == ("Este botón no es tuyo.", True)
    assert (await settings(person))["text"] == card["text"]
    assert (await settings(other))["text"] == theirs["text"]


@pytest.mark.parametrize("data", ["1:sl:{}:tlh", "1:sr:{}:moon", "1:sq:{}:5:5", "1:sq:{}:99:5", "1:sz:{}:7"])
async def test_what_cannot_be_chosen_is_a_stale_button(house: House, data: str) -> None:
    person = await newcomer(house)
    card = await settings(person)
    toast = await person.press(card, data=data.format(person.id))
    assert (toast["text"], toast["show_alert"]) == (
        "This button is too old. Please use the newest message.",
        True,
    )
    assert (await settings(person))["text"] == card["text"]


async def test_help_is_what_somebody_may_do(house: House) -> None:
    guest = await newcomer(house, "es")
    hers = (await answer_to(guest, "/help"))["text"]
    assert "Estás de visita" in hers
    assert "/health" not in hers
    owner = (await answer_to(house.ada, "/help"))["text"]
    assert "You own me" in owner
    assert "/health" in owner
    assert "/settings" in owner


async def test_a_chosen_language_and_its_menu_survive_a_restart(house: House) -> None:
    person = await newcomer(house)
    card = await settings(person)
    await person.press(card, "Language")
    await person.press(await becomes(person, card, "Which language"), "Español")
    await becomes(person, card, "Idioma: Español")
    await house.bots[-1].stop()
    await house.start_bot()
    assert (await answer_to(person, "/help"))["text"].startswith("Qué sé hacer")

    async def is_spanish() -> bool:
        return (await menu(house, person))["help"] == "Qué sé hacer"

    await until(is_spanish, "the menu is not in the language that was chosen")


async def test_the_menu_follows_the_role(tmp_path: Path, database_url: str) -> None:
    """Whoever becomes an admin is offered more at their next word, and no longer than they are one."""
    url = urlunsplit(urlsplit(database_url)._replace(path=f"/roles-{new_id()}"))
    client = connect(url)
    members = client.get_default_database()["members"]
    try:
        async with open_house(tmp_path, OPEN_ACCESS="true", TORZNAB_URLS="", MONGODB_URL=url) as own:
            await own.start_bot()
            person = await newcomer(own, "es")
            for role, shown in (("guest", False), ("admin", True), ("member", False)):
                await answer_to(person, "/help")
                await members.update_one({"_id": str(person.id)}, {"$set": {"role": role}})
                assert ("/health" in (await answer_to(person, "/help"))["text"]) is shown
                assert ("health" in await menu(own, person)) is shown
                assert (await menu(own, person))["help"] == "Qué sé hacer"
    finally:
        await client.drop_database(client.get_default_database().name)
        await client.close()
