"""The one door to aria2: its JSON-RPC through aria2p, and what it answers as values."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit, urlunsplit

import aria2p
import requests
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from services.downloads.blocking import Blocking
from services.downloads.port import DownloaderRefused, DownloaderUnreachable

P = ParamSpec("P")
T = TypeVar("T")
NAME = "aria2"
_LIST_LIMIT = 100_000
_KEYS = [
    "gid",
    "status",
    "infoHash",
    "dir",
    "files",
    "completedLength",
    "uploadLength",
    "downloadSpeed",
    "connections",
    "numSeeders",
    "seeder",
    "errorCode",
    "errorMessage",
    "verifiedLength",
    "verifyIntegrityPending",
]


class Status(StrEnum):
    ACTIVE = "active"
    WAITING = "waiting"
    PAUSED = "paused"
    ERROR = "error"
    COMPLETE = "complete"
    REMOVED = "removed"

    @property
    def live(self) -> bool:
        """Whether aria2 still works on it, or will: it then refuses the same infohash a second time."""
        return self in {Status.ACTIVE, Status.WAITING, Status.PAUSED}


class JobFile(BaseModel):
    """One file of a job; `index` begins at 1, `path` is aria2's."""

    model_config = ConfigDict(frozen=True)

    index: int
    path: str
    length: int
    selected: bool


class Job(BaseModel):
    """What aria2 says of one of its downloads. Lengths are bytes; `completed` counts whole pieces of files selected."""

    model_config = ConfigDict(frozen=True)

    gid: str
    status: Status
    infohash: str = Field("", alias="infoHash")
    folder: str = Field(alias="dir")
    files: Sequence[JobFile] = ()
    completed: int = Field(alias="completedLength")
    uploaded: int = Field(0, alias="uploadLength")
    rate: int = Field(alias="downloadSpeed")
    connections: int = 0
    seeders: int = Field(0, alias="numSeeders")
    seeder: bool = False
    error_code: int = Field(0, alias="errorCode")
    error_message: str = Field("", alias="errorMessage")
    verified: int | None = Field(None, alias="verifiedLength")
    verify_pending: bool = Field(False, alias="verifyIntegrityPending")

    @property
    def selection(self) -> frozenset[int]:
        """Indexes of the files selected, beginning at 0."""
        return frozenset(file.index - 1 for file in self.files if file.selected)

    @property
    def verifying(self) -> bool:
        return self.verified is not None or self.verify_pending


class Fault(BaseModel):
    """How a batched call fails alone."""

    code: int
    message: str


class RpcError(Exception):
    """aria2 refuses one call, in its own words."""


class Aria2Rpc:
    """Calls aria2. Raises DownloaderUnreachable, DownloaderRefused (secret, nonsense), RpcError (what else it says)."""

    def __init__(self, url: str, secret: str, *, workers: int, seconds: float) -> None:
        self._client = _Client(url, secret, timeout=seconds)
        self._blocking = Blocking(NAME, workers=workers, seconds=seconds)

    async def call(self, method: str, *params: object) -> object:
        """One call, one request."""
        return await self._guarded(self._client.call, method, list(params))

    async def jobs(self) -> Sequence[Job]:
        """Every torrent and magnet aria2 knows, ours or not, in one request."""
        window = [0, _LIST_LIMIT, _KEYS]
        calls: list[tuple[str, list[Any]]] = [
            ("aria2.tellActive", [_KEYS]),
            ("aria2.tellWaiting", window),
            ("aria2.tellStopped", window),
        ]
        answer = _read(_ANSWERS, await self._guarded(self._client.multicall2, calls))
        for result in answer:
            if isinstance(result, Fault):
                raise _refusal(result.message)
        return [job for result in answer if isinstance(result, tuple) for job in result[0] if job.infohash]

    async def job(self, gid: str) -> Job | None:
        """One job; None when aria2 does not know it."""
        try:
            return _read(_JOB, await self.call("aria2.tellStatus", gid, _KEYS))
        except RpcError:
            return None

    def close(self) -> None:
        self._blocking.close()

    async def _guarded(self, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> object:
        try:
            return await self._blocking.call(function, *args, **kwargs)
        except aria2p.ClientException as error:
            raise _refusal(str(error)) from error
        except (requests.JSONDecodeError, TypeError, KeyError) as error:
            raise DownloaderRefused(NAME, "engine-answers-nonsense") from error
        except (requests.RequestException, TimeoutError) as error:
            raise DownloaderUnreachable(NAME) from error


class _Client(aria2p.Client):
    """aria2p's client for a whole URL, so that a path behind a reverse proxy works, too."""

    def __init__(self, url: str, secret: str, *, timeout: float) -> None:
        super().__init__(secret=secret, timeout=timeout)
        parts = urlsplit(url)
        self._url = urlunsplit(parts._replace(path=parts.path.rstrip("/") or "/jsonrpc"))

    @property
    def server(self) -> str:
        return self._url


_JOB = TypeAdapter(Job)
_ANSWERS = TypeAdapter(list[tuple[list[Job]] | Fault])


def _read(adapter: TypeAdapter[T], answer: object) -> T:
    try:
        return adapter.validate_python(answer)
    except ValidationError as error:
        raise DownloaderRefused(NAME, "engine-answers-nonsense") from error


def _refusal(message: str) -> DownloaderRefused | RpcError:
    return DownloaderRefused(NAME, "engine-wrong-secret") if message == "Unauthorized" else RpcError(message)
