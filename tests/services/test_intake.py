"""Old archives: what of a channel comes in, once each, and what a stop, a pause and a crash leave."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from bot.assembly import LOCALES
from models.access import Member, Role
from models.ids import new_id
from models.intake import Intake, IntakeState
from models.library import Item
from models.media import Facts, Kind
from models.storage import Copy
from models.transfers import TransferState
from services.access.rights import NotAllowed
from services.documents import update_if
from services.errors import MagpieError
from services.exchange.export import export
from services.exchange.importing import take_in
from services.grabbing.port import Page, Post, PostKind
from services.intake.channels import opened_channels
from services.intake.runner import IntakeRunner
from services.intake.service import Intakes, NoArchive
from services.intake.taking import HEAD, Source, Taker, item_id
from services.library.entries import entry_of
from services.library.service import Library
from services.media.tools import MediaTools
from services.storage.archive import Archive, NotHandedOut, NothingToDeliver, NotOfGroup
from services.storage.pieces import Pieces
from services.storage.port import CopyKey, StoredFile
from services.storage.telegram import TelegramStore
from services.telegram.messages import NoAccount
from services.telegram.port import ChatClosed, FileDamaged, Room, TelegramAway
from services.words import Catalogue
from tests import media_kit
from tests.fake_door import FakeDoor, Message
from tests.house import until
from tests.programs import need
from tests.services.orders import order

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
ADA = Member.model_construct(id="ada", name="Ada", role=Role.OWNER, language="en")
BLAS = Member.model_construct(id="blas", name="Blas", role=Role.MEMBER, language="es")
NUMBER, ARCHIVE, GROUP, BOT = -1001000000007, -1001000000001, -1001000000002, 42
DAY = datetime(2024, 5, 1, tzinfo=UTC)
FILM = "Big.Buck.Bunny.2008.1080p.mkv"


def post(number: int, kind: PostKind = PostKind.DOCUMENT, **about: object) -> Post:
    values = {"name": f"{number}.txt", "size": 1000, "unique_id": f"u{number}", **about}
    return Post(number, DAY, kind, **values)  # type: ignore[arg-type]


@dataclass
class Channel:
    """A channel in memory, and the bot in it. `troubles` happen instead of pages, `head_troubles` instead of heads."""

    posts: Sequence[Post] = ()
    per_page: int = 100
    room_there: Room | None = field(default_factory=lambda: Room(NUMBER, "Songs", "songs", is_channel=True))
    is_admin: bool = True
    troubles: list[MagpieError] = field(default_factory=list)
    head_troubles: dict[int, list[MagpieError]] = field(default_factory=dict)
    heads: dict[int, bytes] = field(default_factory=dict)
    asked: list[int | None] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    closed: MagpieError | None = None
    gate: asyncio.Event | None = None
    lost: str | None = None
    bot_id: int = BOT

    async def room(self, _chat: int | str) -> Room | None:
        return self.room_there

    async def is_member(self, chat_id: int, person_id: int) -> bool:
        assert (chat_id, person_id) == (NUMBER, BOT)
        return self.is_admin

    async def page(self, _chat: int | str, before: int | None) -> Page:
        self.asked.append(before)
        if self.gate is not None and before is not None:
            await self.gate.wait()
        if self.closed is not None:
            raise self.closed
        if self.troubles:
            raise self.troubles.pop(0)
        newest_first = sorted(self.posts, key=lambda post: -post.message_id)
        older = [post for post in newest_first if before is None or post.message_id < before]
        page = older[: self.per_page]
        return Page(page, page[-1].message_id if len(older) > self.per_page else None)

    async def title(self, _chat: int | str) -> str:
        return "Closed songs"

    async def head(self, _chat: int | str, post: Post, most: int) -> bytes:
        self.read.append(post.message_id)
        if troubles := self.head_troubles.get(post.message_id):
            raise troubles.pop(0)
        return self.heads.get(post.message_id, b"nothing")[:most]


class House:
    """A runner that runs, and who steers it."""

    def __init__(self, channel: Channel, folder: Path) -> None:
        taker = Taker(channel, MediaTools(folder), folder / "heads")
        self.runner = IntakeRunner(channel, channel, taker, "here", lambda _id: None, lambda: None)
        self.intakes = Intakes(taker, self.runner.wake, lambda: None)
        self.folder = folder
        self.work: asyncio.Future[None] | None = None

    def start(self) -> None:
        self.work = asyncio.ensure_future(self.runner.run())

    async def stop(self) -> None:
        if self.work is not None:
            self.work.cancel()
            await asyncio.gather(self.work, return_exceptions=True)

    async def wished(self, channel: str = "@Songs") -> Intake:
        intake = await self.intakes.begin(channel, intake_id=new_id(), chat_id=7, by=ADA)
        return await self.stands(intake, lambda now: now.state is not IntakeState.LOOKING)

    async def through(self, channel: str = "@songs") -> Intake:
        intake = await self.wished(channel)
        await self.intakes.start(intake.id, by=ADA)
        return await self.stands(intake, lambda now: now.state is not IntakeState.RUNNING)

    async def stands(self, intake: Intake, holds: Callable[[Intake], bool]) -> Intake:
        async def is_so() -> bool:
            return holds(await fresh(intake))

        await until(is_so, "the intake did not come to it", 30)
        return await fresh(intake)


async def fresh(intake: Intake) -> Intake:
    found = await Intake.get(intake.id)
    assert found is not None
    return found


async def items() -> list[Item]:
    return await Item.find_all().sort("title").to_list()


def counts(intake: Intake) -> tuple[int, int, int]:
    return intake.looked, intake.taken, intake.known


@pytest.fixture
async def channel() -> Channel:
    return Channel([post(number) for number in range(1, 26)])


@pytest.fixture
async def house(channel: Channel, tmp_path: Path) -> AsyncIterator[House]:
    house = House(channel, tmp_path)
    house.start()
    yield house
    await house.stop()


async def test_nothing_is_open_before_it_is_started(house: House) -> None:
    intake = await house.wished()
    assert (intake.state, intake.title, intake.channel_id) == (IntakeState.READY, "Songs", NUMBER)
    assert (intake.has_history, intake.delivers, intake.opened) == (True, True, False)
    assert await items() == []
    assert await opened_channels() == frozenset()
    await house.intakes.take(NUMBER, post(99), edited=False)
    assert await items() == []


async def test_everything_comes_in_where_it_stands(house: House, channel: Channel) -> None:
    channel.per_page = 10
    done = await house.through()
    assert (done.state, counts(done), done.opened) == (IntakeState.DONE, (25, 25, 0), True)
    assert channel.asked == [None, None, 16, 6]
    found = await items()
    assert sorted(item.title for item in found) == sorted(map(str, range(1, 26)))
    one = next(item for item in found if item.title == "7")
    copy = await Copy.get(one.posts[0].copy_id)
    assert copy is not None
    assert (copy.channel_id, copy.message_id, copy.bot_id) == (NUMBER, 7, 0)
    assert (copy.stored, copy.shared, copy.blake3) == (True, True, "")
    assert copy.store == TelegramStore(FakeDoor(), NUMBER, only_posts=False).name
    assert (one.posts[0].link, one.channel_id, one.source) == ("https://t.me/songs/7", NUMBER, "")
    assert one.archived_at == round(DAY.timestamp() * 1000)
    assert list(house.folder.glob("heads/*")) == []


async def test_what_telegram_says_is_what_is_known(house: House, channel: Channel) -> None:
    channel.posts = [
        post(1, PostKind.VIDEO, name=FILM, duration=596, width=1920, height=1080, caption="Free #Film #2008 #film"),
        post(2, PostKind.PHOTO, name="", width=800, height=600, caption="#art\nA harbour\nat night"),
        post(3, PostKind.AUDIO, name="a.mp3", title="So What", performer="Miles Davis", duration=545),
        post(4, PostKind.VIDEO, name="", caption="Some Show S02E03"),
        post(5, name="song.flac", mime="audio/flac"),
        post(6, size=0),
    ]  # fmt: skip
    done = await house.through()
    assert (counts(done), done.skipped) == ((6, 5, 0), 1)
    by_title = {item.title: item for item in await items()}
    assert set(by_title) == {"Big Buck Bunny (2008)", "A harbour", "So What", "Some Show S02E03", "song"}
    film = by_title["Big Buck Bunny (2008)"]
    assert (film.tags, film.caption) == (["Film"], "Free #Film #2008 #film")
    (facts,) = film.files
    assert (facts.kind, facts.year, facts.duration, facts.width, facts.height) == (Kind.VIDEO, 2008, 596, 1920, 1080)  # fmt: skip
    assert (facts.path, facts.blake3) == ("", "")
    show = by_title["Some Show S02E03"].files[0]
    assert (show.series, show.season, show.episode) == ("Some Show", 2, 3)
    assert by_title["So What"].files[0].performer == "Miles Davis"
    assert by_title["song"].files[0].kind is Kind.AUDIO
    entry = entry_of({**film.model_dump(), "_id": film.id})
    assert "free" in entry["text"].split()
    assert entry["tag"] == ["film"]


async def test_music_that_does_not_say_what_it_is_is_looked_into(house: House, channel: Channel) -> None:
    need("ffmpeg")
    tags = {"title": "So What", "artist": "Miles Davis", "album": "Kind of Blue", "date": "1959"}
    tags |= {"discnumber": "1/2", "tracknumber": "01/05"}
    song = media_kit.audio(house.folder / "s.mp3", tags=tags).read_bytes()
    assert len(song) > HEAD
    channel.posts = [post(number, PostKind.AUDIO, name=f"{number}.mp3") for number in (1, 2, 3)]
    channel.heads = {1: song, 3: song}
    channel.head_troubles = {3: [FileDamaged()]}
    done = await house.through()
    assert (counts(done), done.untagged) == ((3, 3, 0), 1)
    assert [item.title for item in await items()] == ["2", "3", "So What"]
    facts = (await items())[2].files[0]
    assert (facts.performer, facts.album, facts.year) == ("Miles Davis", "Kind of Blue", 1959)
    assert (facts.disc, facts.track) == (1, 1)


async def test_heads_that_do_not_come_are_waited_for_and_all_else_is_taken(
    house: House, channel: Channel
) -> None:
    channel.posts = [post(1, PostKind.AUDIO, name="1.mp3"), post(2)]
    channel.head_troubles = {1: [TelegramAway(0)]}
    intake = await house.wished()
    await house.intakes.start(intake.id, by=ADA)
    waits = await house.stands(intake, lambda now: now.waiting is not None)
    assert (waits.tries, waits.before, [item.title for item in await items()]) == (1, None, ["2"])
    done = await house.stands(intake, lambda now: now.state is IntakeState.DONE)
    assert (counts(done), done.untagged, done.tries) == ((2, 2, 0), 0, 0)


async def test_heads_that_never_come_keep_nobody_waiting_for_ever(house: House, channel: Channel) -> None:
    channel.posts = [post(1, PostKind.AUDIO, name="1.mp3")]
    channel.head_troubles = {1: [TelegramAway(0)] * 99}
    intake = await house.wished()
    await update_if(Intake, {"_id": intake.id}, {"tries": 20})
    await house.intakes.start(intake.id, by=ADA)
    done = await house.stands(intake, lambda now: now.state is IntakeState.DONE)
    assert (counts(done), done.untagged) == ((1, 1, 0), 1)


async def test_what_is_ours_is_left_out(house: House) -> None:
    """Posted by us, or being sent by the owner's account at this moment: then nobody knows yet which message it is."""
    about = {"item": "i", "store": f"telegram{NUMBER}", "blake3": "b" * 64, "channel_id": NUMBER}
    await Copy(id="1", part="0", size=5, message_id=25, stored=True, **about).insert()
    await Copy(id="2", part="1", size=1000, generation=0, **about).insert()
    done = await house.through()
    assert counts(done) == (25, 0, 25)
    await Copy.get_pymongo_collection().delete_one({"_id": "2"})
    again = await house.through()
    assert counts(again) == (25, 24, 1)


async def test_a_second_wish_finds_everything_known(house: House) -> None:
    await house.through()
    again = await house.through("https://t.me/songs")
    assert counts(again) == (25, 0, 25)
    assert len(await items()) == 25


async def test_it_goes_on_where_it_was_stopped(house: House, channel: Channel) -> None:
    channel.per_page, channel.gate = 5, asyncio.Event()
    intake = await house.wished()
    await house.intakes.start(intake.id, by=ADA)
    await house.stands(intake, lambda now: now.looked == 5)
    await house.stop()
    asked = len(channel.asked)
    channel.gate.set()
    house.start()
    done = await house.stands(intake, lambda now: now.state is IntakeState.DONE)
    assert channel.asked[asked] == 21
    assert counts(done) == (25, 25, 0)


async def test_a_crash_between_taking_and_saving_takes_nothing_twice(house: House) -> None:
    intake = await house.through()
    await house.stop()
    # as if nothing of it had been written down; and of one only the Copy
    nothing = {"before": None, "looked": 0, "taken": 0, "state": "running", "lease_until": 0}
    await update_if(Intake, {"_id": intake.id}, nothing)
    gone = item_id(Source("@songs", NUMBER, "songs", "ada"), post(3))
    await Item.get_pymongo_collection().delete_one({"_id": gone})
    house.start()
    done = await house.stands(intake, lambda now: now.state is IntakeState.DONE)
    assert counts(done) == (25, 25, 0)
    assert (len(await items()), await Copy.count()) == (25, 25)


async def test_paused_it_reads_nothing_and_stopped_it_takes_nothing(house: House, channel: Channel) -> None:
    channel.per_page, channel.gate = 5, asyncio.Event()
    intake = await house.wished()
    await house.intakes.start(intake.id, by=ADA)
    await house.stands(intake, lambda now: now.looked == 5)
    await house.intakes.pause(intake.id, by=ADA)
    channel.gate.set()
    await house.intakes.take(NUMBER, post(30), edited=False)
    assert (await fresh(intake)).state is IntakeState.PAUSED
    await house.intakes.resume(intake.id, by=ADA)
    done = await house.stands(intake, lambda now: now.state is IntakeState.DONE)
    assert done.looked == 25
    assert len(await items()) == 26
    await house.intakes.stop(intake.id, by=ADA)
    await house.intakes.take(NUMBER, post(31), edited=False)
    assert len(await items()) == 26
    assert await opened_channels() == {NUMBER}


async def test_a_channel_is_closed_to_members_again(house: House, channel: Channel) -> None:
    """Whoever else had wished it; and opened anew by a new wish."""
    channel.posts = [post(1)]
    first, second = await house.through(), await house.through()
    closed = await house.intakes.close(first.id, by=ADA)
    assert (closed.state, closed.opened, closed.closed) == (IntakeState.STOPPED, False, True)
    assert not (await fresh(second)).opened
    assert await opened_channels() == frozenset()
    await house.intakes.take(NUMBER, post(2), edited=False)
    (item,) = await items()
    door = FakeDoor()
    posted(door, 1)
    with pytest.raises(NothingToDeliver):
        await archive(door, house.folder).deliver(item.id, 5, by=BLAS)
    await house.through()
    await archive(door, house.folder).deliver(item.id, 5, by=BLAS)
    with pytest.raises(NotAllowed):
        await house.intakes.close(first.id, by=BLAS)


async def test_new_posts_are_taken_once_and_follow_their_edits(house: House, channel: Channel) -> None:
    channel.posts = []
    done = await house.through()
    fresh_post = post(40, PostKind.VIDEO, name=FILM, caption="new #one")
    for _ in range(2):
        await house.intakes.take(NUMBER, fresh_post, edited=False)
    (item,) = await items()
    await update_if(Item, {"_id": item.id}, {"tags": ["one", "kept"]})
    edited = post(40, PostKind.VIDEO, name=FILM, caption="newer #two")
    await house.intakes.take(NUMBER, edited, edited=True)
    (item,) = await items()
    assert (item.caption, item.tags) == ("newer #two", ["two", "kept"])
    assert item.archived_at >= done.created_at, "it has arrived now, whenever it was posted"
    other = post(40, name="other.txt", size=7)
    await house.intakes.take(NUMBER, other, edited=True)
    (item,) = await items()
    copy = await Copy.get(item.posts[0].copy_id)
    assert copy is not None
    assert (item.title, item.files[0].size, copy.size, copy.message_id) == ("other", 7, 7, 40)
    await house.intakes.take(NUMBER - 1, post(41), edited=False)
    assert len(await items()) == 1


async def test_without_an_account_only_what_is_new_comes(house: House, channel: Channel) -> None:
    channel.closed = NoAccount()
    intake = await house.wished()
    assert (intake.state, intake.has_history) == (IntakeState.READY, False)
    await house.intakes.start(intake.id, by=ADA)
    await house.stands(intake, lambda now: now.state is IntakeState.DONE)
    await house.intakes.take(NUMBER, post(1), edited=False)
    assert len(await items()) == 1


async def test_who_is_no_admin_is_told_before(house: House, channel: Channel) -> None:
    channel.is_admin = False
    intake = await house.wished()
    assert (intake.state, intake.delivers) == (IntakeState.READY, False)
    channel.is_admin = True
    await house.intakes.retry(intake.id, by=ADA)
    await house.stands(intake, lambda now: now.state is IntakeState.READY and now.delivers)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"room_there": Room(NUMBER, "A group", "", is_channel=False)}, "intake-no-channel"),
        ({"room_there": None}, "message-closed"),
        ({"is_admin": False, "closed": ChatClosed("CHANNEL_PRIVATE")}, "intake-nobody"),
    ],
)
async def test_what_cannot_come_in_is_said(
    changes: dict[str, object], error: str, house: House, channel: Channel
) -> None:
    for name, value in changes.items():
        setattr(channel, name, value)
    intake = await house.wished()
    assert (intake.state, intake.error) == (IntakeState.FAILED, error)
    channel.room_there, channel.is_admin, channel.closed = Room(NUMBER, "S", "s", is_channel=True), True, None
    await house.intakes.retry(intake.id, by=ADA)
    await house.stands(intake, lambda now: now.state is IntakeState.READY)


async def test_what_only_the_owner_sees_comes_in_by_its_number(house: House, channel: Channel) -> None:
    channel.room_there = None
    done = await house.through("https://t.me/c/1000000007")
    assert (done.title, done.delivers, counts(done)) == ("Closed songs", False, (25, 25, 0))
    assert {link for item in await items() for link in [item.posts[0].link]} == {
        f"https://t.me/c/1000000007/{number}" for number in range(1, 26)
    }


async def test_telegrams_pause_is_waited_for_and_shown(house: House, channel: Channel) -> None:
    intake = await house.wished()
    channel.troubles = [TelegramAway(600, flood=True)]
    await house.intakes.start(intake.id, by=ADA)
    waits = await house.stands(intake, lambda now: now.waiting is not None)
    assert (waits.waiting, waits.state) == ("telegram-away", IntakeState.RUNNING)
    assert waits.lease_until - waits.changed_at > 500_000


async def test_it_takes_an_admins_rights_and_a_channel(house: House) -> None:
    with pytest.raises(NotAllowed):
        await house.intakes.begin("@songs", intake_id=new_id(), chat_id=7, by=BLAS)
    with pytest.raises(NoArchive):
        await house.intakes.begin("?", intake_id=new_id(), chat_id=7, by=ADA)
    assert await Intake.count() == 0


# -- what others make of it ------------------------------------------------------------------------------------


def archive(door: FakeDoor, folder: Path) -> Archive:
    return Archive(door, Catalogue(LOCALES).words("en"), folder, ARCHIVE)


def posted(door: FakeDoor, *numbers: int) -> None:
    door.chats[NUMBER] = {number: Message(of_person=True) for number in numbers}


async def test_nothing_of_ours_ever_removes_a_post(house: House, channel: Channel) -> None:
    channel.posts = [post(1), post(2)]
    await house.through()
    door = FakeDoor()
    posted(door, 1, 2)
    store = TelegramStore(door, NUMBER, only_posts=True)
    for item in await items():
        copy = await Copy.get(item.posts[0].copy_id)
        assert copy is not None
        await store.withdraw(CopyKey(item.id, "0"))
        await archive(door, house.folder).discard(item.id)
        await store.remove(copy)
    assert await Copy.count() == 0
    assert sorted(door.chats[NUMBER]) == [1, 2]
    assert door.calls == []


async def test_what_cannot_be_handed_out_is_said(house: House, channel: Channel) -> None:
    channel.posts = [post(1)]
    await house.through()
    door = FakeDoor(errors=[ChatClosed("Forbidden: bot is not a member of the channel chat")])
    (item,) = await items()
    with pytest.raises(NotHandedOut):
        await archive(door, house.folder).deliver(item.id, 5, by=BLAS)
    with pytest.raises(NothingToDeliver):
        await archive(door, house.folder).deliver("nothing", 5, by=BLAS)


async def test_it_is_in_an_export_and_comes_back(house: House, channel: Channel, tmp_path: Path) -> None:
    channel.posts = [post(1, PostKind.VIDEO, name=FILM, caption="Free\n#film", width=1920, height=1080)]
    await house.through()
    await update_if(Item, {}, {"member_id": "7"})
    (before,), (copy,) = await items(), await Copy.find_all().to_list()
    lines: list[bytes] = []
    assert (await export(lines.append)).left_out == []
    for kind in (Item, Copy):
        await kind.get_pymongo_collection().delete_many({})
    (tmp_path / "all.jsonl").write_bytes(b"".join(lines))
    assert (await take_in(tmp_path / "all.jsonl", lambda _wrong: None)).wrong == 0
    assert [item.model_copy(update={"changed_at": before.changed_at}) for item in await items()] == [before]
    assert await Copy.find_all().to_list() == [copy]


async def test_two_unknown_hashes_are_not_equal(house: House, channel: Channel) -> None:
    channel.posts = [post(1), post(2)]
    await house.through()
    door = FakeDoor()
    posted(door, 1, 2)
    store = TelegramStore(door, NUMBER, only_posts=True)
    words = Catalogue(LOCALES).words("en")
    assert not await store.holds("")
    assert not await Pieces(store, words, None).hold("")
    assert await store.borrow(StoredFile(house.folder, "1.txt", Kind.DOCUMENT, 1000, ""), key=CopyKey("x", "0")) is None  # fmt: skip
    copies = await Copy.find_all().to_list()
    assert not copies[0].is_of(copies[1].blake3, copies[1].size)
    unknown = [facts for item in await items() for facts in item.files]
    transfer = await order(TransferState.INSPECTING)
    assert not await archive(door, house.folder).holds(transfer, unknown)


async def test_who_finds_it_gets_it(house: House, channel: Channel) -> None:
    """Whatever a member's search shows is handed out to them, and nothing else: both count the same places."""
    channel.posts = [post(1)]
    await house.through()
    door = FakeDoor(members={GROUP: {2}})
    posted(door, 1)
    for number, (place, group) in enumerate(
        product([NUMBER, ARCHIVE, GROUP, 3, -1001000000099], [None, GROUP])
    ):
        await standing(door, number, place, group)
    library = Library(lambda: None, lambda: None, ARCHIVE, door.is_member, door.room)
    seen = set[tuple[int, str]]()
    for person, chat in product([2, 3, 5], [5, GROUP]):
        member = Member.model_construct(id=str(person), name="x", role=Role.MEMBER, language="en")
        words = set((await library.reach(chat if chat == GROUP else person, member)).words)
        for item in await items():
            found = not words.isdisjoint(entry_of({**item.model_dump(), "_id": item.id})["reach"])
            seen |= {(person, item.title)} if found and chat != GROUP else set()
            handed_out = await is_handed_out(archive(door, house.folder), item, chat, member)
            # who ordered something may have it sent into a group, whose members do not find it
            assert found == handed_out or (chat == GROUP and handed_out), (item.title, person, chat)
    assert {title for person, title in seen if person == 5} == {"1", f"{NUMBER} None", f"{ARCHIVE} None"}


async def standing(door: FakeDoor, number: int, place: int, group: int | None) -> None:
    """An order of 3 that stands somewhere."""
    order_of = await order(TransferState.DONE, member_id="3", chat_id=group or 3)
    where = {"channel_id": place, "message_id": 1000 + number, "bot_id": 42}
    await Copy(
        id=order_of.id, item=order_of.id, part="0", store="s", blake3="b", size=1, stored=True, **where
    ).insert()
    facts = Facts(path="", name="n", size=1, blake3="b", kind=Kind.DOCUMENT, title="n")
    title = f"{place} {group}"
    await Item(
        id=order_of.id, title=title, files=[facts], member_id="3", channel_id=place, group=group
    ).insert()
    door.chats.setdefault(place, {})[1000 + number] = Message()


async def is_handed_out(archive: Archive, item: Item, chat: int, member: Member) -> bool:
    try:
        await archive.deliver(item.id, chat, by=member)
    except (NothingToDeliver, NotOfGroup):
        return False
    return True
