"""The same bytes stand once, also while nobody has archived them yet, and whoever of their orders goes."""

import asyncio
from pathlib import Path

import pytest
from blake3 import blake3

from bot.assembly import LOCALES
from models.access import Member, Role
from models.cards import Card
from models.clock import now
from models.media import Facts, Kind
from models.storage import Copy
from models.transfers import Transfer, TransferState
from services.documents import update_if
from services.storage.archive import Archive
from services.storage.port import BeingPosted, CopyKey, StoredFile, Verdict
from services.storage.scan import Scan
from services.storage.sharing import heir_of, take_share
from services.storage.telegram import TelegramStore
from services.telegram.port import Keyboard, Media, Sent, TelegramAway
from services.words import Catalogue
from tests.fake_door import FakeDoor
from tests.services.orders import order

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
CHANNEL = -1001234
OWNER = Member.model_construct(id="o", name="O", role=Role.OWNER, language="en")


class Gate(FakeDoor):
    """Holds the upload of `held` until it is let through."""

    def hold(self, name: str) -> "Gate":
        self.held, self.reached, self.let = name, asyncio.Event(), asyncio.Event()
        return self

    async def edit_into_media(
        self, chat_id: int, message_id: int, media: Media, keyboard: Keyboard = ()
    ) -> Sent:
        if media.name == self.held:
            self.reached.set()
            await self.let.wait()
        return await super().edit_into_media(chat_id, message_id, media, keyboard)


def archive(door: FakeDoor, folder: Path) -> Archive:
    return Archive(door, Catalogue(LOCALES).words("en"), folder, CHANNEL)


def file(folder: Path, name: str, text: str) -> Facts:
    (folder / name).write_text(text)
    digest = blake3(text.encode()).hexdigest()
    return Facts(path=name, name=name, size=len(text), blake3=digest, kind=Kind.DOCUMENT, title=name)


def stored_file(folder: Path, name: str) -> StoredFile:
    facts = file(folder, name, "same")
    return StoredFile(folder / name, name, facts.kind, facts.size, facts.blake3)


async def storing(*facts: Facts) -> Transfer:
    """An order that somebody works on."""
    until = now() + 60_000
    return await order(TransferState.STORING, facts=list(facts), lease_owner="us", lease_until=until)


async def begun(door: FakeDoor, folder: Path, transfer: Transfer) -> None:
    """Its placeholder was sent, and nobody has heard of that."""
    door.lost = [TelegramAway(0)]
    with pytest.raises(TelegramAway):
        await archive(door, folder).store(transfer)


async def gives_way(door: Gate, folder: Path, transfer: Transfer, *, to: Transfer) -> None:
    """One comes while the other posts, who then ends."""
    posting = asyncio.ensure_future(archive(door, folder).store(to))
    await door.reached.wait()
    with pytest.raises(BeingPosted):
        await archive(door, folder).store(transfer)
    door.let.set()
    await posting


async def no_card(card: Card) -> None:
    raise AssertionError(card.key)


async def owners(door: FakeDoor) -> dict[str, str]:
    """Whose the posts are, by the names of their files."""
    copies = await Copy.find({"shared": False, "stored": True}).to_list()
    posts = {copy.message_id: copy.item for copy in copies}
    shown = {number: message.media for number, message in door.chats[CHANNEL].items()}
    return {media.name: posts[number] for number, media in shown.items() if media is not None}


async def test_who_comes_while_the_same_is_posted_waits_for_that_post(tmp_path: Path) -> None:
    door = Gate().hold("one")
    first, second = [await storing(file(tmp_path, name, "same")) for name in ("one", "two")]
    await gives_way(door, tmp_path, second, to=first)
    await archive(door, tmp_path).store(second)
    assert [media.name for media in door.media(CHANNEL)] == ["one"]
    assert [copy.shared for copy in await Copy.find({"item": second.id}).to_list()] == [True]


async def test_what_came_since_one_looked_is_not_posted_again(tmp_path: Path) -> None:
    """Between looking for the same bytes and announcing one's own."""
    door = FakeDoor()
    store = TelegramStore(door, CHANNEL, only_posts=True)
    files = [stored_file(tmp_path, name) for name in ("one", "two")]
    await store.put(files[0], key=CopyKey("a", "0"))
    with pytest.raises(BeingPosted):
        await store.put(files[1], key=CopyKey("b", "0"))
    copy = await store.borrow(files[1], key=CopyKey("b", "0"))
    assert copy is not None
    assert copy.shared
    door.chats[CHANNEL].clear()
    assert await store.borrow(files[1], key=CopyKey("c", "0")) is None
    await store.put(files[1], key=CopyKey("c", "0"))
    assert [media.name for media in door.media(CHANNEL)] == ["two"], "what is gone is nobody's twin"


@pytest.mark.parametrize(
    "changes",
    [{"lease_until": 0}, {"lease_owner": None}, {"state": TransferState.PAUSED}],
    ids=["whose lease ran out", "who waits", "who rests"],
)
async def test_nobody_waits_for_one(changes: dict[str, object], tmp_path: Path) -> None:
    """What it has begun comes to nothing when it finds the same post on going on."""
    door = FakeDoor()
    first, second = [await storing(file(tmp_path, name, "same")) for name in ("one", "two")]
    await begun(door, tmp_path, first)
    await update_if(Transfer, {"_id": first.id}, changes)
    await archive(door, tmp_path).store(second)
    await archive(door, tmp_path).store(first)
    assert [media.name for media in door.media(CHANNEL)] == ["two"]
    assert door.texts(CHANNEL) == [], "no placeholder stays"


async def test_who_has_waited_before_and_is_at_work_is_waited_for(tmp_path: Path) -> None:
    door = Gate().hold("one")
    first, second = [await storing(file(tmp_path, name, "same")) for name in ("one", "two")]
    await update_if(Transfer, {"_id": first.id}, {"waiting": "waiting-same"})
    await gives_way(door, tmp_path, second, to=first)


async def test_who_goes_on_while_another_posts_the_same_waits_for_that(tmp_path: Path) -> None:
    """Its own post had been begun before."""
    door = Gate().hold("two")
    first, second = [await storing(file(tmp_path, name, "same")) for name in ("one", "two")]
    await begun(door, tmp_path, first)
    await update_if(Transfer, {"_id": first.id}, {"lease_owner": None})
    await gives_way(door, tmp_path, first, to=second)
    await archive(door, tmp_path).store(first)
    assert [media.name for media in door.media(CHANNEL)] == ["two"]
    assert door.texts(CHANNEL) == []


async def test_of_two_that_had_begun_the_first_to_begin_anew_goes_on(tmp_path: Path) -> None:
    """Both were killed while they posted, and both are at work again."""
    door = Gate().hold("two")
    first, second = [await storing(file(tmp_path, name, "same")) for name in ("one", "two")]
    for transfer in (first, second):
        await update_if(Transfer, {"_id": transfer.id}, {"lease_owner": "us"})
        await begun(door, tmp_path, transfer)
        await update_if(Transfer, {"_id": transfer.id}, {"lease_owner": None}, increase={"fence": 1})
    for transfer in (first, second):
        await update_if(Transfer, {"_id": transfer.id}, {"lease_owner": "us"})
    await gives_way(door, tmp_path, first, to=second)
    await archive(door, tmp_path).store(first)
    assert [media.name for media in door.media(CHANNEL)] == ["two"]
    assert door.texts(CHANNEL) == []


async def test_what_another_bot_posted_in_a_private_chat_is_not_lost_for_that(tmp_path: Path) -> None:
    """Our bot does not find it there, and posts its own."""
    door = FakeDoor()
    private = Archive(door, Catalogue(LOCALES).words("en"), tmp_path, None)
    first = await storing(file(tmp_path, "one", "same"))
    await private.store(first)
    door.bot += 1
    second = await storing(file(tmp_path, "two", "same"))
    await private.store(second)
    assert [media.name for media in door.media(first.chat_id)] == ["one", "two"]
    assert [copy.lost_at for copy in await Copy.find({"item": first.id}).to_list()] == [0]


async def test_equal_files_of_one_order_are_one_post(tmp_path: Path) -> None:
    door = FakeDoor()
    names = ("one", "two", "three")
    transfer = await storing(*(file(tmp_path, name, "same") for name in names))
    archived = await archive(door, tmp_path).store(transfer)
    assert [post.link for post in archived.posts] == [archived.posts[0].link] * 3
    assert [media.name for media in door.media(CHANNEL)] == ["one"]
    assert await archive(door, tmp_path).deliver(transfer.id, 7, by=OWNER) == 0
    assert [media.name for media in door.media(7)] == ["one"]
    calls = len(door.calls)
    await archive(door, tmp_path).discard(transfer.id)
    assert [call.method for call in door.calls[calls:]] == ["delete"]
    assert door.chats[CHANNEL] == {}
    assert await Copy.count() == 0


async def test_a_post_of_an_order_that_is_not_done_is_shared_and_outlives_it(tmp_path: Path) -> None:
    """The keys under it lead to whom it is left to."""
    door = Gate().hold("more")
    first = await storing(file(tmp_path, "one", "same"), file(tmp_path, "more", "few"))
    second, third = [await storing(file(tmp_path, name, "same")) for name in ("two", "three")]
    posting = asyncio.ensure_future(archive(door, tmp_path).store(first))
    await door.reached.wait()
    for transfer in (second, third):
        await archive(door, tmp_path).store(transfer)
    posting.cancel()
    await asyncio.gather(posting, return_exceptions=True)
    for gone, left_to in ((first, second), (second, third)):
        await archive(door, tmp_path).discard(gone.id)
        await archive(door, tmp_path).discard(gone.id)
        assert await owners(door) == {"one": left_to.id}
        for copy in await Copy.find_all().to_list():
            # as the scan asks whether it is there: that sets the keys
            assert await archive(door, tmp_path).verify(copy) is Verdict.SOUND
        (post,) = (message for message in door.chats[CHANNEL].values() if message.media is not None)
        assert [key.url for row in post.keyboard for key in row] == [
            f"https://t.me/{door.username}?start=get_{left_to.id}"
        ]
    assert await archive(door, tmp_path).deliver(third.id, 7, by=OWNER) == 0
    await archive(door, tmp_path).discard(third.id)
    assert door.chats[CHANNEL] == {}
    assert await Copy.count() == 0


async def test_what_its_owner_is_taking_back_is_not_shared(tmp_path: Path) -> None:
    """Whichever of the two is first: the message is shared and stays, or it goes and is not shared."""
    door = FakeDoor()
    first = await storing(file(tmp_path, "one", "same"))
    await archive(door, tmp_path).store(first)
    (owner,) = await Copy.find({"item": first.id}).to_list()
    assert await heir_of(owner) is None
    await Scan(archive(door, tmp_path), show=no_card, each_hour=60).look_at(10)
    (owner,) = await Copy.find({"item": first.id}).to_list()
    assert owner.lost_at == 0, "nobody is told that it is lost"
    assert await take_share(owner, CopyKey("late", "0")) is None
    assert await Copy.get(CopyKey("late", "0").in_store(owner.store)) is None
    second = await storing(file(tmp_path, "two", "same"))
    await archive(door, tmp_path).store(second)
    await archive(door, tmp_path).discard(first.id)
    assert await owners(door) == {"two": second.id}


async def test_who_was_left_the_message_between_its_two_steps_keeps_it(tmp_path: Path) -> None:
    door = FakeDoor()
    first, second = [await storing(file(tmp_path, name, "same")) for name in ("one", "two")]
    await archive(door, tmp_path).store(first)
    (owner,) = await Copy.find({"item": first.id}).to_list()
    begun = {"id": CopyKey(second.id, "0").in_store(owner.store), "item": second.id}
    await owner.model_copy(update={**begun, "shared": True, "stored": False}).insert()
    await archive(door, tmp_path).discard(first.id)
    await archive(door, tmp_path).store(second)
    assert await owners(door) == {"one": second.id}


async def test_a_share_that_was_only_begun_never_changes_the_message_of_another(tmp_path: Path) -> None:
    door = FakeDoor()
    first, second = await storing(file(tmp_path, "one", "same")), await storing(file(tmp_path, "two", "new"))
    await archive(door, tmp_path).store(first)
    (owner,) = await Copy.find({"item": first.id}).to_list()
    begun = {"id": CopyKey(second.id, "0").in_store(owner.store), "item": second.id}
    await owner.model_copy(update={**begun, "shared": True, "stored": False}).insert()
    await archive(door, tmp_path).store(second)
    assert await owners(door) == {"one": first.id, "two": second.id}
