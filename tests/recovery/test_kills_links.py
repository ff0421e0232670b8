"""Killed while a link is followed to what is behind it, or amid an album: it is followed again, and taken once and whole."""

from pathlib import Path

import pytest

from tests import media_kit
from tests.house import open_house
from tests.loopback import Answer, serve
from tests.recovery.journeys import LONG, nothing_on_disk, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import ALBUM, LINKS
from tests.torrents import single, torrent

pytestmark = pytest.mark.timeout(1200)


@pytest.mark.xdist_group("recovery-choose")
async def test_killed_while_a_link_is_followed(tmp_path: Path) -> None:
    async with (
        serve(lambda _request: Answer(torrent(single()))) as server,
        open_house(tmp_path, ALLOW_PRIVATE_ADDRESSES="true") as house,
    ):

        async def journey(_number: int) -> None:
            said = await house.ada.say(f"{server.url}/film.torrent")
            picker = await house.ada.wait(button="Start", after=said["message_id"], seconds=LONG)
            await press(house.ada, picker, "Cancel")
            await house.ada.wait(contains="was cancelled", after=said["message_id"], seconds=LONG)

        await Killer(house, sides(*LINKS)).travel(journey, lambda: nothing_on_disk(house))


@pytest.mark.xdist_group("recovery-choose")
async def test_killed_amid_an_album(tmp_path: Path) -> None:
    """Of an album of torrents with their cover each torrent is ordered once, and the cover never."""
    cover = ("cover.jpg", media_kit.jpeg(tmp_path / "cover.jpg"))
    async with open_house(tmp_path) as house:

        async def journey(number: int) -> None:
            names = [f"{place} of {number}.mkv" for place in (1, 2)]
            torrents = [(f"{name}.torrent", torrent(single(name.encode()))) for name in names]
            sent = (await house.ada.send_album([torrents[0], cover, torrents[1]]))[-1]["message_id"]
            for name in names:
                card = await house.ada.wait(contains=name, button="Start", after=sent, seconds=LONG)
                await press(house.ada, card, "Cancel")
                await house.ada.wait(contains="was cancelled", after=card["message_id"] - 1, seconds=LONG)
            cards = [said["text"] for said in await house.ada.messages() if said["message_id"] > sent]
            assert len(cards) == len(names), cards

        await Killer(house, sides(*ALBUM)).travel(journey, lambda: nothing_on_disk(house))
