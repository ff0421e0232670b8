"""Orders that were picked from a search: what they fetch is known early, and the search's Card shows how they do."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from handlers.stale import changed_since, stale_cards
from models.access import Member, Role
from models.cards import Card, CardKind
from models.clock import now
from models.ids import new_id
from models.search import Query, Release, Search
from models.transfers import Transfer, TransferState
from services.documents import update_if
from services.downloads.engines import Engines
from services.downloads.port import Source, WebLink, download_key
from services.downloads.reading import SourceReader
from services.downloads.resolve import Resolver
from services.downloads.service import Downloads
from services.search.marks import Mark, marks_of
from services.storage.taking import Taking
from services.telegram.messages import Messages
from services.transfers.service import Transfers
from services.transfers.stages.listing import ListFiles
from tests import torrents
from tests.fake_door import FakeDoor
from tests.fake_engine import FakeEngine
from tests.loopback import Answer, serve
from tests.services.orders import INFOHASH, magnet, order

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
ADA = Member.model_construct(id="ada", name="Ada", role=Role.MEMBER, language="en")
INFO = torrents.several(torrents.file(b"a.bin"))
LONG_AGO = 600_000


@pytest.fixture
async def look_inside(tmp_path: Path) -> AsyncIterator[ListFiles]:
    async with httpx.AsyncClient() as client:
        resolver = Resolver(
            SourceReader([], allow_private=True), Messages(FakeDoor()), guarded=client, unguarded=client
        )
        yield ListFiles(
            Downloads(Engines({"fake": FakeEngine()}, "fake"), tmp_path), resolver, partial(Taking, 2**31)
        )


async def picked(source: Source, release: Release | None = None) -> Transfer:
    return await Transfers(lambda: None).request(
        source,
        transfer_id=new_id(),
        chat_id=7,
        trace="1",
        search="s1",
        picked=() if release is None else release.names,
        by=ADA,
    )


async def test_a_magnet_says_what_it_is_at_once() -> None:
    made = await picked(magnet())
    assert (made.key, made.picked) == (INFOHASH, [])


@pytest.mark.parametrize("leads_to_torrent", [True, False])
async def test_where_a_link_leads_is_known_when_its_files_are_listed(
    look_inside: ListFiles, leads_to_torrent: bool
) -> None:
    answer = Answer(torrents.torrent(INFO) if leads_to_torrent else b"text")
    async with serve(lambda _: answer) as server:
        link = WebLink(f"{server.url}/1.torrent", "x")
        hit = Release("x", link.url, ("one",))
        made = await picked(link, hit)
        assert made.key is None
        assert (await marks_of([hit])) == {hit.key: Mark.CHOOSING}
        listed = await update_if(Transfer, {"_id": made.id}, await look_inside(made))
    assert listed is not None
    assert listed.key == (torrents.infohash(INFO) if leads_to_torrent else download_key(link))
    elsewhere = Release("x", "magnet:?", ("two",), infohash=listed.key)
    assert (await marks_of([elsewhere])) == {elsewhere.key: Mark.CHOOSING}


async def test_a_search_changes_with_the_states_of_what_was_picked_from_it() -> None:
    then = now() - LONG_AGO
    for state, number in zip(TransferState, range(99), strict=False):
        await order(state, search=f"s{number}")
        await order(state, search=f"old{number}", changed_at=then - LONG_AGO)
    await order(TransferState.DONE)
    changed = await changed_since(then)
    assert changed.isdisjoint(f"old{number}" for number in range(99))
    fetching = list(TransferState).index(TransferState.FETCHING)
    everything = {f"s{number}" for number in range(len(TransferState))}
    assert changed & everything == everything - {f"s{fetching}"}, "progress is no change of a search"


async def test_after_a_start_a_search_whose_orders_went_on_is_looked_at() -> None:
    then = now() - LONG_AGO
    for name, changed_at in (("went-on", now()), ("stood", then)):
        await Search(id=name, member_id="ada", query=Query(text="x"), changed_at=then).insert()
        await order(TransferState.DONE, search=name, changed_at=changed_at)
        await Card(
            id=f"card-{name}",
            chat_id=7,
            member_id="ada",
            language="en",
            kind=CardKind.SEARCH,
            subject=name,
            message_id=1,
            shown="x",
            shown_at=now() - LONG_AGO // 2,
        ).insert()
    assert await stale_cards(0) == ["card-went-on"]
