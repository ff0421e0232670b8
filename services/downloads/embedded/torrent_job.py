"""One torrent in the session, and what its state means in the port's words."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import libtorrent as lt

from models.downloads import FileEntry
from services.downloads.embedded.pace import Pace
from services.downloads.embedded.records import TorrentRecord
from services.downloads.embedded.session import Session
from services.downloads.port import Activity, Progress


@dataclass
class TorrentJob:
    """`files` are those of the torrent by index (empty: not known yet), `error` is a locale key, `unsaved` metainfo
    that came from peers and is not on disk yet.
    """

    record: TorrentRecord
    handle: lt.torrent_handle
    session: Session
    files: Mapping[int, FileEntry]
    pace: Pace
    status: lt.torrent_status | None = None
    error: str | None = None
    unsaved: bytes | None = None

    @property
    def wanted(self) -> list[FileEntry]:
        return [self.files[index] for index in self.record.wanted if index in self.files]

    @property
    def paths(self) -> list[str]:
        return [entry.path for entry in self.files.values()]

    @property
    def total(self) -> int | None:
        """Bytes of the files wanted; None: not known yet."""
        return sum(entry.size or 0 for entry in self.wanted) if self.files else None


def index_files(entries: Iterable[FileEntry]) -> dict[int, FileEntry]:
    return {entry.index: entry for entry in entries}


def has_all_pieces(job: TorrentJob) -> bool:
    """Whether every piece of the files wanted passed its hash; half pieces do not count."""
    status = job.status
    if status is None or not job.files or not status.is_finished:
        return False
    if status.state not in {lt.torrent_status.finished, lt.torrent_status.seeding}:
        return False
    done = job.handle.file_progress(lt.torrent_handle.piece_granularity)
    return all(done[entry.index] == entry.size for entry in job.wanted)


def lies_on_disk(job: TorrentJob) -> bool:
    """Whether the files wanted are there in full length. Only what the torrent says of them stays.

    An empty file, which has no piece, is made if need be; what lay behind a file's end before we came is cut off.
    """
    for entry in job.wanted:
        path, size = job.record.folder / entry.path, entry.size or 0
        if size == 0 and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        if not path.is_file() or path.stat().st_size < size:
            return False
        if path.stat().st_size > size:
            os.truncate(path, size)
    return True


def progress_of(job: TorrentJob, *, halted: bool) -> Progress:
    """`halted`: torrents rest because their network interface is gone."""
    status, total = job.status, job.total
    uploaded = status.all_time_upload if status is not None else 0
    if job.record.complete and total is not None:
        return Progress(Activity.COMPLETE, done=total, total=total, uploaded=uploaded)
    if job.error or status is None:
        activity = Activity.FAILED if job.error else Activity.STALLED
        return Progress(activity, done=0, total=total, error=job.error)
    # libtorrent counts whole pieces, which may reach into files that are not wanted
    missing = status.total_wanted - status.total_wanted_done
    done = max(0, (total or 0) - missing)
    job.pace.note(done)
    return Progress(
        _activity(job, status, halted=halted),
        done=done,
        total=total,
        rate=status.download_payload_rate,
        peers=status.num_peers,
        seeds=status.num_seeds,
        uploaded=uploaded,
        error="interface-gone" if halted else None,
    )


def _activity(job: TorrentJob, status: lt.torrent_status, *, halted: bool) -> Activity:
    if job.record.paused:
        return Activity.PAUSED
    if halted:
        return Activity.STALLED
    if not job.files:
        return Activity.METADATA
    checking = status.state in {
        lt.torrent_status.checking_files,
        lt.torrent_status.checking_resume_data,
    }
    return Activity.STALLED if job.pace.stalled and not checking else Activity.FETCHING
