"""The slow scan: what is gone is found a little at a time, replaced where there is another, and else the owner hears of it."""

from pathlib import Path
from typing import Any

import pytest

from models.access import Role
from models.cards import Card
from models.library import Item
from models.storage import Copy, LossesTold
from models.transfers import Transfer
from services.storage.archive import Archive, NothingToDeliver
from services.storage.scan import Scan
from services.telegram.port import ChatClosed, TelegramAway
from tests.fake_door import FakeDoor, Message
from tests.services.orders import member
from tests.services.test_archive import ADA, CHANNEL, archive, file, storing

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
DAY = 24 * 3_600_000


class Owner:
    """Gets Cards."""

    def __init__(self) -> None:
        self.cards: list[Card] = []

    async def show(self, card: Card) -> None:
        if card.id not in {shown.id for shown in self.cards}:
            self.cards.append(card)


@pytest.fixture
def door() -> FakeDoor:
    return FakeDoor()


@pytest.fixture
async def owner() -> Owner:
    await member("1", Role.OWNER)
    return Owner()


def scan(archived: Archive, owner: Owner, each_hour: int = 3600) -> Scan:
    return Scan(archived, owner.show, each_hour)


async def stored(door: FakeDoor, folder: Path, *names: str, **changes: Any) -> Transfer:
    transfer = await storing(*(file(folder, name) for name in names), **changes)
    await archive(door, folder).store(transfer)
    return transfer


async def copies_of(transfer: Transfer) -> list[Copy]:
    return await Copy.find({"item": transfer.id}).sort("_id").to_list()


async def copy_of(transfer: Transfer) -> Copy:
    (copy,) = await copies_of(transfer)
    return copy


def delete(door: FakeDoor, copy: Copy) -> None:
    del door.chats[CHANNEL][copy.message_id or 0]


async def a_day_later() -> None:
    ago = -DAY - 1000
    await Copy.get_pymongo_collection().update_many({}, {"$set": {"looked_at": 1}})
    await Copy.get_pymongo_collection().update_many({"lost_at": {"$gt": 0}}, {"$inc": {"lost_at": ago}})
    await LossesTold.get_pymongo_collection().update_many({}, {"$inc": {"until": ago}})


async def test_what_stands_is_verified_without_a_trace(door: FakeDoor, owner: Owner, tmp_path: Path) -> None:
    transfer = await stored(door, tmp_path, "a")
    await Copy.get_pymongo_collection().update_many({}, {"$set": {"verified_at": 1}})
    before, calls = dict(door.chats[CHANNEL]), len(door.calls)
    await scan(archive(door, tmp_path), owner).look(10)
    copy = await copy_of(transfer)
    assert (copy.verified_at or 0) > 1
    assert copy.looked_at > 1
    assert (door.chats[CHANNEL], len(door.calls)) == (before, calls)
    assert owner.cards == []


async def test_what_is_gone_is_told_once_and_not_handed_out(
    door: FakeDoor, owner: Owner, tmp_path: Path
) -> None:
    lost = await stored(door, tmp_path, "a", title="Lost & found")
    sound = await stored(door, tmp_path, "b", title="Sound")
    delete(door, await copy_of(lost))
    looking = scan(archive(door, tmp_path), owner)
    for _ in range(3):
        await looking.look(10)
    assert [(card.key, card.values["count"], card.values["titles"]) for card in owner.cards] == [
        ("lost-posts", 1, "• Lost & found")
    ]
    assert (await copy_of(lost)).lost_at
    assert not (await copy_of(sound)).lost_at
    with pytest.raises(NothingToDeliver):
        await archive(door, tmp_path).deliver(lost.id, 7, by=ADA)
    assert await archive(door, tmp_path).deliver(sound.id, 7, by=ADA) == 0
    await a_day_later()
    await looking.look(10)
    assert len(owner.cards) == 1


async def test_of_a_work_in_parts_the_rest_is_handed_out(
    door: FakeDoor, owner: Owner, tmp_path: Path
) -> None:
    transfer = await stored(door, tmp_path, "a", "b", "c")
    delete(door, (await copies_of(transfer))[1])
    await scan(archive(door, tmp_path), owner).look(10)
    assert await archive(door, tmp_path).deliver(transfer.id, 7, by=ADA) == 1
    assert len(door.media(7)) == 2


async def test_what_is_lost_later_is_told_a_day_later(door: FakeDoor, owner: Owner, tmp_path: Path) -> None:
    first, second = [await stored(door, tmp_path, name, title=name) for name in "ab"]
    looking = scan(archive(door, tmp_path), owner)
    delete(door, await copy_of(first))
    await looking.look(10)
    delete(door, await copy_of(second))
    await Copy.get_pymongo_collection().update_many({}, {"$set": {"looked_at": 1}})
    await looking.look(10)
    assert len(owner.cards) == 1
    await a_day_later()
    await looking.look(10)
    assert [card.values["titles"] for card in owner.cards] == ["• a", "• b"]


async def test_a_crash_before_it_is_noted_hides_no_other_loss(
    door: FakeDoor, owner: Owner, tmp_path: Path
) -> None:
    lost = await stored(door, tmp_path, "a", title="Found again")
    delete(door, await copy_of(lost))
    looking = scan(archive(door, tmp_path), owner)
    await looking.look(10)
    await LossesTold.get_pymongo_collection().delete_many({})
    await looking.tell()
    assert len(owner.cards) == 1, "the same, by the same card"
    await LossesTold.get_pymongo_collection().delete_many({})
    await Copy.get_pymongo_collection().update_many({}, {"$set": {"lost_at": 0}})
    other = await stored(door, tmp_path, "b", title="Gone")
    delete(door, await copy_of(other))
    await looking.look(10)
    assert [card.values["titles"] for card in owner.cards] == ["• Found again", "• Gone"]


async def test_another_post_with_the_same_bytes_takes_its_place(
    door: FakeDoor, owner: Owner, tmp_path: Path
) -> None:
    """As when somebody ordered it again, and it was fetched anew."""
    first = await stored(door, tmp_path, "a")
    delete(door, await copy_of(first))
    looking = scan(archive(door, tmp_path), owner)
    await looking.look(10)
    again = await stored(door, tmp_path, "a")
    item, there = await Item.get(first.id), await copy_of(again)
    assert item is not None
    await a_day_later()
    await looking.look(10)
    copy, mended = await copy_of(first), await Item.get(first.id)
    assert mended is not None
    assert (copy.message_id, copy.shared, copy.lost_at) == (there.message_id, True, 0)
    assert mended.posts[0].link == f"https://t.me/c/1234/{there.message_id}"
    assert mended.changed_at > item.changed_at
    assert await archive(door, tmp_path).deliver(first.id, 7, by=ADA) == 0
    # and it is not that Item's to remove
    await archive(door, tmp_path).discard(first.id)
    assert (there.message_id or 0) in door.chats[CHANNEL]


async def test_a_twin_that_is_gone_too_is_none(door: FakeDoor, owner: Owner, tmp_path: Path) -> None:
    first = await stored(door, tmp_path, "a")
    shared = await stored(door, tmp_path, "a")
    assert (await copy_of(shared)).shared
    delete(door, await copy_of(first))
    await scan(archive(door, tmp_path), owner).look(10)
    assert all([(await copy_of(transfer)).lost_at for transfer in (first, shared)])
    assert [card.values["count"] for card in owner.cards] == [2]


async def test_what_is_back_is_not_lost(door: FakeDoor, owner: Owner, tmp_path: Path) -> None:
    """Telegram may say wrong things for a while."""
    transfer = await stored(door, tmp_path, "a")
    copy = await copy_of(transfer)
    posted = door.chats[CHANNEL].pop(copy.message_id or 0)
    await scan(archive(door, tmp_path), owner).look(10)
    door.chats[CHANNEL][copy.message_id or 0] = posted
    await a_day_later()
    await scan(archive(door, tmp_path), owner).look(10)
    assert (await copy_of(transfer)).lost_at == 0
    assert await archive(door, tmp_path).deliver(transfer.id, 7, by=ADA) == 0


@pytest.mark.parametrize("error", [ChatClosed("bot was kicked"), TelegramAway(1)])
async def test_a_channel_that_is_closed_has_lost_nothing(
    error: Exception, door: FakeDoor, owner: Owner, tmp_path: Path
) -> None:
    transfer = await stored(door, tmp_path, "a")
    door.errors = [error]
    await scan(archive(door, tmp_path), owner).look(10)
    copy = await copy_of(transfer)
    assert copy.lost_at == 0
    assert bool(copy.looked_at) is isinstance(error, ChatClosed)
    assert owner.cards == []


async def test_posts_of_the_bot_before_us_in_private_chats_are_left(
    door: FakeDoor, owner: Owner, tmp_path: Path
) -> None:
    transfer = await storing(file(tmp_path, "a"))
    await archive(door, tmp_path, channel=None).store(transfer)
    door.bot = 43
    door.chats[7] = {}
    await scan(archive(door, tmp_path, channel=None), owner).look(10)
    assert (await copy_of(transfer)).lost_at == 0


async def test_it_asks_for_no_more_than_it_may_the_oldest_first(
    door: FakeDoor, owner: Owner, tmp_path: Path
) -> None:
    for name in "abcdef":
        await stored(door, tmp_path, name)
    looking = scan(archive(door, tmp_path), owner, each_hour=60)
    looked = []
    for _ in range(24):
        await looking.look(10)
        looked.append(await Copy.find({"looked_at": {"$gt": 0}}).count())
    assert looked == [0] * 5 + [1] * 6 + [2] * 6 + [3] * 6 + [4]
    nothing = scan(archive(door, tmp_path), owner, each_hour=0)
    await nothing.look(3600)
    assert await Copy.find({"looked_at": 0}).count() == 2


async def test_the_oldest_come_first_and_none_twice_a_day(
    door: FakeDoor, owner: Owner, tmp_path: Path
) -> None:
    transfers = [await stored(door, tmp_path, name) for name in "abc"]
    for number, transfer in enumerate(transfers):
        await (await copy_of(transfer)).set({"looked_at": 3 - number})
    looking = scan(archive(door, tmp_path), owner)
    for looked in (["c"], ["b", "c"], ["a", "b", "c"], ["a", "b", "c"]):
        await looking.look(1)
        found = [(await copy_of(transfer)).looked_at > 3 for transfer in transfers]
        assert [name for name, is_looked in zip("abc", found, strict=True) if is_looked] == looked


async def test_many_losses_are_one_card(door: FakeDoor, owner: Owner, tmp_path: Path) -> None:
    for number in range(13):
        transfer = await stored(door, tmp_path, f"{number}", title=f"Work {number}")
        door.chats[CHANNEL][(await copy_of(transfer)).message_id or 0] = Message(text="x")
        delete(door, await copy_of(transfer))
    await scan(archive(door, tmp_path), owner).look(60)
    (card,) = owner.cards
    assert (card.values["count"], card.values["more"]) == (13, 3)
    assert str(card.values["titles"]).count("•") == 10


@pytest.mark.parametrize("changes", [{"blake3": "", "shared": True, "bot_id": 0}, {"bot_id": 0, "links": []}])
async def test_posts_of_others_keep_their_keys(
    changes: dict[str, Any], door: FakeDoor, owner: Owner, tmp_path: Path
) -> None:
    """Of what was taken in of a channel nobody knows the keys, and asking would take them away."""
    transfer = await stored(door, tmp_path, "a")
    copy = await copy_of(transfer)
    await copy.set(changes)
    keys = door.chats[CHANNEL][copy.message_id or 0].keyboard
    assert keys
    await scan(archive(door, tmp_path), owner).look(10)
    assert door.chats[CHANNEL][copy.message_id or 0].keyboard == keys
    assert (await copy_of(transfer)).looked_at == 0


async def test_posts_whose_keys_are_known_are_asked_for_whoever_posted_them(
    door: FakeDoor, owner: Owner, tmp_path: Path
) -> None:
    transfer = await stored(door, tmp_path, "a")
    await (await copy_of(transfer)).set({"bot_id": 0})
    await scan(archive(door, tmp_path), owner).look(10)
    assert (await copy_of(transfer)).looked_at
