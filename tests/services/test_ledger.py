"""What is written down of the archive in its ledger channel: each manifest once, in one chain, whatever was lost in between."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from models.access import Member, Role
from models.clock import now
from models.ids import new_id
from models.intake import Intake, IntakeState
from models.ledger import Ledger, Written
from models.library import Collection, CollectionKind, Item
from models.media import Facts, Kind
from models.storage import Copy
from models.transfers import Post
from services.checks.findings import sound, wrong
from services.checks.probes import probe_ledger
from services.documents import update_all, update_if
from services.ledger import writer as ledger_writer
from services.ledger.keys import InstanceKey
from services.ledger.manifests import Chain, ChannelRecord, CollectionRecord, GoneRecord, ItemRecord, Manifest
from services.ledger.writer import LedgerWriter, NotOurs, ledger_item
from services.storage.telegram import TelegramStore
from services.tasks import Bell
from services.telegram.port import Keyboard, Media, Sent, TelegramAway, TelegramRefused
from tests.fake_door import FakeDoor, bytes_of
from tests.services.orders import member

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
CHANNEL = -1_000_000_005_678
KEY = InstanceKey(bytes(range(32)))


@dataclass
class Keeping(FakeDoor):
    """Keeps the bytes of what is posted, too: the files of the ledger do not stay on the disk.

    `lose`: the answer to the call of this number, from 0 on, does not come.
    """

    files: dict[int, dict[int, bytes]] = field(default_factory=dict)
    lose: int = -1

    async def edit_into_media(
        self, chat_id: int, message_id: int, media: Media, keyboard: Keyboard = ()
    ) -> Sent:
        self.files.setdefault(chat_id, {})[message_id] = bytes_of(media)
        return await super().edit_into_media(chat_id, message_id, media, keyboard)

    def _lose(self) -> None:
        self.lose -= 1
        if self.lose == -1:
            raise TelegramAway(1)


@pytest.fixture
def door() -> Keeping:
    return Keeping()


def writer(door: Keeping, folder: Path, key: InstanceKey = KEY) -> LedgerWriter:
    return LedgerWriter(TelegramStore(door, CHANNEL, only_posts=True), key, folder, Bell())


async def archived(title: str, **changes: Any) -> Item:
    """An Item of one file that stands in Telegram."""
    item_id = new_id()
    copy = Copy(
        id=f"{item_id}:0:telegram-1", item=item_id, part="0", store="telegram-1", blake3="ab", size=3,
        channel_id=-1, message_id=5, bot_id=42, stored=True, file_ids={"42": "secret-file-id"},
    )  # fmt: skip
    await copy.insert()
    facts = Facts(
        path="downloads/a", name="a", size=3, blake3="ab", kind=Kind.VIDEO, title="A", duration=1.2345678
    )
    values: dict[str, Any] = {
        "files": [facts],
        "member_id": "ada",
        "posts": [Post(copy_id=copy.id)],
        "channel_id": -1,
    }
    item: Item = await Item(id=item_id, title=title, **{**values, **changes}).insert()
    return item


async def changed(item: Item, **changes: Any) -> None:
    await update_if(Item, {"_id": item.id}, {**changes, "changed_at": now()})


def lines(door: Keeping) -> list[bytes]:
    """What stands in the ledger channel."""
    return [line for data in door.files.get(CHANNEL, {}).values() for line in data.splitlines()]


def read(door: Keeping) -> list[Manifest]:
    reading = Chain(KEY.public)
    return [reading.read(line) for line in lines(door)]


def titles(door: Keeping) -> list[str]:
    return [manifest.record.title for manifest in read(door) if isinstance(manifest.record, ItemRecord)]


async def test_each_item_leaves_a_manifest(door: Keeping, tmp_path: Path) -> None:
    for number in range(3):
        await archived(f"Work {number}", tags=["jazz"])
    await writer(door, tmp_path).look()
    assert titles(door) == ["Work 0", "Work 1", "Work 2"]
    assert [media.name for media in door.media(CHANNEL)] == ["manifests-000001-000003.jsonl"]
    manifest = read(door)[0]
    assert isinstance(manifest.record, ItemRecord)
    assert (manifest.record.tags, manifest.record.copies[0].message_id) == (["jazz"], 5)
    assert (manifest.record.files[0].duration_ms, manifest.record.files[0].facts.duration) == (1235, 1.235)
    assert b"secret-file-id" not in lines(door)[0]
    assert b"downloads/a" not in lines(door)[0]
    assert not re.search(rb"\d\.\d", lines(door)[0])
    assert not list((tmp_path / "ledger").iterdir())


async def test_what_did_not_change_is_not_written_again(door: Keeping, tmp_path: Path) -> None:
    item = await archived("Work")
    await writer(door, tmp_path).look()
    calls = len(door.calls)
    await changed(item, handed_out=5)
    await writer(door, tmp_path).look()
    assert len(door.calls) == calls
    assert len(lines(door)) == 1


async def test_a_change_leaves_another_one_with_a_higher_number(door: Keeping, tmp_path: Path) -> None:
    item = await archived("Work")
    books = writer(door, tmp_path)
    await books.look()
    await changed(item, tags=["jazz"])
    await books.look()
    await changed(item, removed_at=77)
    await books.look()
    said = [manifest.record for manifest in read(door)]
    assert [(record.tags, record.removed_at) for record in said if isinstance(record, ItemRecord)] == [
        ([], 0),
        (["jazz"], 0),
        (["jazz"], 77),
    ]
    assert [media.name for media in door.media(CHANNEL)] == [f"manifest-{n:06d}.json" for n in (1, 2, 3)]


async def test_members_and_what_they_may_are_written_down(door: Keeping, tmp_path: Path) -> None:
    await member("ada", Role.OWNER)
    await writer(door, tmp_path).look()
    await update_if(Member, {"_id": "ada"}, {"role": Role.MEMBER, "shown_setup": True})
    await writer(door, tmp_path).look()
    await update_if(Member, {"_id": "ada"}, {"silent_from": 3})
    await writer(door, tmp_path).look()
    assert [getattr(manifest.record, "role", None) for manifest in read(door)] == [Role.OWNER, Role.MEMBER]


@pytest.mark.parametrize("lost_at", range(5))
@pytest.mark.parametrize("works", [1, 3])
async def test_an_answer_that_is_lost_leaves_each_manifest_there_once(
    lost_at: int, works: int, door: Keeping, tmp_path: Path
) -> None:
    """The call took effect, its answer did not come: as a crash right after it."""
    item = await archived("First")
    await writer(door, tmp_path).look()
    for number in range(works):
        await archived(f"Work {number}")
    await changed(item, tags=["new"])
    door.lose = lost_at
    for _ in range(4):
        with suppress(TelegramAway):
            await writer(door, tmp_path).look()
            continue
        # what was begun is posted word for word all the same
        await changed(item, tags=["newer"])
    assert [manifest.number for manifest in read(door)] == list(range(1, len(lines(door)) + 1))
    assert door.texts(CHANNEL) == []
    last = {manifest.subject.id: manifest.record for manifest in read(door)}[f"item:{item.id}"]
    kept = await Item.get(item.id)
    assert kept is not None
    assert isinstance(last, ItemRecord)
    assert last.tags == kept.tags
    assert sorted(set(titles(door))) == ["First", *[f"Work {number}" for number in range(works)]]


async def test_what_telegram_refuses_is_written_later(door: Keeping, tmp_path: Path) -> None:
    await archived("Work")
    door.errors = [TelegramRefused("not enough rights to send")]
    with pytest.raises(TelegramRefused):
        await writer(door, tmp_path).look()
    await archived("Another")
    await writer(door, tmp_path).look()
    assert titles(door) == ["Work", "Another"]


async def test_a_file_has_a_megabyte_and_what_is_larger_stands_alone(door: Keeping, tmp_path: Path) -> None:
    large = "x" * 700_000
    for number in range(3):
        await archived(f"{number} {large}")
    await archived("y" * 2_000_000)
    await archived("small")
    await writer(door, tmp_path).look()
    assert [len(title) for title in titles(door)] == [700_002] * 3 + [2_000_000, 5]
    assert [media.name for media in door.media(CHANNEL)] == [f"manifest-{n:06d}.json" for n in range(1, 6)]


async def test_more_than_a_page_of_one_moment(
    door: Keeping, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_writer, "_PAGE", 20)
    moment = now()
    for number in range(53):
        await Item(id=f"i{number:05d}", title="x", files=[], member_id="a", changed_at=moment).insert()
    await writer(door, tmp_path).look()
    assert [manifest.number for manifest in read(door)] == list(range(1, 54))
    ledger = await Ledger.get("ledger")
    assert ledger is not None
    assert (ledger.number, ledger.until, ledger.draft) == (53, moment, "")
    assert await Written.count() == 53


async def test_who_has_another_key_does_not_write_on(door: Keeping, tmp_path: Path) -> None:
    await archived("Work")
    await writer(door, tmp_path).look()
    await archived("Another")
    with pytest.raises(NotOurs, match="another key"):
        await writer(door, tmp_path, InstanceKey(bytes(32))).look()
    assert titles(door) == ["Work"]


async def test_nobody_writes_while_the_database_is_being_rebuilt(door: Keeping, tmp_path: Path) -> None:
    await Ledger(key=KEY.public, rebuilding=KEY.public).insert()
    await archived("Work")
    with pytest.raises(NotOurs, match="rebuilt"):
        await writer(door, tmp_path).look()
    assert lines(door) == []


async def test_its_files_are_copies_of_no_item(door: Keeping, tmp_path: Path) -> None:
    await archived("Work")
    await writer(door, tmp_path).look()
    (copy,) = await Copy.find({"channel_id": CHANNEL}).to_list()
    assert (copy.item, copy.part, copy.stored) == (ledger_item(KEY.public), "1", True)
    assert await Item.get(copy.item) is None


async def test_health_tells_what_is_written_and_what_hinders(door: Keeping, tmp_path: Path) -> None:
    assert await probe_ledger(door, CHANNEL, KEY.public) == sound("found-ledger", number=0)
    await archived("Work")
    await writer(door, tmp_path).look()
    assert await probe_ledger(door, CHANNEL, KEY.public) == sound("found-ledger", number=1)
    assert await probe_ledger(door, CHANNEL, "another") == wrong("found-ledger-other-key")
    await update_if(Ledger, {"_id": "ledger"}, {"rebuilding": KEY.public})
    assert await probe_ledger(door, CHANNEL, KEY.public) == wrong("found-ledger-rebuilding")
    door.lacking[CHANNEL] = "channel-removed"
    assert await probe_ledger(door, CHANNEL, KEY.public) == wrong("found-ledger-closed")
    assert len(door.calls) == 2


async def test_what_stood_in_a_file_that_is_gone_is_written_down_again(door: Keeping, tmp_path: Path) -> None:
    for number in range(3):
        await archived(f"Work {number}")
        await writer(door, tmp_path).look()
    (gone,) = await Copy.find({"item": ledger_item(KEY.public), "part": "2"}).to_list()
    del door.files[CHANNEL][gone.message_id or 0]
    await gone.set({"lost_at": 5})
    for _ in range(2):
        await writer(door, tmp_path).look()
    reading = Chain(KEY.public)
    found = [reading.read(line) for line in lines(door)]
    assert [(manifest.number, manifest.subject.said["title"]) for manifest in found] == [
        (1, "Work 0"),
        (3, "Work 2"),
        (4, "Work 1"),
    ]
    assert reading.missing == [2]


async def test_each_collection_leaves_a_manifest_and_so_does_its_end(door: Keeping, tmp_path: Path) -> None:
    item = await archived("Work")
    made = Collection(
        id=new_id(), member_id="ada", collects=CollectionKind.PLAYLIST, title="Evening", items=[item.id]
    )
    await made.insert()
    await writer(door, tmp_path).look()
    records = [manifest.record for manifest in read(door)]
    assert [each for each in records if isinstance(each, CollectionRecord)] == [
        CollectionRecord(**made.model_dump(include=set(CollectionRecord.model_fields)))
    ]
    await writer(door, tmp_path).look()
    assert len(read(door)) == len(records), "nothing is written twice"
    await Collection.get_pymongo_collection().delete_one({"_id": made.id})
    await writer(door, tmp_path).look()
    assert read(door)[-1].record == GoneRecord(id=f"collection:{made.id}")


async def test_an_opened_channel_leaves_a_manifest_until_it_is_closed(door: Keeping, tmp_path: Path) -> None:
    for number in range(2):
        await Intake(
            id=f"wish{number}", member_id="ada", chat_id=5, channel="@films", channel_id=-1007, name="films",
            title="Films", state=IntakeState.RUNNING, opened=True,
        ).insert()  # fmt: skip
    await writer(door, tmp_path).look()
    assert [manifest.record for manifest in read(door)] == [
        ChannelRecord(id="-1007", name="films", title="Films")
    ]
    await update_all(Intake, {"opened": True}, {"opened": False, "closed": True})
    await writer(door, tmp_path).look()
    assert read(door)[-1].record == GoneRecord(id="channel:-1007")


def test_a_new_field_of_a_collection_is_written_down_or_left_out_on_purpose() -> None:
    left_out = {"changed_at", "revision_id"}
    assert set(Collection.model_fields) - left_out == set(CollectionRecord.model_fields)
