"""Results in the chats of those who want them there: at most once, silently at night, with previews on wish."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.assembly import LOCALES
from models.access import Member, ResultsTo, Role
from models.cards import Card, CardKind
from models.clock import now
from models.delivery import Delivery
from models.library import Item
from models.storage import Copy
from models.transfers import Post, Transfer, TransferState
from services.access.preferences import Preferences
from services.delivery.results import Results
from services.documents import update_if
from services.storage.archive import Archive
from services.tasks import Bell
from services.telegram.port import ChatClosed, TelegramAway
from services.words import Catalogue
from tests.fake_door import FakeDoor, Message
from tests.services.orders import order

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
CHANNEL, ADA, BLAS, GROUP = -1001234, 7001, 7002, -1005678
preferences = Preferences(("en", "es"))


@pytest.fixture
def door() -> FakeDoor:
    return FakeDoor()


@pytest.fixture
def archive(door: FakeDoor, tmp_path: Path) -> Archive:
    return Archive(door, Catalogue(LOCALES).words("en"), tmp_path, CHANNEL)


class Complaining(FakeDoor):
    """Telegram complains for an hour about every chat but Blas's."""

    async def copy(self, from_chat: int, message_ids: Sequence[int], to_chat: int, **more: Any) -> list[int]:
        if to_chat != BLAS:
            raise TelegramAway(3600, flood=True)
        return await super().copy(from_chat, message_ids, to_chat, **more)


async def ada(to: ResultsTo = ResultsTo.CHAT, role: Role = Role.MEMBER) -> Member:
    member = await Member(id=str(ADA), name="Ada", role=role).insert()
    return await preferences.send_results(member.id, to, by=member)


async def done(
    door: FakeDoor, *, channel: int = CHANNEL, item: str = "", state: TransferState = TransferState.DONE
) -> Transfer:
    """An order of Ada's whose post, and one preview of it, stand in a chat."""
    transfer = await order(state, member_id=str(ADA), chat_id=ADA)
    post = Post(copy_id=f"{item or transfer.id}0")
    changes = {"item": item or transfer.id, "posts": [post], "changed_at": now()}
    await update_if(Transfer, {"_id": transfer.id}, changes)
    if not item:
        await Item(id=transfer.id, title="Bunny", files=[], member_id=str(ADA)).insert()
        for part, text in (("0", "work"), ("0.sheet", "sheet")):
            sent = await door.send_text(channel, text)
            await _copy(transfer.id, part, channel, sent.message_id, door.bot_id)
    return transfer


async def done_for(person: int, door: FakeDoor) -> None:
    theirs = await done(door)
    await update_if(Transfer, {"_id": theirs.id}, {"member_id": str(person), "chat_id": person})


async def _copy(item: str, part: str, channel: int, message_id: int, bot_id: int) -> None:
    values = {
        "id": f"{item}{part}", "item": item, "part": part, "store": f"telegram{channel}", "blake3": "0" * 64, "size": 1,
        "channel_id": channel, "message_id": message_id, "stored": True, "bot_id": bot_id,
    }  # fmt: skip
    await Copy.model_validate(values).insert()


def hers(door: FakeDoor) -> list[Message]:
    return [message for _, message in sorted(door.chats.get(ADA, {}).items())]


async def test_what_is_done_is_copied_into_the_chat_once(door: FakeDoor, archive: Archive) -> None:
    await ada()
    transfer = await done(door)
    results = Results(archive, Bell())
    for _ in range(3):
        await results.deliver_due()
    await Results(archive, Bell()).deliver_due()
    assert [message.text for message in hers(door)] == ["work"]
    assert [delivery.id for delivery in await Delivery.find_all().to_list()] == [transfer.id]


async def test_many_who_look_at_once_deliver_once(door: FakeDoor, archive: Archive) -> None:
    await ada()
    await done(door)
    await asyncio.gather(*(Results(archive, Bell()).deliver_due() for _ in range(10)))
    assert len(hers(door)) == 1


async def test_nobody_else_gets_anything(door: FakeDoor, archive: Archive) -> None:
    await ada(ResultsTo.ARCHIVE)
    await done(door)
    await Results(archive, Bell()).deliver_due()
    assert hers(door) == []


@pytest.mark.parametrize("to", ResultsTo)
async def test_what_had_been_archived_from_elsewhere_is_copied_unasked(
    to: ResultsTo, door: FakeDoor, archive: Archive
) -> None:
    await ada(to)
    transfer = await done(door)
    await update_if(Transfer, {"_id": transfer.id}, {"bytes_known": True})
    for _ in range(2):
        await Results(archive, Bell()).deliver_due()
    assert [message.text for message in hers(door)] == ["work"]


async def test_it_goes_into_the_topic_of_its_order(door: FakeDoor, archive: Archive) -> None:
    await ada(ResultsTo.ARCHIVE)
    transfer = await done(door)
    await update_if(Transfer, {"_id": transfer.id}, {"bytes_known": True, "chat_id": GROUP})
    card = {
        "id": "c",
        "kind": CardKind.TRANSFER,
        "subject": transfer.id,
        "member_id": str(ADA),
        "language": "en",
    }
    await Card(**card, chat_id=GROUP, thread_id=5).insert()
    door.members[GROUP] = {ADA}
    await Results(archive, Bell()).deliver_due()
    assert hers(door) == []
    assert [message.thread_id for message in door.chats[GROUP].values()] == [5]


@pytest.mark.parametrize("state", [state for state in TransferState if state is not TransferState.DONE])
async def test_only_what_is_done_is_delivered(state: TransferState, door: FakeDoor, archive: Archive) -> None:
    await ada()
    await done(door, state=state)
    await Results(archive, Bell()).deliver_due()
    assert hers(door) == []


async def test_what_was_done_before_she_chose_so_stays_in_the_archive(
    door: FakeDoor, archive: Archive
) -> None:
    await ada(ResultsTo.ARCHIVE)
    old = await done(door)
    await update_if(Transfer, {"_id": old.id}, {"changed_at": now() - 5})
    member = await Member.get(str(ADA))
    assert member is not None
    await preferences.send_results(member.id, ResultsTo.CHAT, by=member)
    results = Results(archive, Bell())
    await results.deliver_due()
    assert hers(door) == []
    await done(door)
    await results.deliver_due()
    assert len(hers(door)) == 1


async def test_what_stands_in_her_chat_already_is_not_sent_again(door: FakeDoor, archive: Archive) -> None:
    await ada()
    await done(door, channel=ADA)
    await Results(archive, Bell()).deliver_due()
    assert [message.text for message in hers(door)] == ["work", "sheet"]


async def test_previews_come_along_on_wish(door: FakeDoor, archive: Archive) -> None:
    await preferences.bring_previews(str(ADA), wanted=True, by=await ada())
    await done(door)
    await Results(archive, Bell()).deliver_due()
    assert [message.text for message in hers(door)] == ["work", "sheet"]


@pytest.mark.parametrize("silent", [True, False])
async def test_in_silent_hours_it_makes_no_sound(silent: bool, door: FakeDoor, archive: Archive) -> None:
    member = await ada()
    hour = now() // 3_600_000 % 24
    start = (hour - 1) % 24 if silent else (hour + 2) % 24
    await preferences.be_silent(member.id, start, (start + 3) % 24, by=member)
    await done(door)
    await Results(archive, Bell()).deliver_due()
    assert [message.silent for message in hers(door)] == [silent]


async def test_telegram_that_complains_is_asked_again(door: FakeDoor, archive: Archive) -> None:
    await ada()
    await done(door)
    door.errors = [TelegramAway(0.01, flood=True), TelegramAway(0.01, flood=True)]
    await Results(archive, Bell()).deliver_due()
    assert len(hers(door)) == 1


async def test_while_one_chat_has_to_wait_the_others_get_theirs(tmp_path: Path) -> None:
    """More of them wait than are delivered to at once, and what comes later is not held up, either."""
    door = Complaining()
    results = Results(Archive(door, Catalogue(LOCALES).words("en"), tmp_path, CHANNEL), Bell())
    for person in (*range(8000, 8030), BLAS):
        await Member(id=str(person), name="x", role=Role.MEMBER, results_to=ResultsTo.CHAT).insert()
    for person in range(8000, 8030):
        await done_for(person, door)
    running = asyncio.get_running_loop().create_task(results.run())
    try:
        for number in (1, 2):
            await done_for(BLAS, door)
            async with asyncio.timeout(60):
                while len(door.chats.get(BLAS, {})) < number:  # noqa: ASYNC110 - a fake sets no event
                    await asyncio.sleep(0.05)
        assert not running.done()
        assert set(door.chats) == {CHANNEL, BLAS}
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("error", [TelegramAway(0.01), ChatClosed("bot was blocked by the user")])
async def test_what_may_have_been_sent_is_not_sent_again(
    error: Exception, door: FakeDoor, archive: Archive
) -> None:
    """And one that fails keeps the others from nothing."""
    await ada()
    await done(door)
    results = Results(archive, Bell())
    door.errors = [error]
    await results.deliver_due()
    await results.deliver_due()
    assert hers(door) == []
    await done(door)
    await results.deliver_due()
    assert len(hers(door)) == 1


async def test_what_was_handed_out_at_once_is_not_sent_again(door: FakeDoor, archive: Archive) -> None:
    """An order of what was archived already: it went into the chat of the order, hers or a group's."""
    await ada()
    first = await done(door)
    await Results(archive, Bell()).deliver_due()
    await done(door, item=first.id)
    await Results(archive, Bell()).deliver_due()
    assert len(hers(door)) == 1
    elsewhere = await done(door, item=first.id)
    await update_if(Transfer, {"_id": elsewhere.id}, {"chat_id": -7})
    await Results(archive, Bell()).deliver_due()
    assert len(hers(door)) == 2


async def test_of_a_part_that_was_handed_out_elsewhere_nothing_more_comes(
    door: FakeDoor, archive: Archive
) -> None:
    await ada(ResultsTo.ARCHIVE)
    first = await done(door)
    sent = await door.send_text(CHANNEL, "another file of it")
    await _copy(first.id, "1", CHANNEL, sent.message_id, door.bot_id)
    await preferences.send_results(str(ADA), ResultsTo.CHAT, by=await _member())
    part = await done(door, item=first.id)
    await update_if(Transfer, {"_id": part.id}, {"chat_id": -7})
    await Results(archive, Bell()).deliver_due()
    assert [message.text for message in hers(door)] == ["work"]


async def _member() -> Member:
    member = await Member.get(str(ADA))
    assert member is not None
    return member


async def test_what_is_gone_from_the_archive_is_left(door: FakeDoor, archive: Archive) -> None:
    await ada()
    gone = await done(door)
    await Copy.get_pymongo_collection().delete_many({"item": gone.id})
    results = Results(archive, Bell())
    await results.deliver_due()
    await done(door)
    await results.deliver_due()
    assert len(hers(door)) == 1
