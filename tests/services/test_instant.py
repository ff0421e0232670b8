"""What is archived already is handed out at once, and never posted twice."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from blake3 import blake3

from bot.assembly import LOCALES
from models.access import Member, Role
from models.cards import Card, CardKind
from models.downloads import Download
from models.files import Chosen
from models.library import Item
from models.media import Facts, Kind
from models.storage import Copy
from models.transfers import Transfer, TransferState
from services.documents import update_if
from services.downloads.engines import Engines
from services.downloads.port import TorrentFile
from services.downloads.reading import SourceReader
from services.downloads.resolve import Resolver
from services.downloads.service import Downloads
from services.downloads.vault import keep, recall
from services.storage.archive import Archive
from services.storage.taking import Taking
from services.telegram.messages import Messages
from services.telegram.port import TelegramAway, TelegramRefused
from services.transfers.instant import Instant
from services.transfers.service import Transfers
from services.transfers.stages.fetching import Fetch
from services.transfers.stages.listing import ListFiles
from services.transfers.stages.step import Postponed
from services.transfers.stages.storing import Store
from services.words import Catalogue
from tests import torrents
from tests.fake_door import FakeDoor
from tests.fake_engine import FakeEngine
from tests.services.orders import INFOHASH, member, order, record, reread

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
S = TransferState
CHANNEL, ADAS, BLASES = -1001000000001, 7, 8
ADA = Member.model_construct(id="ada", name="Ada", role=Role.MEMBER, language="en")
BLAS = Member.model_construct(id="blas", name="Blas", role=Role.MEMBER, language="es")
KEY = "c" * 40


@pytest.fixture
def door() -> FakeDoor:
    return FakeDoor()


@pytest.fixture
def archive(door: FakeDoor, tmp_path: Path) -> Archive:
    return Archive(door, Catalogue(LOCALES).words("en"), tmp_path, CHANNEL)


ONE = Chosen(full="1", count=1, size=1)


def facts(folder: Path, name: str, text: str) -> Facts:
    (folder / name).write_text(text)
    digest = blake3(text.encode()).hexdigest()
    return Facts(
        path=name, name=name, size=len(text), blake3=digest, kind=Kind.DOCUMENT, title=name.partition(".")[0]
    )


def linked(key: str = KEY, **changes: Any) -> dict[str, Any]:
    """A torrent whose first two files are wanted."""
    source = {"kind": "torrent", "value": f"{key}-0", "name": "Bunny"}
    return {"source": source, "key": key, "chosen": Chosen(full="0-1", count=2, size=2), **changes}


def store(archive: Archive, folder: Path) -> Store:
    return Store(Downloads(Engines({}, "embedded"), folder), archive)


async def stored(archive: Archive, folder: Path, *texts: str, key: str = KEY, **changes: Any) -> Transfer:
    """An order that was archived."""
    files = [facts(folder, f"{number}.bin", text) for number, text in enumerate(texts)]
    transfer: Transfer = await order(S.STORING, facts=files, download=key, **linked(key, **changes))
    done = await store(archive, folder)(transfer)
    await update_if(Transfer, {"_id": transfer.id}, done)
    return await reread(transfer)


async def test_the_same_files_of_the_same_source_are_handed_out_at_once(
    archive: Archive, door: FakeDoor, tmp_path: Path
) -> None:
    first = await stored(archive, tmp_path, "a", "b")
    second = await order(member_id="blas", chat_id=BLASES, **linked())
    instant = Instant(Transfers(lambda: None), archive)
    served = await instant.serve(second.id, by=BLAS)
    assert served is not None
    assert (served.state, served.item, served.posts) == (S.DONE, first.id, first.posts)
    assert sorted(media.name for media in door.media(BLASES)) == ["0.bin", "1.bin"]
    assert await instant.serve(second.id, by=BLAS) is None, "it is done already"
    assert len(door.media(BLASES)) == 2


async def test_a_part_of_what_is_archived_is_handed_out_at_once(
    archive: Archive, door: FakeDoor, tmp_path: Path
) -> None:
    full = Chosen(full="2-4", count=3, size=3)
    first = await stored(archive, tmp_path, "a", "b", "c", chosen=full)
    instant = Instant(Transfers(lambda: None), archive)
    for wanted, name, title in (("3", "1.bin", "1"), ("2,4", "0.bin 2.bin", "Bunny")):
        count = len(wanted.split(","))
        part = await order(
            member_id="blas", chat_id=BLASES, **linked(chosen=Chosen(full=wanted, count=count, size=count))
        )
        before = len(door.media(BLASES))
        served = await instant.serve(part.id, by=BLAS)
        assert served is not None
        assert (served.state, served.item, served.title) == (S.DONE, first.id, title)
        assert len(served.posts) == count
        assert sorted(media.name for media in door.media(BLASES)[before:]) == name.split()


async def test_what_a_channel_brings_is_copied_into_nobodys_chat(
    archive: Archive, door: FakeDoor, tmp_path: Path
) -> None:
    """Two who archive channels with the same file: the second one is done when its turn comes."""
    first = await stored(archive, tmp_path, "a", "b")
    await member("blas")
    queued = await order(S.QUEUED, member_id="blas", chat_id=BLASES, grab="g", **linked())
    downloads = Downloads(Engines({}, "embedded"), tmp_path)
    done = await Fetch(downloads, archive, tmp_path)(queued)
    assert (done["state"], done["item"], door.media(BLASES)) == (S.DONE, first.id, [])


async def test_who_was_handed_it_out_gets_it_again_and_nothing_else(
    archive: Archive, door: FakeDoor, tmp_path: Path
) -> None:
    """The key is on the Card of the order."""
    await stored(archive, tmp_path, "a", "b")
    instant = Instant(Transfers(lambda: None), archive)
    for chosen, names in ((Chosen(full="0-1", count=2, size=2), ["0.bin", "1.bin"]), (ONE, ["1.bin"])):
        wish = await order(member_id="blas", chat_id=BLASES, **linked(chosen=chosen))
        assert await instant.serve(wish.id, by=BLAS) is not None
        before = len(door.media(BLASES))
        assert await archive.deliver(wish.id, BLASES, by=BLAS) == 0
        assert sorted(media.name for media in door.media(BLASES)[before:]) == names


@pytest.mark.parametrize(
    ("unpack", "standing"), [(True, 2), (False, 1)], ids=["it was unpacked", "it is on the disk only"]
)
async def test_a_part_that_nobody_can_find_is_fetched(
    unpack: bool, standing: int, archive: Archive, tmp_path: Path
) -> None:
    item = await stored(archive, tmp_path, "a", "b", unpack=unpack)
    await update_if(Item, {"_id": item.id}, {"posts": item.posts[:standing]})
    part = await order(member_id="blas", chat_id=BLASES, **linked(chosen=ONE, unpack=unpack))
    assert await Instant(Transfers(lambda: None), archive).serve(part.id, by=BLAS) is None


@pytest.mark.parametrize(
    "other",
    [
        {"chosen": Chosen(full="0-2", count=3, size=3)},
        linked("d" * 40),
        {"source": {"kind": "link", "value": "https://x.test/latest.iso", "name": "Another one by now"}},
        {"unpack": True},
        {"state": S.QUEUED},
    ],
)
async def test_anything_else_is_fetched(
    other: dict[str, Any], archive: Archive, door: FakeDoor, tmp_path: Path
) -> None:
    await stored(archive, tmp_path, "a", "b")
    second = await order(**{**linked(), "chat_id": BLASES, "member_id": "blas", **other})
    assert await Instant(Transfers(lambda: None), archive).serve(second.id, by=BLAS) is None
    assert door.media(BLASES) == []


async def test_what_was_unpacked_is_for_those_who_want_it_unpacked(
    archive: Archive, door: FakeDoor, tmp_path: Path
) -> None:
    packed = await stored(archive, tmp_path, "zip", unpack=False)
    unpacked = await stored(archive, tmp_path, "in it", unpack=True)
    instant = Instant(Transfers(lambda: None), archive)
    for unpack, expected in ((False, packed), (True, unpacked)):
        wish = await order(member_id="blas", chat_id=BLASES, **linked(unpack=unpack))
        served = await instant.serve(wish.id, by=BLAS)
        assert served is not None
        assert served.item == expected.id
    assert len(door.media(BLASES)) == 2


@pytest.fixture
async def resolver() -> AsyncIterator[Resolver]:
    async with httpx.AsyncClient() as client:
        yield Resolver(
            SourceReader([], allow_private=False), Messages(FakeDoor()), guarded=client, unguarded=client
        )


async def test_a_magnet_of_what_is_archived_is_known_without_asking_its_swarm(
    archive: Archive, resolver: Resolver, tmp_path: Path
) -> None:
    info = torrents.several(torrents.file(b"0.bin"), torrents.file(b"1.bin"))
    key, own = torrents.infohash(info), b"https://tracker.test/passkey"
    await keep(TorrentFile(torrents.torrent(info, {b"announce": own}), key, "films"))
    first = await stored(archive, tmp_path, "a", "b", key=key)
    magnet = f"magnet:?xt=urn:btih:{key}&dn=films&tr=https%3A%2F%2Fopen.test%2Fannounce"
    source = {"kind": "magnet", "value": magnet, "name": "films"}
    looking: dict[str, Any] = {
        "source": source,
        "key": key,
        "contents": None,
        "listed": False,
        "chosen": Chosen(),
    }
    second = await order(member_id="blas", chat_id=BLASES, **looking)
    engine = FakeEngine()
    engine.silent = {key}
    listed = await ListFiles(
        Downloads(Engines({"fake": engine}, "fake"), tmp_path), resolver, partial(Taking, 2**31)
    )(second)
    await update_if(Transfer, {"_id": second.id}, listed)
    torrent = await recall((await reread(second)).source)
    assert isinstance(torrent, TorrentFile)
    assert b"passkey" not in torrent.metainfo, "the addresses of whoever brought it are not for others"
    assert b"https://open.test/announce" in torrent.metainfo
    served = await Instant(Transfers(lambda: None), archive).serve(second.id, by=BLAS)
    assert served is not None
    assert (served.state, served.item) == (S.DONE, first.id)


async def test_what_was_archived_while_it_was_queued_is_not_fetched_again(
    archive: Archive, door: FakeDoor, tmp_path: Path
) -> None:
    await member("blas")
    engine = FakeEngine()
    fetch = Fetch(Downloads(Engines({"fake": engine}, "fake"), tmp_path), archive, tmp_path)
    second = await order(S.QUEUED, member_id="blas", chat_id=BLASES, **linked())
    first = await stored(archive, tmp_path, "a", "b")
    card: dict[str, Any] = {
        "chat_id": BLASES,
        "member_id": "blas",
        "language": "es",
        "kind": CardKind.TRANSFER,
    }
    await Card(id="c", subject=second.id, thread_id=5, **card).insert()
    door.errors = [TelegramAway(1)]
    with pytest.raises(TelegramAway):
        await fetch(second)
    done = await fetch(second)
    assert (done["state"], done["item"], done["posts"]) == (S.DONE, first.id, first.posts)
    assert sorted(media.name for media in door.media(BLASES)) == ["0.bin", "1.bin"]
    assert {message.thread_id for message in door.chats[BLASES].values()} == {5}, (
        "in the topic it was ordered in"
    )
    assert engine.jobs == {}


async def test_what_cannot_be_handed_out_after_all_is_fetched(
    archive: Archive, door: FakeDoor, tmp_path: Path
) -> None:
    await member("blas")
    engine = FakeEngine()
    await stored(archive, tmp_path, "a", "b", key=INFOHASH)
    wish = {**linked(INFOHASH), "source": record()}
    second = await order(S.QUEUED, member_id="blas", chat_id=BLASES, **wish)
    door.errors = [TelegramRefused("message to copy not found")]
    fetch = Fetch(Downloads(Engines({"fake": engine}, "fake"), tmp_path), archive, tmp_path)
    assert (await fetch(second))["state"] is S.FETCHING
    assert len(engine.jobs) == 1


async def test_posts_that_are_gone_are_fetched_again(
    archive: Archive, door: FakeDoor, tmp_path: Path
) -> None:
    await stored(archive, tmp_path, "a", "b")
    door.chats[CHANNEL].clear()

    class Leaves(FakeDoor):
        """Copying leaves out, without a word, what is not there."""

        async def copy(self, *_arguments: object, **_named: object) -> list[int]:
            return []

    empty = Archive(Leaves(chats=door.chats), Catalogue(LOCALES).words("en"), tmp_path, CHANNEL)
    second = await order(member_id="blas", chat_id=BLASES, **linked())
    assert await Instant(Transfers(lambda: None), empty).serve(second.id, by=BLAS) is None
    assert (await reread(second)).state is S.CHOOSING


async def test_what_was_ordered_in_somebody_s_own_chat_is_not_handed_to_others(
    door: FakeDoor, tmp_path: Path
) -> None:
    own = Archive(door, Catalogue(LOCALES).words("en"), tmp_path, None)
    await stored(own, tmp_path, "a", "b", chat_id=ADAS)
    second = await order(member_id="blas", chat_id=BLASES, **linked())
    assert await Instant(Transfers(lambda: None), own).serve(second.id, by=BLAS) is None


async def test_equal_bytes_from_elsewhere_are_not_posted_again(
    archive: Archive, door: FakeDoor, tmp_path: Path
) -> None:
    first = await stored(archive, tmp_path, "a", "b")
    posts = len(door.chats[CHANNEL])
    same = facts(tmp_path, "renamed.bin", "b")
    assert await archive.holds(first, [same])
    assert not await archive.holds(first, [same, facts(tmp_path, "new.bin", "n")])
    second = await stored(archive, tmp_path, "n", "b")
    assert len(door.chats[CHANNEL]) == posts + 1
    copies = {copy.part: copy for copy in await Copy.find({"item": second.id}).to_list()}
    assert [copies[part].shared for part in ("0", "1")] == [False, True]
    assert await Item.get(second.id) is not None
    assert await archive.deliver(second.id, BLASES, by=BLAS) == 0
    assert len(door.media(BLASES)) == 2


async def test_giving_up_an_order_leaves_the_posts_it_shares(
    archive: Archive, door: FakeDoor, tmp_path: Path
) -> None:
    await stored(archive, tmp_path, "a", "b")
    posts = dict(door.chats[CHANNEL])
    second = await stored(archive, tmp_path, "b")
    await archive.discard(second.id)
    assert door.chats[CHANNEL] == posts
    assert await Copy.find({"item": second.id}).count() == 0


async def test_a_shared_post_that_is_gone_is_posted_again(
    archive: Archive, door: FakeDoor, tmp_path: Path
) -> None:
    await stored(archive, tmp_path, "a", "b")
    door.chats[CHANNEL].clear()
    again = await stored(archive, tmp_path, "b")
    assert [media.name for media in door.media(CHANNEL)] == ["0.bin"]
    assert [copy.shared for copy in await Copy.find({"item": again.id}).to_list()] == [False]


async def test_of_two_that_store_the_same_download_one_goes_first(
    archive: Archive, door: FakeDoor, tmp_path: Path
) -> None:
    files = [facts(tmp_path, "a.bin", "a")]
    await Download(id=KEY, source=record(), engine="fake", wanted=[0], transfers=["a", "b"]).insert()
    both = [await order(S.STORING, id=name, facts=files, download=KEY) for name in ("b", "a")]
    done = await store(archive, tmp_path)(both[0])
    with pytest.raises(Postponed) as postponed:
        await store(archive, tmp_path)(both[1])
    assert postponed.value.key == "waiting-same"
    await update_if(Transfer, {"_id": both[0].id}, done)
    assert (await store(archive, tmp_path)(both[1]))["state"] is S.DONE
    assert len(door.chats[CHANNEL]) == 1
