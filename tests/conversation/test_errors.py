"""What went wrong, as people read it: the cause, what was kept, what to do; never a trace, a class or an id of ours."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import pytest
import pytest_asyncio

from bot.database import connect
from handlers.buttons import Get, Pause, TurnSearch, pack
from models.ids import new_id
from tests.chats import answer_to, newcomer, send_torrent
from tests.house import House, Person, open_house
from tests.torrents import single, torrent

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("conversation-errors")]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
ITEM = new_id()
INTERNAL = re.compile(
    r"Traceback|Exception|Error\b|ObjectId|object at 0x|\bNone\b|Bad Request|errno"
    # what a database and we ourselves call things by
    r"|\b[0-9a-f]{24}\b|\b[0-9][0-9a-hjkmnp-tv-z]{15}\b"
    # a locale key that nobody translated
    r"|^[a-z]+(-[a-z]+)+$",
    re.MULTILINE,
)
CODE = re.compile(r"\b[0-9a-f]{6}\b")
LINK = "http://127.0.0.1:9/private.bin"


@once
async def house(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> AsyncIterator[House]:
    """A bot whose archive knows one damaged Copy."""
    parts = urlsplit(database_url)
    url = urlunsplit(parts._replace(path=f"/errors-{new_id()}"))
    client = connect(url)
    database = client.get_default_database()
    try:
        async with open_house(
            tmp_path_factory.mktemp("house"), OPEN_ACCESS="true", MONGODB_URL=url
        ) as opened:
            await opened.start_bot()
            damaged = {"_id": "damaged", "item": ITEM, "part": "0", "stored": True, "message_id": 1}
            await database["copies"].insert_one(damaged)
            yield opened
    finally:
        await client.drop_database(database.name)
        await client.close()


def clean(text: str) -> str:
    assert INTERNAL.search(text) is None, text
    return text


async def test_a_refusal_whose_toast_is_lost_comes_as_a_card(house: House) -> None:
    person = await newcomer(house)
    shown = await answer_to(person, "/help")
    await house.fault(method="answerCallbackQuery", action="429", retry_after=1)
    await person.press(shown, data="0:of:another:version", seconds=0)
    told = await person.wait(after=shown["message_id"])
    assert told["text"] == "This button is too old. Please use the newest message."


async def test_an_unknown_command(house: House) -> None:
    asked = await answer_to(await newcomer(house), "/frobnicate <b>x")
    assert asked["text"] == "I do not know the command /frobnicate. /help says what I can do."
    asked = await answer_to(await newcomer(house, "es"), "/frobnicate")
    assert asked["text"] == "No conozco la orden /frobnicate. Con /help ves qué sé hacer."


@pytest.mark.parametrize(
    "text",
    [
        "magnet:?xt=urn:btih:1",
        LINK,
        "/add",
        "/add nothing",
        "/search",
        "/start get_nothing",
        "/start preview_x",
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
async def test_what_cannot_be_done_is_said_in_words(house: House, text: str, language: str) -> None:
    clean((await answer_to(await newcomer(house, language), text))["text"])


@pytest.mark.parametrize("language", ["en", "es"])
async def test_a_wrong_file(house: House, language: str) -> None:
    for name, data in (("letter.pdf", b"%PDF-1.4"), ("some.torrent", b"not a torrent")):
        person = await newcomer(house, language)
        sent = await person.send(name, data)
        clean((await person.wait(after=sent["message_id"]))["text"])


@pytest.mark.parametrize("language", ["en", "es"])
async def test_a_button_that_leads_nowhere(house: House, language: str) -> None:
    person = await newcomer(house, language)
    card = await answer_to(person, "/help")
    gone = new_id()
    for data in (
        pack(Get(gone)),
        pack(Pause(gone)),
        pack(TurnSearch(gone, 1)),
        "0:xx:1",
        "1:go",
        "\x00",
        "🤷",
    ):
        toast = await person.press(card, data=data)
        assert toast["show_alert"]
        assert clean(toast["text"])


@pytest.mark.parametrize(
    ("language", "says"), [("en", "Telegram refuses this."), ("es", "Telegram no lo permite.")]
)
async def test_telegram_refuses(house: House, language: str, says: str) -> None:
    """Its own words are in the log, under the code of the card."""
    person = await newcomer(house, language)
    await house.fault(method="getFile", action="400", count=1)
    card = await send_torrent(person, torrent(single()))
    assert clean(card["text"]).startswith(says)
    await _in_the_log(house, card["text"], "telegram-refuses")
    assert "📄" in (await send_torrent(person, torrent(single())))["text"], "the same once more works"


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "That went wrong in a way I did not foresee."), ("es", "Eso salió mal de un modo que no preví.")],
)
async def test_what_nobody_foresaw(house: House, language: str, says: str) -> None:
    """The archive holds something that cannot be read: the trace goes to the log, its code to the person."""
    person = await newcomer(house, language)
    card = await answer_to(person, f"/start get_{ITEM}")
    assert clean(card["text"]).startswith(says)
    await _in_the_log(house, card["text"], "unexpected")
    toast = await person.press(card, data=pack(Get(ITEM)))
    assert clean(toast["text"]).startswith(says)
    await _in_the_log(house, toast["text"], "unexpected")
    assert "Traceback" in house.bots[-1].text()
    assert await _still_works(person)


async def _in_the_log(house: House, text: str, event: str) -> None:
    (code,) = CODE.findall(text)
    await house.said_by_a_bot(rf"{event}.*code={code}")


async def _still_works(person: Person) -> bool:
    return "/settings" in (await answer_to(person, "/help"))["text"]
