"""Orders: one member, one Source, all the way to archived Items."""

from enum import StrEnum

from beanie import Document
from pydantic import BaseModel, ConfigDict, Field
from pymongo import IndexModel

from models.clock import Millis, now
from models.downloads import FileEntry, Snapshot, SourceRecord
from models.media import Facts, Preview


class TransferState(StrEnum):
    CHOOSING = "choosing"
    QUEUED = "queued"
    FETCHING = "fetching"
    INSPECTING = "inspecting"
    PREVIEWING = "previewing"
    STORING = "storing"
    DONE = "done"
    PAUSED = "paused"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({TransferState.DONE, TransferState.FAILED, TransferState.CANCELLED})
WORKING = frozenset({TransferState.INSPECTING, TransferState.PREVIEWING, TransferState.STORING})


class Failure(BaseModel):
    """Why a Transfer failed: a locale key with its values, and the state that [Retry] returns to."""

    model_config = ConfigDict(frozen=True)

    key: str
    values: dict[str, str | int] = {}
    resume_to: TransferState


class Post(BaseModel):
    """Where a part of the Item stands: the Copy's id, and the public link when there is one."""

    model_config = ConfigDict(frozen=True)

    copy_id: str
    link: str | None = None


class Transfer(Document):
    """One order. Only `services.transfers` writes it; every write filters on what it expects to find."""

    id: str  # type: ignore[assignment]
    member_id: str
    chat_id: int
    title: str
    source: SourceRecord
    files: list[FileEntry] = []
    listed: bool = False
    """Whether the Source was inspected, so that `files` says what it holds."""
    wanted: list[int] = []
    page: int = 0
    search: str | None = None
    """The Search it was picked from."""
    state: TransferState = TransferState.CHOOSING
    resume_to: TransferState | None = None
    failure: Failure | None = None
    waiting: str | None = None
    """A locale key: why a queued Transfer does not start yet, or a working one waits for somebody outside."""
    download: str | None = None
    progress: Snapshot = Snapshot()
    facts: list[Facts] = []
    previews: dict[str, list[Preview]] = {}
    """By the index of the fact, as text (document keys are text)."""
    missed_previews: list[str] = []
    """Names of files that have none because their making failed."""
    item: str | None = None
    posts: list[Post] = []
    kept_on_disk: list[str] = []
    """Names of files that no door of Telegram takes and that stay on disk as Copies."""
    trace: str
    lease_owner: str | None = None
    lease_until: Millis = 0
    """Nobody may take it up before; 0: it is free."""
    fence: int = 0
    attempts: int = 0
    """How often in a row the present stage had to wait for somebody outside."""
    tidied: bool = False
    """An ended Transfer that holds nothing any more: no Download, no work files."""
    created_at: Millis = Field(default_factory=now)
    changed_at: Millis = Field(default_factory=now)

    class Settings:
        name = "transfers"
        indexes = [
            IndexModel("state"),
            IndexModel("changed_at"),
            IndexModel("member_id"),
            IndexModel("download"),
        ]
        validate_on_save = True

    @property
    def chosen_size(self) -> int | None:
        """Bytes of the files wanted; None when the Source does not say."""
        wanted = set(self.wanted)
        sizes = [file.size for file in self.files if file.index in wanted]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None
