"""Links amid a text, several at once, behind words, in captions and in deep links; and what is said when there is none."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
import pytest_asyncio

from tests import media_kit
from tests.chats import answer_to, archived, becomes, choose, house_for_all, last_post, newcomer
from tests.house import House, Message, Person, labels
from tests.swarm import WebSeed, make_payload, make_torrent
from tests.torrents import single, torrent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("conversation-links"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
HINT = "I do not know what to do with this."


@once
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house_for_all(tmp_path_factory.mktemp("house")) as opened:
        yield opened


def magnet(number: int) -> str:
    return f"magnet:?xt=urn:btih:{number:040x}&dn=Work+{number}"


def photos(folder: Path, count: int) -> list[tuple[str, bytes]]:
    return [(f"{number}.jpg", media_kit.jpeg(folder / f"{number}.jpg")) for number in range(count)]


async def answers_to(person: Person, said: Message) -> list[str]:
    """Everything that came after it, once what is said now is answered, too."""
    end = await person.say("/help")
    last = await person.wait(after=end["message_id"], contains="/search")
    newer = [m for m in await person.messages() if m["message_id"] > said["message_id"]]
    return [m["text"] for m in newer if m["from"]["is_bot"] and m["message_id"] < last["message_id"]]


def titles(cards: Iterable[str]) -> list[str]:
    """What orders are called on their Cards, whether their files were read already or not."""
    return [card.splitlines()[0].split(" · ")[0].removeprefix("📄 ") for card in cards]


# First what needs its file list read: magnets that nobody has keep those who read them busy


async def test_a_deep_link_orders_again_what_is_in_the_archive(house: House, tmp_path: Path) -> None:
    make_payload(tmp_path, {"again.bin": 20_000})
    with WebSeed(tmp_path) as seed:
        made = make_torrent(tmp_path / "again.bin", web_seed=seed.url)
        first, before = await newcomer(house), await last_post(house)
        await archived(first, made.metainfo)
        key = await _key_under_post(house, before)
        card = await answer_to(await newcomer(house, "es"), f"/start add_{key}")
        assert card["text"].startswith("📄 again.bin")


async def test_somebody_elses_order_is_not_handed_out_before_it_is_archived(house: House) -> None:
    card = await choose(await newcomer(house), torrent(single(b"mine.mkv")))
    data = [key["callback_data"] for row in card["reply_markup"]["inline_keyboard"] for key in row]
    (order,) = {value.split(":")[2] for value in data if value.startswith("1:go:")}
    assert (await answer_to(await newcomer(house), f"/start add_{order}"))[
        "text"
    ] == "This is not in the archive."
    assert labels(card)


async def test_a_link_amid_chatter_is_taken(house: House) -> None:
    person = await newcomer(house)
    said = await person.say(f"Look what I found: {magnet(1)}, isn't it nice?\nBye!")
    assert await answers_to(person, said) == ["📄 Work 1\nReading the file list …"]


async def test_several_links_are_one_order_each(house: House) -> None:
    person = await newcomer(house, "es")
    bad, twice = "magnet:?xt=urn:btih:12", magnet(2)
    said = await person.say(f"{magnet(1)}\n{bad}\n{twice} {magnet(3)}\n{twice}")
    assert await answers_to(person, said) == [
        "📄 Work 1\nLeyendo la lista de archivos …",
        f"⚠ Sin pedir: {bad}\nEste enlace magnet está dañado: no contiene un infohash válido.",
        "📄 Work 2\nLeyendo la lista de archivos …",
        "📄 Work 3\nLeyendo la lista de archivos …",
    ]


async def test_more_links_than_are_taken_at_once(house: House) -> None:
    person = await newcomer(house)
    said = await person.say("\n".join(magnet(number) for number in range(1, 13)))
    *cards, last = await answers_to(person, said)
    assert [card.splitlines()[0] for card in cards] == [f"📄 Work {number}" for number in range(1, 11)]
    assert last == "I took the first 10 links. 2 more are left: please send them again."


async def test_the_command_takes_several_too(house: House) -> None:
    person = await newcomer(house)
    said = await person.say(f"/add {magnet(1)} and {magnet(2)}")
    assert len(await answers_to(person, said)) == 2


async def test_a_caption_may_hold_the_link(house: House) -> None:
    person = await newcomer(house)
    sent = await person.send("cover.txt", b"words", caption=f"the film: {magnet(7)}")
    assert await answers_to(person, sent) == ["📄 Work 7\nReading the file list …"]


async def test_the_pictures_beside_a_link_are_no_orders(house: House, tmp_path: Path) -> None:
    person = await newcomer(house)
    sent = await person.send_album(photos(tmp_path, 4), f"a film: {magnet(9)}", kind="photo")
    assert await answers_to(person, sent[-1]) == ["📄 Work 9\nReading the file list …"]


async def test_the_caption_may_be_that_of_any_picture(house: House, tmp_path: Path) -> None:
    person = await newcomer(house)
    elsewhere = await person.new_group("Elsewhere")
    sent = await person.send_album(photos(tmp_path, 3), magnet(10), chat=elsewhere, kind="photo")
    said = await person.forward(*reversed(sent))
    assert await answers_to(person, said[-1]) == ["📄 Work 10\nReading the file list …"]


async def test_what_two_captions_of_an_album_lead_to_is_one_order(house: House, tmp_path: Path) -> None:
    person = await newcomer(house)
    elsewhere = await person.new_group("Elsewhere")
    sent = await person.send_album(photos(tmp_path, 2), magnet(11), chat=elsewhere, kind="photo")
    await person.edit(sent[1], f"{magnet(11)} {magnet(12)}")
    said = await person.forward(*sent)
    assert await answers_to(person, said[-1]) == [
        f"📄 Work {number}\nReading the file list …" for number in (11, 12)
    ]


async def test_an_album_of_pictures_is_taken_as_it_is(house: House, tmp_path: Path) -> None:
    person = await newcomer(house)
    sent = await person.send_album(photos(tmp_path, 2), "our garden", kind="photo")
    names = [f"photo {message['message_id']}.jpg" for message in sent]
    assert titles(await answers_to(person, sent[-1])) == names


async def test_a_picture_beside_a_torrent_is_no_order(house: House, tmp_path: Path) -> None:
    person = await newcomer(house)
    album = [*photos(tmp_path, 1), ("film.torrent", torrent(single(b"film.mkv"))), ("film.srt", b"words")]
    sent = await person.send_album(album)
    assert titles(await answers_to(person, sent[-1])) == ["film.mkv", "film.srt"]


async def test_a_torrent_with_a_link_in_its_caption_is_two_orders(house: House) -> None:
    person = await newcomer(house)
    sent = await person.send("film.torrent", torrent(single(b"film.mkv")), caption=magnet(8))
    assert titles(await answers_to(person, sent)) == ["film.mkv", "Work 8"]


async def test_chatter_is_answered_once(house: House) -> None:
    person = await newcomer(house)
    said = await person.say("hello")
    for text in ("are you there?", "hm", "example.com"):
        await person.say(text)
    answers = await answers_to(person, said)
    assert len(answers) == 1
    assert answers[0].startswith(HINT)


async def test_what_is_asked_for_by_command_is_answered_each_time(house: House) -> None:
    person = await newcomer(house)
    for _ in range(2):
        assert (await answer_to(person, "/add big buck bunny"))["text"].startswith(HINT)


async def test_a_deep_link_names_an_infohash(house: House) -> None:
    person = await newcomer(house)
    card = await answer_to(person, f"/start add_{'ab' * 20}")
    assert card["text"] == f"📄 {'ab' * 20}\nReading the file list …"
    await person.press(card, "Cancel")
    await becomes(person, card, "was cancelled")


@pytest.mark.parametrize("key", ["nothing", "0" * 16, "x" * 60])
async def test_a_deep_link_to_nothing(house: House, key: str) -> None:
    assert (await answer_to(await newcomer(house), f"/start add_{key}"))[
        "text"
    ] == "This is not in the archive."


async def _key_under_post(house: House, before: int) -> str:
    post = await house.ada.wait(chat=house.channel, button="Get", after=before)
    url = post["reply_markup"]["inline_keyboard"][0][0]["url"]
    return str(url.partition("start=get_")[2])
