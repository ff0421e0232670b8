"""The one door to qBittorrent: its Web API through qbittorrent-api, one log-in kept, and what it says as values."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

import qbittorrentapi
from pydantic import BaseModel, ConfigDict, ValidationError
from qbittorrentapi.definitions import APIKwargsT

from services.downloads.blocking import Blocking
from services.downloads.port import DownloaderRefused, DownloaderUnreachable, DownloadKey

P = ParamSpec("P")
T = TypeVar("T")
NAME = "qbittorrent"
CATEGORY = "magpie"
LOOKING = "magpie-looking"
"""The tag of a magnet that is only looked into."""
_FREE_FAILURES = 1
_FIRST_REST = 600.0
_LONGEST_REST = 6 * 3600.0
_BAN_REST = 3600.0
_CONNECT_SECONDS = 5.0


class Entry(BaseModel):
    """One torrent as `sync/maindata` tells it. Sizes are bytes; `size` and `completed` count the files wanted only."""

    model_config = ConfigDict(frozen=True)

    hash: str
    infohash_v1: str = ""
    infohash_v2: str = ""
    state: str
    category: str = ""
    tags: str = ""
    save_path: str = ""
    size: int
    completed: int
    dlspeed: int = 0
    uploaded: int = 0
    num_seeds: int = 0
    num_leechs: int = 0

    @property
    def key(self) -> DownloadKey:
        """A hybrid torrent's `hash` is its second infohash, cut; ours is the first."""
        return self.infohash_v1 or self.hash

    @property
    def ours(self) -> bool:
        return self.category == CATEGORY and self.key in self._tags

    @property
    def looked_into(self) -> bool:
        return self.category == CATEGORY and not self.ours and LOOKING in self._tags

    @property
    def _tags(self) -> Sequence[str]:
        return [tag.strip() for tag in self.tags.split(",")]


class File(BaseModel):
    """One file of a torrent. `index` does not count padding files; `progress` is a fraction."""

    model_config = ConfigDict(frozen=True)

    index: int
    name: str
    size: int
    progress: float
    priority: int


class QBittorrentApi:
    """Calls qBittorrent, one call at a time: the client and its session are not made for several threads.

    Raises DownloaderUnreachable and DownloaderRefused only, but for `attempt`.
    """

    def __init__(self, url: str, username: str, password: str, *, seconds: float) -> None:
        self._blocking = Blocking(NAME, workers=1, seconds=seconds)
        self._reading = asyncio.Lock()
        self._read_at = float("-inf")
        self._rid = 0
        self._torrents: dict[str, dict[str, object]] = {}
        self.client = _Client(url, username, password, seconds=seconds)

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One of `client`'s methods, with its deadline and our errors."""
        try:
            return await self.attempt(function, *args, **kwargs)
        except qbittorrentapi.HTTP4XXError as error:
            raise DownloaderRefused(NAME) from error

    async def attempt(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Like `call`, for who knows what a refusal means there: raises HTTP4XXError, too."""
        try:
            return await self._blocking.call(function, *args, **kwargs)
        except TimeoutError as error:
            raise DownloaderUnreachable(NAME) from error
        except (qbittorrentapi.Unauthorized401Error, qbittorrentapi.Forbidden403Error) as error:
            raise DownloaderRefused(NAME) from error
        except qbittorrentapi.HTTP4XXError:
            raise
        except qbittorrentapi.APIConnectionError as error:
            raise DownloaderUnreachable(NAME) from error
        except qbittorrentapi.APIError as error:
            raise DownloaderRefused(NAME, "engine-answers-nonsense") from error

    async def entries(self, *, max_age: float = 0.0) -> Sequence[Entry]:
        """Every torrent that is ours or only looked into, in one request that brings the changes only.

        Several who wait for something share one answer that is not older than `max_age` seconds.
        """
        await self._refresh(max_age)
        return [_entry(raw) for raw in self._torrents.values() if raw.get("category") == CATEGORY]

    async def find(self, key: DownloadKey, *, max_age: float = 0.0) -> Entry | None:
        """The torrent with this infohash, whoever's it is."""
        await self._refresh(max_age)
        for raw in self._torrents.values():
            if key in {raw.get("infohash_v1"), raw["hash"], str(raw.get("infohash_v2", ""))[:40]}:
                return _entry(raw)
        return None

    async def files(self, torrent: str) -> Sequence[File]:
        """The files of a torrent; empty when it is gone."""
        try:
            answer = await self.attempt(self.client.torrents_files, torrent)
        except qbittorrentapi.NotFound404Error:
            return []
        try:
            return [File.model_validate(file) for file in answer]
        except ValidationError as error:
            raise DownloaderRefused(NAME, "engine-answers-nonsense") from error

    async def metainfo(self, torrent: str) -> bytes | None:
        """The .torrent; None when it is not known (yet)."""
        try:
            return await self.attempt(self.client.torrents_export, torrent)
        except (qbittorrentapi.NotFound404Error, qbittorrentapi.Conflict409Error):
            return None

    def close(self) -> None:
        self._blocking.close()

    async def _refresh(self, max_age: float) -> None:
        async with self._reading:
            if time.monotonic() - self._read_at < max_age:
                return
            answer = await self.call(self.client.sync_maindata, rid=self._rid)
            try:
                self._take(answer)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise DownloaderRefused(NAME, "engine-answers-nonsense") from error
            self._read_at = time.monotonic()

    def _take(self, answer: Mapping[str, Any]) -> None:
        if answer.get("full_update"):
            self._torrents.clear()
        for torrent, changes in answer.get("torrents", {}).items():
            self._torrents.setdefault(torrent, {"hash": torrent}).update(changes)
        for torrent in answer.get("torrents_removed", ()):
            self._torrents.pop(torrent, None)
        self._rid = int(answer["rid"])


class LoginGate:
    """How often a log-in may be tried. qBittorrent bans for an hour after five failures, whenever they were."""

    def __init__(self) -> None:
        self._failures = 0
        self._shut_until = 0.0
        self._key = ""

    def enter(self) -> None:
        """Raises DownloaderRefused while no further try is wise."""
        if time.monotonic() < self._shut_until:
            raise DownloaderRefused(NAME, self._key)

    def passed(self) -> None:
        self._failures = 0

    def failed(self) -> DownloaderRefused:
        """Wrong name or password: two tries at once, then ever longer rests."""
        beyond = self._failures - _FREE_FAILURES
        self._failures += 1
        if beyond >= 0:
            self._shut(min(_FIRST_REST * 2**beyond, _LONGEST_REST), "engine-wrong-password")
        return DownloaderRefused(NAME, "engine-wrong-password")

    def banned(self) -> DownloaderRefused:
        self._shut(_BAN_REST, "engine-banned")
        return DownloaderRefused(NAME, "engine-banned")

    def _shut(self, seconds: float, key: str) -> None:
        self._shut_until, self._key = time.monotonic() + seconds, key


class _Client(qbittorrentapi.Client):
    """Logs in by itself when a call needs it, but only as often as the gate lets it."""

    def __init__(self, url: str, username: str, password: str, *, seconds: float) -> None:
        super().__init__(
            host=url,
            username=username,
            password=password,
            FORCE_SCHEME_FROM_HOST=True,
            SIMPLE_RESPONSES=True,
            REQUESTS_ARGS={"timeout": (_CONNECT_SECONDS, seconds)},
            HTTPADAPTER_ARGS={"max_retries": 0},
        )
        self._gate = LoginGate()

    def auth_log_in(
        self, username: str | None = None, password: str | None = None, **kwargs: APIKwargsT
    ) -> None:
        self._gate.enter()
        try:
            super().auth_log_in(username, password, **kwargs)
        except qbittorrentapi.LoginFailed as error:
            raise self._gate.failed() from error
        except qbittorrentapi.Forbidden403Error as error:
            raise self._gate.banned() from error
        self._gate.passed()


def _entry(raw: Mapping[str, object]) -> Entry:
    try:
        return Entry.model_validate(raw)
    except ValidationError as error:
        raise DownloaderRefused(NAME, "engine-answers-nonsense") from error
