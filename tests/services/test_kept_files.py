"""What the disk as a Store keeps: under any name that a disk has, and through a power cut."""

import os
from pathlib import Path

import pytest

from models.media import Kind
from services.storage.disk import DiskStore
from services.storage.port import CopyKey, StoredFile

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("database")]


def refuse_links(*_: object) -> None:
    raise OSError


@pytest.fixture(params=["link", "copy"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a file comes into the Store: as a second name, or from another disk."""
    if request.param == "copy":
        monkeypatch.setattr(os, "link", refuse_links)
    return str(request.param)


async def kept(root: Path, name: str) -> Path:
    """Where a file of this name lies in the Store; it came from a folder beside it."""
    source = root / name
    source.write_bytes(b"film")
    store = DiskStore(root)
    file = StoredFile(source, name, Kind.DOCUMENT, size=4, blake3="")
    copy = await store.put(file, key=CopyKey("item", "12"))
    assert await store.put(file, key=CopyKey("item", "12")) == copy
    return store.place(copy)


@pytest.mark.usefixtures("way")
async def test_a_name_that_fills_all_that_a_disk_allows(tmp_path: Path) -> None:
    name = "ñ" * 125 + "x.mkv"
    assert len(name.encode()) == 255
    target = await kept(tmp_path, name)
    assert target.read_bytes() == b"film"
    assert (target.name[:4], target.suffix) == ("12-ñ", ".mkv")
    assert [path.name for path in target.parent.iterdir()] == [target.name]


async def test_it_is_on_the_disk_with_its_name_before_its_source_may_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """A copy is there whole before it has its final name, and a name is there only once its folder is."""
    synced: list[tuple[int, bool]] = []
    target = tmp_path / "store" / "item" / "12-film.mkv"
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append((os.fstat(descriptor).st_ino, target.exists()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    assert await kept(tmp_path, "film.mkv") == target
    file, folder, store = (place.stat().st_ino for place in (target, target.parent, target.parent.parent))
    first = [(file, False)] if way == "copy" else []
    once = [(file, True), (folder, True), (store, True)]
    assert synced == [*first, *once, *once], "the second time it may be there because of a kill"
