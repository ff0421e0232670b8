"""What was copied into members' own chats without being asked for."""

from beanie import Document
from pydantic import Field
from pymongo import IndexModel

from models.clock import Millis, now


class Delivery(Document):
    """A Transfer's result on its way into its member's chat: it is tried once. `id` is the Transfer's."""

    id: str  # type: ignore[assignment]
    member_id: str
    created_at: Millis = Field(default_factory=now)

    class Settings:
        name = "deliveries"
        indexes = [IndexModel("created_at")]
