"""Tells the owner that Telegram does not let one of Magpie's accounts in any more, and that it does again."""

import asyncio
from collections.abc import Mapping

import structlog
from pymongo.errors import PyMongoError

from models.access import Member, Role
from models.clock import now
from models.sessions import AccountTold
from services.documents import insert_once, update_if
from services.failpoints import failpoint
from services.tasks import heed_cancellation
from services.telegram.door import BotApiDoor
from services.telegram.large import LateDoor
from services.telegram.port import IN_USE, TelegramAway, TelegramRefused
from services.words import Catalogue

_LOOK_SECONDS = 5.0
_log = structlog.get_logger(__name__)
_LOST = {"bot": "account-bot-lost", "user": "account-user-lost"}
_BACK = {"bot": "account-bot-back", "user": "account-user-back"}
_State = tuple[str | None, bool]


class AccountWatch:
    """`accounts` by what they are: `bot` is the bot's own over MTProto, `user` its owner's.

    That a loss was told is written down after it was sent: a crash in between tells it twice, and never not at all. An account
    that is in use elsewhere is not lost.
    """

    def __init__(self, door: BotApiDoor, catalogue: Catalogue, accounts: Mapping[str, LateDoor]) -> None:
        self._door = door
        self._catalogue = catalogue
        self._accounts = accounts
        self._handled: dict[str, _State] = {}

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            heed_cancellation()
            try:
                await self.look()
            except PyMongoError as error:
                _log.warning("database-away", error=str(error))
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Tells what is new. What cannot be sent now is told at the next look."""
        for name, account in self._accounts.items():
            state = account.lost, account.is_in
            if state != self._handled.get(name) and await self._handle(name, account.session, state):
                self._handled[name] = state

    async def _handle(self, name: str, session: str, state: _State) -> bool:
        """Whether nothing is left to be told."""
        lost, is_in = state
        told = await _told(name)
        is_known = told.is_told and told.session == session
        if lost is not None and lost != IN_USE and not is_known:
            await _note(told, session, lost)
            return await self._tell(_LOST[name], lost) and await _note_told(name)
        if is_in and told.reason is not None:
            await _note(told, told.session, told.reason)
            return await self._tell(_BACK[name]) and await _note_back(name)
        return True

    async def _tell(self, key: str, reason: str = "") -> bool:
        """False when it has to be tried again."""
        owner = await Member.find_one({"role": Role.OWNER.value})
        if owner is None:
            return False
        text = self._catalogue.words(owner.language)(key, reason=reason)
        chat_id = int(owner.id)
        try:
            with failpoint("checks.tell"):
                await self._door.send_text(chat_id, text, silent=owner.is_silent_in(chat_id, now()))
        except TelegramAway:
            return False
        except TelegramRefused as refusal:
            _log.warning("owner-not-told", about=key, reason=refusal.reason)
        return True


async def _told(name: str) -> AccountTold:
    with failpoint("checks.watch"):
        return await insert_once(AccountTold(id=name))


async def _note(told: AccountTold, session: str, reason: str) -> None:
    """Before anything is told: whoever may have heard of a loss hears, too, when it is over, and of the next one."""
    where = {"_id": told.id, "session": told.session, "reason": told.reason}
    with failpoint("checks.lost"):
        await update_if(AccountTold, where, {"session": session, "reason": reason, "is_told": False})


async def _note_told(name: str) -> bool:
    with failpoint("checks.told"):
        return await update_if(AccountTold, {"_id": name, "is_told": False}, {"is_told": True}) is not None


async def _note_back(name: str) -> bool:
    where = {"_id": name, "reason": {"$ne": None}}
    with failpoint("checks.back"):
        return await update_if(AccountTold, where, {"reason": None, "is_told": False}) is not None
