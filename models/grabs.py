"""Whole channels: what of one is wanted, and how far it was looked through."""

from enum import StrEnum

from beanie import Document
from pydantic import Field
from pymongo import IndexModel

from models.clock import Millis, now


class GrabState(StrEnum):
    LOOKING = "looking"
    """What would come is being found out, among the newest posts."""
    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class Grab(Document):
    """One member's wish for the files of a channel. Each file becomes a Transfer that names it (`Transfer.grab`)."""

    id: str  # type: ignore[assignment]
    member_id: str
    chat_id: int
    """Where its Card stands."""
    channel: str
    """`@name`, or the Bot API's number as a text."""
    title: str = ""
    wish: str = ""
    """As it was typed."""
    state: GrabState = GrabState.LOOKING
    before: int | None = None
    """Only messages older than this one have still to be looked at; None: none was yet; 0: nothing older is wanted. What is
    posted after the look does not come."""
    taken: int = 0
    """How many matching posts there are that need no look any more: a limit counts them."""
    looked: int = 0
    """How many files the look found in the newest posts, and whether those were all."""
    looked_at_all: bool = False
    limited: bool = False
    """Whether the look ended where as many matched as are wanted at most: more may match."""
    has_more: bool = True
    """Whether what is older than what was looked at may come, too."""
    matching: int = 0
    """How many of them match, with a limit no more than that."""
    coming: int = 0
    """How many of these would come: they are neither archived already nor posted twice. Their bytes, and the names of the
    first few."""
    size: int = 0
    examples: list[str] = []
    known: int = 0
    """How many matching files were left out: archived already, or ordered by an earlier post."""
    archived: int = 0
    """How its orders stand."""
    under_way: int = 0
    failed: int = 0
    waiting: str | None = None
    """A locale key: why it does not go on at this moment."""
    error: str | None = None
    """A locale key, when failed, with its values."""
    error_values: dict[str, str | int] = {}
    resume_to: GrabState | None = None
    """What a failed one was about."""
    lease_owner: str | None = None
    lease_until: Millis = 0
    created_at: Millis = Field(default_factory=now)
    changed_at: Millis = Field(default_factory=now)

    class Settings:
        name = "grabs"
        indexes = [IndexModel("state"), IndexModel("changed_at")]

    @property
    def chat(self) -> int | str:
        """The channel as doors are asked for it."""
        return self.channel if self.channel.startswith("@") else int(self.channel)
