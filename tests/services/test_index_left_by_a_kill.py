"""What a kill leaves in the index's folder may be in the way of what is written next: then the index is made anew."""

import asyncio
import contextlib
import json
from pathlib import Path

import pytest

from models.clock import now
from models.ids import new_id
from models.library import Item
from services.documents import update_all
from services.library.follower import Follower
from services.tasks import Bell

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]


async def _follows(follower: Follower, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await follower.run()


async def test_files_in_the_way_of_the_next_commit_cost_only_the_index(tmp_path: Path) -> None:
    items = [new_id() for _ in range(5)]
    for item in items:
        await Item(id=item, title="Sonata", files=[], member_id="1", channel_id=-1).insert()
    follower = Follower(tmp_path, Bell())
    await follower.look()
    (notes,) = tmp_path.glob("*/meta.json")
    known = json.loads(notes.read_text())
    for segment in known["segments"]:
        for number in range(known["opstamp"], known["opstamp"] + 40):
            name = segment["segment_id"].replace("-", "")
            (notes.parent / f"{name}.{number}.del").touch()
    await update_all(Item, {"_id": items[0]}, {"removed_at": now(), "changed_at": now() + 1})
    await _follows(follower, 3)
    again = Follower(tmp_path, Bell())
    await again.look()
    assert again.size == len(items) - 1
    assert not list(tmp_path.glob(f"{notes.parent.name}/meta.json")), "the old one is gone"
    again.close()
