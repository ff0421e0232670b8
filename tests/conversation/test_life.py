"""Life in Telegram: cards and rights that go, groups that move, another bot for the same archive."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.chats import LONG, archived, becomes, choose, last_post, new_posts, newcomer, start
from tests.house import RIGHTS, House, Message, Person, labels, open_house, until
from tests.swarm import Made, WebSeed, make_payload, make_torrent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("conversation-life"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
OTHER_BOT = "7000000009:AAE_another_simulated_bot_of_the_same_owner"


@once
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    settings = {"OPEN_ACCESS": "true", "ALLOW_PRIVATE_ADDRESSES": "true", "TORZNAB_URLS": ""}
    async with open_house(tmp_path_factory.mktemp("house"), **settings) as opened:
        await opened.ada.change_bot(privacy=False)
        await opened.start_bot()
        await opened.ada.start()
        yield opened


def made(seed: WebSeed, name: str, size: int = 50_000) -> Made:
    make_payload(seed.folder, {name: size})
    return make_torrent(seed.folder / name, web_seed=seed.url)


async def test_a_card_that_its_reader_deletes_costs_nothing(house: House, seed: WebSeed) -> None:
    person, before = await newcomer(house), await last_post(house)
    torrent = made(seed, "lonely.bin", 400_000)
    seed.rate = 40_000
    card = await start(person, torrent.metainfo)
    await becomes(person, card, "%")
    await person.delete(card)
    asked = await person.say("/status")
    status = await person.wait(contains="Your orders", after=asked["message_id"])
    await person.press(status, "1")
    seed.rate = None
    await person.wait(contains="✅ lonely is in the archive.", after=status["message_id"], seconds=LONG)
    assert len(await new_posts(house, before)) == 1


async def test_whoever_blocks_the_bot_finds_the_order_done_later(house: House, seed: WebSeed) -> None:
    person, before = await newcomer(house), await last_post(house)
    torrent = made(seed, "patient.bin", 400_000)
    seed.rate = 40_000
    card = await start(person, torrent.metainfo)
    await becomes(person, card, "%")
    await person.block(True)
    seed.rate = None
    await house.ada.wait(chat=house.channel, button="Get", after=before, seconds=LONG)
    await until(lambda: _is_refused(house, person), "the card was not even tried", LONG)
    assert (
        "patient.bin"
        in next(m for m in await person.messages() if m["message_id"] == card["message_id"])["text"]
    )
    await person.block(False)
    done = await becomes(person, card, "✅ patient is in the archive.")
    assert labels(done) == ["Open the post", "Get it here"]


async def _is_refused(house: House, person: Person) -> bool:
    return any("blocked" in call.get("error", "") for call in await house.record(person.id))


@pytest.mark.parametrize(
    ("lack", "words"),
    [
        ("promote", "I have lost the right to post messages in the archive channel."),
        ("demote", "I was removed from the archive channel."),
        ("remove", "I was removed from the archive channel."),
    ],
)
async def test_rights_that_are_taken_in_the_middle(
    house: House, seed: WebSeed, lack: str, words: str
) -> None:
    """What was fetched is kept; once the right is back, Retry goes on, and nothing is there twice."""
    person, before = await newcomer(house), await last_post(house)
    told = (await house.ada.messages())[-1]["message_id"]
    torrent = made(seed, f"{lack}.bin", 400_000)
    seed.rate = 40_000
    card = await start(person, torrent.metainfo)
    await becomes(person, card, "%")
    rights = ["can_manage_chat"] if lack == "promote" else []
    await getattr(house.ada, lack)(house.bot_id, house.channel, *rights)
    seed.rate = None
    failed = await becomes(person, card, words)
    told_in_words, _, code = failed["text"].rpartition("\nCode ")
    assert told_in_words == (
        f"⚠ {lack} did not work out.\n{_whole(words)}\n"
        "What was fetched is kept for a day; Retry goes on from there."
    )
    await house.said_by_a_bot(rf"stage-failed.*code={code.partition(' ')[0]}\b")
    asked = len(seed.log)
    await house.ada.promote(house.bot_id, house.channel, *RIGHTS)
    await person.press(failed, "Retry")
    await becomes(person, card, f"✅ {lack} is in the archive.")
    assert len(seed.log) == asked
    assert len(await new_posts(house, before)) == 1
    await house.ada.wait(contains="I may post in Shiny Things again.", after=told)
    new = [m["text"] for m in await house.ada.messages() if m["message_id"] > told]
    assert [text for text in new if "⚠ In Shiny Things" in text] == [f"⚠ In Shiny Things: {_whole(words)}"]


async def test_rights_that_are_taken_between_placeholder_and_post(house: House, seed: WebSeed) -> None:
    person, before = await newcomer(house), await last_post(house)
    await house.fault(method="editMessageMedia", action="500", count=None)
    card = await start(person, made(seed, "half.bin").metainfo)
    placeholder = await house.ada.wait(chat=house.channel, contains="⏳", after=before, seconds=LONG)
    await house.ada.promote(house.bot_id, house.channel, "can_manage_chat")
    await house.no_faults()
    failed = await becomes(person, card, "I have lost the right to post messages")
    await house.ada.promote(house.bot_id, house.channel, *RIGHTS)
    await person.press(failed, "Retry")
    await becomes(person, card, "✅ half is in the archive.")
    (post,) = await new_posts(house, before)
    assert post["message_id"] == placeholder["message_id"]


async def test_a_group_that_becomes_a_supergroup_keeps_its_orders(house: House, seed: WebSeed) -> None:
    cleo, dora, eve = [await newcomer(house) for _ in range(3)]
    group = await house.ada.new_group("Movers", cleo.id, dora.id, house.bot_id, kind="group")
    sent = await cleo.send("moved.torrent", made(seed, "moved.bin").metainfo, chat=group)
    card = await cleo.wait(chat=group, button="Start", after=sent["message_id"], seconds=LONG)
    assert card["reply_to_message"]["message_id"] == sent["message_id"]
    before = await last_post(house)
    moved = await house.ada.upgrade(group)
    again = await cleo.wait(chat=moved, contains="moved.bin", button="Start", seconds=LONG)
    assert (await dora.press(again, "Start"))["text"] == "This is not yours to press."
    await cleo.press(again, "Start")
    await cleo.wait(chat=moved, contains="✅ moved is in the archive.", seconds=LONG)
    assert len([m for m in await cleo.messages(moved) if "moved" in m.get("text", "")]) == 1
    post = await house.ada.wait(chat=house.channel, button="Get", after=before)
    key = post["reply_markup"]["inline_keyboard"][0][0]["url"].partition("start=")[2]
    refused = await eve.start(key)
    answer = await eve.wait(after=refused["message_id"])
    assert answer["text"] == "This was ordered in a group that you are not a member of."
    await _gets(dora, await dora.start(key))


async def test_a_group_that_moves_while_its_card_is_edited(house: House, seed: WebSeed) -> None:
    """Whichever comes first, the message that says so or Telegram's refusal: the card goes on there, once."""
    cleo = await newcomer(house)
    group = await house.ada.new_group("Busy", cleo.id, house.bot_id, kind="group")
    torrent = made(seed, "busy.bin", 400_000)
    seed.rate = 40_000
    sent = await cleo.send("busy.torrent", torrent.metainfo, chat=group)
    card = await cleo.wait(chat=group, button="Start", after=sent["message_id"], seconds=LONG)
    await cleo.press(card, "Start")
    await cleo.wait(chat=group, contains="%", after=sent["message_id"], seconds=LONG)
    moved = await house.ada.upgrade(group)
    seed.rate = None
    await cleo.wait(chat=moved, contains="✅ busy is in the archive.", seconds=LONG)
    assert len([m for m in await cleo.messages(moved) if "busy" in m.get("text", "")]) == 1


async def test_a_bot_thrown_out_of_a_group_finishes_what_was_ordered(house: House, seed: WebSeed) -> None:
    cleo = await newcomer(house)
    group, before = await house.ada.new_group("Short", cleo.id, house.bot_id), await last_post(house)
    told = (await house.ada.messages())[-1]["message_id"]
    torrent = made(seed, "short.bin", 400_000)
    seed.rate = 40_000
    sent = await cleo.send("short.torrent", torrent.metainfo, chat=group)
    card = await cleo.wait(chat=group, button="Start", after=sent["message_id"], seconds=LONG)
    await cleo.press(card, "Start")
    await cleo.wait(chat=group, contains="%", after=sent["message_id"], seconds=LONG)
    await house.ada.remove(house.bot_id, group)
    seed.rate = None
    await house.ada.wait(chat=house.channel, button="Get", after=before, seconds=LONG)
    lost = await house.ada.wait(contains="I was removed from the group Short.", after=told)
    assert lost["text"].endswith("their cards do not change any more.")
    asked = await cleo.say("/status")
    assert "short — done" in (await cleo.wait(contains="Your orders", after=asked["message_id"]))["text"]


async def test_a_new_token_of_the_same_bot_changes_nothing(house: House, seed: WebSeed) -> None:
    person = await newcomer(house)
    picker = await choose(person, made(seed, "same.bin").metainfo)
    await house.bots[-1].stop()
    house.token = f"{house.bot_id}:AAE_a_new_token_after_the_old_one_was_known"
    await house.ada.change_bot(token=house.token)
    await house.start_bot()
    await person.press(picker, "Start")
    done = await becomes(person, picker, "✅ same is in the archive.")
    await person.press(done, "Get it here")
    await _gets(person, done)


async def test_another_bot_finds_the_copies_by_channel_and_message(house: House, seed: WebSeed) -> None:
    """The last test here: the house has another bot from now on."""
    person, before = await newcomer(house), await last_post(house)
    await archived(person, made(seed, "old.bin").metainfo)
    post = await house.ada.wait(chat=house.channel, button="Get", after=before)
    key = post["reply_markup"]["inline_keyboard"][0][0]["url"].partition("start=")[2]
    await house.fault(method="editMessageMedia", action="500", count=None)
    await start(person, made(seed, "between.bin").metainfo)
    old = await house.ada.wait(chat=house.channel, contains="⏳", after=post["message_id"], seconds=LONG)
    await house.bots[-1].stop()
    other = await house.ada.new_bot(OTHER_BOT, "another_magpie_bot")
    await house.ada.promote(other, house.channel, *RIGHTS)
    house.token = OTHER_BOT
    reader = Person(house.http, person.id, other)
    await reader.start()
    await house.no_faults()
    await house.start_bot()
    await reader.wait(contains="✅ between is in the archive.", seconds=LONG)
    await _gets(reader, await reader.start(key))
    texts = [m for m in await house.ada.messages(house.channel) if m["message_id"] > before and "text" in m]
    assert texts == []
    assert old["message_id"] not in {m["message_id"] for m in await house.ada.messages(house.channel)}
    assert len(await new_posts(house, before)) == 2


def _whole(words: str) -> str:
    rest = {
        "I have lost": " The owner must give it back; then Retry goes on.",
        "I was remov": " The owner must make me an admin there who may post messages; then Retry goes on.",
    }
    return words + rest[words[:11]]


async def _gets(person: Person, asked: Message) -> None:
    async def is_there() -> bool:
        return any("document" in m for m in await person.messages() if m["message_id"] > asked["message_id"])

    await until(is_there, "nothing was delivered")
