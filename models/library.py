"""What has been archived."""

from beanie import Document
from pydantic import Field
from pymongo import IndexModel

from models.clock import Millis, now
from models.media import Facts
from models.transfers import Post


class Item(Document):
    """One archived work. It carries the id of the Transfer that brought it."""

    id: str  # type: ignore[assignment]
    title: str
    files: list[Facts]
    tags: list[str] = []
    member_id: str
    source: str = ""
    """The key of what it was fetched from: an infohash, or the hash of a link."""
    wanted: str = ""
    """Which files of that it has, as ranges of their indexes."""
    unpacked: bool = False
    """Whether archives among those were to be unpacked: then it has what was in them."""
    posts: list[Post] = []
    """Where it stands, the main post first."""
    archived_at: Millis = Field(default_factory=now)

    class Settings:
        name = "items"
        indexes = [IndexModel("source")]
