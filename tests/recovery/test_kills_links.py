"""Killed while a link is followed to what is behind it: it is followed again."""

from pathlib import Path

import pytest

from tests.house import open_house
from tests.loopback import Answer, serve
from tests.recovery.journeys import LONG, nothing_on_disk, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import LINKS
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
