"""Turns, what is there already, and torrents that nobody has: as members see it in their chats."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.chats import LONG, answer_to, archived, becomes, choose, newcomer, start
from tests.house import House, labels, open_house, until
from tests.indexers import CAPS, item, results
from tests.loopback import Answer, Handler, Request, serve
from tests.swarm import Made, WebSeed, make_magnet, make_payload, make_torrent

pytestmark = pytest.mark.xdist_group("conversation-queue")
MIB = 1024 * 1024


@asynccontextmanager
async def slow_house(folder: Path, **settings: str) -> AsyncIterator[tuple[House, WebSeed, list[Made]]]:
    """Everything comes slowly until the test says otherwise; four torrents to order."""
    payload = folder / "payload"
    with WebSeed(payload, rate=60_000) as seed:
        made = [
            make_torrent(
                make_payload(payload, {f"{name}.bin": 2 * MIB}, seed=at) / f"{name}.bin", web_seed=seed.url
            )
            for at, name in enumerate(("first", "second", "third", "fourth"))
        ]
        private = {"ALLOW_PRIVATE_ADDRESSES": "true", "OPEN_ACCESS": "true"}
        async with open_house(folder, **private, **settings) as house:
            await house.start_bot()
            yield house, seed, made


async def test_those_who_wait_are_told_where_they_stand_and_take_turns(tmp_path: Path) -> None:
    async with slow_house(tmp_path, DOWNLOADS_AT_ONCE="1") as (house, seed, made):
        cleo = await newcomer(house)
        going = await start(cleo, made[0].metainfo)
        await becomes(cleo, going, pattern="[1-9] %")
        second = await start(cleo, made[1].metainfo)
        await becomes(cleo, second, "position 1")
        third = await start(cleo, made[2].metainfo)
        await becomes(cleo, third, "position 2")
        theirs = await start(house.ada, made[3].metainfo)
        await becomes(house.ada, theirs, "position 1")
        waiting = await becomes(cleo, second, "position 2")
        assert "To the front" not in labels(waiting), "only those who oversee may do that"
        seed.rate = None
        for person, card in ((cleo, going), (house.ada, theirs), (cleo, second), (cleo, third)):
            await becomes(person, card, "is in the archive")


async def test_the_owner_goes_to_the_front(tmp_path: Path) -> None:
    async with slow_house(tmp_path, DOWNLOADS_AT_ONCE="1") as (house, seed, made):
        first = await start(house.ada, made[0].metainfo)
        await becomes(house.ada, first, pattern="[1-9] %")
        second = await start(house.ada, made[1].metainfo)
        third = await start(house.ada, made[2].metainfo)
        card = await becomes(house.ada, third, "position 2", button="To the front")
        await house.ada.press(card, "To the front")
        await becomes(house.ada, third, "position 1")
        await becomes(house.ada, second, "position 2")
        seed.rate = None
        await becomes(house.ada, second, "is in the archive")


async def test_the_owner_sees_moves_and_cancels_what_others_ordered(tmp_path: Path) -> None:
    async with slow_house(tmp_path, DOWNLOADS_AT_ONCE="1") as (house, seed, made):
        first = await start(house.ada, made[0].metainfo)
        await becomes(house.ada, first, pattern="[1-9] %")
        cleo, dora = await newcomer(house, name="Cleo"), await newcomer(house, name="Dora")
        hers = await start(cleo, made[1].metainfo)
        await becomes(cleo, hers, "position 1")
        other = await start(dora, made[2].metainfo)
        await becomes(dora, other, "position 2")
        status = await answer_to(house.ada, "/status")
        head, mine, heading, *theirs = status["text"].split("\n")
        assert (head, heading) == ("Your orders", "Orders of others")
        assert mine.startswith("1. first.bin — fetching")
        assert theirs == ["2. third.bin — queued · for Dora", "3. second.bin — queued · for Cleo"]
        await house.ada.press(status, "2")
        card = await house.ada.wait(contains="third.bin", button="To the front", after=status["message_id"])
        await house.ada.press(card, "To the front")
        await becomes(dora, other, "position 1")
        await house.ada.press(card, "Cancel")
        await house.ada.press(await becomes(house.ada, card, button="Yes"), "Yes, give it up")
        await becomes(dora, other, "was cancelled")
        status = await answer_to(cleo, "/status")
        assert status["text"].split("\n")[1:] == ["1. second.bin — queued"], "nobody else is told"
        group = await house.ada.new_group("Talk", cleo.id, house.bot_id)
        asked = await house.ada.say("/status", group)
        answer = await house.ada.wait(chat=group, after=asked["message_id"])
        assert "Cleo" not in answer["text"]
        seed.rate = None
        await becomes(cleo, hers, "is in the archive")


async def test_what_is_archived_already_comes_at_once_and_is_not_posted_again(tmp_path: Path) -> None:
    async with slow_house(tmp_path) as (house, seed, made):
        seed.rate = None
        await archived(house.ada, made[0].metainfo)
        posts = await house.ada.messages(house.channel)
        asked = len(seed.log)
        cleo = await newcomer(house)
        picker = await choose(cleo, made[0].metainfo)
        await cleo.press(picker, "Start")
        await becomes(cleo, picker, "is in the archive")
        after = [message for message in await cleo.messages() if message["message_id"] > picker["message_id"]]
        (delivered,) = (message for message in after if "document" in message)
        assert delivered["document"]["file_name"] == "first.bin"
        await cleo.press(picker, "Get it here")
        again = await cleo.wait(after=delivered["message_id"])
        assert again["document"]["file_name"] == "first.bin"
        assert len(seed.log) == asked, "nothing was fetched"
        assert await house.ada.messages(house.channel) == posts


async def test_the_same_bytes_from_elsewhere_come_by_themselves(tmp_path: Path) -> None:
    async with slow_house(tmp_path) as (house, seed, made):
        seed.rate = None
        await archived(house.ada, made[0].metainfo)
        posts = await house.ada.messages(house.channel)
        cleo = await newcomer(house)
        card = await becomes(cleo, await answer_to(cleo, f"{seed.url}first.bin"), button="Start")
        await cleo.press(card, "Start")
        delivered = await cleo.wait(after=card["message_id"])
        assert delivered["document"]["file_name"] == "first.bin"
        await becomes(cleo, card, "is in the archive")
        assert await house.ada.messages(house.channel) == posts


async def test_a_magnet_of_what_is_archived_needs_nobody_who_has_it(tmp_path: Path) -> None:
    async with slow_house(tmp_path) as (house, seed, made):
        seed.rate = None
        await archived(house.ada, made[0].metainfo)
        asked, cleo = len(seed.log), await newcomer(house)
        card = await becomes(cleo, await answer_to(cleo, make_magnet(made[0])), button="Start")
        await cleo.press(card, "Start")
        await becomes(cleo, card, "is in the archive")
        delivered = await cleo.wait(after=card["message_id"])
        assert delivered["document"]["file_name"] == "first.bin"
        assert len(seed.log) == asked


async def test_what_was_archived_meanwhile_is_not_fetched_again(tmp_path: Path) -> None:
    """Two order the same, and there is one turn: the second one waits until the first one is through and gone."""
    async with slow_house(tmp_path, DOWNLOADS_AT_ONCE="1") as (house, seed, made):
        cleo = await newcomer(house)
        mine = await start(house.ada, made[0].metainfo)
        await becomes(house.ada, mine, pattern="[1-9] %")
        hers = await start(cleo, made[0].metainfo)
        await becomes(cleo, hers, "position 1")
        await cleo.press(hers, "Pause")
        await becomes(cleo, hers, button="Resume")
        seed.rate = None
        await becomes(house.ada, mine, "is in the archive")
        await until(lambda: _nothing_is_kept(house), "the download stayed", LONG)
        asked = len(seed.log)
        await cleo.press(hers, "Resume")
        await becomes(cleo, hers, "is in the archive")
        delivered = await cleo.wait(after=hers["message_id"])
        assert delivered["document"]["file_name"] == "first.bin"
        assert len(seed.log) == asked, "nothing was fetched"
        assert len(await house.ada.messages(house.channel)) == 1


async def _nothing_is_kept(house: House) -> bool:
    return not any(path.is_file() for path in (house.folder / "data" / "downloads").rglob("*"))


async def test_two_who_order_the_same_at_once_get_one_post(tmp_path: Path) -> None:
    async with slow_house(tmp_path) as (house, seed, made):
        cleo = await newcomer(house)
        hers = await start(cleo, made[0].metainfo)
        mine = await start(house.ada, made[0].metainfo)
        await becomes(cleo, hers, pattern="[1-9] %")
        await becomes(house.ada, mine, pattern="[1-9] %")
        seed.rate = None
        await becomes(cleo, hers, "is in the archive")
        await becomes(house.ada, mine, "is in the archive")
        assert len(await house.ada.messages(house.channel)) == 1
        for person, card in ((cleo, hers), (house.ada, mine)):
            await person.press(card, "Get it here")
            await person.wait(after=card["message_id"])


async def test_one_of_two_gives_it_up_and_the_other_gets_it(tmp_path: Path) -> None:
    async with slow_house(tmp_path) as (house, seed, made):
        cleo = await newcomer(house)
        hers = await start(cleo, made[0].metainfo)
        mine = await start(house.ada, made[0].metainfo)
        await becomes(cleo, hers, pattern="[1-9] %")
        await becomes(house.ada, mine, pattern="[1-9] %")
        await cleo.press(hers, "Cancel")
        await becomes(cleo, hers, button="Yes")
        await cleo.press(hers, "Yes, give it up")
        await becomes(cleo, hers, "was cancelled")
        seed.rate = None
        await becomes(house.ada, mine, "is in the archive")


async def test_a_torrent_nobody_has_ends_with_a_reason_and_another_source(tmp_path: Path) -> None:
    """The first release of a search is dead; the other one of the same work comes instead."""
    payload = tmp_path / "payload"
    with WebSeed(payload) as seed:
        dead = make_torrent(make_payload(payload, {"dead/bunny.bin": 1000}) / "dead")
        alive = make_torrent(make_payload(payload, {"alive/bunny.bin": 1000}) / "alive", web_seed=seed.url)
        third = make_torrent(make_payload(payload, {"third/bunny.bin": 1000}) / "third", web_seed=seed.url)
        torrents = {f"/{n}.torrent": made.metainfo for n, made in enumerate((dead, alive, third))}
        async with serve(_indexer_of(torrents)) as server:
            settings = {"STALLED_HOURS": "0.001", "TORZNAB_URLS": f"Small={server.url}/api?apikey=x"}
            async with open_house(tmp_path, ALLOW_PRIVATE_ADDRESSES="true", **settings) as house:
                await house.start_bot()
                said = await house.ada.say("/search bunny")
                found = await house.ada.wait(pattern=r"sources? · \d", button="1", after=said["message_id"])
                await asyncio.gather(*(house.ada.press(found, "1") for _ in range(3)))
                picker = await house.ada.wait(button="Start", after=found["message_id"])
                await house.ada.press(picker, "Start")
                failed = await becomes(house.ada, picker, "for hours", button="Other source")
                # impatiently: one press of a key that is gone after it
                data = failed["reply_markup"]["inline_keyboard"][0][1]["callback_data"]
                await asyncio.gather(*(house.ada.press(failed, data=data) for _ in range(3)))
                await becomes(house.ada, picker, "was cancelled")
                other = await house.ada.wait(button="Start", after=picker["message_id"])
                await house.ada.press(other, "Start")
                await becomes(house.ada, other, "is in the archive")
                cards = [m for m in await house.ada.messages() if m["message_id"] > found["message_id"]]
                assert [card["message_id"] for card in cards] == [picker["message_id"], other["message_id"]]


def _indexer_of(torrents: Mapping[str, bytes]) -> Handler:
    """An indexer of releases of one work, the first with the most seeders, as it believes."""

    def answer(request: Request) -> Answer:
        if request.path in torrents:
            return Answer(torrents[request.path])
        if request.query["t"] == "caps":
            return Answer(CAPS.format(most=100).encode())
        here = f"http://{request.headers['host']}"
        return Answer(
            results(
                [
                    item("Bunny 1080p", f"{here}{path}", seeders=str(90 - at), size="1000")
                    for at, path in enumerate(torrents)
                ]
            )
        )

    return answer
