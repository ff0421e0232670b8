"""Which request of ours an alert of libtorrent answers."""

import libtorrent as lt

from services.downloads.embedded.metadata import key_of
from services.downloads.embedded.session import Session, idle
from services.downloads.port import DownloadKey

Answer = tuple[str, str, object]
"""What was asked for, whose it is (a download key or a session), and the answer itself."""


def answer_in(session: Session, alert: lt.alert) -> Answer | None:
    """Reads all that is needed: an alert is gone when the next ones are fetched."""
    answer: Answer | None = None
    match alert:
        case lt.state_update_alert():
            answer = "status", session.name, None
        case lt.session_stats_alert():
            answer = "idle", session.name, idle(alert)
        case lt.save_resume_data_alert():
            answer = "resume", key_of(alert.params.info_hashes), lt.write_resume_data(alert.params)
        case lt.save_resume_data_failed_alert():
            answer = "resume", key_in(alert.handle), None
        case lt.file_prio_alert():
            answer = "priorities", key_in(alert.handle), None
        case lt.cache_flushed_alert():
            answer = "flushed", key_in(alert.handle), None
        case lt.torrent_deleted_alert() | lt.torrent_delete_failed_alert():
            answer = "released", key_of(alert.info_hashes), None
    return answer


def key_in(handle: lt.torrent_handle) -> DownloadKey:
    """The key of a torrent in the session; empty for one that was removed meanwhile."""
    return key_of(handle.info_hashes()) if handle.is_valid() else ""
