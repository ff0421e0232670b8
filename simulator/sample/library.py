"""The sample works as the server sees them: made once, by a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from simulator.sample.releases import Index, read_index
from simulator.sample.torrents import make_torrent

WAIT_S = 60.0


class SampleUnavailable(Exception):
    """The works could not be made, or not in time."""


class SampleLibrary:
    """The works under `folder`. ffmpeg and Pillow run in a child process, so their memory does not stay here."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._maker: subprocess.Popen[bytes] | None = None
        self._index: Index | None = None

    @property
    def files(self) -> Path:
        """The web seed's root: one file or folder per release."""
        return self._folder / "files"

    def start(self) -> None:
        """Begins to make the works in the background; returns at once, also when they are there or on the way."""
        if self._maker is None and read_index(self._folder) is None:
            command = [sys.executable, "-m", "simulator.sample", "--child", str(self._folder)]
            self._maker = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)

    async def index(self) -> Index:
        """Returns the index, waiting for it if need be. Raises `SampleUnavailable` after `WAIT_S` seconds."""
        if self._index is None:
            self.start()
            await self._wait_for_maker()
            self._index = read_index(self._folder)
        if self._index is None:
            raise SampleUnavailable("the sample works could not be made")
        return self._index

    async def torrent(self, infohash: str, web_seed: str) -> bytes | None:
        """The .torrent of a release, with this web seed; None when there is no such release."""
        index = await self.index()
        if infohash not in {release.infohash for release in index.releases}:
            return None
        info = (self._folder / "torrents" / f"{infohash}.info").read_bytes()
        return make_torrent(info, web_seed)

    def close(self) -> None:
        """Ends the maker if it still works; what it had done so far is made again next time."""
        if self._maker is None:
            return
        if self._maker.poll() is None:
            os.killpg(self._maker.pid, signal.SIGKILL)
        # Waits, and closes the pipe.
        self._maker.communicate(timeout=5)
        self._maker = None

    async def _wait_for_maker(self) -> None:
        if self._maker is None:
            return
        try:
            await asyncio.to_thread(self._maker.wait, WAIT_S)
        except subprocess.TimeoutExpired as exc:
            raise SampleUnavailable(f"the sample works were not made within {WAIT_S:.0f} s") from exc
        finally:
            # When this maker failed or was too slow, a later request tries again.
            self.close()
