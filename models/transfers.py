"""Orders: one member, one Source, all the way to archived Items."""

from enum import StrEnum

from beanie import Document
from pydantic import BaseModel, ConfigDict, Field
from pymongo import IndexModel

from models.clock import Millis, now
from models.downloads import Snapshot, SourceRecord
from models.files import Chosen
from models.media import Facts, Preview
from models.ranges import from_ranges


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


class LeftPacked(BaseModel):
    """An archive that was to be unpacked and stays as it is: its name, and a locale key that says why."""

    model_config = ConfigDict(frozen=True)

    name: str
    reason: str


class Sending(BaseModel):
    """A large file on its way to Telegram: bytes, and bytes a second."""

    model_config = ConfigDict(frozen=True)

    name: str
    done: int
    total: int
    rate: int = 0


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
    contents: str | None = None
    """The id of the `FileList` that says what the Source holds."""
    listed: bool = False
    """Whether the Source was inspected, so that there are `contents`."""
    chosen: Chosen = Chosen()
    folder: int = 0
    """The folder of the file list that its Card has open, and the page of it."""
    page: int = 0
    pattern_from: int = 0
    """The update with the pattern that was chosen by last: handled again, it is not taken for anything else."""
    search: str | None = None
    """The Search it was picked from."""
    picked: list[str] = []
    """The names (`Release.names`) of what was picked there."""
    grab: str | None = None
    """The Grab that ordered it."""
    feed: str | None = None
    """The Feed that ordered it: nobody has to choose its files and start it."""
    key: str | None = None
    """What a Download of it is called; None while a link may still lead to a torrent."""
    state: TransferState = TransferState.CHOOSING
    resume_to: TransferState | None = None
    failure: Failure | None = None
    expired: str | None = None
    """A locale key: why it was given up without anybody's press."""
    waiting: str | None = None
    """A locale key: why a queued Transfer does not start yet, or a working one waits for somebody outside."""
    waiting_values: dict[str, int] = {}
    admitted: bool = False
    """Whether the queue let it in: it has a turn, and room on the disk is kept for it."""
    fronted_at: Millis = 0
    """When somebody put it to the front of the queue; 0: nobody did."""
    disk_since: Millis = 0
    """Since when it waits in the queue for room on the disk; 0: it does not."""
    unpack: bool = False
    """Whether archives among its files are to be unpacked."""
    bytes_known: bool = False
    """Whether all that was fetched had been archived before, by an order of another Source."""
    left_packed: list[LeftPacked] = []
    download: str | None = None
    progress: Snapshot = Snapshot()
    facts: list[Facts] = []
    previews: dict[str, list[Preview]] = {}
    """By the index of the fact, as text (document keys are text)."""
    missed_previews: list[str] = []
    """Names of files that have none because their making failed."""
    sending: Sending | None = None
    """While it is stored, of a file that takes long."""
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
            IndexModel("key"),
            IndexModel("picked"),
            IndexModel("search"),
            IndexModel("grab"),
            IndexModel("feed"),
        ]
        validate_on_save = True

    @property
    def wanted(self) -> list[int]:
        """Indexes of the files wanted, ascending."""
        return sorted([*from_ranges(self.chosen.full), *from_ranges(self.chosen.empty)])

    @property
    def chosen_size(self) -> int | None:
        """Bytes of the files wanted; None when the Source does not say."""
        return self.chosen.size

    @property
    def worth_fetching(self) -> list[int]:
        """The files wanted that may have a byte in them: nobody can post an empty one."""
        return from_ranges(self.chosen.full)

    @property
    def left_out(self) -> list[str]:
        """Names of files wanted that are empty: the first few of those the Source says are, and all that turned out so."""
        return [*self.chosen.empty_names, *self._found_empty]

    @property
    def left_out_count(self) -> int:
        """How many there are of those, the unnamed ones too."""
        return self.chosen.empty_count + len(self._found_empty)

    @property
    def _found_empty(self) -> list[str]:
        return [facts.name for facts in self.facts if facts.size == 0]
