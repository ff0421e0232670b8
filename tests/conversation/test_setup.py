"""What the owner is told about their own set-up, and one press to test each part of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.chats import answer_to, becomes, newcomer
from tests.engines import Aria2
from tests.house import EMBEDDED, House, Message, Person, Process, labels, open_house
from tests.indexers import KEY, TorznabServer, Works
from tests.loopback import serve
from tests.programs import need

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("conversation-setup")]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
SECRET_KEY = "planted-key-of-an-indexer"
RIGHTS = ("can_manage_chat", "can_post_messages", "can_edit_messages", "can_delete_messages")


@once
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    works = Works(3)
    async with serve(TorznabServer(works)) as indexer:
        urls = f"Good={indexer.url}/1/api?apikey={KEY},Gone=http://127.0.0.1:9/api?apikey={SECRET_KEY}"
        folder = tmp_path_factory.mktemp("house")
        async with open_house(folder, OPEN_ACCESS="true", TORZNAB_URLS=urls, **EMBEDDED) as opened:
            await opened.start_bot()
            yield opened


async def health(person: Person) -> Message:
    said = await person.say("/health")
    return await person.wait(contains="What is set up", after=said["message_id"])


async def standing(house: House, status: str, *rights: str) -> None:
    """Makes the bot something in the archive channel."""
    body: dict[str, object] = {"user": house.bot_id, "status": status, "by": house.ada.id}
    if rights:
        body["rights"] = list(rights)
    answer = await house.http.post(f"/api/channels/{house.channel}/members", json=body)
    answer.raise_for_status()


def line(card: Message, part: str) -> str:
    return next(line for line in str(card["text"]).split("\n") if f" {part}: " in line)


async def test_the_owner_is_shown_it_once_and_then_when_they_ask(house: House) -> None:
    said = await house.ada.say("/start")
    card = await house.ada.wait(contains="What is set up", after=said["message_id"])
    assert line(card, "Telegram") == "✅ Telegram: @magpie_sim_bot"
    assert line(card, "archive channel") == "❔ archive channel: set up, not tested yet"
    assert line(card, "downloader embedded") == "❔ downloader embedded: set up, not tested yet"
    assert line(card, "more downloaders").startswith("➖ more downloaders: QBITTORRENT_URL and ARIA2_URL")
    assert line(card, "database").startswith("✅ database: embedded")
    assert line(card, "disk").endswith(" free")
    assert line(card, "groups").startswith("💡 groups: privacy mode is on")
    assert labels(card) == [
        "Test groups",
        "Test archive channel",
        "Test downloader embedded",
        "Test indexer Good",
        "Test indexer Gone",
        "Test all",
    ]
    again = await answer_to(house.ada, "/start")
    assert again["text"].startswith("Hello, Ada")
    newest = await answer_to(house.ada, "/help")
    assert "What I can do" in newest["text"], "nothing came in between"
    await health(house.ada)


async def test_each_part_is_tested_by_one_press(house: House) -> None:
    card = await health(house.ada)
    await house.ada.press(card, "Test indexer Good", seconds=60)
    card = await becomes(house.ada, card, "indexer Good: answers as")
    await house.ada.press(card, "Test indexer Gone", seconds=60)
    card = await becomes(house.ada, card, "❌ indexer Gone: Gone is out of reach or overloaded")
    assert line(card, "indexer Good").startswith("✅")
    await house.ada.press(card, "Test downloader embedded", seconds=60)
    card = await becomes(house.ada, card, "✅ downloader embedded: version ")
    assert "❔ archive channel" in card["text"]


async def test_what_is_heard_in_groups_is_asked_anew(house: House) -> None:
    card = await health(house.ada)
    await house.ada.change_bot(privacy=False)
    try:
        await house.ada.press(card, "Test groups", seconds=60)
        await becomes(house.ada, card, "✅ groups: privacy mode is off")
    finally:
        await house.ada.change_bot(privacy=True)
    await house.ada.press(card, "Test groups", seconds=60)
    card = await becomes(house.ada, card, "💡 groups: privacy mode is on")
    assert "/setprivacy" in line(card, "groups")


async def test_the_command_line_says_it_too(house: House, tmp_path: Path) -> None:
    check = await Process.fork(
        tmp_path / "check.log", "bot", "check", env={**house.environment, "COLUMNS": "400"}
    )
    await check.ended(seconds=60)
    assert "– groups: privacy mode is on" in check.text()


async def test_the_archive_is_tested_with_a_real_message(house: House) -> None:
    card = await health(house.ada)
    await house.ada.press(card, "Test archive channel", seconds=60)
    await becomes(house.ada, card, "✅ archive channel: a silent message could be posted and deleted")
    calls = [call for call in await house.record(house.channel) if call["ok"]]
    posted = [call for call in calls if call["method"] == "sendMessage"]
    assert [call["parameters"]["disable_notification"] for call in posted] == [True]
    deleted = [call["parameters"]["message_id"] for call in calls if call["method"] == "deleteMessage"]
    assert deleted == [posted[0]["message_id"]]
    assert await house.ada.messages(house.channel) == []


@pytest.mark.parametrize(
    ("status", "rights", "says"),
    [
        ("administrator", ("can_manage_chat",), "post"),
        ("member", (), "admin"),
        ("left", (), "channel"),
    ],
)
async def test_a_missing_right_is_named(
    house: House, status: str, rights: tuple[str, ...], says: str
) -> None:
    await standing(house, status, *rights)
    try:
        card = await health(house.ada)
        await house.ada.press(card, "Test archive channel", seconds=60)
        card = await becomes(house.ada, card, "❌ archive channel")
        assert says in line(card, "archive channel")
        assert "Bad Request" not in card["text"]
    finally:
        await standing(house, "administrator", *RIGHTS)
    card = await health(house.ada)
    await house.ada.press(card, "Test archive channel", seconds=60)
    await becomes(house.ada, card, "✅ archive channel")


async def test_all_at_once(house: House) -> None:
    card = await health(house.ada)
    await house.ada.press(card, "Test all", seconds=60)
    card = await becomes(house.ada, card, pattern=r"(?s)^(?!.*[❔⏳])")
    for part, mark in (("archive channel", "✅"), ("indexer Good", "✅"), ("indexer Gone", "❌")):
        assert line(card, part).startswith(mark)


async def test_no_secret_is_on_the_card(house: House) -> None:
    card = await health(house.ada)
    for secret in (SECRET_KEY, KEY, house.token, house.token.partition(":")[2]):
        assert secret not in str(card)
    said = await house.http.get("/api/record", params={"chat": house.ada.id})
    assert SECRET_KEY not in said.text


async def test_who_may_not_manage_is_told_so_and_shown_nothing(house: House) -> None:
    guest = await newcomer(house, "es")
    assert (await answer_to(guest, "/health"))["text"] == (
        "Para eso hacen falta más permisos de los que tienes aquí. Con /help ves qué puedes hacer."
    )
    help_card = await answer_to(guest, "/help")
    for data in ("1:ta:0", "1:ct:0"):
        toast = await guest.press(help_card, data=data)
        assert (toast["text"], toast["show_alert"]) == ("Este botón no es tuyo.", True)


async def test_a_part_that_is_gone_is_a_stale_button(house: House) -> None:
    toast = await house.ada.press(await health(house.ada), data="1:ck:nothing:0")
    assert toast["text"].startswith("This button is too old")


async def test_with_nothing_set_it_says_how_to_set_it(tmp_path: Path) -> None:
    need("aria2c")
    with Aria2() as engine:
        settings = {"ARIA2_URL": engine.url, "ARIA2_SECRET": "planted-wrong-secret", "TORZNAB_URLS": ""}
        async with open_house(tmp_path, ARCHIVE_CHANNEL="", **settings) as house:
            await house.start_bot()
            card = await health(house.ada)
            assert "➖ archive channel: ARCHIVE_CHANNEL is not set" in card["text"]
            assert "➖ indexers of your own: TORZNAB_URLS is not set" in card["text"]
            assert "the README names every setting" in card["text"]
            assert "Test archive channel" not in labels(card)
            await house.ada.press(card, "Test downloader aria2", seconds=60)
            card = await becomes(house.ada, card, "❌ downloader aria2: ")
            assert "refuses the secret" in card["text"]
            assert "planted" not in card["text"]
