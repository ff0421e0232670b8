"""Members, their roles, and what a role may do."""

from enum import StrEnum

from beanie import Document
from pydantic import Field
from pymongo import IndexModel

from models.clock import Millis, now

_MILLIS_OF_MINUTE = 60_000
_MILLIS_OF_HOUR = 3_600_000
_HOURS = 24


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
    PREFER = "prefer"
    """Change one's own settings."""
    OVERSEE = "oversee"
    """See and steer other members' Transfers."""
    MANAGE = "manage"
    """Settings, channels, members."""


_MEMBER_RIGHTS = frozenset({Right.SEARCH, Right.ORDER, Right.RECEIVE, Right.PREFER})
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.ADMIN: _MEMBER_RIGHTS | {Right.OVERSEE, Right.MANAGE},
    Role.MEMBER: _MEMBER_RIGHTS,
    Role.GUEST: _MEMBER_RIGHTS,
}


class LanguageBy(StrEnum):
    """Who says which language Magpie speaks with a member."""

    TELEGRAM = "telegram"
    MEMBER = "member"


class ResultsTo(StrEnum):
    """Where a member gets what they ordered."""

    ARCHIVE = "archive"
    """Into the archive: the Card has a link and a key that delivers."""
    CHAT = "chat"
    """Into the archive, and once it is there also into the member's own chat."""


class Member(Document):
    """A person who uses the bot. `id` is the Telegram user id as text.

    `language` is what Magpie speaks with them: Telegram's until they choose one. `silent_from` and `silent_to` are whole
    hours in their time zone, which is `utc_offset` minutes east of UTC; None: there are no silent hours.
    """

    id: str  # type: ignore[assignment]
    name: str
    role: Role
    language: str = "en"
    language_by: LanguageBy = LanguageBy.TELEGRAM
    results_to: ResultsTo = ResultsTo.ARCHIVE
    results_since: Millis = 0
    """When `results_to` was chosen: what was done before stays where it is."""
    with_previews: bool = False
    """Whether previews come along with what is delivered to them."""
    silent_from: int | None = None
    silent_to: int | None = None
    utc_offset: int = 0
    menu: str = ""
    """Which commands Telegram shows in their chat: a hash, so that a change is noticed."""
    shown_setup: bool = False
    """Whether they, as the owner, were shown once what is configured and what is missing."""
    joined_at: Millis = Field(default_factory=now)

    class Settings:
        name = "members"
        indexes = [IndexModel("results_to")]

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]

    def is_silent_in(self, chat_id: int, moment: Millis) -> bool:
        """Whether a message into a chat should make no sound: a group does not sleep when one of it does."""
        return str(chat_id) == self.id and self.wants_silence(moment)

    def wants_silence(self, moment: Millis) -> bool:
        """Whether a message of that moment should make no sound."""
        if self.silent_from is None or self.silent_to is None:
            return False
        hour = (moment + self.utc_offset * _MILLIS_OF_MINUTE) // _MILLIS_OF_HOUR % _HOURS
        # counted from the first silent hour, so that midnight in between makes no difference
        return (hour - self.silent_from) % _HOURS < (self.silent_to - self.silent_from) % _HOURS


class Claim(Document):
    """Who took the bot over with the claim code. There is at most one, under the id `owner`."""

    id: str = "owner"  # type: ignore[assignment]
    used_by: str = ""

    class Settings:
        name = "claims"
