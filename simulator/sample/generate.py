"""Makes the sample works and their torrents, all of them or nothing."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from simulator.sample.catalogue import WORKS, Work
from simulator.sample.releases import INDEX, Index, SampleRelease, read_index
from simulator.sample.torrents import content_files, make_info


def make_library(folder: Path) -> None:
    """Fills `folder` with `files/`, `torrents/` and the index, unless a whole library of this version is there.

    The folder appears under its name only when it is whole; what an earlier crash left is made again. Of two
    processes the second waits for the first. Raises the errors of ffmpeg (see `run_ffmpeg`) and `OSError`.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.with_name(f"{folder.name}.lock")):
        if read_index(folder) is not None:
            return
        making = folder.with_name(f"{folder.name}.making")
        for old in (making, folder):
            if old.exists():
                shutil.rmtree(old)
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            releases = list(threads.map(partial(_make, folder=making), WORKS))
        index = Index(releases=releases)
        (making / INDEX).write_text(json.dumps(index.to_json(), indent=1), encoding="utf-8")
        making.replace(folder)


def _make(work: Work, folder: Path) -> SampleRelease:
    content, torrents = folder / "files" / work.name, folder / "torrents"
    for parent in (content.parent, torrents):
        parent.mkdir(parents=True, exist_ok=True)
    work.make(content)
    info = make_info(content)
    infohash = hashlib.sha1(info, usedforsecurity=False).hexdigest()
    (torrents / f"{infohash}.info").write_bytes(info)
    files = content_files(content)
    return SampleRelease(
        title=work.title,
        name=work.name,
        category=work.category,
        published=work.published,
        seeders=work.seeders,
        peers=work.peers,
        infohash=infohash,
        size=sum(path.stat().st_size for path in files),
        files=len(files),
    )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds the lock file; it ends with the process, however that ends."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
