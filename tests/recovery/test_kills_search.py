"""Killed while a search is looked through, and while one of its sources fails and recovers."""

from pathlib import Path

import pytest

from tests.house import open_house
from tests.indexers import KEY, TorznabServer, Works
from tests.loopback import Answer, serve
from tests.recovery.journeys import LONG, press
from tests.recovery.killer import Killer, sides
from tests.recovery.marks import SEARCH


@pytest.mark.timeout(1200)
@pytest.mark.xdist_group("recovery-search")
async def test_killed_while_looking_through_and_asking_again(tmp_path: Path) -> None:
    """One source has failed: what the other one found is sorted, and the first one is asked again when it is back."""
    good, bad = Works(3), Works(9)
    async with serve(TorznabServer(good)) as first, serve(TorznabServer(bad)) as second:
        urls = f"Good={first.url}/1/api?apikey={KEY},Bad={second.url}/1/api?apikey={KEY}"
        settings = {"TORZNAB_URLS": urls, "SEARCH_SECONDS": "60", "QBITTORRENT_SEARCH": "false"}
        async with open_house(tmp_path, **settings) as house:
            kills = sides(*SEARCH)
            cards = []

            async def journey(_number: int) -> None:
                bad.wrong = Answer(status=503)
                asked = await house.ada.say("/search work")
                after = asked["message_id"]
                card = await house.ada.wait(button="Retry slow sources", after=after, seconds=LONG)
                assert "3 results · 1 of 2 sources" in card["text"]
                await press(house.ada, card, "Sort: relevance")
                card = await house.ada.wait(button="Sort: seeds", after=after, seconds=LONG)
                bad.wrong = None
                await press(house.ada, card, "Retry slow sources")
                await house.ada.wait(contains="9 results · 2 of 2 sources", after=after, seconds=LONG)
                cards.append(card["message_id"])

            async def check() -> None:
                """Each Card as its reader left it; a kill while one is sent may leave a twin, which goes when pressed."""
                shown = {m["message_id"]: m for m in await house.ada.messages() if m["text"].startswith("🔎")}
                assert set(cards) <= set(shown)
                assert len(shown) <= len(cards) + len(kills)
                hits = shown[cards[-1]]["text"].split("\n")[1:]
                assert [hit.split(" · ")[0] for hit in hits] == [f"{n}. work {9 - n}" for n in range(1, 6)]

            await Killer(house, kills).travel(journey, check)
