"""Choosing among ten thousand files: folders, pages, sorts and patterns, as a person presses and types."""

import re
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import pytest
import pytest_asyncio

from handlers.buttons import OpenFolder, Want, WantFolder, pack, unpack
from services.downloads.bencode import Value
from tests.chats import answer_to, becomes, choose, house_for_all, newcomer, without_free
from tests.house import House, Message, Person, labels, open_house
from tests.torrents import file, several, single, torrent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("conversation-files"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
MIB = 1024**2
PATTERNS = {"*.mkv": 5000, "s00?e01.*": 18, "Season 7/*": 100, "*/subtitles/*E50.SRT": 100, "S099": 100}
MORE = ["All", "None", "Video only", "Pattern …", "Start", "Cancel"]


@once
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house_for_all(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def person(house: House) -> Person:
    return await newcomer(house)


@cache
def ten_thousand() -> bytes:
    """A hundred seasons with fifty episodes and their subtitles, each season's in two folders."""
    files: list[dict[bytes, Value]] = []
    for season in range(1, 101):
        for episode in range(1, 51):
            name, folder = f"S{season:03}E{episode:02}", b"Season %d" % season
            files.append(file(folder, f"{name}.mkv".encode(), length=2000))
            files.append(file(folder, b"Subtitles", f"{name}.srt".encode(), length=100))
    return torrent(several(*files, name=b"Everything"))


def small() -> bytes:
    return torrent(several(file(b"a.mkv"), file(b"b.txt"), file(b"c", b"d.mkv"), name=b"small"))


async def test_folders_pages_and_sorts_of_ten_thousand_files(person: Person) -> None:
    card = await choose(person, ten_thousand())
    assert without_free(card) == "📄 Everything · 10,000 of 10,000 files · 10 MB · disk OK · 10,000 parts"
    assert labels(card)[:2] == ["📁 Season 1", "☑ 100/100 · 103 KB"]
    assert labels(card)[16:] == ["◀", "1/13", "▶", *MORE]
    await person.press(card, "None")
    card = await becomes(person, card, "0 of 10,000 files · 0 B")
    assert labels(card)[1] == "☐ 0/100 · 103 KB"
    await person.press(card, "▶")
    card = await becomes(person, card, button="2/13")
    assert labels(card)[0] == "📁 Season 9"
    await person.press(card, "📁 Season 10")
    card = await becomes(person, card, "📂 In Season 10")
    assert labels(card)[:4] == ["⬆", "☐ 0/100 · 103 KB", "📁 Subtitles", "☐ 0/50 · 4.9 KB"]
    assert labels(card)[4] == "☐ S010E01.mkv · 2 KB"
    await person.press(card, "☐ S010E01.mkv · 2 KB")
    card = await becomes(person, card, "1 of 10,000 files · 2 KB · disk OK, ")
    assert labels(card)[1] == "◪ 1/100 · 103 KB"
    await person.press(card, "☐ 0/50 · 4.9 KB")
    card = await becomes(person, card, "51 of 10,000")
    await person.press(card, "📁 Subtitles")
    card = await becomes(person, card, "📂 In Season 10 › Subtitles")
    assert labels(card)[1:3] == ["☑ 50/50 · 4.9 KB", "☑ S010E01.srt · 100 B"]
    await person.press(card, "⬆")
    card = await becomes(person, card, pattern="Season 10$")
    await person.press(card, "⬆")
    card = await becomes(person, card, button="1/13")
    await person.press(card, "Video only")
    await becomes(person, card, "5,000 of 10,000 files · 9.5 MB")


async def test_what_is_chosen_is_what_is_ordered(person: Person) -> None:
    card = await choose(person, ten_thousand())
    await person.press(card, "None")
    card = await becomes(person, card, "0 of 10,000")
    toast = await person.press(card, "Start")
    assert toast["text"] == "Choose at least one file."
    await person.press(card, "☐ 0/100 · 103 KB")
    card = await becomes(person, card, "100 of 10,000")
    picker = card
    await person.press(card, "Start")
    card = await becomes(person, card, button="Details")
    await person.press(card, "Details")
    card = await becomes(person, card, "100 files · 103 KB")
    assert "too old" in (await person.press(picker, data=late(picker)))["text"]
    await person.press(card, "Cancel")
    card = await becomes(person, card, button="Yes")
    await person.press(card, "Yes, give it up")
    await becomes(person, card, "was cancelled")


def late(picker: Message) -> str:
    """A key that was on the Card before."""
    keys = [key["callback_data"] for row in picker["reply_markup"]["inline_keyboard"] for key in row]
    return str(next(key for key in keys if isinstance(unpack(key), OpenFolder)))


async def asked(person: Person, metainfo: bytes) -> Message:
    card = await choose(person, metainfo)
    await person.press(card, "Pattern …")
    card = await becomes(person, card, "Which files?")
    assert labels(card) == ["Back"]
    return card


async def test_the_pattern_that_was_asked_for(person: Person) -> None:
    card = await choose(person, ten_thousand())
    for pattern, count in PATTERNS.items():
        await person.press(card, "Pattern …")
        assert labels(await becomes(person, card, "Which files?")) == ["Back"]
        await person.say(pattern)
        card = await becomes(person, card, f" {count:,} of 10,000 files", button="Pattern")
        assert labels(card)[-6:] == MORE


async def test_a_pattern_that_nothing_matches_can_be_typed_again(person: Person) -> None:
    card = await asked(person, small())
    said = await answer_to(person, "<b>*.iso")
    assert said["text"] == "No file is called <b>*.iso. What was chosen stays chosen."
    said = await answer_to(person, "x" * 200)
    assert said["text"] == "This pattern is too long: at most 100 characters, please."
    assert "Which files?" in (await becomes(person, card, "3 of 3"))["text"]
    await person.say("*.txt")
    await becomes(person, card, "1 of 3 files", button="Pattern")


async def test_going_back_asks_no_more(person: Person) -> None:
    card = await asked(person, small())
    await person.press(card, "Back")
    card = await becomes(person, card, button="Pattern")
    await answer_to(person, "*.txt")
    assert "3 of 3 files" in (await becomes(person, card, button="Pattern"))["text"]


async def test_a_link_is_no_pattern(person: Person) -> None:
    card = await asked(person, small())
    said = await person.say("magnet:?xt=urn:btih:xyz")
    assert "magnet link is damaged" in (await person.wait(after=said["message_id"]))["text"]
    await person.say("b")
    await becomes(person, card, "1 of 3 files", button="Pattern")


async def test_answering_a_picker_chooses_by_pattern(person: Person) -> None:
    older = await choose(person, small())
    newer = await choose(person, torrent(several(file(b"x.mkv"), file(b"y.txt"), name=b"other")))
    await person.say("*.txt", reply_to=older)
    await becomes(person, older, "1 of 3 files")
    await becomes(person, newer, "2 of 2 files")


async def test_the_command_shows_the_files_again_below(person: Person) -> None:
    none = await answer_to(person, "/files *.mkv")
    assert none["text"] == "There is no order here whose files you could choose."
    card = await choose(person, small())
    again = await answer_to(person, "/files *.mkv")
    assert again["message_id"] > card["message_id"]
    for shown in (card, again):
        await becomes(person, shown, "2 of 3 files", button="a.mkv")
    bare = await answer_to(person, "/files")
    assert without_free(bare) == without_free(again)
    other = await choose(person, torrent(several(file(b"x.mkv"), file(b"y.txt"), name=b"other")))
    await person.say("/files b*", reply_to=card)
    await becomes(person, card, "1 of 3 files")
    assert "2 of 2" in (await becomes(person, other, "other"))["text"]


async def test_what_telegram_does_not_take_stays_on_the_disk_and_is_said_so(person: Person) -> None:
    card = await choose(person, torrent(single(b"film.mkv", 120 * MIB)))
    assert without_free(card) == (
        "📄 film.mkv · 1 of 1 file · 120 MB · disk OK\n"
        "💾 One chosen file is larger than the 50 MB that Telegram takes from me. It stays on the disk for now."
    )
    assert labels(card) == ["☑ film.mkv · 120 MB", "Start", "Cancel"]


async def test_what_no_disk_holds_is_said_before_it_is_ordered(person: Person) -> None:
    info: dict[bytes, Value] = {
        b"name": b"a",
        b"length": 2**47,
        b"piece length": 2**29,
        b"pieces": bytes(20 * 2**18),
    }
    card = await choose(person, torrent(info))
    assert re.search(
        r"1 of 1 file · 128 TB · ⚠ 1[\d.]+ TB more room needed on the disk, [\d.]+ .B free", card["text"]
    )
    await person.press(card, "☑ a · 128 TB")
    await becomes(person, card, "0 of 1 file · 0 B · disk OK")


async def test_in_spanish(house: House) -> None:
    person = await newcomer(house, "es")
    sent = await person.send("some.torrent", small())
    card = await person.wait(button="Empezar", after=sent["message_id"])
    assert without_free(card) == "📄 small · 3 de 3 archivos · 2,9 KB · hay sitio en el disco · 3 partes"
    await person.press(card, "Patrón …")
    await becomes(person, card, "¿Qué archivos?")
    await person.say("*.mkv")
    await becomes(person, card, "2 de 3 archivos")


async def test_names_that_turn_the_text_around_or_look_like_markup(person: Person) -> None:
    hostile = [
        file("\u202egnp.exe".encode()),
        file(b"<b>&amp;", "שלום \u2067x".encode()),
        file(("x" * 250).encode()),
        file("\u200b".encode()),
    ]
    card = await choose(person, torrent(several(*hostile, name="\u202e<i>".encode())))
    shown = card["text"] + "".join(labels(card))
    assert not set("\u202e\u2067\u200b") & set(shown)
    assert card["text"].startswith("📄 <i> · 4 of 4 files")
    assert labels(card)[0] == "📁 <b>&amp;"
    assert any(label.startswith("☑ gnp.exe") for label in labels(card))
    await person.press(card, "📁 <b>&amp;")
    card = await becomes(person, card, "📂 In <b>&amp;")
    assert labels(card)[2].startswith("☑ שלום x")


async def test_forged_keys_change_nothing(house: House, person: Person) -> None:
    card = await choose(person, small())
    transfer = unpack(late(await choose(person, small()))).transfer  # type: ignore[attr-defined]
    stranger = await newcomer(house)
    theirs = await choose(stranger, small())
    for press in (WantFolder(transfer, 0, 0), Want(transfer, 1, 0), OpenFolder(transfer, 3)):
        toast = await stranger.press(theirs, data=pack(press))
        assert "not yours" in toast["text"]
    for press in (WantFolder(transfer, 2**31 - 1, 0), Want(transfer, 2**31 - 1, 0)):
        assert "too old" in (await person.press(card, data=pack(press)))["text"]
    await becomes(person, card, "3 of 3")


async def test_in_a_group_a_pattern_is_what_its_orderer_answers(house: House) -> None:
    cleo, dora = await newcomer(house), await newcomer(house, name="Dora")
    await house.ada.change_bot(privacy=False)
    group = await house.ada.new_group("Files", cleo.id, dora.id, house.bot_id)
    sent = await cleo.send("some.torrent", small(), chat=group)
    card = await cleo.wait(chat=group, button="Start", after=sent["message_id"])
    await cleo.press(card, "Pattern …")
    card = await cleo.wait(chat=group, contains="Which files?", after=sent["message_id"])
    await cleo.say("what about *.mkv", group)
    await dora.say("*.txt", group, reply_to=card)
    await cleo.say("*.mkv", group, reply_to=card)
    await cleo.wait(chat=group, contains="2 of 3 files", button="Pattern", after=card["message_id"] - 1)
    again = await cleo.say("/files b*", group)
    again = await cleo.wait(chat=group, contains="1 of 3 files", after=again["message_id"])
    none = await dora.say("/files", group)
    none = await dora.wait(chat=group, after=none["message_id"])
    assert none["text"] == "There is no order here whose files you could choose."


async def test_a_bot_that_was_away_still_knows_what_it_asked_for(tmp_path: Path) -> None:
    async with open_house(tmp_path, TORZNAB_URLS="") as house:
        bot = await house.start_bot()
        card = await asked(house.ada, small())
        bot.kill()
        await bot.ended()
        await house.ada.say("*.txt")
        await house.start_bot()
        await becomes(house.ada, card, "1 of 3 files", button="Pattern")
