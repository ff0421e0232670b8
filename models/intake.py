"""Old archives that come in: channels whose posts become Items where they stand."""

from enum import StrEnum

from beanie import Document
from pydantic import Field
from pymongo import IndexModel

from models.clock import Millis, now


class IntakeState(StrEnum):
    LOOKING = "looking"
    """What channel it is, and who may read it, is being found out."""
    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    """Its history is through. What is posted from now on is taken as it comes."""
    FAILED = "failed"
    STOPPED = "stopped"


class Intake(Document):
    """One admin's wish to have a channel in the library. Nothing is posted: each post becomes an Item whose Copy it is."""

    id: str  # type: ignore[assignment]
    member_id: str
    chat_id: int
    """Where its Card stands."""
    channel: str
    """`@name`, or the Bot API's number as a text: as it was typed."""
    channel_id: int = 0
    """The Bot API's number of the channel; 0: not known yet."""
    name: str = ""
    """Its public name; empty: it has none."""
    title: str = ""
    state: IntakeState = IntakeState.LOOKING
    has_history: bool = False
    """Whether an account may read what was posted before."""
    delivers: bool = False
    """Whether the bot is an admin there: else it can hand nothing out, and hears of no new posts."""
    is_protected: bool = False
    """Whether Telegram lets nobody copy what stands there."""
    opened: bool = False
    """Whether it was started: from then on everybody finds what is in the channel."""
    closed: bool = False
    """Whether that was taken back."""
    before: int | None = None
    """Only messages older than this one have still to be looked at; None: none was yet; 0: nothing older is there."""
    looked: int = 0
    """How many posts with files were looked at."""
    taken: int = 0
    known: int = 0
    """How many of these were in the library before: ours, or taken in by an earlier wish."""
    skipped: int = 0
    """How many are no files that anybody could want: without a size."""
    untagged: int = 0
    """How many pieces of music were taken without a look into them, because it was not to be had."""
    tries: int = 0
    """How often in a row heads of files did not come. After many, the posts are taken without."""
    waiting: str | None = None
    """A locale key: why it does not go on at this moment."""
    error: str | None = None
    """A locale key, when failed, with its values."""
    error_values: dict[str, str | int] = {}
    resume_to: IntakeState | None = None
    """What a failed one was about."""
    lease_owner: str | None = None
    lease_until: Millis = 0
    created_at: Millis = Field(default_factory=now)
    changed_at: Millis = Field(default_factory=now)

    class Settings:
        name = "intakes"
        indexes = [IndexModel("state"), IndexModel("changed_at"), IndexModel("channel_id")]

    @property
    def chat(self) -> int | str:
        """The channel as doors are asked for it."""
        return self.channel if self.channel.startswith("@") else int(self.channel)
