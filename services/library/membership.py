"""In which groups of the library a member is. Asking Telegram each time would be slow."""

import time
from collections.abc import Awaitable, Callable

import structlog

from models.access import Member
from models.library import Item
from services.telegram.port import TelegramAway, TelegramRefused

_KEEP_SECONDS = 300.0
_MOST_KEPT = 5000
_MOST_GROUPS = 200
_log = structlog.get_logger(__name__)
IsMember = Callable[[int, int], Awaitable[bool]]


class Membership:
    """What is known is believed for five minutes. Where Telegram does not say, nobody is in a group."""

    def __init__(self, is_member: IsMember) -> None:
        self._is_member = is_member
        self._known: dict[tuple[int, str], tuple[float, bool]] = {}

    async def groups_of(self, member: Member) -> list[int]:
        """Those in which something was ordered, and in which the member is."""
        groups = await Item.get_pymongo_collection().distinct("group", {"group": {"$lt": 0}})
        return [group for group in groups[:_MOST_GROUPS] if await self._is_in(group, member)]

    async def _is_in(self, group: int, member: Member) -> bool:
        asked_at, known = self._known.get((group, member.id), (-_KEEP_SECONDS, False))
        if time.monotonic() - asked_at < _KEEP_SECONDS:
            return known
        try:
            known = await self._is_member(group, int(member.id))
        except (TelegramAway, TelegramRefused) as error:
            _log.warning("membership-unknown", group=group, error=str(error))
            return False
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[group, member.id] = (time.monotonic(), known)
        return known
