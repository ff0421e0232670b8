"""Reading the file list of a magnet from its swarm, without fetching any payload."""

import asyncio
from pathlib import Path

import libtorrent as lt

from services.downloads.embedded import metadata
from services.downloads.embedded.answers import Answers
from services.downloads.port import DownloadKey, Magnet, SourceUnavailable

_MOST_PEERS = 50
_MOST_SWARMS = 100


class MagnetReader:
    """Adds a magnet in upload mode, in which peers send metadata and nothing else, and removes it when it is known.

    Nothing stays behind but the addresses of the peers, so that the download that may follow starts at once.
    Several who ask for the same magnet share one look.
    """

    def __init__(self, answers: Answers, folder: Path, timeout: float) -> None:
        self._answers = answers
        self._folder = folder
        self._timeout = timeout
        self._looks: dict[DownloadKey, tuple[lt.session, lt.torrent_handle]] = {}
        self._peers: dict[DownloadKey, list[tuple[str, int]]] = {}

    async def read(self, source: Magnet, session: lt.session, flags: int) -> bytes:
        """The metainfo, unchecked. Raises SourceUnavailable when nobody sends it in time."""
        key = source.infohash
        answer = self._answers.expect("metadata", key)
        if key not in self._looks:
            self._looks[key] = session, session.add_torrent(self._params(source, flags))
        return await self.wait(key, answer)

    async def wait(self, key: DownloadKey, answer: "asyncio.Future[object]") -> bytes:
        """The metainfo out of a "metadata" answer, whoever brings it about."""
        try:
            async with asyncio.timeout(self._timeout):
                metainfo = await answer
        except TimeoutError as exc:
            raise SourceUnavailable("no-metadata") from exc
        finally:
            if not self._answers.awaited("metadata", key):
                self.let_go(key)
        if not isinstance(metainfo, bytes):
            raise SourceUnavailable("no-metadata")
        return metainfo

    def let_go(self, key: DownloadKey) -> None:
        look = self._looks.pop(key, None)
        if look is None:
            return
        session, handle = look
        known = [peer.ip for peer in handle.get_peer_info() if peer.flags & lt.peer_info.local_connection]
        self._peers[key] = known[:_MOST_PEERS]
        while len(self._peers) > _MOST_SWARMS:
            self._peers.pop(next(iter(self._peers)))
        session.remove_torrent(handle)

    def peers(self, key: DownloadKey) -> list[tuple[str, int]]:
        """Whom the last look at this magnet had connected to; forgotten once asked."""
        return self._peers.pop(key, [])

    def close(self) -> None:
        """Lets go of the sessions, so that they can end."""
        self._looks.clear()

    def _params(self, source: Magnet, flags: int) -> lt.add_torrent_params:
        params = metadata.parse_magnet(source.uri)
        params.save_path = str(self._folder)
        params.flags = flags | lt.torrent_flags.upload_mode
        return params
