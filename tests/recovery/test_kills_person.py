"""Killed while a person posts what is too large for the bot: in the end it stands once, or not at all when it was given up."""

from pathlib import Path

import pytest

from tests.data_centre import session_of
from tests.house import ADA, House, Message, open_house, until
from tests.recovery.journeys import LONG, ask_for, give_up, nothing_on_disk, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import PERSON
from tests.swarm import WebSeed, make_payload, make_torrent

pytestmark = [pytest.mark.timeout(1200), pytest.mark.xdist_group("recovery-person")]
SIZE, PARTS = 51 * 1024 * 1024, 52
"""More than the Bot API takes, and as the data centre is set here twice of what a bot may send."""


async def owner_goes_in(house: House) -> None:
    """With Premium."""
    (await house.http.post("/api/data-centre", json={"most_parts": PARTS})).raise_for_status()
    (await house.http.post(f"/api/people/{ADA}/login", json={"premium": True})).raise_for_status()
    house.settings |= {**house.second_door, "USER_SESSION": await session_of(house.url, ADA)}


async def posts(house: House) -> list[Message]:
    return [message for message in await house.ada.messages(house.channel) if "document" in message]


async def no_looking(house: House) -> None:
    """Nobody finds what was sent before."""
    await house.fault(method="messages.getHistory", action="500", count=None)


async def was_looked_for(house: House, post: Message) -> bool:
    """Whether the bot may know of it by now."""
    calls = [call for call in await house.record(house.channel) if call["ok"]]
    sent = next(call["seq"] for call in calls if call["message_id"] == post["message_id"])
    return any(call["method"] == "messages.getHistory" and call["seq"] > sent for call in calls)


async def sent_unheard(house: House, content: Path, seed: WebSeed, number: int) -> tuple[Message, Message]:
    """An order whose post stands, though the bot was not told; its Card, and the post."""
    name = f"file{number}.bin"
    torrent = make_torrent(make_payload(content, {name: SIZE}) / name, web_seed=seed.url).metainfo
    await house.fault(method="messages.sendMedia", action="drop")
    picker = await ask_for(house.ada, torrent)
    await press(house.ada, picker, "Start")
    found: list[Message] = []

    async def stands() -> bool:
        found[:] = [post for post in await posts(house) if post["document"]["file_name"] == name]
        return bool(found)

    await until(stands, "it was not sent", LONG)
    return picker, found[0]


async def test_killed_while_a_person_posts(tmp_path: Path) -> None:
    """The first answer is lost, the post deleted, and what is sent again is another message."""
    content = tmp_path / "payload"
    with WebSeed(content) as seed:
        async with open_house(tmp_path / "house", ALLOW_PRIVATE_ADDRESSES="true") as house:
            await owner_goes_in(house)
            done = 0

            async def journey(number: int) -> None:
                nonlocal done
                picker, post = await sent_unheard(house, content, seed, number)
                await no_looking(house)
                if not await was_looked_for(house, post):
                    await house.ada.delete(post, house.channel)
                await house.no_faults()
                after = picker["message_id"] - 1
                await house.ada.wait(contains="is in the archive", after=after, seconds=LONG)
                done += 1

            async def check() -> None:
                found = await posts(house)
                assert [post["document"]["file_name"] for post in found] == [
                    f"file{n}.bin" for n in range(done)
                ]
                assert all("reply_markup" in post for post in found)
                await nothing_on_disk(house)

            await Killer(house, sides(*PERSON)).travel(journey, check)


async def test_killed_while_it_is_given_up(tmp_path: Path) -> None:
    content = tmp_path / "payload"
    with WebSeed(content) as seed:
        async with open_house(tmp_path / "house", ALLOW_PRIVATE_ADDRESSES="true") as house:
            await owner_goes_in(house)

            async def journey(number: int) -> None:
                await no_looking(house)
                picker, _ = await sent_unheard(house, content, seed, number)
                await give_up(house, picker)
                await house.no_faults()

            async def check() -> None:
                async def is_gone() -> bool:
                    return not await posts(house)

                await until(is_gone, "it was not taken back", LONG)
                await nothing_on_disk(house)

            await Killer(house, sides("telegram.delete-own")).travel(journey, check)
