"""Chats that move, and another bot for the same archive: nothing is lost, nothing of somebody else's is touched."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3

from bot.assembly import LOCALES
from models.access import Member, Role
from models.cards import Card, CardKind
from models.feeds import Feed, FeedKind
from models.grabs import Grab
from models.ids import new_id
from models.intake import Intake
from models.library import LibrarySearch
from models.media import Facts, Kind
from models.storage import Copy
from models.transfers import Transfer, TransferState
from services.chats import moves
from services.migrations import cards_name_their_bot
from services.storage.archive import Archive, MayNotPost, NothingToDeliver, NotOfGroup
from services.storage.port import Verdict
from services.storage.telegram import TelegramStore
from services.telegram.port import ChatClosed, ChatMoved, MessageGone, TelegramAway, TelegramRefused
from services.words import Catalogue
from tests.fake_door import FakeDoor
from tests.services.orders import order
from tests.unit.test_pacing import Gallery, running, stored, until

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
CHANNEL, GROUP, SUPERGROUP = -1001000000001, -4001, -1001000000099
ADA = Member.model_construct(id="1001", name="Ada", role=Role.MEMBER, language="en")
BLAS = Member.model_construct(id="1002", name="Blas", role=Role.MEMBER, language="es")
OWNER = Member.model_construct(id="1003", name="Cleo", role=Role.OWNER, language="en")


@pytest.fixture
def door() -> FakeDoor:
    return FakeDoor()


def archive(door: FakeDoor, folder: Path, channel: int | None = CHANNEL) -> Archive:
    return Archive(door, Catalogue(LOCALES).words("en"), folder, channel)


async def storing(folder: Path, **changes: Any) -> Transfer:
    path = folder / "a.bin"
    path.write_bytes(b"a" * 10)
    facts = Facts(
        path="a.bin",
        name="a.bin",
        size=10,
        blake3=blake3(b"a" * 10).hexdigest(),
        kind=Kind.DOCUMENT,
        title="a",
    )
    return await order(TransferState.STORING, facts=[facts], **changes)


async def card(**changes: object) -> Card:
    values: dict[str, object] = {
        "id": new_id(), "chat_id": GROUP, "member_id": "1", "language": "en", "kind": CardKind.NOTICE, "subject": "s",
    }  # fmt: skip
    made: Card = Card.model_validate({**values, **changes})
    await made.insert()
    return made


async def test_what_belongs_to_a_group_follows_it() -> None:
    for key, chat in (("a", GROUP), ("b", 5)):
        await LibrarySearch(id=key, member_id="1", chat_id=chat, text="").insert()
        await Grab(id=key, member_id="1", chat_id=chat, channel="@some").insert()
        await Intake(id=key, member_id="1", chat_id=chat, channel="@some").insert()
    mine, other = await order(TransferState.FETCHING, chat_id=GROUP), await order(chat_id=GROUP - 1)
    shown = await card(message_id=5, shown="x", reply_to=4, thread_id=3)
    past = await card(message_id=6, shown="x", closed=True)
    about = {"id": new_id(), "member_id": "1", "what": "x", "name": "x", "kind": FeedKind.SEARCH}
    feed = Feed(**about, chat_id=GROUP, thread_id=3)
    await feed.insert()
    for _ in range(2):
        await moves.follow(GROUP, SUPERGROUP)
    for kind in (LibrarySearch, Grab, Intake):
        stored_there = await kind.get_pymongo_collection().find({}).sort("_id", 1).to_list()
        assert [each["chat_id"] for each in stored_there] == [SUPERGROUP, 5]
    followed = await Feed.get(feed.id)
    assert followed is not None
    assert (followed.chat_id, followed.thread_id) == (SUPERGROUP, None)
    found = [await Transfer.get(transfer.id) for transfer in (mine, other)]
    assert [transfer.chat_id for transfer in found if transfer] == [SUPERGROUP, GROUP - 1]
    moved = await stored(shown)
    assert (moved.chat_id, moved.message_id, moved.shown, moved.reply_to, moved.thread_id) == (
        *(SUPERGROUP, None, None, None, None),
    )
    assert (await stored(past)).chat_id == GROUP


async def test_a_card_goes_on_where_telegram_says_that_the_group_is() -> None:
    door = FakeDoor(errors=[ChatMoved(GROUP, SUPERGROUP)])
    async with running(door, Gallery()) as pacing:
        await pacing.show(Card.model_validate((await _unsent()).model_dump()))
        await until(lambda: door.texts(SUPERGROUP) == ["s"])
    assert door.texts(GROUP) == []


async def _unsent() -> Card:
    return await card(reply_to=9)


async def test_a_card_answers_in_its_topic(door: FakeDoor) -> None:
    shown = await card(chat_id=SUPERGROUP, thread_id=7, reply_to=3)
    async with running(door, Gallery()) as pacing:
        await pacing.show(shown)
        await until(lambda: door.texts(SUPERGROUP))
    (message,) = door.chats[SUPERGROUP].values()
    assert (message.thread_id, message.reply_to) == (7, 3)


async def test_the_open_cards_of_the_bot_before_us_are_sent_anew() -> None:
    """Numbers of messages are each bot's own: number 5 of the other bot is not ours to edit."""
    door = FakeDoor(chats={GROUP: {}})
    theirs = await card(message_id=5, bot_id=7, shown="x")
    async with running(door, Gallery()) as pacing:
        await until(lambda: door.texts(GROUP) == ["s"])
        await asyncio.sleep(0)
        assert not await pacing.is_ours(GROUP, 5)
        assert await pacing.owner_of(GROUP, door.next_id) == "1"
        assert await pacing.owner_of(GROUP, 5) is None
    assert (await stored(theirs)).bot_id == door.bot_id


async def test_older_cards_count_as_ours() -> None:
    old = await card(message_id=5)
    await Card.get_pymongo_collection().update_one({"_id": old.id}, {"$unset": {"bot_id": ""}})
    for _ in range(2):
        await cards_name_their_bot()
    found = await Card.get_pymongo_collection().find_one({"_id": old.id})
    assert found is not None
    assert found["bot_id"] == 0


@pytest.mark.parametrize("refusal", [ChatClosed("kicked"), TelegramRefused("message can't be edited")])
async def test_a_missing_right_is_named_and_given_back_goes_on(refusal: Exception, tmp_path: Path) -> None:
    door = FakeDoor(errors=[refusal], lacking={CHANNEL: "channel-may-not-post"})
    transfer = await storing(tmp_path)
    with pytest.raises(MayNotPost) as refused:
        await archive(door, tmp_path).store(transfer)
    assert refused.value.key == "channel-may-not-post"
    await archive(door, tmp_path).store(transfer)
    assert len(door.media(CHANNEL)) == 1


async def test_a_refusal_that_is_about_no_right_stays_what_it_is(tmp_path: Path) -> None:
    for refusal in (TelegramRefused("file must be non-empty"), MessageGone("message to edit not found")):
        with pytest.raises(type(refusal)):
            await archive(FakeDoor(errors=[refusal]), tmp_path).store(await storing(tmp_path))


async def test_an_orderer_who_closed_the_chat_is_told_so(tmp_path: Path) -> None:
    door = FakeDoor(errors=[ChatClosed("blocked")])
    with pytest.raises(MayNotPost) as refused:
        await archive(door, tmp_path, None).store(await storing(tmp_path))
    assert refused.value.key == "chat-closed"


async def test_storing_follows_a_group_that_moved(tmp_path: Path) -> None:
    door = FakeDoor(errors=[ChatMoved(GROUP, SUPERGROUP)])
    transfer = await storing(tmp_path, chat_id=GROUP)
    with pytest.raises(TelegramAway):
        await archive(door, tmp_path, None).store(transfer)
    moved = await Transfer.get(transfer.id)
    assert moved is not None
    await archive(door, tmp_path, None).store(moved)
    assert (len(door.media(SUPERGROUP)), len(door.media(GROUP))) == (1, 0)


async def test_what_a_group_ordered_is_for_its_members(door: FakeDoor, tmp_path: Path) -> None:
    house = archive(door, tmp_path)
    transfer = await storing(tmp_path, chat_id=SUPERGROUP, member_id=ADA.id)
    await house.store(transfer)
    with pytest.raises(NotOfGroup):
        await house.deliver(transfer.id, 1002, by=BLAS)
    with pytest.raises(NotOfGroup):
        await house.source(transfer.id, 1002, by=BLAS)
    # whoever is heard in the group is in it
    await house.deliver(transfer.id, SUPERGROUP, by=BLAS, thread_id=4)
    door.members[SUPERGROUP] = {1002}
    await house.deliver(transfer.id, 1002, by=BLAS)
    for member in (ADA, OWNER):
        await house.deliver(transfer.id, int(member.id), by=member)
    assert {chat: len(door.media(chat)) for chat in (SUPERGROUP, 1001, 1002, 1003)} == {
        SUPERGROUP: 1,
        1001: 1,
        1002: 1,
        1003: 1,
    }
    assert [message.thread_id for message in door.chats[SUPERGROUP].values()] == [4]


async def test_it_is_for_its_members_also_when_its_order_is_gone(door: FakeDoor, tmp_path: Path) -> None:
    """As after an import, or when whoever ordered it is forgotten."""
    house = archive(door, tmp_path)
    transfer = await storing(tmp_path, chat_id=SUPERGROUP, member_id=ADA.id)
    await house.store(transfer)
    await Transfer.get_pymongo_collection().delete_one({"_id": transfer.id})
    with pytest.raises(NotOfGroup):
        await house.deliver(transfer.id, 1002, by=BLAS)
    door.members[SUPERGROUP] = {1002}
    await house.deliver(transfer.id, 1002, by=BLAS)
    assert len(door.media(1002)) == 1


async def test_another_bot_hands_out_what_stands_in_the_channel(tmp_path: Path) -> None:
    door = FakeDoor()
    transfer = await storing(tmp_path)
    await archive(door, tmp_path).store(transfer)
    (copy,) = await Copy.find_all().to_list()
    assert copy.bot_id == door.bot_id
    door.bot = 43
    await archive(door, tmp_path).deliver(transfer.id, 1003, by=OWNER)
    assert len(door.media(1003)) == 1
    door.errors = [TelegramRefused("Bad Request: message can't be edited")]
    store = TelegramStore(door, CHANNEL, only_posts=True)
    assert await store.verify(copy) is Verdict.SOUND


async def test_another_bot_leaves_the_numbers_of_private_chats_alone(tmp_path: Path) -> None:
    """What stood in the chat with the bot before us has a number that may be any other message in ours."""
    door = FakeDoor()
    transfer = await storing(tmp_path, chat_id=1001, member_id=ADA.id)
    await archive(door, tmp_path, None).store(transfer)
    (copy,) = await Copy.find_all().to_list()
    door.bot = 43
    with pytest.raises(NothingToDeliver):
        await archive(door, tmp_path, None).deliver(transfer.id, 1001, by=ADA)
    store = TelegramStore(door, 1001, only_posts=False)
    assert await store.verify(copy) is Verdict.MISSING
    await store.remove(copy)
    assert copy.message_id in door.chats[1001]
    assert await Copy.find_all().to_list() == []


async def test_another_bot_replaces_a_placeholder(tmp_path: Path) -> None:
    door = FakeDoor(errors=[], lost=[])
    transfer = await storing(tmp_path)
    await archive(door, tmp_path).store(transfer)
    (copy,) = await Copy.find_all().to_list()
    await Copy.get_pymongo_collection().update_one({"_id": copy.id}, {"$set": {"stored": False}})
    door.bot = 43
    await archive(door, tmp_path).store(transfer)
    (post,) = door.chats[CHANNEL]
    assert post != copy.message_id
    assert len(door.media(CHANNEL)) == 1
