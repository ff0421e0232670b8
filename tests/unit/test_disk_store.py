"""Files that are kept on another disk than they were fetched to."""

import asyncio
import os
import tempfile
from pathlib import Path

import pytest

from models.media import Kind
from services.storage.disk import DiskStore, needs_copies
from services.storage.port import CopyKey, StoredFile

MIB = 1024 * 1024


async def test_a_copy_that_is_given_up_has_ended_and_can_be_discarded(tmp_path: Path) -> None:
    """The file comes out of a pipe, as slowly as the test wants it to, and no hard link leads into /proc."""
    pipe, end = os.pipe()
    store = DiskStore(tmp_path)
    source = Path(f"/proc/self/fd/{pipe}")
    file = StoredFile(source, "film.bin", Kind.DOCUMENT, size=3 * MIB, blake3="")
    keeping = asyncio.ensure_future(store.put(file, key=CopyKey("item", "0")))
    with os.fdopen(end, "wb", buffering=0) as writer:
        await asyncio.to_thread(writer.write, bytes(MIB))  # more than a pipe holds: the copy has begun
        keeping.cancel()
        await asyncio.sleep(0)  # it is told
    with pytest.raises(asyncio.CancelledError):
        await keeping
    os.close(pipe)
    assert [path.name for path in (tmp_path / "store" / "item").iterdir()] == ["0-film.bin.part"]
    await store.discard("item")
    assert list((tmp_path / "store").iterdir()) == []
    await store.discard("item")


async def test_it_is_tried_out_whether_links_lead_into_the_store(tmp_path: Path) -> None:
    assert not needs_copies(tmp_path / "downloads", tmp_path)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        assert needs_copies(Path(elsewhere), tmp_path)
        assert list(Path(elsewhere).iterdir()) == []
    assert [path.name for path in tmp_path.rglob("*") if not path.is_dir()] == []
