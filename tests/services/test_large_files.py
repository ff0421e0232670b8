"""Which door a file takes, and what stays on the disk until one takes it."""

import os
from pathlib import Path

import pytest

from bot.assembly import LOCALES
from models.cards import Card, CardKind
from models.clock import now
from models.ids import new_id
from models.library import Item
from models.storage import Copy
from models.transfers import Transfer, TransferState
from services.downloads.engines import Engines
from services.downloads.service import Downloads
from services.storage.archive import Archive
from services.storage.port import CopyKey, CopyMissing, TooLarge
from services.storage.telegram import TelegramStore
from services.telegram.port import AccountLost, FileChanged, Limits, UploadTooLarge
from services.transfers.stages.storing import Store
from services.transfers.upkeep import Upkeep
from services.words import Catalogue
from tests.fake_door import FakeDoor, FakeLargeDoor
from tests.fake_engine import FakeEngine
from tests.services.orders import reread
from tests.services.test_archive import CHANNEL, file, storing

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
SHUT = Limits(upload=0, photo=0, fetch=0)
SMALL, LARGE, HUGE = 10, 2000, 20_000


class House:
    """An archive with both doors, and who looks after it."""

    def __init__(self, folder: Path) -> None:
        self.door = FakeDoor(limits=Limits(upload=1000, fetch=1000))
        self.large = FakeLargeDoor(self.door)
        words = Catalogue(LOCALES).words("en")
        self.archive = Archive(self.door, words, folder, CHANNEL, self.large)
        downloads = Downloads(Engines({"fake": FakeEngine()}, "fake"), folder / "downloads")
        self.upkeep = Upkeep(downloads, self.archive, [])
        self.stage = Store(downloads, self.archive)

    @property
    def posted(self) -> list[str]:
        return [media.name for media in self.door.media(CHANNEL)]

    async def finish(self, transfer: Transfer) -> Transfer:
        """Stores it and writes down what came of it."""
        changes = await self.stage(await reread(transfer))
        await transfer.set(dict(changes))
        return await reread(transfer)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_each_file_takes_the_door_that_takes_it(house: House, tmp_path: Path) -> None:
    sizes = {"small": SMALL, "large": LARGE, "huge": HUGE}
    transfer = await storing(*(file(tmp_path, name, size=size) for name, size in sizes.items()))
    archived = await house.archive.store(transfer)
    assert sorted(house.posted) == ["huge.001", "huge.002", "large", "small"]
    assert house.large.uploads == ["huge.001", "huge.002", "large"]
    assert list(archived.kept_on_disk) == []
    assert len(archived.posts) == 3


async def test_a_large_file_is_read_again_from_anywhere(house: House, tmp_path: Path) -> None:
    transfer = await storing(file(tmp_path, "large", size=LARGE))
    await house.archive.store(transfer)
    store = TelegramStore(house.door, CHANNEL, only_posts=True, large=house.large)
    copy = await Copy.get(CopyKey(transfer.id, "0").in_store(store.name))
    assert copy is not None
    assert b"".join([chunk async for chunk in store.open(copy, 500)]) == (b"large" * LARGE)[500:LARGE]
    house.large.limits = SHUT
    with pytest.raises(TooLarge):
        [chunk async for chunk in store.open(copy)]
    house.large.limits = Limits(upload=LARGE, fetch=LARGE)
    house.door.chats[CHANNEL].clear()
    with pytest.raises(CopyMissing):
        [chunk async for chunk in store.open(copy)]


async def test_the_card_hears_how_far_a_large_file_is(house: House, tmp_path: Path) -> None:
    transfer = await storing(file(tmp_path, "large", size=LARGE))
    await house.stage(transfer)
    sending = (await reread(transfer)).sending
    assert sending is not None
    assert (sending.name, sending.done, sending.total) == ("large", LARGE, LARGE)
    done = await house.finish(transfer)
    assert done.sending is None


@pytest.mark.parametrize("refusal", [AccountLost("USER_DEACTIVATED"), UploadTooLarge("FILE_TOO_BIG")])
async def test_what_the_second_door_refuses_is_kept_on_the_disk(
    house: House, tmp_path: Path, refusal: Exception
) -> None:
    house.large.errors.append(refusal)
    transfer = await storing(file(tmp_path, "large", size=LARGE))
    archived = await house.archive.store(transfer)
    assert list(archived.kept_on_disk) == ["large"]
    assert house.door.chats[CHANNEL] == {}, "no placeholder stays"


async def test_a_file_that_changed_is_an_error_and_is_kept_nowhere(house: House, tmp_path: Path) -> None:
    house.large.errors.append(FileChanged("large"))
    transfer = await storing(file(tmp_path, "large", size=LARGE))
    with pytest.raises(FileChanged):
        await house.archive.store(transfer)
    assert await Copy.find({"store": "disk"}).count() == 0


@pytest.mark.parametrize("size", [LARGE, 100], ids=["large", "small"])
async def test_a_file_that_was_written_to_since_it_was_inspected_is_held_against_its_hash(
    house: House, tmp_path: Path, size: int
) -> None:
    """Of the same size as before: only who reads it sees that."""
    transfer = await storing(file(tmp_path, "one", size=size))
    (tmp_path / "one").write_bytes(b"x" * size)
    with pytest.raises(FileChanged):
        await house.archive.store(transfer)
    assert house.door.chats == {}
    written = file(tmp_path, "one", size=size)
    os.utime(tmp_path / "one", ns=(0, 0))
    assert written.modified != (tmp_path / "one").stat().st_mtime_ns
    await house.archive.store(transfer)
    assert len(house.door.media(CHANNEL)) == 1, "it was only touched"


@pytest.mark.parametrize("size", [LARGE, 100], ids=["large", "small"])
async def test_a_file_that_changed_is_posted_as_it_is_then(house: House, tmp_path: Path, size: int) -> None:
    """Nobody is ever given the other bytes for the old ones; an order that has those posts them."""
    old = await storing(file(tmp_path, "one", size=size))
    await house.archive.store(old)
    (before,) = house.door.chats[CHANNEL]
    changed = file(tmp_path, "one", size=size + 1)
    await house.archive.store(old.model_copy(update={"facts": [changed]}))
    (copy,) = await Copy.find({"item": old.id}).to_list()
    assert (copy.blake3, copy.size, copy.stored) == (changed.blake3, size + 1, True)
    assert before not in house.door.chats[CHANNEL]
    other = await storing(file(tmp_path, "two", size=size))
    assert not await house.archive.holds(other, other.facts)


async def test_a_placeholder_is_for_what_the_file_became(house: House, tmp_path: Path) -> None:
    house.large.errors.append(FileChanged("one"))
    begun = await storing(file(tmp_path, "one", size=LARGE))
    with pytest.raises(FileChanged):
        await house.archive.store(begun)
    changed = file(tmp_path, "one", size=LARGE + 1)
    await house.archive.store(begun.model_copy(update={"facts": [changed]}))
    (copy,) = await Copy.find({"item": begun.id}).to_list()
    assert (copy.blake3, copy.size, copy.stored) == (changed.blake3, LARGE + 1, True)
    assert len(house.door.chats[CHANNEL]) == 1


async def test_what_stayed_goes_up_when_a_door_takes_it(house: House, tmp_path: Path) -> None:
    """And what stands already is not touched."""
    limits, house.large.limits = house.large.limits, SHUT
    transfer = await storing(file(tmp_path, "large", size=LARGE), file(tmp_path, "small"))
    assert (await house.finish(transfer)).kept_on_disk == ["large"]
    (tmp_path / "large").unlink()  # what was fetched is tidied away
    await shown(transfer)
    assert not await house.upkeep.lift(), "it is still too large"
    house.large.limits = limits
    assert await house.upkeep.lift()
    assert (await reread(transfer)).state is TransferState.STORING
    card = await Card.find_one({"subject": transfer.id})
    assert card is not None
    assert not card.closed
    done = await house.finish(transfer)
    assert (done.state, done.kept_on_disk) == (TransferState.DONE, [])
    assert sorted(house.posted) == ["large", "small"]
    assert len(house.large.uploads) == 1
    item = await Item.get(transfer.id)
    assert item is not None
    assert len(item.posts) == len(done.posts) == 2
    assert not (tmp_path / "store" / transfer.id).exists()
    assert not await house.upkeep.lift()


async def test_what_is_refused_again_is_not_tried_for_ever(house: House, tmp_path: Path) -> None:
    limits, house.large.limits = house.large.limits, SHUT
    transfer = await storing(file(tmp_path, "large", size=LARGE))
    await house.finish(transfer)
    house.large.limits = limits
    house.large.errors.append(UploadTooLarge("FILE_TOO_BIG"))
    assert await house.upkeep.lift()
    assert (await house.finish(transfer)).kept_on_disk == ["large"]
    assert not await house.upkeep.lift()
    house.large.limits = Limits(upload=2 * limits.upload)
    assert await house.upkeep.lift(), "a larger limit is another matter"


async def test_what_is_gone_from_the_disk_fails_nothing(house: House, tmp_path: Path) -> None:
    limits, house.large.limits = house.large.limits, SHUT
    transfer = await storing(file(tmp_path, "large", size=LARGE), file(tmp_path, "small"))
    await house.finish(transfer)
    (tmp_path / "store" / transfer.id / "0-large").unlink()
    house.large.limits = limits
    assert await house.upkeep.lift()
    assert (await house.finish(transfer)).kept_on_disk == ["large"]
    assert not await house.upkeep.lift()


async def shown(transfer: Transfer) -> None:
    """Its Card, which has had its last edit."""
    card = Card(
        id=new_id(),
        chat_id=1,
        member_id=transfer.member_id,
        language="en",
        kind=CardKind.TRANSFER,
        subject=transfer.id,
        message_id=5,
        shown_at=now(),
        closed=True,
    )
    await card.insert()
