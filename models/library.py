"""What has been archived."""

from beanie import Document
from pydantic import Field

from models.clock import Millis, now
from models.media import Facts


class Item(Document):
    """One archived work. It carries the id of the Transfer that brought it."""

    id: str  # type: ignore[assignment]
    title: str
    files: list[Facts]
    tags: list[str] = []
    member_id: str
    archived_at: Millis = Field(default_factory=now)

    class Settings:
        name = "items"
