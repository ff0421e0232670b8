"""Files that no door takes whole: each piece is posted exactly once, at the same bounds whatever happens, and all are handed out."""

import asyncio
import os
import random
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3

from bot.assembly import LOCALES
from models.clock import now
from models.library import Item
from models.media import Facts, Kind
from models.storage import Copy
from models.transfers import Transfer, TransferState
from services.documents import update_if
from services.storage.archive import Archive, NothingToDeliver
from services.storage.port import BeingPosted, CopyKey, CopyMissing, Verdict
from services.storage.telegram import TelegramStore
from services.telegram.port import (
    AccountLost,
    FileChanged,
    Keyboard,
    Limits,
    Media,
    MessageGone,
    Sent,
    TelegramAway,
    UploadTooLarge,
)
from services.words import Catalogue
from tests.fake_door import FakeDoor, Message, bytes_of
from tests.services.orders import reread
from tests.services.test_archive import ADA, CHANNEL, EVE, file, storing
from tests.services.test_large_files import SHUT, House, shown

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
EACH, SIZE = 10_000, 20_500
MIB = 1 << 20
NAMES = ["film.001", "film.002", "film.003"]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def film(folder: Path, name: str = "film", size: int = SIZE, seed: int = 1, **changes: Any) -> Facts:
    """A file no two pieces of which are equal."""
    data = random.Random(seed).randbytes(size)
    facts = file(folder, name, size=size, blake3=blake3(data).hexdigest(), **changes)
    (folder / name).write_bytes(data)
    return facts


def joined(house: House, chat: int = CHANNEL) -> bytes:
    return b"".join(bytes_of(media) for media in house.door.media(chat))


async def pieces(transfer: Transfer) -> list[Copy]:
    copies = await Copy.find({"item": transfer.id, "whole": {"$ne": None}}).to_list()
    return sorted(copies, key=lambda copy: copy.number)


async def test_it_stands_in_pieces_that_are_it_again_when_joined(house: House, tmp_path: Path) -> None:
    facts = film(tmp_path)
    transfer = await storing(facts, file(tmp_path, "note", kind=Kind.DOCUMENT))
    archived = await house.archive.store(transfer)
    first, second, third, note = sorted(house.door.chats[CHANNEL].items())
    posts = [message for _, message in (first, second, third)]
    assert b"".join(bytes_of(post.media) for post in posts if post.media) == (tmp_path / "film").read_bytes()
    assert [(post.media.name, post.media.kind) for post in posts if post.media] == [
        (name, Kind.DOCUMENT) for name in NAMES
    ]
    assert [post.media.caption.splitlines()[-1] for post in posts if post.media] == [
        f"🧩 Part {number} of 3" for number in (1, 2, 3)
    ]
    assert [message.reply_to for _, message in (second, third, note)] == [first[0]] * 3
    assert [bool(row) for post in posts for row in post.keyboard] == [True, False, False]
    assert [post.link for post in archived.posts] == [f"https://t.me/c/1234/{n}" for n in (first[0], note[0])]
    assert archived.kept_on_disk == []
    copies = await pieces(transfer)
    assert [(copy.part, copy.size) for copy in copies] == [
        ("0+1", EACH),
        ("0+2", EACH),
        ("0+3", SIZE - 2 * EACH),
    ]
    data = (tmp_path / "film").read_bytes()
    assert [copy.blake3 for copy in copies] == [
        blake3(data[n * EACH : (n + 1) * EACH]).hexdigest() for n in range(3)
    ]


async def test_storing_again_posts_nothing_again(house: House, tmp_path: Path) -> None:
    transfer = await storing(film(tmp_path))
    first = await house.archive.store(transfer)
    calls = len(house.door.calls)
    house.large.limits = SHUT
    assert await house.archive.store(transfer) == first
    assert len(house.door.calls) == calls


@pytest.mark.parametrize("lost_at", [0, 2, 4])
async def test_an_answer_that_is_lost_leaves_each_piece_there_once(
    lost_at: int, house: House, tmp_path: Path
) -> None:
    """As a crash right after each call. What Telegram takes by then does not move the bounds."""

    class Stumbles(FakeDoor):
        calls_made = 0

        def _lose(self) -> None:
            Stumbles.calls_made += 1
            if Stumbles.calls_made - 1 == lost_at:
                raise TelegramAway(0)

    house.door = house.large.door = Stumbles(limits=house.door.limits)
    house.archive = Archive(house.door, Catalogue(LOCALES).words("en"), tmp_path, CHANNEL, house.large)
    transfer = await storing(film(tmp_path))
    with pytest.raises(TelegramAway):
        await house.archive.store(transfer)
    house.large.limits = Limits(upload=EACH + 5000, fetch=EACH)
    await house.archive.store(transfer)
    assert house.posted == NAMES
    assert joined(house) == (tmp_path / "film").read_bytes()
    assert house.door.texts(CHANNEL) == [], "no placeholder stays"
    assert [copy.size for copy in await pieces(transfer)] == [EACH, EACH, SIZE - 2 * EACH]


async def test_when_telegram_takes_less_it_begins_anew(house: House, tmp_path: Path) -> None:
    transfer = await storing(film(tmp_path))
    await lost_after(1, house, transfer)
    house.large.limits = Limits(upload=EACH // 2)
    await house.archive.store(transfer)
    assert house.posted == [f"film.00{number}" for number in range(1, 6)]
    assert joined(house) == (tmp_path / "film").read_bytes()


async def lost_after(posted: int, house: House, transfer: Transfer, error: Exception | None = None) -> None:
    """Stored until Telegram does not let us in any more."""
    for number in range(2, 4):
        name = f"{transfer.facts[0].name}.00{number}"
        if number > posted:
            house.door.refused[name] = error or TelegramAway(1)
    if error is None:
        with pytest.raises(TelegramAway):
            await house.archive.store(transfer)
    else:
        await transfer.set(dict(await house.stage(transfer)))
    house.door.refused.clear()


async def test_when_the_account_is_lost_in_between_it_goes_on_later(house: House, tmp_path: Path) -> None:
    """Half of it is no use to anybody, so it is not handed out; nor is it sent again."""
    transfer = await storing(film(tmp_path))
    await lost_after(1, house, transfer, AccountLost("USER_DEACTIVATED"))
    limits, house.large.limits = house.large.limits, SHUT
    assert (await reread(transfer)).kept_on_disk == ["film"]
    assert house.posted == NAMES[:1]
    assert house.door.texts(CHANNEL) == []
    (tmp_path / "film").unlink()  # what was fetched is tidied away
    with pytest.raises(NothingToDeliver):
        await house.archive.deliver(transfer.id, 7, by=ADA)
    assert not await house.upkeep.lift()
    house.large.limits = limits
    await shown(transfer)
    assert await house.upkeep.lift()
    assert (await house.finish(transfer)).kept_on_disk == []
    assert house.posted == NAMES
    assert house.large.uploads == NAMES[:2], "the first stood already, and the last is small"
    assert not (tmp_path / "store" / transfer.id).exists()
    assert not await house.upkeep.lift()


async def test_all_posted_then_killed_before_the_disk_was_freed(house: House, tmp_path: Path) -> None:
    limits, house.large.limits = house.large.limits, SHUT
    transfer = await storing(film(tmp_path))
    await house.finish(transfer)
    kept = await Copy.get(CopyKey(transfer.id, "0").in_store("disk"))
    assert kept is not None
    house.large.limits = limits
    await house.archive.store(transfer)
    house.large.limits = SHUT
    await kept.insert()
    await house.archive.store(transfer)
    assert await Copy.find({"store": "disk"}).count() == 0
    assert house.posted == NAMES


async def test_without_a_door_it_stays_until_there_is_one(house: House, tmp_path: Path) -> None:
    limits, house.large.limits = house.large.limits, SHUT
    transfer = await storing(film(tmp_path))
    assert (await house.finish(transfer)).kept_on_disk == ["film"]
    assert not house.posted
    house.large.limits = limits
    assert await house.upkeep.lift()
    assert (await house.finish(transfer)).kept_on_disk == []
    assert house.posted == NAMES


async def test_what_is_refused_in_pieces_is_not_tried_for_ever(house: House, tmp_path: Path) -> None:
    house.large.errors.append(UploadTooLarge("FILE_TOO_BIG"))
    transfer = await storing(film(tmp_path))
    assert (await house.finish(transfer)).kept_on_disk == ["film"]
    assert (house.posted, house.door.texts(CHANNEL)) == ([], [])
    assert await pieces(transfer) == []
    assert not await house.upkeep.lift()
    house.large.limits = Limits(upload=EACH + 1)
    assert await house.upkeep.lift(), "a larger limit is another matter"


async def test_limits_are_known_only_when_the_door_is_open(house: House, tmp_path: Path) -> None:
    limits, house.large.limits = house.large.limits, Limits(upload=10 * SIZE)

    async def greet() -> str:
        house.large.limits = limits
        return "magpie_bot"

    house.large.greet = greet  # type: ignore[method-assign]
    transfer = await storing(film(tmp_path))
    await lost_after(1, house, transfer)
    first = min(house.door.chats[CHANNEL])
    house.large.limits = Limits(upload=EACH // 2)
    await house.archive.store(transfer)
    assert house.posted == NAMES
    assert min(house.door.chats[CHANNEL]) == first, "it did not begin anew"


async def test_a_server_of_ones_own_takes_pieces_too(tmp_path: Path) -> None:
    """The Bot API in local mode, without a second door."""
    size = 61 * MIB
    with (tmp_path / "film").open("wb") as handle:
        handle.truncate(size)
    facts = Facts(
        path="film",
        name="film",
        size=size,
        blake3=blake3(bytes(size)).hexdigest(),
        kind=Kind.VIDEO,
        title="film",
    )
    transfer = await storing(facts)
    house = House(tmp_path)
    house.archive = Archive(door := FakeDoor(), Catalogue(LOCALES).words("en"), tmp_path, CHANNEL)
    assert list((await house.archive.store(transfer)).kept_on_disk) == ["film"]
    door.limits = Limits(upload=60 * MIB)
    assert await house.archive.opens()
    assert list((await house.archive.store(transfer)).kept_on_disk) == []
    assert [media.size for media in door.media(CHANNEL)] == [60 * MIB, MIB]
    await update_if(Transfer, {"_id": transfer.id}, {"state": TransferState.DONE})


# -- what is handed out


async def test_all_pieces_are_handed_out_with_how_to_join_them(house: House, tmp_path: Path) -> None:
    facts = film(tmp_path, "my film.mkv")
    transfer = await storing(facts)
    await house.archive.store(transfer)
    item = await Item.get(transfer.id)
    assert item is not None
    assert len(item.posts) == len(item.files) == 1
    assert await house.archive.deliver(transfer.id, 7, by=ADA) == 0
    (text,) = house.door.texts(7)
    assert min(house.door.chats[7]) == next(n for n, post in house.door.chats[7].items() if post.text == text)
    assert [media.name for media in house.door.media(7)] == [f"my film.mkv.00{n}" for n in (1, 2, 3)]
    assert joined(house, 7) == (tmp_path / "my film.mkv").read_bytes()
    assert "<code>cat 'my film.mkv'.0* &gt; 'my film.mkv'</code>" in text
    copying = '"my film.mkv.001"+"my film.mkv.002"+"my film.mkv.003" "my film.mkv"'
    assert f"<code>copy /b {copying}</code>" in text
    assert f"<code>{facts.blake3}</code>" in text
    spanish = ADA.model_copy(update={"language": "es"})
    await house.archive.deliver(transfer.id, 8, by=spanish)
    assert "viene en 3 partes" in house.door.texts(8)[0]


async def test_a_piece_that_is_gone_is_said_so(house: House, tmp_path: Path) -> None:
    class Leaves(FakeDoor):
        """Copying leaves out, without a word, what is not there."""

        async def copy(self, from_chat: int, message_ids: Any, to_chat: int, **named: Any) -> list[int]:
            there = [each for each in message_ids if each in self.chats[from_chat]]
            return await super().copy(from_chat, there, to_chat, **named)

    transfer = await storing(film(tmp_path))
    await house.archive.store(transfer)
    del house.door.chats[CHANNEL][max(house.door.chats[CHANNEL])]
    door = Leaves(chats=house.door.chats)
    archive = Archive(door, Catalogue(LOCALES).words("en"), tmp_path, CHANNEL)
    assert await archive.deliver(transfer.id, 7, by=ADA) == 1


# -- the same bytes again


async def test_equal_bytes_are_not_posted_again(house: House, tmp_path: Path) -> None:
    """Whatever they are called, and whatever Telegram takes by then."""
    first = await storing(film(tmp_path))
    await house.archive.store(first)
    same = film(tmp_path, "other")
    assert await house.archive.holds(first, [same])
    assert not await house.archive.holds(first, [same, film(tmp_path, "new", seed=2)])
    house.large.limits = Limits(upload=2 * EACH)
    second = await storing(same)
    await house.archive.store(second)
    assert house.posted == NAMES
    copies = await pieces(second)
    assert [(copy.part, copy.shared) for copy in copies] == [("0+1", True), ("0+2", True), ("0+3", True)]
    await house.archive.deliver(second.id, 7, by=EVE)
    assert "cat film.0* &gt; film" in house.door.texts(7)[0], "they are called what they are called"
    await house.archive.discard(second.id)
    assert house.posted == NAMES
    await house.archive.discard(first.id)
    assert house.door.chats[CHANNEL] == {}
    assert await Copy.count() == 0


async def test_who_comes_while_pieces_are_posted_waits_for_them(house: House, tmp_path: Path) -> None:
    first, second = await storing(film(tmp_path)), await storing(film(tmp_path, "other"))
    await lost_after(2, house, first)
    await first.set({"lease_owner": "us", "lease_until": now() + 60_000})
    with pytest.raises(BeingPosted):
        await house.archive.store(second)
    await house.archive.store(first)
    await house.archive.store(second)
    assert house.posted == NAMES
    await house.archive.discard(first.id)
    assert house.posted == NAMES
    assert [copy.shared for copy in await pieces(second)] == [False] * 3
    await house.archive.discard(second.id)
    assert house.door.chats[CHANNEL] == {}


async def test_of_two_who_cut_at_the_same_time_one_posts(house: House, tmp_path: Path) -> None:
    orders = [await storing(film(tmp_path, name)) for name in ("film", "other")]
    for each in orders:
        await each.set({"lease_owner": "us", "lease_until": now() + 60_000})
    both = await asyncio.gather(*map(house.archive.store, orders), return_exceptions=True)
    assert sorted(type(one).__name__ for one in both) == ["Archived", "BeingPosted"]
    assert len(house.posted) == 3
    for each in orders:
        await house.archive.store(each)
    assert len(house.posted) == 3


async def test_who_goes_on_after_another_posted_all_pieces_takes_back_its_own(
    house: House, tmp_path: Path
) -> None:
    first, second = await storing(film(tmp_path)), await storing(film(tmp_path, "other"))
    await lost_after(2, house, first)
    await house.archive.store(second)
    await house.archive.store(first)
    assert house.posted == ["other.001", "other.002", "other.003"]
    assert [copy.shared for copy in await pieces(first)] == [True] * 3
    assert house.door.texts(CHANNEL) == []


async def test_equal_large_files_of_one_order_are_posted_once(house: House, tmp_path: Path) -> None:
    await house.archive.store(await storing(film(tmp_path), film(tmp_path, "other")))
    assert house.posted == NAMES


async def test_sharing_that_was_interrupted_is_gone_on_with(house: House, tmp_path: Path) -> None:
    await house.archive.store(await storing(film(tmp_path)))
    second = await storing(film(tmp_path, "other"))
    await house.archive.store(second)
    for piece in (await pieces(second))[1:]:
        await piece.delete()
    await house.archive.store(second)
    assert [copy.shared for copy in await pieces(second)] == [True] * 3
    assert house.posted == NAMES


async def test_what_lacks_a_piece_is_posted_again(house: House, tmp_path: Path) -> None:
    first = await storing(film(tmp_path))
    await house.archive.store(first)
    del house.door.chats[CHANNEL][max(house.door.chats[CHANNEL])]
    second = await storing(film(tmp_path, "other"))
    await house.archive.store(second)
    assert house.posted == [*NAMES[:2], "other.001", "other.002", "other.003"]


async def test_a_piece_is_no_twin_of_a_file_and_what_is_half_there_is_none_of_a_whole(
    house: House, tmp_path: Path
) -> None:
    first = await storing(film(tmp_path))
    await lost_after(1, house, first)
    same = film(tmp_path, "other")
    assert not await house.archive.holds(first, [same])
    data = (tmp_path / "film").read_bytes()[:EACH]
    part = file(tmp_path, "part", size=EACH, blake3=blake3(data).hexdigest())
    (tmp_path / "part").write_bytes(data)
    await house.archive.store(await storing(part))
    assert house.posted == ["film.001", "part"]


# -- what goes wrong


async def test_a_file_that_changed_is_posted_anew_when_it_was_looked_at_again(
    house: House, tmp_path: Path
) -> None:
    transfer = await storing(film(tmp_path))
    await lost_after(1, house, transfer)
    changed = film(tmp_path, seed=2)
    with pytest.raises(FileChanged):
        await house.archive.store(transfer)
    assert house.posted == NAMES[:1]
    await transfer.set({"facts": [changed]})
    await house.archive.store(await reread(transfer))
    assert house.posted == NAMES
    assert joined(house) == (tmp_path / "film").read_bytes()


async def test_a_file_that_is_written_to_between_its_pieces(house: House, tmp_path: Path) -> None:
    """Of the same size as before: what comes of all of them would have the hash of neither."""

    class Rewrites(FakeDoor):
        async def edit_into_media(
            self, chat_id: int, message_id: int, media: Media, keyboard: Keyboard = ()
        ) -> Sent:
            sent = await super().edit_into_media(chat_id, message_id, media, keyboard)
            changed = media.path.stat().st_mtime_ns + 1
            media.path.write_bytes(random.Random(2).randbytes(SIZE))
            os.utime(media.path, ns=(changed, changed))
            return sent

    house.door = house.large.door = Rewrites(limits=house.door.limits)
    house.archive = Archive(house.door, Catalogue(LOCALES).words("en"), tmp_path, CHANNEL, house.large)
    transfer = await storing(film(tmp_path))
    with pytest.raises(FileChanged):
        await house.archive.store(transfer)
    assert house.posted == NAMES[:1]


async def test_a_file_that_is_gone(house: House, tmp_path: Path) -> None:
    transfer = await storing(film(tmp_path))
    (tmp_path / "film").unlink()
    with pytest.raises(FileChanged):
        await house.archive.store(transfer)
    assert house.door.chats == {}


async def test_giving_it_up_removes_every_piece(house: House, tmp_path: Path) -> None:
    house.door.chats[CHANNEL] = {99: Message()}  # somebody else's
    transfer = await storing(film(tmp_path))
    await lost_after(2, house, transfer)
    for _ in range(2):
        await house.archive.discard(transfer.id)
    assert list(house.door.chats[CHANNEL]) == [99]
    assert await Copy.count() == 0


async def test_a_piece_keeps_the_ports_word(house: House, tmp_path: Path) -> None:
    transfer = await storing(film(tmp_path))
    await house.archive.store(transfer)
    store = TelegramStore(house.door, CHANNEL, only_posts=True, large=house.large)
    piece = (await pieces(transfer))[1]
    piece.file_ids.clear()
    read = b"".join([chunk async for chunk in store.open(piece, 500)])
    assert read == (tmp_path / "film").read_bytes()[EACH + 500 : 2 * EACH]
    assert await store.verify(piece) is Verdict.SOUND
    await store.remove(piece)
    await store.remove(piece)
    assert await store.verify(piece) is Verdict.MISSING
    with pytest.raises((CopyMissing, MessageGone)):
        [chunk async for chunk in store.open(piece)]
