"""A database made again from its ledger: all that counts comes back, what does not is named, and the chain goes on."""

import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models.access import Member, Role
from models.intake import Intake
from models.ledger import Ledger, Written
from models.library import Collection, CollectionKind, Item
from models.media import Facts, Kind
from models.storage import Copy, Link, Whole
from services.grabbing.port import Post, PostKind, Stretch
from services.intake.channels import heard_by, opened_channels
from services.ledger.keys import InstanceKey
from services.ledger.manifests import Fault, canonical, hash_of
from services.ledger.rebuild import NotEmpty, Rebuild, Rebuilt
from services.ledger.writer import ledger_item
from services.telegram.port import FileDamaged, TelegramAway
from tests.services.orders import member
from tests.services.test_ledger import CHANNEL, KEY, Keeping, archived, changed, read, writer

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]


@dataclass
class Channel:
    """What stands in a ledger channel, as MTProto shows it: name and bytes by the number of the message."""

    files: dict[int, tuple[str, bytes]]
    errors: list[Exception] = field(default_factory=list)
    """Raised by the next readings of files, one each."""

    @classmethod
    def of(cls, door: Keeping) -> "Channel":
        posts = door.chats[CHANNEL]
        return cls(
            {
                number: (message.media.name, door.files[CHANNEL][number])
                for number, message in posts.items()
                if message.media is not None
            }
        )

    async def stretch(self, chat: int | str, first: int) -> Stretch:
        assert chat == CHANNEL
        numbers = [number for number in sorted(self.files) if first <= number < first + 100]
        return Stretch([self._post(number) for number in numbers], is_empty=not numbers)

    async def fetch(self, chat: int | str, post: Post, start: int) -> AsyncGenerator[bytes, None]:
        if self.errors:
            raise self.errors.pop(0)
        data = self.files[post.message_id][1]
        yield data[: len(data) // 2]
        yield data[len(data) // 2 :]

    async def cover(self, chat: int | str, message_id: int, unique_id: str) -> bytes:
        return b""

    def _post(self, number: int) -> Post:
        name, data = self.files[number]
        return Post(number, datetime.now(UTC), PostKind.DOCUMENT, name, size=len(data))

    def change(self, change: Callable[[list[bytes]], list[bytes]]) -> None:
        """Of the only file the lines."""
        ((number, (name, data)),) = self.files.items()
        self.files[number] = (name, b"".join(line + b"\n" for line in change(data.splitlines())))


@pytest.fixture
def door() -> Keeping:
    return Keeping()


async def lost() -> None:
    """As if there had never been a database."""
    for kind in (Item, Copy, Member, Collection, Intake, Ledger, Written):
        await kind.get_pymongo_collection().delete_many({})


async def rebuilt(channel: Channel, key: InstanceKey = KEY) -> Rebuilt:
    return await Rebuild(channel, CHANNEL, key).run()


async def everything() -> list[dict[str, Any]]:
    """All that is to come back, less what is only of a moment or a token."""
    found = []
    for kind in (Item, Copy, Member, Collection, Written):
        async for each in kind.get_pymongo_collection().find({}).sort("_id", 1):
            left_out = {
                "changed_at",
                "created_at",
                "verified_at",
                "joined_at",
                "file_ids",
                "after",
                "handed_out",
            }
            # the ledger's own files know less of themselves, and are found by their numbers all the same
            left_out |= {"bot_id"} if str(each.get("item", "")).startswith("ledger-") else set()
            found.append({name: value for name, value in each.items() if name not in left_out})
    return found


def facts(**changes: Any) -> Facts:
    values = {"path": "", "name": "b", "size": 9, "blake3": "cd", "kind": Kind.AUDIO, "title": "B"}
    return Facts(**{**values, **changes})


async def a_library(door: Keeping, folder: Path, works: int = 5) -> list[Item]:
    """Written down in one file."""
    items = [
        await archived(f"Work {number}", files=[facts(duration=61.5, genres=("Jazz",))])
        for number in range(works)
    ]
    await writer(door, folder).look()
    return items


async def test_all_of_it_comes_back(door: Keeping, tmp_path: Path) -> None:
    first, second, third, _ = await a_library(door, tmp_path, 4)
    await member("ada", Role.OWNER)
    await member("bob", Role.ADMIN)
    await changed(first, tags=["jazz", "live"], group=-100777)
    await changed(second, removed_at=77)
    whole = Whole(name="film.iso", blake3="ef", size=30, each=20)
    for number, size in ((1, 20), (2, 10)):
        values = {
            "whole": whole,
            "links": [Link(text="Get", url="https://t.me/x")],
            "bot_id": 42,
            "shared": True,
        }
        await Copy(
            id=f"{third.id}:1+{number}:telegram-1", item=third.id, part=f"1+{number}", store="telegram-1",
            blake3=f"{number}", size=size, channel_id=-1, message_id=10 + number, stored=True, **values,
        ).insert()  # fmt: skip
    await Copy(
        id=f"{third.id}:2:disk", item=third.id, part="2", store="disk", blake3="9", size=1, path="store/x/2-b",
        beyond=5, stored=True,
    ).insert()  # fmt: skip
    await changed(third, source="infohash", wanted="0-2", unpacked=True, merged_into=first.id)
    await Collection(
        id="evening",
        member_id="ada",
        collects=CollectionKind.ALBUM,
        title="Evening",
        items=[third.id, first.id],
    ).insert()
    wish = Intake(
        id="w", member_id="ada", chat_id=5, channel="@films", channel_id=-1007, name="films", opened=True
    )
    await wish.insert()
    await writer(door, tmp_path).look()
    before = await everything()
    await lost()
    outcome = await rebuilt(Channel.of(door))
    assert await everything() == before
    assert (outcome.items, outcome.copies, outcome.members, outcome.collections) == (4, 7, 2, 1)
    assert (outcome.number, outcome.refused, outcome.missing) == (11, [], [])
    assert await opened_channels() == {-1007}
    assert (await heard_by(-1007)) is not None, "new posts are taken"


async def test_the_chain_goes_on_behind_it(door: Keeping, tmp_path: Path) -> None:
    items = await a_library(door, tmp_path)
    await lost()
    await rebuilt(Channel.of(door))
    await writer(door, tmp_path).look()
    assert len(read(door)) == 5  # what is written down already is not written again
    await changed(items[2], tags=["new"])
    await archived("Another", files=[facts()])
    await writer(door, tmp_path).look()
    assert [manifest.number for manifest in read(door)] == list(range(1, 8))
    before = await everything()
    await lost()
    await rebuilt(Channel.of(door))
    assert await everything() == before


def altered(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[2].replace(b"Work 2", b"Work X"), *lines[3:]]


def future(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], canonical({**json.loads(lines[2]), "version": 2}), *lines[3:]]


def twice(lines: list[bytes]) -> list[bytes]:
    return [*lines, lines[2]]


def late(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], *lines[3:], lines[2]]


def cut(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[2][:100], *lines[3:]]


@pytest.mark.parametrize(
    ("change", "number", "fault", "restored"),
    [
        (altered, 3, Fault.ALTERED, 4),
        (future, 3, Fault.FUTURE, 4),
        (twice, 3, Fault.DUPLICATE, 5),
        (late, 3, Fault.ORDER, 4),
        (cut, None, Fault.UNREADABLE, 4),
    ],
)
async def test_what_does_not_count_is_named_and_the_rest_comes_back(
    change: Callable[[list[bytes]], list[bytes]],
    number: int | None,
    fault: Fault,
    restored: int,
    door: Keeping,
    tmp_path: Path,
) -> None:
    await a_library(door, tmp_path)
    await lost()
    channel = Channel.of(door)
    channel.change(change)
    outcome = await rebuilt(channel)
    assert [(refusal.number, refusal.fault) for refusal in outcome.refused] == [(number, fault)]
    assert outcome.missing == ([] if number else [3])
    titles = sorted([item.title async for item in Item.find_all()])
    assert titles == [f"Work {each}" for each in range(5) if each != 2 or restored == 5]
    # and whatever was refused, what is archived next is written down
    await archived("Another")
    await writer(door, tmp_path).look()


async def test_a_lost_file_is_missing_and_the_rest_comes_back(door: Keeping, tmp_path: Path) -> None:
    for number in range(3):
        await archived(f"Work {number}")
        await writer(door, tmp_path).look()
    await lost()
    channel = Channel.of(door)
    del channel.files[sorted(channel.files)[1]]
    outcome = await rebuilt(channel)
    assert (outcome.items, outcome.missing, outcome.refused) == (2, [2], [])


async def test_a_file_that_cannot_be_had_is_named(door: Keeping, tmp_path: Path) -> None:
    await a_library(door, tmp_path)
    await archived("Another")
    await writer(door, tmp_path).look()
    await lost()
    channel = Channel.of(door)
    channel.errors = [FileDamaged()]
    outcome = await rebuilt(channel)
    assert [refusal.fault for refusal in outcome.refused] == [Fault.UNREADABLE]
    assert (outcome.items, outcome.missing) == (1, [1, 2, 3, 4, 5])


async def test_what_others_posted_is_left_alone(door: Keeping, tmp_path: Path) -> None:
    await a_library(door, tmp_path)
    await lost()
    channel = Channel.of(door)
    channel.files |= {
        7: ("cat.jpg", b"meow"),
        150: ("manifesto.pdf", b"..."),
        3000: ("manifest-1.json", b"{}"),
    }
    outcome = await rebuilt(channel)
    assert (outcome.items, outcome.others) == (5, 2)
    assert [(refusal.number, refusal.message_id) for refusal in outcome.refused] == [(None, 3000)]


async def test_an_interrupted_rebuild_goes_on(door: Keeping, tmp_path: Path) -> None:
    for number in range(3):
        await archived(f"Work {number}", files=[facts()])
        await writer(door, tmp_path).look()
    before = await everything()
    await lost()
    channel = Channel.of(door)
    channel.errors = [*[TelegramAway(0)] * 2, *[OSError("the line is cut")] * 1]
    with pytest.raises(OSError, match="cut"):
        await rebuilt(channel)
    with pytest.raises(NotEmpty, match="another key"):
        await rebuilt(channel, InstanceKey(bytes(32)))
    await rebuilt(channel)
    assert await everything() == before


async def test_a_database_with_works_is_left_alone(door: Keeping, tmp_path: Path) -> None:
    await a_library(door, tmp_path)
    before = await everything()
    with pytest.raises(NotEmpty, match="has works in it"):
        await rebuilt(Channel.of(door))
    assert await everything() == before


async def test_with_the_wrong_key_nothing_changes(door: Keeping, tmp_path: Path) -> None:
    await a_library(door, tmp_path)
    await lost()
    outcome = await rebuilt(Channel.of(door), InstanceKey(bytes(32)))
    assert (outcome.number, outcome.items) == (0, 0)
    assert {refusal.fault for refusal in outcome.refused} == {Fault.FOREIGN}
    assert (await rebuilt(Channel.of(door))).items == 5


async def test_who_is_known_already_keeps_their_settings(door: Keeping, tmp_path: Path) -> None:
    await member("ada", Role.ADMIN)
    await writer(door, tmp_path).look()
    await lost()
    ada = await member("ada", Role.MEMBER)
    await ada.set({"silent_from": 3})
    await rebuilt(Channel.of(door))
    found = await Member.get("ada")
    assert found is not None
    assert (found.role, found.silent_from) == (Role.ADMIN, 3)


async def test_a_bot_that_began_anew_meanwhile_is_no_hindrance(door: Keeping, tmp_path: Path) -> None:
    """It wrote its members down, with the same key from number 1 on, before the owner thought of rebuilding."""
    await a_library(door, tmp_path)
    await lost()
    await member("ada", Role.OWNER)
    await writer(door, tmp_path).look()
    outcome = await rebuilt(Channel.of(door))
    assert [(refusal.number, refusal.fault) for refusal in outcome.refused] == [(1, Fault.DUPLICATE)]
    assert outcome.items == 5
    await archived("Another")
    await writer(door, tmp_path).look()
    await lost()
    again = await rebuilt(Channel.of(door))
    # the owner, known before, was written down anew behind the works
    assert (again.items, again.members, again.missing) == (6, 1, [])


async def test_the_ledgers_own_files_are_known_again(door: Keeping, tmp_path: Path) -> None:
    await a_library(door, tmp_path)
    await lost()
    await rebuilt(Channel.of(door))
    (copy,) = await Copy.find({"item": ledger_item(KEY.public)}).to_list()
    ((number, data),) = door.files[CHANNEL].items()
    assert (copy.part, copy.message_id, copy.blake3) == ("1", number, hash_of(data))


async def test_who_had_everything_deleted_does_not_come_back(door: Keeping, tmp_path: Path) -> None:
    await member("ada", Role.OWNER)
    bob = await member("bob", Role.ADMIN)
    cleo = await member("cleo", Role.MEMBER)
    await writer(door, tmp_path).look()
    await bob.delete()
    await cleo.delete()
    await writer(door, tmp_path).look()
    await writer(door, tmp_path).look()
    await member("cleo", Role.MEMBER)
    await writer(door, tmp_path).look()
    assert [manifest.subject.kind for manifest in read(door)] == [*["member"] * 3, "gone", "gone", "member"]
    await lost()
    assert (await rebuilt(Channel.of(door))).refused == []
    assert sorted([each.id async for each in Member.find_all()]) == ["ada", "cleo"]
    await writer(door, tmp_path).look()
    assert len(read(door)) == 6
