"""Members, their roles, and what a role may do."""

from enum import StrEnum

from beanie import Document
from pydantic import Field

from models.clock import Millis, now


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"


class Right(StrEnum):
    SEARCH = "search"
    ORDER = "order"
    """Start, pause, resume, cancel and retry one's own Transfers."""
    RECEIVE = "receive"
    """Get an archived Item delivered."""
    OVERSEE = "oversee"
    """See and steer other members' Transfers."""
    MANAGE = "manage"
    """Settings, channels, members."""


_MEMBER_RIGHTS = frozenset({Right.SEARCH, Right.ORDER, Right.RECEIVE})
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.ADMIN: _MEMBER_RIGHTS | {Right.OVERSEE, Right.MANAGE},
    Role.MEMBER: _MEMBER_RIGHTS,
    Role.GUEST: _MEMBER_RIGHTS,
}


class Member(Document):
    """A person who uses the bot. `id` is the Telegram user id as text."""

    id: str  # type: ignore[assignment]
    name: str
    role: Role
    language: str = "en"
    joined_at: Millis = Field(default_factory=now)

    class Settings:
        name = "members"

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]


class Claim(Document):
    """Who took the bot over with the claim code. There is at most one, under the id `owner`."""

    id: str = "owner"  # type: ignore[assignment]
    used_by: str = ""

    class Settings:
        name = "claims"
