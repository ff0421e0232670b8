"""/collections: series and albums gather by themselves, and members put together what they like."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from models.clock import now
from models.ids import new_id
from tests.chats import answer_to, becomes, newcomer
from tests.databases import own_database
from tests.house import House, Message, Person, labels, open_house, until

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("conversation-collections"),
]
EPISODES = ((1, 2), (2, 1), (1, 1))
TRACKS = ((2, "Freddie Freeloader"), (1, "So What"))
ALL = len(EPISODES) + len(TRACKS)


def a_work(channel: int, title: str, **file: Any) -> dict[str, Any]:
    """As the database has it."""
    facts = {"path": "", "name": title, "size": 1000, "blake3": "", "kind": "video", "title": title, **file}
    common = {"_id": new_id(), "title": title, "files": [facts], "member_id": "1", "channel_id": channel}
    return {**common, "archived_at": now(), "changed_at": now()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> AsyncIterator[House]:
    """With a series and an album in the library."""
    async with (
        own_database(database_url, "collected") as (url, database),
        open_house(tmp_path_factory.mktemp("house"), MONGODB_URL=url, OPEN_ACCESS="true") as house,
    ):
        await house.start_bot()
        works = [
            a_work(
                house.channel,
                f"Night Sky S{season}E{episode}",
                series="Night Sky",
                season=season,
                episode=episode,
            )
            for season, episode in EPISODES
        ]
        sound = {"kind": "audio", "album": "Kind of Blue", "performer": "Miles Davis"}
        works += [a_work(house.channel, title, track=track, **sound) for track, title in TRACKS]
        await database["items"].insert_many(works)

        async def all_are_found() -> bool:
            return f"· {ALL} works" in (await ask(house.ada, "/library"))["text"]

        await until(all_are_found, "the library did not take them")
        yield house


async def ask(person: Person, text: str) -> Message:
    card = await answer_to(person, text)
    return await becomes(person, card, pattern="📚|📺|💿")


async def collected(person: Person, title: str, name: str) -> Message:
    """Looks at a work and puts it into a collection; the Card with its details, which leads there."""
    card = await ask(person, f"/library {title}")
    await person.press(card, "Details")
    card = await becomes(person, card, button="＋ Collection")
    said = await person.say(f"/collect {name}", reply_to=card)
    await person.wait(contains="See it with", after=said["message_id"])
    return await becomes(person, card, button="🎶")


async def test_series_and_albums_are_listed_and_entered(house: House) -> None:
    person = await newcomer(house)
    card = await ask(person, "/collections")
    assert card["text"].split("\n")[1:] == [
        "Collections that these works are parts of:",
        "1. 📺 Night Sky · 3 works",
        "2. 💿 Kind of Blue — Miles Davis · 2 works",
    ]
    await person.press(card, "1")
    card = await becomes(person, card, button="Season 2 · 1")
    titles = [line.split(" · ")[0] for line in card["text"].split("\n")[1:]]
    assert titles == ["1. Night Sky S1E1", "2. Night Sky S1E2", "3. Night Sky S2E1"]
    await person.press(card, "Season 2 · 1")
    card = await becomes(person, card, "📺 Night Sky · 1 work\n")
    assert "Night Sky S2E1" in card["text"]
    await person.press(card, "Back to what I asked for")
    await becomes(person, card, f"📚 The library · {ALL} works")


async def test_a_work_leads_to_what_it_is_a_part_of(house: House) -> None:
    person = await newcomer(house, "es")
    card = await ask(person, "/library freddie")
    await person.press(card, "Detalles")
    card = await becomes(person, card, button="💿 Kind of Blue")
    await person.press(card, "💿 Kind of Blue")
    card = await becomes(person, card, "💿 Kind of Blue — Miles Davis · 2 obras")
    assert "1. So What" in card["text"]
    assert "2. Freddie Freeloader" in card["text"]


async def test_words_narrow_what_is_listed(house: House) -> None:
    card = await ask(await newcomer(house), "/collections freddie")
    assert "Kind of Blue" in card["text"]
    assert "Night Sky" not in card["text"]
    card = await ask(await newcomer(house), "/collections zebra")
    assert "no parts of series" in card["text"]


async def test_somebody_puts_works_together_and_others_see_it_when_it_is_opened(house: House) -> None:
    person, other = await newcomer(house), await newcomer(house)
    await collected(person, "so what", "Evening")
    card = await collected(person, "S1E1", "evening")
    await person.press(card, "🎶 Evening")
    card = await becomes(person, card, "🎶 Evening · 2 works")
    assert [line[:9] for line in card["text"].split("\n")[1:]] == ["1. So Wha", "2. Night "]
    assert "Evening" not in (await ask(other, "/collections"))["text"]
    await person.press(card, "Show it to all")
    card = await becomes(person, card, button="Only for me")
    assert "🎶 Evening · 2 works" in (await ask(other, "/collections evening"))["text"]
    seen = await ask(other, "/collections evening")
    await other.press(seen, "1")
    seen = await becomes(other, seen, "🎶 Evening · 2 works")
    assert "Delete" not in labels(seen)


async def test_their_order_is_changed_and_it_is_deleted(house: House) -> None:
    person = await newcomer(house)
    await collected(person, "so what", "Two")
    card = await collected(person, "S2E1", "Two")
    await person.press(card, "🎶 Two")
    card = await becomes(person, card, "1. So What")
    await person.press(card, "Details")
    card = await becomes(person, card, "📄 So What", button="▼ Later")
    await person.press(card, "▼ Later")
    await person.press(card, "Back")
    card = await becomes(person, card, "2. So What")
    await person.press(card, "Details")
    card = await becomes(person, card, button="＋ Collection")
    await person.press(card, "＋ Collection")
    card = await becomes(person, card, button="☑ Two")
    await person.press(card, "☑ Two")
    card = await becomes(person, card, "🎶 Two · 1 work")
    await person.press(card, "Delete")
    card = await becomes(person, card, "Delete the collection 🎶 Two?")
    await person.press(card, "Yes, delete it")
    await becomes(person, card, "📚 S2E1 · 1 work")
    assert "Two" not in (await ask(person, "/collections"))["text"]


async def test_a_name_is_asked_for(house: House) -> None:
    person = await newcomer(house)
    answer = await answer_to(person, "/collect")
    assert "/collect Evening" in answer["text"]
    answer = await answer_to(person, "/collect Evening")
    assert "📄" not in answer["text"], "nothing was looked at"
