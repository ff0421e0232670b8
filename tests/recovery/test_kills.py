"""Killed with SIGKILL before and after every outside call and state write on the way of an order.

Each press is obeyed, each order ends, each post stands in the channel once: by the simulator's own records, never by ours.
"""

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest

from tests.engines import Aria2, QBittorrent
from tests.house import EMBEDDED, RIGHTS, House, Message, Person, open_house, until
from tests.programs import need
from tests.recovery.foreign import asking_for_passwords
from tests.recovery.journeys import (
    LONG,
    ask_for,
    begin,
    delivered,
    give_up,
    house_with_noises,
    house_with_tones,
    kind,
    nothing_anywhere,
    nothing_on_disk,
    order,
    press,
)
from tests.recovery.killer import Killer, all_failpoints, killed_at, sides
from tests.recovery.marks import (
    AT_ENGINE,
    CARDS,
    CHOOSE,
    CLAIM,
    FAIL,
    FETCH,
    GIVE_UP,
    GONE,
    INBOX,
    KEEP,
    START,
    STORE,
    SWEEP,
)
from tests.swarm import WebSeed, make_payload, make_torrent


def test_the_journeys_cover_every_failpoint() -> None:
    assert killed_at() == all_failpoints()


@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("recovery-choose")
async def test_killed_while_searching_and_choosing(tmp_path: Path) -> None:
    need("ffmpeg")
    async with open_house(tmp_path, DOWNLOADER="auto", **EMBEDDED) as house:

        async def journey(_number: int) -> None:
            asked = await house.ada.say("/search tones")
            found = await house.ada.wait(
                pattern=r"sources? · \d", button="1", after=asked["message_id"], seconds=LONG
            )
            await press(house.ada, found, "1")
            picker = await house.ada.wait(button="Start", after=found["message_id"], seconds=LONG)
            await press(house.ada, picker, "None")
            # a card that a kill orphaned is gone by now: its twin is the one to press
            picker = await house.ada.wait(contains="· 0 of", after=found["message_id"], seconds=LONG)
            await press(house.ada, picker, "Cancel")
            await house.ada.wait(contains="was cancelled", after=found["message_id"], seconds=LONG)

        async def check() -> None:
            await nothing_on_disk(house)

        await Killer(house, sides(*START, *CHOOSE, *CARDS, *INBOX)).travel(journey, check)
        assert await house.ada.messages(house.channel) == []


@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("recovery-choose")
async def test_killed_while_a_card_is_sent_and_its_orphan_pressed(tmp_path: Path) -> None:
    """A kill between sending and saving leaves a twin of the card; pressing it is obeyed, and removes it."""
    content = make_payload(tmp_path / "payload", {"some.bin": 1000})
    async with open_house(tmp_path, DOWNLOADER="auto") as house:
        bot = await house.start_bot()
        await ask_for(house.ada, make_torrent(content / "some.bin").metainfo)
        await bot.stop()
        sent: list[Message] = []

        async def journey(_number: int) -> None:
            sent.append(await house.ada.say("/status"))
            first = await house.ada.wait(contains="Your orders", after=sent[-1]["message_id"], seconds=LONG)
            await press(house.ada, first, "1")
            await house.ada.wait(button="Start", after=sent[-1]["message_id"], seconds=LONG)

        async def check() -> None:
            async def is_alone() -> bool:
                newer = [m for m in await house.ada.messages() if m["message_id"] > sent[-1]["message_id"]]
                twins = [message for message in newer if "Your orders" in message["text"]]
                if len(twins) > 1:
                    # a kill may have come between a twin's own sending and saving: it goes when it is pressed, too
                    with contextlib.suppress(httpx.HTTPStatusError):
                        await press(house.ada, twins[0], "1")
                return len(twins) == 1

            await until(is_alone, "the orphan of a card was not removed", LONG)

        await Killer(house, ["cards.send:after", *sides(*SWEEP)]).travel(journey, check)


@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("recovery-order")
async def test_killed_while_fetching_and_storing(tmp_path: Path) -> None:
    need("ffmpeg")
    async with house_with_tones(tmp_path, **EMBEDDED) as (house, tone):
        await _journeys(house, tone, sides(*FETCH, *STORE), ["audio", "photo", "audio"])


@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("recovery-engines")
async def test_killed_while_aria2_fetches(tmp_path: Path) -> None:
    need("aria2c")
    with Aria2() as engine:
        settings = {"ARIA2_URL": engine.url, "ARIA2_SECRET": engine.secret, "DOWNLOADER": "aria2"}
        async with house_with_noises(tmp_path, **settings) as (house, noise):
            await _journeys(house, noise, sides(*AT_ENGINE), ["document"])


@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("recovery-engines")
async def test_killed_while_a_shared_qbittorrent_fetches(
    tmp_path: Path, shared_qbittorrent: QBittorrent
) -> None:
    """The one that all houses know: what somebody else has in it is compared when the suite ends."""
    with asking_for_passwords(shared_qbittorrent):
        async with house_with_noises(tmp_path, DOWNLOADER="qbittorrent") as (house, noise):
            await _journeys(house, noise, sides(*AT_ENGINE), ["document"])


async def _journeys(
    house: House, torrent: Callable[[int], bytes], marks: Sequence[str], kinds: Sequence[str]
) -> None:
    """Each is an order, of which posts of these kinds come, the file's own first."""
    posts = 0

    async def journey(number: int) -> None:
        await house.fault(method="editMessageMedia", action="429", retry_after=1, count=1)
        done = await order(house.ada, await asyncio.to_thread(torrent, number))
        await press(house.ada, done, "Get it here")
        await delivered(house.ada, done, kinds[0])

    async def check() -> None:
        nonlocal posts
        found = await house.ada.messages(house.channel)
        posts += len(kinds)
        newest = [kind(message) for message in found[-len(kinds) :]]
        assert newest == kinds, await house.ada.chat(house.channel)
        assert len(found) == posts, await house.ada.chat(house.channel)
        await nothing_on_disk(house)

    await Killer(house, marks).travel(journey, check)


@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("recovery-give-up")
async def test_killed_while_pausing_and_giving_up(tmp_path: Path) -> None:
    """The post is held up while its orderer pauses, goes on, and gives it up."""
    content = make_payload(tmp_path / "payload", {"slow.bin": 1_000_000})
    with WebSeed(content) as seed:
        torrent = make_torrent(content / "slow.bin", web_seed=seed.url)
        async with open_house(tmp_path, ALLOW_PRIVATE_ADDRESSES="true") as house:

            async def journey(_number: int) -> None:
                seed.rate = 50_000
                picker = await begin(house, torrent.metainfo)
                await press(house.ada, picker, "Pause")
                card = await house.ada.wait(button="Resume", after=picker["message_id"] - 1, seconds=LONG)
                await asyncio.sleep(2)  # a pause that is taken back at once never gets to the engine
                seed.rate = None
                await press(house.ada, card, "Resume")
                await give_up(house, picker)

            await Killer(house, sides(*GIVE_UP)).travel(journey, lambda: nothing_anywhere(house))


@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("recovery-keep")
async def test_killed_while_keeping_a_large_file_on_disk(tmp_path: Path) -> None:
    """The large file is kept on the disk; the small one's post is held up while its orderer gives both up."""
    content = make_payload(tmp_path / "payload", {"big/large.bin": 52 * 1024 * 1024, "big/small.bin": 1000})
    with WebSeed(content) as seed:
        torrent = make_torrent(content / "big", web_seed=seed.url)
        async with open_house(tmp_path, ALLOW_PRIVATE_ADDRESSES="true") as house:

            async def journey(_number: int) -> None:
                await give_up(house, await begin(house, torrent.metainfo))

            await Killer(house, sides(*KEEP)).travel(journey, lambda: nothing_anywhere(house))


@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("recovery-keep")
async def test_killed_while_retrying_what_had_failed(tmp_path: Path) -> None:
    """A link that breaks after it was looked at, and works again when its orderer retries."""
    content = make_payload(tmp_path / "payload", {"some.bin": 100_000})
    with WebSeed(content) as seed:
        async with open_house(tmp_path, ALLOW_PRIVATE_ADDRESSES="true") as house:

            async def journey(number: int) -> None:
                seed.status = None
                sent = await house.ada.say(f"{seed.url}some.bin?{number}")
                picker = await house.ada.wait(button="Start", after=sent["message_id"], seconds=LONG)
                seed.status = 404
                await press(house.ada, picker, "Start")
                card = await house.ada.wait(button="Retry", after=sent["message_id"], seconds=LONG)
                seed.status = None
                await press(house.ada, card, "Retry")
                await house.ada.wait(contains="is in the archive", after=sent["message_id"], seconds=LONG)

            await Killer(house, sides(*FAIL)).travel(journey, lambda: nothing_on_disk(house))
            posts = await house.ada.messages(house.channel)
            assert {kind(post) for post in posts} == {"document"}


@pytest.mark.timeout(600)
@pytest.mark.xdist_group("recovery-keep")
async def test_killed_while_what_was_fetched_is_found_gone(tmp_path: Path) -> None:
    """Somebody empties the disk while the order waits for a right of its bot's: it says so, and Retry fetches it again.

    What comes then is another file; the post shows that one.
    """
    gone: list[bool] = []
    with WebSeed(tmp_path / "payload") as seed:
        async with open_house(tmp_path, ALLOW_PRIVATE_ADDRESSES="true") as house:

            async def journey(number: int) -> None:
                make_payload(seed.folder, {f"{number}.bin": 50_000}, seed=number)
                await house.ada.promote(house.bot_id, house.channel, "can_manage_chat")
                sent = await house.ada.say(f"{seed.url}{number}.bin")
                picker = await house.ada.wait(button="Start", after=sent["message_id"], seconds=LONG)
                await press(house.ada, picker, "Start")
                failed = await to_retry(house.ada, sent, "I have lost the right to post messages")
                shutil.rmtree(house.folder / "data" / "downloads")
                make_payload(seed.folder, {f"{number}.bin": 50_000}, seed=1000 + number)
                await house.ada.promote(house.bot_id, house.channel, *RIGHTS)
                await press(house.ada, failed, "Retry")
                await retry(house.ada, sent, f"{number}.bin changed or went away")
                # the engine of a bot that begins looks for its files itself, and may fetch them before anybody is told
                told = await house.ada.wait(
                    pattern="is in the archive|are not where they were",
                    after=sent["message_id"],
                    seconds=LONG,
                )
                gone.append("are not where they were" in told["text"])
                if gone[-1]:
                    await press(house.ada, told, "Retry")
                await house.ada.wait(contains="is in the archive", after=sent["message_id"], seconds=LONG)

            await Killer(house, sides(*GONE)).travel(journey, lambda: nothing_on_disk(house))
            assert gone[-1], "nothing was killed in the last one"
            assert len(await house.ada.messages(house.channel)) == len(gone)


async def retry(person: Person, sent: Message, failure: str) -> None:
    await press(person, await to_retry(person, sent, failure), "Retry")


async def to_retry(person: Person, sent: Message, failure: str) -> Message:
    """The Card that says what went wrong."""
    return await person.wait(contains=failure, button="Retry", after=sent["message_id"], seconds=LONG)


@pytest.mark.timeout(600)
@pytest.mark.xdist_group("recovery-give-up")
async def test_killed_while_an_owner_claims(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNER_ID="", OPEN_ACCESS="true") as house:

        async def journey(_number: int) -> None:
            asked = await house.ada.say("/help")
            await house.ada.wait(contains="/search", after=asked["message_id"], seconds=LONG)
            claimed = await house.ada.say(await _claim_code(house))
            await house.ada.wait(contains="You are the owner now", after=claimed["message_id"], seconds=LONG)

        async def check() -> None:
            return

        # whoever is a guest already is made the owner only once: that is killed at first
        await Killer(house, sides(*CLAIM)).travel(journey, check)


async def _claim_code(house: House) -> str:
    """The code that the bots printed."""

    async def is_said() -> bool:
        return any("become the owner" in bot.text() for bot in house.bots)

    await until(is_said, "no claim code was printed", LONG)
    text = "\n".join(bot.text() for bot in house.bots)
    codes = {line.rpartition(" ")[2] for line in text.splitlines() if "become the owner" in line}
    assert len(codes) == 1, "the code is the same after every restart"
    return codes.pop()
