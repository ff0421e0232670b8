"""Films that no door takes whole come in parts that play, as long as they can be cut so and the disk has room for it."""

from pathlib import Path

import pytest

from bot.assembly import LOCALES
from models.files import Chosen
from models.media import Kind, PreviewKind
from models.transfers import Transfer, TransferState
from services.media.tools import MediaTools
from services.storage.archive import Archive
from services.storage.parts import Parts
from services.telegram.port import Limits, TelegramAway
from services.transfers.room import room_for, still_to_write
from services.words import Catalogue
from tests import media_kit
from tests.fake_door import FakeDoor, FakeLargeDoor
from tests.programs import need
from tests.services.orders import order
from tests.services.test_archive import ADA, CHANNEL, preview, storing
from tests.services.test_pieces import pieces

pytestmark = [
    pytest.mark.models,
    pytest.mark.usefixtures("database"),
    pytest.mark.xdist_group("film-parts"),
]
NAMES = ["my film.part1.mkv", "my film.part2.mkv"]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need("ffmpeg")
    return media_kit.video(tmp_path_factory.mktemp("film") / "my film.mkv", seconds=4, size="320x180", gop=5)


class House:
    """An archive that can cut, with a film that is over the limit; what the disk has room for may be changed."""

    def __init__(self, folder: Path, film: Path) -> None:
        self.folder = folder
        self.size = film.stat().st_size
        (folder / film.name).write_bytes(film.read_bytes())
        self.most = self.size * 2 // 3
        self.door = FakeDoor(limits=Limits(upload=100, fetch=100))
        self.large = FakeLargeDoor(self.door, limits=Limits(upload=self.most, fetch=self.most))
        self.room = self.size
        self.media = MediaTools(folder)
        parts = Parts(self.media, folder / "previews", self._room)
        words = Catalogue(LOCALES).words("en")
        self.archive = Archive(self.door, words, folder, CHANNEL, self.large, parts=parts)

    async def _room(self, _transfer: str) -> int:
        return self.room

    async def ordered(self) -> Transfer:
        facts = await self.media.inspect(self.folder / "my film.mkv")
        return await storing(facts, previews={"0": [preview(self.folder, PreviewKind.THUMBNAIL, "t.jpg")]})

    @property
    def posted(self) -> list[str]:
        return [media.name for media in self.door.media(CHANNEL)]

    @property
    def left(self) -> list[Path]:
        return [path for path in (self.folder / "previews").rglob("*") if path.is_file()]


@pytest.fixture
def house(tmp_path: Path, film: Path) -> House:
    return House(tmp_path, film)


async def test_a_film_is_posted_as_films(house: House) -> None:
    transfer = await house.ordered()
    archived = await house.archive.store(transfer)
    assert house.posted == NAMES
    assert (len(archived.posts), archived.kept_on_disk) == (1, [])
    media = house.door.media(CHANNEL)
    assert [(one.kind, one.width, one.height) for one in media] == [(Kind.VIDEO, 320, 180)] * 2
    assert sum(one.duration or 0 for one in media) == pytest.approx(4, abs=0.2)
    assert [one.thumbnail for one in media] == [house.folder / "t.jpg"] * 2
    assert [one.caption.splitlines()[-1] for one in media] == ["🧩 Part 1 of 2", "🧩 Part 2 of 2"]
    copies = await pieces(transfer)
    assert [message.size for _, message in sorted(house.door.chats[CHANNEL].items())] == [
        copy.size for copy in copies
    ]
    assert len({copy.blake3 for copy in copies} - {transfer.facts[0].blake3}) == 2
    assert house.left == []
    calls = len(house.door.calls)
    assert await house.archive.store(transfer) == archived
    assert len(house.door.calls) == calls
    await house.archive.deliver(transfer.id, 7, by=ADA)
    assert house.door.texts(7) == ["🎞 <b>my film.mkv</b> comes in 2 parts that play one after the other."]
    assert [media.name for media in house.door.media(7)] == NAMES


async def test_when_the_disk_is_too_full_it_is_split_on_exact_bytes(house: House) -> None:
    house.room = house.size - 1
    transfer = await house.ordered()
    await house.archive.store(transfer)
    assert house.posted == ["my film.mkv.001", "my film.mkv.002"]
    assert house.left == []


async def test_what_cannot_be_cut_is_split_on_exact_bytes(house: House) -> None:
    transfer = await house.ordered()
    misnamed = transfer.facts[0].model_copy(update={"name": "film.avi"})
    await house.archive.store(await storing(misnamed))
    assert house.posted == ["film.avi.001", "film.avi.002"]


async def interrupted(house: House) -> Transfer:
    """After the first part."""
    transfer = await house.ordered()
    house.door.refused[NAMES[1]] = TelegramAway(0)
    with pytest.raises(TelegramAway):
        await house.archive.store(transfer)
    assert house.posted == NAMES[:1]
    assert len(house.left) == 2, "they are there for the next try"
    house.door.refused.clear()
    return transfer


async def test_it_goes_on_after_a_stop(house: House) -> None:
    """Also when the parts have to be made again, and Telegram takes more by then."""
    transfer = await interrupted(house)
    for path in house.left:
        path.unlink()
    house.large.limits = Limits(upload=10 * house.size)
    await house.archive.store(transfer)
    assert house.posted == NAMES
    assert house.left == []


async def test_when_it_cannot_be_cut_any_more_it_begins_anew(house: House) -> None:
    transfer = await interrupted(house)
    for path in house.left:
        path.unlink()
    for folder in (house.folder / "previews" / transfer.id).iterdir():
        folder.rmdir()
    house.room = 0
    await house.archive.store(transfer)
    assert house.posted == ["my film.mkv.001", "my film.mkv.002"]
    assert [copy.stored for copy in await pieces(transfer)] == [True, True]


async def test_room_for_the_parts_is_kept_from_the_inspection_on(house: House) -> None:
    one = await order(TransferState.PREVIEWING, chosen=Chosen(beside=10**9))
    plain = await order(TransferState.PREVIEWING, chosen=Chosen())
    assert still_to_write(one) - still_to_write(plain) == 10**9
    assert await room_for(plain.id, house.folder) <= await room_for(one.id, house.folder) - 10**9 + 10**8
