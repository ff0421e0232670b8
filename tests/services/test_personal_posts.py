"""What is too large for the bot is posted by a person: once, whatever is lost on the way, or it stays on the disk."""

from contextlib import suppress
from pathlib import Path

import pytest

from bot.assembly import LOCALES
from models.storage import Copy
from models.transfers import Transfer
from services.documents import update_if
from services.errors import MagpieError
from services.storage.archive import Archive
from services.storage.personal import random_id_of
from services.storage.port import CopyKey, Verdict
from services.storage.sharing import take_share
from services.storage.telegram import TelegramStore
from services.telegram.port import (
    IN_USE,
    AccountLost,
    ChatClosed,
    Limits,
    TelegramAway,
    UploadTooLarge,
)
from services.words import Catalogue
from tests.fake_door import FakeDoor, FakeLargeDoor, FakePersonalDoor, Message
from tests.services.test_archive import file, storing

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
CHANNEL = -1_001_234_567_890
SMALL, LARGE, HUGE, GIANT = 10, 2000, 20_000, 200_000


class House:
    """An archive with all doors."""

    def __init__(self, folder: Path, channel: int | None = CHANNEL) -> None:
        self.door = FakeDoor(limits=Limits(upload=1000, fetch=1000))
        self.large = FakeLargeDoor(self.door)
        self.person = FakePersonalDoor(self.door)
        words = Catalogue(LOCALES).words("en")
        self.archive = Archive(self.door, words, folder, channel, self.large, self.person)

    @property
    def posts(self) -> dict[int, Message]:
        return self.door.chats.get(CHANNEL, {})

    @property
    def store(self) -> TelegramStore:
        return TelegramStore(self.door, CHANNEL, only_posts=True, large=self.large, person=self.person)

    async def copy_of(self, transfer: Transfer, part: int = 0) -> Copy:
        copy = await Copy.get(CopyKey(transfer.id, str(part)).in_store(self.store.name))
        assert copy is not None
        return copy


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def huge(folder: Path, name: str = "huge") -> Transfer:
    return await storing(file(folder, name, size=HUGE))


async def test_each_file_takes_the_door_that_takes_it(house: House, tmp_path: Path) -> None:
    sizes = {"small": SMALL, "large": LARGE, "huge": HUGE, "giant": GIANT}
    transfer = await storing(*(file(tmp_path, name, size=size) for name, size in sizes.items()))
    archived = await house.archive.store(transfer)
    posts = {post.media.name: post for post in house.posts.values() if post.media is not None}
    assert sorted(posts) == ["giant.001", "giant.002", "huge", "large", "small"]
    assert {name for name, post in posts.items() if post.of_person} == {"giant.001", "giant.002", "huge"}
    assert not archived.kept_on_disk
    assert house.archive.most == house.person.most


async def test_what_a_person_posted_is_a_copy_like_any_other(house: House, tmp_path: Path) -> None:
    transfer = await huge(tmp_path)
    await house.archive.store(transfer)
    copy = await house.copy_of(transfer)
    assert (copy.stored, [copy.message_id]) == (True, list(house.posts))
    assert await house.store.verify(copy) is Verdict.SOUND
    assert b"".join([chunk async for chunk in house.store.open(copy, 500)]) == (b"huge" * HUGE)[500:HUGE]
    await house.store.remove(copy)
    assert (house.posts, await Copy.find_all().count()) == ({}, 0)


async def test_who_shares_a_persons_post_may_be_killed_and_inherit(house: House, tmp_path: Path) -> None:
    """Between the two steps of sharing it is not taken for a post of its own; and the heir has it taken back by the person."""
    first, second = await huge(tmp_path), await huge(tmp_path, "hugehuge")
    await house.archive.store(first)
    owner = await house.copy_of(first)
    key = CopyKey(second.id, "0")
    await take_share(owner, key)
    await update_if(Copy, {"_id": key.in_store(owner.store)}, {"stored": False})
    await house.store.withdraw(key)
    assert await Copy.get(key.in_store(owner.store)) is None
    await take_share(owner, key)
    await update_if(Copy, {"_id": key.in_store(owner.store)}, {"stored": False})
    await house.archive.store(second)
    assert list(house.posts) == [owner.message_id]
    await house.archive.discard(first.id)
    assert list(house.posts) == [owner.message_id]
    house.person.deleted.clear()
    await house.archive.discard(second.id)
    assert (house.posts, house.person.deleted) == ({}, [owner.message_id])


async def test_a_piece_that_a_person_may_have_sent_is_not_forgotten_for_those_of_another(
    house: House, tmp_path: Path
) -> None:
    """While nobody may look whether it was sent."""
    first, second = [await storing(file(tmp_path, name, size=GIANT)) for name in ("giant", "giantgiant")]
    house.person.lost.append(TelegramAway(1))
    with pytest.raises(TelegramAway):
        await house.archive.store(first)
    await house.archive.store(second)
    assert len(house.posts) == 3
    most, house.person.most = house.person.most, 0
    house.person.closed = AccountLost("SESSION_REVOKED")
    with suppress(MagpieError):
        await house.archive.store(first)
    assert await Copy.get(CopyKey(first.id, "0+1").in_store(house.store.name)) is not None
    house.person.closed, house.person.most = None, most
    await house.archive.store(first)
    assert len(house.posts) == 2
    copies = await Copy.find({"item": first.id, "store": house.store.name}).to_list()
    assert [copy.shared for copy in copies] == [True, True]


async def test_its_keys_are_links_where_the_bot_may_not_edit(house: House, tmp_path: Path) -> None:
    """Elsewhere the bot sets them."""
    await house.archive.store(await huge(tmp_path, "first"))
    house.door.editable.add(CHANNEL)
    await house.archive.store(await huge(tmp_path, "second"))
    for post in house.posts.values():
        assert [key.url is not None for row in post.keyboard for key in row] == [True]


async def test_a_person_answers_the_post_before_it(house: House, tmp_path: Path) -> None:
    facts = [file(tmp_path, "a", size=GIANT // 10), file(tmp_path, "h", size=HUGE - 1)]
    await house.archive.store(await storing(*facts))
    main, below = sorted(house.posts)
    assert (house.posts[main].reply_to, house.posts[below].reply_to) == (None, main)


@pytest.mark.parametrize("channel", [-1234, None])
async def test_elsewhere_the_bot_posts_it_in_pieces(tmp_path: Path, channel: int | None) -> None:
    """Where everybody numbers messages by themselves, the bot would not find what a person posted."""
    house = House(tmp_path, channel)
    assert house.archive.most == house.large.limits.upload
    archived = await house.archive.store(await huge(tmp_path))
    assert not archived.kept_on_disk
    assert not house.person.sent
    (posted,) = house.door.chats.values()
    assert [post.media.name for post in posted.values() if post.media] == ["huge.001", "huge.002"]


async def test_without_the_account_it_stays_on_the_disk(house: House, tmp_path: Path) -> None:
    house.person.most, house.large.limits = 0, Limits(upload=0)
    transfer = await huge(tmp_path)
    assert list((await house.archive.store(transfer)).kept_on_disk) == ["huge"]
    house.person.most = 100_000
    assert await house.archive.opens()
    assert not (await house.archive.store(transfer)).kept_on_disk
    assert len(house.posts) == 1


# -- what goes wrong on the way


async def test_an_answer_that_is_lost_costs_nothing(house: House, tmp_path: Path) -> None:
    house.person.lost.append(TelegramAway(1))
    transfer = await huge(tmp_path)
    with pytest.raises(TelegramAway):
        await house.archive.store(transfer)
    await house.archive.store(transfer)
    assert (len(house.posts), house.person.names) == (1, [(await house.copy_of(transfer)).id])
    assert (await house.copy_of(transfer)).message_id in house.posts


async def test_what_was_sent_before_is_found_among_others(house: House, tmp_path: Path) -> None:
    """Others' messages, the same size with other bytes, and what is another Copy's: none of them is it."""
    other = await huge(tmp_path, "other")
    await house.archive.store(other)
    house.person.lost.append(TelegramAway(1))
    transfer = await huge(tmp_path)
    with pytest.raises(TelegramAway):
        await house.archive.store(transfer)
    (mine,) = set(house.posts) - {(await house.copy_of(other)).message_id}
    away = await huge(tmp_path, "away")
    house.person.lost.append(TelegramAway(1))
    with pytest.raises(TelegramAway):
        await house.archive.store(away)
    await house.archive.store(transfer)
    assert (await house.copy_of(transfer)).message_id == mine
    await house.archive.store(away)
    assert len(house.posts) == 3


async def test_what_somebody_deleted_is_sent_again(house: House, tmp_path: Path) -> None:
    house.person.lost.append(TelegramAway(1))
    transfer = await huge(tmp_path)
    with pytest.raises(TelegramAway):
        await house.archive.store(transfer)
    house.posts.clear()
    await house.archive.store(transfer)
    copy = await house.copy_of(transfer)
    assert (copy.generation, copy.stored, copy.message_id in house.posts) == (1, True, True)
    assert len(house.posts) == 1
    assert len(set(house.person.names)) == 1, "what is known of its parts stays good"


@pytest.mark.parametrize(
    ("refusal", "most", "in_pieces"),
    [
        (AccountLost("SESSION_REVOKED"), 0, True),
        (AccountLost(IN_USE), 0, True),
        (ChatClosed("CHAT_WRITE_FORBIDDEN"), 0, True),
        (ChatClosed("CHAT_SEND_DOCS_FORBIDDEN"), 100_000, False),
        (UploadTooLarge("FILE_TOO_BIG"), 100_000, False),
    ],
)
async def test_what_is_refused_the_bot_posts_in_pieces_or_it_stays_on_the_disk(
    house: House, tmp_path: Path, refusal: Exception, most: int, *, in_pieces: bool
) -> None:
    """Pieces as large as the person may send would be refused like the whole."""
    house.person.errors.append(refusal)
    transfer = await huge(tmp_path)
    house.person.most, before = 100_000, house.person.learn

    async def learn(chat_id: int) -> int:
        house.person.most = house.person.most if house.person.errors else most
        return await before(chat_id)

    house.person.learn = learn  # type: ignore[method-assign]
    kept = (await house.archive.store(transfer)).kept_on_disk
    assert (list(kept), len(house.posts)) == (([], 2) if in_pieces else (["huge"], 0))
    assert not any(post.of_person for post in house.posts.values())
    assert {copy.beyond for copy in await Copy.find_all().to_list()} == {0 if in_pieces else 100_000}


@pytest.mark.parametrize("known", [True, False])
async def test_what_a_lost_account_had_sent_is_not_sent_twice(
    house: House, tmp_path: Path, *, known: bool
) -> None:
    """Nobody can look whether it is there, until the owner has signed in again; not in pieces either."""
    house.person.lost.append(AccountLost("SESSION_REVOKED"))
    house.person.closed = AccountLost("SESSION_REVOKED")
    transfer, most = await huge(tmp_path), house.person.most
    before = house.person.learn

    async def learn(chat_id: int) -> int:
        house.person.most = 0 if known and not house.person.lost else most
        return await before(chat_id)

    house.person.learn = learn  # type: ignore[method-assign]
    for _ in range(2):
        assert list((await house.archive.store(transfer)).kept_on_disk) == ["huge"]
    house.person.closed, house.person.learn = None, before  # type: ignore[method-assign]
    house.person.most = most + 1
    assert not (await house.archive.store(transfer)).kept_on_disk
    assert len(house.posts) == 1


async def test_what_is_given_up_is_taken_back(house: House, tmp_path: Path) -> None:
    """Also what nobody noted, and when its account cannot look."""
    for closed, left in ((None, 0), (AccountLost("SESSION_REVOKED"), 1)):
        house.person.lost.append(TelegramAway(1))
        transfer = await huge(tmp_path, f"h{left}")
        with pytest.raises(TelegramAway):
            await house.archive.store(transfer)
        house.person.closed = closed
        await house.archive.discard(transfer.id)
        assert (len(house.posts), await Copy.find_all().count()) == (left, 0)


async def test_a_copy_that_was_given_up_meanwhile_keeps_no_message(house: House, tmp_path: Path) -> None:
    transfer = await huge(tmp_path)

    async def give_up(_: int) -> None:
        await Copy.find_all().delete()

    await house.archive.store(transfer, lambda _, done: give_up(done))
    assert not house.posts


async def test_what_the_bot_began_a_person_begins_again(house: House, tmp_path: Path) -> None:
    """And what a person began goes on so, as long as they may."""
    house.large.limits = Limits(upload=50_000)
    house.large.errors.append(TelegramAway(1))
    transfer = await huge(tmp_path)
    with pytest.raises(TelegramAway):
        await house.archive.store(transfer)
    house.large.limits, house.person.lost = Limits(upload=0), [TelegramAway(1)]
    with pytest.raises(TelegramAway):
        await house.archive.store(transfer)
    ((number, post),) = house.posts.items()
    assert (post.of_person, post.size) == (True, HUGE)
    house.large.limits = Limits(upload=50_000)
    await house.archive.store(transfer)
    assert list(house.posts) == [number]


async def test_what_a_person_began_the_bot_begins_again_when_they_may_not(
    house: House, tmp_path: Path
) -> None:
    house.person.lost.append(TelegramAway(1))
    transfer = await huge(tmp_path)
    with pytest.raises(TelegramAway):
        await house.archive.store(transfer)
    house.person.most, house.large.limits = 0, Limits(upload=50_000)
    await house.archive.store(transfer)
    assert [post.of_person for post in house.posts.values()] == [False]


async def test_a_bot_that_may_send_less_than_was_thought(house: House, tmp_path: Path) -> None:
    """What it may send is known for sure when it has come in."""
    house.large.limits = Limits(upload=50_000)
    house.large.errors.append(UploadTooLarge("FILE_TOO_BIG"))
    house.large.known = Limits(upload=10_000)
    await house.archive.store(await huge(tmp_path))
    assert [post.of_person for post in house.posts.values()] == [True]


async def test_what_was_given_up_and_is_wanted_again_is_another_message(house: House, tmp_path: Path) -> None:
    """Also when that was done twice: nobody remembers how often it was sent before."""
    transfer = await huge(tmp_path)
    for number in range(3):
        await house.archive.store(transfer)
        assert (len(house.posts), (await house.copy_of(transfer)).generation) == (1, number)
        await house.archive.discard(transfer.id)
    assert not house.posts


async def test_a_random_id_is_that_of_one_message(house: House, tmp_path: Path) -> None:
    await house.archive.store(await huge(tmp_path))
    (copy,) = await Copy.find_all().to_list()
    (random_id,) = house.person.sent
    assert random_id_of(copy) == random_id
    changes: list[dict[str, object]] = [
        {"item": "other"},
        {"part": "1"},
        {"channel_id": CHANNEL - 1},
        {"blake3": "0" * 64},
        {"generation": 1},
    ]
    others = {random_id_of(copy.model_copy(update=change)) for change in changes}
    assert len(others | {random_id}) == len(changes) + 1
    assert all(0 <= each < 1 << 63 for each in others)
    same = {"message_id": 7, "stored": False, "after": 3, "head": ""}
    assert random_id_of(copy.model_copy(update=same)) == random_id


async def test_an_error_of_the_file_is_an_error(house: House, tmp_path: Path) -> None:
    transfer = await huge(tmp_path)
    (tmp_path / "huge").unlink()
    with pytest.raises(MagpieError, match="file-changed"):
        await house.archive.store(transfer)
    assert await Copy.find_all().count() == 0
