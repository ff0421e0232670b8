"""The aria2 downloader.

A job is known by a GID made from its key; aria2 tells the infohash, which is the key, so `gid == gid_of(infohash)`
says without any memory of ours whose job it is. Only torrents are added, never magnets: a magnet's metadata is fetched
first, by a job of its own that ends with it, because the job that aria2 makes of a magnet by itself has a random GID.
"""

import asyncio
import base64
import contextlib
import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from models.downloads import FileEntry
from services.downloads.aria2_rpc import NAME, Aria2Rpc, Job, RpcError, Status
from services.downloads.blocking import KeyLocks, patience
from services.downloads.embedded.erase import erase
from services.downloads.paths import PathMapping
from services.downloads.port import (
    Activity,
    Contents,
    DownloaderRefused,
    DownloaderUnreachable,
    DownloadKey,
    EngineHealth,
    Magnet,
    NotOurs,
    Progress,
    Selection,
    Source,
    SourceRejected,
    SourceUnavailable,
    TelegramMessage,
    TorrentFile,
    WebLink,
    WrongEngine,
)
from services.downloads.sources import contents_of, read_torrent

_MAX_METAINFO = 1_400_000
"""aria2 takes requests of 2 MiB at most, unless told otherwise; base64 makes three bytes four."""
_POLL_SECONDS = 0.1
_OPTIONS = {
    # what lies there already is hashed before it is trusted, and never counted as somebody else's
    "check-integrity": "true",
    "allow-overwrite": "true",
    "auto-file-renaming": "false",
    "bt-remove-unselected-file": "false",
    "bt-hash-check-seed": "false",
    "bt-stop-timeout": "0",
    "follow-torrent": "false",
    "rpc-save-upload-metadata": "false",
    "pause": "false",
}
_NO_SEEDING = {"seed-time": "0"}
# aria2 ends neither by a ratio nor by a time: that is decided above it; and who seeds takes no place of who fetches
_SEEDING = {"seed-ratio": "0.0", "seed-time": str(10 * 365 * 24 * 60), "bt-detach-seed-only": "true"}
_ERRORS = {9: "disk-full", 12: "engine-has-foreign"} | dict.fromkeys(range(14, 19), "disk-unwritable")


def gid_of(key: DownloadKey) -> str:
    """The GID of the job for a key: 16 hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def metadata_gid_of(key: DownloadKey) -> str:
    """The GID of the job that fetches a magnet's metadata."""
    return hashlib.sha256(f"metadata:{key}".encode()).hexdigest()[:16]


class Aria2Downloader:
    """aria2 over JSON-RPC at `url`. `folder` is one of ours that aria2 sees, too: metadata is handed over in it.

    `call_seconds` bounds every request, `metadata_seconds` the search for a magnet's metadata; at most `workers` requests
    are under way at once. `seed`: what is complete stays in the swarm until it is removed.
    """

    name = NAME

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        folder: Path,
        mapping: PathMapping | None = None,
        workers: int = 4,
        call_seconds: float = 15.0,
        metadata_seconds: float = 60.0,
        seed: bool = False,
    ) -> None:
        self._rpc = Aria2Rpc(url, secret, workers=workers, seconds=call_seconds)
        self._folder = folder
        self._mapping = mapping or PathMapping()
        self._metadata_seconds = metadata_seconds
        self._options = _OPTIONS | (_SEEDING if seed else _NO_SEEDING)
        self._locks = KeyLocks()

    def takes(self, source: Source) -> bool:
        """No links, and no torrent that aria2 1.36 gets wrong: it miscalculates the infohash of a hybrid one."""
        if isinstance(source, WebLink | TelegramMessage):
            return False
        if isinstance(source, Magnet):
            return "urn:btmh:" not in source.uri
        return len(source.metainfo) <= _MAX_METAINFO and not _is_hybrid(source.metainfo)

    async def inspect(self, source: Source) -> Contents:
        if isinstance(source, TorrentFile):
            return contents_of(source)
        magnet = _magnet(source)
        async with self._locks[magnet.infohash]:
            listed = self._listed(magnet.infohash, await self._rpc.jobs())
            if listed is not None:
                return listed
            torrent = await self._fetch_metadata(magnet)
        return replace(contents_of(torrent), metainfo=torrent.metainfo)

    async def add(self, key: DownloadKey, source: Source, files: Selection, folder: Path) -> None:
        async with self._locks[key]:
            jobs = {job.gid: job for job in await self._rpc.jobs() if job.infohash == key}
            job = jobs.pop(gid_of(key), None)
            jobs.pop(metadata_gid_of(key), None)
            if any(other.status.live for other in jobs.values()):
                raise NotOurs(NAME)
            if job is not None and job.status.live:
                job = await self._change(job, files)
            if job is None or job.selection != files or job.status in {Status.ERROR, Status.REMOVED}:
                await self._add_anew(key, source, files, folder)

    async def progress(self) -> Mapping[DownloadKey, Progress]:
        jobs = [job for job in await self._rpc.jobs() if job.status is not Status.REMOVED]
        looked_into = {
            job.infohash: Progress(Activity.METADATA, 0, None)
            for job in jobs
            if job.gid == metadata_gid_of(job.infohash)
        }
        ours = {job.infohash: _progress(job) for job in jobs if job.gid == gid_of(job.infohash)}
        return looked_into | ours

    async def files(self, key: DownloadKey) -> Mapping[int, Path]:
        job = await self._rpc.job(gid_of(key))
        if job is None:
            return {}
        return {file.index - 1: self._mapping.ours(file.path) for file in job.files if file.selected}

    async def pause(self, key: DownloadKey) -> None:
        await self._bring(key, "aria2.forcePause", frozenset({Status.ACTIVE, Status.WAITING}))

    async def resume(self, key: DownloadKey) -> None:
        await self._bring(key, "aria2.unpause", frozenset({Status.PAUSED}))

    async def remove(self, key: DownloadKey, *, with_files: bool) -> None:
        async with self._locks[key]:
            await self._drop(metadata_gid_of(key))
            job = await self._rpc.job(gid_of(key))
            if job is None:
                return
            await self._drop(job.gid)
            folder, paths = self._mapping.ours(job.folder), self._relative_paths(job)
            notes = [f"{parts[0]}.aria2" for parts in (PurePath(path).parts for path in paths[:1])]
            await asyncio.to_thread(erase, folder, [*paths, *notes] if with_files else notes)

    async def health(self) -> EngineHealth:
        try:
            answer = await self._rpc.call("aria2.getVersion")
        except (DownloaderUnreachable, DownloaderRefused) as error:
            return EngineHealth(ok=False, problem=error.key)
        except RpcError as error:
            return EngineHealth(ok=False, problem=str(error))
        return EngineHealth(ok=True, version=str(answer.get("version")) if isinstance(answer, dict) else "")

    async def close(self) -> None:
        self._rpc.close()

    # -- jobs --------------------------------------------------------------------------------------------------

    async def _add_anew(self, key: DownloadKey, source: Source, files: Selection, folder: Path) -> None:
        torrent = source if isinstance(source, TorrentFile) else await self._fetch_metadata(_magnet(source))
        await asyncio.to_thread(_check, torrent, files)
        await self._drop(gid_of(key))
        options = self._options | {
            "gid": gid_of(key),
            "dir": self._mapping.theirs(folder),
            "select-file": _select(files),
        }
        try:
            metainfo = base64.b64encode(torrent.metainfo).decode()
            await self._rpc.call("aria2.addTorrent", metainfo, [], options)
        except RpcError as error:
            if await self._rpc.job(gid_of(key)) is None:
                raise SourceRejected("torrent-malformed") from error

    async def _change(self, job: Job, files: Selection) -> Job | None:
        """Makes `files` the selection and lets the job go on; what became of it, for it may end meanwhile.

        aria2 restarts a job whose selection changes, and tells the old selection until it has.
        """
        if not files <= frozenset(range(len(job.files))):
            raise SourceRejected("no-such-file")
        if job.selection != files:
            with contextlib.suppress(RpcError):
                await self._rpc.call("aria2.changeOption", job.gid, {"select-file": _select(files)})
        async with patience(NAME):
            while (now := await self._rpc.job(job.gid)) is not None and now.status.live:
                if now.status is Status.PAUSED:
                    with contextlib.suppress(RpcError):
                        await self._rpc.call("aria2.unpause", job.gid)
                elif now.selection == files:
                    break
                await asyncio.sleep(_POLL_SECONDS)
        return now

    async def _bring(self, key: DownloadKey, method: str, states: frozenset[Status]) -> None:
        """Calls `method` until the job is in none of `states`: between two states aria2 refuses."""
        async with self._locks[key], patience(NAME):
            while (job := await self._rpc.job(gid_of(key))) is not None and job.status in states:
                with contextlib.suppress(RpcError):
                    await self._rpc.call(method, job.gid)
                await asyncio.sleep(_POLL_SECONDS)

    async def _drop(self, gid: str) -> None:
        """Removes the job and what aria2 remembers of it, after which the GID and the infohash are free again."""
        async with patience(NAME):
            while (job := await self._rpc.job(gid)) is not None:
                method = "aria2.forceRemove" if job.status.live else "aria2.removeDownloadResult"
                with contextlib.suppress(RpcError):
                    await self._rpc.call(method, gid)
                if job.status.live:
                    await asyncio.sleep(_POLL_SECONDS)

    def _relative_paths(self, job: Job) -> list[str]:
        folder = self._mapping.ours(job.folder)
        paths = [self._mapping.ours(file.path) for file in job.files]
        return [path.relative_to(folder).as_posix() for path in paths if path.is_relative_to(folder)]

    def _listed(self, infohash: str, jobs: Sequence[Job]) -> Contents | None:
        """The file list of a torrent that aria2 has already, whoever's it is: it refuses the magnet then."""
        for job in jobs:
            paths = self._relative_paths(job)
            if job.infohash == infohash and job.status.live and len(paths) == len(job.files) > 0:
                files = [
                    FileEntry(index=file.index - 1, path=path, size=file.length)
                    for file, path in zip(job.files, paths, strict=True)
                    if ".pad" not in path.split("/")
                ]
                return Contents(PurePath(paths[0]).parts[0], files)
        return None

    # -- metadata of magnets -----------------------------------------------------------------------------------

    async def _fetch_metadata(self, magnet: Magnet) -> TorrentFile:
        gid, folder = metadata_gid_of(magnet.infohash), self._folder / f".metadata-{magnet.infohash}"
        await self._drop(gid)
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        options = {
            "gid": gid,
            "dir": self._mapping.theirs(folder),
            "bt-metadata-only": "true",
            "bt-save-metadata": "true",
            "follow-torrent": "false",
        }
        try:
            await self._rpc.call("aria2.addUri", [magnet.uri], options)
            await self._until_fetched(gid)
            return await asyncio.to_thread(_read_metadata, folder / f"{magnet.infohash}.torrent", magnet)
        except RpcError as error:
            raise SourceRejected("magnet-malformed") from error
        finally:
            await self._tidy(gid, folder)

    async def _until_fetched(self, gid: str) -> None:
        try:
            async with asyncio.timeout(self._metadata_seconds):
                while True:
                    job = await self._rpc.job(gid)
                    if job is None or not job.status.live:
                        break
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError as error:
            raise SourceUnavailable("no-metadata") from error
        if job is None or job.status is not Status.COMPLETE:
            raise SourceUnavailable("no-metadata")

    async def _tidy(self, gid: str, folder: Path) -> None:
        with contextlib.suppress(DownloaderUnreachable, DownloaderRefused):
            await self._drop(gid)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _progress(job: Job) -> Progress:
    total = sum(file.length for file in job.files if file.selected)
    done = total if job.status is Status.COMPLETE else min(job.completed, total)
    activity = _activity(job, missing=total - done)
    progress = Progress(activity, done, total, job.rate, job.connections, job.seeders, job.uploaded)
    if activity is not Activity.FAILED:
        return progress
    error = _ERRORS.get(job.error_code, "engine-error")
    return replace(progress, error=error, said=f"{job.error_message} ({job.error_code})")


def _activity(job: Job, *, missing: int) -> Activity:
    match job.status:
        case Status.COMPLETE:
            return Activity.COMPLETE
        case Status.ERROR:
            return Activity.FAILED
        case Status.PAUSED:
            return Activity.PAUSED
        case Status.ACTIVE if job.seeder and not missing and not job.verifying:
            return Activity.COMPLETE
        case Status.ACTIVE if missing and not job.rate and not job.verifying:
            return Activity.STALLED
        case _:
            # a job that waits for its turn in aria2's queue does not lack peers
            return Activity.FETCHING


def _select(files: Selection) -> str:
    return ",".join(str(index + 1) for index in sorted(files))


def _is_hybrid(metainfo: bytes) -> bool:
    """Also true of a torrent that only has this in a name: another engine takes it then, which does no harm."""
    return b"9:file treed" in metainfo


def _check(torrent: TorrentFile, files: Selection) -> None:
    if len(torrent.metainfo) > _MAX_METAINFO or _is_hybrid(torrent.metainfo):
        raise WrongEngine(NAME)
    if not files <= {entry.index for entry in contents_of(torrent).files}:
        raise SourceRejected("no-such-file")


def _magnet(source: Source) -> Magnet:
    if not isinstance(source, Magnet):
        raise WrongEngine(NAME)
    return source


def _read_metadata(path: Path, magnet: Magnet) -> TorrentFile:
    """What aria2 wrote. Its trackers are the magnet's, which were looked at before."""
    try:
        metainfo = path.read_bytes()
    except OSError as error:
        raise DownloaderRefused(NAME, "engine-paths-differ") from error
    torrent = read_torrent(metainfo, allow_private=True)
    if torrent.infohash != magnet.infohash:
        raise SourceRejected("torrent-malformed")
    return replace(torrent, trusted=magnet.trusted)
