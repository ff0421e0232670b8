"""What members set for themselves."""

from collections.abc import Collection

from models.access import LanguageBy, Member, ResultsTo, Right
from models.clock import now
from services.access.rights import NotAllowed, require
from services.documents import update_if
from services.errors import MagpieError
from services.failpoints import failpoint

HOURS = range(24)
UTC_OFFSETS = (
    *(-720, -660, -600, -570, -540, -480, -420, -360, -300, -240, -210, -180, -120, -60, 0, 60, 120, 180),
    *(210, 240, 270, 300, 330, 345, 360, 390, 420, 480, 525, 540, 570, 600, 630, 660, 720, 765, 780, 840),
)
"""Every offset that a clock somewhere has, in minutes east of UTC."""


class UnknownChoice(MagpieError):
    """That cannot be chosen (any more)."""

    def __init__(self) -> None:
        super().__init__("button-stale")


class Preferences:
    """Everybody's own: each use case takes the id of the member whose setting it is, and refuses all others.

    Setting the same twice changes nothing. `languages` are those that can be chosen. Raises NotAllowed, UnknownChoice.
    """

    def __init__(self, languages: Collection[str]) -> None:
        self.languages = tuple(languages)

    @require(Right.PREFER)
    async def own(self, member_id: str, *, by: Member) -> Member:
        """Only makes sure that these are one's own settings."""
        if member_id != by.id:
            raise NotAllowed
        return by

    @require(Right.PREFER)
    async def speak(self, member_id: str, language: str, *, by: Member) -> Member:
        """Chooses a language for good, whatever Telegram says."""
        if language not in self.languages:
            raise UnknownChoice
        return await self._set(member_id, by, {"language": language, "language_by": LanguageBy.MEMBER})

    @require(Right.PREFER)
    async def speak_as_telegram(self, member_id: str, language: str, *, by: Member) -> Member:
        """Follows Telegram's language from now on; `language` is what it is now."""
        return await self._set(member_id, by, {"language": language, "language_by": LanguageBy.TELEGRAM})

    @require(Right.PREFER)
    async def send_results(self, member_id: str, to: ResultsTo, *, by: Member) -> Member:
        """Says where results go from now on."""
        since = by.results_since if by.results_to is to else now()
        return await self._set(member_id, by, {"results_to": to, "results_since": since})

    @require(Right.PREFER)
    async def bring_previews(self, member_id: str, *, wanted: bool, by: Member) -> Member:
        """Says whether previews come along with what is delivered."""
        return await self._set(member_id, by, {"with_previews": wanted})

    @require(Right.PREFER)
    async def be_silent(self, member_id: str, start: int, end: int, *, by: Member) -> Member:
        """Makes messages silent from hour `start` until hour `end`, over midnight if need be."""
        if start not in HOURS or end not in HOURS or start == end:
            raise UnknownChoice
        return await self._set(member_id, by, {"silent_from": start, "silent_to": end})

    @require(Right.PREFER)
    async def be_heard(self, member_id: str, *, by: Member) -> Member:
        """There are no silent hours any more."""
        return await self._set(member_id, by, {"silent_from": None, "silent_to": None})

    @require(Right.PREFER)
    async def live_at(self, member_id: str, utc_offset: int, *, by: Member) -> Member:
        """Sets the time zone by its offset, in minutes east of UTC."""
        if utc_offset not in UTC_OFFSETS:
            raise UnknownChoice
        return await self._set(member_id, by, {"utc_offset": utc_offset})

    async def _set(self, member_id: str, by: Member, changes: dict[str, object]) -> Member:
        await self.own(member_id, by=by)
        with failpoint("access.prefer"):
            return await update_if(Member, {"_id": member_id}, changes) or by
