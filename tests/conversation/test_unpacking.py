"""Archives in an order: unpacked on wish, and left as they are, with the reason, where that cannot be done safely."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests import archives
from tests.chats import (
    LONG,
    becomes,
    choose,
    house_for_all,
    last_post,
    leaves_nothing,
    new_posts,
    newcomer,
)
from tests.house import House, Message, Person, labels
from tests.swarm import WebSeed, make_torrent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("conversation-unpacking"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
MIB = 1024 * 1024
UNPACK = {"en": ("☐ Unpack archives", "☑ Unpack archives"), "es": ("☐ Descomprimir", "☑ Descomprimir")}
START = {"en": "Start", "es": "Empezar"}
DONE = {"en": "is in the archive", "es": "está en el archivo"}
BOMB = {
    "en": "📦 bomb.zip was left as it is: "
    "Extracted this archive would be far larger than an honest one, so I did not.",
    "es": "📦 bomb.zip se quedó como estaba: "
    "Descomprimido, este archivo sería muchísimo mayor que uno honrado, así que no lo hice.",
}
WAY_OUT = (
    "📦 way out.zip was left as it is: "
    "This archive has names or links in it that are not safe, so I did not extract it."
)


@once
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house_for_all(tmp_path_factory.mktemp("house")) as opened:
        yield opened


async def test_what_is_in_a_zip_is_archived_instead_of_it(house: House, seed: WebSeed) -> None:
    """What is in it and an archive itself stays one."""
    inner = archives.nested(1, {"deep.txt": b"deep"})
    box = archives.zipped(seed.folder / "box.zip", {"one.txt": b"one", "below/inner.zip": inner})
    person, before = await newcomer(house), await last_post(house)
    done = await _unpacked(person, make_torrent(box, web_seed=seed.url).metainfo, count=1)
    assert done["text"] == "✅ box.zip is in the archive."
    found = {_name(post): await _bytes_of(house, post) for post in await new_posts(house, before)}
    assert found == {"one.txt": b"one", "inner.zip": inner}


async def test_without_the_wish_a_zip_stays_one(house: House, seed: WebSeed) -> None:
    """A wish is taken back as it was made."""
    kept = archives.zipped(seed.folder / "kept.zip", {"some.txt": b"words that are kept"})
    person, before = await newcomer(house), await last_post(house)
    card = await choose(person, make_torrent(kept, web_seed=seed.url).metainfo)
    left, wanted = (f"{label} (1)" for label in UNPACK["en"])
    for now, then in ((left, wanted), (wanted, left)):
        await person.press(card, now)
        card = await becomes(person, card, button=then)
    await person.press(card, "Start")
    done = await becomes(person, card, DONE["en"])
    assert "📦" not in done["text"]
    (post,) = await new_posts(house, before)
    assert (_name(post), await _bytes_of(house, post)) == ("kept.zip", kept.read_bytes())


async def test_what_is_hostile_is_left_as_it_is_and_the_card_says_why(house: House, seed: WebSeed) -> None:
    """The honest one beside it is unpacked, and nothing comes to lie elsewhere."""
    mixed = seed.folder / "Mixed"
    mixed.mkdir()
    bomb = _bomb(mixed / "bomb.zip", 20)
    way_out = archives.zipped(mixed / "way out.zip", {"../../outside.txt": b"x"})
    archives.seven_zipped(mixed / "good.7z", {"good.txt": b"good"})
    person, before = await newcomer(house), await last_post(house)
    async with leaves_nothing(house, posts=3):
        done = await _unpacked(person, make_torrent(mixed, web_seed=seed.url).metainfo, count=3)
    first, *lines = done["text"].splitlines()
    assert first == "✅ Mixed is in the archive."
    assert sorted(lines) == [BOMB["en"], WAY_OUT]
    found = {_name(post): await _bytes_of(house, post) for post in await new_posts(house, before)}
    whole = {path.name: path.read_bytes() for path in (bomb, way_out)}
    assert found == {"good.txt": b"good", **whole}
    assert not list(house.folder.rglob("outside.txt"))


async def test_a_bomb_is_named_in_the_language_of_its_orderer(house: House, seed: WebSeed) -> None:
    bomb = _bomb(seed.folder / "bomb.zip", 21)
    metainfo = make_torrent(bomb, web_seed=seed.url).metainfo
    done = await _unpacked(await newcomer(house, "es"), metainfo, count=1, language="es")
    assert done["text"].splitlines() == ["✅ bomb está en el archivo.", BOMB["es"]]


def _bomb(path: Path, copies: int) -> Path:
    """Some kilobytes that say they are 320 MiB at least; another number of `copies` is another file."""
    return archives.shared_zip(path, copies, 16 * MIB)


async def _unpacked(person: Person, metainfo: bytes, *, count: int, language: str = "en") -> Message:
    """The Card of an order when it is done, all of whose archives, so many, were to be unpacked."""
    sent = await person.send("some.torrent", metainfo)
    card = await person.wait(button=START[language], after=sent["message_id"], seconds=LONG)
    left, wanted = (f"{label} ({count})" for label in UNPACK[language])
    assert left in labels(card)
    await person.press(card, left)
    await person.press(await becomes(person, card, button=wanted), START[language])
    return await becomes(person, card, DONE[language])


def _name(post: Message) -> str:
    return str(post["document"]["file_name"])


async def _bytes_of(house: House, post: Message) -> bytes:
    found = await house.http.get(f"/api/files/{post['document']['file_id']}")
    return found.raise_for_status().content
