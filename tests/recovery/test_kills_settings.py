"""Killed with SIGKILL while members set something, the owner tests their set-up, and results go into a member's own chat."""

import asyncio
from pathlib import Path

import pytest

from tests.chats import becomes
from tests.databases import own_database
from tests.house import House, Message, Person, labels, open_house, until
from tests.programs import need
from tests.recovery.journeys import LONG, house_with_tones, kind, order, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import CHECKS, GREETED, PREFER, RESULTS

pytestmark = [pytest.mark.timeout(1200), pytest.mark.xdist_group("recovery-settings")]


async def test_killed_while_a_member_chooses_a_language(tmp_path: Path, database_url: str) -> None:
    """Card, menu and answers are in the language that was chosen last, however often it was interrupted."""
    async with (
        own_database(database_url, "settings") as (url, database),
        open_house(tmp_path, OPEN_ACCESS="true", TORZNAB_URLS="", MONGODB_URL=url) as house,
    ):
        blas = house.blas

        async def journey(_number: int) -> None:
            # as if Telegram had spoken another language until now
            await database["members"].update_one({"_id": str(blas.id)}, {"$set": {"language": "en"}})
            asked = await blas.say("/settings")
            await blas.wait(contains="Tus ajustes", after=asked["message_id"], seconds=LONG)
            await _turn(blas, asked, "Idioma", "English", "Language: English\n")
            await _has_menu(house, blas, "What I can do")
            await _turn(blas, asked, "Language", "Como en Telegram|As in Telegram", "el de tu Telegram")

        async def check() -> None:
            await _has_menu(house, blas, "Qué sé hacer")

        await Killer(house, sides(*PREFER)).travel(journey, check)


async def _turn(person: Person, asked: Message, side: str, choices: str, says: str) -> None:
    """Chooses on a side of the Card; of twins that a kill left behind either may be pressed."""
    after, first = asked["message_id"], choices.split("|")
    await press(person, await person.wait(button=side, after=after, seconds=LONG), side)
    choice = first[-1] if side == "Language" else first[0]
    card = await person.wait(button=choice, after=after, seconds=LONG)
    label = next(label for label in labels(card) if any(each in label for each in first))
    await press(person, card, label)
    await person.wait(contains=says, after=after, seconds=LONG)


async def _menu(house: House, person: Person) -> str:
    answer = await house.http.get(f"/api/people/{person.id}/chats")
    chat = next(chat for chat in answer.json() if chat["id"] == house.bot_id)
    return str({command["command"]: command["description"] for command in chat["commands"]}["help"])


async def _has_menu(house: House, person: Person, words: str) -> None:
    """What was pressed may be on its way once more, after a kill that came when the Card was edited already."""

    async def is_so() -> bool:
        return await _menu(house, person) == words

    await until(is_so, f"the menu does not say {words}", LONG)


async def test_killed_while_the_owner_is_greeted(tmp_path: Path, database_url: str) -> None:
    async with (
        own_database(database_url, "settings") as (url, database),
        open_house(tmp_path, TORZNAB_URLS="", MONGODB_URL=url) as house,
    ):

        async def journey(_number: int) -> None:
            await database["members"].update_one({"_id": str(house.ada.id)}, {"$set": {"shown_setup": False}})
            said = await house.ada.say("/start")
            await house.ada.wait(contains="What is set up", after=said["message_id"], seconds=LONG)

            async def is_noted() -> bool:
                ada = await database["members"].find_one({"_id": str(house.ada.id)})
                return ada is not None and bool(ada["shown_setup"])

            await until(is_noted, "it was not noted", LONG)

        async def check() -> None:
            said = await house.ada.say("/start")
            await house.ada.wait(contains="Hello", after=said["message_id"], seconds=LONG)

        await Killer(house, sides(*GREETED)).travel(journey, check)


async def test_killed_while_the_archive_is_tested(tmp_path: Path) -> None:
    """The test is done again; a kill between posting and deleting leaves its one message, which says what it is."""
    async with open_house(tmp_path, TORZNAB_URLS="") as house:

        async def journey(_number: int) -> None:
            asked = await house.ada.say("/health")
            card = await house.ada.wait(contains="What is set up", after=asked["message_id"], seconds=LONG)
            await press(house.ada, card, "Test archive channel")
            await becomes(house.ada, card, "✅ archive channel")

        async def check() -> None:
            left = await house.ada.messages(house.channel)
            assert len(left) <= len(house.bots) - 1
            assert all("may be deleted" in message["text"] for message in left)

        await Killer(house, sides(*CHECKS)).travel(journey, check)


async def test_killed_while_a_result_goes_into_a_chat(tmp_path: Path, database_url: str) -> None:
    """At most once, and with the last, unkilled journey exactly once."""
    need("ffmpeg")
    async with (
        own_database(database_url, "settings") as (url, database),
        house_with_tones(tmp_path, MONGODB_URL=url) as (house, tone),
    ):
        orders = 0

        async def journey(number: int) -> None:
            nonlocal orders
            orders += 1
            if number == 0:
                await _send_results_here(house.ada)
            await order(house.ada, await asyncio.to_thread(tone, number))
            await until(_all_claimed, "the result was not delivered", LONG)

        async def _all_claimed() -> bool:
            return await database["deliveries"].count_documents({}) == orders

        async def check() -> None:
            audios = [message for message in await house.ada.messages() if kind(message) == "audio"]
            assert len(audios) <= orders

        await Killer(house, sides(*RESULTS)).travel(journey, check)

        async def is_there() -> bool:
            return kind((await house.ada.messages())[-1]) == "audio"

        await until(is_there, "the last result did not come", LONG)


async def _send_results_here(person: Person) -> None:
    asked = await person.say("/settings")
    card = await person.wait(contains="Your settings", after=asked["message_id"], seconds=LONG)
    await press(person, card, "Send results to this chat")
    await becomes(person, card, "sent to this chat when they are done")
