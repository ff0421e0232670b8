"""The disk as a Store: for what no door of Telegram takes."""

import asyncio
import os
import shutil
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from pathlib import Path

from blake3 import blake3

from models.clock import now
from models.storage import Copy
from services.chunks import chunks_of
from services.documents import insert_once
from services.failpoints import failpoint
from services.names import shorten
from services.storage.port import CopyKey, CopyMissing, StoredFile, Verdict
from services.syncing import sync
from services.tasks import interruptible

_CHUNK = 1024 * 1024
_STORE = "store"
_TRIAL = ".trial"


class DiskStore:
    """Keeps files under `root / "store" / item`; `root` is the data folder."""

    name = "disk"

    def __init__(self, root: Path) -> None:
        self._root = root

    def takes(self, file: StoredFile) -> bool:
        return file.whole is None

    async def kept(self, key: CopyKey) -> Copy | None:
        """The Copy that was kept under this key."""
        return await Copy.get(key.in_store(self.name))

    def place(self, copy: Copy) -> Path:
        """Where the file of a Copy lies."""
        return self._root / (copy.path or "")

    async def put(self, file: StoredFile, *, key: CopyKey, beyond: int = 0) -> Copy:
        """`beyond`: as in the Copy."""
        # an honest name may fill all that a disk allows, and then neither the number nor `.part` fits beside it
        target = self._root / _STORE / key.item / shorten(f"{key.part}-{file.name}")
        with failpoint("storage.keep"):
            await interruptible(partial(_keep, file.path, target))
        copy = Copy(
            id=key.in_store(self.name),
            item=key.item,
            part=key.part,
            store=self.name,
            blake3=file.blake3,
            size=file.size,
            path=str(target.relative_to(self._root)),
            stored=True,
            beyond=beyond,
            verified_at=now(),
        )
        with failpoint("storage.kept"):
            return await insert_once(copy)

    async def open(self, copy: Copy, start: int = 0) -> AsyncIterator[bytes]:
        try:
            async with aclosing(chunks_of(self.place(copy), start)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except FileNotFoundError as error:
            raise CopyMissing from error

    async def verify(self, copy: Copy) -> Verdict:
        hasher = blake3()
        try:
            async for chunk in self.open(copy):
                hasher.update(chunk)
        except CopyMissing:
            return Verdict.MISSING
        return Verdict.SOUND if hasher.hexdigest() == copy.blake3 else Verdict.DAMAGED

    async def discard(self, item: str) -> None:
        """Removes whatever lies here of an Item, also what no Copy was made of yet."""
        with failpoint("storage.remove-folder"):
            await asyncio.to_thread(shutil.rmtree, self._root / _STORE / item, ignore_errors=True)

    async def remove(self, copy: Copy) -> None:
        path = self.place(copy)
        with failpoint("storage.remove-file"):
            path.unlink(missing_ok=True)
        with failpoint("storage.remove-kept"):
            await Copy.get_pymongo_collection().delete_one({"_id": copy.id})
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()


def needs_copies(folder: Path, root: Path) -> bool:
    """Whether what lies in `folder` can be kept below `root` only as a copy: no hard link leads from one to the other."""
    there, here = folder / _TRIAL, root / _STORE / _TRIAL
    for place in (there, here):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
    there.touch()
    try:
        os.link(there, here)
    except OSError:
        return True
    finally:
        there.unlink()
        here.unlink(missing_ok=True)
    return False


def _keep(source: Path, target: Path, given_up: threading.Event) -> None:
    """A hard link where the file system can, else a whole copy; never half a file under the final name.

    Its source may go afterwards: by then it is on the disk itself, with its name.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() or _link(source, target) or _copy(source, target, given_up):
        for place in (target, target.parent, target.parent.parent):
            sync(place)


def _link(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:
        return False
    return True


def _copy(source: Path, target: Path, given_up: threading.Event) -> bool:
    """Whether it was copied to its end."""
    part = target.with_name(target.name + ".part")
    modified = source.stat().st_mtime_ns
    with source.open("rb") as whole, part.open("wb") as copy:
        while not given_up.is_set() and (chunk := whole.read(_CHUNK)):
            copy.write(chunk)
    if given_up.is_set():
        return False
    os.utime(part, ns=(modified, modified))
    sync(part)
    part.replace(target)
    return True
