"""In groups: what is for the bot and what is not, answers in their place, and whose keys they are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests import media_kit
from tests.chats import LONG, last_post, newcomer
from tests.house import House, Message, Person, labels, open_house, until
from tests.swarm import WebSeed, make_payload, make_torrent
from tests.torrents import file, several, single, torrent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("conversation-groups"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")


@once
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Everybody may use the bot, and hears all that is said in groups: what it leaves alone, it leaves by itself."""
    settings = {"OPEN_ACCESS": "true", "ALLOW_PRIVATE_ADDRESSES": "true", "TORZNAB_URLS": ""}
    async with open_house(tmp_path_factory.mktemp("house"), **settings) as opened:
        await opened.ada.change_bot(privacy=False)
        await opened.start_bot()
        yield opened


async def test_what_people_say_to_each_other_is_left_alone(house: House) -> None:
    cleo = await newcomer(house)
    group = await house.ada.new_group("Talk", cleo.id, house.bot_id)
    await cleo.say("hello all", group)
    first = await house.ada.say("look: https://a.example/x", group)
    await cleo.say("nice", group, reply_to=first)
    await cleo.send("notes.txt", b"notes", chat=group)
    await cleo.say("/status@another_bot", group)
    asked = await cleo.say("/status", group)
    answer = await cleo.wait(chat=group, after=asked["message_id"])
    assert answer["text"] == "You have no orders. /search finds something."
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]
    assert [m for m in await _ours(house, cleo, group) if m["message_id"] < asked["message_id"]] == []


async def test_a_torrent_a_mention_and_an_answer_are_orders(house: House) -> None:
    cleo = await newcomer(house)
    group = await house.ada.new_group("Orders", cleo.id, house.bot_id)
    sent = await cleo.send("film.torrent", torrent(single(b"film.mkv")), chat=group)
    card = await cleo.wait(chat=group, button="Start", after=sent["message_id"], seconds=LONG)
    assert card["reply_to_message"]["message_id"] == sent["message_id"]
    username = (await house.http.get("/api/bots")).json()[0]["username"]
    magnets = [f"magnet:?xt=urn:btih:{digit * 40}&dn=Work+{digit}" for digit in "12"]
    said = await cleo.say(f"@{username} {magnets[0]}", group)
    answer = await cleo.wait(chat=group, contains="Work 1", button="Cancel", after=said["message_id"])
    assert answer["reply_to_message"]["message_id"] == said["message_id"]
    said = await cleo.say(f"and {magnets[1]}", group, reply_to=answer)
    answer = await cleo.wait(chat=group, contains="Work 2", button="Cancel", after=said["message_id"])
    assert answer["reply_to_message"]["message_id"] == said["message_id"]


async def test_a_torrent_is_known_by_its_type_too(house: House) -> None:
    """The simulator guesses the type from what stands before the last ending."""
    cleo = await newcomer(house)
    group = await house.ada.new_group("Types", cleo.id, house.bot_id)
    sent = await cleo.send("film.torrent.gz", torrent(single(b"typed.mkv")), chat=group)
    assert sent["document"]["mime_type"] == "application/x-bittorrent"
    card = await cleo.wait(chat=group, button="Start", after=sent["message_id"], seconds=LONG)
    assert "typed.mkv" in card["text"]


async def test_the_command_orders_what_stands_in_the_message_that_it_answers(house: House) -> None:
    cleo, dora = await newcomer(house), await newcomer(house)
    group = await house.ada.new_group("Answers", cleo.id, dora.id, house.bot_id)
    said = await dora.say(f"has anybody seen magnet:?xt=urn:btih:{'4' * 40}&dn=Work+4 already?", group)
    asked = await cleo.say("/add", group, reply_to=said)
    answer = await cleo.wait(chat=group, contains="Work 4", button="Cancel", after=asked["message_id"])
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]
    asked = await cleo.say("/add", group)
    answer = await cleo.wait(chat=group, after=asked["message_id"], contains="Send me a magnet")
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]


async def test_answers_stand_in_the_topic_where_they_were_asked_for(house: House) -> None:
    blas = house.blas
    topic = await house.ada.new_topic(house.group, "Films")
    asked = await blas.say("/status", house.group, thread=topic)
    answer = await blas.wait(chat=house.group, after=asked["message_id"], thread=topic)
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]
    assert answer["message_thread_id"] == topic
    general = await blas.say("/status", house.group)
    answer = await blas.wait(chat=house.group, after=general["message_id"])
    assert "message_thread_id" not in answer


async def test_a_card_is_for_whom_it_answers(house: House) -> None:
    cleo, dora = await newcomer(house), await newcomer(house, "es", "Dora")
    group = await house.ada.new_group("Keys", cleo.id, dora.id, house.bot_id)
    info = several(file(b"one.mkv"), file(b"two.mkv"))
    sent = await cleo.send("films.torrent", torrent(info), chat=group)
    card = await cleo.wait(chat=group, button="Start", after=sent["message_id"], seconds=LONG)
    for label in ("None", "Start", "Cancel"):
        toast = await dora.press(card, label)
        assert (toast["text"], toast["show_alert"]) == ("Este botón no es tuyo.", True)
    (same,) = [m for m in await cleo.messages(group) if m["message_id"] == card["message_id"]]
    assert (same["text"], labels(same)) == (card["text"], labels(card))
    await house.ada.press(card, "Cancel")
    await cleo.wait(chat=group, contains="was cancelled", after=card["message_id"] - 1)


async def test_what_was_ordered_in_a_group_is_for_its_members(house: House, tmp_path: Path) -> None:
    make_payload(tmp_path, {"ours.bin": 20_000})
    cleo, dora, eve = [await newcomer(house) for _ in range(3)]
    group = await house.ada.new_group("Ours", cleo.id, dora.id, house.bot_id)
    for person in (dora, eve):
        await person.start()
    with WebSeed(tmp_path) as seed:
        made, before = make_torrent(tmp_path / "ours.bin", web_seed=seed.url), await last_post(house)
        sent = await cleo.send("ours.torrent", made.metainfo, chat=group)
        card = await cleo.wait(chat=group, button="Start", after=sent["message_id"], seconds=LONG)
        await cleo.press(card, "Start")
        await cleo.wait(chat=group, contains="is in the archive", after=card["message_id"] - 1, seconds=LONG)
        post = await house.ada.wait(chat=house.channel, button="Get", after=before)
        key = post["reply_markup"]["inline_keyboard"][0][0]["url"].partition("start=")[2]
        for payload in (key, key.replace("get_", "add_")):
            asked = await eve.start(payload)
            answer = await eve.wait(after=asked["message_id"])
            assert answer["text"] == "This was ordered in a group that you are not a member of."
        asked = await dora.start(key)
        await _gets(dora, asked)
        await house.ada.remove(dora.id, group)
        asked = await dora.start(key)
        answer = await dora.wait(after=asked["message_id"], contains="group")
        assert answer["text"] == "This was ordered in a group that you are not a member of."
        await _gets(cleo, await cleo.start(key))


async def test_an_album_of_torrents_is_one_order_each(house: House) -> None:
    cleo = await newcomer(house)
    group = await house.ada.new_group("Album", cleo.id, house.bot_id)
    one, two = (torrent(single(name)) for name in (b"one.mkv", b"two.mkv"))
    files = [("a.torrent", one), ("b.torrent", two), ("again.torrent", one), ("bad.torrent", two[:-1])]
    sent = await cleo.send_album(files, chat=group)
    await cleo.wait(chat=group, contains="bad.torrent", after=sent[-1]["message_id"])
    await cleo.wait(
        chat=group, contains="two.mkv", button="Start", after=sent[-1]["message_id"], seconds=LONG
    )
    await cleo.wait(
        chat=group, contains="one.mkv", button="Start", after=sent[-1]["message_id"], seconds=LONG
    )
    texts = sorted(m["text"].splitlines()[0] for m in await _ours(house, cleo, group))
    assert [text.split(" · ")[0] for text in texts] == [
        *("⚠ Not ordered: bad.torrent", "📄 one.mkv", "📄 two.mkv")
    ]


async def test_what_one_message_of_an_album_says_to_the_bot_is_said_of_all(house: House) -> None:
    cleo = await newcomer(house)
    topic = await house.ada.new_topic(house.group, "Albums")
    await house.ada.add(cleo.id, house.group)
    username = (await house.http.get("/api/bots")).json()[0]["username"]
    files = [(f"{name}.txt", name.encode()) for name in ("one", "two", "three")]
    sent = await cleo.send_album(files, f"@{username} please", chat=house.group, thread=topic)
    for message in sent:
        name = message["document"]["file_name"]
        answer = await cleo.wait(
            chat=house.group, contains=name, button="Start", after=sent[-1]["message_id"], seconds=LONG
        )
        assert answer["reply_to_message"]["message_id"] == message["message_id"]
        assert answer["message_thread_id"] == topic


async def test_torrents_of_an_album_are_taken_and_pictures_beside_them_are_not(
    house: House, tmp_path: Path
) -> None:
    cleo = await newcomer(house)
    group = await house.ada.new_group("Covers", cleo.id, house.bot_id)
    username = (await house.http.get("/api/bots")).json()[0]["username"]
    torrents = [(f"{name}.torrent", torrent(single(name.encode()))) for name in ("a.mkv", "b.mkv", "c.mkv")]
    cover = ("cover.jpg", media_kit.jpeg(tmp_path / "cover.jpg"))
    for caption in (f"@{username}", ""):
        sent = await cleo.send_album([*torrents, cover], caption, chat=group)
        asked = await cleo.say("/status", group)
        await cleo.wait(chat=group, contains="rder", after=asked["message_id"], pattern="^(?!📄)")
        answers = [m for m in await _ours(house, cleo, group) if m["message_id"] > sent[-1]["message_id"]]
        orders = {m["reply_to_message"]["message_id"]: m["text"] for m in answers if "📄" in m["text"]}
        assert list(orders) == [message["message_id"] for message in sent[:3]]


async def test_an_album_for_another_bot_is_left_alone(house: House) -> None:
    cleo = await newcomer(house)
    group = await house.ada.new_group("Another", cleo.id, house.bot_id)
    torrents = [(f"{name}.torrent", torrent(single(name.encode()))) for name in ("a.mkv", "b.mkv")]
    await cleo.send_album(torrents, "/leech@another_bot", chat=group)
    asked = await cleo.say("/status", group)
    answer = await cleo.wait(chat=group, after=asked["message_id"])
    assert answer["text"] == "You have no orders. /search finds something."
    assert len(await _ours(house, cleo, group)) == 1


async def test_what_is_forwarded_is_an_order(house: House) -> None:
    cleo, dora = await newcomer(house), await newcomer(house)
    elsewhere = await dora.new_group("Elsewhere", cleo.id)
    film = await dora.send("film.torrent", torrent(single(b"forwarded.mkv")), chat=elsewhere)
    words = await dora.say('<a href="http://127.0.0.1:9/hidden.bin">this</a>', elsewhere, parse_mode="HTML")
    notes = await dora.send("notes.txt", b"notes", chat=elsewhere)
    (asked,) = await cleo.forward(film)
    await cleo.wait(contains="forwarded.mkv", button="Start", after=asked["message_id"], seconds=LONG)
    (asked,) = await cleo.forward(notes)
    await cleo.wait(contains="notes.txt", button="Start", after=asked["message_id"], seconds=LONG)
    (asked,) = await cleo.forward(words)
    assert "hidden.bin" in (await cleo.wait(after=asked["message_id"]))["text"]


async def _ours(house: House, person: Person, group: int) -> list[Message]:
    return [
        m for m in await person.messages(group) if m.get("from", {}).get("id") == house.bot_id and "text" in m
    ]


async def _gets(person: Person, asked: Message) -> None:
    async def is_there() -> bool:
        return any("document" in m for m in await person.messages() if m["message_id"] > asked["message_id"])

    await until(is_there, "nothing was delivered")
