"""The library: what is archived is found, by whom it may be, whatever happens to the index."""

from pathlib import Path

import pytest

from models.ids import new_id
from models.library import Item
from models.media import Facts, Kind
from services.library.follower import Follower
from services.library.index import Wanted
from services.library.query import read_asked
from services.library.reach import Reach
from services.tasks import Bell

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]
CHANNEL, GROUP = -1001, -1002
ALL = Reach(CHANNEL, everything=True)


def facts(name: str, **changes: object) -> Facts:
    values = {"path": name, "name": name, "size": 1000, "blake3": name, "kind": Kind.VIDEO, "title": name}
    return Facts.model_validate({**values, **changes})


async def archived(title: str, *files: Facts, **changes: object) -> Item:
    values = {"id": new_id(), "title": title, "files": files or [facts(f"{title}.mkv")], "member_id": "1001"}
    item: Item = Item.model_validate({**values, "channel_id": CHANNEL, **changes})
    await item.insert()
    return item


@pytest.fixture
async def follower(tmp_path: Path) -> Follower:
    follower = Follower(tmp_path / "index", Bell())
    await follower.look()
    return follower


def found(follower: Follower, text: str, reach: Reach = ALL) -> list[str]:
    assert follower.index is not None
    return list(follower.index.search(Wanted(read_asked(text), reach)).ids)


async def test_what_is_archived_is_found_after_the_next_look(follower: Follower) -> None:
    item = await archived("Big Buck Bunny (2008)")
    assert found(follower, "bunny") == []
    await follower.look()
    assert found(follower, "bunny") == [item.id]
    assert found(follower, "big bucj buny") == [item.id]
    assert found(follower, "elephants") == []
