"""/duplicates: one film comes in two encodings, an admin merges them, and every link of before leads on."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests import media_kit
from tests.chats import answer_to, archived, becomes, item_of, newcomer, start
from tests.house import House, Message, Person, labels, open_house, until
from tests.programs import need
from tests.recovery.journeys import kind
from tests.swarm import WebSeed, make_torrent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(400),
    pytest.mark.xdist_group("conversation-duplicates"),
]
once = pytest_asyncio.fixture(scope="module", loop_scope="module")
NAMES = ("Big.Buck.Bunny.2008.180p.mkv", "Big.Buck.Bunny.2008.360p.mkv")
SIZES = ("320x180", "640x360")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@once
async def house(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """With a film that was ordered twice: small first, then larger."""
    need("ffmpeg")
    settings = {"ALLOW_PRIVATE_ADDRESSES": "true", "OPEN_ACCESS": "true"}
    with WebSeed(folder) as seed:
        async with open_house(tmp_path_factory.mktemp("house"), **settings) as house:
            await house.start_bot()
            for name, size in zip(NAMES, SIZES, strict=True):
                piece = media_kit.video(folder / name, seconds=4, size=size)
                await archived(house.ada, make_torrent(piece, web_seed=seed.url).metainfo)
            yield house


async def works(person: Person, count: str) -> Message:
    """What the library says of the film, once it is so many works."""
    cards: list[Message] = []

    async def is_so() -> bool:
        cards.append(await becomes(person, await answer_to(person, "/library bunny"), "📚"))
        return f"· {count}" in cards[-1]["text"].split("\n")[0]

    await until(is_so, f"there are never {count}")
    return cards[-1]


async def opened(house: House, words: str) -> Message:
    """The Card of the film once it says so."""
    card = await answer_to(house.ada, "/duplicates")
    if words == "merged":
        await becomes(house.ada, card, button="Decided already")
        await house.ada.press(card, "Decided already (1)")
    await becomes(house.ada, card, "1. Big Buck Bunny")
    await house.ada.press(card, "1")
    return await becomes(house.ada, card, words, button="Back")


async def listed(house: House) -> None:
    """Waits until it was found that both are one film."""

    async def is_listed() -> bool:
        card = await answer_to(house.ada, "/duplicates")
        card = await becomes(house.ada, card, "🧬")
        return "1. Big Buck Bunny" in card["text"]

    await until(is_listed, "nobody found that they are one film")


async def got(person: Person, after: Message) -> Message:
    """The file that came."""
    found: list[Message] = []

    async def is_there() -> bool:
        newer = [m for m in await person.messages() if m["message_id"] > after["message_id"]]
        found[:] = [m for m in newer if kind(m) in {"video", "document"}]
        return bool(found)

    await until(is_there, "it did not come")
    return found[0]


def name_of(message: Message) -> str:
    return str(message[kind(message)]["file_name"])


async def posts(house: House) -> list[Message]:
    found = [m for m in await house.ada.messages(house.channel) if kind(m) in {"video", "document"}]
    return [m for m in found if m.get("reply_markup")]


async def test_two_encodings_are_shown_with_the_better_one_marked(house: House) -> None:
    await works(house.ada, "2 works")
    await listed(house)
    card = await opened(house, "★")
    first, *lines = card["text"].split("\n")
    assert first == "🧬 Big Buck Bunny (2008) · 2 encodings"
    (better,) = [line for line in lines if line.startswith("★")]
    assert "360p · h264" in better
    assert "360p instead of 180p" in card["text"]
    assert "180p instead of 360p" in card["text"]
    number = better.split(" ")[1].strip(".")
    assert {"Get 1", "Get 2", f"Merge into ★ {number}", "Not the same", "Back"} <= set(labels(card))
    await house.ada.press(card, "Get 1")
    assert name_of(await got(house.ada, card)).startswith("Big")


async def test_merged_every_link_leads_on(house: House) -> None:
    member = await newcomer(house)
    small, large = [item_of(post) for post in await posts(house)]
    before = await answer_to(member, f"/start item_{small}")
    await becomes(member, before, "BLAKE3")
    card = await opened(house, "★")
    merge = next(label for label in labels(card) if label.startswith("Merge into"))
    await house.ada.press(card, merge)
    asked = await becomes(house.ada, card, "have it stand for the other one?")
    assert "360p" in asked["text"]
    assert labels(asked) == ["Yes, merge them", "No, leave it"]
    count = len(await house.ada.messages(house.channel))
    await house.ada.press(asked, "Yes, merge them")
    await becomes(house.ada, card, "merged, 2 encodings")
    shown = await works(member, "1 work")
    assert "360p" in shown["text"]
    assert len(await house.ada.messages(house.channel)) == count, "nothing is posted, nothing deleted"

    details = await becomes(member, await answer_to(member, f"/start item_{small}"), "Also here")
    assert "360p" in details["text"].split("\n")[1]
    assert "🧬 Also here: 180p" in details["text"]
    (other,) = [label for label in labels(details) if label.startswith("Get 180p")]
    await member.press(details, other)
    assert name_of(await got(member, details)) == NAMES[0]
    # the card that somebody looked at before
    await member.press(before, "☆ Favourite")
    await becomes(member, before, button="★ Favourite")
    assert "Also here" in (await becomes(member, before, "Also here"))["text"]
    for item, name in ((small, NAMES[0]), (large, NAMES[1])):
        asked = await member.say(f"/start get_{item}")
        assert name_of(await got(member, asked)) == name


async def test_the_same_bytes_under_another_name_are_stored_nowhere_again(
    house: House, folder: Path, tmp_path: Path
) -> None:
    """They are fetched, as nobody knows the infohash; what was merged has them."""
    count = len(await house.ada.messages(house.channel))
    other = await asyncio.to_thread(shutil.copy, folder / NAMES[0], tmp_path / "Another.name.mkv")
    with WebSeed(tmp_path) as seed:
        card = await archived(house.ada, make_torrent(Path(other), web_seed=seed.url).metainfo)
    assert len(await house.ada.messages(house.channel)) == count
    await house.ada.press(card, "Get it here")
    assert kind(await got(house.ada, card)) == "video"


async def test_the_same_order_is_handed_out_at_once(house: House, folder: Path) -> None:
    """An infohash that is known, of what was merged: nothing is fetched."""
    member = await newcomer(house)
    picker = await start(member, make_torrent(folder / NAMES[0]).metainfo)
    assert name_of(await got(member, picker)) == NAMES[0]


async def test_separated_both_are_there_again(house: House) -> None:
    member = await newcomer(house)
    card = await opened(house, "merged")
    await house.ada.press(card, "Separate")
    asked = await becomes(house.ada, card, "Tags, favourites and places in collections stay")
    await house.ada.press(asked, "Yes, separate them")
    await becomes(house.ada, card, "2 encodings")
    await works(member, "2 works")


async def test_what_is_not_the_same_is_put_aside(house: House) -> None:
    card = await opened(house, "★")
    await house.ada.press(card, "Not the same")
    card = await becomes(house.ada, card, "not the same work")
    assert "They are the same" in labels(card)
    await house.ada.press(card, "Back")
    await becomes(house.ada, card, "Decided already")


async def test_it_is_for_admins_in_private(house: House) -> None:
    member = await newcomer(house)
    assert "more rights" in (await answer_to(member, "/duplicates"))["text"]
    said = await house.ada.say("/duplicates", house.group)
    answer = await house.ada.wait(chat=house.group, after=said["message_id"])
    assert "private chat" in answer["text"]
    spaniard = await newcomer(house, "es")
    assert "más permisos" in (await answer_to(spaniard, "/duplicates"))["text"]
