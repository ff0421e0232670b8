"""Who may use the bot, and in whose words it answers."""

from pathlib import Path

import httpx
import pytest

from tests.chats import answer_to, newcomer
from tests.house import House, labels, open_house, until
from tests.torrents import single, torrent

pytestmark = pytest.mark.xdist_group("conversation-access")
STRANGER = {
    "en": "I only work for my members. Please ask my owner.",
    "es": "Solo trabajo para mis miembros. Habla con quien me administra.",
}


async def _claim_code(house: House) -> str:
    found = await house.bots[-1].said(r"become the owner\S*:? .*?([0-9a-f]{16})")
    return found.group(1)


async def test_the_claim_code_makes_the_first_who_sends_it_the_owner(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNER_ID="", TORZNAB_URLS="") as house:
        await house.start_bot()
        code = await _claim_code(house)
        for words in ("/start", "0" * len(code)):
            assert (await answer_to(house.ada, words))["text"] == (
                "Nobody owns me yet. Send me the claim code that was printed when I started."
            )
        welcome = await answer_to(house.blas, f" {code}\n")
        assert welcome["text"] == "Ahora eres la persona dueña. Te doy la bienvenida, Blas."
        setup = await house.blas.wait(contains="Qué está configurado")
        assert "Probarlo todo" in labels(setup)
        assert (await answer_to(house.ada, code))["text"] == STRANGER["en"]
        assert "Qué sé hacer" in (await answer_to(house.blas, "/help"))["text"]

        await house.bots[-1].stop()
        await house.start_bot()
        assert "become the owner" not in house.bots[-1].text()
        await house.ada.say(code)
        line = await house.ada.wait(contains=STRANGER["en"])
        assert (await house.ada.press(line, data="1:go:abc"))["text"] == STRANGER["en"]


async def test_a_guest_of_an_open_bot_may_claim_it_too(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNER_ID="", OPEN_ACCESS="true", TORZNAB_URLS="") as house:
        await house.start_bot()
        assert "I am Magpie" in (await answer_to(house.ada, "/start"))["text"]
        code = await _claim_code(house)
        assert (await answer_to(house.ada, code))["text"] == "You are the owner now. Welcome, Ada."
        assert (await answer_to(house.blas, code))["text"].startswith("No sé qué hacer con esto.")


async def test_strangers_get_one_polite_line_a_day_and_nothing_else(tmp_path: Path) -> None:
    async with open_house(tmp_path, TORZNAB_URLS="") as house:
        await house.start_bot()
        await house.ada.say("/start")
        hers = [await house.ada.wait(contains=words) for words in ("I am Magpie", "What is set up")]
        for language in ("en", "es"):
            for text in ("/start", "/search tones", "magnet:?xt=urn:btih:1", "hello", "/start get_abc"):
                stranger = await newcomer(house, language)
                line = await answer_to(stranger, text)
                assert (line["text"], labels(line)) == (STRANGER[language], [])
        await stranger.send("a.torrent", torrent(single()))
        await stranger.say("/start")
        toast = await stranger.press(line, data="1:go:abc")
        assert (toast["text"], toast["show_alert"]) == (STRANGER["es"], True)
        assert len(await stranger.messages()) == 4
        assert (await house.ada.messages())[1:] == hers


async def test_with_open_access_anyone_is_a_guest(tmp_path: Path) -> None:
    async with open_house(tmp_path, TORZNAB_URLS="") as house:
        await house.start_bot()
        assert (await answer_to(house.blas, "/start"))["text"] == STRANGER["es"]
        await house.bots[-1].stop()

        await house.start_bot(OPEN_ACCESS="true")
        welcome = await answer_to(house.blas, "/start")
        assert welcome["text"].startswith("Hola, Blas. Soy Magpie")
        sent = await house.blas.send("a.torrent", torrent(single(b"film.mkv")))
        card = await house.blas.wait(button="Empezar", after=sent["message_id"])
        assert card["text"].startswith("📄 film.mkv · 1 de 1 archivo · 48,8 KB")


async def test_the_menu_of_commands_speaks_the_language_of_each(tmp_path: Path) -> None:
    async with open_house(tmp_path, TORZNAB_URLS="") as house:
        await house.start_bot()
        await answer_to(house.ada, "/start")
        await answer_to(house.blas, "/start")
        assert await _menu(house, house.ada.id) == {
            "start": "Say hello",
            "help": "What I can do",
            "search": "Search your indexers",
            "add": "Fetch a link, magnet, .torrent or file",
            "status": "What is going on",
            "files": "Choose files by a pattern",
            "grab": "Archive what a channel holds",
            "library": "Find what was archived",
            "tag": "Put tags on a work",
            "collections": "Series, albums and collections",
            "collect": "Put a work into a collection",
            "intake": "Take in a channel that is full already",
            "mydata": "What I keep of you",
            "duplicates": "Works that came in several encodings",
            "feed": "Fetch by itself what is new",
            "feeds": "Your feeds",
            "settings": "Language, results, silent hours",
            "health": "What is set up, and a test of it",
        }
        his = await _menu(house, house.blas.id)
        assert his["search"] == "Buscar en tus indexadores"
        assert "health" not in his


async def test_a_menu_that_telegram_does_not_take_at_start_is_set_later(tmp_path: Path) -> None:
    async with open_house(tmp_path, TORZNAB_URLS="") as house:
        await house.blas.start()
        await house.fault(method="setMyCommands", action="500", count=6)
        await house.start_bot()

        async def is_spanish() -> bool:
            return (await _menu(house, house.blas.id)).get("search") == "Buscar en tus indexadores"

        await until(is_spanish, "the menu was never set")


async def _menu(house: House, person: int) -> dict[str, str]:
    answer: httpx.Response = await house.http.get(f"/api/people/{person}/chats")
    chat = next(chat for chat in answer.json() if chat["id"] == house.bot_id)
    return {command["command"]: command["description"] for command in chat["commands"]}
